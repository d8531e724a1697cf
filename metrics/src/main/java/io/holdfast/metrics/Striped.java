package io.holdfast.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Several sums that grow together, on stripes that threads share out among them. To take a stripe that nobody has costs as
 * much as one atomic addition, and all sums of a call are added while it is taken.
 */
final class Striped {
    private static final int STRIPES = 8;
    /** So much of a stripe is left empty that two of them never share a line of a processor's cache. */
    private static final int PADDING = 16;

    private final Stripe[] stripes = new Stripe[STRIPES];

    /** The sums of the threads that take it, one at a time. The last place tells whether it is taken. */
    static final class Stripe {
        private final AtomicLongArray sums;
        private final int taken;

        private Stripe(int count) {
            this.sums = new AtomicLongArray(count + 1 + PADDING);
            this.taken = count;
        }

        private boolean take() {
            return sums.getPlain(taken) == 0 && sums.compareAndSet(taken, 0, 1);
        }

        /** Adds to one of the sums; what is not positive is nothing to add. */
        void add(int sum, long amount) {
            if (amount > 0) {
                sums.setOpaque(sum, sums.getPlain(sum) + amount);
            }
        }

        /** Leaves it to others. */
        void done() {
            sums.setRelease(taken, 0);
        }
    }

    /** Takes how many sums there are. */
    Striped(int count) {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe(count);
        }
    }

    /** Returns a stripe that nobody else adds to until it is {@link Stripe#done}. */
    Stripe take() {
        int next = (int) Thread.currentThread().getId();
        while (true) {
            for (int i = 0; i < STRIPES; i++) {
                Stripe stripe = stripes[(next + i) & (STRIPES - 1)];
                if (stripe.take()) {
                    return stripe;
                }
            }
            LockSupport.parkNanos(1_000);
        }
    }

    /** Returns one of the sums, of what was added before. */
    long sum(int sum) {
        long all = 0;
        for (Stripe stripe : stripes) {
            all += stripe.sums.getAcquire(sum);
        }
        return all;
    }
}
