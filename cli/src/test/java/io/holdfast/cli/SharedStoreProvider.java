package io.holdfast.cli;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStoreProvider;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Ledgers in memory that outlive a command: {@code shared:NAME}. */
public final class SharedStoreProvider implements LedgerStoreProvider {
    private static final Map<String, Shared> OPEN = new ConcurrentHashMap<>();
    private static final AtomicInteger MADE = new AtomicInteger();

    /** Makes a ledger and returns its URL. */
    static String fresh() {
        return fresh(null);
    }

    static String fresh(InstantSource clock) {
        String url = "shared:" + MADE.incrementAndGet();
        OPEN.put(url, new Shared(LedgerStores.open("memory:", clock)));
        return url;
    }

    static Shared at(String url) {
        return OPEN.get(url);
    }

    @Override
    public String scheme() {
        return "shared";
    }

    @Override
    public LedgerStore open(String url, InstantSource clock) {
        Shared shared = OPEN.get(url);
        if (shared == null) {
            throw new StoreException("there is no shared ledger '" + url + "'", null);
        }
        return shared;
    }

    /** A store that is not closed by those who use it, and that can be made to fail or to wait. */
    static final class Shared implements LedgerStore {
        private final LedgerStore store;
        volatile Verification verification;
        volatile long failAfter = Long.MAX_VALUE;
        /** After how many changes reading them fails. */
        volatile long changesUntilFailure = Long.MAX_VALUE;
        /** After how many changes the journal seems to end when it is next read. */
        volatile long changesOnce = Long.MAX_VALUE;

        volatile long pauseAfter = Long.MAX_VALUE;
        volatile Runnable beforeOperation = () -> {};
        private long asked;

        Shared(LedgerStore store) {
            this.store = store;
        }

        /** Returns all that is in it, to see that nothing changed. */
        String contents() {
            TreeSet<String> definitions = new TreeSet<>();
            store.definitions(definition -> definitions.add(definition.toString()));
            return definitions + " " + entries();
        }

        List<Entry> entries() {
            List<Entry> entries = new ArrayList<>();
            store.entries(Instant.EPOCH, Report.END, entries::add);
            return entries;
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
        public Outcome apply(Operation operation) {
            beforeOperation.run();
            synchronized (this) {
                if (asked++ >= failAfter) {
                    throw new StoreException("the disk is full", null);
                }
                if (asked == pauseAfter) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700));
                }
            }
            return store.apply(operation);
        }

        @Override
        public void entries(Instant from, Instant to, Consumer<Entry> reader) {
            store.entries(from, to, reader);
        }

        @Override
        public void changes(Consumer<Change> reader) {
            long most = Math.min(changesUntilFailure, changesOnce);
            List<Change> changes = new ArrayList<>();
            store.changes(changes::add);
            changes.stream().limit(most).forEach(reader);
            if (changes.size() > changesUntilFailure) {
                throw new StoreException("the source is gone", null);
            }
            changesOnce = Long.MAX_VALUE;
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
            return verification == null ? store.verify() : verification;
        }

        @Override
        public void close() {}
    }
}
