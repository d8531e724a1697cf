package io.holdfast.limit;

import java.util.Locale;

/** A window that no time ends: one bucket, of each session by itself or of all time. */
enum EndlessWindow implements Window {
    SESSION,
    LIFETIME;

    @Override
    public long bookingBucket(long admittedAt, long bookedAt) {
        return 0;
    }

    @Override
    public long holdBucket(long admittedAt) {
        return 0;
    }

    @Override
    public long oldestBucket(long now) {
        return 0;
    }

    @Override
    public long oldestHoldBucket(long now) {
        return 0;
    }

    @Override
    public long endOf(long bucket) {
        return NEVER;
    }

    @Override
    public long nextBucketAt(long bucket) {
        return NEVER;
    }

    @Override
    public long longest() {
        return NEVER;
    }

    @Override
    public boolean perSession() {
        return this == SESSION;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
