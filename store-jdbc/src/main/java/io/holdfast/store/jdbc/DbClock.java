package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerClock;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The clock of the database: read now and then, and between two readings run on at the pace of this machine's monotonic
 * clock. A reading that jumps is believed only once it has stayed there. Not safe for use by several threads at once.
 */
final class DbClock {
    private static final long READ_EVERY_NANOS = 1_000_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final boolean followsDatabase;
    private @Nullable LedgerClock clock;
    private long reading;
    private long readAt;

    DbClock(@Nullable InstantSource source) {
        followsDatabase = source == null;
        clock = source == null ? null : LedgerClock.of(source);
    }

    boolean followsDatabase() {
        return followsDatabase;
    }

    /** Tells whether the database has to be asked before the time can be told. */
    boolean stale() {
        return followsDatabase && (clock == null || System.nanoTime() - readAt >= READ_EVERY_NANOS);
    }

    /** Takes a reading of the database's clock. */
    void read(long millis) {
        if (!followsDatabase) {
            return;
        }
        reading = millis;
        readAt = System.nanoTime();
        if (clock == null) {
            clock = LedgerClock.guarded(this::ticking);
        }
    }

    long now() {
        return clock().now();
    }

    void observe(long seen) {
        clock().observe(seen);
    }

    private LedgerClock clock() {
        if (clock == null) {
            throw new IllegalStateException("the clock of the database has not been read");
        }
        return clock;
    }

    private long ticking() {
        return reading + (System.nanoTime() - readAt) / NANOS_PER_MILLI;
    }
}
