package io.holdfast;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.PassedStep;
import java.time.Duration;
import java.util.List;

/**
 * What a call would meet: every limit that applies to it, and how each stands.
 *
 * @param scope the scope that would pay
 * @param asked the model asked for, as it would be charged
 * @param estimate the most the call can come to, and the model that would be used
 * @param allowed whether it would be admitted now
 * @param delay how long it would have to wait, zero for not at all
 * @param steps the steps of limits that it would pass, and the limits that have no room for a rung of its ladder: why it
 *     would be delayed or take another model
 * @param limits every limit that applies to that model, the scope's own before its ancestors'
 */
public record Explanation(
        String scope,
        String asked,
        Estimate estimate,
        boolean allowed,
        Duration delay,
        List<PassedStep> steps,
        List<LimitState> limits) {
    /**
     * Says what would be done and why, and for each limit what is used and held, the limit, what is asked, and when it frees.
     *
     * @return a line for each limit, for people
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(
                "call to " + asked + " in scope '" + scope + "' would be " + (allowed ? "admitted" : "refused"));
        if (!estimate.model().equals(asked)) {
            text.append(" as a call to ").append(estimate.model());
        }
        if (!delay.isZero()) {
            text.append(" after ").append(delay.toMillis()).append(" ms");
        }
        for (PassedStep step : steps) {
            text.append(System.lineSeparator()).append("  ").append(step.describe());
        }
        for (LimitState limit : limits) {
            text.append(System.lineSeparator()).append("  ").append(limit.describe());
        }
        return text.toString();
    }
}
