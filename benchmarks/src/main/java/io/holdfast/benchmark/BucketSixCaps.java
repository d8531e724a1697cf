package io.holdfast.benchmark;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.LocalBucketBuilder;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Bucket4j in memory, with six bandwidths. */
final class BucketSixCaps implements Subject {
    private static final int BURST = 256;

    private static final long CAPACITY = 1L << 50;
    private static final long TOKENS = 3;

    private final Bucket bucket;
    private final LongAdder taken = new LongAdder();
    private final int threads;

    BucketSixCaps(int threads) {
        this.threads = threads;
        LocalBucketBuilder builder = Bucket.builder();
        for (int hours = 1; hours <= 6; hours++) {
            Duration period = Duration.ofHours(hours);
            builder.addLimit(limit -> limit.capacity(CAPACITY).refillGreedy(1, period));
        }
        this.bucket = builder.build();
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(threads, time, () -> this::burst);
    }

    private Crew.Done burst() {
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            if (!bucket.tryConsume(TOKENS)) {
                throw new IllegalStateException("the bucket ran empty");
            }
        }
        long nanos = System.nanoTime() - start;
        taken.add(TOKENS * BURST);
        return new Crew.Done(BURST, nanos);
    }

    @Override
    public void audit() {
        // The bandwidth that is refilled slowest gives nothing back in less than six hours.
        Audit.equal("tokens", CAPACITY - bucket.getAvailableTokens(), taken.sum());
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
