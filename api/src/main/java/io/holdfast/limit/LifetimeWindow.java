package io.holdfast.limit;

/** The lifetime window: one bucket that never ends. */
enum LifetimeWindow implements Window {
    INSTANCE;

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
    public long longest() {
        return NEVER;
    }

    @Override
    public String toString() {
        return "lifetime";
    }
}
