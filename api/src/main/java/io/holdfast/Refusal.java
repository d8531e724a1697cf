package io.holdfast;

import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a call was refused for lack of budget.
 *
 * @param scope the scope that was to pay
 * @param session the session, if any
 * @param model the model as it would have been charged: the one asked for, or the last of its ladder;
 *     a star for the budget of a child session
 * @param limits every limit without room, the scope's own before its ancestors'; never empty
 */
public record Refusal(String scope, @Nullable String session, String model, List<LimitState> limits) {
    /**
     * Returns the loop guard that refused the call.
     *
     * @return its state, with the key and how often it came; empty if it was refused for lack of budget alone
     */
    public Optional<LimitState> loop() {
        return limits.stream().filter(state -> state.limit().guardsLoops()).findFirst();
    }

    BudgetEvent.CallRefused event() {
        return new BudgetEvent.CallRefused(scope, session, model, limits);
    }

    static List<LimitState> blocking(List<LimitState> limits) {
        return limits.stream()
                .filter(state -> state.limit().hard() && !state.fits())
                .toList();
    }

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
        return event().message();
    }
}
