/** The whole library on one thread: a scheduler, clocks, a disk and a store that a seed decides about, beside the oracle. */
@org.jspecify.annotations.NullUnmarked
package io.holdfast.evidence.simulator;
