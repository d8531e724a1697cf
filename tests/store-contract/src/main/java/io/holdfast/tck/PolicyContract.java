package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The part of the contract that is about what happens on the way to a limit. */
abstract class PolicyContract extends OutboxContract {
    static final String BIG = "acme:big";
    static final String SMALL = "acme:small";
    static final String TINY = "acme:tiny";
    private static final Ladder LADDER = Ladder.of(BIG, SMALL, TINY);

    static Limit upTo(long tokens) {
        return Limit.tokens(tokens, Window.lifetime());
    }

    static Operation.Offer offer(String model, long tokens) {
        return new Operation.Offer(model, model, tokens(tokens));
    }

    static Operation.Request request(String scope, Operation.Offer... offers) {
        return new Operation.Request(scope, null, List.of(offers), null, Operation.Policy.NONE, null);
    }

    static Operation.Reserve reserving(OperationId id, Operation.Request request) {
        return new Operation.Reserve(id, request, HOUR, OnExpiry.CHARGE, Detail.NONE);
    }

    static Operation.Reserve reserving(String scope, Operation.Offer... offers) {
        return reserving(OperationId.made(), request(scope, offers));
    }

    static Operation.Reserve finally_(String scope, long tokens) {
        Operation.Policy last = new Operation.Policy(true, null, Operation.Policy.WHOLE);
        return reserving(
                OperationId.made(),
                new Operation.Request(scope, null, List.of(offer(MODEL, tokens)), null, last, null));
    }

    final Outcome.Held held(Operation.Reserve reserve) {
        return expect(Outcome.Held.class, reserve);
    }

    private void defineWithLadders(String name, @Nullable String parent, List<Ladder> ladders, Limit... limits) {
        ScopeDefinition audited = definition(name, parent, false, limits).definition();
        expect(
                Outcome.Done.class,
                new Operation.Define(new ScopeDefinition(name, parent, audited.limits(), ladders), false));
    }

    private static List<String> passed(Outcome.Held held) {
        return held.steps().stream()
                .map(step -> step.kind() + " " + step.scope() + " " + step.limit() + " " + step.reached() + ">"
                        + step.step())
                .toList();
    }

    @Nested
    @DisplayName("takes a call down its ladder")
    class Ladders {
        @Test
        @DisplayName("above the soft step and not at it, tells why, and counts what is held for the model taken")
        void aboveTheSoftStep() {
            defineWithLadders("s", null, List.of(LADDER), upTo(100).downgradeAt(50));
            Outcome.Held whole = held(reserving("s", offer(BIG, 50)));
            assertThat(whole.model()).isEqualTo(BIG);
            assertThat(whole.steps()).isEmpty();
            Outcome.Held lower = held(reserving("s", offer(BIG, 10), offer(SMALL, 8), offer(TINY, 5)));
            assertThat(lower.model()).isEqualTo(SMALL);
            assertThat(lower.amounts()).isEqualTo(tokens(8));
            assertThat(passed(lower)).containsExactly("DOWNGRADE s tokens/lifetime 60>50");
            assertCounted("s", 0, 58);
            commit("s", lower.holdId(), 7);
            commit("s", whole.holdId(), 40);
            assertThat(entries("s").get(0).model()).isEqualTo(SMALL);
            assertThat(held(reserving("s", offer(BIG, 3))).model()).isEqualTo(BIG);
        }

        @Test
        @DisplayName("only once its lower rungs are offered, and asks for those")
        void asksForRungs() {
            defineWithLadders("s", null, List.of(LADDER), upTo(100).downgradeAt(10));
            for (Operation.Reserve reserve : List.of(
                    reserving("s", offer(BIG, 11)),
                    reserving("s", offer(BIG, 11), offer(SMALL, 5)),
                    reserving("s", offer(BIG, 11), offer("acme:other", 5)))) {
                assertThat(expect(Outcome.RungsWanted.class, reserve).rungs()).containsExactly(SMALL, TINY);
            }
            assertThat(expect(Outcome.RungsWanted.class, new Operation.Check("s", null, BIG, tokens(11)))
                            .rungs())
                    .containsExactly(SMALL, TINY);
            assertCounted("s", 0, 0);
            assertThat(inspect("s").openHolds()).isZero();
            assertThat(expect(Outcome.RungsWanted.class, reserving("s", offer(SMALL, 11)))
                            .rungs())
                    .containsExactly(TINY);
            assertThat(held(reserving("s", offer(TINY, 11))).steps()).isEmpty();
        }

        @Test
        @DisplayName("one rung for each limit whose soft step is passed, each limit once")
        void oneRungForEachLimit() {
            Limit own = upTo(100).downgradeAt(10);
            Limit calls = Limit.calls(100, Window.lifetime()).downgradeAt(1);
            Limit small = upTo(100).forModels(SMALL).downgradeAt(4);
            defineWithLadders("team", null, List.of(), calls);
            defineWithLadders("s", "team", List.of(LADDER), own, small);
            Outcome.Held first = held(reserving("s", offer(BIG, 11), offer(SMALL, 4), offer(TINY, 1)));
            assertThat(first.model()).as("one limit").isEqualTo(SMALL);
            Outcome.Held second = held(reserving("s", offer(BIG, 20), offer(SMALL, 1), offer(TINY, 1)));
            assertThat(second.model()).as("two limits").isEqualTo(TINY);
            assertThat(passed(second))
                    .containsExactly("DOWNGRADE s tokens/lifetime 24>10", "DOWNGRADE team calls/lifetime 2>1");
            release("s", second.holdId());
            release("s", first.holdId());
            Outcome.Held third = held(reserving("s", offer(BIG, 11), offer(SMALL, 5), offer(TINY, 1)));
            assertThat(third.model()).as("a limit on the lower rung").isEqualTo(TINY);
            assertThat(passed(third))
                    .containsExactly("DOWNGRADE s tokens/lifetime 11>10", "DOWNGRADE s tokens/lifetime/acme:small 5>4");
        }

        @Test
        @DisplayName("by a limit per session, from the first call of the session on")
        void firstCallOfASession() {
            Limit limit = Limit.tokens(100, Window.session()).downgradeAt(5);
            defineWithLadders("s", null, List.of(LADDER), limit);
            Operation.Request request = new Operation.Request(
                    "s",
                    "one",
                    List.of(offer(BIG, 20), offer(SMALL, 20), offer(TINY, 20)),
                    null,
                    Operation.Policy.NONE,
                    null);
            Outcome.Held held = held(reserving(OperationId.made(), request));
            assertThat(held.model()).isEqualTo(SMALL);
            assertThat(held.steps()).extracting(PassedStep::session).containsExactly("one");
            assertThat(state("s", "one", limit).held()).isEqualTo(20);
        }

        @Test
        @DisplayName("past a rung that a hard limit refuses, and refuses it by the last rung")
        void pastARungWithoutRoom() {
            Limit all = upTo(100).downgradeAt(1);
            Limit small = upTo(3).forModels(SMALL);
            defineWithLadders("s", null, List.of(LADDER), all, small);
            Operation.Reserve asked =
                    reserving(id("a"), request("s", offer(BIG, 200), offer(SMALL, 4), offer(TINY, 90)));
            Outcome.Held held = held(asked);
            assertThat(held.model()).isEqualTo(TINY);
            assertThat(passed(held))
                    .as("why not the rung before")
                    .containsExactly("DOWNGRADE s tokens/lifetime 200>1", "PASS_OVER s tokens/lifetime/acme:small 4>3");
            assertThat(held.steps().get(1).describe()).endsWith("4 tokens is above the limit of 3 tokens");
            reopenIfDurable();
            assertThat(held(asked).steps()).isEqualTo(held.steps());
            Outcome.Denied denied =
                    expect(Outcome.Denied.class, reserving("s", offer(BIG, 200), offer(SMALL, 4), offer(TINY, 11)));
            assertThat(denied.model()).isEqualTo(TINY);
            assertThat(denied.blocking()).singleElement().satisfies(state -> {
                assertThat(state.limit()).isEqualTo(all);
                assertThat(state.asked()).isEqualTo(11);
                assertThat(state.held()).isEqualTo(90);
            });
        }

        @Test
        @DisplayName("past a rung without a price where cost is limited")
        void pastARungWithoutAPrice() {
            Limit cost = Limit.of(Meter.COST, 100, Window.lifetime()).throttleAt(1.0, Duration.ofSeconds(1));
            defineWithLadders("s", null, List.of(LADDER), cost, upTo(100).downgradeAt(1));
            Operation.Offer big = new Operation.Offer(BIG, BIG, new Amounts(9, 9, 0, 1));
            Operation.Offer small = new Operation.Offer(SMALL, SMALL, new Amounts(Amounts.UNPRICED, 9, 0, 1));
            Operation.Offer tiny = new Operation.Offer(TINY, TINY, new Amounts(1, 9, 0, 1));
            assertThat(held(reserving("s", big, small, tiny)).model()).isEqualTo(TINY);
            Operation.Offer priceless = new Operation.Offer(TINY, TINY, new Amounts(Amounts.UNPRICED, 9, 0, 1));
            expectRejected(Rejection.UNPRICED, reserving("s", big, small, priceless));
        }

        @Test
        @DisplayName("by the scope's first ladder that has the model, or its nearest ancestor's, or none")
        void nearestLadder() {
            Limit limit = upTo(1_000).downgradeAt(1);
            defineWithLadders("top", null, List.of(Ladder.of("acme:*", "top-model")), limit);
            defineWithLadders("mid", "top", List.of(Ladder.of("acme:b*", "b2"), Ladder.of(BIG, "b3")));
            defineWithLadders("s", "mid", List.of(Ladder.of("acme:c*", "c2")));
            defineWithLadders("bare", null, List.of(), limit);
            assertThat(held(reserving("s", offer("acme:cat", 5), offer("c2", 5)))
                            .model())
                    .isEqualTo("c2");
            assertThat(held(reserving("s", offer(BIG, 5), offer("b2", 5))).model())
                    .isEqualTo("b2");
            assertThat(held(reserving("s", offer("acme:x", 5), offer("top-model", 5)))
                            .model())
                    .isEqualTo("top-model");
            assertThat(held(reserving("s", offer("other:x", 5))).steps()).isEmpty();
            assertThat(held(reserving("bare", offer(BIG, 5))).steps()).isEmpty();
        }

        @Test
        @DisplayName("from its own rung, where the pattern at the top covers a rung too, and never up")
        void neverUp() {
            Limit limit = upTo(1_000).downgradeAt(1);
            defineWithLadders("s", null, List.of(Ladder.of("acme:*", BIG, SMALL)), limit);
            assertThat(held(reserving("s", offer("acme:other", 5), offer(BIG, 5), offer(SMALL, 5)))
                            .model())
                    .isEqualTo(BIG);
            assertThat(expect(Outcome.RungsWanted.class, reserving("s", offer(BIG, 5)))
                            .rungs())
                    .containsExactly(SMALL);
            Outcome.Held last = held(reserving("s", offer(SMALL, 5)));
            assertThat(last.model()).isEqualTo(SMALL);
            assertThat(last.steps()).isEmpty();
        }

        @Test
        @DisplayName("of a template as well")
        void templates() {
            defineWithLadders("user-*", null, List.of(LADDER), upTo(100).downgradeAt(10));
            assertThat(held(reserving("user-a", offer(BIG, 11), offer(SMALL, 11), offer(TINY, 11)))
                            .model())
                    .isEqualTo(SMALL);
            assertThat(held(reserving("user-b", offer(BIG, 10))).model()).isEqualTo(BIG);
        }

        @Test
        @DisplayName("and answers the same when asked again, whatever is offered then, also after it was opened again")
        void repeated() {
            Limit limit = upTo(100).downgradeAt(10).throttleAt(12, Duration.ofSeconds(3));
            defineWithLadders("s", null, List.of(LADDER), limit);
            Operation.Reserve asked =
                    reserving(id("a"), request("s", offer(BIG, 20), offer(SMALL, 15), offer(TINY, 5)));
            Outcome.Held first = held(asked);
            assertThat(first.model()).isEqualTo(SMALL);
            assertThat(first.delayMillis()).isEqualTo(3_000);
            assertThat(first.steps()).hasSize(2);
            held(reserving("s", offer(TINY, 60)));
            reopenIfDurable();
            for (Operation.Request again : List.of(
                    request("s", offer(BIG, 20)), asked.request(), request("s", offer(BIG, 20), offer(TINY, 1)))) {
                Outcome.Held answer = held(reserving(id("a"), again));
                assertThat(answer.repeated()).isTrue();
                assertThat(List.of(answer.model(), answer.amounts(), answer.delayMillis(), answer.steps()))
                        .isEqualTo(List.of(SMALL, tokens(15), 3_000L, first.steps()));
                assertThat(answer.expiresAt()).isEqualTo(first.expiresAt());
            }
            expectRejected(Rejection.ID_REUSED, reserving(id("a"), request("s", offer(BIG, 21))));
            expectRejected(Rejection.ID_REUSED, reserving(id("a"), request("s", offer(SMALL, 15))));
            expectRejected(
                    Rejection.ID_REUSED,
                    reserving(
                            id("a"),
                            new Operation.Request(
                                    "s",
                                    null,
                                    List.of(offer(BIG, 20)),
                                    null,
                                    new Operation.Policy(true, null, Operation.Policy.WHOLE),
                                    null)));
            commit("s", "a", 14);
        }

        @Test
        @DisplayName("and keeps its definition when it is opened again")
        void definitionStays() {
            assumeDurable();
            Limit limit = upTo(100)
                    .downgradeAt(10)
                    .throttleAt(0.5, Duration.ofMillis(1_500))
                    .finalReserve(0.2);
            defineWithLadders("s", null, List.of(LADDER, Ladder.of("é-*", "b")), limit);
            Outcome.Inspected before = inspect("s");
            reopen();
            assertThat(inspect("s").path()).isEqualTo(before.path());
            assertThat(inspect("s").path().get(0).ladders()).hasSize(2);
            assertThat(state("s").limit()).isEqualTo(limit);
            expectRejected(
                    Rejection.DEFINITION_CONFLICT,
                    new Operation.Define(
                            new ScopeDefinition("s", null, before.path().get(0).limits(), List.of(LADDER)), false));
        }

        @Test
        @DisplayName("before 64 threads get a call as asked past the soft step")
        void noCallAsAskedPastTheStep() {
            int threads = 64;
            int rounds = FULL ? 50 : 5;
            defineWithLadders("s", null, List.of(LADDER), upTo(100_000).downgradeAt(threads * rounds / 2));
            List<LedgerStore> stores = new ArrayList<>(List.of(store()));
            if (store().traits().shared()) {
                stores.add(openAnother());
            }
            List<Outcome.Held> admitted = Collections.synchronizedList(new ArrayList<>());
            race(threads, thread -> {
                for (int i = 0; i < rounds; i++) {
                    admitted.add(expect(
                            Outcome.Held.class,
                            ask(
                                    stores.get(thread % stores.size()),
                                    reserving("s", offer(BIG, 1), offer(SMALL, 1), offer(TINY, 1)))));
                }
            });
            long asAsked =
                    admitted.stream().filter(held -> held.model().equals(BIG)).count();
            assertThat(asAsked).isEqualTo(threads * rounds / 2);
            assertThat(admitted.stream().filter(held -> held.model().equals(SMALL)))
                    .hasSize(threads * rounds / 2);
            assertCounted("s", 0, (long) threads * rounds);
            admitted.forEach(held -> release("s", held.holdId()));
        }
    }

    @Nested
    @DisplayName("delays a call")
    class Throttles {
        @Test
        @DisplayName(
                "above a throttle step and not at it, for the longest delay there is, by the limits of the model taken")
        void longestDelay() {
            Limit all = upTo(100).downgradeAt(50).throttleAt(60, Duration.ofSeconds(2));
            Limit calls = Limit.calls(10, Window.lifetime()).throttleAt(2, Duration.ofSeconds(5));
            Limit big = upTo(100).forModels(BIG).throttleAt(1, Duration.ofHours(1));
            defineWithLadders("s", null, List.of(LADDER), all, calls, big);
            assertThat(held(reserving("s", offer(SMALL, 50))).delayMillis()).isZero();
            Outcome.Held at = held(reserving("s", offer(BIG, 60), offer(SMALL, 10), offer(TINY, 10)));
            assertThat(at.delayMillis()).isZero();
            Outcome.Held above = held(reserving("s", offer(BIG, 60), offer(SMALL, 1), offer(TINY, 1)));
            assertThat(above.delayMillis()).isEqualTo(5_000);
            assertThat(passed(above))
                    .containsExactly(
                            "DOWNGRADE s tokens/lifetime 120>50",
                            "THROTTLE s tokens/lifetime 61>60",
                            "THROTTLE s calls/lifetime 3>2");
        }

        @Test
        @DisplayName("and lets its hold stay open for its time from when the delay is over")
        void timeToLive() {
            define("s", null, upTo(100).throttleAt(1, Duration.ofMillis(shortTtl())));
            Outcome.Held held = held(new Operation.Reserve(
                    OperationId.made(), request("s", offer(MODEL, 10)), shortTtl(), OnExpiry.CHARGE, Detail.NONE));
            assertThat(held.expiresAt()).isEqualTo(held.admittedAt() + 2 * shortTtl());
            elapse(shortTtl());
            commit("s", held.holdId(), 9);
            assertCounted("s", 9, 0);
        }

        @Test
        @DisplayName("holds at once, so that nobody else gets its room meanwhile")
        void holdsAtOnce() {
            define("s", null, upTo(10).throttleAt(5, Duration.ofSeconds(2)));
            held(reserving("s", offer(MODEL, 10)));
            denied("s", 1);
        }

        @Test
        @DisplayName("and says so in a check, which holds nothing")
        void check() {
            defineWithLadders(
                    "s", null, List.of(LADDER), upTo(100).downgradeAt(5).throttleAt(5, Duration.ofSeconds(2)));
            Outcome.Checked checked = expect(
                    Outcome.Checked.class,
                    new Operation.Check(request("s", offer(BIG, 10), offer(SMALL, 7), offer(TINY, 6))));
            assertThat(checked.admitted()).isTrue();
            assertThat(checked.model()).isEqualTo(SMALL);
            assertThat(checked.amounts()).isEqualTo(tokens(7));
            assertThat(checked.delayMillis()).isEqualTo(2_000);
            assertThat(checked.steps()).hasSize(2);
            assertCounted("s", 0, 0);
        }
    }

    @Nested
    @DisplayName("keeps the rest of a limit for final calls")
    class FinalReserve {
        @Test
        @DisplayName("to the last unit, and says so to the others")
        void toTheLastUnit() {
            define("s", null, upTo(105).finalReserve(0.1));
            String ordinary = held("s", 94);
            assertThat(denied("s", 1).blocking()).singleElement().satisfies(state -> {
                assertThat(state.reserved()).isEqualTo(11);
                assertThat(state.remaining()).isZero();
                assertThat(state.describe()).contains("11 tokens of it reserved for final calls");
            });
            assertThat(state("s").remaining()).isZero();
            assertThat(expect(Outcome.Denied.class, finally_("s", 12)).blocking())
                    .extracting(LimitState::reserved, LimitState::remaining)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(0L, 11L));
            String last = held(finally_("s", 11)).holdId();
            expect(Outcome.Denied.class, finally_("s", 1));
            commit("s", ordinary, 1);
            commit("s", last, 100);
            denied("s", 1);
            assertThat(held(finally_("s", 4)).amounts()).isEqualTo(tokens(4));
        }

        @Test
        @DisplayName("in each limit that has one, of the scope and its ancestors")
        void everyLimit() {
            define("team", null, upTo(100).finalReserve(0.5));
            define("s", "team", upTo(100));
            assertThat(denied("s", 51).blocking()).extracting(LimitState::scope).containsExactly("team");
            commit("s", held(finally_("s", 100)).holdId(), 100);
        }
    }

    @Nested
    @DisplayName("holds a shorter answer")
    class Shortened {
        private Operation.Reserve shortened(OperationId id, long asked, long fallback) {
            return reserving(
                    id,
                    new Operation.Request(
                            "s",
                            null,
                            List.of(offer(MODEL, asked)),
                            offer(MODEL, fallback),
                            new Operation.Policy(false, null, 1),
                            null));
        }

        @Test
        @DisplayName("only where the whole one has no room, and the same when asked again")
        void lastResort() {
            define("s", null, upTo(100));
            assertThat(held(shortened(id("a"), 60, 10)).amounts()).isEqualTo(tokens(60));
            assertThat(held(shortened(id("b"), 60, 40)).amounts()).isEqualTo(tokens(40));
            expect(Outcome.Denied.class, shortened(id("c"), 60, 1));
            reopenIfDurable();
            assertThat(held(shortened(id("b"), 60, 3)).amounts()).isEqualTo(tokens(40));
            commit("s", "b", 5);
            assertThat(expect(Outcome.Settled.class, committing("s", "b", 5)).state())
                    .isEqualTo(HoldState.COMMITTED);
        }
    }

    @Nested
    @DisplayName("guards against loops")
    class LoopGuard {
        private static final long WINDOW = 3_000;
        private final Limit guard = Limit.loopGuard(3, Window.rolling(Duration.ofMillis(WINDOW)));
        private final Limit slow = Limit.loopGuard(3, Window.rolling(Duration.ofHours(1)));

        private Operation.Reserve keyed(OperationId id, String key, long ttl) {
            Operation.Policy policy = new Operation.Policy(false, key, Operation.Policy.WHOLE);
            return new Operation.Reserve(
                    id,
                    new Operation.Request("s", null, List.of(offer(MODEL, 1)), null, policy, null),
                    ttl,
                    OnExpiry.RELEASE,
                    Detail.NONE);
        }

        private Operation.Reserve keyed(String key) {
            return keyed(OperationId.made(), key, HOUR);
        }

        private Operation.Book booked(OperationId id, String key) {
            return new Operation.Book(id, "s", null, MODEL, tokens(1), key, null, Detail.NONE);
        }

        @Test
        @DisplayName("by each key by itself, made and under way together, and names the key")
        void eachKey() {
            define("team", null, slow);
            define("s", "team", Limit.calls(100, Window.lifetime()), upTo(100));
            commit("s", held(keyed("a")).holdId(), 1);
            expect(Outcome.Booked.class, booked(OperationId.made(), "a"));
            String open = held(keyed("a")).holdId();
            held(keyed("b"));
            Outcome.Denied denied = expect(Outcome.Denied.class, keyed("a"));
            assertThat(denied.blocking()).singleElement().satisfies(state -> {
                assertThat(state.scope()).isEqualTo("team");
                assertThat(state.loopKey()).isEqualTo("a");
                assertThat(state.committed()).isEqualTo(2);
                assertThat(state.held()).isEqualTo(1);
                assertThat(state.freesAt()).isNotEmpty();
                assertThat(state.describe()).contains("limit calls/rolling(PT1H)/loop-guard key 'a'");
            });
            assertThat(inspect("s").limits())
                    .filteredOn(state -> state.limit().equals(slow))
                    .as("the key that came most")
                    .singleElement()
                    .extracting(LimitState::loopKey)
                    .isEqualTo("a");
            release("s", open);
            held(keyed("a"));
            held(reserving("s", offer(MODEL, 1)));
        }

        @Test
        @DisplayName("until its calls have left the window")
        void leavesTheWindow() {
            define("s", null, guard);
            for (int i = 0; i < 3; i++) {
                commit("s", held(keyed("a")).holdId(), 1);
            }
            expect(Outcome.Denied.class, keyed("a"));
            elapse(WINDOW + 1_001);
            commit("s", held(keyed("a")).holdId(), 1);
        }

        @Test
        @DisplayName("also after it was opened again, and answers a key that differs as another request")
        void opensAgain() {
            define("s", null, slow);
            commit("s", held(keyed(id("x"), "a", HOUR)).holdId(), 1);
            held(keyed(id("y"), "a", HOUR));
            expect(Outcome.Booked.class, booked(id("z"), "a"));
            reopenIfDurable();
            expect(Outcome.Denied.class, keyed("a"));
            assertThat(held(keyed(id("y"), "a", HOUR)).repeated()).isTrue();
            assertThat(expect(Outcome.Booked.class, booked(id("z"), "a")).repeated())
                    .isTrue();
            expectRejected(Rejection.ID_REUSED, keyed(id("y"), "b", HOUR));
            expectRejected(Rejection.ID_REUSED, booked(id("z"), "b"));
            commit("s", "y", 1);
            expect(Outcome.Denied.class, keyed("a"));
        }

        @Test
        @DisplayName("also by a late commit, long after its key was forgotten")
        void lateCommit() {
            define("s", null, guard);
            String late = held(keyed(OperationId.made(), "a", shortTtl())).holdId();
            elapse(shortTtl() + 1);
            for (int i = 0; i < 20; i++) {
                held(keyed("other-" + i));
            }
            commit("s", late, 1);
            held(keyed("a"));
            held(keyed("a"));
            expect(Outcome.Denied.class, keyed("a"));
        }

        @Test
        @DisplayName("and goes on from there when the guard is removed and comes back")
        void comesBack() {
            define("s", null, slow);
            String open = held(keyed("a")).holdId();
            held(keyed("a"));
            redefine("s", null, upTo(100));
            held(keyed("a"));
            commit("s", open, 1);
            redefine("s", null, Limit.loopGuard(3, Window.rolling(Duration.ofHours(1))), upTo(100));
            held(keyed("a"));
            expect(Outcome.Denied.class, keyed("a"));
        }

        @Test
        @DisplayName("exactly, when 64 threads come with one key")
        void exactlySoMany() {
            define("s", null, Limit.loopGuard(17, Window.rolling(Duration.ofHours(1))));
            List<LedgerStore> stores = new ArrayList<>(List.of(store()));
            if (store().traits().shared()) {
                stores.add(openAnother());
            }
            List<String> admitted = Collections.synchronizedList(new ArrayList<>());
            race(64, thread -> {
                Outcome outcome = ask(stores.get(thread % stores.size()), keyed("a"));
                if (outcome instanceof Outcome.Held held) {
                    admitted.add(held.holdId());
                }
            });
            assertThat(admitted).hasSize(17);
            admitted.forEach(hold -> commit("s", hold, 1));
            expect(Outcome.Denied.class, keyed("a"));
        }
    }

    @Nested
    @DisplayName("holds the budget of a child session")
    class Allotments {
        private final Limit all = Limit.of(Meter.COST, 100, Window.lifetime());
        private final Limit session = Limit.of(Meter.COST, 80, Window.session());

        private Operation.Allot allotting(String id, @Nullable String from, long cost) {
            return new Operation.Allot(id(id), "s", "one", from, "one/" + id, cost, HOUR);
        }

        private Outcome.Held allot(String id, @Nullable String from, long cost) {
            return expect(Outcome.Held.class, allotting(id, from, cost));
        }

        private Operation.Reserve spending(OperationId id, String from, long cost, OnExpiry onExpiry, long ttl) {
            Operation.Offer offer = new Operation.Offer(MODEL, MODEL, cost(cost));
            Operation.Request request =
                    new Operation.Request("s", "one", List.of(offer), null, Operation.Policy.NONE, from);
            return new Operation.Reserve(id, request, ttl, onExpiry, Detail.NONE);
        }

        private Operation.Reserve spending(String from, long cost) {
            return spending(OperationId.made(), from, cost, OnExpiry.CHARGE, HOUR);
        }

        private void settle(String hold, long cost) {
            expect(Outcome.Settled.class, new Operation.Commit("s", hold, cost(cost), false, Detail.NONE));
        }

        /** Checks what the child has spent, holds and has left. */
        private void assertChild(String id, long spent, long held, long left) {
            LimitState state = expect(Outcome.Inspected.class, new Operation.Inspect("s", "one", id))
                    .limits()
                    .get(0);
            assertThat(state.session()).isEqualTo("one/" + id);
            assertThat(List.of(state.committed(), state.held(), state.remaining()))
                    .as("spent, held and left of %s", id)
                    .isEqualTo(List.of(spent, held, left));
        }

        private void assertCost(long committed, long held) {
            for (Limit limit : List.of(all, session)) {
                LimitState state = inspect("s", "one").limits().stream()
                        .filter(each -> each.limit().equals(limit))
                        .findFirst()
                        .orElseThrow();
                assertThat(List.of(state.committed(), state.held()))
                        .as("%s", state)
                        .isEqualTo(List.of(committed, held));
            }
        }

        private void defineBoth() {
            define("top", null, all);
            define("s", "top", session, Limit.tokens(1_000, Window.lifetime()));
        }

        @Test
        @DisplayName("from the start, so that two can never promise the same dollar, and gives back what is left")
        void wholeFromTheStart() {
            defineBoth();
            allot("a", null, 50);
            assertThat(expect(Outcome.Denied.class, allotting("b", null, 31)).blocking())
                    .singleElement()
                    .satisfies(state -> {
                        assertThat(state.limit()).isEqualTo(session);
                        assertThat(state.held()).isEqualTo(50);
                    });
            allot("b", null, 30);
            assertCost(0, 80);
            assertThat(inspect("s").openHolds()).isEqualTo(2);
            assertThat(allot("a", null, 50).repeated()).isTrue();
            expectRejected(Rejection.ID_REUSED, allotting("a", null, 51));
            release("s", "a");
            assertThat(release("s", "a").repeated()).isTrue();
            assertCost(0, 30);
            release("s", "b");
            assertCost(0, 0);
        }

        @Test
        @DisplayName("which its calls draw on without holding anything twice, and get back what they did not come to")
        void drawnOn() {
            defineBoth();
            allot("a", null, 80);
            Outcome.Held call = held(spending("a", 30));
            assertCost(0, 80);
            assertChild("a", 0, 30, 50);
            assertThat(expect(Outcome.Denied.class, spending("a", 51)).blocking())
                    .extracting(LimitState::session, LimitState::held, LimitState::asked)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("one/a", 30L, 51L));
            Outcome.Held second = held(spending("a", 50));
            assertChild("a", 0, 80, 0);
            settle(call.holdId(), 10);
            assertCost(10, 70);
            assertChild("a", 10, 50, 20);
            release("s", second.holdId());
            assertChild("a", 10, 0, 70);
            settle(held(spending("a", 20)).holdId(), 45);
            assertCost(55, 25);
            assertChild("a", 55, 0, 25);
            settle(held(spending("a", 20)).holdId(), 60);
            assertCost(115, 0);
            assertChild("a", 115, 0, 0);
            expect(Outcome.Denied.class, spending("a", 1));
            assertThat(entries("s")).extracting(io.holdfast.spi.Entry::session).containsOnly("one");
        }

        @Test
        @DisplayName("at any depth, each out of the one above")
        void anyDepth() {
            defineBoth();
            allot("a", null, 60);
            allot("b", "a", 40);
            allot("c", "b", 30);
            assertCost(0, 60);
            expect(Outcome.Denied.class, allotting("d", "a", 21));
            Outcome.Held call = held(spending("c", 20));
            assertChild("a", 0, 40, 20);
            assertChild("b", 0, 30, 10);
            assertChild("c", 0, 20, 10);
            settle(call.holdId(), 36);
            assertChild("c", 36, 0, 0);
            assertChild("b", 36, 0, 4);
            assertChild("a", 36, 4, 20);
            assertCost(36, 24);
            Outcome.Held late = held(spending("b", 4));
            release("s", "c");
            release("s", "b");
            assertChild("a", 36, 4, 20);
            settle(late.holdId(), 1);
            assertChild("a", 37, 0, 23);
            assertCost(37, 23);
            release("s", "a");
            assertCost(37, 0);
        }

        @Test
        @DisplayName("until it is closed: then its calls are refused, and those under way are settled all the same")
        void closed() {
            defineBoth();
            allot("a", null, 50);
            Outcome.Held under = held(spending("a", 20));
            release("s", "a");
            assertCost(0, 20);
            expectRejected(Rejection.ALLOTMENT_CLOSED, spending("a", 1));
            expectRejected(Rejection.ALLOTMENT_CLOSED, allotting("b", "a", 1));
            expectRejected(Rejection.ALLOTMENT_CLOSED, spending("nobody", 1));
            expectRejected(Rejection.ALLOTMENT_CLOSED, allotting("a", null, 50));
            expectRejected(Rejection.ID_REUSED, allotting("a", null, 51));
            expectRejected(Rejection.ALLOTMENT_CLOSED, new Operation.Inspect("s", "one", "a"));
            expectRejected(
                    Rejection.ALLOTMENT_CLOSED,
                    new Operation.Check(spending("a", 1).request()));
            expectRejected(Rejection.UNKNOWN_HOLD, new Operation.Commit("s", "a", cost(1), false, Detail.NONE));
            settle(under.holdId(), 33);
            assertCost(33, 0);
        }

        @Test
        @DisplayName("until its time is over: what is left is given back and not booked, and a late commit stays exact")
        void timeOver() {
            defineBoth();
            // Long enough that the clock of a busy server does not end it before it is meant to end.
            long time = 24 * shortTtl();
            expect(Outcome.Held.class, new Operation.Allot(id("a"), "s", "one", null, "one/a", 50, time));
            String charged = held(spending(OperationId.made(), "a", 10, OnExpiry.CHARGE, shortTtl()))
                    .holdId();
            String freed = held(spending(OperationId.made(), "a", 10, OnExpiry.RELEASE, shortTtl()))
                    .holdId();
            elapse(shortTtl() + 1);
            assertCost(10, 40);
            assertChild("a", 10, 0, 40);
            settle(charged, 4);
            assertCost(4, 40);
            assertChild("a", 10, 0, 40);
            settle(freed, 15);
            assertChild("a", 25, 0, 25);
            assertCost(19, 25);
            String under = held(spending("a", 20)).holdId();
            elapse(time + 1);
            assertCost(19, 20);
            expectRejected(Rejection.ALLOTMENT_CLOSED, spending("a", 1));
            expectRejected(Rejection.HOLD_SETTLED, new Operation.Release("s", "a"));
            expectRejected(
                    Rejection.ALLOTMENT_CLOSED, new Operation.Allot(id("a"), "s", "one", null, "one/a", 50, time));
            settle(under, 3);
            assertCost(22, 0);
            assertThat(told(Notice.Expired.class))
                    .as("calls are in doubt, a child whose time is over is not")
                    .extracting(Notice.Expired::holdId)
                    .containsExactlyInAnyOrder(charged, freed);
        }

        @Test
        @DisplayName("but admits nothing out of it while a limit is passed, and all again once it is raised")
        void passedLimit() {
            defineBoth();
            allot("a", null, 50);
            String open = held(spending("a", 10)).holdId();
            Limit none = Limit.of(Meter.COST, 0, Window.lifetime());
            redefine("top", null, none);
            assertThat(expect(Outcome.Denied.class, spending("a", 1)).blocking())
                    .singleElement()
                    .satisfies(state -> {
                        assertThat(state.limit()).isEqualTo(none);
                        assertThat(state.describeRefusal())
                                .contains("used 0.00 USD, held 0.00000005 USD, limit 0.00 USD, asked 0.00 USD");
                    });
            expect(Outcome.Denied.class, allotting("b", "a", 1));
            settle(open, 10);
            redefine("top", null, Limit.of(Meter.COST, 49, Window.lifetime()));
            expect(Outcome.Denied.class, spending("a", 1));
            redefine("top", null, all);
            settle(held(spending("a", 40)).holdId(), 40);
            assertCost(50, 0);
        }

        @Test
        @DisplayName("beside what is reserved for final calls, which stop no call that it pays for")
        void besideTheFinalReserve() {
            Limit limit = Limit.of(Meter.COST, 100, Window.lifetime()).finalReserve(0.1);
            define("s", null, limit);
            expect(Outcome.Denied.class, allotting("b", null, 91));
            allot("a", null, 90);
            Operation.Policy last = new Operation.Policy(true, null, Operation.Policy.WHOLE);
            held(reserving(
                    OperationId.made(),
                    new Operation.Request(
                            "s", null, List.of(new Operation.Offer(MODEL, MODEL, cost(5))), null, last, null)));
            settle(held(spending("a", 90)).holdId(), 90);
            assertChild("a", 90, 0, 0);
        }

        @Test
        @DisplayName("of a scope that is being removed: nothing new, and in the end all is given back")
        void drained() {
            defineBoth();
            allot("a", null, 50);
            String under = held(spending("a", 20)).holdId();
            expectRejected(Rejection.OPEN_HOLDS, new Operation.Remove("s", Removal.REJECT));
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.DRAIN));
            expectRejected(Rejection.DRAINING, spending("a", 1));
            expectRejected(Rejection.DRAINING, allotting("b", "a", 1));
            settle(under, 5);
            assertThat(state("top", all).held()).isEqualTo(45);
            release("s", "a");
            assertThat(state("top", all).held()).isZero();
            assertThat(state("top", all).committed()).isEqualTo(5);
            expectRejected(Rejection.UNKNOWN_SCOPE, spending("a", 1));
        }

        @Test
        @DisplayName("through a removal by force, after which the scope may come back and its children go on")
        void removedAndBack() {
            defineBoth();
            allot("a", null, 50);
            String under = held(spending("a", 20)).holdId();
            expect(Outcome.Done.class, new Operation.Remove("s", Removal.FORCE));
            expectRejected(Rejection.UNKNOWN_SCOPE, spending("a", 1));
            reopenIfDurable();
            settle(under, 5);
            define("s", "top", session);
            settle(held(spending("a", 40)).holdId(), 30);
            assertCost(35, 15);
            release("s", "a");
            assertCost(35, 0);
        }

        @Test
        @DisplayName("of a scope that nobody has touched before")
        void firstTouch() {
            define("user-*", null, all);
            Operation.Allot first = new Operation.Allot(id("a"), "user-x", "one", null, "one/a", 60, HOUR);
            expect(Outcome.Held.class, first);
            reopenIfDurable();
            assertThat(expect(Outcome.Held.class, first).repeated()).isTrue();
            assertThat(state("user-x").held()).isEqualTo(60);
        }

        @Test
        @DisplayName("and counts its spend up to the largest number there is")
        void largestNumber() {
            defineBare("free", null);
            long half = Long.MAX_VALUE / 2 + 1;
            expect(Outcome.Held.class, new Operation.Allot(id("a"), "free", "one", null, "one/a", half, HOUR));
            expect(Outcome.Held.class, new Operation.Allot(id("b"), "free", "one", "a", "one/a/b", 9, HOUR));
            Operation.Request request = new Operation.Request(
                    "free",
                    "one",
                    List.of(new Operation.Offer(MODEL, MODEL, cost(9))),
                    null,
                    Operation.Policy.NONE,
                    "b");
            held(new Operation.Reserve(id("c"), request, HOUR, OnExpiry.CHARGE, Detail.NONE));
            expect(
                    Outcome.Booked.class,
                    new Operation.Book(id("d"), "free", "one", "acme:other", cost(half), null, "a", Detail.NONE));
            expect(Outcome.Settled.class, new Operation.Commit("free", "c", cost(half), false, Detail.NONE));
            reopenIfDurable();
            LimitState child = expect(Outcome.Inspected.class, new Operation.Inspect("free", "one", "a"))
                    .limits()
                    .get(0);
            assertThat(child.committed()).isEqualTo(Long.MAX_VALUE);
            assertThat(List.of(child.held(), child.remaining())).containsOnly(0L);
        }

        @Test
        @DisplayName("also when the ledger is opened again in the middle")
        void openedAgain() {
            assumeDurable();
            defineBoth();
            allot("a", null, 60);
            allot("b", "a", 40);
            Outcome.Held call = held(spending("b", 25));
            settle(held(spending("a", 5)).holdId(), 3);
            reopen();
            assertChild("a", 3, 40, 17);
            assertChild("b", 0, 25, 15);
            settle(call.holdId(), 45);
            reopen();
            assertChild("b", 45, 0, 0);
            assertChild("a", 48, 0, 12);
            assertCost(48, 12);
            release("s", "b");
            release("s", "a");
            assertCost(48, 0);
        }

        @Test
        @DisplayName("that pays for what is booked afterwards too, and tells when it is passed")
        void bookedAfterwards() {
            defineBoth();
            allot("a", null, 20);
            for (int i = 1; i <= 3; i++) {
                Outcome.Booked booked = expect(
                        Outcome.Booked.class,
                        new Operation.Book(OperationId.made(), "s", "one", MODEL, cost(8), null, "a", Detail.NONE));
                assertThat(booked.passed())
                        .extracting(LimitState::asked)
                        .containsExactly(i < 3 ? new Long[0] : new Long[] {8L});
                assertCost(8L * i, Math.max(0, 20 - 8L * i));
            }
            assertChild("a", 24, 0, 0);
        }

        @Test
        @DisplayName("in the calendar window that it was set aside in, and no other")
        void calendar() {
            assumeProcessClock();
            Limit daily = Limit.of(Meter.COST, 100, Window.parse("calendar(day;UTC)"));
            define("s", null, daily);
            allot("a", null, 90);
            Outcome.Held yesterday = held(spending(
                    OperationId.made(),
                    "a",
                    30,
                    OnExpiry.CHARGE,
                    Duration.ofDays(2).toMillis()));
            clock.advance(Duration.ofMinutes(59));
            expect(
                    Outcome.Extended.class,
                    new Operation.Extend(
                            OperationId.made(), "s", "a", Duration.ofDays(3).toMillis()));
            clock.advance(Duration.ofHours(16));
            assertThat(state("s", daily).held()).isZero();
            String today = held(spending("a", 60)).holdId();
            assertThat(state("s", daily).held()).isEqualTo(60);
            settle(today, 50);
            assertThat(state("s", daily).held()).isZero();
            assertThat(state("s", daily).committed()).isEqualTo(50);
            settle(yesterday.holdId(), 10);
            assertThat(state("s", daily).committed()).isEqualTo(50);
            assertChild("a", 60, 0, 30);
            expect(
                    Outcome.Booked.class,
                    new Operation.Book(OperationId.made(), "s", null, MODEL, cost(40), Detail.NONE));
            assertThat(expect(Outcome.Denied.class, spending("a", 11)).blocking())
                    .extracting(LimitState::limit)
                    .containsExactly(daily);
            held(spending("a", 10));
        }

        @Test
        @DisplayName("before 64 threads, which spend the budgets of their children and not a unit more")
        void race64() {
            Limit most = Limit.of(Meter.COST, 1_000, Window.lifetime());
            define("s", null, most);
            List<LedgerStore> stores = new ArrayList<>(List.of(store()));
            if (store().traits().shared()) {
                stores.add(openAnother());
            }
            List<String> children = Collections.synchronizedList(new ArrayList<>());
            List<Long> admitted = Collections.synchronizedList(new ArrayList<>());
            race(64, thread -> {
                LedgerStore through = stores.get(thread % stores.size());
                Operation.Allot allot =
                        new Operation.Allot(id("c" + thread), "s", "one", null, "one/c" + thread, 30, HOUR);
                if (!(ask(through, allot) instanceof Outcome.Held held)) {
                    return;
                }
                children.add(held.holdId());
                for (int i = 0; i < 5; i++) {
                    if (ask(through, spending(held.holdId(), 7)) instanceof Outcome.Held call) {
                        admitted.add(7L);
                        Operation commit = new Operation.Commit("s", call.holdId(), cost(7), false, Detail.NONE);
                        expect(Outcome.Settled.class, ask(through, commit));
                    }
                }
            });
            assertThat(children).hasSize(33);
            assertThat(admitted).hasSize(33 * 4);
            assertThat(state("s", most).held()).isEqualTo(33 * 2);
            children.forEach(child -> release("s", child));
            assertThat(state("s", most).held()).isZero();
            assertThat(state("s", most).committed()).isEqualTo(33 * 28);
        }

        private static Amounts cost(long nanos) {
            return new Amounts(nanos, 0, 0, 1);
        }
    }
}
