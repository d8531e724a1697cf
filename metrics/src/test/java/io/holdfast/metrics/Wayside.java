package io.holdfast.metrics;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A ledger in memory behind a store that gathers callers, counts what it is asked, and does first what a test wants. */
final class Wayside extends ForwardingLedgerStore {
    final AtomicInteger surveys = new AtomicInteger();
    final AtomicInteger operations = new AtomicInteger();
    final AtomicInteger otherReads = new AtomicInteger();
    volatile Runnable beforeBatch = () -> {};
    volatile Runnable beforeLimit = () -> {};

    Wayside(@Nullable InstantSource clock) {
        super(LedgerStores.open("memory:", clock));
    }

    @Override
    public StoreTraits traits() {
        return new StoreTraits("wayside", Durability.NONE, false, false, true);
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        operations.addAndGet(batch.size());
        beforeBatch.run();
        return super.apply(batch);
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        otherReads.incrementAndGet();
        super.entries(from, to, reader);
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        otherReads.incrementAndGet();
        super.definitions(reader);
    }

    @Override
    public Survey survey(Consumer<LimitState> reader) {
        surveys.incrementAndGet();
        return super.survey(state -> {
            beforeLimit.run();
            reader.accept(state);
        });
    }

    @Override
    public Verification verify() {
        otherReads.incrementAndGet();
        return super.verify();
    }
}
