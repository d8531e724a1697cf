package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import java.time.Duration;

/** The time just past, in buckets of equal width counted from the epoch. */
final class RollingWindow implements Window {
    private static final int BUCKETS = 288;
    private static final long NARROWEST = 1_000;

    private final Duration length;
    private final long millis;
    private final long width;

    RollingWindow(Duration length) {
        if (length.compareTo(Duration.ofSeconds(1)) < 0
                || length.compareTo(Duration.ofDays(366)) > 0
                || !length.equals(Duration.ofMillis(length.toMillis()))) {
            throw new InvalidInputException(
                    "rolling window", length.toString(), "must be 1 second to 366 days in whole milliseconds");
        }
        this.length = length;
        this.millis = length.toMillis();
        this.width = Math.max(NARROWEST, millis / BUCKETS);
    }

    @Override
    public long bookingBucket(long admittedAt, long bookedAt) {
        return Math.floorDiv(bookedAt, width);
    }

    @Override
    public long holdBucket(long admittedAt) {
        return 0;
    }

    @Override
    public long oldestBucket(long now) {
        return Math.floorDiv(now - millis, width);
    }

    @Override
    public long oldestHoldBucket(long now) {
        return 0;
    }

    @Override
    public long endOf(long bucket) {
        return (bucket + 1) * width + millis;
    }

    @Override
    public long nextBucketAt(long bucket) {
        return (bucket + 1) * width;
    }

    @Override
    public long longest() {
        return millis + width;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RollingWindow that && millis == that.millis;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(millis);
    }

    @Override
    public String toString() {
        return "rolling(" + length + ")";
    }
}
