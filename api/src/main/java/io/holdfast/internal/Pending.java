package io.holdfast.internal;

import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An operation on its way and the future of its outcome. Who sleeps until it is there wakes a few others of the same batch,
 * as to wake a thread takes longer than most of what is to be done for it.
 */
final class Pending extends CompletableFuture<Outcome> {
    /** How many callers wake one after the other; more would have the last wait for too many. */
    private static final int GROUP = 8;

    private final Operation operation;
    private final long due;
    private final @Nullable Thread caller;
    /** Who is to be woken by this caller; set before the outcome is. */
    private List<Pending> followers = List.of();

    /**
     * Takes an operation.
     *
     * @param operation what to do
     * @param due when its time is over, by {@link System#nanoTime()}
     * @param caller who is going to {@link #sleep()}, if somebody is
     */
    Pending(Operation operation, long due, @Nullable Thread caller) {
        this.operation = operation;
        this.due = due;
        this.caller = caller;
    }

    Operation operation() {
        return operation;
    }

    long due() {
        return due;
    }

    /** Returns once there is an outcome or a failure. An interrupt of the caller stays for later. */
    void sleep() {
        boolean interrupted = false;
        while (!isDone()) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        // A failure may have come before the followers did, and nobody relies on this caller then.
        if (!isCompletedExceptionally()) {
            followers.forEach(Pending::wake);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        LockSupport.unpark(caller);
    }

    void fail(Throwable failure) {
        completeExceptionally(failure);
        wake();
    }

    /** Hands each of a batch its outcome. */
    static void answer(List<Pending> batch, List<Outcome> outcomes) {
        if (outcomes.size() != batch.size()) {
            throw new IllegalStateException(
                    "the store gave " + outcomes.size() + " outcomes for " + batch.size() + " operations");
        }
        for (int first = 0; first < batch.size(); first += GROUP) {
            int end = Math.min(batch.size(), first + GROUP);
            List<Pending> others = batch.subList(first + 1, end);
            for (int i = 0; i < others.size(); i++) {
                others.get(i).complete(outcomes.get(first + 1 + i));
            }
            batch.get(first).answer(outcomes.get(first), others);
        }
    }

    /** Takes the outcome; the others have theirs already. */
    private void answer(Outcome outcome, List<Pending> others) {
        followers = others;
        if (complete(outcome) && caller != null) {
            wake();
        } else {
            // Nobody sleeps here, or does no longer.
            others.forEach(Pending::wake);
        }
    }
}
