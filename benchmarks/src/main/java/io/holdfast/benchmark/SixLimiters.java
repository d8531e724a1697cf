package io.holdfast.benchmark;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Resilience4j in memory: a rate limiter has one limit, so that six caps are six of them, asked in turn and each by itself. */
final class SixLimiters implements Subject {
    private static final int BURST = 256;
    private static final int MOST = Integer.MAX_VALUE;

    private final List<RateLimiter> limiters = new ArrayList<>();
    private final LongAdder taken = new LongAdder();

    SixLimiters() {
        for (int hours = 1; hours <= 6; hours++) {
            limiters.add(RateLimiter.of(
                    "hours-" + hours,
                    RateLimiterConfig.custom()
                            .limitForPeriod(MOST)
                            .limitRefreshPeriod(Duration.ofHours(hours))
                            .timeoutDuration(Duration.ZERO)
                            .build()));
        }
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(1, time, () -> this::burst);
    }

    private Crew.Done burst() {
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            for (RateLimiter limiter : limiters) {
                if (!limiter.acquirePermission()) {
                    throw new IllegalStateException(limiter.getName() + " ran out");
                }
            }
        }
        long nanos = System.nanoTime() - start;
        taken.add(BURST);
        return new Crew.Done(BURST, nanos);
    }

    /** Nothing is refilled in less than an hour. */
    @Override
    public void audit() {
        for (RateLimiter limiter : limiters) {
            Audit.equal(limiter.getName(), MOST - (long) limiter.getMetrics().getAvailablePermissions(), taken.sum());
        }
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
