package io.holdfast.benchmark;

import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Threads that work until they are told to stop. A thousand and more are virtual ones, where the JDK has those. */
final class Crew {
    private static final int MANY = 1_000;

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

    /** What one thread has done. */
    private static final class Tally {
        private long operations;
        private long nanos;
        private long[] each = new long[1_024];
        private int count;

        void add(Done done, boolean keep) {
            operations += done.operations();
            nanos += done.nanos();
            if (keep) {
                if (count == each.length) {
                    each = Arrays.copyOf(each, 2 * count);
                }
                each[count++] = done.nanos() / Math.max(1, done.operations());
            }
        }

        long[] each() {
            return Arrays.copyOf(each, count);
        }

        double perSecond() {
            return operations * 1e9 / Math.max(1, nanos);
        }
    }

    /** Returns the operations per second of all threads together. */
    static double run(int threads, Duration time, Callable<Work> maker) throws Exception {
        return work(threads, time, maker, false).stream()
                .mapToDouble(Tally::perSecond)
                .sum();
    }

    /** Returns the nanoseconds that such a part of all operations did not exceed. */
    static double percentile(int threads, Duration time, Callable<Work> maker, double part) throws Exception {
        long[] all = work(threads, time, maker, true).stream()
                .flatMapToLong(tally -> Arrays.stream(tally.each()))
                .sorted()
                .toArray();
        return all[(int) Math.min(all.length - 1, (long) (all.length * part))];
    }

    private static List<Tally> work(int threads, Duration time, Callable<Work> maker, boolean keep) throws Exception {
        ExecutorService executor = executor(threads);
        AtomicBoolean stop = new AtomicBoolean();
        try {
            List<Future<Tally>> crew = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Work work = maker.call();
                crew.add(executor.submit(() -> {
                    Tally tally = new Tally();
                    do {
                        tally.add(work.some(), keep);
                    } while (!stop.get());
                    return tally;
                }));
            }
            Thread.sleep(time.toMillis());
            stop.set(true);
            List<Tally> tallies = new ArrayList<>();
            for (Future<Tally> each : crew) {
                tallies.add(each.get());
            }
            return tallies;
        } finally {
            executor.shutdownNow();
        }
    }

    private static ExecutorService executor(int threads) {
        return threads < MANY || !virtual() ? Executors.newFixedThreadPool(threads) : virtualThreads();
    }

    /** Tells whether the JDK has virtual threads. */
    static boolean virtual() {
        return Runtime.version().feature() >= 21;
    }

    /** By reflection, as JDK 17 compiles this. */
    private static ExecutorService virtualThreads() {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException impossible) {
            throw new IllegalStateException("JDK " + Runtime.version() + " has no virtual threads", impossible);
        }
    }
}
