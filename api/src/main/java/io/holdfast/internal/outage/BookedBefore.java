package io.holdfast.internal.outage;

import io.holdfast.unit.Amounts;

/** Tells from the journal of a ledger what it has booked, also where it has forgotten the operation since. */
@FunctionalInterface
public interface BookedBefore {
    /**
     * Tells whether an operation was booked within the last week.
     *
     * @param operationId the operation, or the hold that it commits
     * @param amounts what it came to
     * @return true if there is an entry of just that
     */
    boolean has(String operationId, Amounts amounts);
}
