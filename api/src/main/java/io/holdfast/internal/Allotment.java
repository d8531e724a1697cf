package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.PassedStep;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The budget of a child session: a hold of its parent that its calls draw on. What a call holds moves out of what is left,
 * so that the counters both meet hold the same as before; what it does not come to moves back.
 */
final class Allotment {
    final Hold hold;
    /** The child as people see it. */
    final String name;
    /** What no call holds and nobody has spent, in nano-dollars. */
    long left;
    /** What the child and its own children have spent. */
    long spent;

    Allotment(Hold hold, String name, long left, long spent) {
        this.hold = hold;
        this.name = name;
        this.left = left;
        this.spent = spent;
    }

    boolean isOpen() {
        return hold.state == HoldState.ACTIVE;
    }

    /** Returns this if it is open, or the nearest above it that is. */
    static @Nullable Allotment nearestOpen(@Nullable Allotment allotment) {
        Allotment at = allotment;
        while (at != null && !at.isOpen()) {
            at = at.hold.drawsOn;
        }
        return at;
    }

    boolean affords(Amounts amounts) {
        return amounts.priced() && amounts.cost() <= left;
    }

    /** Tells whether what is left is held in a counter now: not in the next window of a calendar. */
    boolean isHeldIn(Counter counter) {
        for (Counter each : hold.counters) {
            if (each == counter) {
                return counter.meter == Meter.COST && counter.held.counts(counter.window.holdBucket(hold.admittedAt));
            }
        }
        return false;
    }

    /** Returns how the child's budget stands, as a limit of a session of its own. */
    LimitState state(long asked) {
        return new LimitState(hold.scope.name, name, null, limit(), spent, held(), asked, 0, Window.NEVER);
    }

    PassedStep refusal(long asked) {
        long used = spent + held();
        return new PassedStep(
                PassedStep.Kind.PASS_OVER,
                hold.scope.name,
                name,
                limit().key(),
                asked > Long.MAX_VALUE - used ? Long.MAX_VALUE : used + asked,
                hold.amounts.cost());
    }

    private Limit limit() {
        return Limit.cost(Usd.ofNanos(hold.amounts.cost()), Window.session());
    }

    private long held() {
        return Math.max(0, hold.amounts.cost() - left - spent);
    }

    /** Moves an amount out of what is left. */
    void take(long cost, long now, Consumer<Counter> touched) {
        move(-cost, now, touched);
    }

    /** Moves an amount that a hold no longer needs back to the nearest allotment that is open; without one it is free. */
    static void giveBack(@Nullable Allotment from, long cost, long now, Consumer<Counter> touched) {
        Allotment open = nearestOpen(from);
        if (open != null) {
            open.move(cost, now, touched);
        }
    }

    /** Takes what was spent beyond a hold out of what is left, of this and then of those above. */
    static void eat(@Nullable Allotment from, long cost, long now, Consumer<Counter> touched) {
        long rest = cost;
        for (Allotment at = nearestOpen(from); at != null && rest > 0; at = nearestOpen(at.hold.drawsOn)) {
            long part = Math.min(at.left, rest);
            at.move(-part, now, touched);
            rest -= part;
        }
    }

    /** Counts what was spent for this and all above, at most the largest number there is. */
    static void spend(@Nullable Allotment from, long cost) {
        for (Allotment at = from; at != null; at = at.hold.drawsOn) {
            at.spent = cost > Long.MAX_VALUE - at.spent ? Long.MAX_VALUE : at.spent + cost;
        }
    }

    private void move(long cost, long now, Consumer<Counter> touched) {
        if (cost == 0) {
            return;
        }
        left += cost;
        Amounts moved = new Amounts(Math.abs(cost), 0, 0, 0);
        for (Counter counter : hold.counters) {
            counter.roll(now);
            if (cost > 0) {
                counter.hold(moved, hold.admittedAt);
            } else {
                counter.unhold(moved, hold.admittedAt);
            }
            touched.accept(counter);
        }
    }
}
