package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.Rejection;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every counter that a call of one scope, session and model meets, from the scope up to its topmost ancestor. Holds until
 * a definition changes; that of a scope which was removed and may come back, or of a call that loop guards count, is made
 * anew each time.
 */
final class Plan {
    /** Stands for a model that only limits for all models meet. */
    private static final String ANY_MODEL = "*";

    final ScopeState scope;
    final @Nullable SessionState session;
    final String model;
    final Counter[] counters;
    /** What loop guards count the call by; nothing where there are none. */
    final @Nullable String loopKey;

    private final boolean guardsLoops;
    private final boolean sessionMissing;
    private final boolean downgrades;
    private final boolean throttles;
    private final boolean countsCost;
    private final long definitions;

    private Plan(
            ScopeState scope,
            @Nullable SessionState session,
            String model,
            @Nullable String loopKey,
            long now,
            long definitions) {
        this.scope = scope;
        this.session = session;
        this.model = model;
        this.definitions = definitions;
        List<Counter> met = new ArrayList<>();
        boolean missing = false;
        boolean guards = false;
        for (ScopeState at = scope; at != null; at = at.parent) {
            Definition definition = at.definition();
            for (int index : definition.matching(model)) {
                if (definition.limit(index).guardsLoops()) {
                    guards = true;
                    if (loopKey != null) {
                        met.add(at.counters.loop(definition, index, loopKey, now));
                    }
                } else if (!definition.limit(index).window().perSession()) {
                    met.add(at.counters.at(definition, index));
                } else if (session != null) {
                    met.add(session.counters(at).at(definition, index));
                } else {
                    missing = true;
                }
            }
        }
        this.counters = met.toArray(Hold.NO_COUNTERS);
        this.guardsLoops = guards;
        this.loopKey = guards ? loopKey : null;
        this.sessionMissing = missing;
        this.downgrades = met.stream().anyMatch(counter -> counter.steps().downgradeAt() > 0);
        this.throttles = met.stream().anyMatch(counter -> counter.steps().throttleAt() > 0);
        this.countsCost = met.stream().anyMatch(counter -> counter.meter == Meter.COST);
    }

    /**
     * Returns the plan of a call, with every counter brought up to the time.
     *
     * @param definitions counts the changes of definitions so far
     */
    static Plan of(
            ScopeState scope,
            @Nullable SessionState session,
            String model,
            @Nullable String loopKey,
            long now,
            long definitions) {
        return found(scope, session, model, loopKey, now, definitions).rolled(now);
    }

    private Plan rolled(long now) {
        for (Counter counter : counters) {
            counter.roll(now);
        }
        return this;
    }

    private static Plan found(
            ScopeState scope,
            @Nullable SessionState session,
            String model,
            @Nullable String loopKey,
            long now,
            long definitions) {
        Plan latest = session == null ? scope.latestPlan : session.latestPlan;
        boolean stands = latest != null
                && latest.definitions == definitions
                && latest.model.equals(model)
                && !latest.guardsLoops
                && !scope.removed;
        if (latest == null || !stands) {
            latest = new Plan(scope, session, model, loopKey, now, definitions);
            if (session == null) {
                scope.latestPlan = latest;
            } else {
                session.latestPlan = latest;
            }
        }
        return latest;
    }

    /** Returns why the amounts cannot even be asked for here, or nothing. */
    @Nullable
    Rejection objection(Amounts amounts, @Nullable Allotment from) {
        if (sessionMissing) {
            return Rejection.SESSION_REQUIRED;
        }
        return (countsCost || from != null) && !amounts.priced() ? Rejection.UNPRICED : null;
    }

    /** Returns the plan of an allotment: the counters of cost that every model meets. The others stay as they are. */
    static Plan ofAllotment(ScopeState scope, SessionState session, long now, long definitions) {
        return new Plan(found(scope, session, ANY_MODEL, null, now, definitions)).rolled(now);
    }

    private Plan(Plan every) {
        this.scope = every.scope;
        this.session = every.session;
        this.model = every.model;
        this.loopKey = null;
        this.guardsLoops = false;
        this.sessionMissing = false;
        this.downgrades = false;
        this.throttles = false;
        this.countsCost = true;
        this.definitions = every.definitions;
        this.counters = java.util.Arrays.stream(every.counters)
                .filter(counter -> counter.meter == Meter.COST)
                .toArray(Counter[]::new);
    }

    /** Returns what a counter is asked for beyond what it holds already: nothing where an allotment pays. */
    private static long asked(Counter counter, Amounts amounts, @Nullable Allotment from) {
        return prepaid(counter, from) ? 0 : amounts.on(counter.meter);
    }

    private static boolean prepaid(Counter counter, @Nullable Allotment from) {
        return from != null && from.isHeldIn(counter);
    }

    boolean admits(Amounts amounts, @Nullable Allotment from, boolean finalCall) {
        for (Counter counter : counters) {
            if (!admits(counter, amounts, from, finalCall)) {
                return false;
            }
        }
        return true;
    }

    /** What an allotment pays for is held already, also out of a reserve; but no limit that is passed admits anything. */
    private static boolean admits(Counter counter, Amounts amounts, @Nullable Allotment from, boolean finalCall) {
        return prepaid(counter, from) ? counter.admits(0, true) : counter.admits(amounts.on(counter.meter), finalCall);
    }

    boolean passesSoftStep(Amounts amounts, @Nullable Allotment from) {
        if (downgrades) {
            for (Counter counter : counters) {
                if (counter.passes(counter.steps().downgradeAt(), asked(counter, amounts, from))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Adds the soft steps that the amounts pass, save those of counters that were counted before. */
    void softSteps(Amounts amounts, @Nullable Allotment from, Set<Counter> counted, List<PassedStep> steps) {
        for (Counter counter : counters) {
            long asked = asked(counter, amounts, from);
            if (counter.passes(counter.steps().downgradeAt(), asked) && counted.add(counter)) {
                steps.add(counter.passed(PassedStep.Kind.DOWNGRADE, asked));
            }
        }
    }

    /** Returns the longest delay of the throttle steps that the amounts pass, or zero. */
    long delay(Amounts amounts, @Nullable Allotment from) {
        long longest = 0;
        for (int i = 0; throttles && i < counters.length; i++) {
            Counter counter = counters[i];
            if (counter.passes(counter.steps().throttleAt(), asked(counter, amounts, from))) {
                longest = Math.max(longest, counter.steps().delayMillis());
            }
        }
        return longest;
    }

    void throttleSteps(Amounts amounts, @Nullable Allotment from, List<PassedStep> steps) {
        for (Counter counter : counters) {
            long asked = asked(counter, amounts, from);
            if (counter.passes(counter.steps().throttleAt(), asked)) {
                steps.add(counter.passed(PassedStep.Kind.THROTTLE, asked));
            }
        }
    }

    boolean overflows(Amounts amounts) {
        for (Counter counter : counters) {
            if (counter.wouldOverflow(amounts.on(counter.meter))) {
                return true;
            }
        }
        return false;
    }

    /** Returns how the child session's budget stands, if one pays, and then every counter. */
    List<LimitState> states(Amounts amounts, @Nullable Allotment from, boolean finalCall, long now) {
        List<LimitState> states = new ArrayList<>(counters.length + 1);
        if (from != null) {
            states.add(from.state(amounts.on(Meter.COST)));
        }
        for (Counter counter : counters) {
            states.add(state(counter, amounts, from, finalCall, now));
        }
        return states;
    }

    List<LimitState> blocking(Amounts amounts, @Nullable Allotment from, boolean finalCall, long now) {
        List<LimitState> blocking = new ArrayList<>();
        if (from != null && !from.affords(amounts)) {
            blocking.add(from.state(amounts.on(Meter.COST)));
        }
        for (Counter counter : counters) {
            if (counter.isHard() && !admits(counter, amounts, from, finalCall)) {
                blocking.add(state(counter, amounts, from, finalCall, now));
            }
        }
        return List.copyOf(blocking);
    }

    private static LimitState state(
            Counter counter, Amounts amounts, @Nullable Allotment from, boolean finalCall, long now) {
        return counter.state(asked(counter, amounts, from), finalCall || prepaid(counter, from), now);
    }

    /** Returns the hard limits that are passed already, and for each when so much would fit again. */
    List<LimitState> passed(Amounts amounts, long now) {
        List<LimitState> passed = new ArrayList<>(0);
        for (Counter counter : counters) {
            if (counter.isHard() && !counter.admits(0, true)) {
                passed.add(counter.state(amounts.on(counter.meter), true, now));
            }
        }
        return List.copyOf(passed);
    }

    /** Adds the limits that have no room for the amounts. */
    void refusals(Amounts amounts, @Nullable Allotment from, boolean finalCall, List<PassedStep> steps) {
        if (from != null && !from.affords(amounts)) {
            steps.add(from.refusal(amounts.on(Meter.COST)));
        }
        for (Counter counter : counters) {
            if (counter.isHard() && !admits(counter, amounts, from, finalCall)) {
                steps.add(counter.refusal(asked(counter, amounts, from), finalCall || prepaid(counter, from)));
            }
        }
    }
}
