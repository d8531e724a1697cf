package io.holdfast.benchmark;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/** The limit: a lock around six longs that are checked and added to; half its rate is what a pair could reach at best. */
final class LockedLongs implements Subject {
    private static final int BURST = 256;

    private final ReentrantLock lock = new ReentrantLock();
    private final long[] used = new long[6];
    private long done;

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(1, time, () -> this::burst) / 2;
    }

    private Crew.Done burst() {
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            lock.lock();
            try {
                boolean fits = true;
                for (long each : used) {
                    fits &= each + 3 <= Long.MAX_VALUE / 2;
                }
                for (int cap = 0; fits && cap < used.length; cap++) {
                    used[cap] += 3;
                }
            } finally {
                lock.unlock();
            }
        }
        done += BURST;
        return new Crew.Done(BURST, System.nanoTime() - start);
    }

    @Override
    public void audit() {
        for (long each : used) {
            if (each != 3 * done) {
                throw new IllegalStateException(each + " of " + 3 * done);
            }
        }
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
