package io.holdfast.pricing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table of plain comma-separated cells with one header line, in UTF-8. Cells are never quoted, so that a price can only be
 * read in one way. Line ends are {@code \n} or {@code \r\n}; empty lines are skipped.
 */
final class CsvTable {
    private static final int LARGEST_FILE = 16 * 1024 * 1024;

    private final List<Row> rows;

    private CsvTable(List<Row> rows) {
        this.rows = rows;
    }

    /** Reads a table whose header has every required column, and no column but required and optional ones. */
    static CsvTable read(String file, InputStream bytes, Set<String> required, Set<String> optional) {
        String[] lines = text(file, bytes).split("\r?\n", -1);
        Map<String, Integer> columns = columns(file, lines[0], required, optional);
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            if (!lines[i].isEmpty()) {
                rows.add(row(file, i + 1, lines[i], columns));
            }
        }
        return new CsvTable(rows);
    }

    List<Row> rows() {
        return rows;
    }

    private static String text(String file, InputStream bytes) {
        try {
            byte[] content = bytes.readNBytes(LARGEST_FILE + 1);
            if (content.length > LARGEST_FILE) {
                throw new PriceFileException(file, 0, "the file must be at most " + LARGEST_FILE + " bytes", null);
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException notText) {
            throw new PriceFileException(file, 0, "the file must be UTF-8 text", notText);
        } catch (IOException unreadable) {
            throw new PriceFileException(file, 0, "the file cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    private static Map<String, Integer> columns(
            String file, String header, Set<String> required, Set<String> optional) {
        Map<String, Integer> columns = new HashMap<>();
        for (String column : cells(file, 1, header)) {
            if (!required.contains(column) && !optional.contains(column)) {
                throw new PriceFileException(file, 1, "the header has an unknown column '" + shown(column) + "'", null);
            }
            if (columns.putIfAbsent(column, columns.size()) != null) {
                throw new PriceFileException(file, 1, "the header has the column '" + column + "' twice", null);
            }
        }
        for (String column : required) {
            if (!columns.containsKey(column)) {
                throw new PriceFileException(file, 1, "the header must have the column '" + column + "'", null);
            }
        }
        return columns;
    }

    private static Row row(String file, int line, String text, Map<String, Integer> columns) {
        List<String> cells = cells(file, line, text);
        if (cells.size() != columns.size()) {
            throw new PriceFileException(
                    file, line, "has " + cells.size() + " cells, the header has " + columns.size(), null);
        }
        return new Row(file, line, cells, columns);
    }

    private static List<String> cells(String file, int line, String text) {
        if (text.indexOf('"') >= 0) {
            throw new PriceFileException(file, line, "cells must not be quoted", null);
        }
        return Arrays.asList(text.split(",", -1));
    }

    private static String shown(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    /** One line of the table. */
    record Row(String file, int line, List<String> cells, Map<String, Integer> columns) {
        /** The cell of a column; null where it is empty or the table has no such column. */
        @Nullable
        String cell(String column) {
            Integer index = columns.get(column);
            String text = index == null ? "" : cells.get(index);
            return text.isEmpty() ? null : text;
        }

        PriceFileException refuse(String rule) {
            return new PriceFileException(file, line, rule, null);
        }

        PriceFileException refuse(RuntimeException cause) {
            return new PriceFileException(file, line, String.valueOf(cause.getMessage()), cause);
        }
    }
}
