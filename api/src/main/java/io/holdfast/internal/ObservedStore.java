package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/** Lets an observer see the batches that a store is given. */
final class ObservedStore implements LedgerStore {
    private final LedgerStore store;
    private final LedgerObserver observer;

    /** Takes an observer that throws nothing. */
    ObservedStore(LedgerStore store, LedgerObserver observer) {
        this.store = store;
        this.observer = observer;
    }

    @Override
    public StoreTraits traits() {
        return store.traits();
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        observer.gathered(batch.size());
        return store.apply(batch);
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        store.entries(from, to, reader);
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        store.definitions(reader);
    }

    @Override
    public Survey survey(Consumer<LimitState> reader) {
        return store.survey(reader);
    }

    @Override
    public Verification verify() {
        return store.verify();
    }

    @Override
    public void close() {
        store.close();
    }
}
