package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Rejection;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every counter that a call of one scope, session and model meets, from the scope up to its topmost ancestor. Holds until
 * a definition changes; that of a scope which was removed and may come back is made anew each time.
 */
final class Plan {
    final ScopeState scope;
    final @Nullable SessionState session;
    final String model;
    final Counter[] counters;
    private final boolean sessionMissing;
    private final long definitions;

    private Plan(ScopeState scope, @Nullable SessionState session, String model, long definitions) {
        this.scope = scope;
        this.session = session;
        this.model = model;
        this.definitions = definitions;
        List<Counter> met = new ArrayList<>();
        boolean missing = false;
        for (ScopeState at = scope; at != null; at = at.parent) {
            Definition definition = at.definition();
            for (int index : definition.matching(model)) {
                if (!definition.limit(index).window().perSession()) {
                    met.add(at.counters.at(definition, index));
                } else if (session != null) {
                    met.add(session.counters(at).at(definition, index));
                } else {
                    missing = true;
                }
            }
        }
        this.counters = met.toArray(Hold.NO_COUNTERS);
        this.sessionMissing = missing;
    }

    /**
     * Returns the plan of a call, with every counter brought up to the time.
     *
     * @param definitions counts the changes of definitions so far
     */
    static Plan of(ScopeState scope, @Nullable String sessionId, String model, long now, long definitions) {
        SessionState session = sessionId == null ? null : scope.session(sessionId);
        Plan latest = session == null ? scope.latestPlan : session.latestPlan;
        boolean stands =
                latest != null && latest.definitions == definitions && latest.model.equals(model) && !scope.removed;
        if (latest == null || !stands) {
            latest = new Plan(scope, session, model, definitions);
            if (session == null) {
                scope.latestPlan = latest;
            } else {
                session.latestPlan = latest;
            }
        }
        for (Counter counter : latest.counters) {
            counter.roll(now);
        }
        return latest;
    }

    /** Returns why the amounts cannot even be asked for here, or nothing. */
    @Nullable
    Rejection objection(Amounts amounts) {
        if (sessionMissing) {
            return Rejection.SESSION_REQUIRED;
        }
        for (Counter counter : counters) {
            if (counter.meter == Meter.COST && !amounts.priced()) {
                return Rejection.UNPRICED;
            }
        }
        return null;
    }

    boolean admits(Amounts amounts) {
        for (Counter counter : counters) {
            if (!counter.admits(amounts.on(counter.meter))) {
                return false;
            }
        }
        return true;
    }

    boolean overflows(Amounts amounts) {
        for (Counter counter : counters) {
            if (counter.wouldOverflow(amounts.on(counter.meter))) {
                return true;
            }
        }
        return false;
    }

    List<LimitState> states(Amounts amounts, long now) {
        List<LimitState> states = new ArrayList<>(counters.length);
        for (Counter counter : counters) {
            states.add(counter.state(amounts.on(counter.meter), now));
        }
        return states;
    }

    List<LimitState> blocking(Amounts amounts, long now) {
        return states(amounts, now).stream()
                .filter(state -> state.limit().hard() && !state.fits())
                .toList();
    }
}
