package io.holdfast;

import io.holdfast.spi.Rejection;

/** Thrown when a hold cannot be settled as asked: unknown, another scope's, or settled otherwise. Nothing was changed. */
public final class HoldException extends RejectedException {
    private static final long serialVersionUID = 1L;

    HoldException(Rejection reason, String subject, String message) {
        super(reason, subject, message);
    }
}
