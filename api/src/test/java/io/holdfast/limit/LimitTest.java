package io.holdfast.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A limit")
class LimitTest {
    private static final Limit HUNDRED = Limit.tokens(100, Window.lifetime());

    @ParameterizedTest
    @ValueSource(
            doubles = {
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                0,
                -0.0,
                -1,
                10.000001,
                1e300,
                1e-7,
                0.1234567,
                Double.MIN_VALUE
            })
    @DisplayName("alerts at no fraction that is not above zero and at most ten, or is too fine")
    void badFractions(double fraction) {
        assertThatThrownBy(() -> HUNDRED.alertAt(fraction)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 10_000_001, Integer.MAX_VALUE})
    @DisplayName("alerts at no number of millionths out of range")
    void badMillionths(int millionths) {
        assertThatThrownBy(() -> new Limit(
                        Meter.COST, Window.lifetime(), ModelPattern.ANY, 1, Enforcement.HARD, List.of(millionths)))
                .isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE})
    @DisplayName("is not negative")
    void negative(long amount) {
        assertThatThrownBy(() -> Limit.calls(amount, Window.lifetime())).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("puts its alerts in order, each once")
    void alerts() {
        assertThat(HUNDRED.alertAt(1, 0.5, 0.8, 0.5).alerts()).containsExactly(500_000, 800_000, 1_000_000);
        assertThat(HUNDRED.alertAt(0.000001, 10).alerts()).containsExactly(1, 10_000_000);
    }

    @ParameterizedTest
    @CsvSource({
        "100, 0.5, 50",
        "101, 0.5, 51",
        "1, 0.000001, 1",
        "0, 0.5, 0",
        "3, 10, 30",
        "1000000, 0.000001, 1",
        "999999, 0.333333, 333333",
        "9223372036854775807, 0.5, 4611686018427387904",
        "9223372036854775807, 1, 9223372036854775807",
        "9223372036854775807, 1.000001, 9223372036854775807",
        "922337203685999999, 10, 9223372036854775807",
        "922337203685477580, 10, 9223372036854775800"
    })
    @DisplayName("alerts at the smallest amount that reaches the fraction")
    void alertAmount(long amount, double fraction, long alertAmount) {
        assertThat(Limit.tokens(amount, Window.lifetime()).alertAt(fraction).alertAmount(0))
                .isEqualTo(alertAmount);
    }

    @Test
    @DisplayName("is told from others by all but its amount and alerts")
    void key() {
        assertThat(HUNDRED.key()).isEqualTo("tokens/lifetime");
        assertThat(HUNDRED.alertAt(0.5).key()).isEqualTo("tokens/lifetime");
        assertThat(HUNDRED.forModels("GPT-*").alertOnly().key()).isEqualTo("tokens/lifetime/gpt-*/alert-only");
        assertThat(HUNDRED.alertOnly().hard()).isFalse();
        assertThat(HUNDRED.hard()).isTrue();
        assertThat(Limit.cost(Usd.of("1.5"), Window.session())).hasToString("cost/session ≤ 1.50 USD");
        assertThat(Limit.of(Meter.INPUT_TOKENS, 1, Window.session()))
                .hasToString("input_tokens/session ≤ 1 input tokens");
        assertThat(Limit.of(Meter.OUTPUT_TOKENS, 2, Window.session()))
                .hasToString("output_tokens/session ≤ 2 output tokens");
        assertThat(Limit.calls(3, Window.session())).hasToString("calls/session ≤ 3 calls");
    }

    @Test
    @DisplayName("stands only once in a scope, which has at most 64")
    void inScope() {
        assertThatThrownBy(() -> new ScopeDefinition("s", null, List.of(HUNDRED, Limit.tokens(7, Window.lifetime()))))
                .isInstanceOf(InvalidInputException.class);
        List<Limit> many =
                IntStream.range(0, 65).mapToObj(i -> HUNDRED.forModels("m" + i)).toList();
        assertThatThrownBy(() -> new ScopeDefinition("s", null, many)).isInstanceOf(InvalidInputException.class);
        assertThat(new ScopeDefinition("s", null, many.subList(0, 64)).limits()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*a", "a*b", "a**", "**"})
    @DisplayName("belongs to no scope with a star but at its end")
    void stars(String name) {
        assertThatThrownBy(() -> new ScopeDefinition(name, null, List.of())).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("belongs to a template where the star is at the end, which covers what begins so")
    void templates() {
        ScopeDefinition template = new ScopeDefinition("user-*", "team", List.of());
        assertThat(template.template()).isTrue();
        assertThat(template.covers("user-a")).isTrue();
        assertThat(template.covers("user-")).isTrue();
        assertThat(template.covers("use")).isFalse();
        assertThat(new ScopeDefinition("user", null, List.of()).covers("user")).isFalse();
        assertThat(new ScopeDefinition("*", null, List.of()).covers("x")).isTrue();
        assertThatThrownBy(() -> new ScopeDefinition("a", "b*", List.of())).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("tells how it stands, also with nothing left and with an amount of zero")
    void state() {
        LimitState state = new LimitState("s", null, null, HUNDRED, 60, 30, 11, 0, 1_000);
        assertThat(state.remaining()).isEqualTo(10);
        assertThat(state.fits()).isFalse();
        assertThat(state.freesAt()).contains(Instant.ofEpochMilli(1_000));
        assertThat(state.percentUsed()).isEqualTo(new BigDecimal("90.0"));
        assertThat(state.describe())
                .isEqualTo("scope 's' limit tokens/lifetime: used 60 tokens, held 30 tokens, limit 100 tokens, "
                        + "asked 11 tokens, frees 1970-01-01T00:00:01Z");
        LimitState never = new LimitState("s", "one", null, HUNDRED, 160, 0, 0, 0, Window.NEVER);
        assertThat(never.remaining()).isZero();
        assertThat(never.fits()).isFalse();
        assertThat(never.freesAt()).isEmpty();
        assertThat(never.percentUsed()).isEqualTo(new BigDecimal("160.0"));
        assertThat(never.describe()).contains("session 'one'").endsWith("frees never by itself");
        LimitState zero = new LimitState("s", null, null, Limit.calls(0, Window.lifetime()), 0, 0, 0, 0, Window.NEVER);
        assertThat(zero.percentUsed()).isEqualTo(new BigDecimal("100.0"));
        assertThat(zero.fits()).isTrue();
        assertThat(zero.describe()).doesNotContain("fits");
        assertThat(new LimitState("s", null, null, HUNDRED, 0, 0, 1, 0, 0).describe())
                .endsWith("asked 1 tokens, fits");
    }

    @Test
    @DisplayName("tells how it stands with the largest numbers")
    void largestState() {
        Limit most = Limit.tokens(Long.MAX_VALUE, Window.lifetime());
        LimitState state =
                new LimitState("s", null, null, most, Long.MAX_VALUE - 1, 1, Long.MAX_VALUE, 0, Window.NEVER);
        assertThat(state.remaining()).isZero();
        assertThat(state.fits()).isFalse();
        assertThat(state.percentUsed()).isEqualTo(new BigDecimal("100.0"));
    }

    @Test
    @DisplayName("takes its steps as amounts in its own unit or as fractions, rounded up")
    void steps() {
        Limit cost = Limit.cost(Usd.of("10.00"), Window.session())
                .downgradeAt(Usd.of("5.00"))
                .throttleAt(0.8, Duration.ofSeconds(2));
        assertThat(cost.steps()).isEqualTo(new Steps(5_000_000_000L, 8_000_000_000L, 2_000, 0));
        Limit odd = Limit.tokens(7, Window.lifetime()).downgradeAt(0.5).finalReserve(0.1);
        assertThat(odd.steps()).isEqualTo(new Steps(4, 0, 0, 1));
        assertThat(HUNDRED.downgradeAt(100)
                        .throttleAt(100, Duration.ofMillis(1))
                        .steps())
                .isEqualTo(new Steps(100, 100, 1, 0));
        assertThat(odd.alertAt(0.5).forModels("m").steps()).isEqualTo(odd.steps());
        assertThat(HUNDRED.downgradeAt(1).alertOnly().steps().downgradeAt()).isEqualTo(1);
        assertThat(odd.key()).isEqualTo(Limit.tokens(9, Window.lifetime()).key());
    }

    static Stream<Supplier<Limit>> badSteps() {
        Limit cost = Limit.cost(Usd.of("1.00"), Window.lifetime());
        Duration second = Duration.ofSeconds(1);
        return Stream.of(
                () -> HUNDRED.downgradeAt(0),
                () -> HUNDRED.downgradeAt(-1),
                () -> HUNDRED.downgradeAt(101),
                () -> HUNDRED.downgradeAt(0.0),
                () -> HUNDRED.downgradeAt(-0.5),
                () -> HUNDRED.downgradeAt(1.000001),
                () -> HUNDRED.downgradeAt(Double.NaN),
                () -> HUNDRED.downgradeAt(0.0000001),
                () -> HUNDRED.downgradeAt(Usd.of("0.50")),
                () -> cost.downgradeAt(5),
                () -> cost.downgradeAt(Usd.of("1.01")),
                () -> cost.downgradeAt(Usd.ZERO),
                () -> cost.throttleAt(Usd.of("1.01"), second),
                () -> HUNDRED.throttleAt(101, second),
                () -> HUNDRED.throttleAt(50, Duration.ZERO),
                () -> HUNDRED.throttleAt(50, Duration.ofSeconds(-1)),
                () -> HUNDRED.throttleAt(50, Duration.ofNanos(999_999)),
                () -> HUNDRED.throttleAt(50, Duration.ofHours(24).plusMillis(1)),
                () -> HUNDRED.finalReserve(0),
                () -> HUNDRED.finalReserve(1.1),
                () -> HUNDRED.finalReserve(0.5).alertOnly(),
                () -> HUNDRED.alertOnly().finalReserve(0.5),
                () -> Limit.tokens(0, Window.lifetime()).downgradeAt(0.5),
                () -> Limit.tokens(0, Window.lifetime()).finalReserve(0.5),
                () -> new Limit(
                        Meter.CALLS,
                        Window.lifetime(),
                        ModelPattern.ANY,
                        10,
                        Enforcement.HARD,
                        List.of(),
                        new Steps(1, 0, 5, 0)));
    }

    static Stream<Supplier<Limit>> badLoopGuards() {
        Window hour = Window.rolling(Duration.ofHours(1));
        return Stream.of(
                () -> Limit.loopGuard(-1, hour),
                () -> Limit.loopGuard(1, Window.lifetime()),
                () -> Limit.loopGuard(1, Window.session()),
                () -> Limit.loopGuard(1, hour).alertOnly(),
                () -> Limit.loopGuard(1, hour).alertAt(0.5),
                () -> new Limit(Meter.COST, hour, ModelPattern.ANY, 1, Enforcement.LOOP_GUARD, List.of()));
    }

    @ParameterizedTest
    @MethodSource("badLoopGuards")
    @DisplayName("refuses a loop guard that is none")
    void refusesBadLoopGuards(Supplier<Limit> bad) {
        assertThatThrownBy(bad::get).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @MethodSource("badSteps")
    @DisplayName("refuses a step that is out of its range or of another unit")
    void refusesBadSteps(Supplier<Limit> bad) {
        assertThatThrownBy(bad::get).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("knows the rungs below a model, also where the first is a pattern")
    void ladders() {
        Ladder ladder = Ladder.of("big-*", "acme:Small", "tiny");
        assertThat(ladder.below("acme:big-1")).containsExactly("acme:small", "tiny");
        assertThat(ladder.below("acme:small")).containsExactly("tiny");
        assertThat(ladder.below("other:tiny")).isEmpty();
        assertThat(ladder.has("other:small")).isFalse();
        assertThat(ladder).hasToString("big-* → acme:small → tiny");
    }

    @Test
    @DisplayName("takes a model that is a rung by itself from there, though the pattern at the top covers it too")
    void rungsUnderThePattern() {
        Ladder ladder = Ladder.of("acme:*", "acme:big", "acme:small");
        assertThat(ladder.below("acme:other")).containsExactly("acme:big", "acme:small");
        assertThat(ladder.below("acme:big")).containsExactly("acme:small");
        assertThat(ladder.below("acme:small")).isEmpty();
    }

    static Stream<Supplier<Ladder>> badLadders() {
        String[] many =
                java.util.stream.IntStream.range(0, 17).mapToObj(i -> "m" + i).toArray(String[]::new);
        return Stream.of(
                () -> Ladder.of(),
                () -> Ladder.of("one"),
                () -> Ladder.of(many),
                () -> Ladder.of("a", "b*"),
                () -> Ladder.of("a", "B", "b"),
                () -> Ladder.of("a", ""),
                () -> Ladder.of("a", "\u0000"));
    }

    @ParameterizedTest
    @MethodSource("badLadders")
    @DisplayName("refuses a ladder that is none")
    void refusesBadLadders(Supplier<Ladder> bad) {
        assertThatThrownBy(bad::get).isInstanceOf(InvalidInputException.class);
    }
}
