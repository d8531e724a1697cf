package io.holdfast.event;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The words of events, in one place. */
final class Wording {
    /** Stands in a refusal for the budget of a child session, which every model may use. */
    private static final String ANY_MODEL = "*";

    private Wording() {}

    static String alert(LimitState state, BigDecimal fraction) {
        return "reached " + fraction.movePointRight(2).stripTrailingZeros().toPlainString() + " %: " + limit(state);
    }

    static String refused(String model, List<LimitState> limits) {
        return (model.equals(ANY_MODEL) ? "child session" : "call to " + model) + " refused: "
                + limits.stream().map(LimitState::describeRefusal).collect(Collectors.joining("; "));
    }

    static String loop(String model, LimitState guard) {
        return "a loop of calls to " + model + ": " + guard.describeRefusal();
    }

    static String overshot(
            String scope,
            @Nullable String session,
            String call,
            Amounts estimate,
            Amounts actual,
            List<LimitState> limits) {
        return call(scope, session, call) + " came to " + amounts(actual) + " where " + amounts(estimate) + " were held"
                + tightest(limits);
    }

    static String expired(
            String scope,
            @Nullable String session,
            String call,
            Amounts estimate,
            boolean charged,
            List<LimitState> limits) {
        return call(scope, session, call) + " was not settled in time and is in doubt: " + amounts(estimate)
                + (charged ? " booked" : " given back") + tightest(limits);
    }

    static String late(
            String scope,
            @Nullable String session,
            String call,
            Amounts estimate,
            Amounts actual,
            List<LimitState> limits) {
        return call(scope, session, call) + " was settled late at " + amounts(actual) + " where " + amounts(estimate)
                + " were held" + tightest(limits);
    }

    static String unchecked(
            String scope, @Nullable String session, String call, Amounts estimate, Usd allowance, Usd used, Usd held) {
        return call(scope, session, call) + " went ahead unchecked while the ledger could not be reached, at most "
                + amounts(estimate) + ": limit allowance of this node: used " + used + " USD, held " + held
                + " USD, limit " + allowance + " USD, frees when the ledger is back";
    }

    static String notCarriedOut(
            String scope,
            @Nullable String session,
            String call,
            Amounts actual,
            String reason,
            List<LimitState> limits) {
        return call(scope, session, call)
                + " was acknowledged while the ledger could not be reached, and then refused: it " + reason + "; "
                + amounts(actual) + " not booked" + tightest(limits);
    }

    private static String call(String scope, @Nullable String session, String call) {
        return "call '" + call + "' of scope '" + scope + "'" + (session == null ? "" : " session '" + session + "'");
    }

    /** Says how the limit stands that is nearest to its end. */
    private static String tightest(List<LimitState> limits) {
        return limits.stream()
                .max(Comparator.comparing(LimitState::percentUsed))
                .map(state -> ": " + limit(state))
                .orElse(", which no limit counts");
    }

    private static String limit(LimitState state) {
        boolean told = state.asked() > 0 || !state.fits();
        return told
                ? state.describe()
                : state.describe() + ", frees "
                        + state.freesAt().map(Instant::toString).orElse("never by itself");
    }

    private static String amounts(Amounts amounts) {
        String cost = amounts.priced() ? Usd.ofNanos(amounts.cost()) + " USD" : "no price";
        return cost + " (" + amounts.inputTokens() + " input tokens, " + amounts.outputTokens() + " output tokens, "
                + amounts.calls() + (amounts.calls() == 1 ? " call)" : " calls)");
    }
}
