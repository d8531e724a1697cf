package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import io.holdfast.store.jdbc.Table.Column;
import io.holdfast.store.jdbc.Table.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL, where a batch is one statement: the guard, and a row of the journal if the guard matched. A turn is two ways to
 * the server, each of several statements, where the driver splits them.
 */
final class PostgresDialect extends Dialect {
    private static final int ROWS_AT_ONCE = 5_000;
    private static final int WORTH_COPYING = 32;

    /** A turn is over once its client has been silent for so long: it may have gone, with the lane locked. */
    private static final String LONGEST_SILENCE = "SET LOCAL idle_in_transaction_session_timeout = '5s'";

    private static final String SYNTAX_ERROR = "42601";
    private static final String TOO_LONG_SILENT = "25P03";

    private final String lock;
    private final String append;
    private final String appendAndCommit;
    /** Whether the driver takes several statements at once, as the usual one does. */
    private volatile boolean severalAtOnce = true;

    PostgresDialect(String prefix) {
        super(prefix);
        this.lock = LONGEST_SILENCE + "; " + laneSql() + " FOR UPDATE; " + Journal.pageSql(prefix);
        this.append = "WITH guard AS (" + guardSql() + " RETURNING lane) INSERT INTO " + prefix + "journal ("
                + Table.JOURNAL.columnNames() + ") SELECT lane, ?, ?, ?, ?, ? FROM guard";
        this.appendAndCommit = append + "; COMMIT";
    }

    /** A server that answers before its log is on the disk may lose answered commits when it dies. */
    @Override
    Durability durability(Connection connection) throws SQLException {
        if (setting(connection, "SHOW synchronous_commit").equals("off")) {
            return Durability.NONE;
        }
        return setting(connection, "SHOW fsync").equals("off") ? Durability.PROCESS : Durability.POWER;
    }

    @Override
    boolean shared(Connection connection) {
        return true;
    }

    @Override
    String nowMillis() {
        return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
    }

    @Override
    Locked lock(Connection connection, int lane, long after) throws SQLException {
        if (!severalAtOnce) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(LONGEST_SILENCE);
            }
            return super.lock(connection, lane, after);
        }
        try (PreparedStatement statement = connection.prepareStatement(lock)) {
            statement.setInt(1, lane);
            Journal.bindPage(statement, 2, lane, after, Long.MAX_VALUE);
            statement.execute();
            statement.getMoreResults();
            LaneRow row = laneRow(statement.getResultSet(), lane);
            statement.getMoreResults();
            return new Locked(row, Journal.rows(statement.getResultSet()));
        } catch (SQLException failure) {
            severalAtOnce &= !SYNTAX_ERROR.equals(failure.getSQLState());
            throw failure;
        }
    }

    @Override
    boolean atOnce(int rows) {
        return rows == 1;
    }

    @Override
    boolean appendAtOnce(Connection connection, Batch batch, List<JournalRow> rows) throws SQLException {
        boolean commits = !connection.getAutoCommit();
        boolean atOnce = commits && severalAtOnce;
        boolean matched;
        try (PreparedStatement statement = connection.prepareStatement(atOnce ? appendAndCommit : append)) {
            bindGuard(statement, batch);
            bind(statement, 5, rows.get(0));
            statement.execute();
            matched = statement.getUpdateCount() == 1;
        }
        if (commits && !atOnce) {
            connection.commit();
        }
        return matched;
    }

    // ---- many rows, copied

    @Override
    void insertRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        if (copies(connection, rows.size())) {
            PostgresCopy.into(connection, prefix + table.name(), table.all(), rows);
        } else {
            write(connection, rows, table.all(), columns -> insertAll(table, columns));
        }
    }

    /** Copies the rows, and where one of them was there already, begins anew in the usual way. */
    @Override
    void addNewRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        if (!copies(connection, rows.size())) {
            upsertRows(connection, table, rows);
            return;
        }
        Savepoint before = connection.setSavepoint();
        try {
            PostgresCopy.into(connection, prefix + table.name(), table.all(), rows);
            connection.releaseSavepoint(before);
        } catch (SQLException failure) {
            if (!taken(failure)) {
                throw failure;
            }
            connection.rollback(before);
            upsertRows(connection, table, rows);
        }
    }

    private static boolean copies(Connection connection, int rows) throws SQLException {
        try {
            return rows >= WORTH_COPYING && PostgresCopy.possible(connection);
        } catch (NoClassDefFoundError withoutTheDriver) {
            return false;
        }
    }

    // ---- many rows in one statement, as an array for each column

    @Override
    void upsertRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        insertOrSet(connection, table, rows, column -> "excluded." + column);
    }

    @Override
    void addRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        insertOrSet(connection, table, rows, column -> prefix + table.name() + "." + column + " + excluded." + column);
    }

    /** Inserts rows, and where there is one of the same key sets its values. */
    private void insertOrSet(
            Connection connection, Table table, List<@Nullable Object[]> rows, UnaryOperator<String> value)
            throws SQLException {
        String set = table.values().stream()
                .map(column -> column.name() + " = " + value.apply(column.name()))
                .collect(Collectors.joining(", "));
        write(connection, rows, table.all(), columns -> insertAll(table, columns) + onConflict(table) + set);
    }

    @Override
    void updateRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        List<Column> all = table.keysLast();
        write(
                connection,
                rows,
                all,
                columns -> "UPDATE " + prefix + table.name() + " t SET "
                        + table.values().stream()
                                .map(column -> column.name() + " = " + changed(column, columns))
                                .collect(Collectors.joining(", "))
                        + " FROM " + unnest(columns) + " WHERE " + sameKey(table));
    }

    private static String changed(Column column, List<Column> columns) {
        if (!columns.contains(column)) {
            return column.keptIfEmpty() ? "t." + column.name() : "NULL";
        }
        return column.keptIfEmpty()
                ? "COALESCE(u." + column.name() + ", t." + column.name() + ")"
                : "u." + column.name();
    }

    @Override
    void deleteRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        write(
                connection,
                rows,
                table.keys(),
                columns -> "DELETE FROM " + prefix + table.name() + " t USING " + unnest(columns) + " WHERE "
                        + sameKey(table));
    }

    private static String sameKey(Table table) {
        return table.keys().stream()
                .map(column -> "t." + column.name() + " = u." + column.name())
                .collect(Collectors.joining(" AND "));
    }

    private static void write(
            Connection connection,
            List<@Nullable Object[]> rows,
            List<Column> columns,
            Function<List<Column>, String> sql)
            throws SQLException {
        for (int from = 0; from < rows.size(); from += ROWS_AT_ONCE) {
            List<@Nullable Object[]> some = rows.subList(from, Math.min(rows.size(), from + ROWS_AT_ONCE));
            boolean[] used = Table.used(columns.size(), some);
            try (PreparedStatement statement = connection.prepareStatement(sql.apply(Table.only(columns, used)))) {
                int at = 1;
                for (int column = 0; column < used.length; column++) {
                    if (used[column]) {
                        bind(connection, statement, at++, columns.get(column), column, some);
                    }
                }
                statement.executeUpdate();
            }
        }
    }

    private static void bind(
            Connection connection,
            PreparedStatement statement,
            int at,
            Column column,
            int place,
            List<@Nullable Object[]> rows)
            throws SQLException {
        boolean number = column.kind() == Kind.LONG;
        @Nullable Object[] values = number ? new Long[rows.size()] : new String[rows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows.get(i)[place];
        }
        statement.setArray(at, connection.createArrayOf(number ? "int8" : "text", values));
    }

    private String insertAll(Table table, List<Column> columns) {
        return "INSERT INTO " + prefix + table.name() + " (" + Table.names(columns, "", "") + ") SELECT "
                + columns.stream()
                        .map(column -> column.kind() == Kind.DATE
                                ? "CAST(u." + column.name() + " AS DATE)"
                                : "u." + column.name())
                        .collect(Collectors.joining(", "))
                + " FROM " + unnest(columns);
    }

    private static String unnest(List<Column> columns) {
        return "unnest("
                + columns.stream()
                        .map(column -> column.kind() == Kind.LONG ? "CAST(? AS BIGINT[])" : "CAST(? AS TEXT[])")
                        .collect(Collectors.joining(", "))
                + ") AS u (" + Table.names(columns, "", "") + ")";
    }

    @Override
    boolean contended(SQLException failure) {
        String state = failure.getSQLState();
        return super.contended(failure) || "40P01".equals(state) || "55P03".equals(state) || SYNTAX_ERROR.equals(state);
    }

    @Override
    boolean connectionLost(SQLException failure) {
        String state = failure.getSQLState();
        return super.connectionLost(failure)
                || (state != null && (state.startsWith("57P") || state.equals(TOO_LONG_SILENT)));
    }

    /** What the server refuses it has rolled back; a lost connection and an internal error tell nothing. */
    @Override
    boolean ambiguous(SQLException failure) {
        String state = failure.getSQLState();
        return state == null
                || state.length() != 5
                || state.startsWith("08")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.startsWith("XX")
                || state.equals("40003")
                || state.equals("25P02");
    }
}
