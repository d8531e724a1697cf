package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract of a {@link LedgerStore}. To run it, extend it and say where a fresh ledger lives:
 *
 * <pre>{@code
 * class MyStoreTest extends LedgerStoreContract {
 *     @Override
 *     protected LedgerLocation newLocation() {
 *         String name = "ledger-" + UUID.randomUUID();
 *         return clock -> new MyStore(name, clock);
 *     }
 * }
 * }</pre>
 *
 * <p>What a store declares in its {@link io.holdfast.spi.StoreTraits} decides which tests apply: those of persistence
 * need a durable store, those of several stores on one ledger a shared one, and those that turn the clock one that
 * follows the clock it is given. To run several configurations of a store, annotate the class with {@code
 * ParameterizedClass} and take the configuration in its constructor. With {@code -Dholdfast.full=true} the races are
 * longer.
 *
 * <p>After each test the ledger is audited: its journal replayed, its entries summed up and compared with its counters.
 */
@DisplayName("A ledger store")
public abstract class LedgerStoreContract extends PolicyContract {
    /** Makes the contract. */
    protected LedgerStoreContract() {}

    private static Limit lifetime(long tokens) {
        return Limit.tokens(tokens, Window.lifetime());
    }

    /** A limit that refuses nothing, which {@link #state(String)} therefore leaves out. */
    private static Limit watched(long tokens, double... alerts) {
        return lifetime(tokens).alertOnly().alertAt(alerts);
    }

    private static Amounts cost(long nanos) {
        return new Amounts(nanos, 0, 0, 1);
    }

    /** Defines five scopes in a line, each with a lifetime limit, and returns their names from the top. */
    private List<String> path(long... tokens) {
        List<String> names = new ArrayList<>();
        for (long each : tokens) {
            String parent = names.isEmpty() ? null : names.get(names.size() - 1);
            String name = "level-" + (names.size() + 1);
            define(name, parent, lifetime(each));
            names.add(name);
        }
        return names;
    }

    @Nested
    @DisplayName("admits")
    class Admission {
        @Test
        @DisplayName("while committed, held and requested amounts are within the limit, to the last unit")
        void toTheLastUnit() {
            define("s", null, lifetime(100));
            commit("s", held("s", 60), 60);
            String hold = held("s", 30);
            assertThat(denied("s", 11).blocking()).singleElement().satisfies(state -> {
                assertThat(state.scope()).isEqualTo("s");
                assertThat(state.committed()).isEqualTo(60);
                assertThat(state.held()).isEqualTo(30);
                assertThat(state.asked()).isEqualTo(11);
                assertThat(state.remaining()).isEqualTo(10);
                assertThat(state.freesAt()).isEmpty();
            });
            String last = held("s", 10);
            denied("s", 1);
            assertCounted("s", 60, 40);
            release("s", hold);
            release("s", last);
        }

        @Test
        @DisplayName("what fits after a refusal: a refused request leaves nothing behind")
        void refusalLeavesNothing() {
            define("s", null, lifetime(100));
            denied("s", 101);
            assertCounted("s", 0, 0);
            assertThat(inspect("s").openHolds()).isZero();
            release("s", held("s", 100));
        }

        @Test
        @DisplayName("nothing but zero where the limit is zero")
        void zeroDenies() {
            define("s", null, lifetime(0));
            denied("s", 1);
            commit("s", held("s", 0), 0);
        }

        @Test
        @DisplayName("everything where there is no limit")
        void noLimit() {
            define("s", null);
            commit("s", held("s", 1_000_000_000_000L), 1_000_000_000_000L);
        }

        @Test
        @DisplayName("by the limits of every ancestor, and counts in each")
        void everyAncestor() {
            List<String> path = path(500, 400, 300, 200, 100);
            commit("level-5", held("level-5", 40), 30);
            String hold = held("level-5", 50);
            path.forEach(scope -> assertCounted(scope, 30, 50));
            commit("level-5", hold, 50);
            path.forEach(scope -> assertCounted(scope, 80, 0));
        }

        @ParameterizedTest(name = "level {0}")
        @ValueSource(ints = {1, 2, 3, 4, 5})
        @DisplayName("at every level of a path of five or at none")
        void allOrNothing(int narrow) {
            List<String> path = path(IntStream.rangeClosed(1, 5)
                    .mapToLong(level -> level == narrow ? 10 : 1_000)
                    .toArray());
            assertThat(denied("level-5", 11).blocking())
                    .extracting(LimitState::scope)
                    .containsExactly("level-" + narrow);
            path.forEach(scope -> assertCounted(scope, 0, 0));
            String hold = held("level-5", 10);
            path.forEach(scope -> assertCounted(scope, 0, 10));
            release("level-5", hold);
            path.forEach(scope -> assertCounted(scope, 0, 0));
        }

        @Test
        @DisplayName("siblings only while what they use together is within their parent's limit")
        void siblings() {
            define("team", null, lifetime(100));
            define("a", "team", lifetime(80));
            define("b", "team", lifetime(80));
            String hold = held("a", 70);
            assertThat(denied("b", 31).blocking()).extracting(LimitState::scope).containsExactly("team");
            commit("b", held("b", 30), 30);
            commit("a", hold, 60);
            assertCounted("team", 90, 0);
            assertCounted("a", 60, 0);
            assertCounted("b", 30, 0);
        }

        @Test
        @DisplayName("nothing that any limit refuses, and names every limit that does")
        void namesEveryBlockingLimit() {
            define("team", null, lifetime(10), Limit.calls(100, Window.lifetime()));
            define(
                    "user",
                    "team",
                    lifetime(20),
                    Limit.tokens(5, Window.rolling(Duration.ofHours(1))),
                    Limit.calls(1, Window.lifetime()));
            assertThat(denied("user", 15).blocking())
                    .extracting(state -> state.scope() + " " + state.limit().key())
                    .containsExactlyInAnyOrder("team tokens/lifetime", "user tokens/rolling(PT1H)");
        }

        @ParameterizedTest
        @EnumSource(Meter.class)
        @DisplayName("by each meter in its own unit")
        void meters(Meter meter) {
            Amounts amounts = new Amounts(7, 5, 3, 2);
            long unit = amounts.on(meter);
            define("s", null, Limit.of(meter, unit * 2, Window.lifetime()));
            for (int i = 0; i < 2; i++) {
                String hold = expect(Outcome.Held.class, reserving(OperationId.made(), "s", amounts))
                        .holdId();
                expect(Outcome.Settled.class, new Operation.Commit("s", hold, amounts, false, Detail.NONE));
            }
            expect(Outcome.Denied.class, reserving(OperationId.made(), "s", amounts));
            assertCounted("s", unit * 2, 0);
        }

        @Test
        @DisplayName("past a limit that only alerts, and counts there all the same")
        void alertOnly() {
            Limit limit = lifetime(10).alertOnly();
            define("s", null, limit);
            commit("s", held("s", 100), 90);
            String hold = held("s", 7);
            assertThat(state("s", limit).committed()).isEqualTo(90);
            assertThat(state("s", limit).held()).isEqualTo(7);
            assertThat(state("s", limit).remaining()).isZero();
            release("s", hold);
        }

        @Test
        @DisplayName("a family of models by one counter that they share")
        void family() {
            define("s", null, lifetime(100).forModels("claude-*"));
            book("s", "anthropic:claude-sonnet", 40);
            book("s", "claude-opus", 40);
            assertThat(reserve("s", "anthropic:Claude-Haiku", 21)).isInstanceOf(Outcome.Denied.class);
            book("s", "openai:gpt", 1_000);
            assertCounted("s", 80, 0);
        }

        @Test
        @DisplayName("each model by its own limit, and all by the common one")
        void perModel() {
            Limit big = lifetime(100).forModels("big");
            Limit small = lifetime(200).forModels("small");
            Limit all = lifetime(250);
            define("s", null, big, small, all);
            book("s", "acme:big", 90);
            book("s", "acme:small", 150);
            assertThat(state("s", big).committed()).isEqualTo(90);
            assertThat(state("s", small).committed()).isEqualTo(150);
            assertThat(state("s", all).committed()).isEqualTo(240);
            assertThat(expect(Outcome.Denied.class, reserve("s", "acme:big", 11))
                            .blocking())
                    .extracting(LimitState::limit)
                    .containsExactly(big, all);
            assertThat(expect(Outcome.Denied.class, reserve("s", "acme:small", 11))
                            .blocking())
                    .extracting(LimitState::limit)
                    .containsExactly(all);
            assertThat(expect(Outcome.Denied.class, reserve("s", "acme:other", 11))
                            .blocking())
                    .extracting(LimitState::limit)
                    .containsExactly(all);
        }

        @Test
        @DisplayName("in a check what it would admit, and holds nothing")
        void check() {
            define("s", null, lifetime(100));
            book("s", 60);
            Outcome.Checked fits = expect(Outcome.Checked.class, new Operation.Check("s", null, MODEL, tokens(40)));
            assertThat(fits.admitted()).isTrue();
            assertThat(fits.limits()).anySatisfy(state -> {
                assertThat(state.limit()).isEqualTo(lifetime(100));
                assertThat(state.committed()).isEqualTo(60);
                assertThat(state.asked()).isEqualTo(40);
            });
            assertThat(expect(Outcome.Checked.class, new Operation.Check("s", null, MODEL, tokens(41)))
                            .admitted())
                    .isFalse();
            assertCounted("s", 60, 0);
        }

        @Test
        @DisplayName("what was already spent also past the limit, and names the limits passed")
        void bookingPastTheLimit() {
            define("s", null, lifetime(100));
            assertThat(book("s", 100).passed()).isEmpty();
            assertThat(book("s", 50).passed()).singleElement().satisfies(state -> {
                assertThat(state.limit()).isEqualTo(lifetime(100));
                assertThat(state.committed()).isEqualTo(150);
                assertThat(state.asked()).as("what was booked").isEqualTo(50);
            });
            denied("s", 1);
        }

        @Test
        @DisplayName("no scope that is not defined")
        void unknownScope() {
            expectRejected(Rejection.UNKNOWN_SCOPE, reserving("nobody", 1));
            expectRejected(Rejection.UNKNOWN_SCOPE, booking("nobody", 1));
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Check("nobody", null, MODEL, tokens(1)));
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Inspect("nobody", null));
            expectRejected(
                    Rejection.UNKNOWN_SCOPE, new Operation.ResetSession(OperationId.made(), "nobody", "session"));
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Remove("nobody", Removal.FORCE));
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Remove("nobody*", Removal.FORCE));
        }

        @Test
        @DisplayName("no amount without a price where the scope or an ancestor limits cost, also if it only alerts")
        void unpriced() {
            Amounts unpriced = new Amounts(Amounts.UNPRICED, 10, 10, 1);
            defineBare(
                    "tenant", null, Limit.cost(Usd.of("1"), Window.lifetime()).alertOnly());
            defineBare("user", "tenant", lifetime(100));
            expectRejected(Rejection.UNPRICED, reserving(OperationId.made(), "user", unpriced));
            expectRejected(Rejection.UNPRICED, booking(OperationId.made(), "user", unpriced));
            expectRejected(Rejection.UNPRICED, new Operation.Check("user", null, MODEL, unpriced));
            String hold = held("user", 10);
            expectRejected(Rejection.UNPRICED, new Operation.Commit("user", hold, unpriced, false, Detail.NONE));
            release("user", hold);

            defineBare("free", null, lifetime(100));
            String free = expect(Outcome.Held.class, reserving(OperationId.made(), "free", unpriced))
                    .holdId();
            expect(Outcome.Settled.class, new Operation.Commit("free", free, unpriced, false, Detail.NONE));
            assertCounted("free", 20, 0);
        }

        @Test
        @DisplayName("no amount without a price for a model whose cost a limit counts, but any other model")
        void unpricedOtherModel() {
            Amounts unpriced = new Amounts(Amounts.UNPRICED, 10, 10, 1);
            defineBare("s", null, Limit.cost(Usd.of("1"), Window.lifetime()).forModels("acme:dear"));
            assertThat(ask(reserving(OperationId.made(), "s", null, "acme:dear", unpriced)))
                    .isInstanceOf(Outcome.Rejected.class);
            expect(Outcome.Booked.class, booking(OperationId.made(), "s", unpriced));
        }

        @Test
        @DisplayName("nothing that would take a counter past its largest number")
        void overflow() {
            Limit limit = lifetime(1).alertOnly();
            defineBare("s", null, limit);
            long most = Long.MAX_VALUE;
            expect(Outcome.Booked.class, booking(OperationId.made(), "s", new Amounts(0, most - 10, 0, 1)));
            String hold = held("s", 5);
            expectRejected(Rejection.OVERFLOW, reserving("s", 6));
            expectRejected(Rejection.OVERFLOW, booking("s", 6));
            expectRejected(Rejection.OVERFLOW, committing("s", hold, most));
            assertThat(expect(Outcome.Checked.class, new Operation.Check("s", null, MODEL, tokens(6)))
                            .admitted())
                    .isFalse();
            assertThat(state("s", limit).committed()).isEqualTo(most - 10);
            assertThat(state("s", limit).held()).isEqualTo(5);
            release("s", hold);
        }

        @Test
        @DisplayName("amounts near the largest number under a hard limit without wrapping")
        void nearTheLargestNumber() {
            defineBare("s", null, lifetime(Long.MAX_VALUE));
            String hold = held("s", Long.MAX_VALUE - 1);
            denied("s", 2);
            denied("s", Long.MAX_VALUE);
            assertCounted("s", 0, Long.MAX_VALUE - 1);
            commit("s", hold, Long.MAX_VALUE - 1);
            denied("s", Long.MAX_VALUE);
            release("s", held("s", 1));
        }

        @Test
        @DisplayName("no call without a session where a limit per session applies")
        void sessionRequired() {
            define("tenant", null, Limit.tokens(10, Window.session()));
            define("user", "tenant");
            expectRejected(Rejection.SESSION_REQUIRED, reserving("user", 1));
            expectRejected(Rejection.SESSION_REQUIRED, booking("user", 1));
            expectRejected(Rejection.SESSION_REQUIRED, new Operation.Check("user", null, MODEL, tokens(1)));
        }

        private Outcome reserve(String scope, String model, long tokens) {
            return ask(reserving(OperationId.made(), scope, null, model, tokens(tokens)));
        }

        private void book(String scope, String model, long tokens) {
            expect(
                    Outcome.Booked.class,
                    new Operation.Book(OperationId.made(), scope, null, model, tokens(tokens), Detail.NONE));
        }

        private Outcome.Booked book(String scope, long tokens) {
            return LedgerStoreContract.this.book(scope, tokens);
        }
    }

    @Nested
    @DisplayName("settles")
    class Settlement {
        @ParameterizedTest(name = "{0} of 50")
        @ValueSource(longs = {0, 20, 50})
        @DisplayName("at the actual amount and frees the rest")
        void actualAmount(long actual) {
            define("s", null, lifetime(100));
            String hold = held("s", 50);
            Outcome.Settled settled = commit("s", hold, actual);
            assertThat(settled.state()).isEqualTo(HoldState.COMMITTED);
            assertThat(settled.estimate()).isEqualTo(tokens(50));
            assertThat(settled.booked()).isEqualTo(tokens(actual));
            assertThat(settled.repeated()).isFalse();
            assertThat(settled.notices()).isEmpty();
            assertCounted("s", actual, 0);
            denied("s", 101 - actual);
            release("s", held("s", 100 - actual));
        }

        @Test
        @DisplayName("in full what exceeds the hold, at every level, and tells so")
        void overshoot() {
            define("team", null, lifetime(100));
            define("user", "team", lifetime(60));
            Outcome.Settled settled = commit("user", held("user", 50), 120);
            assertThat(settled.notices()).singleElement().isInstanceOfSatisfying(Notice.Overshot.class, notice -> {
                assertThat(notice.scope()).isEqualTo("user");
                assertThat(notice.holdId()).isEqualTo(settled.holdId());
                assertThat(notice.estimate()).isEqualTo(tokens(50));
                assertThat(notice.actual()).isEqualTo(tokens(120));
            });
            assertCounted("user", 120, 0);
            assertCounted("team", 120, 0);
            denied("user", 1);
        }

        @Test
        @DisplayName("a release without booking anything")
        void released() {
            define("s", null, lifetime(100));
            Outcome.Settled settled = release("s", held("s", 50));
            assertThat(settled.state()).isEqualTo(HoldState.RELEASED);
            assertThat(settled.booked()).isEqualTo(Amounts.NONE);
            assertCounted("s", 0, 0);
            assertThat(entries()).isEmpty();
        }

        @Test
        @DisplayName("once: the same commit again changes nothing and answers the same")
        void commitTwice() {
            define("s", null, lifetime(100));
            String hold = held("s", 50);
            Outcome.Settled first = commit("s", hold, 70);
            Outcome.Settled again = commit("s", hold, 70);
            assertThat(again.repeated()).isTrue();
            assertThat(again.notices()).isEmpty();
            assertThat(again.booked()).isEqualTo(first.booked());
            assertThat(again.state()).isEqualTo(first.state());
            assertThat(again.settledAt()).isEqualTo(first.settledAt());
            assertCounted("s", 70, 0);
            assertThat(entries()).hasSize(1);
        }

        @Test
        @DisplayName("once: the same release again changes nothing and answers the same")
        void releaseTwice() {
            define("s", null, lifetime(100));
            String hold = held("s", 50);
            release("s", hold);
            assertThat(release("s", hold).repeated()).isTrue();
            assertCounted("s", 0, 0);
        }

        @Test
        @DisplayName("once: neither other amounts nor a release after a commit, nor a commit after a release")
        void settledOtherwise() {
            define("s", null, lifetime(100));
            String committed = held("s", 50);
            commit("s", committed, 40);
            expectRejected(Rejection.HOLD_SETTLED, committing("s", committed, 41));
            expectRejected(Rejection.HOLD_SETTLED, new Operation.Release("s", committed));
            expectRejected(Rejection.HOLD_SETTLED, new Operation.Extend(OperationId.made(), "s", committed, HOUR));
            String released = held("s", 50);
            release("s", released);
            expectRejected(Rejection.HOLD_SETTLED, committing("s", released, 50));
            expectRejected(Rejection.HOLD_SETTLED, committing("s", released, 0));
            expectRejected(Rejection.HOLD_SETTLED, new Operation.Extend(OperationId.made(), "s", released, HOUR));
            assertCounted("s", 40, 0);
            assertThat(entries()).hasSize(1);
        }

        @Test
        @DisplayName("no hold of another scope, and answers as if it did not exist")
        void anotherScopesHold() {
            define("mine", null, lifetime(100));
            define("theirs", null, lifetime(100));
            String hold = held("theirs", 50);
            for (String scope : List.of("mine", "nobody")) {
                for (Operation operation : List.of(
                        committing(scope, hold, 1),
                        new Operation.Release(scope, hold),
                        new Operation.Extend(OperationId.made(), scope, hold, HOUR))) {
                    Outcome.Rejected foreign = expect(Outcome.Rejected.class, operation);
                    Outcome.Rejected unknown = expect(Outcome.Rejected.class, renamed(operation, "no-such-hold"));
                    assertThat(foreign.reason()).isEqualTo(Rejection.UNKNOWN_HOLD);
                    assertThat(unknown.reason()).isEqualTo(Rejection.UNKNOWN_HOLD);
                    assertThat(foreign.subject()).isEqualTo(hold);
                    assertThat(foreign.detail()).isEqualTo(unknown.detail());
                }
            }
            assertCounted("theirs", 0, 50);
            release("theirs", hold);
        }

        @Test
        @DisplayName("no hold of a child or a parent by the other's name")
        void relativesHold() {
            define("parent", null, lifetime(100));
            define("child", "parent", lifetime(100));
            String childs = held("child", 10);
            String parents = held("parent", 10);
            expectRejected(Rejection.UNKNOWN_HOLD, committing("parent", childs, 1));
            expectRejected(Rejection.UNKNOWN_HOLD, committing("child", parents, 1));
            release("child", childs);
            release("parent", parents);
        }

        @Test
        @DisplayName("with an entry that tells what was asked, how it came to be and what else is known")
        void entry() {
            define("tenant", null);
            define("user", "tenant", lifetime(1_000));
            Detail detail = new Detail(Usage.of(10, 20), Map.of("ticket", "42", "größe", "ä €"));
            String hold = expect(
                            Outcome.Held.class,
                            new Operation.Reserve(
                                    id("call-1"),
                                    "user",
                                    "sitzung/1",
                                    "acme:big",
                                    cost(900),
                                    HOUR,
                                    OnExpiry.CHARGE,
                                    Detail.NONE))
                    .holdId();
            Amounts actual = new Amounts(700, 10, 20, 1);
            long before = now();
            expect(Outcome.Settled.class, new Operation.Commit("user", hold, actual, false, detail));
            assertThat(entries()).singleElement().satisfies(entry -> {
                assertThat(entry.operationId()).isEqualTo("call-1");
                assertThat(entry.time()).isBetween(Instant.ofEpochMilli(before), Instant.ofEpochMilli(now()));
                assertThat(entry.kind()).isEqualTo(EntryKind.COMMITTED);
                assertThat(entry.scope()).isEqualTo("user");
                assertThat(entry.session()).isEqualTo("sitzung/1");
                assertThat(entry.model()).isEqualTo("acme:big");
                assertThat(entry.amounts()).isEqualTo(actual);
                assertThat(entry.detail()).isEqualTo(detail);
            });
        }

        @Test
        @DisplayName("with an entry of its kind what was only estimated, and what was recorded")
        void entryKinds() {
            define("s", null, lifetime(100));
            String hold = held("s", 50);
            expect(Outcome.Settled.class, new Operation.Commit("s", hold, tokens(50), true, Detail.NONE));
            book("s", 7);
            assertThat(entries()).extracting(Entry::kind).containsExactly(EntryKind.ESTIMATED, EntryKind.RECORDED);
            assertCounted("s", 57, 0);
        }

        private Operation renamed(Operation operation, String hold) {
            if (operation instanceof Operation.Commit commit) {
                return new Operation.Commit(
                        commit.scope(), hold, commit.amounts(), commit.estimated(), commit.detail());
            } else if (operation instanceof Operation.Release release) {
                return new Operation.Release(release.scope(), hold);
            }
            Operation.Extend extend = (Operation.Extend) operation;
            return new Operation.Extend(extend.id(), extend.scope(), hold, extend.ttlMillis());
        }
    }

    @Nested
    @DisplayName("expires a hold that nobody settles")
    class Expiry {
        @Test
        @DisplayName("and charges it at its estimate, in doubt, at every level")
        void inDoubt() {
            define("team", null, lifetime(100));
            define("user", "team", lifetime(100));
            String hold = heldBriefly("user", 40, OnExpiry.CHARGE);
            elapse(shortTtl());
            assertCounted("user", 40, 0);
            assertCounted("team", 40, 0);
            assertThat(inspect("user").openHolds()).isZero();
            assertThat(told(Notice.Expired.class)).singleElement().satisfies(notice -> {
                assertThat(notice.holdId()).isEqualTo(hold);
                assertThat(notice.scope()).isEqualTo("user");
                assertThat(notice.estimate()).isEqualTo(tokens(40));
                assertThat(notice.onExpiry()).isEqualTo(OnExpiry.CHARGE);
            });
            assertThat(entries()).singleElement().satisfies(entry -> {
                assertThat(entry.kind()).isEqualTo(EntryKind.IN_DOUBT);
                assertThat(entry.operationId()).isEqualTo(hold);
                assertThat(entry.amounts()).isEqualTo(tokens(40));
            });
        }

        @Test
        @DisplayName("and gives it back where so chosen")
        void givenBack() {
            define("s", null, lifetime(100));
            heldBriefly("s", 100, OnExpiry.RELEASE);
            denied("s", 1);
            elapse(shortTtl());
            assertCounted("s", 0, 0);
            assertThat(told(Notice.Expired.class)).hasSize(1);
            assertThat(entries()).isEmpty();
            release("s", held("s", 100));
        }

        @Test
        @DisplayName("not before its time")
        void notBefore() {
            assumeProcessClock();
            define("s", null, lifetime(100));
            String hold = heldBriefly("s", 40, OnExpiry.CHARGE);
            clock.advance(Duration.ofMillis(shortTtl() - 1));
            assertThat(ask(new Operation.Sweep()).notices()).isEmpty();
            assertCounted("s", 0, 40);
            clock.advance(Duration.ofMillis(1));
            assertThat(ask(new Operation.Sweep()).notices()).singleElement().isInstanceOf(Notice.Expired.class);
            assertThat(commit("s", hold, 40).state()).isEqualTo(HoldState.LATE_COMMITTED);
        }

        @Test
        @DisplayName("in the order of their ids if several run out at once, also after a restart")
        void inOrder() {
            assumeProcessClock();
            define("s", null, lifetime(100));
            for (String id : List.of("b", "d", "a", "c")) {
                ask(new Operation.Reserve(
                        OperationId.given(id), reserving("s", 1).request(), shortTtl(), OnExpiry.CHARGE, Detail.NONE));
            }
            reopenIfDurable();
            clock.advance(Duration.ofMillis(shortTtl()));
            assertThat(ask(new Operation.Sweep()).notices())
                    .extracting(notice -> ((Notice.Expired) notice).holdId())
                    .containsExactly("a", "b", "c", "d");
        }

        @Test
        @DisplayName("and replaces the estimate by the actual amount when a commit comes late, and tells so")
        void lateCommit() {
            define("team", null, lifetime(100));
            define("user", "team", lifetime(100));
            String hold = heldBriefly("user", 40, OnExpiry.CHARGE);
            elapse(shortTtl());
            assertCounted("user", 40, 0);
            Outcome.Settled settled = commit("user", hold, 25);
            assertThat(settled.state()).isEqualTo(HoldState.LATE_COMMITTED);
            assertThat(settled.booked()).isEqualTo(tokens(25));
            assertCounted("user", 25, 0);
            assertCounted("team", 25, 0);
            assertThat(told(Notice.CommittedLate.class)).singleElement().satisfies(notice -> {
                assertThat(notice.holdId()).isEqualTo(hold);
                assertThat(notice.estimate()).isEqualTo(tokens(40));
                assertThat(notice.actual()).isEqualTo(tokens(25));
            });
            assertThat(entries())
                    .extracting(Entry::kind)
                    .containsExactly(EntryKind.IN_DOUBT, EntryKind.REVERSED, EntryKind.LATE);
        }

        @Test
        @DisplayName("and books a late commit also where the hold had been given back, past the limit if need be")
        void lateCommitAfterGivingBack() {
            define("s", null, lifetime(100));
            String hold = heldBriefly("s", 60, OnExpiry.RELEASE);
            elapse(shortTtl());
            book("s", 90);
            assertThat(commit("s", hold, 60).state()).isEqualTo(HoldState.LATE_COMMITTED);
            assertCounted("s", 150, 0);
            assertThat(entries()).extracting(Entry::kind).containsExactly(EntryKind.RECORDED, EntryKind.LATE);
        }

        @Test
        @DisplayName("and lets a late commit settle it once")
        void lateCommitTwice() {
            define("s", null, lifetime(100));
            String hold = heldBriefly("s", 40, OnExpiry.CHARGE);
            elapse(shortTtl());
            commit("s", hold, 25);
            assertThat(commit("s", hold, 25).repeated()).isTrue();
            expectRejected(Rejection.HOLD_SETTLED, committing("s", hold, 26));
            expectRejected(Rejection.HOLD_SETTLED, new Operation.Release("s", hold));
            assertCounted("s", 25, 0);
        }

        @Test
        @DisplayName("and neither releases nor extends it afterwards")
        void noReleaseAfterwards() {
            define("s", null, lifetime(100));
            String hold = heldBriefly("s", 40, OnExpiry.CHARGE);
            elapse(shortTtl());
            expectRejected(Rejection.HOLD_SETTLED, new Operation.Release("s", hold));
            expectRejected(Rejection.HOLD_SETTLED, new Operation.Extend(OperationId.made(), "s", hold, HOUR));
            assertCounted("s", 40, 0);
        }

        @Test
        @DisplayName("later where it was extended")
        void extended() {
            define("s", null, lifetime(100));
            String hold = heldBriefly("s", 40, OnExpiry.CHARGE);
            Outcome.Extended extended = expect(
                    Outcome.Extended.class, new Operation.Extend(OperationId.made(), "s", hold, 20 * shortTtl()));
            elapse(2 * shortTtl());
            assertCounted("s", 0, 40);
            assertThat(extended.repeated()).isFalse();
            assertThat(extended.expiresAt()).isGreaterThan(now());
            elapse(extended.expiresAt() - now());
            assertCounted("s", 40, 0);
        }

        @Test
        @DisplayName("no sooner where an extension is shorter than what is left")
        void neverShortened() {
            define("s", null, lifetime(100));
            Outcome.Held held = expect(Outcome.Held.class, reserving("s", 40));
            Outcome.Extended extended =
                    expect(Outcome.Extended.class, new Operation.Extend(OperationId.made(), "s", held.holdId(), 1));
            assertThat(extended.expiresAt()).isEqualTo(held.expiresAt());
            elapse(50);
            assertCounted("s", 0, 40);
            release("s", held.holdId());
        }

        @Test
        @DisplayName("without traffic, when swept")
        void swept() {
            define("s", null, lifetime(100));
            heldBriefly("s", 40, OnExpiry.CHARGE);
            elapse(shortTtl());
            ask(new Operation.Sweep());
            assertThat(told(Notice.Expired.class)).hasSize(1);
            assertThat(entries()).extracting(Entry::kind).containsExactly(EntryKind.IN_DOUBT);
        }

        @Test
        @DisplayName("exactly once, however many ask at the same time")
        void exactlyOnce() {
            define("s", null, lifetime(100_000));
            int holds = 50;
            List<String> expected = new ArrayList<>();
            long ttl = shortTtl();
            for (int i = 0; i < holds; i++) {
                expected.add(heldBriefly("s", 10, i % 2 == 0 ? OnExpiry.CHARGE : OnExpiry.RELEASE));
            }
            elapse(ttl);
            race(8, thread -> {
                for (int i = 0; i < 5; i++) {
                    ask(thread % 2 == 0 ? new Operation.Sweep() : booking("s", 1));
                }
            });
            assertThat(told(Notice.Expired.class))
                    .extracting(Notice.Expired::holdId)
                    .containsExactlyInAnyOrderElementsOf(expected);
            assertCounted("s", 10L * holds / 2 + 4 * 5, 0);
        }

        @Test
        @DisplayName("and counts what is in doubt from the time it ran out, not from when that was noticed")
        void countsFromDue() {
            assumeProcessClock();
            define("s", null, Limit.tokens(100, Window.rolling(Duration.ofHours(1))));
            heldBriefly("s", 40, OnExpiry.CHARGE);
            clock.advance(Duration.ofMillis(shortTtl()));
            clock.advance(Duration.ofMinutes(50));
            assertCounted("s", 40, 0);
            clock.advance(Duration.ofMinutes(11));
            assertCounted("s", 0, 0);
        }

        @Test
        @DisplayName("and fires no alert for what has left its window by the time that is noticed")
        void leftBeforeItWasNoticed() {
            assumeProcessClock();
            Window hour = Window.rolling(Duration.ofHours(1));
            define("s", null, Limit.tokens(100, hour).alertAt(0.5));
            String hold = heldBriefly("s", 60, OnExpiry.CHARGE);
            assertCounted("s", 0, 60);
            clock.advance(Duration.ofHours(3));
            assertThat(ask(new Operation.Sweep()).notices()).singleElement().isInstanceOf(Notice.Expired.class);
            assertCounted("s", 0, 0);
            commit("s", hold, 10);
            assertCounted("s", 10, 0);
        }

        @Test
        @DisplayName("and does not bring it back when the clock goes back")
        void clockGoesBack() {
            assumeProcessClock();
            define("s", null, lifetime(100));
            heldBriefly("s", 40, OnExpiry.CHARGE);
            clock.advance(Duration.ofMillis(shortTtl()));
            assertCounted("s", 40, 0);
            clock.advance(Duration.ofDays(-400));
            assertCounted("s", 40, 0);
            String next = heldBriefly("s", 10, OnExpiry.CHARGE);
            assertCounted("s", 40, 10);
            release("s", next);
        }
    }

    @Nested
    @DisplayName("answers an operation that was asked before")
    class Idempotency {
        @Test
        @DisplayName("the same, and holds once")
        void reserve() {
            define("s", null, lifetime(100));
            Outcome.Held first = expect(Outcome.Held.class, reserving(id("a"), "s", tokens(60)));
            assertThat(first.repeated()).isFalse();
            assertThat(first.holdId()).isEqualTo("a");
            Outcome.Held again = expect(Outcome.Held.class, reserving(id("a"), "s", tokens(60)));
            assertThat(again)
                    .isEqualTo(new Outcome.Held(
                            "a",
                            MODEL,
                            tokens(60),
                            first.admittedAt(),
                            0,
                            first.expiresAt(),
                            List.of(),
                            true,
                            List.of()));
            assertCounted("s", 0, 60);
            commit("s", "a", 50);
            assertThat(expect(Outcome.Held.class, reserving(id("a"), "s", tokens(60)))
                            .repeated())
                    .isTrue();
            assertCounted("s", 50, 0);
        }

        @Test
        @DisplayName("the same also where the id was made by the library")
        void madeId() {
            define("s", null, lifetime(100));
            OperationId made = OperationId.made();
            expect(Outcome.Held.class, reserving(made, "s", tokens(60)));
            assertThat(expect(Outcome.Held.class, reserving(made, "s", tokens(60)))
                            .repeated())
                    .isTrue();
            assertCounted("s", 0, 60);
            release("s", made.value());
        }

        @Test
        @DisplayName("by refusing the id where anything about the reserve is different")
        void reserveReused() {
            define("s", null, lifetime(100));
            define("below", "s", lifetime(100));
            Operation.Reserve first = new Operation.Reserve(
                    id("a"), "s", "session", MODEL, new Amounts(1, 2, 3, 4), HOUR, OnExpiry.CHARGE, Detail.NONE);
            expect(Outcome.Held.class, first);
            List<Operation> others = new ArrayList<>();
            for (Amounts amounts : List.of(
                    new Amounts(2, 2, 3, 4),
                    new Amounts(1, 3, 2, 4),
                    new Amounts(1, 2, 4, 4),
                    new Amounts(1, 2, 3, 5),
                    new Amounts(Amounts.UNPRICED, 2, 3, 4))) {
                others.add(new Operation.Reserve(
                        id("a"), "s", "session", MODEL, amounts, HOUR, OnExpiry.CHARGE, Detail.NONE));
            }
            Amounts same = first.amounts();
            others.add(new Operation.Reserve(
                    id("a"), "below", "session", MODEL, same, HOUR, OnExpiry.CHARGE, Detail.NONE));
            others.add(new Operation.Reserve(id("a"), "s", "other", MODEL, same, HOUR, OnExpiry.CHARGE, Detail.NONE));
            others.add(new Operation.Reserve(id("a"), "s", null, MODEL, same, HOUR, OnExpiry.CHARGE, Detail.NONE));
            others.add(
                    new Operation.Reserve(id("a"), "s", "session", "other", same, HOUR, OnExpiry.CHARGE, Detail.NONE));
            others.add(new Operation.Reserve(
                    id("a"), "s", "session", MODEL, same, HOUR + 1, OnExpiry.CHARGE, Detail.NONE));
            others.add(
                    new Operation.Reserve(id("a"), "s", "session", MODEL, same, HOUR, OnExpiry.RELEASE, Detail.NONE));
            others.forEach(other -> expectRejected(Rejection.ID_REUSED, other));
            assertCounted("s", 0, 5);
            assertCounted("below", 0, 0);
            release("s", "a");
            others.forEach(other -> expectRejected(Rejection.ID_REUSED, other));
        }

        @Test
        @DisplayName("by refusing the id also where the names differ but have the same hash")
        void sameHash() {
            assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
            define("s", null, lifetime(100));
            expect(Outcome.Held.class, reserving(id("a"), "s", "Aa", MODEL, tokens(1)));
            expectRejected(Rejection.ID_REUSED, reserving(id("a"), "s", "BB", MODEL, tokens(1)));
            expect(Outcome.Booked.class, new Operation.Book(id("a"), "s", null, "Aa", tokens(1), Detail.NONE));
            expectRejected(Rejection.ID_REUSED, new Operation.Book(id("a"), "s", null, "BB", tokens(1), Detail.NONE));
            release("s", "a");
        }

        @Test
        @DisplayName("by trying again what was denied, for a refusal is not remembered")
        void deniedIsNotStored() {
            define("s", null, lifetime(100));
            expect(Outcome.Denied.class, reserving(id("a"), "s", tokens(101)));
            redefine("s", null, lifetime(200));
            Outcome.Held held = expect(Outcome.Held.class, reserving(id("a"), "s", tokens(101)));
            assertThat(held.repeated()).isFalse();
            release("s", "a");
            expectRejected(Rejection.UNKNOWN_SCOPE, reserving(id("b"), "later", tokens(1)));
            define("later", "s", lifetime(10));
            expect(Outcome.Held.class, reserving(id("b"), "later", tokens(1)));
            release("later", "b");
        }

        @Test
        @DisplayName("the same, and records once")
        void book() {
            define("s", null, lifetime(100));
            Outcome.Booked first = expect(Outcome.Booked.class, booking(id("a"), "s", tokens(60)));
            assertThat(first.repeated()).isFalse();
            elapse(10);
            Outcome.Booked again = expect(Outcome.Booked.class, booking(id("a"), "s", tokens(60)));
            assertThat(again.repeated()).isTrue();
            assertThat(again.bookedAt()).isEqualTo(first.bookedAt());
            expectRejected(Rejection.ID_REUSED, booking(id("a"), "s", tokens(61)));
            expectRejected(
                    Rejection.ID_REUSED, new Operation.Book(id("a"), "s", "session", MODEL, tokens(60), Detail.NONE));
            assertCounted("s", 60, 0);
            assertThat(entries()).hasSize(1);
        }

        @Test
        @DisplayName("the same, and resets once")
        void reset() {
            Limit limit = Limit.tokens(100, Window.session());
            define("s", null, limit);
            bookSession("one", 60);
            bookSession("two", 60);
            assertThat(reset("r", "one"))
                    .isInstanceOfSatisfying(
                            Outcome.Done.class,
                            done -> assertThat(done.changed()).isTrue());
            bookSession("one", 10);
            assertThat(reset("r", "one"))
                    .isInstanceOfSatisfying(
                            Outcome.Done.class,
                            done -> assertThat(done.changed()).isFalse());
            assertThat(state("s", "one", limit).committed()).isEqualTo(10);
        }

        @Test
        @DisplayName("by refusing the id of a reset for another session or scope")
        void resetReused() {
            Limit limit = Limit.tokens(100, Window.session());
            define("s", null, limit);
            define("below", "s", limit);
            bookSession("one", 60);
            bookSession("two", 60);
            reset("r", "one");
            assertThat(reset("r", "two"))
                    .isInstanceOfSatisfying(
                            Outcome.Rejected.class,
                            rejected -> assertThat(rejected.reason()).isEqualTo(Rejection.ID_REUSED));
            expectRejected(Rejection.ID_REUSED, new Operation.ResetSession(id("r"), "below", "one"));
            assertThat(state("s", "two", limit).committed()).isEqualTo(60);
        }

        @Test
        @DisplayName("the same, and extends once")
        void extend() {
            define("s", null, lifetime(100));
            String hold = held("s", 10);
            Outcome.Extended first = expect(Outcome.Extended.class, new Operation.Extend(id("x"), "s", hold, 2 * HOUR));
            elapse(10);
            Outcome.Extended again = expect(Outcome.Extended.class, new Operation.Extend(id("x"), "s", hold, 2 * HOUR));
            assertThat(again).isEqualTo(new Outcome.Extended(hold, first.expiresAt(), true, List.of()));
            expectRejected(Rejection.ID_REUSED, new Operation.Extend(id("x"), "s", hold, 3 * HOUR));
            release("s", hold);
            assertThat(expect(Outcome.Extended.class, new Operation.Extend(id("x"), "s", hold, 2 * HOUR))
                            .repeated())
                    .isTrue();
        }

        @Test
        @DisplayName("the same, and extends once, also where the hold was extended again since")
        void extendedAgainSince() {
            define("s", null, lifetime(100));
            String hold = held("s", 10);
            String other = held("s", 10);
            Operation.Extend first = new Operation.Extend(id("x"), "s", hold, 3 * HOUR);
            expect(Outcome.Extended.class, first);
            long until = expect(Outcome.Extended.class, new Operation.Extend(id("y"), "s", hold, 4 * HOUR))
                    .expiresAt();
            elapse(10);
            assertThat(expect(Outcome.Extended.class, first))
                    .isEqualTo(new Outcome.Extended(hold, until, true, List.of()));
            expectRejected(Rejection.ID_REUSED, new Operation.Extend(id("x"), "s", hold, 5 * HOUR));
            expectRejected(Rejection.ID_REUSED, new Operation.Extend(id("x"), "s", other, 3 * HOUR));
            release("s", hold);
            release("s", other);
        }

        @Test
        @DisplayName("the same, and extends once, for as long as that may take")
        void extendedLongAgo() {
            assumeProcessClock();
            define("s", null, lifetime(100));
            expect(Outcome.Held.class, reserving(id("a"), "s", tokens(10)));
            Operation.Extend extend = new Operation.Extend(id("x"), "s", "a", 100 * HOUR);
            expect(Outcome.Extended.class, extend);
            clock.advance(Duration.ofHours(99));
            assertThat(expect(Outcome.Extended.class, extend).repeated()).isTrue();
            release("s", "a");
        }

        @Test
        @DisplayName("apart from what another kind of operation did by the same id")
        void kindsAreApart() {
            define("s", null, lifetime(100));
            expect(Outcome.Held.class, reserving(id("a"), "s", tokens(10)));
            assertThat(expect(Outcome.Booked.class, booking(id("a"), "s", tokens(20)))
                            .repeated())
                    .isFalse();
            assertThat(expect(Outcome.Extended.class, new Operation.Extend(id("a"), "s", "a", HOUR))
                            .repeated())
                    .isFalse();
            assertCounted("s", 20, 10);
            release("s", "a");
        }

        @Test
        @DisplayName("apart from what another tenant did by the same id")
        void tenantsAreApart() {
            for (String tenant : List.of("t1", "t2")) {
                define(tenant, null, lifetime(100));
                define(tenant + "-user", tenant, lifetime(100));
            }
            expect(Outcome.Held.class, reserving(id("a"), "t1-user", tokens(10)));
            Outcome.Held other = expect(Outcome.Held.class, reserving(id("a"), "t2-user", tokens(20)));
            assertThat(other.repeated()).isFalse();
            commit("t2-user", "a", 15);
            assertCounted("t1", 0, 10);
            assertCounted("t2", 15, 0);
            commit("t1-user", "a", 5);
            assertCounted("t1", 5, 0);
            expect(Outcome.Booked.class, booking(id("b"), "t1-user", tokens(1)));
            assertThat(expect(Outcome.Booked.class, booking(id("b"), "t2-user", tokens(2)))
                            .repeated())
                    .isFalse();
            expectRejected(Rejection.ID_REUSED, booking(id("b"), "t1", tokens(1)));
        }

        @Test
        @DisplayName("with exactly one effect where eight threads ask at once")
        void concurrently() {
            define("s", null, lifetime(1_000_000));
            int rounds = FULL ? 200 : 20;
            AtomicInteger held = new AtomicInteger();
            AtomicInteger booked = new AtomicInteger();
            AtomicInteger settled = new AtomicInteger();
            race(8, thread -> {
                for (int round = 0; round < rounds; round++) {
                    Outcome.Held reserve = expect(Outcome.Held.class, ask(reserving(id("r" + round), "s", tokens(10))));
                    held.addAndGet(reserve.repeated() ? 0 : 1);
                    Outcome.Booked book = expect(Outcome.Booked.class, ask(booking(id("b" + round), "s", tokens(100))));
                    booked.addAndGet(book.repeated() ? 0 : 1);
                    Outcome.Settled commit = expect(Outcome.Settled.class, ask(committing("s", "r" + round, 7)));
                    settled.addAndGet(commit.repeated() ? 0 : 1);
                }
            });
            assertThat(List.of(held.get(), booked.get(), settled.get())).containsOnly(rounds);
            assertCounted("s", 107L * rounds, 0);
            assertThat(entries()).hasSize(2 * rounds);
        }

        private void bookSession(String session, long tokens) {
            expect(
                    Outcome.Booked.class,
                    new Operation.Book(OperationId.made(), "s", session, MODEL, tokens(tokens), Detail.NONE));
        }

        private Outcome reset(String id, String session) {
            return ask(new Operation.ResetSession(id(id), "s", session));
        }
    }

    @Nested
    @DisplayName("counts over a window")
    class Windows {
        private final Limit perSession = Limit.tokens(100, Window.session());

        @Test
        @DisplayName("that is a session, each by itself, at every level that limits sessions")
        void session() {
            define("team", null, perSession);
            define("user", "team", Limit.tokens(80, Window.session()));
            String first = heldIn("one", 80);
            assertThat(ask(reserving(OperationId.made(), "user", "one", MODEL, tokens(1))))
                    .isInstanceOf(Outcome.Denied.class);
            String second = heldIn("two", 80);
            commit("user", first, 120);
            release("user", second);
            assertThat(inspect("user", "one").limits())
                    .filteredOn(state -> state.limit().hard())
                    .extracting(LimitState::scope, LimitState::committed)
                    .containsExactlyInAnyOrder(tuple("user", 120L), tuple("team", 120L));
            assertThat(inspect("user", "two").limits())
                    .filteredOn(state -> state.limit().hard())
                    .extracting(LimitState::committed)
                    .containsOnly(0L);
        }

        @Test
        @DisplayName("that is a session, apart for two scopes whose sessions have the same name")
        void sessionsOfTwoScopes() {
            define("team", null, perSession);
            define("user", "team");
            define("other", "team");
            bookIn("user", "one", 90);
            bookIn("other", "one", 50);
            assertThat(sessionState("user", "team", "one").committed()).isEqualTo(90);
            assertThat(sessionState("other", "team", "one").committed()).isEqualTo(50);
        }

        @Test
        @DisplayName("that is a session until it is reset, which leaves open holds and other limits alone")
        void sessionReset() {
            Limit total = lifetime(1_000);
            define("user", null, perSession, total);
            bookIn("user", "one", 60);
            bookIn("user", "two", 60);
            String hold = heldIn("one", 30);
            expect(Outcome.Done.class, new Operation.ResetSession(OperationId.made(), "user", "one"));
            assertThat(sessionState("user", "user", "one").committed()).isZero();
            assertThat(sessionState("user", "user", "one").held()).isEqualTo(30);
            assertThat(sessionState("user", "user", "two").committed()).isEqualTo(60);
            assertThat(state("user", total).committed()).isEqualTo(120);
            commit("user", hold, 25);
            assertThat(sessionState("user", "user", "one").committed()).isEqualTo(25);
            expectRejected(Rejection.UNKNOWN_SESSION, new Operation.ResetSession(OperationId.made(), "user", "three"));
        }

        @Test
        @DisplayName("that is a session without taking back twice what a reset already let go of")
        void lateCommitAfterReset() {
            define("user", null, perSession);
            Operation.Reserve reserve = new Operation.Reserve(
                    OperationId.made(), "user", "one", MODEL, tokens(40), shortTtl(), OnExpiry.CHARGE, Detail.NONE);
            String hold = expect(Outcome.Held.class, reserve).holdId();
            elapse(shortTtl());
            assertThat(sessionState("user", "user", "one").committed()).isEqualTo(40);
            expect(Outcome.Done.class, new Operation.ResetSession(OperationId.made(), "user", "one"));
            commit("user", hold, 25);
            assertThat(sessionState("user", "user", "one").committed()).isEqualTo(25);
        }

        @Test
        @DisplayName("that rolls: an amount leaves no earlier than its length, and at most one bucket later")
        void rolling() {
            assumeProcessClock();
            long length = Duration.ofHours(24).toMillis();
            long bucket = length / 288;
            define("s", null, Limit.tokens(100, Window.rolling(Duration.ofMillis(length))));
            clock.set(Instant.parse("2026-03-10T09:01:17.123Z"));
            book("s", 60);
            clock.advance(Duration.ofMillis(bucket));
            book("s", 30);
            clock.advance(Duration.ofMillis(length - bucket));
            assertCounted("s", 90, 0);
            clock.advance(Duration.ofMillis(bucket - 1));
            assertThat(state("s").committed()).isEqualTo(30);
            clock.advance(Duration.ofMillis(1));
            assertThat(state("s").committed()).isEqualTo(30);
            clock.advance(Duration.ofMillis(bucket));
            assertCounted("s", 0, 0);
        }

        @Test
        @DisplayName("that rolls, and tells when a refused request would fit")
        void rollingFrees() {
            assumeProcessClock();
            define("s", null, Limit.tokens(100, Window.rolling(Duration.ofHours(1))));
            book("s", 50);
            clock.advance(Duration.ofMinutes(10));
            book("s", 50);
            Instant frees = denied("s", 60).blocking().get(0).freesAt().orElseThrow();
            clock.set(frees.minusMillis(1));
            denied("s", 60);
            clock.set(frees);
            release("s", held("s", 60));
            assertThat(denied("s", 101).blocking().get(0).freesAt()).isEmpty();
        }

        @Test
        @DisplayName("that rolls with the time of the store")
        void rollingByTheStoresTime() {
            define("s", null, Limit.tokens(100, Window.rolling(Duration.ofSeconds(1))));
            long booked = book("s", 100).bookedAt();
            await("the amount to leave", () -> {
                if (!store().traits().storeClock()) {
                    clock.advance(Duration.ofMillis(100));
                }
                Outcome.Inspected inspected = inspect("s");
                long age = inspected.at() - booked;
                if (inspected.limits().get(0).committed() == 0) {
                    assertThat(age).as("age at which it left").isGreaterThanOrEqualTo(1_000);
                    return true;
                }
                assertThat(age).as("age at which it still counted").isLessThan(2_000);
                return false;
            });
            release("s", held("s", 100));
        }

        @Test
        @DisplayName("that rolls, and counts a hold for as long as it is open")
        void rollingHolds() {
            assumeProcessClock();
            define("s", null, Limit.tokens(100, Window.rolling(Duration.ofMinutes(10))));
            String hold = held("s", 100);
            clock.advance(Duration.ofMinutes(50));
            denied("s", 1);
            commit("s", hold, 80);
            assertCounted("s", 80, 0);
            clock.advance(Duration.ofMinutes(11));
            assertCounted("s", 0, 0);
        }

        @Test
        @DisplayName("that is a day of a zone, from midnight to midnight there")
        void day() {
            assumeProcessClock();
            define("s", null, Limit.tokens(100, Window.calendar(CalendarUnit.DAY, ZoneId.of("Asia/Tokyo"))));
            clock.set(Instant.parse("2026-03-10T14:59:59.999Z"));
            book("s", 100);
            LimitState full = denied("s", 1).blocking().get(0);
            assertThat(full.freesAt()).contains(Instant.parse("2026-03-10T15:00:00Z"));
            clock.advance(Duration.ofMillis(1));
            assertCounted("s", 0, 0);
            release("s", held("s", 100));
        }

        @Test
        @DisplayName("that is a day of 23 hours, where the zone's clocks are put forward")
        void shortDay() {
            assumeProcessClock();
            define("s", null, Limit.tokens(100, Window.calendar(CalendarUnit.DAY, ZoneId.of("Europe/Berlin"))));
            clock.set(Instant.parse("2026-03-28T23:00:00Z"));
            book("s", 100);
            clock.set(Instant.parse("2026-03-29T21:59:59.999Z"));
            assertCounted("s", 100, 0);
            clock.set(Instant.parse("2026-03-29T22:00:00Z"));
            assertCounted("s", 0, 0);
        }

        @Test
        @DisplayName("that is a week from Monday, or a month to its last day")
        void weekAndMonth() {
            assumeProcessClock();
            ZoneId utc = ZoneId.of("UTC");
            Limit week = Limit.tokens(100, Window.calendar(CalendarUnit.WEEK, utc));
            Limit month = Limit.tokens(100, Window.calendar(CalendarUnit.MONTH, utc));
            define("s", null, week, month);
            clock.set(Instant.parse("2028-02-27T23:59:59.999Z"));
            book("s", 10);
            clock.set(Instant.parse("2028-02-28T00:00:00Z"));
            assertThat(state("s", week).committed()).isZero();
            assertThat(state("s", month).committed()).isEqualTo(10);
            clock.set(Instant.parse("2028-02-29T23:59:59.999Z"));
            book("s", 5);
            assertThat(state("s", month).committed()).isEqualTo(15);
            clock.set(Instant.parse("2028-03-01T00:00:00Z"));
            assertThat(state("s", week).committed()).isEqualTo(5);
            assertThat(state("s", month).committed()).isZero();
        }

        @Test
        @DisplayName("that is a day, and keeps a charge in the day that admitted it")
        void chargedWhereAdmitted() {
            assumeProcessClock();
            Limit total = lifetime(1_000);
            Limit day = Limit.tokens(100, Window.calendar(CalendarUnit.DAY, ZoneId.of("UTC")));
            define("s", null, day, total);
            clock.set(Instant.parse("2026-03-10T23:59:00Z"));
            String hold = held("s", 60);
            clock.set(Instant.parse("2026-03-11T00:01:00Z"));
            assertThat(state("s", day).held()).isZero();
            assertThat(state("s", total).held()).isEqualTo(60);
            commit("s", hold, 50);
            assertThat(state("s", day).committed()).isZero();
            assertThat(state("s", total).committed()).isEqualTo(50);
        }

        @Test
        @DisplayName("that does not open again when the clock goes back")
        void clockGoesBack() {
            assumeProcessClock();
            Limit day = Limit.tokens(100, Window.calendar(CalendarUnit.DAY, ZoneId.of("UTC")));
            define("s", null, day);
            book("s", 100);
            clock.advance(Duration.ofDays(1));
            book("s", 70);
            clock.advance(Duration.ofDays(-1));
            assertCounted("s", 70, 0);
            denied("s", 31);
            book("s", 30);
            denied("s", 1);
        }

        @Test
        @DisplayName("that is a lifetime, which never ends")
        void never() {
            assumeProcessClock();
            define("s", null, lifetime(100));
            book("s", 100);
            clock.advance(Duration.ofDays(365 * 20));
            assertThat(denied("s", 1).blocking().get(0).freesAt()).isEmpty();
        }

        private String heldIn(String session, long tokens) {
            return expect(Outcome.Held.class, reserving(OperationId.made(), "user", session, MODEL, tokens(tokens)))
                    .holdId();
        }

        private void bookIn(String scope, String session, long tokens) {
            expect(
                    Outcome.Booked.class,
                    new Operation.Book(OperationId.made(), scope, session, MODEL, tokens(tokens), Detail.NONE));
        }

        private LimitState sessionState(String scope, String owner, String session) {
            return inspect(scope, session).limits().stream()
                    .filter(state -> state.scope().equals(owner)
                            && state.limit().window().perSession())
                    .findAny()
                    .orElseThrow();
        }
    }

    @Nested
    @DisplayName("defines scopes")
    class Definitions {
        @Test
        @DisplayName("so that the same definition again changes nothing and another is refused")
        void againAndOtherwise() {
            define("s", null, lifetime(100));
            book("s", 40);
            assertThat(expect(Outcome.Done.class, definition("s", null, false, lifetime(100)))
                            .changed())
                    .isFalse();
            expectRejected(Rejection.DEFINITION_CONFLICT, definition("s", null, false, lifetime(101)));
            expectRejected(Rejection.DEFINITION_CONFLICT, definition("s", null, false));
            assertCounted("s", 40, 0);
        }

        @Test
        @DisplayName("and raises a limit for the next request")
        void raised() {
            define("s", null, lifetime(100));
            book("s", 90);
            denied("s", 20);
            redefine("s", null, lifetime(110));
            String hold = held("s", 20);
            assertCounted("s", 90, 20);
            commit("s", hold, 20);
        }

        @Test
        @DisplayName("and lowers a limit below what is used without touching that")
        void lowered() {
            define("s", null, lifetime(100));
            book("s", 50);
            String hold = held("s", 40);
            redefine("s", null, lifetime(10));
            assertCounted("s", 50, 40);
            denied("s", 1);
            commit("s", hold, 45);
            assertCounted("s", 95, 0);
            redefine("s", null, lifetime(100));
            release("s", held("s", 5));
        }

        @Test
        @DisplayName("and finds the counter of a limit again that was gone for a while")
        void limitComesBack() {
            define("s", null, lifetime(100));
            book("s", 40);
            redefine("s", null);
            String hold = held("s", 1_000);
            commit("s", hold, 1_000);
            redefine("s", null, lifetime(100));
            assertCounted("s", 40, 0);
        }

        @Test
        @DisplayName("only below a parent that is defined, and whose child they stay")
        void parents() {
            define("a", null);
            define("b", "a");
            expectRejected(Rejection.UNKNOWN_PARENT, definition("c", "nobody", false));
            expectRejected(Rejection.UNKNOWN_PARENT, definition("c-*", "nobody", false));
            expectRejected(Rejection.PARENT_CHANGED, definition("b", null, true));
            define("c", null);
            expectRejected(Rejection.PARENT_CHANGED, definition("b", "c", true));
            define("t-*", "a");
            expectRejected(Rejection.PARENT_CHANGED, definition("t-*", "c", true));
        }

        @Test
        @DisplayName("never in a circle")
        void noCircle() {
            define("a", null);
            define("b", "a");
            assertThat(expect(Outcome.Rejected.class, definition("a", "b", true))
                            .reason())
                    .isIn(Rejection.PARENT_CHANGED, Rejection.PARENT_CYCLE);
            assertThatThrownBy(() -> new ScopeDefinition("a", "a", List.of()))
                    .isInstanceOf(InvalidInputException.class);
        }

        @Test
        @DisplayName("in paths of at most sixteen")
        void longestPath() {
            define("level-1", null, lifetime(100));
            for (int level = 2; level <= 16; level++) {
                define("level-" + level, "level-" + (level - 1));
            }
            expectRejected(Rejection.PATH_TOO_LONG, definition("level-17", "level-16", false));
            expectRejected(Rejection.PATH_TOO_LONG, definition("user-*", "level-16", false));
            book("level-16", 40);
            assertCounted("level-1", 40, 0);
        }

        @Test
        @DisplayName("and removes one without open holds, which is then unknown")
        void removed() {
            define("a", null, lifetime(100));
            define("b", "a", lifetime(100));
            book("b", 40);
            expectRejected(Rejection.HAS_CHILDREN, new Operation.Remove("a", Removal.FORCE));
            assertThat(expect(Outcome.Done.class, new Operation.Remove("b", Removal.REJECT))
                            .changed())
                    .isTrue();
            expectRejected(Rejection.UNKNOWN_SCOPE, reserving("b", 1));
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Remove("b", Removal.REJECT));
            assertCounted("a", 40, 0);
            assertThat(definitions()).extracting(ScopeDefinition::name).containsExactly("a");
            expect(Outcome.Done.class, new Operation.Remove("a", Removal.REJECT));
            assertThat(definitions()).isEmpty();
        }

        @Test
        @DisplayName("and refuses to remove one with open holds, where so asked")
        void removalRejected() {
            define("s", null, lifetime(100));
            String hold = held("s", 10);
            expectRejected(Rejection.OPEN_HOLDS, new Operation.Remove("s", Removal.REJECT));
            commit("s", hold, 10);
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.REJECT));
        }

        @Test
        @DisplayName("and drains one with open holds: it admits nothing more and goes with the last of them")
        void drained() {
            define("a", null, lifetime(100));
            define("b", "a", lifetime(100));
            String first = held("b", 10);
            String second = held("b", 20);
            expect(Outcome.Done.class, new Operation.Remove("b", Removal.DRAIN));
            expectRejected(Rejection.DRAINING, reserving("b", 1));
            expectRejected(Rejection.DRAINING, new Operation.Check("b", null, MODEL, tokens(1)));
            commit("b", first, 10);
            assertCounted("b", 10, 20);
            release("b", second);
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Inspect("b", null));
            assertCounted("a", 10, 0);
        }

        @Test
        @DisplayName("and drains one at once where nothing is open")
        void drainedAtOnce() {
            define("s", null, lifetime(100));
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.DRAIN));
            expectRejected(Rejection.UNKNOWN_SCOPE, reserving("s", 1));
        }

        @Test
        @DisplayName("but none below one that is draining")
        void noChildOfDraining() {
            define("a", null, lifetime(100));
            String hold = held("a", 10);
            expect(Outcome.Done.class, new Operation.Remove("a", Removal.DRAIN));
            expectRejected(Rejection.DRAINING, definition("b", "a", false));
            expectRejected(Rejection.DRAINING, definition("b-*", "a", false));
            release("a", hold);
            expectRejected(Rejection.UNKNOWN_PARENT, definition("b", "a", false));
        }

        @Test
        @DisplayName("and removes one by force: later commits still reach its ancestors")
        void forced() {
            define("a", null, lifetime(100));
            define("b", "a", lifetime(100));
            String hold = held("b", 10);
            expect(Outcome.Done.class, new Operation.Remove("b", Removal.FORCE));
            expectRejected(Rejection.UNKNOWN_SCOPE, reserving("b", 1));
            assertCounted("a", 0, 10);
            commit("b", hold, 8);
            assertCounted("a", 8, 0);
            define("b", "a", lifetime(100));
            assertCounted("b", 8, 0);
        }

        @Test
        @DisplayName("and lets one that comes back go on from what it had used")
        void inherits() {
            define("s", null, lifetime(100));
            book("s", 90);
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.REJECT));
            define("s", null, lifetime(100));
            assertCounted("s", 90, 0);
            denied("s", 11);
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.REJECT));
            define("s", null, lifetime(200));
            assertCounted("s", 90, 0);
        }

        @Test
        @DisplayName("by a template at first touch, in the step that admits or books")
        void firstTouch() {
            define("team", null, lifetime(150));
            define("user-*", "team", lifetime(100));
            expect(Outcome.Denied.class, reserving("user-a", 101));
            expect(Outcome.Checked.class, new Operation.Check("user-a", null, MODEL, tokens(1)));
            assertThat(inspect("user-a").limits()).extracting(LimitState::scope).contains("user-a", "team");
            assertThat(definitions()).extracting(ScopeDefinition::name).containsExactlyInAnyOrder("team", "user-*");
            String hold = held("user-a", 60);
            book("user-b", 70);
            assertThat(definitions())
                    .extracting(ScopeDefinition::name)
                    .containsExactlyInAnyOrder("team", "user-*", "user-a", "user-b");
            assertThat(definitions())
                    .filteredOn(definition -> definition.name().equals("user-b"))
                    .singleElement()
                    .satisfies(definition -> {
                        assertThat(definition.parent()).isEqualTo("team");
                        assertThat(definition.limits()).contains(lifetime(100));
                    });
            denied("user-c", 21);
            commit("user-a", hold, 60);
            assertCounted("user-a", 60, 0);
            assertCounted("user-b", 70, 0);
            assertCounted("team", 130, 0);
        }

        @Test
        @DisplayName("by the longest template that covers the name, and by their own definition before any")
        void longestTemplate() {
            define("*", null, lifetime(1));
            define("user-*", null, lifetime(10));
            define("user-vip-*", null, lifetime(100));
            define("user-vip-own", null, lifetime(1_000));
            denied("guest", 2);
            release("guest", held("guest", 1));
            denied("user-1", 11);
            release("user-1", held("user-1", 10));
            denied("user-vip-1", 101);
            release("user-vip-1", held("user-vip-1", 100));
            release("user-vip-own", held("user-vip-own", 1_000));
        }

        @Test
        @DisplayName("by a template whose replacement applies at once to those it made")
        void replacedTemplate() {
            define("user-*", null, lifetime(100));
            book("user-a", 90);
            String hold = held("user-a", 5);
            redefine("user-*", null, lifetime(50));
            denied("user-a", 1);
            assertCounted("user-a", 90, 5);
            redefine("user-*", null, lifetime(200));
            commit("user-a", held("user-a", 100), 100);
            commit("user-a", hold, 5);
            assertCounted("user-a", 195, 0);
        }

        @Test
        @DisplayName("by a template, and keeps those it made when the template is removed")
        void removedTemplate() {
            define("user-*", null, lifetime(100));
            book("user-a", 90);
            expect(Outcome.Done.class, new Operation.Remove("user-*", Removal.REJECT));
            expectRejected(Rejection.UNKNOWN_SCOPE, reserving("user-b", 1));
            denied("user-a", 11);
            assertCounted("user-a", 90, 0);
        }

        @Test
        @DisplayName("by a template again that were removed, with what they had used")
        void removedAndTouchedAgain() {
            define("team", null, lifetime(1_000));
            define("user-*", "team", lifetime(100));
            book("user-a", 90);
            expect(Outcome.Done.class, new Operation.Remove("user-a", Removal.REJECT));
            for (int i = 0; i < 2; i++) {
                denied("user-a", 11);
                assertThat(store().verify().differences()).isEmpty();
                assertThat(expect(Outcome.Checked.class, new Operation.Check("user-a", null, MODEL, tokens(10)))
                                .admitted())
                        .isTrue();
            }
            book("user-a", 5);
            assertCounted("user-a", 95, 0);
            assertCounted("team", 95, 0);
        }

        @Test
        @DisplayName("with their own definition in place of the template's, and the counters kept")
        void ownAfterTemplate() {
            define("user-*", null, lifetime(100));
            book("user-a", 90);
            expect(Outcome.Done.class, definition("user-a", null, false, lifetime(1_000)));
            assertCounted("user-a", 90, 0);
            redefine("user-*", null, lifetime(1));
            release("user-a", held("user-a", 910));
        }

        @Test
        @DisplayName("but none with a star in its name")
        void noStar() {
            define("user-*", null, lifetime(100));
            for (String name : List.of("user-*", "user-a*b", "user-**")) {
                expectRejected(Rejection.UNKNOWN_SCOPE, reserving(name, 1));
                expectRejected(Rejection.UNKNOWN_SCOPE, booking(name, 1));
                expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Inspect(name, null));
            }
            assertThat(definitions()).extracting(ScopeDefinition::name).containsExactly("user-*");
        }

        @Test
        @DisplayName("once, where sixteen threads define the same one")
        void concurrently() {
            AtomicInteger changed = new AtomicInteger();
            race(16, thread -> {
                Outcome outcome = ask(definition("s", null, false, lifetime(100)));
                changed.addAndGet(expect(Outcome.Done.class, outcome).changed() ? 1 : 0);
            });
            assertThat(changed.get()).isEqualTo(1);
        }
    }

    @Nested
    @DisplayName("alerts")
    class Alerts {
        @Test
        @DisplayName("once when committed amounts reach each threshold, and not before")
        void onceEach() {
            define("s", null, lifetime(100).alertAt(0.5, 0.8, 1.0));
            assertThat(book("s", 49).notices()).isEmpty();
            String hold = held("s", 51);
            assertThat(book("s", 1).notices()).singleElement().isInstanceOfSatisfying(Notice.Crossed.class, crossed -> {
                assertThat(crossed.alert()).isZero();
                assertThat(crossed.state().scope()).isEqualTo("s");
                assertThat(crossed.state().committed()).isEqualTo(50);
                assertThat(crossed.state().limit().alertAmount(crossed.alert())).isEqualTo(50);
            });
            assertThat(book("s", 1).notices()).isEmpty();
            assertThat(commit("s", hold, 51).notices())
                    .extracting(notice -> ((Notice.Crossed) notice).alert())
                    .containsExactly(1, 2);
            book("s", 100);
            assertThat(told(Notice.Crossed.class)).hasSize(3);
        }

        @Test
        @DisplayName("for a limit that refuses nothing, above its amount too, and for every level")
        void everyLevel() {
            define("team", null, watched(100, 0.5));
            define("user", "team", watched(10, 1, 2, 5));
            assertThat(book("user", 50).notices())
                    .extracting(notice ->
                            ((Notice.Crossed) notice).state().scope() + " " + ((Notice.Crossed) notice).alert())
                    .containsExactlyInAnyOrder("user 0", "user 1", "user 2", "team 0");
        }

        @Test
        @DisplayName("for the last hold of a scope that goes with it, which also still tells its limits")
        void drained() {
            define("s", null, lifetime(100).alertAt(0.5));
            String first = held("s", 10);
            String last = held("s", 40);
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.DRAIN));
            assertThat(commit("s", first, 10).notices()).isEmpty();
            List<Notice> told = commit("s", last, 90).notices();
            assertThat(told)
                    .first()
                    .isInstanceOfSatisfying(
                            Notice.Crossed.class,
                            crossed -> assertThat(crossed.state().committed()).isEqualTo(100));
            assertThat(told)
                    .last()
                    .isInstanceOfSatisfying(
                            Notice.Overshot.class,
                            overshot -> assertThat(overshot.limits())
                                    .extracting(LimitState::limit)
                                    .contains(lifetime(100).alertAt(0.5)));
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Inspect("s", null));
        }

        @Test
        @DisplayName("and so when that hold runs out")
        void drainedByExpiry() {
            define("s", null, lifetime(100).alertAt(0.5));
            heldBriefly("s", 50, OnExpiry.CHARGE);
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.DRAIN));
            elapse(shortTtl());
            expectRejected(Rejection.UNKNOWN_SCOPE, new Operation.Inspect("s", null));
            assertThat(told(Notice.Crossed.class)).hasSize(1);
            assertThat(told(Notice.Expired.class))
                    .singleElement()
                    .satisfies(expired -> assertThat(expired.limits())
                            .extracting(LimitState::limit)
                            .contains(lifetime(100).alertAt(0.5)));
        }

        @Test
        @DisplayName("when an estimate is booked in doubt")
        void inDoubt() {
            define("s", null, lifetime(100).alertAt(0.5));
            heldBriefly("s", 60, OnExpiry.CHARGE);
            elapse(shortTtl());
            ask(new Operation.Sweep());
            assertThat(told(Notice.Crossed.class)).hasSize(1);
        }

        @Test
        @DisplayName("anew in the next window, and tells when that begins")
        void anewInTheNextWindow() {
            assumeProcessClock();
            Window day = Window.calendar(CalendarUnit.DAY, ZoneId.of("UTC"));
            define("s", null, Limit.tokens(100, day).alertAt(0.5));
            book("s", 60);
            book("s", 60);
            assertThat(told(Notice.Crossed.class))
                    .singleElement()
                    .satisfies(crossed ->
                            assertThat(crossed.state().freesAt()).contains(Instant.parse("2026-03-11T00:00:00Z")));
            clock.advance(Duration.ofDays(1));
            book("s", 60);
            assertThat(told(Notice.Crossed.class)).hasSize(2);
        }

        @Test
        @DisplayName("anew where amounts have left a rolling window and others reach the threshold again")
        void anewWhereRolled() {
            assumeProcessClock();
            define(
                    "s",
                    null,
                    Limit.tokens(100, Window.rolling(Duration.ofHours(1))).alertAt(0.5));
            book("s", 60);
            clock.advance(Duration.ofMinutes(30));
            book("s", 20);
            assertThat(told(Notice.Crossed.class)).hasSize(1);
            clock.advance(Duration.ofMinutes(31));
            assertThat(book("s", 20).notices()).isEmpty();
            assertThat(book("s", 10).notices()).hasSize(1);
        }

        @Test
        @DisplayName("anew for a limit of another amount, and not for the same limit defined again")
        void anewForAnotherLimit() {
            define("s", null, lifetime(100).alertAt(0.5));
            book("s", 60);
            redefine("s", null, lifetime(100).alertAt(0.5), watched(5_000));
            assertThat(book("s", 1).notices()).isEmpty();
            redefine("s", null, lifetime(110).alertAt(0.5));
            assertThat(book("s", 1).notices()).hasSize(1);
        }

        @Test
        @DisplayName("exactly once for each threshold where eight threads book at once")
        void concurrently() {
            define("s", null, watched(1_000, 0.1, 0.5, 0.8, 1.0));
            race(8, thread -> {
                for (int i = 0; i < 25; i++) {
                    ask(booking("s", 6));
                }
            });
            assertThat(told(Notice.Crossed.class))
                    .extracting(Notice.Crossed::alert)
                    .containsExactlyInAnyOrder(0, 1, 2, 3);
        }

        @Test
        @DisplayName("exactly once for each threshold where two stores share the ledger")
        void twoStores() {
            assumeShared();
            define("s", null, watched(1_000, 0.1, 0.5, 0.8, 1.0));
            LedgerStore other = openAnother();
            race(8, thread -> {
                for (int i = 0; i < 25; i++) {
                    ask(thread % 2 == 0 ? store() : other, booking("s", 6));
                }
            });
            assertThat(told(Notice.Crossed.class))
                    .extracting(Notice.Crossed::alert)
                    .containsExactlyInAnyOrder(0, 1, 2, 3);
        }
    }

    @Nested
    @DisplayName("under contention")
    class Concurrency {
        @Test
        @DisplayName("admits exactly what fits where 64 threads touch a new scope first")
        void firstTouchRace() {
            define("team", null, lifetime(1_000_000));
            define("user-*", "team", lifetime(100));
            int rounds = FULL ? 50 : 3;
            for (int round = 0; round < rounds; round++) {
                String scope = "user-" + round;
                AtomicInteger admitted = new AtomicInteger();
                race(64, thread -> {
                    if (ask(reserving(scope, 7)) instanceof Outcome.Held) {
                        admitted.incrementAndGet();
                    }
                });
                assertThat(admitted.get()).isEqualTo(100 / 7);
                assertCounted(scope, 0, 98);
                assertCounted("team", 0, 98L * (round + 1));
            }
        }

        @Test
        @DisplayName("admits exactly what fits below a parent where 64 threads touch 64 new scopes first")
        void firstTouchOfMany() {
            define("team", null, lifetime(100));
            define("user-*", "team", lifetime(50));
            AtomicInteger admitted = new AtomicInteger();
            race(64, thread -> {
                if (ask(reserving("user-" + thread, 7)) instanceof Outcome.Held) {
                    admitted.incrementAndGet();
                }
            });
            assertThat(admitted.get()).isEqualTo(100 / 7);
            assertCounted("team", 0, 98);
        }

        @Test
        @DisplayName("conserves what sixteen threads do to one scope, and never passes its limit")
        void hotScope() {
            long limit = 1_000;
            define("s", null, lifetime(limit * 1_000_000));
            define("hot", "s", lifetime(limit));
            hammer(List.of(store()), 16, FULL ? 1_000 : 60, List.of("hot"));
        }

        @Test
        @DisplayName("conserves what threads do to siblings below a path of five")
        void siblings() {
            path(100_000, 100_000, 3_000, 2_500);
            List<String> leaves = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                define("leaf-" + i, "level-4", lifetime(1_000));
                leaves.add("leaf-" + i);
            }
            hammer(List.of(store()), 8, FULL ? 1_000 : 60, leaves);
            long leafSum =
                    leaves.stream().mapToLong(leaf -> state(leaf).committed()).sum();
            for (int level = 1; level <= 4; level++) {
                assertCounted("level-" + level, leafSum, 0);
            }
        }

        @Test
        @DisplayName("conserves what two stores on one ledger do")
        void twoStores() {
            assumeShared();
            define("s", null, lifetime(1_000_000));
            define("hot", "s", lifetime(1_000));
            hammer(List.of(store(), openAnother()), 8, FULL ? 1_000 : 60, List.of("hot"));
        }

        @Test
        @DisplayName("settles a hold once where commits and releases race for it")
        void settlementRace() {
            define("s", null, lifetime(1_000_000));
            int rounds = FULL ? 500 : 30;
            List<String> holds =
                    IntStream.range(0, rounds).mapToObj(round -> held("s", 10)).toList();
            List<Outcome> effects = Collections.synchronizedList(new ArrayList<>());
            race(6, thread -> {
                for (String hold : holds) {
                    Outcome outcome =
                            ask(thread % 2 == 0 ? committing("s", hold, 1 + thread) : new Operation.Release("s", hold));
                    if (outcome instanceof Outcome.Settled settled && !settled.repeated()) {
                        effects.add(settled);
                    }
                }
            });
            assertThat(effects)
                    .extracting(outcome -> ((Outcome.Settled) outcome).holdId())
                    .containsExactlyInAnyOrderElementsOf(holds);
            long committed = effects.stream()
                    .mapToLong(outcome -> ((Outcome.Settled) outcome).booked().on(Meter.TOKENS))
                    .sum();
            assertCounted("s", committed, 0);
        }

        /** Lets threads do whatever comes to mind, and checks that what they know they did is what the ledger has. */
        private void hammer(List<LedgerStore> stores, int threads, int steps, List<String> scopes) {
            List<AtomicLong> expected =
                    scopes.stream().map(scope -> new AtomicLong()).toList();
            race(threads, thread -> {
                ThreadLocalRandom random = ThreadLocalRandom.current();
                LedgerStore through = stores.get(thread % stores.size());
                for (int step = 0; step < steps; step++) {
                    int at = random.nextInt(scopes.size());
                    String scope = scopes.get(at);
                    long estimate = 1L + random.nextInt(100);
                    if (ask(through, reserving(scope, estimate)) instanceof Outcome.Held held) {
                        if (random.nextInt(4) == 0) {
                            expect(Outcome.Settled.class, ask(through, new Operation.Release(scope, held.holdId())));
                        } else {
                            long actual = random.nextLong(estimate / 8 + 1);
                            expect(Outcome.Settled.class, ask(through, committing(scope, held.holdId(), actual)));
                            expected.get(at).addAndGet(actual);
                        }
                    }
                    if (step % 8 == 0) {
                        Outcome.Inspected inspected =
                                expect(Outcome.Inspected.class, ask(through, new Operation.Inspect(scope, null)));
                        assertThat(inspected.limits())
                                .filteredOn(state -> state.limit().hard())
                                .allSatisfy(state -> assertThat(state.committed() + state.held())
                                        .isLessThanOrEqualTo(state.limit().amount()));
                    }
                }
            });
            for (int at = 0; at < scopes.size(); at++) {
                assertCounted(scopes.get(at), expected.get(at).get(), 0);
            }
        }
    }

    @Nested
    @DisplayName("opened again")
    class Persistence {
        @Test
        @DisplayName("stands as it did when it was closed")
        void sameInspection() {
            assumeDurable();
            Limit session = Limit.tokens(500, Window.session());
            Limit rolling = Limit.tokens(600, Window.rolling(Duration.ofHours(24)))
                    .alertAt(0.1, 0.9)
                    .forModels("acme:*");
            Limit day = Limit.tokens(700, Window.calendar(CalendarUnit.DAY, ZoneId.of("Europe/Berlin")));
            define("team", null, lifetime(10_000), rolling, day);
            define("user-*", "team", lifetime(5_000), session);
            for (String user : List.of("user-a", "user-b")) {
                for (String of : List.of("one", "two")) {
                    String hold = expect(Outcome.Held.class, reserving(OperationId.made(), user, of, MODEL, tokens(50)))
                            .holdId();
                    commit(user, hold, 40);
                    ask(reserving(OperationId.made(), user, of, MODEL, tokens(30)));
                }
            }
            expect(Outcome.Done.class, new Operation.ResetSession(OperationId.made(), "user-a", "one"));
            List<String> before = picture();
            List<Entry> entries = entries();
            Set<String> definitions = names();
            reopen();
            assertThat(picture()).isEqualTo(before);
            assertThat(entries()).isEqualTo(entries);
            assertThat(names()).isEqualTo(definitions);
        }

        @Test
        @DisplayName("has open holds still open, to commit, release and extend")
        void openHolds() {
            assumeDurable();
            define("s", null, lifetime(100));
            String first = held("s", 10);
            String second = held("s", 20);
            String third = heldBriefly("s", 30, OnExpiry.CHARGE);
            reopen();
            assertCounted("s", 0, 60);
            commit("s", first, 15);
            release("s", second);
            elapse(shortTtl());
            assertCounted("s", 45, 0);
            reopen();
            commit("s", third, 5);
            assertCounted("s", 20, 0);
        }

        @Test
        @DisplayName("remembers what was done by which id")
        void ids() {
            assumeDurable();
            define(
                    "s",
                    null,
                    lifetime(1_000),
                    Limit.tokens(1_000, Window.session()).alertOnly());
            expect(Outcome.Held.class, reserving(id("a"), "s", "one", MODEL, tokens(10)));
            expect(Outcome.Extended.class, new Operation.Extend(id("x"), "s", "a", 2 * HOUR));
            expect(Outcome.Extended.class, new Operation.Extend(id("y"), "s", "a", HOUR));
            commit("s", "a", 7);
            expect(Outcome.Booked.class, new Operation.Book(id("b"), "s", "one", MODEL, tokens(5), Detail.NONE));
            expect(Outcome.Done.class, new Operation.ResetSession(id("r"), "s", "one"));
            for (int round = 0; round < 2; round++) {
                reopen();
                assertThat(expect(Outcome.Held.class, reserving(id("a"), "s", "one", MODEL, tokens(10)))
                                .repeated())
                        .isTrue();
                expectRejected(Rejection.ID_REUSED, reserving(id("a"), "s", "one", MODEL, tokens(11)));
                assertThat(expect(Outcome.Extended.class, new Operation.Extend(id("x"), "s", "a", 2 * HOUR))
                                .repeated())
                        .isTrue();
                expectRejected(Rejection.ID_REUSED, new Operation.Extend(id("x"), "s", "a", HOUR));
                assertThat(commit("s", "a", 7).repeated()).isTrue();
                Operation.Book book = new Operation.Book(id("b"), "s", "one", MODEL, tokens(5), Detail.NONE);
                assertThat(expect(Outcome.Booked.class, book).repeated()).isTrue();
                assertThat(expect(Outcome.Done.class, new Operation.ResetSession(id("r"), "s", "one"))
                                .changed())
                        .isFalse();
                assertCounted(12);
            }
        }

        @Test
        @DisplayName("does not repeat an alert")
        void alerts() {
            assumeDurable();
            define("s", null, watched(100, 0.5, 0.9));
            book("s", 60);
            reopen();
            assertThat(book("s", 1).notices()).isEmpty();
            assertThat(book("s", 30).notices()).hasSize(1);
        }

        @Test
        @DisplayName("goes on from its own time where the clock has gone back")
        void clockWentBack() {
            assumeDurable();
            assumeProcessClock();
            define("s", null, Limit.tokens(100, Window.calendar(CalendarUnit.DAY, ZoneId.of("UTC"))));
            clock.advance(Duration.ofDays(1));
            long seen = book("s", 60).bookedAt();
            clock.advance(Duration.ofDays(-3));
            reopen();
            assertThat(book("s", 10).bookedAt()).isGreaterThanOrEqualTo(seen);
            assertCounted("s", 70, 0);
        }

        @Test
        @DisplayName("keeps templates, what they made and what was removed")
        void definitions() {
            assumeDurable();
            define("user-*", null, lifetime(100));
            book("user-a", 40);
            book("user-b", 50);
            define("own", null, lifetime(7));
            expect(Outcome.Done.class, new Operation.Remove("user-b", Removal.REJECT));
            define("drain", null, lifetime(10));
            String hold = held("drain", 5);
            expect(Outcome.Done.class, new Operation.Remove("drain", Removal.DRAIN));
            reopen();
            assertThat(names()).containsExactlyInAnyOrder("user-*", "user-a", "own", "drain");
            redefine("user-*", null, lifetime(1_000));
            book("user-a", 500);
            book("user-b", 1);
            assertCounted("user-a", 540, 0);
            assertCounted("user-b", 51, 0);
            expectRejected(Rejection.DRAINING, reserving("drain", 1));
            release("drain", hold);
            assertThat(names()).doesNotContain("drain");
        }

        private void assertCounted(long committed) {
            assertThat(state("s", lifetime(1_000)).committed()).isEqualTo(committed);
        }

        private void assertCounted(String scope, long committed, long held) {
            LedgerStoreContract.this.assertCounted(scope, committed, held);
        }

        private List<String> picture() {
            return Stream.of("team", "user-a", "user-b")
                    .flatMap(scope ->
                            Stream.concat(inspect(scope).limits().stream(), inspect(scope, "one").limits().stream()))
                    .map(LimitState::toString)
                    .sorted()
                    .toList();
        }

        private Set<String> names() {
            return LedgerStoreContract.this.definitions().stream()
                    .map(ScopeDefinition::name)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Nested
    @DisplayName("takes a batch")
    class Batches {
        @Test
        @DisplayName("in order, each operation seeing those before it")
        void inOrder() {
            List<Outcome> outcomes = askAll(List.of(
                    definition("s", null, false, lifetime(100)),
                    reserving(id("a"), "s", tokens(60)),
                    committing("s", "a", 50),
                    booking("s", 10),
                    new Operation.Inspect("s", null)));
            assertThat(outcomes)
                    .extracting(outcome -> outcome.getClass().getSimpleName())
                    .containsExactly("Done", "Held", "Settled", "Booked", "Inspected");
            Outcome.Inspected inspected = (Outcome.Inspected) outcomes.get(4);
            assertThat(inspected.limits().get(0).committed()).isEqualTo(60);
        }

        @Test
        @DisplayName("in which a refusal does not touch its neighbours")
        void refusals() {
            define("s", null, lifetime(100));
            List<Outcome> outcomes = askAll(List.of(
                    reserving(id("a"), "s", tokens(60)),
                    reserving(id("b"), "s", tokens(60)),
                    reserving("nobody", 1),
                    committing("s", "no-such-hold", 1),
                    reserving(id("c"), "s", tokens(40)),
                    reserving(id("d"), "s", tokens(1))));
            assertThat(outcomes)
                    .extracting(outcome -> outcome.getClass().getSimpleName())
                    .containsExactly("Held", "Denied", "Rejected", "Rejected", "Held", "Denied");
            assertCounted("s", 0, 100);
            askAll(List.of(new Operation.Release("s", "a"), new Operation.Release("s", "c")));
        }

        @Test
        @DisplayName("in which the same id has one effect")
        void sameId() {
            define("s", null, lifetime(100));
            Operation reserve = reserving(id("a"), "s", tokens(30));
            List<Outcome> outcomes = askAll(List.of(reserve, reserve, committing("s", "a", 9), reserve));
            assertThat(((Outcome.Held) outcomes.get(0)).repeated()).isFalse();
            assertThat(((Outcome.Held) outcomes.get(1)).repeated()).isTrue();
            assertThat(((Outcome.Held) outcomes.get(3)).repeated()).isTrue();
            assertCounted("s", 9, 0);
        }

        @Test
        @DisplayName("and with it those that came meanwhile, if it asks for them")
        void more() {
            define("s", null, lifetime(100));
            List<Operation> batch = List.of(reserving(id("a"), "s", tokens(60)), committing("s", "a", 50));
            List<Operation> given = new ArrayList<>();
            List<Outcome> outcomes = store().apply(batch, () -> {
                List<Operation> next = given.isEmpty()
                        ? List.of(booking("s", 20), reserving(id("b"), "s", tokens(60)))
                        : List.of(booking("s", 1));
                given.addAll(next);
                return next;
            });
            assertThat(outcomes).hasSize(batch.size() + given.size());
            assertThat(outcomes.subList(0, 2))
                    .extracting(outcome -> outcome.getClass().getSimpleName())
                    .containsExactly("Held", "Settled");
            if (!given.isEmpty()) {
                assertThat(outcomes.subList(2, 4))
                        .extracting(outcome -> outcome.getClass().getSimpleName())
                        .containsExactly("Booked", "Denied");
            }
            long booked = given.isEmpty() ? 0 : 20 + given.size() - 2;
            assertCounted("s", 50 + booked, 0);
        }

        @Test
        @DisplayName("of a thousand, and an empty one")
        void sizes() {
            define("s", null, lifetime(600));
            assertThat(askAll(List.of())).isEmpty();
            List<Operation> batch = IntStream.range(0, 1_000)
                    .<Operation>mapToObj(i -> reserving("s", 1))
                    .toList();
            List<Outcome> outcomes = askAll(batch);
            assertThat(outcomes.stream().filter(Outcome.Held.class::isInstance)).hasSize(600);
            assertThat(outcomes.subList(0, 600)).allMatch(Outcome.Held.class::isInstance);
            assertThat(outcomes.subList(600, 1_000)).allMatch(Outcome.Denied.class::isInstance);
            askAll(outcomes.subList(0, 600).stream()
                    .<Operation>map(outcome -> committing("s", ((Outcome.Held) outcome).holdId(), 1))
                    .toList());
            assertCounted("s", 600, 0);
        }

        @Test
        @DisplayName("no more once it is closed, and may be closed again")
        void closed() {
            LedgerStore other = store().traits().shared() ? openAnother() : null;
            define("s", null, lifetime(600));
            if (other != null) {
                other.close();
                other.close();
                assertThatThrownBy(() -> other.apply(booking("s", 1))).isInstanceOf(StoreException.class);
            }
            if (store().traits().durability() != Durability.NONE) {
                LedgerStore first = store();
                reopenIfDurable();
                first.close();
                assertThatThrownBy(() -> first.apply(booking("s", 1))).isInstanceOf(StoreException.class);
            }
            book("s", 1);
        }
    }

    @Nested
    @DisplayName("is read")
    class Reading {
        @Test
        @DisplayName("by entries of all time, however it is said")
        void entriesOfAllTime() {
            define("s", null, lifetime(1_000));
            book("s", 1);
            List<Entry> entries = new ArrayList<>();
            store().entries(Instant.MIN, Instant.MAX, entries::add);
            assertThat(entries).hasSize(1);
        }

        @Test
        @DisplayName("by entries in order, from a time and up to another")
        void entriesBetween() {
            define("s", null, lifetime(1_000));
            List<Long> times = new ArrayList<>();
            for (int i = 1; i <= 5; i++) {
                times.add(book("s", i).bookedAt());
                elapse(20);
            }
            assertThat(entries())
                    .extracting(entry -> entry.amounts().inputTokens())
                    .containsExactly(1L, 2L, 3L, 4L, 5L);
            List<Long> between = new ArrayList<>();
            store().entries(
                            Instant.ofEpochMilli(times.get(1)),
                            Instant.ofEpochMilli(times.get(3)),
                            entry -> between.add(entry.amounts().inputTokens()));
            assertThat(between).containsExactly(2L, 3L);
        }

        @Test
        @DisplayName("by entries of every scope, session and model while others write")
        void entriesWhileOthersWrite() {
            define("s", null, lifetime(1_000_000));
            race(4, thread -> {
                for (int i = 0; i < 20; i++) {
                    if (thread == 0) {
                        List<Entry> seen = entries();
                        assertThat(seen).allMatch(entry -> entry.amounts().inputTokens() == 3);
                    } else {
                        ask(booking("s", 3));
                    }
                }
            });
            assertThat(entries()).hasSize(60);
        }

        @Test
        @DisplayName("by the definitions of all scopes and templates")
        void definitionsOfAll() {
            Limit exact = Limit.cost(Usd.of("12.345678901"), Window.calendar(CalendarUnit.MONTH, ZoneId.of("+05:45")))
                    .forModels("claude-*")
                    .alertAt(0.000001, 0.5, 10);
            define("team", null, exact, Limit.calls(0, Window.rolling(Duration.ofMillis(1_500))));
            define(
                    "user-*",
                    "team",
                    Limit.of(Meter.OUTPUT_TOKENS, Long.MAX_VALUE, Window.session())
                            .alertOnly());
            assertThat(definitions())
                    .extracting(ScopeDefinition::name, ScopeDefinition::parent)
                    .containsExactlyInAnyOrder(tuple("team", null), tuple("user-*", "team"));
            assertThat(definitions())
                    .filteredOn(definition -> definition.name().equals("team"))
                    .singleElement()
                    .satisfies(definition -> assertThat(definition.limits()).contains(exact));
        }

        @Test
        @DisplayName("by a verification that compares what there is")
        void verification() {
            define("s", null, lifetime(100));
            book("s", 10);
            String hold = held("s", 10);
            Verification verification = store().verify();
            assertThat(verification.clean()).isTrue();
            assertThat(verification.compared()).isPositive();
            release("s", hold);
        }

        @Test
        @DisplayName("clean by a verification also when time has passed and only reads have noticed")
        void verificationAfterReads() {
            assumeProcessClock();
            define(
                    "s",
                    null,
                    Limit.tokens(100, Window.rolling(Duration.ofHours(1))).alertAt(0.1),
                    Limit.tokens(100, Window.calendar(CalendarUnit.DAY, ZoneId.of("UTC")))
                            .alertAt(0.1));
            book("s", 10);
            clock.advance(Duration.ofDays(2));
            inspect("s");
            assertThat(store().verify().differences()).isEmpty();
        }

        @Test
        @DisplayName("clean by a verification also when only reads have seen a new definition")
        void verificationAfterRedefinition() {
            define("s", null, lifetime(100).alertAt(0.1));
            define("user-*", null, lifetime(100).alertAt(0.1));
            book("s", 10);
            book("user-a", 10);
            book("user-b", 10);
            expect(Outcome.Done.class, new Operation.Remove("user-b", Removal.REJECT));
            redefine("s", null, lifetime(90).alertAt(0.1));
            redefine("user-*", null, lifetime(90).alertAt(0.1));
            for (String scope : List.of("s", "user-a", "user-b")) {
                expect(Outcome.Checked.class, new Operation.Check(scope, null, MODEL, tokens(1)));
                assertThat(store().verify().differences()).isEmpty();
            }
        }
    }

    @Nested
    @DisplayName("is surveyed")
    class Surveying {
        @Test
        @DisplayName("as every scope would show it, each limit once, without limits per session and loop guards")
        void everyLimit() {
            Limit perSession = Limit.tokens(50, Window.session());
            define(
                    "team",
                    null,
                    lifetime(1_000),
                    Limit.calls(10, Window.rolling(Duration.ofHours(24))),
                    Limit.loopGuard(9, Window.rolling(Duration.ofHours(1))));
            define("user-*", "team", lifetime(100), perSession);
            define("idle", null, lifetime(7));
            define("gone", null, lifetime(9));
            book("gone", 1);
            ask(new Operation.Remove("gone", Removal.REJECT));
            expect(
                    Outcome.Booked.class,
                    new Operation.Book(OperationId.made(), "user-a", "s", MODEL, tokens(30), Detail.NONE));
            expect(Outcome.Held.class, reserving(OperationId.made(), "user-b", "s", MODEL, tokens(20)));

            List<LimitState> expected = new ArrayList<>();
            for (String scope : List.of("team", "user-a", "user-b", "idle")) {
                inspect(scope).limits().stream()
                        .filter(state -> state.scope().equals(scope)
                                && state.session() == null
                                && !state.limit().guardsLoops())
                        .forEach(expected::add);
            }
            List<LimitState> surveyed = surveyed();
            assertThat(surveyed)
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("frees")
                    .containsExactlyInAnyOrderElementsOf(expected);
            assertThat(surveyed)
                    .extracting(LimitState::scope, LimitState::limit, LimitState::committed, LimitState::held)
                    .contains(
                            tuple("team", lifetime(1_000), 30L, 20L),
                            tuple("user-a", lifetime(100), 30L, 0L),
                            tuple("user-b", lifetime(100), 0L, 20L),
                            tuple("idle", lifetime(7), 0L, 0L))
                    .doesNotHaveDuplicates();
        }

        @Test
        @DisplayName("with a scope that was removed and defined again, as it goes on")
        void definedAgain() {
            define("s", null, lifetime(100));
            book("s", 40);
            ask(new Operation.Remove("s", Removal.REJECT));
            assertThat(surveyed()).isEmpty();
            define("s", null, lifetime(200));
            assertThat(surveyed())
                    .filteredOn(state -> state.limit().equals(lifetime(200)))
                    .singleElement()
                    .extracting(LimitState::committed)
                    .isEqualTo(40L);
        }

        @Test
        @DisplayName("with its open holds and the age of the oldest")
        void holds() {
            define("s", null, lifetime(100));
            Survey none = store().survey(state -> {});
            assertThat(none.openHolds()).isZero();
            assertThat(none.oldestHold()).isEqualTo(none.at());
            Outcome.Held first = expect(Outcome.Held.class, reserving("s", 10));
            String second = held("s", 10);
            Survey two = store().survey(state -> {});
            assertThat(two.openHolds()).isEqualTo(2);
            assertThat(two.oldestHold()).isEqualTo(first.admittedAt());
            assertThat(two.at()).isGreaterThanOrEqualTo(two.oldestHold());
            commit("s", first.holdId(), 10);
            release("s", second);
            assertThat(store().survey(state -> {}).openHolds()).isZero();
        }

        @Test
        @DisplayName("without what has left a window since anybody asked")
        void rolled() {
            assumeProcessClock();
            Limit hour = Limit.tokens(100, Window.rolling(Duration.ofHours(1)));
            define("s", null, hour);
            book("s", 40);
            assertThat(surveyed())
                    .filteredOn(state -> state.limit().equals(hour))
                    .singleElement()
                    .extracting(LimitState::committed)
                    .isEqualTo(40L);
            elapse(2 * HOUR);
            assertThat(surveyed())
                    .filteredOn(state -> state.limit().equals(hour))
                    .singleElement()
                    .extracting(LimitState::committed)
                    .isEqualTo(0L);
        }

        @Test
        @DisplayName("while others write, with every scope that was there before, once")
        void whileOthersWrite() {
            int scopes = 600;
            define("user-*", null, lifetime(1_000_000));
            List<Operation> first = IntStream.range(0, scopes)
                    .<Operation>mapToObj(i -> booking("user-" + i, 1))
                    .toList();
            askAll(first);
            race(4, thread -> {
                if (thread > 0) {
                    for (int i = 0; i < 50; i++) {
                        store().apply(booking("user-new-" + thread + "-" + i, 1));
                        store().apply(booking("user-" + i, 1));
                    }
                    return;
                }
                for (int reads = 0; reads < 3; reads++) {
                    List<String> seen = surveyed().stream()
                            .filter(state -> state.limit().equals(lifetime(1_000_000)))
                            .map(LimitState::scope)
                            .toList();
                    assertThat(seen).doesNotHaveDuplicates();
                    assertThat(seen)
                            .containsAll(IntStream.range(0, scopes)
                                    .mapToObj(i -> "user-" + i)
                                    .toList());
                }
            });
        }

        private List<LimitState> surveyed() {
            List<LimitState> states = new ArrayList<>();
            store().survey(states::add);
            return states;
        }
    }

    @Nested
    @DisplayName("keeps names")
    class NamesKept {
        private static final List<String> UNUSUAL = List.of(
                "a",
                "A",
                "ä",
                "a\u0308",
                "Ä",
                "ß",
                "ss",
                "İ",
                "i",
                "\uD83D\uDE00",
                "数据",
                "a b",
                "a/b",
                "a\\b",
                "a:b",
                "a'b",
                "a\"b",
                "a\"}{[",
                "a;drop table scope;--",
                "a%b",
                "a_b",
                "a?b",
                "a\u00A0b",
                "../../etc/passwd",
                "{0}",
                "${x}",
                "null",
                "0",
                "x".repeat(256));

        @Test
        @DisplayName("of scopes apart, to the character, whatever they are made of")
        void scopes() {
            for (int i = 0; i < UNUSUAL.size(); i++) {
                define(UNUSUAL.get(i), null, lifetime(100 + i));
                book(UNUSUAL.get(i), i + 1);
            }
            for (int i = 0; i < UNUSUAL.size(); i++) {
                assertCounted(UNUSUAL.get(i), i + 1, 0);
            }
            assertThat(definitions()).extracting(ScopeDefinition::name).containsExactlyInAnyOrderElementsOf(UNUSUAL);
        }

        @Test
        @DisplayName("of sessions, models, operations and tags apart, to the character")
        void others() {
            Limit limit = Limit.tokens(100, Window.session());
            define("s", null, limit);
            for (int i = 0; i < UNUSUAL.size(); i++) {
                String name = UNUSUAL.get(i);
                Detail detail = new Detail(Usage.NONE, Map.of(name, name));
                Operation book = new Operation.Book(id(name), "s", name, name, tokens(i + 1), detail);
                assertThat(expect(Outcome.Booked.class, book).repeated())
                        .as(name)
                        .isFalse();
            }
            List<Entry> entries = entries();
            assertThat(entries).hasSameSizeAs(UNUSUAL);
            for (int i = 0; i < UNUSUAL.size(); i++) {
                String name = UNUSUAL.get(i);
                assertThat(state("s", name, limit).committed()).as(name).isEqualTo(i + 1);
                Entry entry = entries.get(i);
                assertThat(List.of(entry.operationId(), String.valueOf(entry.session()), entry.model()))
                        .containsOnly(name);
                assertThat(entry.detail().tags()).isEqualTo(Map.of(name, name));
            }
        }
    }

    private List<ScopeDefinition> definitions() {
        List<ScopeDefinition> definitions = new ArrayList<>();
        store().definitions(definitions::add);
        return definitions;
    }
}
