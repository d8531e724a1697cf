package io.holdfast;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Looks for holds out of time while there is no traffic that would find them. */
final class Sweeper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Sweeper.class.getName());

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "holdfast-sweeper");
        thread.setDaemon(true);
        return thread;
    });
    private final Runnable sweep;
    private final ScheduledFuture<?> sweeping;
    private boolean failing;

    Sweeper(Runnable sweep, Duration period) {
        this.sweep = sweep;
        sweeping = executor.scheduleWithFixedDelay(this::run, period.toNanos(), period.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        sweeping.cancel(false);
        executor.shutdown();
        boolean interrupted = false;
        while (true) {
            try {
                if (executor.awaitTermination(1, TimeUnit.MINUTES)) {
                    break;
                }
                executor.shutdownNow();
            } catch (InterruptedException wait) {
                interrupted = true;
                executor.shutdownNow();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Logs the first of several failures in a row and goes on. */
    private void run() {
        try {
            sweep.run();
            failing = false;
        } catch (RuntimeException failure) {
            if (!failing) {
                LOG.log(System.Logger.Level.WARNING, "holds out of time could not be looked for", failure);
            }
            failing = true;
        }
    }
}
