package io.holdfast.limit;

/** The session window: one bucket that never ends. */
enum SessionWindow implements Window {
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
    public boolean perSession() {
        return true;
    }

    @Override
    public String toString() {
        return "session";
    }
}
