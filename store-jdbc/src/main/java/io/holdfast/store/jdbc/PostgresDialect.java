package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import io.holdfast.store.jdbc.Table.Column;
import io.holdfast.store.jdbc.Table.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** PostgreSQL, where a whole batch is one statement: the guard, and whatever else is written if the guard matched. */
final class PostgresDialect extends Dialect {
    private static final String GUARDED = " WHERE EXISTS (SELECT 1 FROM guard)";

    private final Map<Integer, String> statements = new ConcurrentHashMap<>();

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
        List<Part> parts = new ArrayList<>();
        List<@Nullable Object[]> newHolds = set.newHolds();
        List<@Nullable Object[]> changedHolds = set.changedHolds();
        int shape = (newHolds.isEmpty() ? 0 : 1)
                + (changedHolds.isEmpty() ? 0 : 2)
                + (set.balances().isEmpty() ? 0 : 4)
                + (set.rollups().isEmpty() ? 0 : 8)
                + (set.scopes().isEmpty() ? 0 : 16)
                + (set.scopeStates().isEmpty() ? 0 : 32);
        parts.add(new Part(Table.JOURNAL.all(), set.journal()));
        parts.add(new Part(Table.HOLDS.all(), newHolds));
        parts.add(new Part(SETTLED, changedHolds));
        parts.add(new Part(Table.BALANCES.all(), set.balances()));
        parts.add(new Part(Table.ROLLUPS.all(), set.rollups()));
        parts.add(new Part(Table.SCOPES.all(), set.scopes()));
        parts.add(new Part(SCOPE_STATES, set.scopeStates()));
        String sql = statements.computeIfAbsent(shape, this::statement);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bindGuard(statement, set);
            int at = 5;
            for (Part part : parts) {
                if (!part.rows.isEmpty()) {
                    at = bind(connection, statement, at, part);
                }
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? new Written(true, row.getLong(1)) : Written.LOST;
            }
        }
    }

    /** Rows for one table. */
    private record Part(List<Column> columns, List<@Nullable Object[]> rows) {}

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

    private String statement(int shape) {
        StringBuilder sql = new StringBuilder("WITH guard AS (" + guardSql() + " RETURNING version)");
        sql.append(", journal AS (").append(insertAll(Table.JOURNAL)).append(')');
        if ((shape & 1) != 0) {
            sql.append(", holds AS (")
                    .append(insertAll(Table.HOLDS))
                    .append(onConflict(Table.HOLDS))
                    .append(replaced(Table.HOLDS))
                    .append(')');
        }
        if ((shape & 2) != 0) {
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
        if ((shape & 4) != 0) {
            sql.append(", balances AS (")
                    .append(insertAll(Table.BALANCES))
                    .append(onConflict(Table.BALANCES))
                    .append(replaced(Table.BALANCES))
                    .append(')');
        }
        if ((shape & 8) != 0) {
            sql.append(", rollups AS (")
                    .append(insertAll(Table.ROLLUPS))
                    .append(onConflict(Table.ROLLUPS))
                    .append(Table.ROLLUPS.values().stream()
                            .map(column -> column.name() + " = " + prefix + "rollups." + column.name() + " + excluded."
                                    + column.name())
                            .collect(Collectors.joining(", ")))
                    .append(')');
        }
        if ((shape & 16) != 0) {
            sql.append(", scopes AS (")
                    .append(insertAll(Table.SCOPES))
                    .append(onConflict(Table.SCOPES))
                    .append(replaced(Table.SCOPES))
                    .append(')');
        }
        if ((shape & 32) != 0) {
            sql.append(", removed AS (UPDATE ")
                    .append(prefix)
                    .append("scopes s SET state = u.state, updated_at_ms = u.updated_at_ms, seq = u.seq FROM ")
                    .append(unnest(SCOPE_STATES))
                    .append(GUARDED)
                    .append(" AND s.lane = u.lane AND s.name = u.name)");
        }
        return sql.append(" SELECT ").append(nowMillis()).append(" FROM guard").toString();
    }

    private String insertAll(Table table) {
        return "INSERT INTO " + prefix + table.name() + " (" + table.columnNames() + ") SELECT "
                + table.all().stream()
                        .map(column -> column.kind() == Kind.DATE
                                ? "CAST(u." + column.name() + " AS DATE)"
                                : "u." + column.name())
                        .collect(Collectors.joining(", "))
                + " FROM " + unnest(table.all()) + GUARDED;
    }

    private static String unnest(List<Column> columns) {
        return "unnest("
                + columns.stream()
                        .map(column -> column.kind() == Kind.LONG ? "CAST(? AS BIGINT[])" : "CAST(? AS TEXT[])")
                        .collect(Collectors.joining(", "))
                + ") AS u (" + Table.names(columns, "", "") + ")";
    }

    private static String replaced(Table table) {
        return table.values().stream()
                .map(column -> column.name() + " = excluded." + column.name())
                .collect(Collectors.joining(", "));
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
