package io.holdfast.internal;

import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The time of a ledger in this process: never runs backwards. Not safe for use by several threads at once. */
public interface LedgerClock {
    /**
     * Returns the time.
     *
     * @return milliseconds since the epoch, no less than any returned or observed before
     */
    long now();

    /**
     * Takes note of a time that the ledger has already seen, from another process or before a restart.
     *
     * @param seen milliseconds since the epoch
     */
    void observe(long seen);

    /**
     * Returns a clock for a ledger.
     *
     * @param source a clock to follow as it is, for tests and simulations; without, the system's clock is followed and
     *     guarded against jumps
     * @return the clock
     */
    static LedgerClock of(@Nullable InstantSource source) {
        return source == null
                ? new GuardedClock(System::currentTimeMillis, System::nanoTime)
                : new FollowingClock(source);
    }

    /**
     * Returns a clock that follows the wall clock of somewhere else, a database's for one, guarded against jumps as the
     * system's is.
     *
     * @param wallMillis gives the time there in milliseconds since the epoch; asked now and then
     * @return the clock
     */
    static LedgerClock guarded(LongSupplier wallMillis) {
        return new GuardedClock(wallMillis, System::nanoTime);
    }

    /** Follows a source and never falls. */
    final class FollowingClock implements LedgerClock {
        private final InstantSource source;
        private long last = Long.MIN_VALUE;

        FollowingClock(InstantSource source) {
            this.source = source;
        }

        @Override
        public long now() {
            last = Math.max(last, source.millis());
            return last;
        }

        @Override
        public void observe(long seen) {
            last = Math.max(last, seen);
        }
    }
}
