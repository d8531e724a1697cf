package io.holdfast.evidence.mutant;

import io.holdfast.internal.Entries;
import io.holdfast.internal.Insight;
import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateAudit;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.Entry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A store that answers as it should and keeps something else: what it writes down is tampered with, and what it does next
 * follows from what it wrote.
 */
final class TamperedStore implements Insight.Open {
    private final StoreTraits traits;
    private final InstantSource clock;
    private final Function<Change, List<Change>> tampering;
    private final List<Change> journal = new ArrayList<>();
    private final List<Change> latest = new ArrayList<>();
    private LedgerState state = new LedgerState();
    private LedgerEngine engine = new LedgerEngine(state, latest::add);

    /**
     * Makes a store.
     *
     * @param traits what it claims to be
     * @param clock its clock
     * @param tampering gives what is kept in place of each change
     */
    TamperedStore(StoreTraits traits, InstantSource clock, Function<Change, List<Change>> tampering) {
        this.traits = traits;
        this.clock = clock;
        this.tampering = tampering;
    }

    @Override
    public LedgerState state() {
        return state;
    }

    @Override
    public Outcome apply(Operation operation) {
        Outcome outcome = engine.apply(operation, clock.millis());
        List<Change> kept = latest.stream()
                .flatMap(change -> tampering.apply(change).stream())
                .toList();
        boolean honest = sameAs(latest, kept);
        latest.clear();
        journal.addAll(kept);
        if (!honest) {
            long time = state.lastTime();
            state = new LedgerState();
            journal.forEach(state::apply);
            state.observe(time);
            engine = new LedgerEngine(state, latest::add);
        }
        return outcome;
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean sameAs(List<Change> made, List<Change> kept) {
        boolean same = made.size() == kept.size();
        for (int i = 0; same && i < made.size(); i++) {
            same = made.get(i) == kept.get(i);
        }
        return same;
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        return batch.stream().map(this::apply).toList();
    }

    @Override
    public StoreTraits traits() {
        return traits;
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        journal.forEach(change -> Entries.of(change, Entries.millis(from), Entries.millis(to), reader));
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        state.definitions(reader);
    }

    @Override
    public Survey survey(Consumer<LimitState> reader) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Verification verify() {
        LedgerState replayed = new LedgerState();
        journal.forEach(replayed::apply);
        return StateAudit.compare(journal.size(), replayed, state);
    }

    @Override
    public void close() {
        // goes with the test
    }
}
