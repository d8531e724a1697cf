package io.holdfast.cli;

import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes results in the format that was asked for. */
final class Output {
    private final Writer out;
    private final Format format;

    Output(Console console, Format format) {
        this.out = console.out();
        this.format = format;
    }

    /** Something that writes. */
    private interface Step {
        void run() throws IOException;
    }

    /** Takes rows one by one. */
    interface Rows {
        /** Writes a row with a value for each column. */
        void row(List<? extends @Nullable Object> values);

        /** Writes what is left. */
        void end();
    }

    /** Writes one thing with named fields. */
    void fields(Map<String, ? extends @Nullable Object> fields) {
        switch (format) {
            case JSON -> run(() -> Json.line(out, fields));
            case CSV -> {
                Rows rows = stream(List.copyOf(fields.keySet()));
                rows.row(new ArrayList<@Nullable Object>(fields.values()));
                rows.end();
            }
            case TABLE -> {
                int width =
                        fields.keySet().stream().mapToInt(String::length).max().orElse(0);
                for (Map.Entry<String, ? extends @Nullable Object> field : fields.entrySet()) {
                    Object value = field.getValue();
                    String name = field.getKey();
                    run(() -> out.write(name + " ".repeat(width - name.length()) + "  "
                            + (value == null ? "-" : plain(value)) + "\n"));
                }
            }
        }
    }

    /**
     * Writes a list of things with the same fields: in JSON one document, with more about the list.
     *
     * @param name the list's name in JSON
     * @param columns the fields
     * @param rows their values
     * @param more further fields of the JSON document
     * @param last one more row of the table, if it is to have one
     */
    void list(
            String name,
            List<String> columns,
            List<List<@Nullable Object>> rows,
            Map<String, ? extends @Nullable Object> more,
            @Nullable List<@Nullable Object> last) {
        if (format == Format.JSON) {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put(name, rows.stream().map(row -> named(columns, row)).toList());
            document.putAll(more);
            run(() -> Json.line(out, document));
            return;
        }
        Rows stream = stream(columns);
        rows.forEach(stream::row);
        if (last != null && format == Format.TABLE) {
            stream.row(last);
        }
        stream.end();
    }

    /** Writes any number of rows as they come: in JSON a document for each, on a line of its own. */
    Rows stream(List<String> columns) {
        if (format == Format.TABLE) {
            return tableRows(columns);
        }
        if (format == Format.CSV) {
            run(() -> Csv.line(out, columns));
        }
        return new Rows() {
            @Override
            public void row(List<? extends @Nullable Object> values) {
                run(() -> {
                    if (format == Format.JSON) {
                        Json.line(out, named(columns, values));
                    } else {
                        Csv.line(
                                out,
                                values.stream()
                                        .map(value -> value == null ? "" : plain(value))
                                        .toList());
                    }
                });
            }

            @Override
            public void end() {}
        };
    }

    private Rows tableRows(List<String> columns) {
        Table table = new Table(out, columns);
        return new Rows() {
            @Override
            public void row(List<? extends @Nullable Object> values) {
                run(() -> table.row(values));
            }

            @Override
            public void end() {
                run(table::end);
            }
        };
    }

    /** Returns a value as it stands in a cell. */
    static String plain(Object value) {
        if (value instanceof BigDecimal number) {
            return number.toPlainString();
        }
        if (value instanceof Map || value instanceof Iterable) {
            return Json.text(value);
        }
        return value.toString();
    }

    private static Map<String, @Nullable Object> named(List<String> columns, List<? extends @Nullable Object> values) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            fields.put(columns.get(i), values.get(i));
        }
        return fields;
    }

    private static void run(Step step) {
        try {
            step.run();
        } catch (IOException failed) {
            throw new OutputException(failed);
        }
    }
}
