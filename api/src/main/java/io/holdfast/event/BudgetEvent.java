package io.holdfast.event;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that happened to a budget. */
public sealed interface BudgetEvent {
    /**
     * Returns the scope it happened to.
     *
     * @return the scope's name
     */
    String scope();

    /**
     * Committed amounts reached an alert of a limit. Fires once for each crossing, in the one operation that crossed it.
     *
     * @param state the limit after that operation
     * @param fraction the fraction of the limit that was reached, such as 0.8
     */
    record AlertReached(LimitState state, BigDecimal fraction) implements BudgetEvent {
        @Override
        public String scope() {
            return state.scope();
        }
    }

    /**
     * A call was refused for lack of budget.
     *
     * @param scope the scope that was to pay
     * @param session the session, if any
     * @param model the model asked for
     * @param limits the limits that had no room
     */
    record CallRefused(String scope, @Nullable String session, String model, List<LimitState> limits)
            implements BudgetEvent {}

    /**
     * A call came to more than it had held.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param operationId the call
     * @param estimate what was held
     * @param actual what was booked
     */
    record CallOvershot(String scope, @Nullable String session, String operationId, Amounts estimate, Amounts actual)
            implements BudgetEvent {}

    /**
     * A hold ran out of time before it was settled.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param operationId the call
     * @param estimate what was held
     * @param charged whether the estimate was booked; otherwise it was given back
     */
    record HoldExpired(String scope, @Nullable String session, String operationId, Amounts estimate, boolean charged)
            implements BudgetEvent {}

    /**
     * A hold was committed after it had run out of time.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param operationId the call
     * @param estimate what was held
     * @param actual what was booked in its place
     */
    record CommittedLate(String scope, @Nullable String session, String operationId, Amounts estimate, Amounts actual)
            implements BudgetEvent {}
}
