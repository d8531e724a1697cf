package io.holdfast;

import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;

/** Thrown when a call is refused because too many with its key came before it. Nothing was held. */
public final class LoopDetectedException extends BudgetExceededException {
    private static final long serialVersionUID = 1L;

    private final transient LimitState guard;

    LoopDetectedException(Refusal refusal, LimitState guard) {
        super(refusal);
        this.guard = guard;
    }

    /**
     * Returns the key that came too often.
     *
     * @return the caller's own, or the model and the tool
     */
    public String key() {
        return String.valueOf(guard.loopKey());
    }

    /**
     * Returns how many calls with that key are in the window.
     *
     * @return calls that were made or are under way
     */
    public long count() {
        return guard.committed() + guard.held();
    }

    /**
     * Returns the time in which they came.
     *
     * @return the window of the loop guard
     */
    public Window window() {
        return guard.limit().window();
    }
}
