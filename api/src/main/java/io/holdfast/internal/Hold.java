package io.holdfast.internal;

import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.PassedStep;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One hold: what it set aside where, and what became of it. */
final class Hold implements Retention.Finished {
    static final Counter[] NO_COUNTERS = {};

    final String id;
    final boolean given;
    final ScopeState scope;
    final @Nullable SessionState session;
    final String model;
    final Amounts amounts;
    final long admittedAt;
    final long delayMillis;
    final OnExpiry onExpiry;
    final List<PassedStep> steps;
    final long fingerprint;
    Counter[] counters;
    Detail detail;
    HoldState state = HoldState.ACTIVE;
    long expiresAt;
    /** What its call or child session draws on, for one of a child session. */
    @Nullable
    Allotment drawsOn;

    /** What it is set aside for, where that is a child session. */
    @Nullable
    Allotment allotment;

    /** When it settled or ran out. */
    long settledAt;
    /** What is booked for it; nothing while it is active. */
    Amounts booked = Amounts.NONE;
    /** How often its session had been reset when it ran out. */
    int sessionResets;

    /** Its place in the queue of active holds. */
    int queueIndex = -1;

    Hold(
            String id,
            boolean given,
            ScopeState scope,
            @Nullable SessionState session,
            String model,
            Amounts amounts,
            long admittedAt,
            long delayMillis,
            long expiresAt,
            OnExpiry onExpiry,
            List<PassedStep> steps,
            long fingerprint,
            Detail detail,
            Counter[] counters) {
        this.id = id;
        this.given = given;
        this.scope = scope;
        this.session = session;
        this.model = model;
        this.amounts = amounts;
        this.admittedAt = admittedAt;
        this.expiresAt = expiresAt;
        this.delayMillis = delayMillis;
        this.onExpiry = onExpiry;
        this.steps = steps;
        this.fingerprint = fingerprint;
        this.detail = detail;
        this.counters = counters;
    }

    /** Returns what it holds now: of an allotment, what is left. */
    Amounts holding() {
        return allotment == null ? amounts : new Amounts(allotment.left, 0, 0, 0);
    }

    /** Returns what it costs at most, in nano-dollars. */
    long cost() {
        return amounts.on(Meter.COST);
    }

    /** Makes it final and lets go of what only an open hold needs. */
    void settle(HoldState last, long at, Amounts actual) {
        state = last;
        settledAt = at;
        booked = actual;
        counters = NO_COUNTERS;
        detail = Detail.NONE;
    }

    @Override
    public long finishedAt() {
        return settledAt;
    }

    @Override
    public void forget() {
        scope.tree.forget(this);
    }

    @Nullable
    String sessionId() {
        return session == null ? null : session.id;
    }
}
