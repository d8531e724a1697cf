package io.holdfast.store.jdbc;

import java.util.function.Supplier;

/** Keeps an interrupt of the caller for later: H2 closes its file when a thread that was interrupted uses it. */
final class Undisturbed {
    private Undisturbed() {}

    static <T> T by(Supplier<T> work) {
        boolean interrupted = Thread.interrupted();
        try {
            return work.get();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
