/** Looks behind a store: what the answers to its callers do not tell at once. */
@org.jspecify.annotations.NullUnmarked
package io.holdfast.internal;
