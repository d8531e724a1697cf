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
    private final CounterSet set;
    private Limit limit;
    private int alertLevel;
    /** Whose alerts have fired: those of this very limit, and not of one defined before or after it. */
    private @Nullable Limit alertsOf;

    private long rollAt = Long.MIN_VALUE;

    Counter(CounterSet set, Limit limit) {
        this.set = set;
        this.scope = set.scope;
        this.session = set.session;
        this.limit = limit;
        this.window = limit.window();
        this.meter = limit.meter();
    }

    /** Returns the limit as its scope defines it now, or one without alerts if the scope has none of that key. */
    Limit limit() {
        set.refresh();
        return limit;
    }

    String key() {
        return limit.key();
    }

    /** Takes a limit of the same key. */
    void adopt(Limit replacement) {
        limit = replacement;
    }

    /** Goes on counting without a limit. */
    void unbind() {
        alertsOf = null;
        limit = new Limit(meter, window, limit.models(), 0, limit.enforcement(), List.of());
    }

    /** Returns how many alerts of the limit as it stands have fired. */
    int alertLevel() {
        set.refresh();
        return alertsStand() ? alertLevel : 0;
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean alertsStand() {
        return limit == alertsOf;
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

    /** Tells whether the limit that this was last bound to admits the amount. */
    boolean admits(long amount) {
        return limit.hard() ? amount <= limit.amount() - committed.sum() - held.sum() : !wouldOverflow(amount);
    }

    boolean wouldOverflow(long amount) {
        return amount > Long.MAX_VALUE - committed.sum() - held.sum();
    }

    /** Tells whether booking the actual amounts would overflow, where it frees the amounts held from then on. */
    boolean wouldOverflow(Amounts actual, Amounts freed, long admittedAt) {
        long more = actual.on(meter) - freed.on(meter);
        return held.counts(window.holdBucket(admittedAt)) && more > 0 && wouldOverflow(more);
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
        if (!window.startsAnew() && committed.size() > 0) {
            rollAt = window.endOf(committed.bucket(0));
        }
    }

    /** Puts back what a snapshot kept. */
    void loadAlerts(int level) {
        alertLevel = level;
        alertsOf = limit();
    }

    /** Lets go of what is committed and lets every alert fire again. */
    void clear() {
        committed.clear();
        alertLevel = 0;
    }

    /** Lets the alerts above what is committed fire again, where amounts leave one by one. */
    void rearm() {
        if (limit().alerts().isEmpty()) {
            return;
        }
        if (!alertsStand()) {
            alertsOf = limit;
            alertLevel = 0;
        } else if (!window.startsAnew() && window.longest() != Window.NEVER) {
            alertLevel = Math.min(alertLevel, reached());
        }
    }

    /** Fires the alerts that are reached and have not fired yet; call {@link #rearm} before the booking. */
    void alert(@Nullable List<Notice> notices, long now) {
        int reached = limit.alerts().isEmpty() ? 0 : reached();
        if (reached > alertLevel) {
            if (notices != null) {
                for (int alert = alertLevel; alert < reached; alert++) {
                    notices.add(new Notice.Crossed(state(0, now), alert));
                }
            }
            alertLevel = reached;
        }
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

    CounterTotals totals() {
        return new CounterTotals(
                scope.name,
                session == null ? null : session.owner.name,
                session == null ? null : session.id,
                limit(),
                committed.sum(),
                held.sum(),
                rollAt);
    }

    private int reached() {
        int level = 0;
        while (level < limit.alerts().size() && limit.alertAmount(level) <= committed.sum()) {
            level++;
        }
        return level;
    }

    private long frees(long asked, long now) {
        if (asked > limit.amount()) {
            return Window.NEVER;
        }
        if (window.startsAnew()) {
            return window.endOf(window.oldestBucket(now));
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
