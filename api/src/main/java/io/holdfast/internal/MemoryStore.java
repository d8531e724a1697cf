package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ledger in memory: one state behind one lock. It goes with the process. Of the journal it keeps the newest
 * {@value #JOURNAL_KEPT} changes.
 */
public final class MemoryStore implements LedgerStore {
    static final int JOURNAL_KEPT = 10_000;
    private static final int MADE_REMEMBERED = 100;
    private static final StoreTraits TRAITS = new StoreTraits("memory", Durability.NONE, false, false, false);

    private final ReentrantLock lock = new ReentrantLock();
    private final LedgerState state = new LedgerState(MADE_REMEMBERED);
    private final ArrayDeque<Change> journal = new ArrayDeque<>();
    private final LedgerEngine engine = new LedgerEngine(state, this::remember);
    private final LedgerClock clock;
    private boolean forgotten;
    private boolean closed;

    /**
     * Makes an empty ledger.
     *
     * @param clock the clock to follow instead of the system's guarded one
     */
    public MemoryStore(@Nullable InstantSource clock) {
        this.clock = LedgerClock.of(clock);
    }

    @Override
    public StoreTraits traits() {
        return TRAITS;
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        for (Operation operation : batch) {
            outcomes.add(apply(operation));
        }
        return outcomes;
    }

    @Override
    public Outcome apply(Operation operation) {
        lock.lock();
        try {
            requireOpen();
            return engine.apply(operation, clock.now());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        for (Change change : journal()) {
            Entries.of(change, Entries.millis(from), Entries.millis(to), reader);
        }
    }

    @Override
    public void changes(Consumer<Change> reader) {
        List<Change> changes;
        lock.lock();
        try {
            changes = journal();
            if (forgotten) {
                throw new StoreException(
                        "the ledger in memory keeps only its newest " + JOURNAL_KEPT + " changes", null);
            }
        } finally {
            lock.unlock();
        }
        changes.forEach(reader);
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        List<ScopeDefinition> definitions = new ArrayList<>();
        lock.lock();
        try {
            requireOpen();
            state.requireWhole();
            state.definitions(definitions::add);
        } finally {
            lock.unlock();
        }
        definitions.forEach(reader);
    }

    @Override
    public Survey survey(Consumer<LimitState> reader) {
        return SurveyWalk.survey(this::step, reader);
    }

    private void step(SurveyWalk walk) {
        lock.lock();
        try {
            requireOpen();
            walk.step(state, clock.now());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Verification verify() {
        lock.lock();
        try {
            requireOpen();
            if (forgotten) {
                return StateAudit.of(state);
            }
            LedgerState replayed = new LedgerState();
            journal.forEach(replayed::apply);
            return StateAudit.compare(journal.size(), replayed, state);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreException("the ledger in memory is closed", null);
        }
    }

    private List<Change> journal() {
        lock.lock();
        try {
            requireOpen();
            state.requireWhole();
            return new ArrayList<>(journal);
        } finally {
            lock.unlock();
        }
    }

    private void remember(Change change) {
        if (journal.size() == JOURNAL_KEPT) {
            journal.poll();
            forgotten = true;
        }
        journal.add(change);
    }
}
