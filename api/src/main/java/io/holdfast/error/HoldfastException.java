package io.holdfast.error;

import org.jspecify.annotations.Nullable;

/**
 * Root of every exception this library throws on purpose. It is unchecked and never an {@link java.io.IOException}, so
 * that the retry layers of HTTP clients do not mistake a refusal for a failed connection.
 */
public class HoldfastException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception with a message.
     *
     * @param message what happened, naming the value and the rule
     */
    public HoldfastException(String message) {
        super(message);
    }

    /**
     * Makes an exception with a message and its cause.
     *
     * @param message what happened, naming the value and the rule
     * @param cause the failure underneath, if there is one
     */
    public HoldfastException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
