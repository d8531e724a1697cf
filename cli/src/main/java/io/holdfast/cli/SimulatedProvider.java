package io.holdfast.cli;

import io.holdfast.unit.Usage;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands for a provider and an agent that never gives up: each attempt carries what went before in its context, so each
 * costs more than the last, until the context is full. What an attempt uses follows from the seed alone.
 */
final class SimulatedProvider {
    static final String MODEL = "claude-sonnet-4-5";
    static final String CHEAPER_MODEL = "claude-haiku-4-5";
    static final long MAX_OUTPUT = 1_024;

    private static final long FIRST_CONTEXT = 2_000;
    private static final long CONTEXT_PER_ATTEMPT = 45;
    private static final long FULL_CONTEXT = 120_000;
    private static final int CONTEXT_JITTER = 400;
    private static final int LEAST_OUTPUT = 250;
    private static final int OUTPUT_RANGE = 450;
    private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final long seed;

    SimulatedProvider(long seed) {
        this.seed = seed;
    }

    /** Returns what an attempt, counted from 1, uses. */
    Usage usage(int attempt) {
        SplittableRandom random = new SplittableRandom(seed + 0x9E3779B97F4A7C15L * attempt);
        long context = Math.min(FULL_CONTEXT, FIRST_CONTEXT + CONTEXT_PER_ATTEMPT * (attempt - 1))
                + random.nextInt(CONTEXT_JITTER);
        return Usage.of(context, LEAST_OUTPUT + random.nextInt(OUTPUT_RANGE));
    }

    /** Takes the time of an answer, which is again that the ticket cannot be read. */
    void answer() {
        LockSupport.parkNanos(ANSWER_NANOS);
    }
}
