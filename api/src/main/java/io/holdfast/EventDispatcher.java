package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.event.BudgetListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Delivers events to listeners on a thread of its own. To offer an event costs a caller one queue offer, whatever the
 * listeners do.
 */
final class EventDispatcher implements AutoCloseable {
    private static final int MOST_WAITING = 10_000;
    private static final long CLOSE_SECONDS = 5;
    private static final System.Logger LOG = System.getLogger(EventDispatcher.class.getName());

    private final List<BudgetListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong missed = new AtomicLong();
    private final ThreadPoolExecutor executor;

    EventDispatcher() {
        executor = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MOST_WAITING),
                task -> {
                    Thread thread = new Thread(task, "holdfast-events");
                    thread.setDaemon(true);
                    return thread;
                },
                (task, full) -> miss());
        executor.allowCoreThreadTimeOut(true);
    }

    void add(BudgetListener listener) {
        listeners.add(listener);
    }

    void offer(BudgetEvent event) {
        if (!listeners.isEmpty()) {
            executor.execute(() -> deliver(event));
        }
    }

    /** Delivers what waits, for a few seconds at most, and takes no more. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "events were still waiting when the budgets were closed");
                executor.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private void deliver(BudgetEvent event) {
        for (BudgetListener listener : listeners) {
            try {
                listener.on(event);
            } catch (Throwable failure) {
                LOG.log(System.Logger.Level.WARNING, "a budget listener failed on " + event, failure);
            }
        }
    }

    private void miss() {
        long count = missed.incrementAndGet();
        if (Long.bitCount(count) == 1) {
            LOG.log(System.Logger.Level.WARNING, "budget listeners have missed {0} events: too slow", count);
        }
    }
}
