package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Durability;
import io.holdfast.spi.ForwardingLedgerStore;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreTraits;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An observer of the ledger")
class ObserverTest {
    private static final Call CALL = Call.of("session", "gpt-4o").input(812).maxOutput(1024);
    private static final Usage USAGE = Usage.of(812, 143);

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    /** Writes down what it sees and tells the mark of each operation from the others. */
    private final LedgerObserver writer = new LedgerObserver() {
        private int marks;

        @Override
        public void opened(LedgerStore store, IntSupplier spooled) {
            seen.add("opened " + store.traits().name());
        }

        @Override
        public void closed(LedgerStore store) {
            seen.add("closed " + store.traits().name());
        }

        @Override
        public synchronized @Nullable Object asked(Operation operation) {
            if (operation instanceof Operation.Sweep) {
                return null;
            }
            seen.add("asked " + operation.getClass().getSimpleName());
            return ++marks;
        }

        @Override
        public void answered(Operation operation, Outcome outcome, @Nullable Object mark) {
            if (!(operation instanceof Operation.Sweep)) {
                seen.add(operation.getClass().getSimpleName() + " answered "
                        + outcome.getClass().getSimpleName() + " " + mark);
            }
        }

        @Override
        public void failed(Operation operation, Throwable failure, @Nullable Object mark) {
            if (!(operation instanceof Operation.Sweep)) {
                seen.add(operation.getClass().getSimpleName() + " failed "
                        + failure.getClass().getSimpleName() + " " + mark);
            }
        }

        @Override
        public void refused(String scope, List<LimitState> limits) {
            seen.add("refused " + scope + " by " + limits.size());
        }

        @Override
        public void gathered(int operations) {
            seen.add("gathered " + operations);
        }
    };

    private static final LedgerObserver THROWING = new LedgerObserver() {
        @Override
        public void opened(LedgerStore store, IntSupplier spooled) {
            throw new IllegalStateException("opened");
        }

        @Override
        public void closed(LedgerStore store) {
            throw new IllegalStateException("closed");
        }

        @Override
        public Object asked(Operation operation) {
            throw new AssertionError("asked");
        }

        @Override
        public void answered(Operation operation, Outcome outcome, @Nullable Object mark) {
            throw new StackOverflowError("answered");
        }

        @Override
        public void failed(Operation operation, Throwable failure, @Nullable Object mark) {
            throw new OutOfMemoryError("failed");
        }

        @Override
        public void refused(String scope, List<LimitState> limits) {
            throw new IllegalStateException("refused");
        }

        @Override
        public void gathered(int operations) {
            throw new IllegalStateException("gathered");
        }
    };

    @Test
    @DisplayName("sees every operation, its answer and its own mark, from opening to closing")
    void seesEverything() {
        try (BudgetManager budgets = BudgetManager.builder().observer(writer).build()) {
            budgets.register(BudgetScope.named("alice").maxCostPerDay("0.02").build());
            Reservation hold = budgets.budget("alice").reserve(CALL);
            assertThat(budgets.budget("alice").tryReserve(CALL).allowed()).isFalse();
            hold.commit(USAGE);
            assertThatThrownBy(hold::release).isInstanceOf(HoldException.class);
        }
        assertThat(seen)
                .containsExactly(
                        "opened memory",
                        "asked Define",
                        "Define answered Done 1",
                        "asked Reserve",
                        "Reserve answered Held 2",
                        "asked Reserve",
                        "Reserve answered Denied 3",
                        "refused alice by 1",
                        "asked Commit",
                        "Commit answered Settled 4",
                        "asked Release",
                        "Release answered Rejected 5",
                        "closed memory");
    }

    @Test
    @DisplayName("is told what a hold was for, when it settles")
    void modelOfSettlement() {
        List<Outcome.Settled> settled = new ArrayList<>();
        LedgerObserver observer = new LedgerObserver() {
            @Override
            public void answered(Operation operation, Outcome outcome, @Nullable Object mark) {
                if (outcome instanceof Outcome.Settled done) {
                    settled.add(done);
                }
            }
        };
        try (BudgetManager budgets = BudgetManager.builder().observer(observer).build()) {
            budgets.register(BudgetScope.named("alice").build());
            budgets.budget("alice").reserve(CALL).commit(USAGE);
        }
        assertThat(settled).singleElement().satisfies(done -> {
            assertThat(done.model()).isEqualTo("openai:gpt-4o");
            assertThat(done.settledAt()).isGreaterThanOrEqualTo(done.admittedAt());
        });
    }

    @Test
    @DisplayName("sees the batches of a store that gathers, and its failures")
    void gathering() {
        Failing store = new Failing();
        try (BudgetManager budgets =
                BudgetManager.builder().store(store).observer(writer).build()) {
            budgets.register(BudgetScope.named("alice").build());
            store.fails = true;
            assertThatThrownBy(() -> budgets.budget("alice").reserve(CALL)).isInstanceOf(StoreException.class);
        }
        assertThat(seen)
                .containsSubsequence(
                        "opened failing",
                        "asked Define",
                        "gathered 1",
                        "Define answered Done 1",
                        "asked Reserve",
                        "Reserve failed StoreException 2",
                        "closed failing");
    }

    @Test
    @DisplayName("sees what callers ask who do not wait, and what became of it")
    void asynchronously() {
        Failing store = new Failing();
        try (BudgetManager budgets =
                BudgetManager.builder().store(store).observer(writer).build()) {
            budgets.register(BudgetScope.named("alice").maxCostPerDay("0.02").build());
            AsyncBudget alice = budgets.budget("alice").async();
            assertThat(alice.tryReserve(CALL).join().allowed()).isTrue();
            assertThat(alice.tryReserve(CALL).join().allowed()).isFalse();
            store.fails = true;
            assertThatThrownBy(() -> alice.reserve(CALL).join()).hasCauseInstanceOf(StoreException.class);
        }
        assertThat(seen)
                .contains(
                        "Reserve answered Held 2",
                        "Reserve answered Denied 3",
                        "refused alice by 1",
                        "Reserve failed StoreException 4");
    }

    @Test
    @DisplayName("that throws whatever it can, and whenever, changes no outcome and keeps no other from seeing it")
    void throwing() {
        Failing store = new Failing();
        try (BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .observer(THROWING)
                .observer(writer)
                .observer(THROWING)
                .build()) {
            budgets.register(BudgetScope.named("alice").maxCostPerDay("0.02").build());
            Budget alice = budgets.budget("alice");
            Reservation hold = alice.reserve(CALL);
            assertThat(alice.tryReserve(CALL).allowed()).isFalse();
            assertThat(hold.commit(USAGE).cost()).isEqualTo(Usd.of("0.00346"));
            store.fails = true;
            assertThatThrownBy(() -> alice.reserve(CALL))
                    .isInstanceOf(StoreException.class)
                    .hasMessage("the disk is full");
            store.fails = false;
            assertThat(alice.summary().limits().get(0).committed())
                    .isEqualTo(Usd.of("0.00346").nanos());
            assertThat(alice.summary().openHolds()).isZero();
        }
        assertThat(seen)
                .contains(
                        "opened failing",
                        "Reserve answered Held 2",
                        "Commit answered Settled 4",
                        "Reserve failed StoreException 5",
                        "closed failing");
    }

    @Test
    @DisplayName("may survey the ledger it was given")
    void surveys() {
        List<LedgerStore> stores = new ArrayList<>();
        LedgerObserver observer = new LedgerObserver() {
            @Override
            public void opened(LedgerStore store, IntSupplier spooled) {
                stores.add(store);
            }
        };
        try (BudgetManager budgets = BudgetManager.builder().observer(observer).build()) {
            budgets.register(BudgetScope.named("alice").maxCostPerDay("1.00").build());
            List<LimitState> states = new ArrayList<>();
            assertThat(stores.get(0).survey(states::add).openHolds()).isZero();
            assertThat(states).extracting(LimitState::scope).containsExactly("alice");
        }
    }

    /** A ledger in memory that says it gathers, and that can be made to fail. */
    private static final class Failing extends ForwardingLedgerStore {
        volatile boolean fails;

        Failing() {
            super(LedgerStores.open("memory:"));
        }

        @Override
        public StoreTraits traits() {
            return new StoreTraits("failing", Durability.NONE, false, false, true);
        }

        @Override
        public List<Outcome> apply(List<Operation> batch) {
            if (fails) {
                throw new StoreException("the disk is full", null);
            }
            return super.apply(batch);
        }
    }
}
