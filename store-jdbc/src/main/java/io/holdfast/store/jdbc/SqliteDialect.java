package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import io.holdfast.spi.StoreException;
import io.holdfast.store.jdbc.Table.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** SQLite. Transactions begin with a write, so that waiting for the one writer never starts from a stale read. */
final class SqliteDialect extends Dialect {
    private static final int[] OLDEST = {3, 51, 3};
    private static final int[] WITHDRAWN = {3, 52, 0};
    private static final int BUSY = 5;
    private static final int LOCKED = 6;
    private static final int CONSTRAINT = 19;
    private static final int PRIMARY_CODE = 0xff;
    private static final int ROWS_AT_ONCE = 16;
    /** The characters of a text that is bound even if it is the same in all rows. */
    private static final int LONG = 256;

    SqliteDialect(String prefix) {
        super(prefix);
    }

    @Override
    void requireSupported(Connection connection) throws SQLException {
        String version = setting(connection, "SELECT sqlite_version()");
        if (!supported(version)) {
            throw new StoreException(
                    "SQLite " + version + " can corrupt a database with several writers; use 3.51.3 or later,"
                            + " but not 3.52.0",
                    null);
        }
    }

    static boolean supported(String version) {
        String[] parts = version.split("\\.", -1);
        int[] numbers = new int[3];
        for (int i = 0; i < Math.min(3, parts.length); i++) {
            numbers[i] = Integer.parseInt(parts[i]);
        }
        return java.util.Arrays.compare(numbers, OLDEST) >= 0 && java.util.Arrays.compare(numbers, WITHDRAWN) != 0;
    }

    @Override
    Durability durability(Connection connection) throws SQLException {
        if (setting(connection, "SELECT file FROM pragma_database_list WHERE name = 'main'")
                .isEmpty()) {
            return Durability.NONE;
        }
        String journal = setting(connection, "PRAGMA journal_mode");
        int synchronous = Integer.parseInt(setting(connection, "PRAGMA synchronous"));
        return switch (journal) {
            case "wal", "delete", "truncate", "persist" -> synchronous >= 2 ? Durability.POWER : Durability.PROCESS;
            default -> Durability.NONE;
        };
    }

    @Override
    boolean shared(Connection connection) throws SQLException {
        return !setting(connection, "SELECT file FROM pragma_database_list WHERE name = 'main'")
                .isEmpty();
    }

    @Override
    String nowMillis() {
        return "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    }

    @Override
    boolean oneWriter() {
        return true;
    }

    @Override
    LaneRow lock(Connection connection, int lane) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE " + prefix + "lanes SET version = version WHERE lane = ?")) {
            statement.setInt(1, lane);
            statement.executeUpdate();
        }
        return read(connection, lane);
    }

    /**
     * Inserts many rows by each step of a statement, and writes into the statement what all rows have in common: a step, and to
     * bind a value, take about as long as to store it.
     */
    @Override
    void batch(Connection connection, String sql, List<Column> columns, List<@Nullable Object[]> rows)
            throws SQLException {
        int atOnce = inserts(sql, columns) ? ROWS_AT_ONCE : 1;
        int even = rows.size() - rows.size() % atOnce;
        steps(connection, sql, columns, rows.subList(0, even), atOnce);
        steps(connection, sql, columns, rows.subList(even, rows.size()), 1);
    }

    /** Runs a statement with so many of the rows in each step, which go into them evenly. */
    private static void steps(
            Connection connection, String sql, List<Column> columns, List<@Nullable Object[]> rows, int atOnce)
            throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        boolean[] bound = bound(columns.size(), rows);
        String many = withLiterals(ofRows(sql, columns, atOnce), rows.get(0), bound);
        try (PreparedStatement statement = connection.prepareStatement(many)) {
            for (int first = 0; first < rows.size(); first += atOnce) {
                int at = 1;
                for (@Nullable Object[] row : rows.subList(first, first + atOnce)) {
                    for (int i = 0; i < bound.length; i++) {
                        if (bound[i]) {
                            bind(statement, at++, columns.get(i).kind(), row[i]);
                        }
                    }
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /**
     * Tells which columns have to be bound: those whose values differ, a text that would end the statement, and a long one, so
     * that no statement comes near the million bytes that it may have.
     */
    private static boolean[] bound(int columns, List<@Nullable Object[]> rows) {
        boolean[] bound = new boolean[columns];
        @Nullable Object[] first = rows.get(0);
        for (int i = 0; i < columns; i++) {
            bound[i] = first[i] instanceof String text && (text.indexOf('\0') >= 0 || text.length() > LONG);
        }
        for (@Nullable Object[] row : rows) {
            for (int i = 0; i < columns; i++) {
                bound[i] = bound[i] || !Objects.equals(row[i], first[i]);
            }
        }
        return bound;
    }

    /** Puts values in the place of the marks of a statement of one or more rows that are not bound. */
    private static String withLiterals(String sql, @Nullable Object[] values, boolean[] bound) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        int column = 0;
        for (int mark = sql.indexOf('?'); mark >= 0; mark = sql.indexOf('?', from)) {
            text.append(sql, from, mark).append(bound[column] ? "?" : literal(values[column]));
            column = (column + 1) % bound.length;
            from = mark + 1;
        }
        return text.append(sql, from, sql.length()).toString();
    }

    /** Returns a number, a text or nothing as it stands in a statement. */
    private static String literal(@Nullable Object value) {
        if (value == null || value instanceof Long) {
            return String.valueOf(value);
        }
        return "'" + value.toString().replace("'", "''") + "'";
    }

    @Override
    boolean contended(SQLException failure) {
        int code = failure.getErrorCode() & PRIMARY_CODE;
        return code == BUSY || code == LOCKED || code == CONSTRAINT;
    }
}
