package io.holdfast.internal.outage;

import io.holdfast.internal.Ledger;
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

/**
 * Carries out what is in the spool as soon as the ledger can be reached. Each step may be repeated after a crash: it
 * names the hold or has an id, so that the ledger does it once.
 */
final class Drain implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Drain.class.getName());

    private final Ledger ledger;
    private final Spool spool;
    private final OpenCalls open;
    private final Availability availability;
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
            InstantSource clock,
            OutageObserver observer,
            long probeEveryNanos) {
        this.ledger = ledger;
        this.spool = spool;
        this.open = open;
        this.availability = availability;
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
                ledger.apply(new Operation.Sweep());
                availability.up();
            }
            for (Map.Entry<Long, SpoolRecord> each : spool.outstanding().entrySet()) {
                if (spool.has(each.getKey())) {
                    carryOut(each.getKey(), each.getValue());
                }
            }
            failing = false;
        } catch (RuntimeException failure) {
            fail(failure);
        }
    }

    private void fail(RuntimeException failure) {
        if (Availability.isOutage(failure)) {
            availability.down(failure);
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
        boolean over = call.settlement != null || call.expiresAt <= clock.millis();
        if (call.denied && !over) {
            return;
        }
        Outcome outcome = ledger.apply(call.reserve);
        if (outcome instanceof Outcome.Held) {
            spool.done(List.of(call.number));
            open.close(call);
        } else if (over) {
            bookInFull(call);
        } else {
            call.denied = true;
        }
    }

    private void bookInFull(OpenCall call) {
        Operation settlement = open.close(call);
        Operation.Reserve asked = call.reserve;
        try {
            if (settlement instanceof Operation.Commit commit) {
                carryOut(booking(asked, commit.amounts(), commit.detail()));
            } else if (settlement == null && asked.onExpiry() == OnExpiry.CHARGE) {
                carryOut(booking(asked, asked.amounts(), asked.detail()));
            }
        } catch (RuntimeException failure) {
            open.restore(call);
            throw failure;
        }
        spool.done(settlement == null ? List.of(call.number) : List.of(call.number, call.settlementNumber));
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
        } else {
            carryOut(operation);
        }
    }

    private void carryOut(Operation operation) {
        Outcome outcome = ledger.apply(operation);
        if (outcome instanceof Outcome.Rejected rejected) {
            observer.notCarriedOut(operation, rejected);
        } else {
            observer.carriedOut(outcome);
        }
    }

    /** Gives a hold back; one that was charged meanwhile because it ran out is corrected to nothing. */
    private void undo(String scope, String holdId) {
        Outcome outcome = ledger.apply(new Operation.Release(scope, holdId));
        if (outcome instanceof Outcome.Rejected rejected && rejected.reason() == Rejection.HOLD_SETTLED) {
            ledger.apply(new Operation.Commit(scope, holdId, Amounts.NONE, false, Detail.NONE));
        }
    }
}
