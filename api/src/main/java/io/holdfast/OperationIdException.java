package io.holdfast;

import io.holdfast.spi.Rejection;

/** Thrown when an operation id was used before for something else. Nothing was changed. */
public final class OperationIdException extends RejectedException {
    private static final long serialVersionUID = 1L;

    OperationIdException(Rejection reason, String subject, String message) {
        super(reason, subject, message);
    }
}
