package io.holdfast.internal.outage;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.util.List;

/** Is told what an outage led to. Must not throw or block. */
public interface OutageObserver {
    /**
     * A call was let go ahead without asking the ledger.
     *
     * @param reserve what was asked
     * @param used what the calls let go ahead came to that are settled, in nano-dollars
     * @param held what the others can come to, this one included, in nano-dollars
     */
    void admittedUnchecked(Operation.Reserve reserve, long used, long held);

    /**
     * The ledger refused for good what a caller was promised.
     *
     * @param operation what was to be carried out, a commit or a booking
     * @param rejected why it was not
     * @param limits the limits of the scope and its ancestors, none where the scope is not there
     */
    void notCarriedOut(Operation operation, Outcome.Rejected rejected, List<LimitState> limits);

    /**
     * The ledger has answered an operation that nobody waits for.
     *
     * @param operation what was asked
     * @param outcome with the notices of what it brought about
     */
    void carriedOut(Operation operation, Outcome outcome);
}
