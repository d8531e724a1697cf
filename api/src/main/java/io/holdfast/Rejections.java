package io.holdfast;

import io.holdfast.error.HoldfastException;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.UnknownModelException;
import io.holdfast.spi.Outcome;

/** The one place that turns the ledger's rejections into exceptions. */
final class Rejections {
    private Rejections() {}

    static HoldfastException exception(Outcome.Rejected rejected, PriceBook prices) {
        String subject = rejected.subject();
        String detail = rejected.detail();
        return switch (rejected.reason()) {
            case UNKNOWN_SCOPE ->
                new UnknownScopeException(rejected.reason(), subject, "scope '" + subject + "' " + detail);
            case UNKNOWN_PARENT,
                    PARENT_CYCLE,
                    PATH_TOO_LONG,
                    PARENT_CHANGED,
                    DEFINITION_CONFLICT,
                    HAS_CHILDREN,
                    OPEN_HOLDS ->
                new ScopeDefinitionException(rejected.reason(), subject, "scope '" + subject + "' " + detail);
            case UNKNOWN_HOLD, HOLD_SETTLED ->
                new HoldException(rejected.reason(), subject, "hold '" + subject + "' " + detail);
            case ID_REUSED ->
                new OperationIdException(rejected.reason(), subject, "operation id '" + subject + "' " + detail);
            case UNPRICED -> new UnknownModelException(subject, prices.suggestions(subject));
            case UNKNOWN_SESSION ->
                new RejectedException(rejected.reason(), subject, "session '" + subject + "' " + detail);
            case ALLOTMENT_CLOSED ->
                new SessionClosedException(rejected.reason(), subject, "child session '" + subject + "' " + detail);
            case UNKNOWN_SUBSCRIPTION, SUBSCRIPTION_DISABLED, TOO_MANY_SUBSCRIPTIONS ->
                new RejectedException(rejected.reason(), subject, "subscription '" + subject + "' " + detail);
            case DRAINING, SESSION_REQUIRED, OVERFLOW ->
                new RejectedException(rejected.reason(), subject, "scope '" + subject + "' " + detail);
        };
    }

    static IllegalStateException unexpected(Outcome outcome) {
        return new IllegalStateException("the store answered with an outcome of another operation: " + outcome);
    }
}
