package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import io.holdfast.store.jdbc.Table.Column;
import io.holdfast.store.jdbc.Table.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** PostgreSQL, where a whole batch is one statement: the guard, and whatever else is written if the guard matched. */
final class PostgresDialect extends Dialect {
    private static final String GUARDED = " WHERE EXISTS (SELECT 1 FROM guard)";

    private final Map<List<Long>, String> statements = new ConcurrentHashMap<>();

    PostgresDialect(String prefix) {
        super(prefix);
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
    boolean oneStatement() {
        return true;
    }

    @Override
    Written write(Connection connection, WriteSet set) throws SQLException {
        List<Part> parts = List.of(
                Part.ofUsed(Table.JOURNAL.all(), set.journal()),
                Part.ofUsed(Table.HOLDS.all(), set.newHolds()),
                Part.of(SETTLED, set.changedHolds()),
                Part.ofUsed(Table.BALANCES.all(), set.balances()),
                Part.of(Table.ROLLUPS.all(), set.rollups()),
                Part.ofUsed(Table.SCOPES.all(), set.scopes()),
                Part.of(SCOPE_STATES, set.scopeStates()),
                Part.of(Table.SUBSCRIPTION.keys(), set.emptied()),
                Part.of(Table.OUTBOX.keys(), set.dequeued()),
                Part.ofUsed(Table.OUTBOX.all(), set.queued()));
        String sql = statements.computeIfAbsent(parts.stream().map(Part::used).toList(), this::statement);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bindGuard(statement, set);
            int at = 5;
            for (Part part : parts) {
                at = bind(connection, statement, at, part);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? new Written(true, row.getLong(1)) : Written.LOST;
            }
        }
    }

    /**
     * Rows for one table.
     *
     * @param columns the columns of the rows
     * @param rows the rows
     * @param used a bit for each column that is written; none without rows
     */
    private record Part(List<Column> columns, List<@Nullable Object[]> rows, long used) {
        static Part of(List<Column> columns, List<@Nullable Object[]> rows) {
            return new Part(columns, rows, rows.isEmpty() ? 0 : (1L << columns.size()) - 1);
        }

        /** Leaves out the columns that are empty in every row, as most are in most batches. */
        static Part ofUsed(List<Column> columns, List<@Nullable Object[]> rows) {
            long used = 0;
            for (@Nullable Object[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    used |= row[i] == null ? 0 : 1L << i;
                }
            }
            return new Part(columns, rows, used);
        }
    }

    private static List<Column> used(List<Column> columns, long used) {
        return IntStream.range(0, columns.size())
                .filter(i -> (used >> i & 1) != 0)
                .mapToObj(columns::get)
                .toList();
    }

    private static final List<Column> SETTLED = java.util.stream.Stream.concat(
                    Table.SETTLED.values().stream(), Table.SETTLED.keys().stream())
            .toList();

    private static final List<Column> SCOPE_STATES = List.of(
            new Column("state", Kind.TEXT),
            new Column("updated_at_ms", Kind.LONG),
            new Column("seq", Kind.LONG),
            new Column("lane", Kind.LONG),
            new Column("name", Kind.TEXT));

    private static int bind(Connection connection, PreparedStatement statement, int first, Part part)
            throws SQLException {
        int at = first;
        int size = part.rows.size();
        for (int column = 0; column < part.columns.size(); column++) {
            if ((part.used >> column & 1) == 0) {
                continue;
            }
            if (part.columns.get(column).kind() == Kind.LONG) {
                @Nullable Long[] values = new Long[size];
                for (int i = 0; i < size; i++) {
                    values[i] = (Long) part.rows.get(i)[column];
                }
                statement.setArray(at++, connection.createArrayOf("int8", values));
            } else {
                @Nullable String[] values = new String[size];
                for (int i = 0; i < size; i++) {
                    values[i] = (String) part.rows.get(i)[column];
                }
                statement.setArray(at++, connection.createArrayOf("text", values));
            }
        }
        return at;
    }

    /** Returns the statement for parts of which these columns are used. */
    private String statement(List<Long> used) {
        StringBuilder sql = new StringBuilder("WITH guard AS (" + guardSql() + " RETURNING version)");
        sql.append(", journal AS (")
                .append(insertAll(Table.JOURNAL, used.get(0)))
                .append(')');
        if (used.get(1) != 0) {
            sql.append(", holds AS (")
                    .append(upsertAll(Table.HOLDS, used.get(1)))
                    .append(')');
        }
        if (used.get(2) != 0) {
            sql.append(", settled AS (UPDATE ")
                    .append(prefix)
                    .append("holds h SET state = u.state, expires_at_ms = COALESCE(u.expires_at_ms, h.expires_at_ms),"
                            + " settled_at_ms = u.settled_at_ms, booked_cost_nanos = u.booked_cost_nanos,"
                            + " booked_input_tokens = u.booked_input_tokens,"
                            + " booked_output_tokens = u.booked_output_tokens, booked_calls = u.booked_calls,"
                            + " seq = u.seq FROM ")
                    .append(unnest(SETTLED))
                    .append(GUARDED)
                    .append(" AND h.lane = u.lane AND h.scope = u.scope AND h.hold_id = u.hold_id)");
        }
        if (used.get(3) != 0) {
            sql.append(", balances AS (")
                    .append(upsertAll(Table.BALANCES, used.get(3)))
                    .append(')');
        }
        if (used.get(4) != 0) {
            sql.append(", rollups AS (")
                    .append(insertAll(Table.ROLLUPS, used.get(4)))
                    .append(onConflict(Table.ROLLUPS))
                    .append(Table.ROLLUPS.values().stream()
                            .map(column -> column.name() + " = " + prefix + "rollups." + column.name() + " + excluded."
                                    + column.name())
                            .collect(Collectors.joining(", ")))
                    .append(')');
        }
        if (used.get(5) != 0) {
            sql.append(", scopes AS (")
                    .append(upsertAll(Table.SCOPES, used.get(5)))
                    .append(')');
        }
        if (used.get(6) != 0) {
            sql.append(", removed AS (UPDATE ")
                    .append(prefix)
                    .append("scopes s SET state = u.state, updated_at_ms = u.updated_at_ms, seq = u.seq FROM ")
                    .append(unnest(SCOPE_STATES))
                    .append(GUARDED)
                    .append(" AND s.lane = u.lane AND s.name = u.name)");
        }
        if (used.get(7) != 0) {
            sql.append(", emptied AS (").append(deleteAll(Table.SUBSCRIPTION)).append(')');
        }
        if (used.get(8) != 0) {
            sql.append(", dequeued AS (").append(deleteAll(Table.OUTBOX)).append(')');
        }
        if (used.get(9) != 0) {
            sql.append(", queued AS (")
                    .append(insertAll(Table.OUTBOX, used.get(9)))
                    .append(')');
        }
        return sql.append(" SELECT ").append(nowMillis()).append(" FROM guard").toString();
    }

    /** Inserts rows, or puts them in the place of those with the same key; what is left out becomes empty either way. */
    private String upsertAll(Table table, long used) {
        return insertAll(table, used)
                + onConflict(table)
                + table.values().stream()
                        .map(column -> column.name() + " = excluded." + column.name())
                        .collect(Collectors.joining(", "));
    }

    private String insertAll(Table table, long used) {
        List<Column> columns = used(table.all(), used);
        return "INSERT INTO " + prefix + table.name() + " (" + Table.names(columns, "", "") + ") SELECT "
                + columns.stream()
                        .map(column -> column.kind() == Kind.DATE
                                ? "CAST(u." + column.name() + " AS DATE)"
                                : "u." + column.name())
                        .collect(Collectors.joining(", "))
                + " FROM " + unnest(columns) + GUARDED;
    }

    private String deleteAll(Table table) {
        return "DELETE FROM " + prefix + table.name() + " o USING " + unnest(table.keys()) + GUARDED
                + table.keys().stream()
                        .map(column -> " AND o." + column.name() + " = u." + column.name())
                        .collect(Collectors.joining());
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
        return super.contended(failure) || "40P01".equals(state) || "55P03".equals(state);
    }

    @Override
    boolean connectionLost(SQLException failure) {
        String state = failure.getSQLState();
        return super.connectionLost(failure) || (state != null && state.startsWith("57P"));
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
