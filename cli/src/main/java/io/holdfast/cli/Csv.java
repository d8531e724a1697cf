package io.holdfast.cli;

import java.io.IOException;
import java.io.Writer;
import java.util.List;

/** Writes lines of RFC 4180, ended by a line feed. */
final class Csv {
    private Csv() {}

    static void line(Writer out, List<String> cells) throws IOException {
        for (int i = 0; i < cells.size(); i++) {
            if (i > 0) {
                out.write(',');
            }
            out.write(quoted(cells.get(i)));
        }
        out.write('\n');
    }

    private static String quoted(String cell) {
        boolean plain = cell.chars().allMatch(c -> c != ',' && c != '"' && c != '\n' && c != '\r');
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
