package io.holdfast.store.jdbc;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Tells whether a process has to take its turn among others, and lock the lane before it decides. To write without that is
 * one way to the database less, but who is overtaken has to read its whole state anew. So a process begins by taking turns,
 * does so until it has met no other for a while, and for twice that while each time it was overtaken. Not safe for use by
 * several threads at once.
 */
final class Turns {
    private static final long SHORTEST = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST = Duration.ofMinutes(10).toNanos();

    private final LongSupplier nanoTime;
    private long quiet = SHORTEST;
    private long until;

    /** Begins to take turns, by a clock like {@link System#nanoTime()}. */
    Turns(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        met();
    }

    /** Tells whether others may be at work. */
    boolean needed() {
        return nanoTime.getAsLong() - until < 0;
    }

    /** Learns that another process is at work. */
    void met() {
        until = nanoTime.getAsLong() + quiet;
    }

    /** Learns that another process was faster. */
    void overtaken() {
        quiet = Math.min(LONGEST, 2 * quiet);
        met();
    }
}
