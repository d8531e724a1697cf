package io.holdfast.benchmark;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** The limit of a database: one connection that adds to one row and inserts so many rows, in one transaction after another. */
final class RowsLoop implements Subject {
    private final Ledgers.Empty database = Databases.fresh(Databases.POSTGRESQL);
    private final Connection connection;
    private final int rows;

    RowsLoop(int rows) throws SQLException {
        this.rows = rows;
        this.connection = DriverManager.getConnection(database.url());
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE counters (id BIGINT PRIMARY KEY, used BIGINT)");
            statement.execute("CREATE TABLE calls (id BIGSERIAL PRIMARY KEY, scope BIGINT, cost BIGINT)");
            statement.execute("INSERT INTO counters VALUES (1, 0)");
        }
        connection.setAutoCommit(false);
    }

    @Override
    public double run(Duration time) throws Exception {
        try (PreparedStatement add = connection.prepareStatement("UPDATE counters SET used = used + ? WHERE id = 1");
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO calls (scope, cost) SELECT 1, 1 FROM generate_series(1, ?)")) {
            return Crew.run(1, time, () -> () -> {
                long start = System.nanoTime();
                add.setLong(1, rows);
                add.executeUpdate();
                insert.setInt(1, rows);
                insert.executeUpdate();
                connection.commit();
                return new Crew.Done(rows, System.nanoTime() - start);
            });
        }
    }

    @Override
    public void audit() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet sums =
                        statement.executeQuery("SELECT (SELECT used FROM counters), (SELECT SUM(cost) FROM calls)")) {
            sums.next();
            Audit.equal("calls", sums.getLong(1), sums.getLong(2));
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException closing) {
            throw new IllegalStateException(closing);
        } finally {
            database.drop().run();
        }
    }
}
