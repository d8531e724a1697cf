package io.holdfast;

import io.holdfast.spi.Rejection;

/** Thrown when a child session is closed or its time is over: it has no budget any more. Nothing was held. */
public final class SessionClosedException extends RejectedException {
    private static final long serialVersionUID = 1L;

    SessionClosedException(Rejection reason, String subject, String message) {
        super(reason, subject, message);
    }
}
