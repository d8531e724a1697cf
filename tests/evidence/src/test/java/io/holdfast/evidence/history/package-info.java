/** Histories of real threads and processes, and a checker that tells whether one after the other explains them. */
@org.jspecify.annotations.NullUnmarked
package io.holdfast.evidence.history;
