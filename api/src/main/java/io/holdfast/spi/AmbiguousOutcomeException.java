package io.holdfast.spi;

import io.holdfast.error.HoldfastException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when an answer was lost: the operation may have taken effect or not. To ask again with the same operation id
 * settles which, and changes nothing if it had.
 */
public final class AmbiguousOutcomeException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what was under way
     * @param cause the failure underneath, if there is one
     */
    public AmbiguousOutcomeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
