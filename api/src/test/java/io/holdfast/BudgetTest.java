package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.pricing.Caching;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.pricing.UnknownModelException;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.Removal;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a user of the library sees. The model "acme:lean" costs 1 USD per million input tokens and 2 USD per million output. */
class BudgetTest {
    private final ManualClock clock = new ManualClock();
    private final PriceBook prices = PriceBook.builtIn()
            .register(ModelPrice.of("acme", "lean")
                    .input("1")
                    .output("2")
                    .maxOutputTokens(1_000_000)
                    .build());
    private final BudgetManager budgets =
            BudgetManager.builder().clock(clock).prices(prices).build();

    @AfterEach
    void close() {
        budgets.close();
    }

    private Budget budget(String scope, Limit... limits) {
        BudgetScope.Builder builder = BudgetScope.named(scope);
        for (Limit limit : limits) {
            builder.limit(limit);
        }
        budgets.register(builder.build());
        return budgets.budget(scope);
    }

    private static Call lean(long input, long output) {
        return Call.of("s", "lean").input(input).maxOutput(output);
    }

    private static LimitState only(Budget budget) {
        List<LimitState> limits = budget.summary().limits();
        assertThat(limits).hasSize(1);
        return limits.get(0);
    }

    private static Limit cost(String dollars, Window window) {
        return Limit.cost(Usd.of(dollars), window);
    }

    @Test
    @DisplayName("a reserve holds the estimate, and its commit books the actual cost and frees the rest")
    void holdsThenBooks() {
        Budget alice = budget("alice", cost("10", Window.lifetime()));
        Reservation hold = alice.reserve(lean(1_000_000, 1_000_000));
        assertThat(hold.estimate().cost()).contains(Usd.of("3"));
        assertThat(only(alice).held()).isEqualTo(Usd.of("3").nanos());
        Charge charge = hold.commit(Usage.of(1_000_000, 500_000));
        assertThat(charge.cost()).isEqualTo(Usd.of("2"));
        assertThat(charge.overshoot()).isEqualTo(Usd.ZERO);
        assertThat(only(alice).held()).isZero();
        assertThat(only(alice).committed()).isEqualTo(Usd.of("2").nanos());
    }

    @Test
    @DisplayName("leaving the try-block unsettled books the estimate; releasing books nothing")
    void unsettledIsBooked() {
        Budget alice = budget("alice", cost("10", Window.lifetime()));
        try (Reservation unsettled = alice.reserve(lean(1_000_000, 0))) {
            assertThat(unsettled.id()).isNotEmpty();
        }
        assertThat(only(alice).committed()).isEqualTo(Usd.of("1").nanos());
        try (Reservation released = alice.reserve(lean(1_000_000, 0))) {
            released.release();
        }
        assertThat(only(alice).committed()).isEqualTo(Usd.of("1").nanos());
        assertThat(only(alice).held()).isZero();
    }

    @Test
    @DisplayName("a refusal says scope, limit, used, held, limit, asked, and when it frees")
    void refusalTellsAll() {
        Budget alice = budget("alice", cost("4", Window.rolling(Duration.ofHours(24))));
        alice.reserve(lean(1_000_000, 0)).commit(Usage.of(1_000_000, 0));
        Reservation open = alice.reserve(lean(2_000_000, 0));
        assertThatThrownBy(() -> alice.reserve(lean(2_000_000, 0)))
                .isInstanceOfSatisfying(BudgetExceededException.class, refused -> {
                    assertThat(refused.scope()).isEqualTo("alice");
                    assertThat(refused.limit().committed())
                            .isEqualTo(Usd.of("1").nanos());
                    assertThat(refused.limit().held()).isEqualTo(Usd.of("2").nanos());
                    assertThat(refused.limit().asked()).isEqualTo(Usd.of("2").nanos());
                    assertThat(refused.freesAt())
                            .hasValueSatisfying(at -> assertThat(at)
                                    .isBetween(
                                            clock.instant().plus(Duration.ofHours(24)),
                                            clock.instant()
                                                    .plus(Duration.ofHours(24))
                                                    .plus(Duration.ofMinutes(5))));
                    assertThat(refused)
                            .hasMessageContainingAll(
                                    "scope 'alice'",
                                    "cost/rolling(PT24H)",
                                    "used 1.00 USD",
                                    "held 2.00 USD",
                                    "limit 4.00 USD",
                                    "asked 2.00 USD",
                                    "frees 2026-11-23T09:");
                });
        open.release();
        assertThat(alice.tryReserve(lean(2_000_000, 0)).allowed()).isTrue();
    }

    @Test
    @DisplayName("a commit above its hold is booked in full and told as overshoot")
    void overshoot() {
        Budget alice = budget("alice", cost("4", Window.lifetime()));
        Charge charge = alice.reserve(lean(1_000_000, 0)).commit(Usage.of(6_000_000, 0));
        assertThat(charge.overshoot()).isEqualTo(Usd.of("5"));
        assertThat(only(alice).committed()).isEqualTo(Usd.of("6").nanos());
        assertThat(alice.check(lean(0, 0)).allowed()).isFalse();
    }

    @Test
    @DisplayName("every limit of the path binds, and a refusal by one leaves no hold in another")
    void pathBindsAsAWhole() {
        budget("team", cost("3", Window.lifetime()));
        budgets.register(BudgetScope.named("bob")
                .parent("team")
                .limit(cost("100", Window.lifetime()))
                .build());
        Budget bob = budgets.budget("bob");
        assertThat(bob.tryReserve(lean(4_000_000, 0)).allowed()).isFalse();
        assertThat(bob.summary().limits())
                .allSatisfy(state -> assertThat(state.held()).isZero());
        assertThat(bob.summary().path()).containsExactly("bob", "team");
        bob.reserve(lean(3_000_000, 0)).commit(Usage.of(3_000_000, 0));
        assertThat(only(budgets.budget("team")).committed())
                .isEqualTo(Usd.of("3").nanos());
    }

    @Test
    @DisplayName("zero denies every charge; no limit allows any")
    void zeroIsNotUnlimited() {
        Budget none = budget("none", cost("0", Window.lifetime()));
        assertThat(none.tryReserve(lean(1, 0)).allowed()).isFalse();
        Budget free = budget("free");
        assertThat(free.tryReserve(lean(1_000_000_000, 0)).allowed()).isTrue();
    }

    @Test
    @DisplayName("limits per session count each session by itself and demand that one is named")
    void sessions() {
        Budget alice = budget("alice", cost("2", Window.session()));
        BudgetSession first = alice.session("first");
        first.reserve(lean(2_000_000, 0)).commit(Usage.of(2_000_000, 0));
        assertThat(first.remaining()).contains(Usd.ZERO);
        assertThat(first.wouldExceed(Usd.ofNanos(1))).isTrue();
        assertThat(first.tryReserve(lean(1, 0)).allowed()).isFalse();
        assertThat(alice.session("second").tryReserve(lean(2_000_000, 0)).allowed())
                .isTrue();
        assertThatThrownBy(() -> alice.reserve(Call.to("lean").input(1).maxOutput(1)))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Rejection.SESSION_REQUIRED));
        first.reset();
        assertThat(first.tryReserve(lean(2_000_000, 0)).allowed()).isTrue();
        assertThatThrownBy(() -> alice.resetSession("third"))
                .isInstanceOf(RejectedException.class)
                .hasMessageContaining("third");
    }

    @Test
    @DisplayName("a limit on a model counts every name of that model, a limit on a family counts all of it")
    void modelLimits() {
        Budget alice = budget(
                "alice",
                Limit.tokens(100, Window.lifetime()).forModels("gpt-4o"),
                Limit.of(Meter.OUTPUT_TOKENS, 50, Window.lifetime()).forModels("claude-*"));
        alice.reserve(Call.of("s", "openai/gpt-4o-2024-08-06").input(60).maxOutput(40));
        assertThat(alice.tryReserve(Call.of("s", "GPT-4o").input(1).maxOutput(0))
                        .allowed())
                .isFalse();
        assertThat(alice.tryReserve(Call.of("s", "gpt-4o-mini").input(500).maxOutput(10))
                        .allowed())
                .isTrue();
        alice.reserve(Call.of("s", "claude-sonnet-4-5").input(500).maxOutput(30));
        assertThat(alice.tryReserve(Call.of("s", "claude-haiku-4-5").input(1).maxOutput(30))
                        .allowed())
                .isFalse();
    }

    @Test
    @DisplayName("an unknown model is refused under a limit on cost and counted under others")
    void unknownModel() {
        Budget capped = budget("capped", cost("5", Window.lifetime()));
        assertThatThrownBy(() -> capped.reserve(Call.of("s", "gpt-4oo").input(1).maxOutput(1)))
                .isInstanceOfSatisfying(
                        UnknownModelException.class,
                        unknown -> assertThat(unknown.suggestions()).isNotEmpty());
        Budget tokens = budget("tokens", Limit.tokens(10, Window.lifetime()));
        Reservation hold = tokens.reserve(Call.of("s", "home-grown").input(5).maxOutput(5));
        assertThat(hold.estimate().cost()).isEmpty();
        assertThat(tokens.tryReserve(Call.of("s", "home-grown").input(1).maxOutput(0))
                        .allowed())
                .isFalse();
        assertThatThrownBy(() -> tokens.reserve(Call.of("s", "home-grown").input(5)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("home-grown");
    }

    @Test
    @DisplayName("a limit on a model that gets its price later goes on counting")
    void priceThatComesLater() {
        Budget alice = budget("alice", Limit.tokens(100, Window.lifetime()).forModels("newborn"));
        Call call = Call.of("s", "newborn").input(60).maxOutput(0);
        alice.reserve(call);
        prices.register(ModelPrice.of("acme", "newborn").input("1").output("1").build());
        assertThat(alice.estimate(call).model()).isEqualTo("acme:newborn");
        assertThat(alice.tryReserve(call).allowed()).isFalse();
        budget("bob", Limit.tokens(100, Window.lifetime()).forModels("free-soon"));
        prices.declareFree("free-soon");
        Call free = Call.of("s", "free-soon").input(60).maxOutput(0);
        budgets.budget("bob").reserve(free);
        assertThat(budgets.budget("bob").tryReserve(free).allowed()).isFalse();
    }

    @Test
    @DisplayName("without a most output the model's ceiling is held, and an absurd one counts as the ceiling")
    void ceiling() {
        Budget alice = budget("alice");
        assertThat(alice.estimate(Call.to("lean").input(0)).cost()).contains(Usd.of("2"));
        assertThat(alice.estimate(Call.to("lean").input(0).maxOutput(99_000_000))
                        .cost())
                .contains(Usd.of("2"));
        assertThat(alice.estimate(Call.to("lean").input(0).maxOutput(10).choices(3))
                        .amounts()
                        .outputTokens())
                .isEqualTo(30);
    }

    @Test
    @DisplayName("price options and caching are the caller's to state, and exact usage is held exactly")
    void priceOptions() {
        Budget alice = budget("alice");
        Call call = Call.to("claude-sonnet-4-5").input(1_000_000).maxOutput(0);
        assertThat(alice.estimate(call.caching(Caching.NONE)).cost()).contains(Usd.of("6"));
        assertThat(alice.estimate(call.exactly(Usage.of(100_000, 0))).cost()).contains(Usd.of("0.30"));
        Call batch = call.exactly(Usage.of(100_000, 0)).priced(PriceOptions.BATCH);
        assertThat(alice.estimate(batch).cost()).contains(Usd.of("0.15"));
    }

    @Test
    @DisplayName("record books first and refuses afterwards, and the same id books once")
    void recordBooksFirst() {
        Budget alice = budget("alice", cost("1", Window.lifetime()));
        Call call = lean(0, 0).id("invoice-7");
        assertThat(alice.record(call, Usage.of(3_000_000, 0)).allowed()).isFalse();
        assertThat(alice.record(call, Usage.of(3_000_000, 0)).allowed()).isFalse();
        assertThat(only(alice).committed()).isEqualTo(Usd.of("3").nanos());
        assertThatThrownBy(() -> alice.record(call, Usage.of(4_000_000, 0)))
                .isInstanceOf(OperationIdException.class)
                .hasMessageContaining("invoice-7");
        assertThat(only(alice).committed()).isEqualTo(Usd.of("3").nanos());
    }

    @Test
    @DisplayName("to reserve again with the same id gives the same hold")
    void reserveAgain() {
        Budget alice = budget("alice", cost("10", Window.lifetime()));
        Reservation first = alice.reserve(lean(1_000_000, 0).id("call-1"));
        Reservation again = alice.reserve(lean(1_000_000, 0).id("call-1"));
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.expiresAt()).isEqualTo(first.expiresAt());
        assertThat(only(alice).held()).isEqualTo(Usd.of("1").nanos());
        assertThatThrownBy(() -> alice.reserve(lean(2_000_000, 0).id("call-1")))
                .isInstanceOf(OperationIdException.class);
    }

    @Test
    @DisplayName("a hold settles once: the same commit answers the same, anything else is refused")
    void settlesOnce() {
        Budget alice = budget("alice", cost("10", Window.lifetime()));
        Reservation hold = alice.reserve(lean(1_000_000, 0));
        Charge charge = hold.commit(Usage.of(500_000, 0));
        assertThat(hold.commit(Usage.of(500_000, 0))).isEqualTo(charge);
        assertThatThrownBy(() -> hold.commit(Usage.of(600_000, 0)))
                .isInstanceOf(HoldException.class)
                .hasMessageContaining(hold.id());
        assertThatThrownBy(hold::release).isInstanceOf(HoldException.class);
        assertThat(only(alice).committed()).isEqualTo(charge.cost().nanos());
        Reservation released = alice.reserve(lean(1_000_000, 0));
        released.release();
        assertThatThrownBy(() -> released.commit(Usage.of(1, 0))).isInstanceOf(HoldException.class);
    }

    @Test
    @DisplayName("a hold out of time is booked at its estimate, and a late commit replaces that by the actual")
    void expiry() {
        Budget alice = budget("alice", cost("10", Window.lifetime()));
        Reservation hold = alice.reserve(lean(5_000_000, 0).ttl(Duration.ofMinutes(1)));
        assertThat(hold.extend(Duration.ofMinutes(2))).isEqualTo(clock.instant().plus(Duration.ofMinutes(2)));
        clock.advance(Duration.ofSeconds(119));
        assertThat(only(alice).held()).isEqualTo(Usd.of("5").nanos());
        clock.advance(Duration.ofSeconds(1));
        assertThat(only(alice).held()).isZero();
        assertThat(only(alice).committed()).isEqualTo(Usd.of("5").nanos());
        Charge charge = hold.commit(Usage.of(1_000_000, 0));
        assertThat(charge.late()).isTrue();
        assertThat(only(alice).committed()).isEqualTo(Usd.of("1").nanos());
        Reservation given =
                alice.reserve(lean(5_000_000, 0).ttl(Duration.ofMinutes(1)).releaseOnExpiry());
        clock.advance(Duration.ofMinutes(1));
        assertThat(only(alice).committed()).isEqualTo(Usd.of("1").nanos());
        assertThat(given.commit(Usage.of(2_000_000, 0)).late()).isTrue();
        assertThat(only(alice).committed()).isEqualTo(Usd.of("3").nanos());
    }

    @Test
    @DisplayName("rolling spend leaves after its window, calendar spend at midnight of the zone")
    void windows() {
        Budget rolling = budget("rolling", cost("1", Window.rolling(Duration.ofHours(24))));
        Budget calendar =
                budget("calendar", cost("1", Window.calendar(CalendarUnit.DAY, ZoneId.of("America/New_York"))));
        rolling.reserve(lean(1_000_000, 0)).commit(Usage.of(1_000_000, 0));
        calendar.reserve(lean(1_000_000, 0)).commit(Usage.of(1_000_000, 0));
        Instant midnight = Instant.parse("2026-11-23T05:00:00Z");
        clock.advance(Duration.between(clock.instant(), midnight).minusMillis(1));
        assertThat(calendar.check(lean(1_000_000, 0)).allowed()).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertThat(calendar.check(lean(1_000_000, 0)).allowed()).isTrue();
        clock.advance(Duration.ofHours(4).minusMillis(1));
        assertThat(rolling.check(lean(1_000_000, 0)).allowed()).isFalse();
        clock.advance(Duration.ofMinutes(5).plusMillis(1));
        assertThat(rolling.check(lean(1_000_000, 0)).allowed()).isTrue();
    }

    @Test
    @DisplayName("a template gives each new scope its own counters under the shared parent")
    void templates() {
        budget("tenant", cost("5", Window.lifetime()));
        budgets.register(BudgetScope.template("user-*")
                .parent("tenant")
                .limit(cost("3", Window.lifetime()))
                .build());
        budgets.budget("user-1").reserve(lean(3_000_000, 0));
        assertThat(budgets.budget("user-1").tryReserve(lean(1, 0)).allowed()).isFalse();
        assertThat(budgets.budget("user-2").tryReserve(lean(2_000_000, 0)).allowed())
                .isTrue();
        assertThat(budgets.budget("user-3").tryReserve(lean(1, 0)).allowed()).isFalse();
        assertThatThrownBy(() -> budgets.budget("stranger").summary())
                .isInstanceOf(UnknownScopeException.class)
                .hasMessageContaining("stranger");
        List<String> names = new ArrayList<>();
        budgets.summaries(summary -> names.add(summary.scope()));
        assertThat(names).containsExactlyInAnyOrder("tenant", "user-1", "user-2");
    }

    @Test
    @DisplayName("the same scope again is nothing new, another is a conflict, and replacing keeps what is spent")
    void registration() {
        Budget alice = budget("alice", cost("5", Window.lifetime()));
        budget("alice", cost("5", Window.lifetime()));
        assertThatThrownBy(() -> budget("alice", cost("6", Window.lifetime())))
                .isInstanceOfSatisfying(
                        ScopeDefinitionException.class,
                        conflict -> assertThat(conflict.reason()).isEqualTo(Rejection.DEFINITION_CONFLICT));
        Reservation open = alice.reserve(lean(4_000_000, 0));
        budgets.replace(
                BudgetScope.named("alice").limit(cost("2", Window.lifetime())).build());
        assertThat(alice.tryReserve(lean(1, 0)).allowed()).isFalse();
        open.commit(Usage.of(4_000_000, 0));
        assertThat(only(alice).committed()).isEqualTo(Usd.of("4").nanos());
        assertThatThrownBy(() -> budgets.register(
                        BudgetScope.named("child").parent("nobody").build()))
                .isInstanceOf(ScopeDefinitionException.class)
                .hasMessageContaining("nobody");
    }

    @Test
    @DisplayName("a removed scope is unknown, and the same name again goes on from what it had spent")
    void removal() {
        Budget alice = budget("alice", cost("5", Window.lifetime()));
        Reservation open = alice.reserve(lean(4_000_000, 0));
        assertThatThrownBy(() -> budgets.remove("alice", Removal.REJECT))
                .isInstanceOf(ScopeDefinitionException.class)
                .hasMessageContaining("1 open hold");
        budgets.remove("alice", Removal.DRAIN);
        assertThatThrownBy(() -> alice.reserve(lean(1, 0)))
                .isInstanceOfSatisfying(
                        RejectedException.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Rejection.DRAINING));
        open.commit(Usage.of(4_000_000, 0));
        assertThatThrownBy(() -> alice.reserve(lean(1, 0))).isInstanceOf(UnknownScopeException.class);
        budget("alice", cost("5", Window.lifetime()));
        assertThat(only(alice).committed()).isEqualTo(Usd.of("4").nanos());
    }

    @Test
    @DisplayName("explain names every limit that applies and how it stands")
    void explains() {
        Budget alice =
                budget("alice", cost("5", Window.lifetime()), Limit.calls(1, Window.rolling(Duration.ofMinutes(1))));
        alice.reserve(lean(1, 0)).commit(Usage.of(1, 0));
        Explanation explanation = alice.explain(lean(1, 0));
        assertThat(explanation.allowed()).isFalse();
        assertThat(explanation.limits()).hasSize(2);
        assertThat(explanation.toString()).contains("refused", "calls/rolling(PT1M)", "limit 1 calls", "frees 2026-");
    }

    @Test
    @DisplayName("a pattern that grows too long in lower case is refused")
    void patternInLowerCase() {
        assertThatThrownBy(() -> Limit.calls(1, Window.lifetime()).forModels("\u0130".repeat(200)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("256");
    }

    @Test
    @DisplayName("durability is demanded where it matters, and a store that has less is refused")
    void durability() {
        assertThatThrownBy(() -> BudgetManager.builder()
                        .requireDurability(Durability.PROCESS)
                        .build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("memory", "NONE", "PROCESS");
        assertThatThrownBy(
                        () -> BudgetManager.builder().store("carrier-pigeon:").build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("carrier-pigeon", "memory:");
    }
}
