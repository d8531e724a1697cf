package io.holdfast.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Threads that work until they are told to stop. */
final class Crew {
    private Crew() {}

    /** Some work; returns how many operations it did and how long they took. */
    interface Work {
        Done some() throws Exception;
    }

    /**
     * Operations done.
     *
     * @param operations how many
     * @param nanos in what time
     */
    record Done(long operations, long nanos) {}

    /** Returns the operations per second of all threads together. */
    static double run(int threads, Duration time, Callable<Work> maker) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        AtomicBoolean stop = new AtomicBoolean();
        try {
            List<Future<Done>> crew = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Work work = maker.call();
                crew.add(executor.submit(() -> {
                    long operations = 0;
                    long nanos = 0;
                    while (!stop.get()) {
                        Done done = work.some();
                        operations += done.operations();
                        nanos += done.nanos();
                    }
                    return new Done(operations, nanos);
                }));
            }
            Thread.sleep(time.toMillis());
            stop.set(true);
            double perSecond = 0;
            for (Future<Done> each : crew) {
                perSecond +=
                        each.get().operations() * 1e9 / Math.max(1, each.get().nanos());
            }
            return perSecond;
        } finally {
            executor.shutdownNow();
        }
    }
}
