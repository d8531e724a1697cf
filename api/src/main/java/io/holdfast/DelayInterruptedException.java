package io.holdfast;

import io.holdfast.error.HoldfastException;
import java.time.Duration;

/**
 * Thrown when the thread is interrupted while its call is delayed. The hold was given back, and the thread's interrupt flag
 * is set again. An id of the caller's own is used up: to ask for the call again takes another.
 */
public final class DelayInterruptedException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    private final Duration delay;

    DelayInterruptedException(String operationId, Duration delay) {
        super("interrupted while call '" + operationId + "' was delayed by " + delay + "; its hold was given back");
        this.delay = delay;
    }

    /**
     * Returns how long the call would have had to wait.
     *
     * @return the whole delay
     */
    public Duration delay() {
        return delay;
    }
}
