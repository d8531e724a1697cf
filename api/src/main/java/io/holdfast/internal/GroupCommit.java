package io.holdfast.internal;

import io.holdfast.error.HoldfastException;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gathers concurrent callers into batches, so that one disk sync or one transaction carries many. While a batch is on its
 * way the next one forms; nobody waits for company. One thread of its own talks to the store, so that an interrupted
 * caller never interrupts I/O.
 */
final class GroupCommit implements Ledger {
    static final int LARGEST_BATCH = 512;

    private final LedgerStore store;
    private final Duration deadline;
    private final ConcurrentLinkedQueue<Pending> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread writer;
    /** Rings when the time of the oldest caller is over, if it is not answered before; nothing while nobody waits. */
    private final AtomicReference<@Nullable CompletableFuture<Void>> alarm = new AtomicReference<>();

    private final ReentrantLock taking = new ReentrantLock();
    /** The batch that is being carried out: taken from the queue under the lock, and replaced by a longer one there. */
    private List<Pending> underWay = List.of();

    private volatile boolean idle;
    /** Set before the writer looks into the queue for the last time. */
    private volatile boolean finished;

    GroupCommit(LedgerStore store, Duration deadline) {
        this.store = store;
        this.deadline = deadline;
        this.writer = new Thread(this::run, "holdfast-ledger-" + store.traits().name());
        this.writer.setDaemon(true);
        this.writer.start();
    }

    @Override
    public Outcome apply(Operation operation) {
        Pending pending = enqueue(operation, Thread.currentThread());
        pending.sleep();
        try {
            return pending.join();
        } catch (CompletionException failure) {
            throw answerable(failure);
        }
    }

    @Override
    public CompletableFuture<Outcome> submit(Operation operation) {
        return enqueue(operation, null).handle((outcome, failure) -> {
            if (failure != null) {
                throw answerable(failure);
            }
            return outcome;
        });
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            LockSupport.unpark(writer);
        }
        boolean interrupted = false;
        while (writer.isAlive() && Thread.currentThread() != writer) {
            try {
                writer.join();
            } catch (InterruptedException wait) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Pending enqueue(Operation operation, @Nullable Thread caller) {
        if (closed.get()) {
            throw new StoreException("the ledger is closed", null);
        }
        Pending pending = new Pending(operation, System.nanoTime() + deadline.toNanos(), caller);
        queue.add(pending);
        if (alarm.get() == null) {
            setAlarm(deadline.toNanos());
        }
        if (idle) {
            LockSupport.unpark(writer);
        }
        if (finished) {
            refuseRest();
        }
        return pending;
    }

    private void run() {
        while (true) {
            if (take(List.of()) > 0) {
                carryOut();
            } else if (closed.get()) {
                break;
            } else {
                idle = true;
                if (queue.isEmpty() && !closed.get()) {
                    LockSupport.park(this);
                }
                idle = false;
            }
        }
        finished = true;
        refuseRest();
        CompletableFuture<Void> last = alarm.get();
        if (last != null) {
            last.cancel(false);
        }
    }

    /** Takes those who wait into the batch that begins so, and returns how many it took. */
    private int take(List<Pending> begun) {
        taking.lock();
        try {
            List<Pending> batch = new ArrayList<>(begun);
            Pending next;
            while (batch.size() < LARGEST_BATCH && (next = queue.poll()) != null) {
                batch.add(next);
            }
            underWay = batch;
            return batch.size() - begun.size();
        } finally {
            taking.unlock();
        }
    }

    // ---- callers whose time is over

    /** Sets the alarm if it is not set. */
    private void setAlarm(long nanos) {
        CompletableFuture<Void> next = new CompletableFuture<>();
        if (alarm.compareAndSet(null, next)) {
            start(next, nanos);
        }
    }

    private void start(CompletableFuture<Void> next, long nanos) {
        CompletableFuture<Void> unused =
                next.completeOnTimeout(null, nanos, TimeUnit.NANOSECONDS).thenRun(this::ring);
        if (finished) {
            next.cancel(false);
        }
    }

    /** Tells those whose time is over, after the alarm is set for the next whose time will be. */
    private void ring() {
        long now = System.nanoTime();
        List<Pending> waiting = waiting();
        List<Pending> overdue =
                waiting.stream().filter(pending -> pending.due() - now <= 0).toList();
        waiting.removeIf(pending -> pending.due() - now <= 0);
        OptionalLong left = shortest(waiting, now);
        if (left.isPresent()) {
            CompletableFuture<Void> next = new CompletableFuture<>();
            alarm.set(next);
            start(next, left.getAsLong());
        }
        overdue.forEach(pending -> pending.fail(new TimeoutException()));
        if (left.isEmpty()) {
            alarm.set(null);
            // Who came before that has seen it set.
            shortest(waiting(), now).ifPresent(this::setAlarm);
        }
    }

    private List<Pending> waiting() {
        taking.lock();
        try {
            List<Pending> waiting = new ArrayList<>(underWay);
            waiting.addAll(queue);
            return waiting;
        } finally {
            taking.unlock();
        }
    }

    private static OptionalLong shortest(List<Pending> waiting, long now) {
        return waiting.stream()
                .filter(pending -> !pending.isDone())
                .mapToLong(pending -> pending.due() - now)
                .min();
    }

    private void carryOut() {
        try {
            List<Outcome> outcomes = store.apply(operations(underWay), this::more);
            Pending.answer(underWay, outcomes);
        } catch (Throwable failure) {
            underWay.forEach(pending -> pending.fail(failure));
        }
    }

    /** Takes those into the batch who came since it was begun. */
    private List<Operation> more() {
        int before = underWay.size();
        take(underWay);
        return operations(underWay.subList(before, underWay.size()));
    }

    private static List<Operation> operations(List<Pending> pending) {
        List<Operation> operations = new ArrayList<>(pending.size());
        pending.forEach(each -> operations.add(each.operation()));
        return operations;
    }

    private void refuseRest() {
        Pending next;
        while ((next = queue.poll()) != null) {
            next.fail(new StoreException("the ledger is closed", null));
        }
    }

    private RuntimeException answerable(Throwable failure) {
        boolean wrapped = failure instanceof CompletionException;
        Throwable cause = wrapped ? Objects.requireNonNullElse(failure.getCause(), failure) : failure;
        return cause instanceof TimeoutException late ? tooLate(late) : rethrown(cause);
    }

    private AmbiguousOutcomeException tooLate(TimeoutException late) {
        return new AmbiguousOutcomeException("the store did not answer within " + deadline, late);
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof AmbiguousOutcomeException) {
            return new AmbiguousOutcomeException(message(failure), failure);
        }
        if (failure instanceof CorruptLedgerException) {
            return new CorruptLedgerException(message(failure), failure);
        }
        if (failure instanceof StoreUnavailableException) {
            return new StoreUnavailableException(message(failure), failure);
        }
        if (failure instanceof StoreException) {
            return new StoreException(message(failure), failure);
        }
        if (failure instanceof HoldfastException known) {
            return known;
        }
        return new AmbiguousOutcomeException("the store failed unexpectedly: " + failure, failure);
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
