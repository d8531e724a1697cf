package io.holdfast.spi;

import org.jspecify.annotations.Nullable;

/** Thrown when a ledger is damaged where it was once whole. Nothing was repaired, cut or overwritten. */
public final class CorruptLedgerException extends StoreException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes the exception.
     *
     * @param message the file, the offset and what is wrong there
     * @param cause the failure underneath, if there is one
     */
    public CorruptLedgerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
