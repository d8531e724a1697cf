/** Broken stores, each of which the checks have to catch. */
@org.jspecify.annotations.NullUnmarked
package io.holdfast.evidence.mutant;
