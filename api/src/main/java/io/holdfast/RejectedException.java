package io.holdfast;

import io.holdfast.error.HoldfastException;
import io.holdfast.spi.Rejection;

/** Thrown when something cannot be done for another reason than lack of budget. Nothing was changed. */
public class RejectedException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    private final Rejection reason;
    private final String subject;

    RejectedException(Rejection reason, String subject, String message) {
        super(message);
        this.reason = reason;
        this.subject = subject;
    }

    /**
     * Returns the rule that was broken.
     *
     * @return the reason
     */
    public Rejection reason() {
        return reason;
    }

    /**
     * Returns what broke it.
     *
     * @return the name of a scope, hold, session, model or operation
     */
    public String subject() {
        return subject;
    }
}
