package io.holdfast.spi;

import io.holdfast.limit.LimitState;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sees every operation on its way to the ledger and back: the one seam for metrics and traces. Called inline, on the
 * thread that asks or is answered, so every method must return at once and never wait. What it throws is logged and
 * changes nothing. Where nobody observes, it costs nothing.
 */
public interface LedgerObserver {
    /**
     * A manager has opened a ledger.
     *
     * @param store the ledger, for reads of its own
     * @param spooled gives how many records wait on this node for a ledger that is out of reach, mostly zero
     */
    default void opened(LedgerStore store, IntSupplier spooled) {}

    /**
     * A manager is done with a ledger; reads of it must end.
     *
     * @param store what {@link #opened} was given
     */
    default void closed(LedgerStore store) {}

    /**
     * An operation is on its way.
     *
     * @param operation what is asked
     * @return anything to have back with the answer, or null
     */
    default @Nullable Object asked(Operation operation) {
        return null;
    }

    /**
     * An operation was answered.
     *
     * @param operation what was asked
     * @param outcome the answer
     * @param mark what {@link #asked} returned
     */
    default void answered(Operation operation, Outcome outcome, @Nullable Object mark) {}

    /**
     * An operation had no answer.
     *
     * @param operation what was asked
     * @param failure {@link AmbiguousOutcomeException} if nobody can tell whether it took effect
     * @param mark what {@link #asked} returned
     */
    default void failed(Operation operation, Throwable failure, @Nullable Object mark) {}

    /**
     * A caller got no answer: the ledger gave none, or was not even asked because it is out of reach, and this node could not
     * answer in its place. Where the ledger was asked, {@link #failed} was told before.
     *
     * @param operation what was asked
     * @param failure what the caller is given
     */
    default void unanswered(Operation operation, Throwable failure) {}

    /**
     * A call was refused for lack of budget, or was booked and passed a limit. A call that is asked for in several ways, or
     * several times under one id, is told once. The budget of a child session is no call.
     *
     * @param scope the scope that was to pay
     * @param limits the limits that had no room
     */
    default void refused(String scope, List<LimitState> limits) {}

    /**
     * A store that gathers callers is done with a batch, whatever came of it.
     *
     * @param operations how many operations it carries, at least 1
     */
    default void gathered(int operations) {}
}
