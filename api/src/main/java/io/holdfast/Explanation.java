package io.holdfast;

import io.holdfast.limit.LimitState;
import java.util.List;

/**
 * What a call would meet: every limit that applies to it, and how each stands.
 *
 * @param scope the scope that would pay
 * @param estimate the most the call can come to
 * @param allowed whether it would be admitted now
 * @param limits every limit that applies, the scope's own before its ancestors'
 */
public record Explanation(String scope, Estimate estimate, boolean allowed, List<LimitState> limits) {
    /**
     * Says for each limit what is used and held, the limit, what is asked, and when it frees.
     *
     * @return a line for each limit, for people
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("call to " + estimate.model() + " in scope '" + scope + "' would be "
                + (allowed ? "admitted" : "refused"));
        for (LimitState limit : limits) {
            text.append(System.lineSeparator()).append("  ").append(limit.describe());
        }
        return text.toString();
    }
}
