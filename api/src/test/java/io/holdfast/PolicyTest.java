package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.pricing.Caching;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user sees on the way to a limit. "Big" costs 10 USD per million tokens of either kind, "small" 2 USD, and "tiny"
 * 1 USD.
 */
@Timeout(120)
class PolicyTest {
    private static final Usd TEN = Usd.of("10.00");

    private final ManualClock clock = new ManualClock();
    private final List<Duration> slept = Collections.synchronizedList(new ArrayList<>());
    private final BudgetManager budgets = BudgetManager.builder()
            .clock(clock)
            .prices(PriceBook.empty()
                    .register(price("big", "10"))
                    .register(price("Small-1", "2"))
                    .register(price("tiny", "1")))
            .sleeper(slept::add)
            .build();

    private static ModelPrice price(String model, String usd) {
        return ModelPrice.of("acme", model)
                .input(usd)
                .output(usd)
                .maxOutputTokens(1_000_000)
                .build();
    }

    @AfterEach
    void close() {
        budgets.close();
    }

    private Budget budget(Limit... limits) {
        BudgetScope.Builder scope = BudgetScope.named("agent").ladder("big", "SMALL-1", "tiny");
        for (Limit limit : limits) {
            scope.limit(limit);
        }
        budgets.register(scope.build());
        return budgets.budget("agent");
    }

    private static Call big(long output) {
        return Call.of("one", "big").maxOutput(output).caching(Caching.NONE);
    }

    private static Limit cost(Usd most) {
        return Limit.cost(most, Window.session());
    }

    private static LimitState only(Budget budget) {
        List<LimitState> limits = budget.session("one").summary().limits();
        assertThat(limits).hasSize(1);
        return limits.get(0);
    }

    @Test
    @DisplayName(
            "above the soft step the reservation names the cheaper model by the name of its provider, and charges that")
    void cheaperModel() {
        Budget agent = budget(cost(TEN).downgradeAt(Usd.of("5.00")));
        Reservation asAsked = agent.reserve(big(500_000));
        assertThat(asAsked.model()).isEqualTo("big");
        assertThat(asAsked.downgraded()).isFalse();
        assertThat(asAsked.steps()).isEmpty();
        asAsked.commit(Usage.of(0, 500_000));
        for (int i = 0; i < 2; i++) {
            Reservation lower = agent.reserve(big(500_000));
            assertThat(lower.model()).isEqualTo("Small-1");
            assertThat(lower.downgraded()).isTrue();
            assertThat(lower.estimate().model()).isEqualTo("acme:small-1");
            assertThat(lower.estimate().cost()).contains(Usd.of("1.00"));
            assertThat(lower.maxOutput()).isEqualTo(500_000);
            assertThat(lower.clamped()).isFalse();
            assertThat(lower.steps())
                    .singleElement()
                    .satisfies(step -> assertThat(step.describe())
                            .contains("scope 'agent' limit cost/session session 'one'")
                            .contains("above the downgrade step of 5.00 USD"));
            Charge charge = lower.commit(Usage.of(0, 250_000));
            assertThat(charge.cost()).isEqualTo(Usd.of("0.50"));
            assertThat(charge.model()).isEqualTo("acme:small-1");
        }
        assertThat(only(agent).committed()).isEqualTo(Usd.of("6.00").nanos());
        assertThat(slept).isEmpty();
    }

    @Test
    @DisplayName("a rung may produce no more than its own ceiling, and is held for that")
    void ceilingOfTheRung() {
        budgets.prices()
                .register(ModelPrice.of("acme", "tiny")
                        .input("1")
                        .output("1")
                        .maxOutputTokens(8_000)
                        .build());
        Budget agent = budget(cost(TEN).downgradeAt(Usd.of("1.00")).throttleAt(Usd.of("9.99"), Duration.ofSeconds(1)));
        budgets.replace(BudgetScope.named("agent")
                .limit(cost(TEN).downgradeAt(Usd.of("1.00")))
                .ladder("big", "tiny")
                .build());
        Reservation lower = agent.reserve(Call.of("one", "big").caching(Caching.NONE));
        assertThat(lower.model()).isEqualTo("tiny");
        assertThat(lower.maxOutput()).isEqualTo(8_000);
        assertThat(lower.clamped()).isFalse();
        assertThat(lower.estimate().cost()).contains(Usd.of("0.008"));
        assertThat(only(agent).held()).isEqualTo(Usd.of("0.008").nanos());
    }

    @Test
    @DisplayName(
            "a repeated id answers the model, amounts and delay that were admitted, also to a node that knows no ladder")
    void repeatedId() {
        Budget agent = budget(cost(TEN).downgradeAt(Usd.of("1.00")).throttleAt(0.15, Duration.ofSeconds(2)));
        Reservation first = agent.reserve(big(800_000).id("a"));
        assertThat(List.of(first.model(), first.delay())).isEqualTo(List.of("Small-1", Duration.ofSeconds(2)));
        budgets.replace(BudgetScope.named("agent").limit(cost(TEN)).build());
        Reservation again = agent.reserve(big(800_000).id("a"));
        assertThat(again.model()).isEqualTo("Small-1");
        assertThat(again.estimate()).isEqualTo(first.estimate());
        assertThat(again.delay()).isEqualTo(first.delay());
        assertThat(again.steps()).isEqualTo(first.steps());
        assertThat(again.commit(Usage.of(0, 1)).model()).isEqualTo("acme:small-1");
        assertThatThrownBy(() -> agent.reserve(big(700_000).id("a"))).isInstanceOf(OperationIdException.class);
        assertThatThrownBy(() -> agent.reserve(big(800_000).clampOutput(1).id("a")))
                .isInstanceOf(OperationIdException.class);
    }

    @Test
    @DisplayName("a ladder that changed is followed at the next call")
    void changedLadder() {
        Budget agent = budget(cost(TEN).downgradeAt(Usd.of("1.00")));
        assertThat(agent.reserve(big(200_000)).model()).isEqualTo("Small-1");
        budgets.replace(BudgetScope.named("agent")
                .limit(cost(TEN).downgradeAt(Usd.of("1.00")))
                .ladder("b*", "tiny")
                .build());
        assertThat(agent.reserve(big(200_000)).model()).isEqualTo("tiny");
    }

    @Test
    @DisplayName("above the throttle step a reserve waits first, and a tryReserve leaves the waiting to its caller")
    void delays() {
        Budget agent = budget(cost(TEN).throttleAt(Usd.of("5.00"), Duration.ofSeconds(2)));
        agent.reserve(big(500_000));
        assertThat(slept).isEmpty();
        Reservation delayed = agent.reserve(big(1));
        assertThat(slept).containsExactly(Duration.ofSeconds(2));
        assertThat(delayed.delay()).isEqualTo(Duration.ofSeconds(2));
        assertThat(delayed.downgraded()).isFalse();
        assertThat(delayed.expiresAt()).isEqualTo(clock.instant().plusSeconds(602));
        Reservation tried = agent.tryReserve(big(1)).orThrow();
        assertThat(tried.delay()).isEqualTo(Duration.ofSeconds(2));
        assertThat(slept).hasSize(1);
    }

    @Test
    @DisplayName("one who is interrupted while waiting gives the hold back and stays interrupted")
    void interrupted() {
        try (BudgetManager sleepy =
                BudgetManager.builder().prices(budgets.prices()).clock(clock).build()) {
            sleepy.register(BudgetScope.named("agent")
                    .limit(cost(TEN).throttleAt(Usd.of("0.10"), Duration.ofHours(1)))
                    .build());
            Budget agent = sleepy.budget("agent");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> agent.reserve(big(500_000)))
                    .isInstanceOfSatisfying(DelayInterruptedException.class, stopped -> {
                        assertThat(stopped.delay()).isEqualTo(Duration.ofHours(1));
                        assertThat(stopped).hasMessageContaining("PT1H");
                    });
            assertThat(Thread.interrupted()).isTrue();
            assertThat(only(agent).held()).isZero();
            assertThat(agent.summary().openHolds()).isZero();
        }
    }

    @Test
    @DisplayName("one who is interrupted in the middle of the delay stops at once")
    void interruptedAsleep() throws Exception {
        try (BudgetManager sleepy =
                BudgetManager.builder().prices(budgets.prices()).clock(clock).build()) {
            sleepy.register(BudgetScope.named("agent")
                    .limit(cost(TEN).throttleAt(Usd.of("0.10"), Duration.ofHours(24)))
                    .build());
            Budget agent = sleepy.budget("agent");
            CompletableFuture<Throwable> stopped = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    agent.reserve(big(500_000));
                    stopped.complete(new AssertionError("was not delayed"));
                } catch (RuntimeException failure) {
                    stopped.complete(failure);
                }
            });
            caller.start();
            while (caller.getState() != Thread.State.TIMED_WAITING
                    || agent.summary().openHolds() == 0) {
                Thread.onSpinWait();
            }
            caller.interrupt();
            assertThat(stopped.get()).isInstanceOf(DelayInterruptedException.class);
            assertThat(agent.summary().openHolds()).isZero();
        }
    }

    @Test
    @DisplayName("what cannot wait gives the hold back and tells why")
    void brokenSleeper() {
        IllegalStateException broken = new IllegalStateException("no timer");
        try (BudgetManager manager = BudgetManager.builder()
                .prices(budgets.prices())
                .clock(clock)
                .sleeper(time -> {
                    throw broken;
                })
                .build()) {
            manager.register(BudgetScope.named("agent")
                    .limit(cost(TEN).throttleAt(Usd.of("0.10"), Duration.ofHours(1)))
                    .build());
            Budget agent = manager.budget("agent");
            assertThatThrownBy(() -> agent.reserve(big(500_000))).isSameAs(broken);
            assertThat(only(agent).held()).isZero();
            assertThat(agent.summary().openHolds()).isZero();
        }
    }

    @Test
    @DisplayName("nobody else waits while a call is delayed")
    void delayHoldsNoLock() throws Exception {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        try (BudgetManager manager = BudgetManager.builder()
                .prices(budgets.prices())
                .clock(clock)
                .sleeper(time -> {
                    waiting.countDown();
                    over.await();
                })
                .build()) {
            manager.register(BudgetScope.named("agent")
                    .limit(cost(TEN).throttleAt(Usd.of("5.00"), Duration.ofSeconds(2)))
                    .build());
            Budget agent = manager.budget("agent");
            ExecutorService executor = Executors.newSingleThreadExecutor();
            try {
                Future<Reservation> delayed = executor.submit(() -> agent.reserve(big(600_000)));
                waiting.await();
                assertThat(agent.tryReserve(big(500_000)).allowed()).isFalse();
                agent.tryReserve(big(400_000)).orThrow().release();
                assertThat(delayed.isDone()).isFalse();
                over.countDown();
                assertThat(delayed.get().delay()).isEqualTo(Duration.ofSeconds(2));
            } finally {
                executor.shutdownNow();
            }
        }
    }

    @Test
    @DisplayName("explain and check tell the model that would be used, the delay, and why")
    void explains() {
        Budget agent = budget(cost(TEN).downgradeAt(Usd.of("5.00")).throttleAt(Usd.of("8.00"), Duration.ofSeconds(2)));
        agent.reserve(Call.of("one", "tiny").exactly(Usage.of(7_900_000, 0)));
        Explanation explanation = agent.explain(big(100_000));
        assertThat(explanation.asked()).isEqualTo("acme:big");
        assertThat(explanation.estimate().model()).isEqualTo("acme:small-1");
        assertThat(explanation.delay()).isEqualTo(Duration.ofSeconds(2));
        assertThat(explanation.steps()).hasSize(2);
        assertThat(explanation.toString())
                .contains("call to acme:big in scope 'agent' would be admitted as a call to acme:small-1 after 2000 ms")
                .contains("8.90 USD is above the downgrade step of 5.00 USD")
                .contains("8.10 USD is above the throttle step of 8.00 USD")
                .contains("used 0.00 USD, held 7.90 USD, limit 10.00 USD, asked 0.20 USD");
        assertThat(agent.check(big(100_000)).orThrow()).isEqualTo(explanation);
        assertThat(agent.session("one").explain(big(100_000).inSession("other")))
                .isEqualTo(explanation);
        assertThat(agent.check(big(1_000_000)).allowed()).isTrue();
        agent.reserve(big(1_000_000));
        assertThat(slept).hasSize(1);
        assertThatThrownBy(() -> agent.check(big(1_000_000)).orThrow())
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("call to acme:tiny refused");
        assertThat(only(agent).held()).isEqualTo(Usd.of("9.90").nanos());
    }

    @Test
    @DisplayName("a call that may be shorter gets exactly what the tightest limit affords, down to its least")
    void clamps() {
        Budget agent = budget(cost(TEN), Limit.of(io.holdfast.unit.Meter.OUTPUT_TOKENS, 1_400_000, Window.lifetime()));
        Call call = Call.of("one", "big")
                .input(10_000)
                .caching(Caching.NONE)
                .choices(2)
                .clampOutput(100_000);
        Reservation whole = agent.reserve(call.maxOutput(300_000));
        assertThat(whole.maxOutput()).isEqualTo(300_000);
        assertThat(whole.clamped()).isFalse();
        whole.release();
        Reservation byCost = agent.reserve(call.maxOutput(600_000));
        assertThat(byCost.maxOutput()).as("9.90 USD for two answers").isEqualTo(495_000);
        assertThat(byCost.clamped()).isTrue();
        assertThat(byCost.estimate().cost()).contains(TEN);
        assertThat(agent.tryReserve(call).allowed()).isFalse();
        byCost.commit(Usage.of(0, 500_000));
        Reservation rest = agent.reserve(call);
        assertThat(rest.maxOutput()).as("4.90 USD for two answers").isEqualTo(245_000);
        rest.release();
        assertThat(agent.explain(call).estimate()).isEqualTo(rest.estimate());
        assertThat(agent.tryReserve(call.clampOutput(245_001)).allowed()).isFalse();
        assertThat(agent.tryReserve(call.clampOutput(245_000)).allowed()).isTrue();
    }

    @Test
    @DisplayName("a limit on tokens clamps as well, also for a model without a price; one on calls or input does not")
    void clampsByTokens() {
        Budget agent = budget(
                Limit.tokens(1_000, Window.lifetime()),
                Limit.calls(2, Window.lifetime()),
                Limit.of(io.holdfast.unit.Meter.INPUT_TOKENS, 300, Window.lifetime()));
        Call call = Call.of("one", "nobody-knows").input(100).maxOutput(2_000).clampOutput(1);
        assertThat(agent.reserve(call.choices(3)).maxOutput()).isEqualTo(300);
        assertThat(agent.tryReserve(call).allowed()).as("no token left").isFalse();
        budgets.replace(BudgetScope.named("agent")
                .limit(Limit.tokens(10_000, Window.lifetime()))
                .limit(Limit.calls(2, Window.lifetime()))
                .limit(Limit.of(io.holdfast.unit.Meter.INPUT_TOKENS, 300, Window.lifetime()))
                .build());
        assertThat(agent.tryReserve(call.input(201)).allowed()).as("input").isFalse();
        assertThat(agent.tryReserve(call.input(200)).allowed()).isTrue();
        assertThat(agent.tryReserve(call.input(0)).allowed()).as("calls").isFalse();
    }

    @Test
    @DisplayName("a call that says exactly what it uses is not made shorter")
    void exactIsNotClamped() {
        Budget agent = budget(cost(TEN));
        assertThat(agent.tryReserve(Call.of("one", "big")
                                .exactly(Usage.of(0, 2_000_000))
                                .clampOutput(1))
                        .allowed())
                .isFalse();
    }

    @Test
    @DisplayName("above a soft step the last rung is made shorter, and only after every rung was refused")
    void clampsTheLastRung() {
        Budget agent = budget(cost(TEN).downgradeAt(Usd.of("1.00")));
        agent.reserve(Call.of("one", "tiny").exactly(Usage.of(9_500_000, 0)));
        Reservation shorter = agent.reserve(big(800_000).clampOutput(1));
        assertThat(shorter.model()).isEqualTo("tiny");
        assertThat(shorter.maxOutput()).isEqualTo(500_000);
        assertThat(shorter.clamped()).isTrue();
        assertThat(only(agent).remaining()).isZero();
    }

    @Test
    @DisplayName(
            "64 threads that may be made shorter use up the limit to the last nano-dollar, and nobody who can pay is refused")
    void clampedTotalIsTheRest() throws Exception {
        Budget agent = budget(cost(TEN));
        int threads = 64;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(threads);
            List<Future<Decision<Reservation>>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Call call = big(30_000 + i).clampOutput(1);
                running.add(executor.submit(() -> {
                    start.countDown();
                    start.await();
                    return agent.tryReserve(call);
                }));
            }
            long held = 0;
            int refused = 0;
            for (Future<Decision<Reservation>> each : running) {
                if (each.get() instanceof Decision.Allowed<Reservation> allowed) {
                    held += allowed.value().estimate().amounts().cost();
                } else {
                    refused++;
                }
            }
            assertThat(held).isEqualTo(TEN.nanos());
            assertThat(only(agent).remaining()).isZero();
            assertThat(refused).isPositive();
        } finally {
            executor.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, 1_000_000_000_001L, Long.MAX_VALUE})
    @DisplayName("a least output out of its range is refused")
    void badLeastOutput(long least) {
        assertThatThrownBy(() -> big(1).clampOutput(least))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(Long.toString(least));
    }

    @Test
    @DisplayName("what is reserved for final calls is left to those that say they are")
    void finalCalls() {
        Budget agent = budget(cost(TEN).finalReserve(0.1));
        agent.reserve(big(900_000));
        assertThatThrownBy(() -> agent.reserve(big(1)))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("limit 10.00 USD (1.00 USD of it reserved for final calls)");
        assertThat(agent.session("one").remaining()).contains(Usd.ZERO);
        assertThat(agent.check(big(1).finalCall()).allowed()).isTrue();
        Reservation last = agent.reserve(big(200_000).clampOutput(1).finalCall());
        assertThat(last.maxOutput()).isEqualTo(100_000);
    }

    @Test
    @DisplayName("a loop is told by its key, by default the model asked for and the tool, with count and window")
    void loops() {
        List<BudgetEvent> events = Collections.synchronizedList(new ArrayList<>());
        budgets.onEvent(events::add);
        budgets.register(BudgetScope.named("agent")
                .loopGuard(2, Duration.ofMinutes(5))
                .alertAt(0.5)
                .build());
        Budget agent = budgets.budget("agent");
        Call search = Call.to("big").maxOutput(1).tag("tool", "search");
        agent.reserve(search).commit(Usage.of(0, 1));
        agent.record(search, Usage.of(0, 1));
        assertThatThrownBy(() -> agent.reserve(search)).isInstanceOfSatisfying(LoopDetectedException.class, loop -> {
            assertThat(loop.key()).isEqualTo("acme:big search");
            assertThat(loop.count()).isEqualTo(2);
            assertThat(loop.window()).isEqualTo(Window.rolling(Duration.ofMinutes(5)));
            assertThat(loop.freesAt()).isPresent();
            assertThat(loop).hasMessageContaining("key 'acme:big search'");
        });
        assertThat(agent.tryReserve(search.tag("tool", "mail")).allowed()).isTrue();
        assertThat(agent.tryReserve(Call.to("big").maxOutput(1)).allowed()).isTrue();
        assertThat(agent.tryReserve(search.tag("tool", "\u0000".repeat(500))).allowed())
                .isTrue();
        for (int i = 0; i < 2; i++) {
            agent.reserve(Call.to(i == 0 ? "big" : "tiny").maxOutput(1).loopKey("my own"));
        }
        Decision<Reservation> refused = agent.tryReserve(search.loopKey("my own"));
        assertThat(((Decision.Refused<Reservation>) refused).refusal().loop())
                .hasValueSatisfying(guard -> assertThat(guard.loopKey()).isEqualTo("my own"));
        budgets.close();
        assertThat(events.stream().filter(BudgetEvent.LoopDetected.class::isInstance))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " a", "a\n", "\u0000"})
    @DisplayName("a loop key that is no name is refused")
    void badLoopKey(String key) {
        assertThatThrownBy(() -> big(1).loopKey(key)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> big(1).loopKey("x".repeat(257))).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName(
            "a child session spends out of its own budget, which is held here from the start and given back at its end")
    void children() {
        Budget agent = budget(cost(TEN));
        BudgetSession parent = agent.session("one");
        BudgetSession child = parent.child("research", Usd.of("6.00"));
        assertThat(child.id()).isEqualTo("research");
        assertThat(child.remaining()).contains(Usd.of("6.00"));
        assertThat(parent.remaining()).contains(Usd.of("4.00"));
        assertThat(child.wouldExceed(Usd.of("6.01"))).isTrue();
        assertThat(child.wouldExceed(Usd.of("6.00"))).isFalse();
        assertThatThrownBy(() -> parent.child("writing", Usd.of("4.01")))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageStartingWith("child session refused: scope 'agent' limit cost/session session 'one'");
        child.reserve(big(500_000)).commit(Usage.of(0, 200_000));
        assertThat(child.remaining()).contains(Usd.of("4.00"));
        BudgetSession grandchild = child.child("detail", Usd.of("3.00"));
        assertThatThrownBy(() -> grandchild.reserve(big(300_001)))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("session 'one/research/detail'")
                .hasMessageContaining("limit 3.00 USD, asked 3.00001 USD");
        Reservation last = grandchild.reserve(big(300_001).clampOutput(1));
        assertThat(last.maxOutput()).isEqualTo(300_000);
        grandchild.record(big(0), Usage.of(0, 10_000));
        grandchild.close();
        child.close();
        child.close();
        assertThatThrownBy(() -> child.reserve(big(1)))
                .isInstanceOf(SessionClosedException.class)
                .hasMessageContaining("child session 'one/research'");
        assertThatThrownBy(() -> child.child("more", Usd.of("0.01"))).isInstanceOf(SessionClosedException.class);
        last.commit(Usage.of(0, 100_000));
        assertThat(only(agent).committed()).isEqualTo(Usd.of("3.10").nanos());
        assertThat(only(agent).held()).isZero();
    }

    @Test
    @DisplayName("a child session that has ended has nothing left, tells so, and does not begin again")
    void endedChildren() {
        Budget agent = budget(cost(TEN));
        BudgetSession parent = agent.session("one");
        BudgetSession closed = parent.child("a", Usd.of("6.00"));
        Reservation under = closed.reserve(big(100_000));
        BudgetSession below = closed.child("below", Usd.of("2.00"));
        closed.close();
        assertThat(parent.remaining()).contains(Usd.of("7.00"));
        assertThat(closed.remaining()).contains(Usd.ZERO);
        assertThat(closed.wouldExceed(Usd.ofNanos(1))).isTrue();
        assertThatThrownBy(closed::summary).isInstanceOf(SessionClosedException.class);
        assertThatThrownBy(() -> closed.explain(big(1))).isInstanceOf(SessionClosedException.class);
        assertThatThrownBy(() -> parent.child("a", Usd.of("6.00")))
                .isInstanceOf(SessionClosedException.class)
                .hasMessageContaining("child session 'one/a' of scope 'agent' is closed or its time is over");
        under.commit(Usage.of(0, 50_000));
        below.reserve(big(200_000)).commit(Usage.of(0, 100_000));
        below.close();
        assertThat(closed.spent()).as("its own and that of the one below").isEqualTo(Usd.of("1.50"));
        assertThat(parent.remaining()).contains(Usd.of("8.50"));
        BudgetSession brief = parent.child("brief", Usd.of("3.00"), Duration.ofMinutes(1));
        brief.track("search", Usd.of("1.00"));
        clock.advance(Duration.ofMinutes(1));
        assertThat(brief.remaining()).contains(Usd.ZERO);
        assertThat(brief.spent()).isEqualTo(Usd.of("1.00"));
        SessionReport report = brief.report();
        assertThat(report.ended()).contains("closed, or its time is over");
        assertThat(report.remaining()).contains(Usd.ZERO);
        assertThatThrownBy(() -> brief.reserve(big(1))).isInstanceOf(SessionClosedException.class);
        brief.close();
        assertThat(parent.remaining()).contains(Usd.of("7.50"));
    }

    @Test
    @DisplayName(
            "child sessions go as deep as their names have room, and what has none is refused before anything is held")
    void deepChildren() {
        Budget agent = budget(cost(TEN));
        BudgetSession at = agent.session("one");
        for (int depth = 0; depth < 100; depth++) {
            at = at.child("agent-" + depth, Usd.of("5.00"));
        }
        at.reserve(big(200_000)).commit(Usage.of(0, 150_000));
        assertThat(at.remaining()).contains(Usd.of("3.50"));
        assertThat(agent.session("one").spent()).isEqualTo(Usd.of("1.50"));
        assertThat(only(agent).held()).isEqualTo(Usd.of("3.50").nanos());
        BudgetSession deepest = at;
        assertThatThrownBy(() -> deepest.child("x".repeat(200), Usd.of("1.00")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("child session")
                .hasMessageContaining("at most 1024 characters");
        assertThat(at.remaining()).contains(Usd.of("3.50"));
    }

    @Test
    @DisplayName("a child session is there for callers that do not wait, too")
    void asyncChildren() throws Exception {
        Budget agent = budget(cost(TEN));
        BudgetSession child = agent.session("one").child("research", Usd.of("3.00"));
        AsyncBudget async = child.async();
        Reservation call = async.reserve(Call.to("big").maxOutput(100_000).caching(Caching.NONE))
                .get();
        assertThat(child.remaining()).contains(Usd.of("2.00"));
        assertThat(async.check(big(200_001)).get().allowed()).isFalse();
        assertThat(async.tryReserve(big(200_001)).get().allowed()).isFalse();
        assertThat(async.summary().get().limits().get(0).session()).isEqualTo("one/research");
        call.commitAsync(Usage.of(0, 50_000)).get();
        async.record(big(0), Usage.of(0, 50_000)).get();
        assertThat(child.spent()).isEqualTo(Usd.of("1.00"));
        assertThat(agent.session("one").async().summary().get().limits()).hasSize(1);
        child.close();
        assertThat(async.reserve(big(1)))
                .failsWithin(Duration.ofSeconds(60))
                .withThrowableThat()
                .withCauseInstanceOf(SessionClosedException.class);
    }

    @Test
    @DisplayName("the same child on another node is the same session, and another budget under its name is refused")
    void sameChild() {
        Budget agent = budget(cost(TEN));
        BudgetSession first = agent.session("one").child("a/b", Usd.of("5.00"));
        BudgetSession again = agent.session("one").child("a/b", Usd.of("5.00"));
        again.reserve(big(400_000));
        assertThat(first.remaining()).contains(Usd.of("1.00"));
        assertThatThrownBy(() -> agent.session("one").child("a/b", Usd.of("4.00")))
                .isInstanceOf(OperationIdException.class);
        BudgetSession other = agent.session("one").child("a", Usd.of("1.00")).child("b", Usd.of("1.00"));
        other.track("search", Usd.of("0.25"));
        assertThat(other.report().total()).isEqualTo(Usd.of("0.25"));
        assertThat(first.report().total()).as("not that of b below a").isEqualTo(Usd.ZERO);
        String longest = "x".repeat(256);
        agent.session(longest).child(longest, Usd.of("1.00")).child(longest, Usd.of("1.00"));
        assertThatThrownBy(() -> agent.session("one").child("", TEN)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> agent.session("one").child("c", TEN, Duration.ZERO))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(first::reset).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("a child session goes down the ladder and is delayed as its parent is")
    void childrenOnTheWayToTheLimit() {
        Budget agent = budget(cost(TEN).downgradeAt(Usd.of("5.00")).throttleAt(Usd.of("9.00"), Duration.ofSeconds(2)));
        BudgetSession child = agent.session("one").child("a", Usd.of("8.00"));
        Reservation call = child.reserve(big(100_000));
        assertThat(call.model()).as("8.00 USD are held").isEqualTo("Small-1");
        assertThat(call.delay()).isZero();
        agent.session("one").child("b", Usd.of("1.50"));
        assertThat(child.reserve(big(100_000)).delay()).isEqualTo(Duration.ofSeconds(2));
    }
}
