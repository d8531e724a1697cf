package io.holdfast.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Thrown when the result cannot be written. */
final class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    OutputException(IOException cause) {
        super("the output cannot be written: " + cause.getMessage(), cause);
    }

    /** Tells whether the reader has seen enough, as {@code head} does. */
    boolean readerGone() {
        @Nullable Throwable cause = getCause();
        String message = cause == null ? null : cause.getMessage();
        return message != null
                && (message.contains("Broken pipe")
                        || message.contains("pipe is being closed")
                        || message.contains("pipe has been ended"));
    }
}
