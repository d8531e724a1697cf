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

    /** Reads the row of a lane. */
    LaneRow read(Connection connection, int lane) throws SQLException {
        return one(connection, laneSql(), lane);
    }

    private String laneSql() {
        return "SELECT version, last_at_ms, base_version, snapshot_version, " + nowMillis() + " FROM " + prefix
                + "lanes WHERE lane = ?";
    }

    private static LaneRow one(Connection connection, String sql, int lane) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, lane);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the table of lanes has no row for lane " + lane);
                }
                return new LaneRow(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5));
            }
        }
    }

    // ---- writing

    /** Returns whether {@link #write} is one statement, which then needs no transaction around it. */
    boolean oneStatement() {
        return false;
    }

    /**
     * Writes a batch if the lane still is at the version that the batch was decided on.
     *
     * @return when the lane had moved on, or can be told by the way, as the time of the database
     */
    Written write(Connection connection, WriteSet set) throws SQLException {
        if (!guard(connection, set)) {
            return Written.LOST;
        }
        batch(connection, insert(Table.JOURNAL), Table.JOURNAL.all(), set.journal());
        batch(connection, upsert(Table.HOLDS), Table.HOLDS.all(), set.newHolds());
        batch(connection, settle(), settleOrder(), set.changedHolds());
        batch(connection, upsert(Table.BALANCES), Table.BALANCES.all(), set.balances());
        batch(connection, addTo(Table.ROLLUPS), Table.ROLLUPS.all(), set.rollups());
        scopes(connection, set);
        batch(connection, delete(Table.SUBSCRIPTION), Table.SUBSCRIPTION.keys(), set.emptied());
        batch(connection, delete(Table.OUTBOX), Table.OUTBOX.keys(), set.dequeued());
        batch(connection, insert(Table.OUTBOX), Table.OUTBOX.all(), set.queued());
        return Written.DONE;
    }

    private String delete(Table table) {
        return "DELETE FROM " + prefix + table.name() + " WHERE " + Table.names(table.keys(), "", " = ?", " AND ");
    }

    final void scopes(Connection connection, WriteSet set) throws SQLException {
        batch(connection, upsert(Table.SCOPES), Table.SCOPES.all(), set.scopes());
        String sql =
                "UPDATE " + prefix + "scopes SET state = ?, updated_at_ms = ?, seq = ? WHERE lane = ? AND name = ?";
        List<Column> order = List.of(
                new Column("state", Kind.TEXT),
                new Column("updated_at_ms", Kind.LONG),
                new Column("seq", Kind.LONG),
                new Column("lane", Kind.LONG),
                new Column("name", Kind.TEXT));
        batch(connection, sql, order, set.scopeStates());
    }

    private boolean guard(Connection connection, WriteSet set) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(guardSql())) {
            bindGuard(statement, set);
            return statement.executeUpdate() == 1;
        }
    }

    final String guardSql() {
        return "UPDATE " + prefix + "lanes SET version = ?, last_at_ms = ? WHERE lane = ? AND version = ?";
    }

    static void bindGuard(PreparedStatement statement, WriteSet set) throws SQLException {
        statement.setLong(1, set.to());
        statement.setLong(2, set.lastAt());
        statement.setInt(3, set.lane());
        statement.setLong(4, set.from());
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

    private static void bind(PreparedStatement statement, int at, Kind kind, @Nullable Object value)
            throws SQLException {
        if (value == null) {
            statement.setNull(at, kind == Kind.LONG ? Types.BIGINT : Types.VARCHAR);
        } else if (value instanceof Long number) {
            statement.setLong(at, number);
        } else {
            statement.setString(at, value.toString());
        }
    }

    final String insert(Table table) {
        return "INSERT INTO " + prefix + table.name() + " (" + table.columnNames() + ") VALUES ("
                + Table.marks(table.all().size()) + ")";
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

    /** Changes holds; the key comes last among the parameters. */
    private String settle() {
        return "UPDATE " + prefix + "holds SET state = ?, expires_at_ms = COALESCE(?, expires_at_ms),"
                + " settled_at_ms = ?, booked_cost_nanos = ?, booked_input_tokens = ?, booked_output_tokens = ?,"
                + " booked_calls = ?, seq = ? WHERE lane = ? AND scope = ? AND hold_id = ?";
    }

    private static List<Column> settleOrder() {
        return java.util.stream.Stream.concat(Table.SETTLED.values().stream(), Table.SETTLED.keys().stream())
                .toList();
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

    /**
     * What came of writing a batch.
     *
     * @param matched whether the lane was at the version expected, and the batch was written
     * @param now the time by the database, if it came with the answer, or zero
     */
    record Written(boolean matched, long now) {
        static final Written LOST = new Written(false, 0);
        static final Written DONE = new Written(true, 0);
    }
}
