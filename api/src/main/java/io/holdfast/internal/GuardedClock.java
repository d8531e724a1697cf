package io.holdfast.internal;

import java.util.function.LongSupplier;

/**
 * The system's clock, checked against the monotonic one. Time runs on at the monotonic pace; the wall clock corrects it
 * while both agree. A wall clock that jumps ahead is believed only after it has stayed there for a minute, so that a
 * passing error expires no hold and ends no window. One that falls behind is not followed back: time goes on at its pace
 * from where it was, so that windows end even after a far future was seen.
 */
final class GuardedClock implements LedgerClock {
    static final long TOLERATED_MILLIS = 10_000;
    static final long CONFIRMED_AFTER_MILLIS = 60_000;
    private static final long WALL_READ_EVERY_NANOS = 50_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final LongSupplier wallMillis;
    private final LongSupplier nanos;
    private long base;
    private long baseNanos;
    private long wallReadAt;
    private long aheadSince;
    private long aheadBy;

    GuardedClock(LongSupplier wallMillis, LongSupplier nanos) {
        this.wallMillis = wallMillis;
        this.nanos = nanos;
        this.base = wallMillis.getAsLong();
        this.baseNanos = nanos.getAsLong();
        this.wallReadAt = baseNanos;
    }

    @Override
    public long now() {
        long nano = nanos.getAsLong();
        if (nano - wallReadAt >= WALL_READ_EVERY_NANOS) {
            wallReadAt = nano;
            compare(wallMillis.getAsLong(), nano);
        }
        return paced(nano);
    }

    @Override
    public void observe(long seen) {
        long nano = nanos.getAsLong();
        if (seen > paced(nano)) {
            rebase(seen, nano);
        }
    }

    private long paced(long nano) {
        return base + (nano - baseNanos) / NANOS_PER_MILLI;
    }

    private void compare(long wall, long nano) {
        long ahead = wall - paced(nano);
        if (Math.abs(ahead) <= TOLERATED_MILLIS) {
            aheadBy = 0;
            if (ahead > 0) {
                rebase(wall, nano);
            }
        } else if (ahead > 0) {
            if (aheadBy == 0 || Math.abs(ahead - aheadBy) > TOLERATED_MILLIS) {
                aheadBy = ahead;
                aheadSince = nano;
            } else if ((nano - aheadSince) / NANOS_PER_MILLI >= CONFIRMED_AFTER_MILLIS) {
                aheadBy = 0;
                rebase(wall, nano);
            }
        }
    }

    private void rebase(long millis, long nano) {
        base = millis;
        baseNanos = nano;
    }
}
