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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
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

    static Stream<Arguments> restarted() {
        Limit other = Limit.tokens(9, Window.lifetime());
        return Stream.concat(
                        touching(),
                        Stream.of(
                                new Operation.Define(defined(other), true),
                                new Operation.Remove("t", Removal.FORCE),
                                new Operation.Allot(OperationId.made(), "t", "s", null, "child", 1, 1_000),
                                new Operation.Book(OperationId.made(), "t", "s", "m", SPENT, Detail.NONE)))
                .flatMap(touching -> Stream.of(3_000L, 60_000L).map(at -> Arguments.of(touching, at)));
    }

    @ParameterizedTest
    @MethodSource("restarted")
    @DisplayName("depend on the changes alone, and not on a restart that forgets what no longer counts")
    void restarted(Operation touching, long at) {
        LedgerState live = new LedgerState();
        live.noteTotals();
        List<Change> journal = new ArrayList<>();
        LedgerEngine engine = new LedgerEngine(live, journal::add);
        Map<String, CounterTotals> told = new HashMap<>();
        List.of(
                        new Operation.Define(defined(ROLLING), false),
                        new Operation.Book(OperationId.made(), "t", "s", "m", SPENT, Detail.NONE))
                .forEach(operation -> carryOut(engine, live, operation, 2_000, told));
        live.observe(at);
        LedgerState loaded = new LedgerState();
        live.items(loaded::load);
        loaded.noteTotals();
        LedgerEngine after = new LedgerEngine(loaded, journal::add);
        carryOut(after, loaded, touching, at, told);
        carryOut(after, loaded, new Operation.Define(defined(ROLLING), true), at + 60_000, told);
        carryOut(after, loaded, new Operation.Remove("t", Removal.FORCE), at + 60_000, told);

        LedgerState replayed = new LedgerState();
        replayed.noteTotals();
        Map<String, CounterTotals> toldAgain = new HashMap<>();
        journal.forEach(change -> {
            replayed.apply(change);
            note(replayed, toldAgain);
        });

        assertThat(toldAgain).isEqualTo(told);
        assertThat(toldInTheEnd(journal)).as("told once in the end").isEqualTo(amounts(told));
        assertThat(told.get(ROLLING.key()).committed()).isZero();
        assertThat(told.get(ROLLING.key()).limit().amount()).isZero();
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

    @Test
    @DisplayName("stay as they were told, whatever else looks at a counter that has nothing left")
    void nothingLeft() {
        Limit tokens = Limit.tokens(9, ROLLING.window());
        LedgerState live = new LedgerState();
        live.noteTotals();
        List<Change> journal = new ArrayList<>();
        LedgerEngine engine = new LedgerEngine(live, journal::add);
        Map<String, CounterTotals> told = new HashMap<>();
        carryOut(engine, live, new Operation.Define(defined(tokens), false), 2_000, told);
        carryOut(engine, live, new Operation.Book(OperationId.made(), "t", "s", "m", SPENT, Detail.NONE), 2_000, told);
        carryOut(engine, live, new Operation.Define(defined(ROLLING), true), 3_000, told);
        carryOut(engine, live, new Operation.Allot(OperationId.made(), "t", "s", null, "c", 1, 1_000), 60_000, told);
        assertThat(toldInTheEnd(journal)).isEqualTo(amounts(told));
        carryOut(engine, live, new Operation.Define(defined(Limit.calls(1, ROLLING.window())), true), 60_000, told);
        assertThat(toldInTheEnd(journal)).isEqualTo(amounts(told));
        assertThat(told.get(tokens.key()).committed()).isEqualTo(2);
    }

    private static Map<String, List<Long>> amounts(Map<String, CounterTotals> told) {
        Map<String, List<Long>> amounts = new HashMap<>();
        told.forEach((key, each) -> amounts.put(key, List.of(each.committed(), each.held())));
        return amounts;
    }

    /** As whoever verifies a ledger asks: a counter that is not touched stays as it is. */
    private static Map<String, List<Long>> toldInTheEnd(List<Change> journal) {
        LedgerState replayed = new LedgerState();
        replayed.noteTotals();
        journal.forEach(replayed::apply);
        Map<String, CounterTotals> told = new HashMap<>();
        note(replayed, told);
        return amounts(told);
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
