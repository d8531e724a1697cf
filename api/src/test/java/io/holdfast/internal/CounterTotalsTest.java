package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The totals of counters")
class CounterTotalsTest {
    private static final Limit ROLLING = Limit.cost(Usd.of("10"), Window.rolling(Duration.ofSeconds(5)));
    private static final Limit SESSION = Limit.cost(Usd.of("10"), Window.session());
    private static final Amounts SPENT = new Amounts(1, 1, 1, 1);

    static Stream<Operation> touching() {
        return Stream.of(
                new Operation.Define(defined(Limit.cost(Usd.of("20"), ROLLING.window())), true),
                new Operation.Remove("t", Removal.REJECT),
                new Operation.ResetSession(OperationId.made(), "t", "s"));
    }

    @ParameterizedTest
    @MethodSource("touching")
    @DisplayName("depend on the changes alone, and not on who looked in between")
    void lookedAt(Operation touching) {
        LedgerState live = new LedgerState();
        live.noteTotals();
        List<Change> journal = new ArrayList<>();
        LedgerEngine engine = new LedgerEngine(live, journal::add);
        Map<String, CounterTotals> told = new HashMap<>();
        List.of(
                        new Operation.Define(defined(ROLLING), false),
                        new Operation.Book(OperationId.made(), "t", "s", "m", SPENT, Detail.NONE))
                .forEach(operation -> carryOut(engine, live, operation, 2_000, told));
        carryOut(engine, live, new Operation.Inspect("t", null), 60_000, told);
        carryOut(engine, live, touching, 60_001, told);

        LedgerState replayed = new LedgerState();
        replayed.noteTotals();
        Map<String, CounterTotals> toldAgain = new HashMap<>();
        journal.forEach(change -> {
            replayed.apply(change);
            note(replayed, toldAgain);
        });

        assertThat(toldAgain).isEqualTo(told).hasSize(2);
    }

    private static void carryOut(
            LedgerEngine engine, LedgerState state, Operation operation, long at, Map<String, CounterTotals> told) {
        engine.apply(operation, at);
        note(state, told);
    }

    private static void note(LedgerState state, Map<String, CounterTotals> told) {
        state.totals((counter, each) -> told.put(each.limit().key(), each));
    }

    private static ScopeDefinition defined(Limit rolling) {
        return new ScopeDefinition("t", null, List.of(rolling, SESSION), List.of());
    }
}
