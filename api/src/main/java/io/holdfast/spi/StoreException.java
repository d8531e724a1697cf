package io.holdfast.spi;

import io.holdfast.error.HoldfastException;
import org.jspecify.annotations.Nullable;

/** Thrown when a store cannot do what it was asked; the operation certainly took no effect. */
public class StoreException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message what the store could not do, naming where
     * @param cause the failure underneath, if there is one
     */
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
