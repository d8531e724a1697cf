package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Notice;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The state behind one limit: committed amounts by bucket, the sum of open holds, and the alerts already fired. */
final class Counter {
    final ScopeState scope;
    final @Nullable SessionState session;
    final BucketSeries committed = new BucketSeries();
    final BucketSeries held = new BucketSeries();
    final Window window;
    final Meter meter;
    int alertLevel;
    private Limit limit;
    private long rollAt = Long.MIN_VALUE;

    Counter(ScopeState scope, @Nullable SessionState session, Limit limit) {
        this.scope = scope;
        this.session = session;
        this.limit = limit;
        this.window = limit.window();
        this.meter = limit.meter();
    }

    Limit limit() {
        return limit;
    }

    /** Takes the limit that holds now, whether or not anybody has asked for it since it was defined. */
    void follow() {
        scope.follow(session == null ? scope.counters : session.counters(scope));
    }

    /** Takes a limit of the same key; with another amount or other alerts it may alert anew. */
    void adopt(Limit replacement) {
        if (!limit.equals(replacement)) {
            limit = replacement;
            alertLevel = 0;
        }
    }

    /** Lets go of what no longer counts. */
    void roll(long now) {
        if (now < rollAt) {
            return;
        }
        long oldest = window.oldestBucket(now);
        committed.dropBefore(oldest);
        held.dropBefore(window.oldestHoldBucket(now));
        if (window.startsAnew()) {
            alertLevel = 0;
            rollAt = window.endOf(oldest);
        } else {
            rollAt = committed.size() == 0 ? Window.NEVER : window.endOf(committed.bucket(0));
        }
    }

    boolean fits(long amount) {
        return amount <= limit.amount() - committed.sum() - held.sum();
    }

    boolean wouldOverflow(long amount) {
        return amount > Long.MAX_VALUE - committed.sum() - held.sum();
    }

    void hold(Amounts amounts, long admittedAt) {
        held.add(window.holdBucket(admittedAt), amounts.on(meter));
    }

    void unhold(Amounts amounts, long admittedAt) {
        held.add(window.holdBucket(admittedAt), -amounts.on(meter));
    }

    /** Takes back what was booked before; call {@link #book} next. */
    void takeBack(Amounts amounts, long admittedAt, long bookedAt) {
        committed.add(window.bookingBucket(admittedAt, bookedAt), -amounts.on(meter));
    }

    void book(Amounts amounts, long admittedAt, long bookedAt) {
        long bucket = window.bookingBucket(admittedAt, bookedAt);
        committed.add(bucket, amounts.on(meter));
        if (!window.startsAnew() && committed.size() > 0) {
            rollAt = window.endOf(committed.bucket(0));
        }
    }

    /** Puts back what a snapshot kept. */
    void load(long bucket, long amount) {
        committed.add(bucket, amount);
        if (!window.startsAnew()) {
            rollAt = window.endOf(committed.bucket(0));
        }
    }

    /** Lets the alerts above what is committed fire again, where amounts leave one by one. */
    void rearm() {
        if (!limit.alerts().isEmpty() && !window.startsAnew() && window.longest() != Window.NEVER) {
            alertLevel = Math.min(alertLevel, reached());
        }
    }

    /** Fires the alerts that are reached and have not fired yet. */
    void alert(@Nullable List<Notice> notices) {
        int reached = limit.alerts().isEmpty() ? 0 : reached();
        if (reached > alertLevel) {
            if (notices != null) {
                for (int alert = alertLevel; alert < reached; alert++) {
                    notices.add(new Notice.Crossed(state(0, 0), alert));
                }
            }
            alertLevel = reached;
        }
    }

    boolean untouched() {
        return committed.size() == 0 && held.sum() == 0 && alertLevel == 0;
    }

    LimitState state(long asked, long now) {
        return new LimitState(
                scope.name,
                session == null ? null : session.nameFor(scope),
                limit,
                committed.sum(),
                held.sum(),
                asked,
                frees(asked, now));
    }

    private int reached() {
        int level = 0;
        while (level < limit.alerts().size() && limit.alertAmount(level) <= committed.sum()) {
            level++;
        }
        return level;
    }

    private long frees(long asked, long now) {
        if (window.startsAnew()) {
            return asked > limit.amount() ? Window.NEVER : window.endOf(window.oldestBucket(now));
        }
        long missing = asked == 0 ? 1 : asked - (limit.amount() - committed.sum() - held.sum());
        for (int i = 0; i < committed.size() && window.longest() != Window.NEVER; i++) {
            missing -= committed.amount(i);
            if (missing <= 0) {
                return window.endOf(committed.bucket(i));
            }
        }
        return Window.NEVER;
    }
}
