package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.evidence.oracle.Judge;
import io.holdfast.evidence.oracle.Oracle;
import io.holdfast.internal.CounterTotals;
import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.MemoryStore;
import io.holdfast.internal.StateAudit;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.tck.ManualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One history, told to the engine, to the ledger in memory, to a twin that is restarted now and then, and to the oracle: all
 * agree on each outcome, on every counter, also as its totals were told last, and on the state of every hold.
 */
final class EngineHistory {
    final ManualClock clock = new ManualClock(Instant.parse("2026-03-27T20:00:00Z"));
    final Oracle oracle = new Oracle();
    final Judge judge = new Judge(oracle);
    final Script script = new Script();
    final List<Change> journal = new ArrayList<>();
    final LedgerState state = new LedgerState();
    final LedgerEngine engine = new LedgerEngine(state, journal::add);
    final MemoryStore memory = new MemoryStore(clock);
    LedgerState twinState = new LedgerState();
    LedgerEngine twin = new LedgerEngine(twinState, change -> {});

    /** What was told of each counter last, as a database keeps it: by scope, session as the scope sees it, and limit. */
    private final Map<List<String>, CounterTotals> told = new HashMap<>();

    EngineHistory() {
        state.noteTotals();
    }

    static void play(List<Action> tree, List<Action> actions) {
        EngineHistory history = new EngineHistory();
        tree.forEach(history::step);
        actions.forEach(history::step);
        history.finish();
    }

    void step(Action action) {
        if (action instanceof Action.Advance advance) {
            clock.advance(advance.time());
        } else if (action instanceof Action.Restart restart) {
            restart(restart.fromJournal());
        } else {
            Operation operation = script.operation(action, oracle, clock.millis());
            if (operation != null) {
                apply(operation);
            }
        }
    }

    private void apply(Operation operation) {
        if (operation instanceof Operation.Reserve reserve) {
            carryOut(new Operation.Check(reserve.request()));
        }
        script.happened(operation, carryOut(operation));
        for (String scope : oracle.liveScopes()) {
            carryOut(new Operation.Inspect(scope, null));
            for (String session : oracle.sessions(scope)) {
                carryOut(new Operation.Inspect(scope, session));
            }
        }
        Map<String, HoldState> told = new TreeMap<>();
        state.items(item -> {
            if (item instanceof StateItem.Held held) {
                told.put(held.scope() + "/" + held.id(), held.state());
            }
        });
        judge.judgeHolds(told);
    }

    private Outcome carryOut(Operation operation) {
        Outcome outcome = engine.apply(operation, clock.millis());
        judge.judge(operation, outcome, state.lastTime());
        assertSame("in memory", operation, memory.apply(operation), outcome);
        assertSame("after a restart", operation, twin.apply(operation, clock.millis()), outcome);
        state.totals((counter, each) -> told.put(
                Arrays.asList(each.scope(), sessionOf(each), each.limit().key()), each));
        if (outcome instanceof Outcome.Inspected inspected) {
            inspected.limits().forEach(limit -> compareTotals(limit, inspected.at()));
        }
        return outcome;
    }

    private static String sessionOf(CounterTotals each) {
        return each.session() == null || each.scope().equals(each.owner())
                ? each.session()
                : each.owner() + "/" + each.session();
    }

    /** What a window let go of since is told again when the counter changes next; a loop guard's counters are not told. */
    private void compareTotals(LimitState limit, long now) {
        CounterTotals last = told.get(
                Arrays.asList(limit.scope(), limit.session(), limit.limit().key()));
        if (!limit.limit().guardsLoops() && (last == null || last.nextChange() > now)) {
            assertThat(List.of(limit.committed(), limit.held()))
                    .as("totals of %s, told last as %s", limit, last)
                    .isEqualTo(last == null ? List.of(0L, 0L) : List.of(last.committed(), last.held()));
        }
    }

    private static void assertSame(String where, Operation operation, Outcome outcome, Outcome expected) {
        if (!outcome.equals(expected)) {
            assertThat(normal(outcome)).as("%s: %s", where, operation).isEqualTo(normal(expected));
        }
    }

    /** Returns a state as a ledger that is opened has it: from all of the journal, or from a snapshot. */
    static LedgerState reopened(boolean fromJournal, List<Change> journal, LedgerState state) {
        LedgerState fresh = new LedgerState();
        if (fromJournal) {
            journal.forEach(fresh::apply);
        } else {
            List<StateItem> items = new ArrayList<>();
            state.items(items::add);
            items.forEach(fresh::load);
        }
        return fresh;
    }

    private void restart(boolean fromJournal) {
        twinState = reopened(fromJournal, journal, state);
        twin = new LedgerEngine(twinState, change -> {});
        finish();
    }

    void finish() {
        assertThat(memory.verify().differences()).isEmpty();
        assertThat(StateAudit.of(state).differences()).isEmpty();
        assertThat(StateAudit.compare(journal.size(), twinState, state).differences())
                .as("after a restart")
                .isEmpty();
    }

    /** The sessions of a scope come in no order. */
    private static Object normal(Outcome outcome) {
        return outcome instanceof Outcome.Inspected inspected
                ? List.of(
                        inspected.path(),
                        inspected.limits().stream()
                                .map(LimitState::toString)
                                .sorted()
                                .toList(),
                        inspected.openHolds(),
                        inspected.at(),
                        inspected.notices())
                : outcome;
    }
}
