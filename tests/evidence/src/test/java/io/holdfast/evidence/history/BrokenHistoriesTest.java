package io.holdfast.evidence.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.MemoryStore;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import io.holdfast.survival.Survival;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stores that are broken in what only threads and nodes see, where the simulator does one thing after the other. */
@DisplayName("I1, I2, I6, I11, I12: the check of histories itself")
class BrokenHistoriesTest {
    private static final int HISTORIES = 60;
    private static final InstantSource CLOCK = () -> Instant.ofEpochMilli(1_800_000_000_000L);

    /** Two nodes of a store that is broken in one way, and two of one that is as it should be. */
    enum Broken {
        TWO_THAT_WRITE_BACK_WHAT_THEY_READ(
                () -> {
                    CopyingStore store = new CopyingStore(false);
                    return List.of(store, store);
                },
                () -> {
                    CopyingStore store = new CopyingStore(true);
                    return List.of(store, store);
                }),
        TWO_LEDGERS_FOR_ONE(() -> List.of(new MemoryStore(CLOCK), new MemoryStore(CLOCK)), Broken::shared),
        A_REPLICA_THAT_IS_BEHIND(
                () -> {
                    LedgerStore store = new MemoryStore(CLOCK);
                    return List.of(store, new Replica(store));
                },
                Broken::shared);

        private final Supplier<List<LedgerStore>> broken;
        private final Supplier<List<LedgerStore>> whole;

        Broken(Supplier<List<LedgerStore>> broken, Supplier<List<LedgerStore>> whole) {
            this.broken = broken;
            this.whole = whole;
        }

        private static List<LedgerStore> shared() {
            LedgerStore store = new MemoryStore(CLOCK);
            return List.of(store, store);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("explains no history of a store that is broken in one way, and all of the same where it is not")
    void catchIt(Broken broken) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(HistoriesTest.CLIENTS);
        try {
            assertThat(caught(threads, broken.broken.get())).as("broken").isTrue();
            assertThat(caught(threads, broken.whole.get()))
                    .as("as it should be")
                    .isFalse();
        } finally {
            threads.shutdownNow();
        }
        Survival.of("stores broken on purpose", "the check of histories", BrokenHistoriesTest.class)
                .tried(1)
                .outcome("caught", 1)
                .keep();
    }

    private static boolean caught(ExecutorService threads, List<LedgerStore> stores) throws Exception {
        for (int seed = 0; seed < HISTORIES; seed++) {
            String prefix = "r" + seed + "-";
            for (LedgerStore store : stores) {
                store.apply(Ask.definitions(prefix));
            }
            if (!Checker.accepts(HistoriesTest.record(threads, stores, seed))) {
                return true;
            }
        }
        return false;
    }

    /** Reads the whole ledger, decides, and writes it back: over what others wrote meanwhile, or only where nobody did. */
    private static final class CopyingStore extends OnlyApplies {
        private final AtomicReference<List<StateItem>> ledger = new AtomicReference<>(List.of());
        private final boolean heedsOthers;

        CopyingStore(boolean heedsOthers) {
            this.heedsOthers = heedsOthers;
        }

        @Override
        public Outcome apply(Operation operation) {
            while (true) {
                List<StateItem> read = ledger.get();
                LedgerState state = new LedgerState();
                read.forEach(state::load);
                Outcome outcome = new LedgerEngine(state, change -> {}).apply(operation, CLOCK.millis());
                List<StateItem> written = new ArrayList<>();
                state.items(written::add);
                if (!heedsOthers) {
                    ledger.set(written);
                    return outcome;
                }
                if (ledger.compareAndSet(read, written)) {
                    return outcome;
                }
            }
        }
    }

    /** Writes to the one ledger there is, and tells what a scope was like when it was asked about before. */
    private static final class Replica extends OnlyApplies {
        private final LedgerStore store;
        private final Map<Operation, Outcome> behind = new HashMap<>();

        Replica(LedgerStore store) {
            this.store = store;
        }

        @Override
        public synchronized Outcome apply(Operation operation) {
            Outcome now = store.apply(operation);
            Outcome before = operation instanceof Operation.Inspect ? behind.put(operation, now) : null;
            return before == null ? now : before;
        }
    }

    private abstract static class OnlyApplies implements LedgerStore {
        @Override
        public List<Outcome> apply(List<Operation> batch) {
            return batch.stream().map(this::apply).toList();
        }

        @Override
        public StoreTraits traits() {
            return new StoreTraits("broken", Durability.NONE, false, false, false);
        }

        @Override
        public void entries(Instant from, Instant to, Consumer<Entry> reader) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void definitions(Consumer<ScopeDefinition> reader) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Survey survey(Consumer<LimitState> reader) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Verification verify() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            // goes with the test
        }
    }
}
