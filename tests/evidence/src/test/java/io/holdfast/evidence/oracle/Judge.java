package io.holdfast.evidence.oracle;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Notice;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Holds what a ledger answers against what the oracle says. */
public final class Judge {
    private final Oracle oracle;
    private final boolean oneTime;

    /**
     * Makes a judge.
     *
     * @param oracle takes in every operation that is judged
     */
    public Judge(Oracle oracle) {
        this(oracle, true);
    }

    /**
     * Makes a judge.
     *
     * @param oracle takes in every operation that is judged
     * @param oneTime whether there is one time for all. Where nodes have their own, or restart at an earlier time, an alert of a
     *     rolling window may fire again on the one that has seen the use fall in the meantime; those are left out then
     */
    public Judge(Oracle oracle, boolean oneTime) {
        this.oracle = oracle;
        this.oneTime = oneTime;
    }

    /**
     * Fails unless something holds.
     *
     * @param holds what has to hold
     * @param otherwise says what is wrong
     */
    public static void require(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }

    /**
     * Fails unless an outcome is what the oracle says, with all that it tells beside.
     *
     * @param operation what was asked
     * @param outcome what it came to
     * @param clock when, by the clock that the ledger read
     */
    public void judge(Operation operation, Outcome outcome, long clock) {
        judgeAnswer(operation, outcome, clock);
        List<String> told = notices(outcome);
        List<String> due = new ArrayList<>(oracle.notices());
        if (!oneTime) {
            told.removeIf(notice -> notice.startsWith("crossed") && notice.contains("/rolling("));
            due.removeIf(notice -> notice.startsWith("crossed") && notice.contains("/rolling("));
        }
        if (!told.isEmpty() || !due.isEmpty()) {
            told.sort(null);
            due.sort(null);
            require(told.equals(due), () -> operation + " told " + told + ", and was to tell " + due);
        }
    }

    /**
     * Fails unless an outcome is what the oracle says; what is told beside may have got lost with an earlier answer.
     *
     * @param operation what was asked
     * @param outcome what it came to
     * @param clock when, by the clock that the ledger read
     */
    public void judgeAnswer(Operation operation, Outcome outcome, long clock) {
        Oracle.Answer answer = oracle.apply(operation, clock);
        String kind = outcome.getClass().getSimpleName();
        require(
                kind.equals(answer.kind()),
                () -> operation + " gave " + outcome + ", and was to give " + answer + " at " + oracle.now());
        Object told = null;
        Boolean repeated = null;
        if (outcome instanceof Outcome.Rejected rejected) {
            require(
                    rejected.reason() == answer.reason(),
                    () -> operation + " gave " + outcome + ", and was to give " + answer);
        } else if (outcome instanceof Outcome.Held held) {
            repeated = held.repeated();
            told = List.of(
                    held.model(), held.amounts(), held.delayMillis(), held.expiresAt(), Oracle.shown(held.steps()));
        } else if (outcome instanceof Outcome.Denied denied) {
            told = shown(denied.blocking());
        } else if (outcome instanceof Outcome.RungsWanted wanted) {
            told = wanted.rungs();
        } else if (outcome instanceof Outcome.Settled settled) {
            repeated = settled.repeated();
            told = settled.state();
        } else if (outcome instanceof Outcome.Extended extended) {
            repeated = extended.repeated();
            told = extended.expiresAt();
        } else if (outcome instanceof Outcome.Booked booked) {
            repeated = booked.repeated();
            told = List.of(booked.bookedAt(), shown(booked.passed()));
        } else if (outcome instanceof Outcome.Checked checked) {
            told = List.of(
                    checked.admitted(),
                    checked.model(),
                    checked.delayMillis(),
                    Oracle.shown(checked.steps()),
                    shown(checked.limits()));
        } else if (outcome instanceof Outcome.Done done) {
            told = answer.detail() == null ? null : done.changed();
        } else if (outcome instanceof Outcome.Inspected inspected) {
            told = inspected.openHolds();
            standing((Operation.Inspect) operation, inspected);
        }
        boolean same = Objects.equals(told, answer.detail()) && Objects.equals(repeated, answer.repeated());
        Object said = told;
        require(same, () -> operation + " gave " + said + " of " + outcome + ", and was to give " + answer);
    }

    /**
     * Takes in an operation whose answer got lost, and which took effect.
     *
     * @param operation what was asked
     * @param clock when, by the clock that the ledger read
     */
    public void lost(Operation operation, long clock) {
        oracle.apply(operation, clock);
    }

    private Set<String> shown(List<LimitState> states) {
        Set<String> shown = new TreeSet<>();
        states.forEach(state -> shown.add(oracle.shown(state)));
        return shown;
    }

    private void standing(Operation.Inspect operation, Outcome.Inspected inspected) {
        require(
                inspected.at() == oracle.now(),
                () -> "the ledger is at " + inspected.at() + ", and was to be at " + oracle.now());
        List<String> told = new ArrayList<>();
        for (LimitState state : inspected.limits()) {
            told.add(oracle.shown(state));
            boolean own = state.session() == null || operation.session() != null;
            if (own && state.loopKey() == null && !state.limit().guardsLoops()) {
                boolean each = state.limit().window().perSession();
                oracle.requireExactToOneBucket(
                        state.scope(),
                        each ? operation.scope() : null,
                        each ? operation.session() : null,
                        oracle.keyOf(state.limit()),
                        state.committed());
            }
        }
        List<String> due = oracle.standing(operation.scope(), operation.session());
        if (!told.equals(due)) {
            told.sort(null);
            due.sort(null);
            require(
                    told.equals(due),
                    () -> operation + " at " + oracle.now() + " gave " + told + ", and was to give " + due);
        }
    }

    private List<String> notices(Outcome outcome) {
        List<String> told = new ArrayList<>();
        for (Notice notice : outcome.notices()) {
            if (notice instanceof Notice.Expired each) {
                told.add("expired " + each.scope() + "/" + each.holdId());
            } else if (notice instanceof Notice.Crossed crossed) {
                told.add("crossed " + oracle.shownAlone(crossed.state()) + " " + crossed.alert());
            } else if (notice instanceof Notice.CommittedLate late) {
                told.add("late " + late.holdId());
            } else if (notice instanceof Notice.Overshot overshot) {
                told.add("overshot " + overshot.holdId());
            }
        }
        return told;
    }

    /**
     * Asks a ledger how every limit of every scope and session stands, and fails where one is not as the oracle says.
     *
     * @param ledger the ledger
     * @param clock the time by the clock that it reads
     */
    public void judgeAll(LedgerStore ledger, long clock) {
        for (String scope : oracle.liveScopes()) {
            List<Operation> questions = new ArrayList<>();
            questions.add(new Operation.Inspect(scope, null));
            oracle.sessions(scope).forEach(session -> questions.add(new Operation.Inspect(scope, session)));
            List<Outcome> answers = ledger.apply(questions);
            for (int i = 0; i < answers.size(); i++) {
                judge(questions.get(i), answers.get(i), clock);
            }
        }
    }

    /**
     * Fails unless a ledger has just the holds that there should be, each in its state.
     *
     * @param told the state of each, by scope and id with a slash between
     */
    public void judgeHolds(Map<String, HoldState> told) {
        Map<String, HoldState> left = new TreeMap<>(told);
        for (Oracle.Hold hold : oracle.holds()) {
            judgeHold(oracle, hold, left.remove(hold.scope + "/" + hold.id()));
        }
        require(left.isEmpty(), () -> "nobody asked for the holds " + left);
    }

    /** Fails unless a hold is in the state that it should be in, or forgotten where it may be. */
    static void judgeHold(Oracle oracle, Oracle.Hold hold, HoldState known) {
        HoldState due = oracle.stateToBeKnown(hold);
        require(
                known == due
                        || (due == null && known == hold.state)
                        || (known == null && !hold.asked.id().given()),
                () -> "hold " + hold.scope + "/" + hold.id() + " is " + known + ", and was to be " + hold.state);
    }
}
