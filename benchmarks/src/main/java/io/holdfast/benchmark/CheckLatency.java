package io.holdfast.benchmark;

import io.holdfast.Call;
import io.holdfast.unit.Usage;
import java.time.Duration;
import java.util.Arrays;

/** The whole check of one call in memory, a hold and its settlement, told as calls per second at the 99th percentile. */
final class CheckLatency implements Subject {
    private static final int MOST = 1_000_000;

    private final MemoryScopes scopes = new MemoryScopes(1);
    private final Usage usage = Usage.of(812, 143);
    private long acknowledged;

    @Override
    public double run(Duration time) {
        long[] nanos = new long[MOST];
        int count = 0;
        long end = System.nanoTime() + time.toNanos();
        for (long start = System.nanoTime(); count < MOST && start < end; count++) {
            scopes.budget(0)
                    .reserve(Call.of("session", "gpt-4o")
                            .input(812 + count % 100)
                            .maxOutput(1024))
                    .commit(usage);
            long done = System.nanoTime();
            nanos[count] = done - start;
            start = done;
        }
        acknowledged += count;
        Arrays.sort(nanos, 0, count);
        return 1e9 / nanos[(int) (count * 0.99)];
    }

    @Override
    public void audit() {
        scopes.audit(acknowledged);
    }

    @Override
    public void close() {
        scopes.close();
    }
}
