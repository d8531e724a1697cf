package io.holdfast.internal.outage;

import io.holdfast.spi.AmbiguousOutcomeException;
import java.util.concurrent.CompletionException;

/** Finds what failed behind a future. */
final class Failures {
    private Failures() {}

    static RuntimeException unwrapped(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof RuntimeException known
                ? known
                : new AmbiguousOutcomeException("the store failed unexpectedly: " + cause, cause);
    }
}
