package io.holdfast.cli;

import io.holdfast.error.HoldfastException;
import org.jspecify.annotations.Nullable;

/** Ends a command with an exit code and one line for the user. */
final class CommandException extends HoldfastException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandException(int exitCode, String message) {
        this(exitCode, message, null);
    }

    CommandException(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /** Tells of a mistake in a file; line 0 stands for the file as a whole. */
    static CommandException inFile(String file, long line, String rule, @Nullable Throwable cause) {
        String place = line > 0 ? file + ":" + line : file;
        return new CommandException(ExitCodes.BAD_INPUT, place + ": " + rule, cause);
    }

    int exitCode() {
        return exitCode;
    }
}
