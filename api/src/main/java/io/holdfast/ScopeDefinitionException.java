package io.holdfast;

import io.holdfast.spi.Rejection;

/** Thrown when a scope cannot be registered, replaced or removed as asked. Nothing was changed. */
public final class ScopeDefinitionException extends RejectedException {
    private static final long serialVersionUID = 1L;

    ScopeDefinitionException(Rejection reason, String subject, String message) {
        super(reason, subject, message);
    }
}
