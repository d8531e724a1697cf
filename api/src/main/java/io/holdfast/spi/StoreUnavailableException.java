package io.holdfast.spi;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a store cannot be reached at all, so that the operation certainly took no effect. Unlike another
 * {@link StoreException}, this is an outage, which an {@code OutagePolicy} may bridge.
 */
public class StoreUnavailableException extends StoreException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what could not be reached
     * @param cause the failure underneath, if there is one
     */
    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
