package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Rejection;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every counter that a call of one scope, session and model meets, from the scope up to its topmost ancestor. */
final class Plan {
    final ScopeState scope;
    final @Nullable SessionState session;
    final String model;
    private Counter[] counters = new Counter[8];
    private int size;
    private boolean sessionMissing;

    private Plan(ScopeState scope, @Nullable SessionState session, String model) {
        this.scope = scope;
        this.session = session;
        this.model = model;
    }

    static Plan of(ScopeState scope, @Nullable String sessionId, String model, long now) {
        SessionState session = sessionId == null ? null : scope.session(sessionId);
        Plan plan = new Plan(scope, session, model);
        for (ScopeState at = scope; at != null; at = at.parent) {
            Definition definition = at.definition();
            for (int index : definition.matching(model)) {
                plan.add(at, definition, index, now);
            }
        }
        return plan;
    }

    private void add(ScopeState at, Definition definition, int index, long now) {
        CounterSet set = at.counters;
        if (definition.limit(index).window().perSession()) {
            if (session == null) {
                sessionMissing = true;
                return;
            }
            set = session.counters(at);
        }
        if (size == counters.length) {
            counters = Arrays.copyOf(counters, size * 2);
        }
        Counter counter = set.at(definition, index);
        counter.roll(now);
        counters[size++] = counter;
    }

    /** Returns why the amounts cannot even be asked for here, or nothing. */
    @Nullable
    Rejection objection(Amounts amounts) {
        if (sessionMissing) {
            return Rejection.SESSION_REQUIRED;
        }
        for (int i = 0; i < size && !amounts.priced(); i++) {
            if (counters[i].meter == Meter.COST) {
                return Rejection.UNPRICED;
            }
        }
        return null;
    }

    boolean admits(Amounts amounts) {
        for (int i = 0; i < size; i++) {
            if (!counters[i].admits(amounts.on(counters[i].meter))) {
                return false;
            }
        }
        return true;
    }

    boolean overflows(Amounts amounts) {
        for (int i = 0; i < size; i++) {
            if (counters[i].wouldOverflow(amounts.on(counters[i].meter))) {
                return true;
            }
        }
        return false;
    }

    List<LimitState> states(Amounts amounts, long now) {
        List<LimitState> states = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            states.add(counters[i].state(amounts.on(counters[i].meter), now));
        }
        return states;
    }

    List<LimitState> blocking(Amounts amounts, long now) {
        return states(amounts, now).stream()
                .filter(state -> state.limit().hard() && !state.fits())
                .toList();
    }

    Counter[] counters() {
        return size == 0 ? Hold.NO_COUNTERS : Arrays.copyOf(counters, size);
    }
}
