package io.holdfast.metrics;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Hands what was measured to a registry on a thread of its own, so that one that throws or hangs changes nothing for callers.
 * To add a sample costs one queue offer; what finds 10,000 waiting is left out.
 */
final class Samples implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Samples.class.getName());
    private static final int MOST_WAITING = 10_000;
    private static final long LONGEST_WAIT_SECONDS = 1;

    private final ThreadPoolExecutor executor;
    private long failures;

    Samples() {
        executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_WAITING),
                task -> {
                    Thread thread = new Thread(task, "holdfast-metrics-samples");
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        executor.prestartCoreThread();
    }

    /** Has something told to the registry, unless too much is waiting for that. */
    void add(Runnable sample) {
        executor.execute(() -> tell(sample));
    }

    /** Waits until all that was added before is told, but not for long. */
    void await() {
        FutureTask<Boolean> last = new FutureTask<>(() -> true);
        executor.execute(last);
        try {
            last.get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException late) {
            // The registry hangs, and is left alone.
        }
    }

    /** Logs failures ever more rarely; logging may be what fails. */
    private void tell(Runnable sample) {
        try {
            sample.run();
        } catch (Throwable failure) {
            try {
                if (Long.bitCount(++failures) == 1) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "a registry failed at a sample, " + failures + " times so far",
                            failure);
                }
            } catch (Throwable unimportant) {
                // There is nobody left to tell.
            }
        }
    }

    /** Tells what waits, for a moment at most, and takes no more. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException stopped) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
