package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.MemoryStore;
import io.holdfast.internal.StateAudit;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.tck.ManualClock;
import io.holdfast.unit.Amounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;

/**
 * Random histories, each told to the engine, to the ledger in memory, to a twin that is restarted now and then, and to
 * the oracle. After each step all four agree on the outcome, on every counter and on the state of every hold.
 */
@Label("The engine")
class EngineProperties {
    private static final int ACTIONS = Boolean.getBoolean("holdfast.full") ? 250 : 60;

    @Property(edgeCases = EdgeCasesMode.NONE)
    @Label("does what the oracle says, also after a restart from its journal or from a snapshot")
    void agreesWithTheOracle(@ForAll("trees") List<Action> tree, @ForAll("actions") List<Action> actions) {
        History history = new History();
        tree.forEach(history::step);
        actions.forEach(history::step);
        history.finish();
    }

    @Provide
    Arbitrary<List<Action>> trees() {
        return Action.tree();
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        return Action.any().list().ofMaxSize(ACTIONS).withSizeDistribution(RandomDistribution.uniform());
    }

    private static final class History {
        final ManualClock clock = new ManualClock(Instant.parse("2026-03-27T20:00:00Z"));
        final Oracle oracle = new Oracle();
        final List<Change> journal = new ArrayList<>();
        final LedgerState state = new LedgerState();
        final LedgerEngine engine = new LedgerEngine(state, journal::add);
        final MemoryStore memory = new MemoryStore(clock);
        final List<Operation.Reserve> made = new ArrayList<>();
        LedgerState twinState = new LedgerState();
        LedgerEngine twin = new LedgerEngine(twinState, change -> {});

        void step(Action action) {
            if (action instanceof Action.Advance advance) {
                clock.advance(advance.time());
            } else if (action instanceof Action.Restart restart) {
                restart(restart.fromJournal());
            } else {
                Operation operation = operation(action);
                if (operation != null && oracle.remembers(operation, clock.millis())) {
                    apply(operation);
                }
            }
        }

        private void apply(Operation operation) {
            List<LimitState> reported = List.of();
            if (operation instanceof Operation.Reserve reserve) {
                carryOut(new Operation.Check(reserve.request()), standing(reserve.scope(), reserve.session()));
                reported = standing(reserve.scope(), reserve.session());
            } else if (operation instanceof Operation.Check check) {
                reported = standing(check.scope(), check.session());
            }
            Outcome outcome = carryOut(operation, reported);
            if (outcome instanceof Outcome.Held held && !held.repeated()) {
                made.add((Operation.Reserve) operation);
            }
            inspectAll();
            compareHolds();
        }

        private List<LimitState> standing(String scope, String session) {
            Outcome outcome = carryOut(new Operation.Inspect(scope, session));
            return outcome instanceof Outcome.Inspected inspected ? inspected.limits() : List.of();
        }

        private Outcome carryOut(Operation operation) {
            return carryOut(operation, List.of());
        }

        private Outcome carryOut(Operation operation, List<LimitState> reported) {
            Outcome outcome = engine.apply(operation, clock.millis());
            Oracle.Answer answer = oracle.apply(operation, clock.millis(), reported);
            compare(operation, outcome, answer);
            assertSame("in memory", operation, memory.apply(operation), outcome);
            assertSame("after a restart", operation, twin.apply(operation, clock.millis()), outcome);
            return outcome;
        }

        private static void assertSame(String where, Operation operation, Outcome outcome, Outcome expected) {
            if (!outcome.equals(expected)) {
                assertThat(normal(outcome)).as("%s: %s", where, operation).isEqualTo(normal(expected));
            }
        }

        private void compare(Operation operation, Outcome outcome, Oracle.Answer answer) {
            if (answer == null) {
                return;
            }
            assertThat(outcome.getClass().getSimpleName())
                    .as("%s gave %s", operation, outcome)
                    .isEqualTo(answer.kind());
            if (outcome instanceof Outcome.Rejected rejected) {
                assertThat(rejected.reason())
                        .as("%s gave %s", operation, outcome)
                        .isEqualTo(answer.reason());
            } else if (outcome instanceof Outcome.Held held) {
                assertThat(List.of(
                                held.repeated(),
                                List.of(
                                        held.model(),
                                        held.amounts(),
                                        held.delayMillis(),
                                        held.expiresAt(),
                                        Oracle.shown(held.steps()))))
                        .as("%s", operation)
                        .isEqualTo(List.of(answer.repeated(), answer.detail()));
            } else if (outcome instanceof Outcome.Denied denied) {
                Operation.Reserve reserve = (Operation.Reserve) operation;
                Set<String> blocking = denied.blocking().stream()
                        .map(each -> Oracle.show(reserve.scope(), reserve.session(), each))
                        .collect(Collectors.toCollection(TreeSet::new));
                assertThat(blocking).as("%s", operation).isEqualTo(answer.detail());
            } else if (outcome instanceof Outcome.Settled settled) {
                assertThat(List.of(settled.repeated(), settled.state()))
                        .as("%s", operation)
                        .isEqualTo(List.of(answer.repeated(), answer.detail()));
            } else if (outcome instanceof Outcome.Extended extended) {
                assertThat(List.of(extended.repeated(), extended.expiresAt()))
                        .as("%s", operation)
                        .isEqualTo(List.of(answer.repeated(), answer.detail()));
            } else if (outcome instanceof Outcome.Booked booked) {
                assertThat(List.of(booked.repeated(), booked.bookedAt()))
                        .as("%s", operation)
                        .isEqualTo(List.of(answer.repeated(), answer.detail()));
            } else if (outcome instanceof Outcome.Checked checked) {
                Set<String> limits = checked.limits().stream()
                        .map(each -> Oracle.show(((Operation.Check) operation).scope(), null, each))
                        .collect(Collectors.toCollection(TreeSet::new));
                assertThat(List.of(
                                checked.admitted(),
                                checked.model(),
                                checked.delayMillis(),
                                Oracle.shown(checked.steps()),
                                limits))
                        .as("%s", operation)
                        .isEqualTo(answer.detail());
            } else if (outcome instanceof Outcome.Done done) {
                assertThat(done.changed()).as("%s", operation).isEqualTo(answer.detail());
            } else if (outcome instanceof Outcome.Inspected inspected) {
                assertThat(inspected.openHolds()).as("%s", operation).isEqualTo(answer.detail());
            }
            compareNotices(operation, outcome, answer);
        }

        private void compareNotices(Operation operation, Outcome outcome, Oracle.Answer answer) {
            List<String> expired = new ArrayList<>();
            List<String> alerts = new ArrayList<>();
            for (Notice notice : outcome.notices()) {
                if (notice instanceof Notice.Expired each) {
                    expired.add(each.scope() + "/" + each.holdId());
                } else if (notice instanceof Notice.Crossed crossed) {
                    String key = crossed.state().limit().key();
                    if (!key.contains("rolling")) {
                        alerts.add(crossed.state().scope() + " " + key + " " + crossed.alert());
                    }
                }
            }
            assertThat(expired).as("%s", operation).containsExactlyInAnyOrderElementsOf(answer.expired());
            Set<String> live = oracle.liveScopes();
            List<String> due = answer.alerts().stream()
                    .map(alert -> alert.replaceAll(" [a-z0-9]+/(one|two) ", " "))
                    .toList();
            assertThat(alerts.stream().filter(alert -> live.contains(alert.split(" ")[0])))
                    .as("alerts of %s", operation)
                    .containsExactlyInAnyOrderElementsOf(due.stream()
                            .filter(alert -> live.contains(alert.split(" ")[0]))
                            .toList());
        }

        private void inspectAll() {
            for (String scope : oracle.liveScopes()) {
                Outcome.Inspected whole = (Outcome.Inspected) carryOut(new Operation.Inspect(scope, null));
                oracle.compare(scope, null, whole.limits());
                for (String session : oracle.sessions(scope)) {
                    Operation inspect = new Operation.Inspect(scope, session);
                    oracle.compare(scope, session, ((Outcome.Inspected) carryOut(inspect)).limits());
                }
            }
        }

        private void compareHolds() {
            Map<String, HoldState> told = new TreeMap<>();
            state.items(item -> {
                if (item instanceof StateItem.Held held) {
                    told.put(held.scope() + "/" + held.id(), held.state());
                }
            });
            for (Oracle.Hold hold : oracle.holds.values()) {
                String name = hold.asked.scope() + "/" + hold.asked.id();
                boolean forgotten =
                        hold.state != HoldState.ACTIVE && hold.settled < oracle.now - Oracle.REMEMBERED.toMillis();
                if (!forgotten) {
                    assertThat(told.get(name)).as("state of hold %s", name).isEqualTo(hold.state);
                }
                told.remove(name);
            }
            assertThat(told).as("holds that nobody asked for").isEmpty();
        }

        private void restart(boolean fromJournal) {
            LedgerState fresh = new LedgerState();
            if (fromJournal) {
                journal.forEach(fresh::apply);
            } else {
                List<StateItem> items = new ArrayList<>();
                state.items(items::add);
                items.forEach(fresh::load);
            }
            twinState = fresh;
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

        private Operation operation(Action action) {
            if (action instanceof Action.Define define) {
                return new Operation.Define(
                        new ScopeDefinition(
                                define.name(), define.parent(), define.limits(), Action.ladders(define.name())),
                        define.replace());
            } else if (action instanceof Action.Remove remove) {
                return new Operation.Remove(remove.name(), remove.removal());
            } else if (action instanceof Action.Reserve reserve) {
                return new Operation.Reserve(
                        OperationId.given("i" + reserve.id()),
                        Action.request(
                                reserve.scope(),
                                reserve.session(),
                                reserve.model(),
                                reserve.amounts(),
                                reserve.finalCall()),
                        reserve.ttl(),
                        reserve.onExpiry(),
                        Detail.NONE);
            } else if (action instanceof Action.Book book) {
                return new Operation.Book(
                        OperationId.given("i" + book.id()),
                        book.scope(),
                        book.session(),
                        book.model(),
                        book.amounts(),
                        Detail.NONE);
            } else if (action instanceof Action.Check check) {
                return new Operation.Check(Action.request(
                        check.scope(), check.session(), check.model(), check.amounts(), check.finalCall()));
            } else if (action instanceof Action.Reset reset) {
                return new Operation.ResetSession(OperationId.given("i" + reset.id()), reset.scope(), reset.session());
            } else if (action instanceof Action.Sweep) {
                return new Operation.Sweep();
            }
            return made.isEmpty() ? null : settlement(action);
        }

        private Operation settlement(Action action) {
            if (action instanceof Action.Commit commit) {
                Operation.Reserve hold = recent(commit.hold());
                Amounts amounts = commit.amounts() == null ? hold.amounts() : commit.amounts();
                return new Operation.Commit(
                        scope(hold, commit.otherScope()), hold.id().value(), amounts, commit.estimated(), Detail.NONE);
            } else if (action instanceof Action.Release release) {
                Operation.Reserve hold = recent(release.hold());
                return new Operation.Release(
                        scope(hold, release.otherScope()), hold.id().value());
            }
            Action.Extend extend = (Action.Extend) action;
            Operation.Reserve hold = recent(extend.hold());
            return new Operation.Extend(
                    OperationId.given("x" + extend.id()),
                    hold.scope(),
                    hold.id().value(),
                    extend.ttl());
        }

        private Operation.Reserve recent(int back) {
            return made.get(Math.max(0, made.size() - 1 - back));
        }

        private static String scope(Operation.Reserve hold, String other) {
            return other == null ? hold.scope() : other;
        }

        /** The sessions of a scope come in no order, and so do the holds that expire at once. */
        private static Object normal(Outcome outcome) {
            List<String> notices =
                    outcome.notices().stream().map(Object::toString).sorted().toList();
            if (outcome instanceof Outcome.Inspected inspected) {
                return List.of(
                        inspected.path(),
                        inspected.limits().stream()
                                .map(LimitState::toString)
                                .sorted(Comparator.naturalOrder())
                                .toList(),
                        inspected.openHolds(),
                        inspected.at(),
                        notices);
            }
            if (notices.size() > 1) {
                return List.of(outcome.getClass(), notices);
            }
            return outcome;
        }
    }
}
