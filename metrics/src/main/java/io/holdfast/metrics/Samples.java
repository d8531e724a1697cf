package io.holdfast.metrics;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Hands what was measured to a registry on a thread of its own, so that one that throws or hangs changes nothing for callers.
 * To add a sample costs one queue offer, and wakes nobody: the thread looks for itself, many times a second, and is woken only
 * when much is waiting. What finds 10,000 waiting is left out.
 */
final class Samples implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Samples.class.getName());
    private static final int MOST_WAITING = 10_000;
    private static final long LOOK_EVERY_MILLIS = 50;
    private static final long LONGEST_WAIT_SECONDS = 1;

    private final ArrayBlockingQueue<Runnable> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final ScheduledThreadPoolExecutor executor;
    private long failures;

    @SuppressWarnings("FutureReturnValueIgnored") // what fails is caught where it is told
    Samples() {
        executor = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread thread = new Thread(task, "holdfast-metrics-samples");
                    thread.setDaemon(true);
                    return thread;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        executor.scheduleWithFixedDelay(this::tellAll, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Has something told to the registry within a moment, unless too much is waiting for that. */
    void add(Runnable sample) {
        if (waiting.offer(sample) && waiting.remainingCapacity() == MOST_WAITING / 2) {
            executor.execute(this::tellAll);
        }
    }

    private void tellAll() {
        for (Runnable sample = waiting.poll(); sample != null; sample = waiting.poll()) {
            tell(sample);
        }
    }

    /** Waits until all that was added before is told, but not for long. */
    void await() {
        FutureTask<?> last = new FutureTask<>(this::tellAll, null);
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
        executor.execute(this::tellAll);
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
