package io.holdfast.internal;

import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.concurrent.CompletableFuture;

/** Hands each operation to the store on the caller's own thread. */
final class StraightLedger implements Ledger {
    private final LedgerStore store;

    StraightLedger(LedgerStore store) {
        this.store = store;
    }

    @Override
    public Outcome apply(Operation operation) {
        return store.apply(operation);
    }

    @Override
    public CompletableFuture<Outcome> submit(Operation operation) {
        try {
            return CompletableFuture.completedFuture(store.apply(operation));
        } catch (RuntimeException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    @Override
    public void close() {
        // Nothing is under way here that the store does not know of.
    }
}
