package io.holdfast.cli;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Turns every failure into one line and an exit code. */
final class ErrorHandler implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private final Console console;

    ErrorHandler(Console console) {
        this.console = console;
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
        return handle(
                failure,
                line.getCommandSpec().qualifiedName(),
                result.hasMatchedOption("--verbose")
                        || (result.hasSubcommand() && result.subcommand().hasMatchedOption("--verbose")));
    }

    int handle(Exception failure, String command, boolean verbose) {
        if (failure instanceof OutputException closed && closed.readerGone()) {
            return ExitCodes.OK;
        }
        boolean expected = failure instanceof io.holdfast.error.HoldfastException || failure instanceof OutputException;
        String message = failure.getMessage();
        if (expected && message != null) {
            say(command, message);
        } else {
            say(command, "unexpected " + failure + (verbose ? "" : "; --verbose shows where"));
        }
        if (verbose) {
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
