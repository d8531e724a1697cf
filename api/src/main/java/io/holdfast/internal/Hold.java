package io.holdfast.internal;

import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.unit.Amounts;
import org.jspecify.annotations.Nullable;

/** One hold: what it set aside where, and what became of it. */
final class Hold {
    static final Counter[] NO_COUNTERS = {};

    final String id;
    final boolean given;
    final ScopeState scope;
    final @Nullable SessionState session;
    final String model;
    final Amounts amounts;
    final long admittedAt;
    final OnExpiry onExpiry;
    final long fingerprint;
    Counter[] counters;
    Detail detail;
    HoldState state = HoldState.ACTIVE;
    long expiresAt;
    /** When it settled or ran out. */
    long settledAt;
    /** What is booked for it; nothing while it is active. */
    Amounts booked = Amounts.NONE;
    /** How often its session had been reset when it ran out. */
    int sessionResets;

    @Nullable
    String extendedBy;

    long extendedFor;
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
            long expiresAt,
            OnExpiry onExpiry,
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
        this.onExpiry = onExpiry;
        this.fingerprint = fingerprint;
        this.detail = detail;
        this.counters = counters;
    }

    /** Makes it final and lets go of what only an open hold needs. */
    void settle(HoldState last, long at, Amounts actual) {
        state = last;
        settledAt = at;
        booked = actual;
        counters = NO_COUNTERS;
        detail = Detail.NONE;
    }

    @Nullable
    String sessionId() {
        return session == null ? null : session.id;
    }
}
