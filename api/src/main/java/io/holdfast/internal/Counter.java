package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Steps;
import io.holdfast.limit.Window;
import io.holdfast.spi.Notice;
import io.holdfast.spi.PassedStep;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The state behind one limit: committed amounts by bucket, the sum of open holds, and the alerts already fired. */
final class Counter {
    private static final long NO_BUCKET = Long.MIN_VALUE;

    final ScopeState scope;
    final @Nullable SessionState session;
    final BucketSeries committed = new BucketSeries();
    final BucketSeries held = new BucketSeries();
    final Window window;
    final Meter meter;
    /** The key whose calls it counts, for a loop guard. */
    final @Nullable String loopKey;

    private final CounterSet set;
    private final boolean startsAnew;
    private Limit limit;
    private boolean alerts;
    private int alertLevel;
    /** Whose alerts have fired: those of this very limit, and not of one defined before or after it. */
    private @Nullable Limit alertsOf;
    /** Whether its scope has the limit at present. */
    private boolean bound = true;

    private long rollAt = Long.MIN_VALUE;
    /** The oldest bucket when {@link #rollAt} was set. */
    private long rollsOff = NO_BUCKET;
    /** The times around the latest booking that go to one bucket. */
    private long spanFrom = Long.MAX_VALUE;

    private long spanUntil = Long.MIN_VALUE;
    private long spanBucket;

    Counter(CounterSet set, Limit limit) {
        this(set, limit, null);
    }

    Counter(CounterSet set, Limit limit, @Nullable String loopKey) {
        this.set = set;
        this.loopKey = loopKey;
        this.scope = set.scope;
        this.session = set.session;
        this.limit = limit;
        this.alerts = !limit.alerts().isEmpty();
        this.window = limit.window();
        this.startsAnew = window.startsAnew();
        this.meter = limit.meter();
    }

    /** Returns the limit as its scope defines it now, or one without alerts if the scope has none of that key. */
    Limit limit() {
        set.refresh();
        set.follow(this);
        return limit;
    }

    String key() {
        return limit.key();
    }

    /** Takes a limit of the same key. */
    void adopt(Limit replacement) {
        limit = replacement;
        alerts = !limit.alerts().isEmpty();
        bound = true;
    }

    /** Returns the counter that counts now what this one counted, should it have been forgotten meanwhile. */
    Counter current(long now) {
        return loopKey == null ? this : set.loop(limit, loopKey, now);
    }

    boolean isHard() {
        return limit.hard();
    }

    long used() {
        return committed.sum() + held.sum();
    }

    boolean empty() {
        return committed.size() == 0 && held.size() == 0;
    }

    /** Tells whether nothing that it counts is left by then; lets nothing go. */
    boolean emptyAt(long now) {
        return committed.emptyFrom(window.oldestBucket(now)) && held.emptyFrom(window.oldestHoldBucket(now));
    }

    /** Goes on counting without a limit. */
    void unbind() {
        bound = false;
        alertsOf = null;
        limit = new Limit(meter, window, limit.models(), 0, limit.enforcement(), List.of());
        alerts = false;
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
        if (now >= rollAt) {
            rollOn(now);
        }
    }

    private void rollOn(long now) {
        long oldest = window.oldestBucket(now);
        committed.dropBefore(oldest);
        held.dropBefore(window.oldestHoldBucket(now));
        if (startsAnew) {
            alertLevel = 0;
            rollAt = window.endOf(oldest);
        } else {
            rollsOff = NO_BUCKET;
            rollAt = Window.NEVER;
            setRoll();
        }
    }

    /** Notes when the oldest bucket leaves, where buckets leave one by one. */
    private void setRoll() {
        if (!startsAnew && committed.size() > 0 && committed.bucket(0) != rollsOff) {
            rollsOff = committed.bucket(0);
            rollAt = window.endOf(rollsOff);
        }
    }

    private long bookingBucket(long admittedAt, long bookedAt) {
        long time = startsAnew ? admittedAt : bookedAt;
        if (time < spanFrom || time >= spanUntil) {
            spanBucket = window.bookingBucket(admittedAt, bookedAt);
            spanFrom = time;
            spanUntil = window.nextBucketAt(spanBucket);
        }
        return spanBucket;
    }

    private long holdBucket(long admittedAt) {
        return startsAnew ? bookingBucket(admittedAt, admittedAt) : window.holdBucket(admittedAt);
    }

    /** Tells whether the limit that this was last bound to admits the amount. */
    boolean admits(long amount, boolean finalCall) {
        return limit.hard() ? amount <= cap(finalCall) - committed.sum() - held.sum() : !wouldOverflow(amount);
    }

    /** Returns how much there is for a call in all. */
    private long cap(boolean finalCall) {
        return finalCall ? limit.amount() : limit.amount() - limit.steps().finalReserve();
    }

    /** Returns the steps of the limit that this was last bound to. */
    Steps steps() {
        return limit.steps();
    }

    /** Tells whether the amount would go above a step, if there is such a step. */
    boolean passes(long step, long amount) {
        return step > 0 && amount > step - committed.sum() - held.sum();
    }

    PassedStep passed(PassedStep.Kind kind, long asked) {
        Steps steps = limit.steps();
        return passed(kind, asked, kind == PassedStep.Kind.DOWNGRADE ? steps.downgradeAt() : steps.throttleAt());
    }

    PassedStep refusal(long asked, boolean finalCall) {
        return passed(PassedStep.Kind.PASS_OVER, asked, cap(finalCall));
    }

    private PassedStep passed(PassedStep.Kind kind, long asked, long step) {
        return new PassedStep(
                kind,
                scope.name,
                session == null ? null : session.nameFor(scope),
                limit.key(),
                asked > Long.MAX_VALUE - used() ? Long.MAX_VALUE : used() + asked,
                step);
    }

    boolean wouldOverflow(long amount) {
        return amount > Long.MAX_VALUE - committed.sum() - held.sum();
    }

    /** Tells whether booking the actual amounts would overflow, where it frees the amounts held from then on. */
    boolean wouldOverflow(Amounts actual, Amounts freed, long admittedAt) {
        long more = actual.on(meter) - freed.on(meter);
        return more > 0 && held.counts(holdBucket(admittedAt)) && wouldOverflow(more);
    }

    void hold(Amounts amounts, long admittedAt) {
        held.add(holdBucket(admittedAt), amounts.on(meter));
    }

    void unhold(Amounts amounts, long admittedAt) {
        held.add(holdBucket(admittedAt), -amounts.on(meter));
    }

    /** Takes back what was booked before; call {@link #book} next. */
    void takeBack(Amounts amounts, long admittedAt, long bookedAt, long now) {
        long bucket = bookingBucket(admittedAt, bookedAt);
        if (!over(bucket, bookedAt, now)) {
            committed.add(bucket, -amounts.on(meter));
        }
    }

    void book(Amounts amounts, long admittedAt, long bookedAt, long now) {
        long bucket = bookingBucket(admittedAt, bookedAt);
        if (!over(bucket, bookedAt, now)) {
            committed.add(bucket, amounts.on(meter));
            setRoll();
        }
    }

    /** Tells whether what is booked after its time has left the window already. */
    private boolean over(long bucket, long bookedAt, long now) {
        return bookedAt < now && window.endOf(bucket) <= now;
    }

    /** Puts back what a snapshot kept. */
    void load(long bucket, long amount) {
        committed.add(bucket, amount);
        setRoll();
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
        set.refresh();
        if (!alerts) {
            return;
        }
        if (!alertsStand()) {
            alertsOf = limit;
            alertLevel = 0;
        } else if (!startsAnew && window.longest() != Window.NEVER) {
            alertLevel = Math.min(alertLevel, reached());
        }
    }

    /** Tells whether {@link #alert} has anything to fire. */
    boolean reachesAlert() {
        return alerts && reached() > alertLevel;
    }

    /** Fires the alerts that are reached and have not fired yet; call {@link #rearm} before the booking. */
    void alert(@Nullable List<Notice> notices, long now) {
        int reached = alerts ? reached() : 0;
        if (reached > alertLevel) {
            if (notices != null) {
                for (int alert = alertLevel; alert < reached; alert++) {
                    notices.add(new Notice.Crossed(state(0, false, now), alert));
                }
            }
            alertLevel = reached;
        }
    }

    LimitState state(long asked, boolean finalCall, long now) {
        return new LimitState(
                scope.name,
                session == null ? null : session.nameFor(scope),
                loopKey,
                limit,
                committed.sum(),
                held.sum(),
                asked,
                limit.amount() - cap(finalCall),
                frees(asked, cap(finalCall), now));
    }

    /** Returns how the limits behind counters stand that their scopes still have, before any further request. */
    static List<LimitState> states(Counter[] counters, long now) {
        List<LimitState> states = new ArrayList<>(counters.length);
        for (Counter each : counters) {
            Counter counter = each.current(now);
            counter.set.refresh();
            if (counter.bound) {
                counter.roll(now);
                states.add(counter.state(0, false, now));
            }
        }
        return states;
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

    private long frees(long asked, long cap, long now) {
        if (asked > cap) {
            return Window.NEVER;
        }
        if (window.startsAnew()) {
            return window.endOf(window.oldestBucket(now));
        }
        long missing = asked == 0 ? 1 : asked - (cap - committed.sum() - held.sum());
        for (int i = 0; i < committed.size() && window.longest() != Window.NEVER; i++) {
            missing -= committed.amount(i);
            if (missing <= 0) {
                return window.endOf(committed.bucket(i));
            }
        }
        return Window.NEVER;
    }
}
