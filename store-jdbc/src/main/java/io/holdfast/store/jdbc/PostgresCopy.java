package io.holdfast.store.jdbc;

import io.holdfast.store.jdbc.Table.Column;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Rows written by COPY, for half of what an INSERT costs the server. Nothing else here names the driver. */
final class PostgresCopy {
    private static final int USUAL_LENGTH = 128;

    private PostgresCopy() {}

    /**
     * Tells whether the driver of a connection can copy.
     *
     * @throws NoClassDefFoundError if the usual driver is not there at all
     */
    static boolean possible(Connection connection) throws SQLException {
        return connection.isWrapperFor(PGConnection.class);
    }

    /** Inserts rows, each with a value, or nothing, for each of the columns. */
    static void into(Connection connection, String table, List<Column> columns, List<@Nullable Object[]> rows)
            throws SQLException {
        String sql = "COPY " + table + " (" + Table.names(columns, "", "") + ") FROM STDIN WITH (ENCODING 'UTF8')";
        byte[] text = text(rows).getBytes(StandardCharsets.UTF_8);
        try {
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql, new ByteArrayInputStream(text));
        } catch (IOException impossible) {
            throw new SQLException(impossible);
        }
    }

    /** Returns rows as COPY reads them: a line each, with tabs between the values. */
    static String text(List<@Nullable Object[]> rows) {
        StringBuilder text = new StringBuilder(rows.size() * USUAL_LENGTH);
        for (@Nullable Object[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                if (i > 0) {
                    text.append('\t');
                }
                Object value = row[i];
                if (value == null) {
                    text.append("\\N");
                } else if (value instanceof Long number) {
                    text.append((long) number);
                } else {
                    append(text, value.toString());
                }
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String value) {
        int from = 0;
        for (int i = 0; i < value.length(); i++) {
            String escaped = escaped(value.charAt(i));
            if (escaped != null) {
                text.append(value, from, i).append(escaped);
                from = i + 1;
            }
        }
        text.append(from == 0 ? value : value.substring(from));
    }

    private static @Nullable String escaped(char character) {
        return switch (character) {
            case '\\' -> "\\\\";
            case '\t' -> "\\t";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            default -> null;
        };
    }
}
