package io.holdfast.event;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
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
     * Returns the session it happened to.
     *
     * @return the session's id, or null where there is none
     */
    @Nullable
    String session();

    /**
     * Says in one line what happened: to which scope, at which limit, what is used and held, how much it was about, and when
     * that frees.
     *
     * @return for people
     */
    String message();

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

        @Override
        public @Nullable String session() {
            return state.session();
        }

        @Override
        public String message() {
            return Wording.alert(state, fraction);
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
            implements BudgetEvent {
        @Override
        public String message() {
            return Wording.refused(model, limits);
        }
    }

    /**
     * A loop guard refused a call; told after its {@link CallRefused}.
     *
     * @param scope the scope that was to pay
     * @param session the session, if any
     * @param model the model asked for
     * @param guard the loop guard, with the key and how often it came
     */
    record LoopDetected(String scope, @Nullable String session, String model, LimitState guard) implements BudgetEvent {
        @Override
        public String message() {
            return Wording.loop(model, guard);
        }
    }

    /**
     * A call came to more than it had held.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param operationId the call
     * @param estimate what was held
     * @param actual what was booked
     * @param limits every limit that counts it, after that
     */
    record CallOvershot(
            String scope,
            @Nullable String session,
            String operationId,
            Amounts estimate,
            Amounts actual,
            List<LimitState> limits)
            implements BudgetEvent {
        @Override
        public String message() {
            return Wording.overshot(scope, session, operationId, estimate, actual, limits);
        }
    }

    /**
     * A hold ran out of time before it was settled: the call is in doubt.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param operationId the call
     * @param estimate what was held
     * @param charged whether the estimate was booked; otherwise it was given back
     * @param limits every limit that counts it, after that
     */
    record HoldExpired(
            String scope,
            @Nullable String session,
            String operationId,
            Amounts estimate,
            boolean charged,
            List<LimitState> limits)
            implements BudgetEvent {
        @Override
        public String message() {
            return Wording.expired(scope, session, operationId, estimate, charged, limits);
        }
    }

    /**
     * A hold was committed after it had run out of time.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param operationId the call
     * @param estimate what was held
     * @param actual what was booked in its place
     * @param limits every limit that counts it, after that
     */
    record CommittedLate(
            String scope,
            @Nullable String session,
            String operationId,
            Amounts estimate,
            Amounts actual,
            List<LimitState> limits)
            implements BudgetEvent {
        @Override
        public String message() {
            return Wording.late(scope, session, operationId, estimate, actual, limits);
        }
    }

    /**
     * A call was let go ahead during an outage, without asking the ledger. The limit that bounds it is this node's
     * allowance, which is free again when the ledger is back and has booked all of it.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param operationId the call
     * @param estimate the most it can come to
     * @param allowance what the calls of this node may come to during an outage
     * @param used what those of them came to that are settled
     * @param held what the others can come to, this one included
     */
    record AdmittedUnchecked(
            String scope,
            @Nullable String session,
            String operationId,
            Amounts estimate,
            Usd allowance,
            Usd used,
            Usd held)
            implements BudgetEvent {
        @Override
        public String message() {
            return Wording.unchecked(scope, session, operationId, estimate, allowance, used, held);
        }
    }

    /**
     * What was acknowledged during an outage could not be booked after it: the hold was settled in another way or
     * forgotten, or the scope was removed.
     *
     * @param scope the scope that was to pay
     * @param session the session, if it is known
     * @param operationId the call
     * @param actual what was to be booked
     * @param reason why it was not, for people
     * @param limits the limits of the scope and its ancestors after that, none where the scope is not there
     */
    record SettlementRefused(
            String scope,
            @Nullable String session,
            String operationId,
            Amounts actual,
            String reason,
            List<LimitState> limits)
            implements BudgetEvent {
        @Override
        public String message() {
            return Wording.notCarriedOut(scope, session, operationId, actual, reason, limits);
        }
    }
}
