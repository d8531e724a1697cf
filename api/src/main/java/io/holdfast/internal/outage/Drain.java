package io.holdfast.internal.outage;

import io.holdfast.internal.Ledger;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Rejection;
import io.holdfast.unit.Amounts;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what is in the spool as soon as the ledger can be reached. Each step may be repeated after a crash: it
 * names the hold or has an id, so that the ledger does it once.
 */
final class Drain implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Drain.class.getName());
    private static final int MOST_FAILURES = 100;

    private final Ledger ledger;
    private final Spool spool;
    private final OpenCalls open;
    private final Availability availability;
    private final BookedBefore booked;
    private final InstantSource clock;
    private final OutageObserver observer;
    private final long probeEveryNanos;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean idle;
    private boolean failing;

    Drain(
            Ledger ledger,
            Spool spool,
            OpenCalls open,
            Availability availability,
            BookedBefore booked,
            InstantSource clock,
            OutageObserver observer,
            long probeEveryNanos) {
        this.ledger = ledger;
        this.spool = spool;
        this.open = open;
        this.availability = availability;
        this.booked = booked;
        this.clock = clock;
        this.observer = observer;
        this.probeEveryNanos = probeEveryNanos;
        restore();
        this.thread = new Thread(this::run, "holdfast-spool");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** Looks into the spool now rather than later. */
    void wake() {
        if (idle) {
            LockSupport.unpark(thread);
        }
    }

    /** Tries a last time and ends. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException wait) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes up the calls that an earlier process let go ahead. Their callers are gone, so that they have run out. */
    private void restore() {
        Map<Long, SpoolRecord> outstanding = spool.outstanding();
        outstanding.forEach((number, record) -> {
            if (record instanceof SpoolRecord.Opened opened) {
                open.restore(new OpenCall(opened.reserve(), number, Long.MIN_VALUE, Long.MIN_VALUE));
            }
        });
        outstanding.forEach((number, record) -> {
            if (record instanceof SpoolRecord.Owed owed && open.of(owed.operation()) != null) {
                open.settle(owed.operation(), number);
            }
        });
    }

    private void run() {
        while (!closing) {
            attempt();
            idle = true;
            if (!closing) {
                LockSupport.parkNanos(this, probeEveryNanos);
            }
            idle = false;
        }
        attempt();
    }

    private void attempt() {
        try {
            if (availability.outage() != null) {
                ask(new Operation.Sweep());
                availability.up();
            }
            carryOutAll();
            failing = false;
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    /** Goes on where one record fails, so that it holds up no other; a ledger that fails at all of them is left alone. */
    private void carryOutAll() {
        int failures = 0;
        RuntimeException last = null;
        for (Map.Entry<Long, SpoolRecord> each : spool.outstanding().entrySet()) {
            try {
                if (spool.has(each.getKey())) {
                    carryOut(each.getKey(), each.getValue());
                }
            } catch (RuntimeException failure) {
                if (Availability.isOutage(failure) || ++failures == MOST_FAILURES) {
                    throw failure;
                }
                last = failure;
            }
        }
        if (last != null) {
            throw last;
        }
    }

    /** Whatever it is, the thread goes on: nobody else sees that the ledger is back. */
    private void fail(Throwable failure) {
        if (failure instanceof RuntimeException known && Availability.isOutage(known)) {
            availability.down(known);
        } else if (!failing) {
            failing = true;
            LOG.log(System.Logger.Level.WARNING, "the spool could not be carried out; it is tried again", failure);
        }
    }

    private void carryOut(long number, SpoolRecord record) {
        if (record instanceof SpoolRecord.Opened opened) {
            OpenCall call = open.find(opened.reserve().id().value());
            if (call != null && call.number == number) {
                carryOut(call);
            }
        } else if (record instanceof SpoolRecord.Owed owed) {
            if (open.of(owed.operation()) == null) {
                settle(owed.operation());
                spool.done(List.of(number));
            }
        } else if (record instanceof SpoolRecord.Voided voided) {
            undo(voided.scope(), voided.holdId());
            spool.done(List.of(number));
        }
    }

    /** Asks the ledger after the fact: where it has room the call becomes one like any other, else it is booked in full. */
    private void carryOut(OpenCall call) {
        Operation settlement = open.settlement(call);
        boolean over = settlement != null || call.expiresAt <= clock.millis();
        if (call.denied && !over) {
            return;
        }
        if (ask(call.reserve) instanceof Outcome.Held) {
            spool.done(List.of(call.number));
            open.close(call);
        } else if (over) {
            bookInFull(call, settlement);
        } else {
            call.denied = true;
        }
    }

    /** Once a call is to be booked it never asks for a hold again, though there may be room by then: it would be booked twice. */
    private void bookInFull(OpenCall call, @Nullable Operation settlement) {
        Operation.Reserve asked = call.reserve;
        List<Long> known = settlement == null ? List.of(call.number) : List.of(call.number, call.settlementNumber);
        Operation.Book booking = null;
        if (settlement instanceof Operation.Commit commit) {
            booking = booking(asked, commit.amounts(), commit.detail());
        } else if (settlement == null && asked.onExpiry() == OnExpiry.CHARGE) {
            booking = booking(asked, asked.amounts(), asked.detail());
        }
        if (booking == null) {
            spool.done(known);
            open.close(call);
        } else {
            long number = spool.exchange(known, new SpoolRecord.Owed(booking));
            open.close(call);
            carryOut(booking);
            spool.done(List.of(number));
        }
    }

    private static Operation.Book booking(Operation.Reserve asked, Amounts amounts, Detail detail) {
        return new Operation.Book(
                OperationId.given(asked.id().value()),
                asked.scope(),
                asked.session(),
                asked.model(),
                amounts,
                asked.request().policy().loopKey(),
                asked.request().allotment(),
                detail);
    }

    private void settle(Operation operation) {
        if (operation instanceof Operation.Release release) {
            undo(release.scope(), release.holdId());
        } else if (!bookedLongAgo(operation)) {
            carryOut(operation);
        }
    }

    /** A booking under a made id is one whose answer was lost; the ledger may have done it, and forgotten the id since. */
    private boolean bookedLongAgo(Operation operation) {
        return operation instanceof Operation.Book book
                && !book.id().given()
                && booked.has(book.id().value(), book.amounts());
    }

    private void carryOut(Operation operation) {
        if (ask(operation) instanceof Outcome.Rejected rejected && !committedLongAgo(operation, rejected)) {
            observer.notCarriedOut(operation, rejected, limits(operation));
        }
    }

    private boolean committedLongAgo(Operation operation, Outcome.Rejected rejected) {
        return rejected.reason() == Rejection.UNKNOWN_HOLD
                && operation instanceof Operation.Commit commit
                && booked.has(commit.holdId(), commit.amounts());
    }

    /** Returns how the limits stand that would have counted what was to be booked. */
    private List<LimitState> limits(Operation operation) {
        String session = operation instanceof Operation.Book book ? book.session() : null;
        if (operation instanceof Operation.OnScope onScope
                && ask(new Operation.Inspect(onScope.scope(), session)) instanceof Outcome.Inspected inspected) {
            return inspected.limits().stream()
                    .filter(state -> state.loopKey() == null && (session != null || state.session() == null))
                    .toList();
        }
        return List.of();
    }

    /** Gives a hold back; one that was charged meanwhile because it ran out is corrected to nothing. */
    private void undo(String scope, String holdId) {
        if (ask(new Operation.Release(scope, holdId)) instanceof Outcome.Rejected rejected
                && rejected.reason() == Rejection.HOLD_SETTLED) {
            ask(new Operation.Commit(scope, holdId, Amounts.NONE, false, Detail.NONE));
        }
    }

    /** Asks the ledger for one that does not wait, and tells what that brought about. */
    private Outcome ask(Operation operation) {
        Outcome outcome = ledger.apply(operation);
        observer.carriedOut(operation, outcome);
        return outcome;
    }
}
