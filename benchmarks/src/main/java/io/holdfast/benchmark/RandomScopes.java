package io.holdfast.benchmark;

import io.holdfast.Call;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Reserve and commit in memory, each for one of so many scopes at random. */
final class RandomScopes implements Subject {
    private static final int BURST = 256;

    private final MemoryScopes scopes;
    private final int threads;
    private final Call call = Call.of("session", "gpt-4o").input(812).maxOutput(1024);
    private final Usage usage = Usage.of(812, 143);

    RandomScopes(int count, int threads) {
        this.scopes = new MemoryScopes(count);
        this.threads = threads;
        for (int user = 0; user < count; user++) {
            scopes.budget(user).reserve(call).commit(usage);
        }
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(threads, time, () -> this::burst);
    }

    private Crew.Done burst() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long start = System.nanoTime();
        for (int i = 0; i < BURST; i++) {
            scopes.budget(random.nextInt(scopes.count())).reserve(call).commit(usage);
        }
        return new Crew.Done(BURST, System.nanoTime() - start);
    }

    @Override
    public void audit() {
        scopes.audit();
    }

    @Override
    public void close() {
        scopes.close();
    }
}
