package io.holdfast.cli;

import org.jspecify.annotations.Nullable;

/** Carries what went wrong in a thread over to the one that waits for it. */
final class Failures {
    private Failures() {}

    static void rethrow(@Nullable Throwable failure) {
        if (failure instanceof RuntimeException expected) {
            throw expected;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }
}
