package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import io.holdfast.store.jdbc.Table.Column;
import io.holdfast.store.jdbc.Table.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What differs between engines: fragments of SQL, how a batch is best written, and what its failures mean. */
abstract class Dialect {
    final String prefix;

    Dialect(String prefix) {
        this.prefix = prefix;
    }

    static Dialect of(Engine engine, String prefix) {
        return switch (engine) {
            case H2 -> new H2Dialect(prefix);
            case SQLITE -> new SqliteDialect(prefix);
            case POSTGRESQL -> new PostgresDialect(prefix);
            case MARIADB -> new MariaDbDialect(prefix);
        };
    }

    // ---- what an engine is

    /** Refuses a version that is known not to keep a ledger safe. */
    void requireSupported(Connection connection) throws SQLException {
        // Most versions do.
    }

    /** Returns what an acknowledged commit survives as this database is set up. */
    abstract Durability durability(Connection connection) throws SQLException;

    /** Returns whether other processes may use the same tables at the same time. */
    abstract boolean shared(Connection connection) throws SQLException;

    // ---- fragments

    /** An expression for the time in milliseconds since the epoch. */
    abstract String nowMillis();

    /** Locks the row of a lane until the transaction ends, and reads it. */
    LaneRow lock(Connection connection, int lane) throws SQLException {
        return one(connection, laneSql() + " FOR UPDATE", lane);
    }

    /**
     * Locks the row of a lane until the transaction ends, and reads it and what comes in the journal after a version.
     *
     * @param lane the lane
     * @param after the version
     * @return the row, and as many rows of the journal as came on the same way, which may be none
     */
    Locked lock(Connection connection, int lane, long after) throws SQLException {
        return new Locked(lock(connection, lane), List.of());
    }

    /** Reads the row of a lane. */
    LaneRow read(Connection connection, int lane) throws SQLException {
        return one(connection, laneSql(), lane);
    }

    final String laneSql() {
        return "SELECT version, last_at_ms, base_version, snapshot_version, " + nowMillis() + " FROM " + prefix
                + "lanes WHERE lane = ?";
    }

    private static LaneRow one(Connection connection, String sql, int lane) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, lane);
            return laneRow(statement.executeQuery(), lane);
        }
    }

    /** Reads the only row, of what {@link #laneSql} asked for. */
    static LaneRow laneRow(ResultSet rows, int lane) throws SQLException {
        try (ResultSet row = rows) {
            if (!row.next()) {
                throw new SQLException("the table of lanes has no row for lane " + lane);
            }
            return new LaneRow(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5));
        }
    }

    // ---- writing the journal

    /**
     * Returns whether {@link #appendAtOnce} can append a batch of so many rows and commit it, on one way to the database and
     * back.
     */
    boolean atOnce(int rows) {
        return false;
    }

    /**
     * As {@link #append}, and committed, for a batch of which {@link #atOnce} says so. If a transaction was begun, it ends
     * with that.
     */
    boolean appendAtOnce(Connection connection, Batch batch, List<JournalRow> rows) throws SQLException {
        throw new UnsupportedOperationException(getClass().getName());
    }

    /**
     * Appends a batch to the journal if the lane still is at the version that the batch was decided on, in the transaction
     * of the caller.
     *
     * @param batch what to append
     * @param rows its rows
     * @return whether the lane was there, and the batch was appended
     */
    boolean append(Connection connection, Batch batch, List<JournalRow> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(guardSql())) {
            bindGuard(statement, batch);
            if (statement.executeUpdate() != 1) {
                return false;
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(insert(Table.JOURNAL))) {
            for (JournalRow row : rows) {
                statement.setInt(1, batch.lane());
                bind(statement, 2, row);
                statement.executeUpdate();
            }
        }
        return true;
    }

    final String guardSql() {
        return "UPDATE " + prefix + "lanes SET version = ?, last_at_ms = ? WHERE lane = ? AND version = ?";
    }

    static void bindGuard(PreparedStatement statement, Batch batch) throws SQLException {
        statement.setLong(1, batch.to());
        statement.setLong(2, batch.lastAt());
        statement.setInt(3, batch.lane());
        statement.setLong(4, batch.from());
    }

    /** Binds all but the lane. */
    static void bind(PreparedStatement statement, int first, JournalRow row) throws SQLException {
        statement.setLong(first, row.first());
        statement.setLong(first + 1, row.last());
        statement.setLong(first + 2, row.firstAt());
        statement.setLong(first + 3, row.lastAt());
        statement.setString(first + 4, row.changes());
    }

    // ---- writing what follows from it

    /** Tells whether an engine lets only one transaction write at a time, so that another only waits for it. */
    boolean oneWriter() {
        return false;
    }

    /** Writes rows to the tables that people query. */
    final void show(Connection connection, TableRows rows) throws SQLException {
        insertRows(connection, Table.CHARGES, rows.charges());
        addNewRows(connection, Table.HOLDS, rows.newHolds());
        updateRows(connection, Table.SETTLED, rows.changedHolds());
        upsertRows(connection, Table.BALANCES, rows.balances());
        addRows(connection, Table.ROLLUPS, rows.rollups());
        upsertRows(connection, Table.SCOPES, rows.scopes());
        updateRows(connection, Table.SCOPE_STATES, rows.scopeStates());
        deleteRows(connection, Table.SUBSCRIPTION, rows.emptied());
        deleteRows(connection, Table.OUTBOX, rows.dequeued());
        insertRows(connection, Table.OUTBOX, rows.queued());
    }

    void insertRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        batch(connection, insert(table), table.all(), rows);
    }

    /** Inserts rows, or puts them in the place of those with the same key. */
    void upsertRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        batch(connection, upsert(table), table.all(), rows);
    }

    /** As {@link #upsertRows}, where rows with the same key are hardly ever there. */
    void addNewRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        upsertRows(connection, table, rows);
    }

    /** Inserts rows, or adds their numbers to those with the same key. */
    void addRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        batch(connection, addTo(table), table.all(), rows);
    }

    /** Changes rows that are there; a row has its keys last. What is empty is set so, save the end of a hold. */
    void updateRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        String sql = "UPDATE " + prefix + table.name() + " SET "
                + table.values().stream()
                        .map(column -> column.name() + " = "
                                + (column.keptIfEmpty() ? "COALESCE(?, " + column.name() + ")" : "?"))
                        .collect(Collectors.joining(", "))
                + " WHERE " + Table.names(table.keys(), "", " = ?", " AND ");
        batch(connection, sql, table.keysLast(), rows);
    }

    void deleteRows(Connection connection, Table table, List<@Nullable Object[]> rows) throws SQLException {
        String sql =
                "DELETE FROM " + prefix + table.name() + " WHERE " + Table.names(table.keys(), "", " = ?", " AND ");
        batch(connection, sql, table.keys(), rows);
    }

    /** Runs a statement with one row of values for each of the rows. */
    void batch(Connection connection, String sql, List<Column> columns, List<@Nullable Object[]> rows)
            throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (@Nullable Object[] row : rows) {
                bind(statement, 1, columns, row);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Binds a row from a place on, and returns the place after it. */
    static int bind(PreparedStatement statement, int first, List<Column> columns, @Nullable Object[] row)
            throws SQLException {
        for (int i = 0; i < row.length; i++) {
            bind(statement, first + i, columns.get(i).kind(), row[i]);
        }
        return first + row.length;
    }

    static void bind(PreparedStatement statement, int at, Kind kind, @Nullable Object value) throws SQLException {
        if (value == null) {
            statement.setNull(at, kind == Kind.LONG ? Types.BIGINT : Types.VARCHAR);
        } else if (value instanceof Long number) {
            statement.setLong(at, number);
        } else {
            statement.setString(at, value.toString());
        }
    }

    /** Tells whether a statement inserts a row as it is. */
    static boolean inserts(String sql, List<Column> columns) {
        return sql.contains(" VALUES " + row(columns));
    }

    /** Returns a statement of one row as one of so many; more than one where it {@link #inserts}. */
    static String ofRows(String sql, List<Column> columns, int rows) {
        String one = row(columns);
        return rows == 1 ? sql : sql.replace(one, String.join(", ", Collections.nCopies(rows, one)));
    }

    static String row(List<Column> columns) {
        return "(" + Table.marks(columns.size()) + ")";
    }

    final String insert(Table table) {
        return "INSERT INTO " + prefix + table.name() + " (" + table.columnNames() + ") VALUES " + row(table.all());
    }

    /** Inserts rows, or puts them in the place of those with the same key. */
    String upsert(Table table) {
        return insert(table)
                + onConflict(table)
                + table.values().stream()
                        .map(column -> column.name() + " = excluded." + column.name())
                        .collect(Collectors.joining(", "));
    }

    /** Inserts rows, or adds their numbers to those with the same key. */
    String addTo(Table table) {
        return insert(table)
                + onConflict(table)
                + table.values().stream()
                        .map(column -> column.name() + " = " + prefix + table.name() + "." + column.name()
                                + " + excluded." + column.name())
                        .collect(Collectors.joining(", "));
    }

    static String onConflict(Table table) {
        return " ON CONFLICT (" + Table.names(table.keys(), "", "") + ") DO UPDATE SET ";
    }

    // ---- failures

    /** Tells whether a transaction failed only because others were at work, and certainly took no effect. */
    boolean contended(SQLException failure) {
        return "40001".equals(failure.getSQLState()) || taken(failure);
    }

    /** Tells whether another transaction wrote the same changes first, so that the key of the journal refused these. */
    boolean taken(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.startsWith("23");
    }

    /** Tells whether the connection is gone, or the server behind it. */
    boolean connectionLost(SQLException failure) {
        String state = failure.getSQLState();
        return failure instanceof java.sql.SQLNonTransientConnectionException
                || failure instanceof java.sql.SQLTransientConnectionException
                || failure instanceof java.sql.SQLRecoverableException
                || (state != null && state.startsWith("08"));
    }

    /** Tells whether a commit, or a statement that commits by itself, that failed so may have taken effect. */
    boolean ambiguous(SQLException failure) {
        return !contended(failure);
    }

    // ---- reading settings

    static String setting(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            String value = row.next() ? row.getString(row.getMetaData().getColumnCount()) : null;
            return value == null ? "" : value.toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A lane whose row is locked.
     *
     * @param row where it stands
     * @param next rows of its journal
     */
    record Locked(LaneRow row, List<JournalRow> next) {}

    /**
     * Where a lane stands.
     *
     * @param version the number of its last change
     * @param lastAt the time of its last change
     * @param base the version that the kept journal begins after
     * @param snapshot the version of its newest snapshot, or zero
     * @param now the time by the database
     */
    record LaneRow(long version, long lastAt, long base, long snapshot, long now) {
        /** Returns the latest snapshot there is, from which on the journal is whole. */
        Snapshots.Key opening() {
            return snapshot > base ? Snapshots.Key.newest(snapshot) : Snapshots.Key.base(base);
        }
    }
}
