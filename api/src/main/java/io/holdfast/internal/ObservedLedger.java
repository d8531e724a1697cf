package io.holdfast.internal;

import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Lets an observer see what passes. */
final class ObservedLedger implements Ledger {
    private final Ledger ledger;
    private final LedgerObserver observer;

    /** Takes an observer that throws nothing. */
    ObservedLedger(Ledger ledger, LedgerObserver observer) {
        this.ledger = ledger;
        this.observer = observer;
    }

    @Override
    public Outcome apply(Operation operation) {
        Object mark = observer.asked(operation);
        Outcome outcome;
        try {
            outcome = ledger.apply(operation);
        } catch (Throwable failure) {
            observer.failed(operation, failure, mark);
            throw failure;
        }
        observer.answered(operation, outcome, mark);
        return outcome;
    }

    @Override
    public CompletableFuture<Outcome> submit(Operation operation) {
        Object mark = observer.asked(operation);
        CompletableFuture<Outcome> future;
        try {
            future = ledger.submit(operation);
        } catch (Throwable failure) {
            observer.failed(operation, failure, mark);
            throw failure;
        }
        return future.whenComplete((outcome, failure) -> ended(operation, outcome, failure, mark));
    }

    private void ended(
            Operation operation, @Nullable Outcome outcome, @Nullable Throwable failure, @Nullable Object mark) {
        if (failure == null && outcome != null) {
            observer.answered(operation, outcome, mark);
        } else if (failure != null) {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            observer.failed(operation, cause == null ? failure : cause, mark);
        }
    }

    @Override
    public void close() {
        ledger.close();
    }
}
