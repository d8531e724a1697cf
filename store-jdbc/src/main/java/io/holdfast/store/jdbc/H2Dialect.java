package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import io.holdfast.store.jdbc.Table.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.stream.Collectors;

/** H2. */
final class H2Dialect extends Dialect {
    private static final int CONCURRENT_UPDATE = 90131;
    private static final int LOCK_TIMEOUT = 50200;
    private static final int DATABASE_CLOSED = 90121;
    private static final int CONNECTION_BROKEN = 90067;
    private static final int CLOSED_BY_INTERRUPT = 90098;

    H2Dialect(String prefix) {
        super(prefix);
    }

    /** A commit is on its way to the disk at once only without a write delay; never is the disk told to keep it. */
    @Override
    Durability durability(Connection connection) throws SQLException {
        String file = setting(connection, "SELECT DATABASE_PATH()");
        String delay = setting(
                connection, "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'");
        return !file.isEmpty() && delay.equals("0") ? Durability.PROCESS : Durability.NONE;
    }

    @Override
    boolean shared(Connection connection) throws SQLException {
        String url = connection.getMetaData().getURL().toLowerCase(Locale.ROOT);
        return url.startsWith("jdbc:h2:tcp:") || url.startsWith("jdbc:h2:ssl:");
    }

    @Override
    String nowMillis() {
        return "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(3)) * 1000 AS BIGINT)";
    }

    @Override
    String upsert(Table table) {
        return "MERGE INTO " + prefix + table.name() + " (" + table.columnNames() + ") KEY ("
                + Table.names(table.keys(), "", "") + ") VALUES " + row(table.all());
    }

    @Override
    String addTo(Table table) {
        String typed = table.all().stream()
                .map(column -> "CAST(? AS "
                        + switch (column.kind()) {
                            case LONG -> "BIGINT)";
                            case TEXT -> "VARCHAR)";
                            case DATE -> "DATE)";
                        })
                .collect(Collectors.joining(", "));
        String same = table.keys().stream()
                .map(column -> "t." + column.name() + " = s." + column.name())
                .collect(Collectors.joining(" AND "));
        String sums = table.values().stream()
                .filter(column -> column.kind() == Kind.LONG)
                .map(column -> column.name() + " = t." + column.name() + " + s." + column.name())
                .collect(Collectors.joining(", "));
        return "MERGE INTO " + prefix + table.name() + " t USING (VALUES (" + typed + ")) s (" + table.columnNames()
                + ") ON " + same + " WHEN MATCHED THEN UPDATE SET " + sums + " WHEN NOT MATCHED THEN INSERT ("
                + table.columnNames() + ") VALUES (" + Table.names(table.all(), "s.", "") + ")";
    }

    @Override
    boolean contended(SQLException failure) {
        return super.contended(failure)
                || failure.getErrorCode() == CONCURRENT_UPDATE
                || failure.getErrorCode() == LOCK_TIMEOUT;
    }

    @Override
    boolean connectionLost(SQLException failure) {
        return super.connectionLost(failure)
                || failure.getErrorCode() == DATABASE_CLOSED
                || failure.getErrorCode() == CONNECTION_BROKEN
                || failure.getErrorCode() == CLOSED_BY_INTERRUPT;
    }
}
