package io.holdfast.evidence.oracle;

import io.holdfast.internal.Insight;
import io.holdfast.spi.HoldState;
import java.util.IdentityHashMap;
import java.util.Map;

/** Holds the state behind one store against the oracle's, number by number: all that is counted, and every hold. */
public final class StateJudge {
    private final Oracle oracle;
    private final Map<Object, Tally> tallies = new IdentityHashMap<>();
    private final Map<Object, Oracle.Hold> holds = new IdentityHashMap<>();
    private Insight before;
    private long look;
    private int open;

    /**
     * Makes a judge of a store that was just opened.
     *
     * @param oracle says how it ought to be
     */
    public StateJudge(Oracle oracle) {
        this.oracle = oracle;
    }

    /**
     * Fails unless every counter and every hold that the ledger must know is as it should be.
     *
     * @param state the state behind the store, which has seen the oracle's latest operation
     */
    public void judge(Insight state) {
        if (!state.sameAs(before)) {
            before = state;
            tallies.clear();
            holds.clear();
        }
        judgeCounters(state);
        judgeOpenHolds(state);
        oracle.known().forEach(hold -> judge(state, hold));
    }

    /**
     * Fails unless every hold that was ever made is in the state that it should be in, or forgotten where it may be.
     *
     * @param state the state behind the store
     */
    public void judgeAllHolds(Insight state) {
        oracle.holds().forEach(hold -> judge(state, hold));
    }

    private void judgeCounters(Insight state) {
        long now = oracle.now();
        look = ++oracle.looks;
        state.counters(now, (counter, committed, held) -> {
            Tally tally = tallies.get(counter);
            if (tally == null && (committed != 0 || held != 0)) {
                tally = named(Insight.place(counter));
                tallies.put(counter, tally);
            }
            if (tally != null) {
                judge(tally, committed, held, now);
            }
        });
        for (Tally tally : oracle.tallies()) {
            if (tally.met != look) {
                judge(tally, 0, 0, now);
            }
        }
    }

    private Tally named(Insight.Place place) {
        Tally tally =
                oracle.tally(new Tally.Cell(place.scope(), place.owner(), place.session(), place.key(), place.loop()));
        Judge.require(tally != null, () -> "there is a counter for " + place + ", and nobody has charged it");
        return tally;
    }

    private void judge(Tally tally, long committed, long held, long now) {
        tally.met = look;
        if (committed != tally.used(now) || held != tally.held(now)) {
            throw new AssertionError(tally.shown + " at " + now + " is " + committed + "+" + held + ", and was to be "
                    + tally.used(now) + "+" + tally.held(now));
        }
    }

    private void judgeOpenHolds(Insight state) {
        open = 0;
        state.openHolds((key, expiresAt, left, spent) -> {
            open++;
            Oracle.Hold hold = holds.get(key);
            if (hold == null) {
                hold = named(Insight.name(key));
                holds.put(key, hold);
            }
            boolean child = hold.child != null;
            if (hold.state != HoldState.ACTIVE
                    || hold.expires != expiresAt
                    || left != (child ? hold.left : -1)
                    || spent != (child ? hold.spent : -1)) {
                throw new AssertionError("hold " + hold.scope + "/" + hold.id() + " is open until " + expiresAt
                        + " with " + left + " left and " + spent + " spent, and was to be " + hold.state + " until "
                        + hold.expires + " with " + hold.left + " and " + hold.spent);
            }
        });
        Judge.require(open == oracle.openHolds(), () -> open + " holds are open, and were to be " + oracle.openHolds());
        if (holds.size() > 4 * open + 64) {
            holds.clear();
        }
    }

    private Oracle.Hold named(Insight.Named name) {
        Oracle.Hold hold = oracle.hold(name.root(), name.id());
        Judge.require(
                hold != null
                        && hold.scope.equals(name.scope())
                        && (hold.child != null || hold.amounts.equals(name.amounts())),
                () -> "hold " + name + " is open, and nobody has made it so");
        return hold;
    }

    private void judge(Insight state, Oracle.Hold hold) {
        Judge.judgeHold(oracle, hold, state.holdState(hold.scope, hold.id()));
    }
}
