package io.holdfast.spi;

import io.holdfast.limit.LimitState;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Hands everything on to another store: a skeleton for stores that watch or change one thing about it. A single operation
 * goes by way of {@link #apply(List)}, so that one method sees them all.
 */
public abstract class ForwardingLedgerStore implements LedgerStore {
    private final LedgerStore store;

    /**
     * Makes a store in front of another.
     *
     * @param store the other, which this closes with itself
     */
    protected ForwardingLedgerStore(LedgerStore store) {
        this.store = store;
    }

    @Override
    public StoreTraits traits() {
        return store.traits();
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
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
    public void changes(Consumer<Change> reader) {
        store.changes(reader);
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
