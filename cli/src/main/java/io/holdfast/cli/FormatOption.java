package io.holdfast.cli;

import picocli.CommandLine.Option;

/** The option that says how a result is written. */
final class FormatOption {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, json or csv; without: ${DEFAULT-VALUE}.")
    private Format format = Format.TABLE;

    Format format() {
        return format;
    }
}
