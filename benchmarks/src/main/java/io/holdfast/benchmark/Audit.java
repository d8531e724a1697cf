package io.holdfast.benchmark;

import io.holdfast.limit.Enforcement;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Verification;
import io.holdfast.unit.Meter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Whether the books of a ledger are right; a row whose audit fails counts for nothing. */
final class Audit {
    private Audit() {}

    /** What limits on calls count in all scopes of some names. */
    record Calls(long committed, long held) {}

    /**
     * Requires that every counter is the sum of its entries, and that no cap is passed.
     *
     * @param store the ledger
     * @param scopes the scopes whose calls are wanted, each of which has one limit on calls for life
     * @return their calls
     * @throws IllegalStateException if the books are wrong
     */
    static Calls of(LedgerStore store, Predicate<String> scopes) {
        Verification verification = store.verify();
        if (!verification.clean()) {
            throw new IllegalStateException(verification.differences().toString());
        }
        AtomicLong committed = new AtomicLong();
        AtomicLong held = new AtomicLong();
        store.survey(state -> {
            boolean hard = state.limit().enforcement() == Enforcement.HARD;
            if (state.committed() < 0 || state.held() < 0 || (hard && !state.fits())) {
                throw new IllegalStateException("a cap is passed: " + state.describe());
            }
            if (state.limit().meter() == Meter.CALLS && scopes.test(state.scope())) {
                committed.addAndGet(state.committed());
                held.addAndGet(state.held());
            }
        });
        return new Calls(committed.get(), held.get());
    }

    /** Requires that two sums are the same. */
    static void equal(String what, long counted, long acknowledged) {
        if (counted != acknowledged) {
            throw new IllegalStateException(what + ": " + counted + " counted, " + acknowledged + " acknowledged");
        }
    }
}
