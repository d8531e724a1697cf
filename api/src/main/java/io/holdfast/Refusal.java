package io.holdfast;

import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Why a call was refused for lack of budget.
 *
 * @param scope the scope that was to pay
 * @param session the session, if any
 * @param model the model as it would have been charged
 * @param limits every limit without room, the scope's own before its ancestors'; never empty
 */
public record Refusal(String scope, @Nullable String session, String model, List<LimitState> limits) {
    /**
     * Returns when the call would fit, if nothing else happened.
     *
     * @return the time by which all those limits have room, or empty if for one of them no passing of time frees enough
     */
    public Optional<Instant> freesAt() {
        long latest = limits.stream().mapToLong(LimitState::frees).max().orElse(Window.NEVER);
        return latest == Window.NEVER ? Optional.empty() : Optional.of(Instant.ofEpochMilli(latest));
    }

    /**
     * Says which scope and limit, what is used and held, the limit, what was asked, and when it frees.
     *
     * @return one line for people
     */
    public String message() {
        return "call to " + model + " refused: "
                + limits.stream().map(LimitState::describe).collect(Collectors.joining("; "));
    }
}
