package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.event.BudgetListener;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Hands events to listeners. To offer an event costs a caller one queue offer, whatever the listeners do: a thread of its own
 * puts it into the mailbox of each listener, and those are emptied side by side, so that a listener that hangs keeps no
 * other from hearing.
 */
final class EventDispatcher implements AutoCloseable {
    static final int MOST_WAITING = 10_000;
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final System.Logger LOG = System.getLogger(EventDispatcher.class.getName());

    private final List<Mailbox> mailboxes = new CopyOnWriteArrayList<>();
    private final BlockingQueue<BudgetEvent> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
    private final AtomicLong missed = new AtomicLong();
    private final AtomicLong missedTold = new AtomicLong();
    private final ThreadPoolExecutor readers;
    private @Nullable Thread postman;
    private volatile boolean closed;

    EventDispatcher() {
        readers = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> daemon(task, "listener"));
    }

    private static Thread daemon(Runnable task, String role) {
        Thread thread = new Thread(task, "holdfast-events-" + role);
        thread.setDaemon(true);
        return thread;
    }

    void add(BudgetListener listener) {
        add(event -> true, listener);
    }

    /**
     * Adds a listener of some events.
     *
     * @param wanted tells which, without waiting for anything
     */
    synchronized void add(Predicate<BudgetEvent> wanted, BudgetListener listener) {
        mailboxes.add(new Mailbox(wanted, listener, readers, missed));
        if (postman == null && !closed) {
            postman = daemon(this::distribute, "postman");
            postman.start();
        }
    }

    void offer(BudgetEvent event) {
        if (!mailboxes.isEmpty() && !closed && !waiting.offer(event)) {
            missed.incrementAndGet();
        }
    }

    /** Says in the log how many events listeners have missed, each time they are twice as many. */
    void report() {
        long count = missed.get();
        long told = missedTold.get();
        if (count > 2 * told && missedTold.compareAndSet(told, count)) {
            LOG.log(System.Logger.Level.WARNING, "budget listeners have missed {0} events so far: too slow", count);
        }
    }

    /** Delivers what waits, for a few seconds at most, and takes no more. */
    @Override
    public void close() {
        Thread distributing = end();
        long end = System.nanoTime() + CLOSE_NANOS;
        boolean delivered;
        try {
            if (distributing != null) {
                distributing.interrupt();
                TimeUnit.NANOSECONDS.timedJoin(distributing, Math.max(1, end - System.nanoTime()));
            }
            readers.shutdown();
            delivered = readers.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            delivered = false;
            Thread.currentThread().interrupt();
        }
        if (!delivered) {
            readers.shutdownNow();
            LOG.log(System.Logger.Level.WARNING, "events were still waiting when the budgets were closed");
        }
        report();
    }

    private synchronized @Nullable Thread end() {
        closed = true;
        return postman;
    }

    private void distribute() {
        while (true) {
            try {
                BudgetEvent event = closed ? waiting.poll() : waiting.take();
                if (event == null) {
                    return;
                }
                mailboxes.forEach(mailbox -> mailbox.put(event));
            } catch (InterruptedException closing) {
                // What waits is still distributed.
            }
        }
    }

    /** The events of one listener, which is told one at a time. */
    private static final class Mailbox implements Runnable {
        private final Predicate<BudgetEvent> wanted;
        private final BudgetListener listener;
        private final ThreadPoolExecutor readers;
        private final AtomicLong missed;
        private final BlockingQueue<BudgetEvent> unread = new LinkedBlockingQueue<>(MOST_WAITING);
        private boolean reading;
        private long failures;

        Mailbox(Predicate<BudgetEvent> wanted, BudgetListener listener, ThreadPoolExecutor readers, AtomicLong missed) {
            this.wanted = wanted;
            this.listener = listener;
            this.readers = readers;
            this.missed = missed;
        }

        void put(BudgetEvent event) {
            if (!wanted.test(event)) {
                return;
            }
            if (!unread.offer(event)) {
                missed.incrementAndGet();
            }
            if (begin()) {
                try {
                    readers.execute(this);
                } catch (Throwable noThread) {
                    end();
                }
            }
        }

        private synchronized boolean begin() {
            boolean begins = !reading;
            reading = true;
            return begins;
        }

        private synchronized void end() {
            reading = false;
        }

        private synchronized @Nullable BudgetEvent next() {
            BudgetEvent event = unread.poll();
            reading = event != null;
            return event;
        }

        @Override
        public void run() {
            for (BudgetEvent event = next(); event != null; event = next()) {
                try {
                    listener.on(event);
                } catch (Throwable failure) {
                    failed(event, failure);
                }
            }
        }

        /** Tells of failures ever more rarely; logging may be what fails. */
        private void failed(BudgetEvent event, Throwable failure) {
            try {
                if (Long.bitCount(++failures) == 1) {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "a budget listener failed, " + failures + " times so far, now on " + event,
                            failure);
                }
            } catch (Throwable unimportant) {
                // There is nobody left to tell.
            }
        }
    }
}
