package io.holdfast.metrics;

import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.unit.Meter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * What has been seen so far, in plain counters that a call can add to without waiting for anybody. Registries read them
 * when they are asked, so that none is ever touched by a call.
 */
final class Tallies {
    private static final int WHOLE = 1_000_000;

    final EnumTally<CallOutcome> calls = new EnumTally<>(CallOutcome.class);
    final Map<Meter, EnumTally<WindowType>> denials = byMeter(WindowType.class);
    final Map<Meter, EnumTally<Threshold>> alerts = byMeter(Threshold.class);
    final LongAdder overshootNanos = new LongAdder();
    final LongAdder overshootCalls = new LongAdder();
    final LongAdder expired = new LongAdder();
    final LongAdder inDoubt = new LongAdder();
    final LongAdder late = new LongAdder();
    final LongAdder storeFailed = new LongAdder();
    final LongAdder storeUnknown = new LongAdder();
    final SpendTallies spend;

    /** What came of a call; of several, the furthest on the way to a limit. */
    enum CallOutcome {
        ADMITTED,
        DOWNGRADED,
        THROTTLED,
        CLAMPED,
        DENIED,
        FAILED;

        static CallOutcome of(Operation.Reserve reserve, Outcome.Held held) {
            Operation.Offer shortened = reserve.request().shortened();
            if (shortened != null && held.amounts().equals(shortened.amounts())) {
                return CLAMPED;
            } else if (held.delayMillis() > 0) {
                return THROTTLED;
            }
            return held.steps().isEmpty() ? ADMITTED : DOWNGRADED;
        }
    }

    /** How far an alert is. */
    enum Threshold {
        BELOW,
        LIMIT
    }

    /** The kinds of window. */
    enum WindowType {
        SESSION,
        ROLLING,
        CALENDAR,
        LIFETIME;

        static WindowType of(Window window) {
            if (window.perSession()) {
                return SESSION;
            } else if (window.startsAnew()) {
                return CALENDAR;
            }
            return window.longest() == Window.NEVER ? LIFETIME : ROLLING;
        }
    }

    Tallies(SpendTallies spend) {
        this.spend = spend;
    }

    private static <E extends Enum<E>> Map<Meter, EnumTally<E>> byMeter(Class<E> kind) {
        Map<Meter, EnumTally<E>> all = new EnumMap<>(Meter.class);
        for (Meter meter : Meter.values()) {
            all.put(meter, new EnumTally<>(kind));
        }
        return all;
    }

    private static <E extends Enum<E>> EnumTally<E> of(Map<Meter, EnumTally<E>> tallies, Meter meter) {
        return Objects.requireNonNull(tallies.get(meter));
    }

    void answered(Operation operation, Outcome outcome) {
        if (outcome instanceof Outcome.Held held) {
            if (!held.repeated() && operation instanceof Operation.Reserve reserve) {
                calls.increment(CallOutcome.of(reserve, held));
            }
        } else if (outcome instanceof Outcome.Settled settled) {
            settled(operation, settled);
        } else if (outcome instanceof Outcome.Booked booked && operation instanceof Operation.Book book) {
            booked(book, booked);
        } else if (outcome instanceof Outcome.Rejected && isCall(operation)) {
            calls.increment(CallOutcome.FAILED);
        }
        List<Notice> notices = outcome.notices();
        if (!notices.isEmpty()) {
            notices.forEach(this::noticed);
        }
    }

    void failed(Throwable failure) {
        (failure instanceof AmbiguousOutcomeException ? storeUnknown : storeFailed).increment();
    }

    void unanswered(Operation operation) {
        if (isCall(operation)) {
            calls.increment(CallOutcome.FAILED);
        }
    }

    private static boolean isCall(Operation operation) {
        return operation instanceof Operation.Reserve || operation instanceof Operation.Book;
    }

    void refused(List<LimitState> limits) {
        calls.increment(CallOutcome.DENIED);
        for (LimitState state : limits) {
            of(denials, state.limit().meter())
                    .increment(WindowType.of(state.limit().window()));
        }
    }

    private void settled(Operation operation, Outcome.Settled settled) {
        String model = settled.model();
        if (settled.repeated() || model == null || !(operation instanceof Operation.Commit commit)) {
            return;
        }
        SpendTally tally = spend.of(model);
        if (settled.state() == HoldState.LATE_COMMITTED) {
            tally.add(EntryKind.LATE, settled.booked(), commit.detail().usage());
            tally.add(EntryKind.REVERSED, settled.reversed());
        } else {
            EntryKind kind = commit.estimated() ? EntryKind.ESTIMATED : EntryKind.COMMITTED;
            tally.add(kind, settled.booked(), commit.detail().usage());
        }
    }

    private void booked(Operation.Book book, Outcome.Booked booked) {
        if (booked.repeated()) {
            return;
        }
        if (booked.passed().isEmpty()) {
            calls.increment(CallOutcome.ADMITTED);
        }
        spend.of(book.model())
                .add(EntryKind.RECORDED, book.amounts(), book.detail().usage());
    }

    private void noticed(Notice notice) {
        if (notice instanceof Notice.Crossed crossed) {
            boolean whole = crossed.state().limit().alerts().get(crossed.alert()) >= WHOLE;
            Threshold threshold = whole ? Threshold.LIMIT : Threshold.BELOW;
            of(alerts, crossed.state().limit().meter()).increment(threshold);
        } else if (notice instanceof Notice.Overshot overshot) {
            overshootCalls.increment();
            overshootNanos.add(Math.max(
                    0,
                    Math.max(0, overshot.actual().cost())
                            - Math.max(0, overshot.estimate().cost())));
        } else if (notice instanceof Notice.Expired gone) {
            expired.increment();
            if (gone.onExpiry() == OnExpiry.CHARGE) {
                inDoubt.increment();
                spend.of(gone.model()).add(EntryKind.IN_DOUBT, gone.estimate());
            }
        } else if (notice instanceof Notice.CommittedLate) {
            late.increment();
        }
    }
}
