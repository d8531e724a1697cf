package io.holdfast.internal;

import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.List;
import java.util.function.Supplier;

/** Lets an observer see the batches that a store is given. */
final class ObservedStore extends ForwardingLedgerStore {
    private final LedgerStore store;
    private final LedgerObserver observer;

    /** Takes an observer that throws nothing. */
    ObservedStore(LedgerStore store, LedgerObserver observer) {
        super(store);
        this.store = store;
        this.observer = observer;
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        return apply(batch, List::of);
    }

    @Override
    public List<Outcome> apply(List<Operation> batch, Supplier<List<Operation>> more) {
        int[] size = {batch.size()};
        try {
            return store.apply(batch, () -> {
                List<Operation> rest = more.get();
                size[0] += rest.size();
                return rest;
            });
        } finally {
            observer.gathered(size[0]);
        }
    }
}
