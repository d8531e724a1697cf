package io.holdfast.store.jdbc;

import io.holdfast.spi.Durability;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;

/** MariaDB. */
final class MariaDbDialect extends Dialect {
    private static final int DEADLOCK = 1213;
    private static final int RECORD_CHANGED = 1020;
    private static final int LOCK_WAIT_TIMEOUT = 1205;

    MariaDbDialect(String prefix) {
        super(prefix);
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
        return super.contended(failure) || code == DEADLOCK || code == RECORD_CHANGED || code == LOCK_WAIT_TIMEOUT;
    }
}
