package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** An observer whose failures are logged, ever more rarely, and go no further. */
final class HarmlessObserver implements LedgerObserver {
    private static final System.Logger LOG = System.getLogger(HarmlessObserver.class.getName());

    private final LedgerObserver observer;
    private final AtomicLong failures = new AtomicLong();

    HarmlessObserver(LedgerObserver observer) {
        this.observer = observer;
    }

    @Override
    public void opened(LedgerStore store, IntSupplier spooled) {
        try {
            observer.opened(store, spooled);
        } catch (Throwable failure) {
            log(failure);
        }
    }

    @Override
    public void closed(LedgerStore store) {
        try {
            observer.closed(store);
        } catch (Throwable failure) {
            log(failure);
        }
    }

    @Override
    public @Nullable Object asked(Operation operation) {
        try {
            return observer.asked(operation);
        } catch (Throwable failure) {
            log(failure);
            return null;
        }
    }

    @Override
    public void answered(Operation operation, Outcome outcome, @Nullable Object mark) {
        try {
            observer.answered(operation, outcome, mark);
        } catch (Throwable failure) {
            log(failure);
        }
    }

    @Override
    public void failed(Operation operation, Throwable cause, @Nullable Object mark) {
        try {
            observer.failed(operation, cause, mark);
        } catch (Throwable failure) {
            log(failure);
        }
    }

    @Override
    public void unanswered(Operation operation, Throwable cause) {
        try {
            observer.unanswered(operation, cause);
        } catch (Throwable failure) {
            log(failure);
        }
    }

    @Override
    public void refused(String scope, List<LimitState> limits) {
        try {
            observer.refused(scope, limits);
        } catch (Throwable failure) {
            log(failure);
        }
    }

    @Override
    public void gathered(int operations) {
        try {
            observer.gathered(operations);
        } catch (Throwable failure) {
            log(failure);
        }
    }

    /** Logging may be what fails. */
    private void log(Throwable failure) {
        try {
            long count = failures.incrementAndGet();
            if (Long.bitCount(count) == 1) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "an observer of the ledger failed, " + count + " times so far",
                        failure);
            }
        } catch (Throwable unimportant) {
            // There is nobody left to tell.
        }
    }
}
