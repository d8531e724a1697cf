package io.holdfast.cli;

import java.nio.file.Path;

/** Makes small traces. */
final class Traces {
    private Traces() {}

    /** Writes a trace of rows, row i with 1,000 + i input and 100 + i % 7 output tokens. */
    static Path of(Path directory, int rows) {
        StringBuilder text = new StringBuilder(TraceReader.HEADER).append('\n');
        for (int i = 0; i < rows; i++) {
            text.append("2026-01-01 00:00:00.0000000,")
                    .append(1_000 + i)
                    .append(',')
                    .append(100 + i % 7)
                    .append('\n');
        }
        return Run.file(directory, "trace-" + rows + ".csv", text.toString());
    }

    /** Writes a trace of equal rows. */
    static Path equal(Path directory, int rows, long input, long output) {
        String row = "2026-01-01 00:00:00.0000000," + input + "," + output + "\n";
        return Run.file(directory, "equal-" + rows + ".csv", TraceReader.HEADER + "\n" + row.repeat(rows));
    }
}
