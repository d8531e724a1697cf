package io.holdfast.store.jdbc;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Tells whether a process has to take its turn among others, and lock the lane before it decides. To write without that is
 * one way to the database less, but who is overtaken has to read its whole state anew. So a process takes turns until it has
 * been at work for a while and met no other, for twice that while each time it was overtaken, and again after it has not
 * looked for as long. Not safe for use by several threads at once.
 */
class Turns {
    private static final long SHORTEST = Duration.ofMillis(100).toNanos();
    private static final long LONGEST = Duration.ofMinutes(10).toNanos();

    private final LongSupplier nanoTime;
    private long quiet = SHORTEST;
    private long since;
    private long looked;

    /** Begins to take turns, by a clock like {@link System#nanoTime()}. */
    Turns(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        met();
    }

    /** Tells whether others may be at work. */
    boolean needed() {
        long now = nanoTime.getAsLong();
        return now - since < quiet || now - looked > quiet;
    }

    /** Learns that no other has changed the lane since this process last looked. */
    void metNobody() {
        long now = nanoTime.getAsLong();
        if (now - looked > quiet) {
            since = now;
        }
        looked = now;
    }

    /** Learns that another process is at work. */
    void met() {
        since = nanoTime.getAsLong();
        looked = since;
    }

    /** Learns that another process was faster. */
    void overtaken() {
        quiet = Math.min(LONGEST, 2 * quiet);
        met();
    }
}
