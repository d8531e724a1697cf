package io.holdfast.internal;

import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The way from callers to a store: straight, or gathered into batches. */
public interface Ledger extends AutoCloseable {
    /**
     * Carries out one operation and waits for its outcome.
     *
     * @param operation what is asked
     * @return the outcome, durable as the store declares
     * @throws io.holdfast.spi.StoreException if it took no effect
     * @throws io.holdfast.spi.AmbiguousOutcomeException if nobody can tell whether it did
     */
    Outcome apply(Operation operation);

    /**
     * Carries out one operation without waiting.
     *
     * @param operation what is asked
     * @return completes with the outcome or with the exceptions of {@link #apply}
     */
    CompletableFuture<Outcome> submit(Operation operation);

    /** Lets the operations under way finish and takes no more. */
    @Override
    void close();

    /**
     * Returns the way that suits a store.
     *
     * @param store the store
     * @param deadline how long a caller waits for an outcome before it is called ambiguous
     * @return straight to the store, or through batches if it gathers
     */
    static Ledger to(LedgerStore store, Duration deadline) {
        return store.traits().gathers() ? new GroupCommit(store, deadline) : new StraightLedger(store);
    }

    /**
     * Returns the way that suits a store, in sight of observers.
     *
     * @param store the store
     * @param deadline as in {@link #to(LedgerStore, Duration)}
     * @param observers who sees what passes; their failures are logged
     * @return the very way of {@link #to(LedgerStore, Duration)} if there are none
     */
    static Ledger to(LedgerStore store, Duration deadline, List<LedgerObserver> observers) {
        LedgerStore observed = store;
        List<LedgerObserver> harmless = observers.stream().map(Ledger::harmless).toList();
        for (LedgerObserver observer : harmless) {
            observed = store.traits().gathers() ? new ObservedStore(observed, observer) : store;
        }
        Ledger ledger = to(observed, deadline);
        for (LedgerObserver observer : harmless) {
            ledger = new ObservedLedger(ledger, observer);
        }
        return ledger;
    }

    /**
     * Returns an observer that throws nothing.
     *
     * @param observer one that may
     * @return logs what the other throws
     */
    static LedgerObserver harmless(LedgerObserver observer) {
        return observer instanceof HarmlessObserver ? observer : new HarmlessObserver(observer);
    }
}
