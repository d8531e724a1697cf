package io.holdfast;

import io.holdfast.error.HoldfastException;
import io.holdfast.limit.LimitState;
import java.time.Instant;
import java.util.Optional;

/** Thrown when a call is refused for lack of budget. Nothing was held. */
public class BudgetExceededException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    BudgetExceededException(Refusal refusal) {
        super(refusal.message());
        this.refusal = refusal;
    }

    static BudgetExceededException of(Refusal refusal) {
        return refusal.loop()
                .<BudgetExceededException>map(guard -> new LoopDetectedException(refusal, guard))
                .orElseGet(() -> new BudgetExceededException(refusal));
    }

    /**
     * Returns the whole reason.
     *
     * @return the refusal
     */
    public Refusal refusal() {
        return refusal;
    }

    /**
     * Returns the scope whose limit refused.
     *
     * @return the scope of the first limit without room
     */
    public String scope() {
        return limit().scope();
    }

    /**
     * Returns the limit that refused, with what is used, held and asked.
     *
     * @return the first limit without room
     */
    public LimitState limit() {
        return refusal.limits().get(0);
    }

    /**
     * Returns when the call would fit, if nothing else happened.
     *
     * @return the time, or empty if no passing of time frees enough
     */
    public Optional<Instant> freesAt() {
        return refusal.freesAt();
    }
}
