package io.holdfast.internal;

import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.List;

/** Lets an observer see the batches that a store is given. */
final class ObservedStore extends ForwardingLedgerStore {
    private final LedgerObserver observer;

    /** Takes an observer that throws nothing. */
    ObservedStore(LedgerStore store, LedgerObserver observer) {
        super(store);
        this.observer = observer;
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        observer.gathered(batch.size());
        return super.apply(batch);
    }
}
