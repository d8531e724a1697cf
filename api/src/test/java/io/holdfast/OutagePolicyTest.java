package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.holdfast.error.InvalidInputException;
import io.holdfast.event.BudgetEvent;
import io.holdfast.internal.outage.FlakyStore;
import io.holdfast.internal.outage.FlakyStore.Link;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A ledger out of reach: nothing acknowledged is lost or booked twice, and nothing goes ahead that was not allowed to. */
@DisplayName("While the ledger cannot be reached")
@Timeout(60)
class OutagePolicyTest {
    private static final PriceBook PRICES = PriceBook.builtIn()
            .register(ModelPrice.of("acme", "lean").input("1").output("2").build());

    private final ManualClock clock = new ManualClock();
    private final FlakyStore store = new FlakyStore(LedgerStores.open("memory:", clock));
    private final ConcurrentLinkedQueue<BudgetEvent> events = new ConcurrentLinkedQueue<>();
    private final List<BudgetManager> opened = new ArrayList<>();

    @TempDir
    private Path directory;

    private Path spool;

    @BeforeEach
    void place() {
        spool = directory.resolve("spool");
    }

    @AfterEach
    void close() {
        store.link(Link.UP);
        opened.forEach(BudgetManager::close);
        store.close();
    }

    private BudgetManager manager(OutagePolicy policy) {
        BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .clock(clock)
                .prices(PRICES)
                .sweepEvery(Duration.ofHours(1))
                .outages(policy.probeEvery(Duration.ofMillis(1)))
                .listener(events::add)
                .build();
        opened.add(budgets);
        return budgets;
    }

    private BudgetManager closed() {
        return manager(OutagePolicy.failClosed(spool));
    }

    private BudgetManager open(String allowance) {
        return manager(OutagePolicy.failOpen(spool, Usd.of(allowance), Duration.ofMinutes(5)));
    }

    /** A budget whose scope the ledger has admitted a call of. */
    private static Budget alice(BudgetManager budgets, String dollars) {
        budgets.register(BudgetScope.named("alice")
                .limit(Limit.cost(Usd.of(dollars), Window.lifetime()))
                .build());
        Budget alice = budgets.budget("alice");
        alice.reserve(dollars(0)).release();
        return alice;
    }

    /** A call that comes to so many dollars exactly. */
    private static Call dollars(long dollars) {
        return Call.to("lean").exactly(Usage.of(dollars * 1_000_000, 0));
    }

    private static Usage usage(long dollars) {
        return Usage.of(dollars * 1_000_000, 0);
    }

    private List<String> booked() {
        List<String> costs = new ArrayList<>();
        store.entries(Instant.EPOCH, Instant.MAX, entry -> costs.add(cost(entry)));
        return costs;
    }

    private static String cost(Entry entry) {
        return Usd.ofNanos(entry.amounts().cost()).toString();
    }

    private long committedDollars(Budget budget) {
        return budget.summary().limits().get(0).committed() / 1_000_000_000;
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void back(BudgetManager budgets) {
        store.link(Link.UP);
        await(() -> budgets.outage().equals(new OutageStatus(true, 0, Usd.ZERO)));
        assertThat(store.verify().differences()).isEmpty();
    }

    @Nested
    @DisplayName("settlements are acknowledged from the spool")
    class Settlements {
        @ParameterizedTest(name = "link {0}")
        @EnumSource(
                value = Link.class,
                names = {"DOWN", "ANSWER_LOST", "ANSWER_TOO_LATE", "SWALLOWED", "BROKEN"})
        @DisplayName("a commit is booked once when the ledger is back")
        void commit(Link link) {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            Reservation hold = alice.reserve(dollars(5));
            store.link(link);
            assertThat(hold.commit(usage(4)).cost()).isEqualTo(Usd.of("4"));
            back(budgets);
            assertThat(booked()).containsExactly("4.00");
            assertThat(alice.summary().openHolds()).isZero();
        }

        @ParameterizedTest(name = "link {0}")
        @EnumSource(
                value = Link.class,
                names = {"DOWN", "ANSWER_LOST", "ANSWER_TOO_LATE", "SWALLOWED", "BROKEN"})
        @DisplayName("a record is booked once when the ledger is back")
        void record(Link link) {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            store.link(link);
            assertThat(alice.record(Call.to("lean"), usage(3)).allowed()).isTrue();
            back(budgets);
            assertThat(booked()).containsExactly("3.00");
        }

        @Test
        @DisplayName("a release gives back, also what was charged meanwhile because it ran out")
        void release() {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            Reservation early = alice.reserve(dollars(5).ttl(Duration.ofMinutes(1)));
            Reservation late = alice.reserve(dollars(5).ttl(Duration.ofHours(1)));
            store.link(Link.DOWN);
            early.release();
            late.release();
            clock.advance(Duration.ofMinutes(10));
            back(budgets);
            assertThat(committedDollars(alice)).isZero();
            assertThat(alice.summary().openHolds()).isZero();
        }

        @Test
        @DisplayName("a commit that arrives after its hold ran out replaces the estimate")
        void late() {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            Reservation hold = alice.reserve(dollars(5).ttl(Duration.ofMinutes(1)));
            store.link(Link.DOWN);
            hold.commit(usage(2));
            clock.advance(Duration.ofMinutes(10));
            back(budgets);
            assertThat(committedDollars(alice)).isEqualTo(2);
        }

        @Test
        @DisplayName("the next manager of the spool carries out what the last one could not")
        void restart() {
            BudgetManager first = closed();
            Budget alice = alice(first, "10");
            Reservation hold = alice.reserve(dollars(5));
            store.link(Link.DOWN);
            hold.commit(usage(4));
            first.close();
            BudgetManager second = closed();
            back(second);
            assertThat(booked()).containsExactly("4.00");
        }

        @ParameterizedTest(name = "the same process: {0}")
        @ValueSource(booleans = {true, false})
        @DisplayName(
                "what the ledger did and has forgotten, because the outage was long, is neither done again nor told")
        void forgotten(boolean same) {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            Reservation hold = alice.reserve(dollars(5));
            store.link(Link.ANSWER_LOST);
            hold.commit(usage(4));
            alice.record(Call.to("lean"), usage(3));
            store.link(Link.DOWN);
            await(() -> !budgets.outage().available());
            clock.advance(Duration.ofHours(3));
            if (!same) {
                budgets.close();
            }
            back(same ? budgets : closed());
            assertThat(booked()).containsExactly("4.00", "3.00");
            assertThat(events).noneMatch(BudgetEvent.SettlementRefused.class::isInstance);
        }

        @Test
        @DisplayName("what the ledger refuses for good is told")
        void refused() {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            Reservation hold = alice.reserve(dollars(5).id("call-1"));
            Reservation same = alice.reserve(dollars(5).id("call-1"));
            hold.commit(usage(4));
            store.link(Link.DOWN);
            same.commit(usage(1));
            back(budgets);
            await(() -> events.stream()
                    .anyMatch(event -> event instanceof BudgetEvent.SettlementRefused refused
                            && refused.operationId().equals("call-1")));
            assertThat(booked()).containsExactly("4.00");
        }

        @Test
        @DisplayName("what the ledger came upon when it was back is told, though nobody asked for it")
        void toldAfterwards() {
            BudgetManager budgets = closed();
            budgets.register(BudgetScope.named("bob")
                    .limit(Limit.cost(Usd.of("10"), Window.lifetime()).alertAt(0.5))
                    .build());
            Budget bob = budgets.budget("bob");
            Reservation charged = bob.reserve(dollars(5).ttl(Duration.ofMinutes(1)));
            store.link(Link.DOWN);
            assertThatThrownBy(() -> bob.reserve(dollars(1))).isInstanceOf(StoreUnavailableException.class);
            clock.advance(Duration.ofMinutes(10));
            back(budgets);
            await(() -> events.size() == 2);
            assertThat(events)
                    .hasAtLeastOneElementOfType(BudgetEvent.AlertReached.class)
                    .anySatisfy(event -> assertThat(event)
                            .isInstanceOfSatisfying(
                                    BudgetEvent.HoldExpired.class,
                                    expired -> assertThat(expired.operationId()).isEqualTo(charged.id())));
        }

        @Test
        @DisplayName("what the ledger fails at holds up nothing else")
        void poison() {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            Reservation bad = alice.reserve(dollars(1).id("poison"));
            List<Reservation> good = List.of(alice.reserve(dollars(2)), alice.reserve(dollars(3)));
            store.link(Link.DOWN);
            bad.commit(usage(1));
            good.forEach(hold -> hold.commit(usage(2)));
            store.poison("poison");
            store.link(Link.UP);
            await(() -> budgets.outage().spooled() == 1);
            assertThat(booked()).containsExactly("2.00", "2.00");
            store.poison(null);
            back(budgets);
            assertThat(booked()).containsExactly("2.00", "2.00", "1.00");
        }

        @Test
        @DisplayName("a full spool acknowledges nothing more")
        void full() {
            BudgetManager budgets = manager(OutagePolicy.failClosed(spool).spoolAtMost(2));
            Budget alice = alice(budgets, "10");
            List<Reservation> holds =
                    List.of(alice.reserve(dollars(1)), alice.reserve(dollars(1)), alice.reserve(dollars(1)));
            store.link(Link.DOWN);
            holds.get(0).commit(usage(1));
            holds.get(1).commit(usage(1));
            assertThatThrownBy(() -> holds.get(2).commit(usage(1)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("full: 2 records");
            back(budgets);
            holds.get(2).commit(usage(1));
            assertThat(booked()).containsExactly("1.00", "1.00", "1.00");
        }
    }

    @Nested
    @DisplayName("closed, new calls are refused")
    class Closed {
        @ParameterizedTest(name = "link {0}")
        @EnumSource(
                value = Link.class,
                names = {"DOWN", "ANSWER_LOST", "ANSWER_TOO_LATE", "SWALLOWED"})
        @DisplayName("with a typed exception, and nothing stays held")
        void refused(Link link) {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            store.link(link);
            assertThatThrownBy(() -> alice.reserve(dollars(5))).isInstanceOf(StoreUnavailableException.class);
            back(budgets);
            assertThat(alice.summary().openHolds()).isZero();
            assertThat(alice.tryReserve(dollars(10)).allowed()).isTrue();
        }

        @Test
        @DisplayName("at once while the outage lasts, without waiting for the ledger again")
        void atOnce() {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            store.link(Link.SWALLOWED);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> alice.reserve(dollars(5))).isInstanceOf(StoreUnavailableException.class);
            }
            assertThat(budgets.outage().available()).isFalse();
            back(budgets);
        }

        @Test
        @DisplayName("save that a lost answer to a given id is for its owner to ask about again")
        void given() {
            BudgetManager budgets = closed();
            Budget alice = alice(budgets, "10");
            store.link(Link.ANSWER_LOST);
            assertThatThrownBy(() -> alice.reserve(dollars(5).id("mine")))
                    .isInstanceOf(AmbiguousOutcomeException.class);
            store.link(Link.UP);
            alice.reserve(dollars(5).id("mine")).commit(usage(5));
            assertThat(booked()).containsExactly("5.00");
        }
    }

    @Test
    @DisplayName("without a policy nothing goes ahead and nothing is acknowledged")
    void closedByDefault() {
        try (BudgetManager budgets = BudgetManager.builder()
                .store(store)
                .clock(clock)
                .prices(PRICES)
                .sweepEvery(Duration.ofHours(1))
                .build()) {
            Budget alice = alice(budgets, "10");
            Reservation hold = alice.reserve(dollars(5));
            store.link(Link.DOWN);
            assertThatThrownBy(() -> alice.reserve(dollars(1))).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> alice.record(Call.to("lean"), usage(1)))
                    .isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> hold.commit(usage(4))).isInstanceOf(StoreUnavailableException.class);
            store.link(Link.UP);
            hold.commit(usage(4));
            assertThat(booked()).containsExactly("4.00");
        }
    }

    @Nested
    @DisplayName("open, calls go ahead within the allowance")
    class Open {
        @ParameterizedTest(name = "link {0}")
        @EnumSource(
                value = Link.class,
                names = {"DOWN", "ANSWER_TOO_LATE", "SWALLOWED"})
        @DisplayName("and are booked once afterwards, also past the limit")
        void goesAhead(Link link) {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(link);
            for (int i = 0; i < 4; i++) {
                alice.reserve(dollars(5)).commit(usage(4));
            }
            assertThat(budgets.outage().unchecked()).isEqualTo(Usd.of("16"));
            assertThatThrownBy(() -> alice.reserve(dollars(5)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("allowance of 20.00 USD 16.00 USD are taken, asked 5.00 USD");
            back(budgets);
            assertThat(booked()).containsExactly("4.00", "4.00", "4.00", "4.00");
            budgets.close();
            assertThat(events.stream().filter(BudgetEvent.AdmittedUnchecked.class::isInstance))
                    .hasSize(4);
        }

        @Test
        @DisplayName("a call that is still under way becomes one like any other where the ledger has room")
        void adopted() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(Link.DOWN);
            Reservation hold = alice.reserve(dollars(5));
            back(budgets);
            assertThat(alice.summary().openHolds()).isOne();
            hold.commit(usage(4));
            assertThat(booked()).containsExactly("4.00");
        }

        @Test
        @DisplayName("a call that is still under way is booked when it settles where the ledger has no room")
        void denied() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            Reservation before = alice.reserve(dollars(8));
            store.link(Link.DOWN);
            Reservation hold = alice.reserve(dollars(5));
            store.link(Link.UP);
            await(() -> budgets.outage().available());
            before.commit(usage(8));
            hold.commit(usage(4));
            back(budgets);
            assertThat(booked()).containsExactlyInAnyOrder("8.00", "4.00");
        }

        @Test
        @DisplayName("what is given back is not booked")
        void released() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(Link.DOWN);
            Reservation hold = alice.reserve(dollars(5));
            hold.release();
            assertThat(budgets.outage().unchecked()).isEqualTo(Usd.ZERO);
            back(budgets);
            assertThat(booked()).isEmpty();
            assertThat(alice.summary().openHolds()).isZero();
        }

        @Test
        @DisplayName("the same id again is the same call, and another call under it is refused")
        void sameId() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(Link.DOWN);
            Reservation one = alice.reserve(dollars(5).id("mine"));
            alice.reserve(dollars(5).id("mine"));
            assertThat(budgets.outage().unchecked()).isEqualTo(Usd.of("5"));
            assertThatThrownBy(() -> alice.reserve(dollars(6).id("mine"))).isInstanceOf(OperationIdException.class);
            one.commit(usage(5));
            one.commit(usage(5));
            assertThatThrownBy(() -> one.commit(usage(6))).isInstanceOf(HoldException.class);
            back(budgets);
            assertThat(booked()).containsExactly("5.00");
        }

        @Test
        @DisplayName("an id asked for by many at the same time lets one call go ahead")
        void sameIdAtOnce() throws InterruptedException {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(Link.DOWN);
            for (int round = 0; round < 20; round++) {
                Call call = dollars(5).id("round-" + round);
                List<Thread> threads = new ArrayList<>();
                ConcurrentLinkedQueue<Reservation> holds = new ConcurrentLinkedQueue<>();
                for (int i = 0; i < 4; i++) {
                    threads.add(new Thread(() -> holds.add(alice.reserve(call))));
                }
                threads.forEach(Thread::start);
                for (Thread thread : threads) {
                    thread.join();
                }
                assertThat(holds).hasSize(4);
                assertThat(budgets.outage().unchecked()).isEqualTo(Usd.of("5"));
                holds.forEach(Reservation::release);
                assertThat(budgets.outage().unchecked()).isEqualTo(Usd.ZERO);
            }
            back(budgets);
            assertThat(booked()).isEmpty();
        }

        @Test
        @DisplayName("a call that the ledger had no room for is the same call for one who does not wait")
        void sameIdAsync() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            Reservation before = alice.reserve(dollars(8));
            store.link(Link.DOWN);
            Reservation hold = alice.reserve(dollars(5).id("mine"));
            store.link(Link.UP);
            await(() -> budgets.outage().available());
            assertThat(alice.async().reserve(dollars(5).id("mine")).join().id()).isEqualTo("mine");
            hold.commit(usage(4));
            before.release();
            back(budgets);
            assertThat(booked()).containsExactly("4.00");
            assertThat(alice.summary().openHolds()).isZero();
        }

        @ParameterizedTest(name = "settled in the outage: {0}")
        @ValueSource(booleans = {true, false})
        @DisplayName("a call that the ledger knew before is booked once, under its own id")
        void knownBefore(boolean settled) {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            alice.reserve(dollars(5).id("done")).commit(usage(4));
            alice.reserve(dollars(5).id("open"));
            store.link(Link.DOWN);
            Reservation done = alice.reserve(dollars(5).id("done"));
            Reservation open = alice.reserve(dollars(5).id("open"));
            if (settled) {
                done.commit(usage(4));
                open.commit(usage(3));
            }
            back(budgets);
            if (!settled) {
                done.commit(usage(4));
                open.commit(usage(3));
            }
            assertThat(booked()).containsExactlyInAnyOrder("4.00", "3.00");
            assertThat(alice.summary().openHolds()).isZero();
        }

        @Test
        @DisplayName("a call whose answer was lost goes ahead once, and leaves no hold behind")
        void lostAtFirst() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(Link.ANSWER_TOO_LATE);
            Reservation hold = alice.reserve(dollars(5));
            Reservation released = alice.reserve(dollars(1));
            hold.commit(usage(4));
            released.release();
            back(budgets);
            assertThat(booked()).containsExactly("4.00");
            assertThat(alice.summary().openHolds()).isZero();
            assertThat(alice.tryReserve(dollars(6)).allowed()).isTrue();
        }

        @Test
        @DisplayName(
                "a call that is booked in full is booked once, though the answer to that is lost and there is room by then")
        void roomLater() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            Reservation before = alice.reserve(dollars(8));
            store.link(Link.DOWN);
            alice.reserve(dollars(5).id("mine")).commit(usage(4));
            store.poison("mine");
            store.link(Link.UP);
            await(() -> store.poisoned() > 0);
            before.release();
            store.poison(null);
            back(budgets);
            assertThat(booked()).containsExactly("4.00");
            assertThat(alice.summary().openHolds()).isZero();
        }

        @Test
        @DisplayName("but not where the spool is full, and then take nothing of the allowance")
        void fullSpool() {
            BudgetManager budgets = manager(OutagePolicy.failOpen(spool, Usd.of("20"), Duration.ofMinutes(5))
                    .spoolAtMost(1));
            Budget alice = alice(budgets, "10");
            store.link(Link.DOWN);
            Reservation first = alice.reserve(dollars(5));
            assertThatThrownBy(() -> alice.reserve(dollars(5)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("full: 1 records");
            assertThat(budgets.outage().unchecked()).isEqualTo(Usd.of("5"));
            assertThatThrownBy(() -> first.commit(usage(4))).hasMessageContaining("full: 1 records");
            store.link(Link.UP);
            await(() -> budgets.outage().spooled() == 0);
            first.commit(usage(4));
            back(budgets);
            assertThat(booked()).containsExactly("4.00");
        }

        @Test
        @DisplayName("the same id after the outage is still the same call")
        void sameIdAfterwards() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(Link.DOWN);
            alice.reserve(dollars(5).id("mine")).commit(usage(4));
            back(budgets);
            alice.reserve(dollars(5).id("mine")).commit(usage(4));
            assertThat(booked()).containsExactly("4.00");
        }

        @Test
        @DisplayName("calls of a process that was lost are booked at their estimate, or given back if so chosen")
        void orphans() {
            BudgetManager first = open("20");
            Budget alice = alice(first, "10");
            Reservation before = alice.reserve(dollars(10));
            store.link(Link.DOWN);
            alice.reserve(dollars(5));
            alice.reserve(dollars(6).releaseOnExpiry());
            first.close();
            BudgetManager second = open("20");
            assertThat(second.outage().unchecked()).isEqualTo(Usd.of("11"));
            back(second);
            assertThat(booked()).containsExactly("5.00");
            second.close();
            assertThat(before.id()).isNotEmpty();
        }

        @Test
        @DisplayName("only for scopes that the ledger knows, and for costs that are known")
        void onlyKnown() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            budgets.register(BudgetScope.named("bob").maxTokensPerDay(1_000_000).build());
            budgets.budget("bob")
                    .reserve(Call.to("nobody-knows").input(1).maxOutput(1))
                    .release();
            store.link(Link.DOWN);
            assertThatThrownBy(() -> budgets.budget("eve").reserve(dollars(1)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("scope 'eve' was never admitted");
            assertThatThrownBy(() -> budgets.budget("bob")
                            .reserve(Call.to("nobody-knows").input(1).maxOutput(1)))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("is not known");
            assertThatThrownBy(() -> alice.check(dollars(1))).isInstanceOf(StoreUnavailableException.class);
            back(budgets);
        }

        @Test
        @DisplayName("never because the ledger is there and failed")
        void notByAccident() {
            BudgetManager budgets = open("20");
            Budget alice = alice(budgets, "10");
            store.link(Link.BROKEN);
            assertThatThrownBy(() -> alice.reserve(dollars(5)))
                    .isInstanceOf(StoreException.class)
                    .isNotInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("disk full");
            assertThat(budgets.outage().unchecked()).isEqualTo(Usd.ZERO);
        }
    }

    @Nested
    @DisplayName("bad input is refused")
    class BadInput {
        @Test
        @DisplayName("allowances, times and sizes out of range")
        void ranges() {
            assertThatThrownBy(() -> OutagePolicy.failOpen(spool, Usd.ZERO, Duration.ofMinutes(1)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("more than zero");
            for (Duration time : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(2))) {
                assertThatThrownBy(() -> OutagePolicy.failOpen(spool, Usd.of("1"), time))
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageContaining(time.toString());
            }
            assertThatThrownBy(() -> OutagePolicy.failClosed(spool).probeEvery(Duration.ZERO))
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> OutagePolicy.failClosed(spool).spoolAtMost(0))
                    .isInstanceOf(InvalidInputException.class);
        }

        @Test
        @DisplayName("a spool that another manager uses")
        void inUse() {
            closed();
            assertTimeoutPreemptively(
                    Duration.ofSeconds(30),
                    () -> assertThatThrownBy(OutagePolicyTest.this::closed)
                            .isInstanceOf(InvalidInputException.class)
                            .hasMessageContaining("another manager"));
        }
    }
}
