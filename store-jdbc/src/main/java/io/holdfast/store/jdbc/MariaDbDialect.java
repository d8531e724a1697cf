package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import io.holdfast.store.jdbc.Table.Column;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** MariaDB. */
final class MariaDbDialect extends Dialect {
    private static final int ROWS_AT_ONCE = 500;
    private static final int CHARACTERS_AT_ONCE = 1_000_000;
    private static final int DEADLOCK = 1213;
    private static final int RECORD_CHANGED = 1020;
    private static final int LOCK_WAIT_TIMEOUT = 1205;

    /** The protocol of statements prepared on the server, for which a driver can be set up, takes no blocks. */
    private static final int NOT_PREPARED = 1295;

    private final String append;
    private final String appendWithin;
    private volatile boolean blocks = true;

    MariaDbDialect(String prefix) {
        super(prefix);
        this.append = append("START TRANSACTION; ");
        this.appendWithin = append("");
    }

    private String append(String begin) {
        return "BEGIN NOT ATOMIC DECLARE matched INTEGER DEFAULT 0;"
                + " DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END; "
                + begin + guardSql() + "; SET matched = ROW_COUNT(); IF matched = 1 THEN "
                + insert(Table.JOURNAL) + "; END IF; COMMIT; SELECT matched; END";
    }

    @Override
    Durability durability(Connection connection) throws SQLException {
        return switch (setting(connection, "SELECT @@innodb_flush_log_at_trx_commit")) {
            case "1", "3" -> Durability.POWER;
            case "2" -> Durability.PROCESS;
            default -> Durability.NONE;
        };
    }

    @Override
    boolean shared(Connection connection) {
        return true;
    }

    @Override
    String nowMillis() {
        return "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(6)) DIV 1000";
    }

    /** A block of statements is one way to the server, where a transaction of single ones takes four. */
    @Override
    boolean atOnce(int rows) {
        return rows == 1 && blocks;
    }

    @Override
    boolean appendAtOnce(Connection connection, Batch batch, List<JournalRow> rows) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(connection.getAutoCommit() ? append : appendWithin)) {
            bindGuard(statement, batch);
            statement.setInt(5, batch.lane());
            bind(statement, 6, rows.get(0));
            boolean result = statement.execute();
            while (!result && statement.getUpdateCount() >= 0) {
                result = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                if (row == null || !row.next()) {
                    throw new SQLException("the block that appends to the journal told nothing");
                }
                return row.getInt(1) == 1;
            }
        } catch (SQLException failure) {
            blocks &= failure.getErrorCode() != NOT_PREPARED;
            throw failure;
        }
    }

    /** Many rows go in one statement: each statement is a way to the server and a plan of its own. */
    @Override
    void batch(Connection connection, String sql, List<Column> columns, List<@Nullable Object[]> rows)
            throws SQLException {
        if (!inserts(sql, columns)) {
            super.batch(connection, sql, columns, rows);
            return;
        }
        int from = 0;
        while (from < rows.size()) {
            List<@Nullable Object[]> some = rows.subList(from, endOfStatement(rows, from));
            from += some.size();
            try (PreparedStatement statement = connection.prepareStatement(ofRows(sql, columns, some.size()))) {
                int at = 1;
                for (@Nullable Object[] row : some) {
                    at = bind(statement, at, columns, row);
                }
                statement.executeUpdate();
            }
        }
    }

    /** Returns where the rows end that go in one statement, which the server takes only up to a length. */
    private static int endOfStatement(List<@Nullable Object[]> rows, int from) {
        int characters = 0;
        int to = from;
        while (to < rows.size() && to - from < ROWS_AT_ONCE && characters < CHARACTERS_AT_ONCE) {
            for (@Nullable Object value : rows.get(to++)) {
                characters += value instanceof String text ? text.length() : 0;
            }
        }
        return to;
    }

    @Override
    String upsert(Table table) {
        return insert(table) + " ON DUPLICATE KEY UPDATE "
                + table.values().stream()
                        .map(column -> column.name() + " = VALUES(" + column.name() + ")")
                        .collect(Collectors.joining(", "));
    }

    @Override
    String addTo(Table table) {
        return insert(table) + " ON DUPLICATE KEY UPDATE "
                + table.values().stream()
                        .map(column -> column.name() + " = " + column.name() + " + VALUES(" + column.name() + ")")
                        .collect(Collectors.joining(", "));
    }

    @Override
    boolean contended(SQLException failure) {
        int code = failure.getErrorCode();
        return super.contended(failure)
                || code == NOT_PREPARED
                || code == DEADLOCK
                || code == RECORD_CHANGED
                || code == LOCK_WAIT_TIMEOUT;
    }
}
