package io.holdfast.benchmark;

import io.holdfast.Call;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/** Reserve and commit in memory, each for one of so many scopes at random. */
final class RandomScopes implements Subject {
    private static final int BURST = 256;

    private final MemoryScopes scopes;
    private final SplittableRandom random;
    private final LongAdder acknowledged = new LongAdder();
    private final int threads;
    private final Call call = Call.of("session", "gpt-4o").input(812).maxOutput(1024);
    private final Usage usage = Usage.of(812, 143);

    RandomScopes(int count, int threads, SplittableRandom random) {
        this.random = random;
        this.scopes = new MemoryScopes(count);
        this.threads = threads;
        for (int user = 0; user < count; user++) {
            scopes.budget(user).reserve(call).commit(usage);
        }
        acknowledged.add(count);
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(threads, time, () -> {
            SplittableRandom own = random.split();
            return () -> burst(own);
        });
    }

    private Crew.Done burst(SplittableRandom own) {
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            scopes.budget(own.nextInt(scopes.count())).reserve(call).commit(usage);
        }
        long nanos = System.nanoTime() - start;
        acknowledged.add(BURST);
        return new Crew.Done(BURST, nanos);
    }

    @Override
    public void audit() {
        scopes.audit(acknowledged.sum());
    }

    @Override
    public void close() {
        scopes.close();
    }
}
