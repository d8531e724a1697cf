package io.holdfast;

import io.holdfast.spi.Rejection;

/** Thrown when a scope is not registered and no template covers its name. Nothing was changed. */
public final class UnknownScopeException extends RejectedException {
    private static final long serialVersionUID = 1L;

    UnknownScopeException(Rejection reason, String subject, String message) {
        super(reason, subject, message);
    }
}
