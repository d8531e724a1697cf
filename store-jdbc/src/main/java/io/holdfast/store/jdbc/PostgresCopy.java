package io.holdfast.store.jdbc;

import io.holdfast.store.jdbc.Table.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Rows written by COPY, for half of what an INSERT costs the server. Nothing else here names the driver. */
final class PostgresCopy {
    private PostgresCopy() {}

    /**
     * Tells whether the driver of a connection can copy.
     *
     * @throws NoClassDefFoundError if the usual driver is not there at all
     */
    static boolean possible(Connection connection) throws SQLException {
        return connection.isWrapperFor(PGConnection.class);
    }

    /** Inserts rows, each with a value, or nothing, for each of the columns. The server reads while the rest is written. */
    static void into(Connection connection, String table, List<Column> columns, List<@Nullable Object[]> rows)
            throws SQLException {
        boolean[] used = Table.used(columns.size(), rows);
        String sql = "COPY " + table + " (" + Table.names(Table.only(columns, used), "", "")
                + ") FROM STDIN WITH (ENCODING 'UTF8')";
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        try {
            CopyText text = new CopyText(used, copy::writeToCopy);
            for (@Nullable Object[] row : rows) {
                text.add(row);
            }
            text.end();
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }
}
