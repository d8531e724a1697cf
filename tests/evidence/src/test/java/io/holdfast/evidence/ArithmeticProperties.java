package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.MemoryStore;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.tck.ManualClock;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Amounts as large as they come, against sums without bounds: what does not fit is refused and nothing wraps. */
@Label("Arithmetic")
class ArithmeticProperties {
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    /** What to do: reserve, book, commit or release, and with how much. */
    record Step(int what, long amount) {}

    @Property(seed = Tries.SEED)
    @Label("never wraps: what passes the limit is denied, what passes the largest number is refused")
    void neverWraps(
            @ForAll("windows") Window window,
            @ForAll Meter meter,
            @ForAll boolean hard,
            @ForAll("large") long amount,
            @ForAll("steps") List<Step> steps) {
        Enforcement enforcement = hard ? Enforcement.HARD : Enforcement.ALERT_ONLY;
        Limit limit = new Limit(meter, window, ModelPattern.ANY, amount, enforcement, List.of(500_000, 10_000_000));
        MemoryStore store = new MemoryStore(new ManualClock(Instant.parse("2026-03-10T09:00:00Z")));
        store.apply(new Operation.Define(new ScopeDefinition("s", null, List.of(limit)), false));
        BigInteger most = enforcement == Enforcement.HARD ? BigInteger.valueOf(amount) : MOST;
        BigInteger committed = BigInteger.ZERO;
        BigInteger held = BigInteger.ZERO;
        Deque<Long> holds = new ArrayDeque<>();
        Deque<String> ids = new ArrayDeque<>();
        for (Step step : steps) {
            BigInteger asked = BigInteger.valueOf(step.amount);
            BigInteger used = committed.add(held);
            if (step.what == 0) {
                Outcome outcome = store.apply(new Operation.Reserve(
                        OperationId.made(),
                        "s",
                        "session",
                        "m",
                        on(meter, step.amount),
                        1_000,
                        OnExpiry.CHARGE,
                        Detail.NONE));
                assertThat(outcome instanceof Outcome.Held)
                        .as("%s gave %s", step, outcome)
                        .isEqualTo(used.add(asked).compareTo(most) <= 0);
                if (outcome instanceof Outcome.Held each) {
                    holds.push(step.amount);
                    ids.push(each.holdId());
                    held = held.add(asked);
                } else if (outcome instanceof Outcome.Rejected rejected) {
                    assertThat(rejected.reason()).isEqualTo(Rejection.OVERFLOW);
                    assertThat(enforcement).isEqualTo(Enforcement.ALERT_ONLY);
                }
            } else if (step.what == 1) {
                Outcome outcome = store.apply(new Operation.Book(
                        OperationId.made(), "s", "session", "m", on(meter, step.amount), Detail.NONE));
                boolean fits = used.add(asked).compareTo(MOST) <= 0;
                assertThat(outcome instanceof Outcome.Booked)
                        .as("%s gave %s", step, outcome)
                        .isEqualTo(fits);
                committed = fits ? committed.add(asked) : committed;
            } else if (!ids.isEmpty()) {
                BigInteger freed = BigInteger.valueOf(holds.pop());
                String id = ids.pop();
                boolean fits = used.subtract(freed).add(asked).compareTo(MOST) <= 0;
                Outcome outcome = step.what == 2
                        ? store.apply(new Operation.Commit("s", id, on(meter, step.amount), false, Detail.NONE))
                        : store.apply(new Operation.Release("s", id));
                assertThat(outcome instanceof Outcome.Settled)
                        .as("%s gave %s", step, outcome)
                        .isEqualTo(step.what == 3 || fits);
                if (step.what == 3 || fits) {
                    held = held.subtract(freed);
                    committed = step.what == 2 ? committed.add(asked) : committed;
                } else {
                    holds.push(freed.longValueExact());
                    ids.push(id);
                }
            }
            LimitState state = ((Outcome.Inspected) store.apply(new Operation.Inspect("s", "session")))
                    .limits()
                    .get(0);
            assertThat(BigInteger.valueOf(state.committed())).isEqualTo(committed);
            assertThat(BigInteger.valueOf(state.held())).isEqualTo(held);
            assertThat(state.remaining()).isBetween(0L, amount);
            assertThat(state.percentUsed()).isNotNegative();
        }
        assertThat(store.verify().differences()).isEmpty();
    }

    @Property(seed = Tries.SEED)
    @Label("tells when a refused amount fits, or that it never will, and never a time before now")
    void frees(@ForAll("large") long amount, @ForAll("large") long booked, @ForAll("large") long asked) {
        long now = Instant.parse("2026-03-10T09:00:00Z").toEpochMilli();
        MemoryStore store = new MemoryStore(new ManualClock(Instant.ofEpochMilli(now)));
        Limit limit = Limit.tokens(amount, Window.rolling(Duration.ofHours(1)));
        store.apply(new Operation.Define(new ScopeDefinition("s", null, List.of(limit)), false));
        store.apply(
                new Operation.Book(OperationId.made(), "s", null, "m", on(Meter.INPUT_TOKENS, booked), Detail.NONE));
        Outcome.Checked checked =
                (Outcome.Checked) store.apply(new Operation.Check("s", null, "m", on(Meter.INPUT_TOKENS, asked)));
        LimitState state = checked.limits().get(0);
        assertThat(checked.admitted())
                .isEqualTo(BigInteger.valueOf(booked)
                                .add(BigInteger.valueOf(asked))
                                .compareTo(BigInteger.valueOf(amount))
                        <= 0);
        if (!checked.admitted()) {
            assertThat(state.freesAt().isPresent()).as("%s", state).isEqualTo(asked <= amount);
            state.freesAt().ifPresent(at -> assertThat(at.toEpochMilli()).isBetween(now, now + 2 * 3_600_000L));
        }
    }

    @Property(seed = Tries.SEED)
    @Label("finds the amount of an alert exactly, rounded up, or the largest number above that")
    void alertAmounts(@ForAll("large") long amount, @ForAll("fractions") int millionths) {
        Limit limit = new Limit(
                Meter.COST, Window.lifetime(), ModelPattern.ANY, amount, Enforcement.HARD, List.of(millionths));
        BigInteger exact = BigDecimal.valueOf(amount)
                .multiply(BigDecimal.valueOf(millionths, 6))
                .setScale(0, RoundingMode.CEILING)
                .toBigInteger();
        assertThat(BigInteger.valueOf(limit.alertAmount(0))).isEqualTo(exact.min(MOST));
    }

    @Provide
    Arbitrary<Integer> fractions() {
        return Arbitraries.oneOf(
                Arbitraries.integers().between(1, 10_000_000), Arbitraries.of(500_000, 800_000, 1_000_000, 10_000_000));
    }

    @Provide
    Arbitrary<Window> windows() {
        return Action.windows();
    }

    @Provide
    Arbitrary<Long> large() {
        return Arbitraries.oneOf(
                Arbitraries.of(
                        0L,
                        1L,
                        (1L << 53) + 1,
                        Long.MAX_VALUE / 3,
                        Long.MAX_VALUE / 2,
                        Long.MAX_VALUE / 2 + 1,
                        922_337_203_685_999_999L,
                        Long.MAX_VALUE - 1,
                        Long.MAX_VALUE),
                Arbitraries.longs().between(0, Long.MAX_VALUE),
                Arbitraries.longs().between(0, 1_000));
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(Arbitraries.integers().between(0, 3), large())
                .as(Step::new)
                .list()
                .ofMaxSize(30);
    }

    private static Amounts on(Meter meter, long amount) {
        return switch (meter) {
            case COST -> new Amounts(amount, 0, 0, 0);
            case TOKENS, INPUT_TOKENS -> new Amounts(0, amount, 0, 0);
            case OUTPUT_TOKENS -> new Amounts(0, 0, amount, 0);
            case CALLS -> new Amounts(0, 0, 0, amount);
        };
    }
}
