package io.holdfast.internal.outage;

import io.holdfast.spi.Operation;
import java.util.List;

/** One line of what a node owes its ledger. */
sealed interface SpoolRecord {
    /**
     * A call was let go ahead without asking the ledger.
     *
     * @param reserve what the ledger should have been asked
     */
    record Opened(Operation.Reserve reserve) implements SpoolRecord {}

    /**
     * An operation was acknowledged that the ledger has yet to carry out.
     *
     * @param operation a commit, a release or a booking
     */
    record Owed(Operation operation) implements SpoolRecord {}

    /**
     * A reserve whose answer was lost was given up by its caller; if there is a hold, it has to go.
     *
     * @param scope the scope
     * @param holdId the hold, if there is one
     */
    record Voided(String scope, String holdId) implements SpoolRecord {}

    /**
     * The ledger has it.
     *
     * @param numbers the numbers of the records that are done
     */
    record Done(List<Long> numbers) implements SpoolRecord {}

    /**
     * A record takes the place of others, in one step.
     *
     * @param numbers the numbers of the others
     * @param record what takes their place
     */
    record Instead(List<Long> numbers, SpoolRecord record) implements SpoolRecord {}
}
