package io.holdfast.benchmark;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.LocalBucketBuilder;
import java.time.Duration;

/** Bucket4j in memory, with six bandwidths. */
final class BucketSixCaps implements Subject {
    private static final int BURST = 256;

    private final Bucket bucket;
    private final int threads;

    BucketSixCaps(int threads) {
        this.threads = threads;
        LocalBucketBuilder builder = Bucket.builder();
        for (int hours = 1; hours <= 6; hours++) {
            Duration period = Duration.ofHours(hours);
            long capacity = period.toNanos() / 2;
            builder.addLimit(limit -> limit.capacity(capacity).refillGreedy(capacity, period));
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
            if (!bucket.tryConsume(3)) {
                throw new IllegalStateException("the bucket ran empty");
            }
        }
        return new Crew.Done(BURST, System.nanoTime() - start);
    }

    @Override
    public void audit() {
        // Buckets keep no journal to compare with.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
