package io.holdfast.internal.outage;

import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;

/** Is told what an outage led to. Must not throw or block. */
public interface OutageObserver {
    /**
     * A call was let go ahead without asking the ledger.
     *
     * @param reserve what was asked
     */
    void admittedUnchecked(Operation.Reserve reserve);

    /**
     * The ledger refused for good what a caller was promised.
     *
     * @param operation what was to be carried out
     * @param rejected why it was not
     */
    void notCarriedOut(Operation operation, Outcome.Rejected rejected);

    /**
     * The ledger has carried out an operation after the outage.
     *
     * @param outcome with the notices of what came of it
     */
    void carriedOut(Outcome outcome);
}
