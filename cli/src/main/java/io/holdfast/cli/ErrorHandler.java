package io.holdfast.cli;

import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns every failure into one line and an exit code. */
final class ErrorHandler implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Console console;
    private final BooleanSupplier verbose;
    private boolean outputFailed;

    ErrorHandler(Console console, BooleanSupplier verbose) {
        this.console = console;
        this.verbose = verbose;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        String message = failure.getMessage();
        say(command, (message == null ? "cannot be understood" : message) + "; see '" + command + " --help'");
        return ExitCodes.BAD_INPUT;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult result) {
        return handle(failure, line.getCommandSpec().qualifiedName());
    }

    int handle(Exception failure, String command) {
        boolean whole = verbose.getAsBoolean();
        if (failure instanceof OutputException output) {
            boolean told = outputFailed;
            outputFailed = true;
            if (output.readerGone()) {
                return ExitCodes.OK;
            }
            if (told) {
                return ExitCodes.FAILED;
            }
        }
        boolean expected = failure instanceof io.holdfast.error.HoldfastException || failure instanceof OutputException;
        String message = failure.getMessage();
        if (expected && message != null) {
            say(command, message);
        } else {
            say(command, "unexpected " + failure + (whole ? "" : "; --verbose shows where"));
        }
        if (whole) {
            failure.printStackTrace(console.err());
        }
        console.err().flush();
        return ExitCodes.of(failure);
    }

    private void say(String command, String message) {
        console.err().println(Text.oneLine(command + ": " + message));
        console.err().flush();
    }
}
