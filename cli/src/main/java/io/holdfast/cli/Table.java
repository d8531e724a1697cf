package io.holdfast.cli;

import io.holdfast.unit.Usd;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Aligns columns. The widths come from the first rows, so that a table of any length can be streamed; a later cell that
 * is wider pushes its neighbours.
 */
final class Table {
    private static final int ROWS_MEASURED = 1_000;
    private static final String GAP = "  ";

    private final Writer out;
    private final List<String> columns;
    private final int[] widths;
    private final boolean[] numbers;
    private @Nullable List<List<String>> waiting = new ArrayList<>();

    Table(Writer out, List<String> columns) {
        this.out = out;
        this.columns = columns;
        this.widths = columns.stream().mapToInt(Table::width).toArray();
        this.numbers = new boolean[columns.size()];
    }

    void row(List<? extends @Nullable Object> values) throws IOException {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            String cell = value == null ? "-" : Output.plain(value);
            cells.add(cell);
            if (waiting != null) {
                widths[i] = Math.max(widths[i], width(cell));
                numbers[i] |= value instanceof Number || value instanceof Usd || value instanceof Money;
            }
        }
        if (waiting == null) {
            write(cells);
        } else {
            waiting.add(cells);
            if (waiting.size() == ROWS_MEASURED) {
                end();
            }
        }
    }

    /** Writes what waited for its neighbours' widths. */
    void end() throws IOException {
        List<List<String>> first = waiting;
        if (first == null) {
            return;
        }
        waiting = null;
        write(columns);
        for (List<String> cells : first) {
            write(cells);
        }
    }

    private void write(List<String> cells) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String pad = " ".repeat(Math.max(0, widths[i] - width(cell)));
            line.append(i == 0 ? "" : GAP).append(numbers[i] ? pad + cell : cell + pad);
        }
        out.write(line.toString().stripTrailing());
        out.write('\n');
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
