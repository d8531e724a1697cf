package io.holdfast.benchmark;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * What pgbench does: clients with a connection each, one prepared UPDATE of the hot row per call and transaction, and no wait
 * for the disk. An acknowledged call may be lost with the power.
 */
final class CallLoop implements Subject {
    private static final long CAP = Long.MAX_VALUE / 2;

    private final Ledgers.Empty database = Databases.fresh(Databases.POSTGRESQL);
    private final List<Connection> clients = new ArrayList<>();
    private final LongAdder done = new LongAdder();

    CallLoop(int clients) throws SQLException {
        for (int i = 0; i < clients; i++) {
            Connection connection = DriverManager.getConnection(database.url());
            this.clients.add(connection);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET synchronous_commit = off");
                if (i == 0) {
                    statement.execute("CREATE TABLE counters (id BIGINT PRIMARY KEY, used BIGINT)");
                    statement.execute("INSERT INTO counters VALUES (1, 0)");
                }
            }
        }
    }

    @Override
    public double run(Duration time) throws Exception {
        List<PreparedStatement> adds = new ArrayList<>();
        try {
            return Crew.run(clients.size(), time, () -> {
                PreparedStatement add = clients.get(adds.size())
                        .prepareStatement("UPDATE counters SET used = used + 1 WHERE id = 1 AND used + 1 <= " + CAP);
                adds.add(add);
                return () -> {
                    long start = System.nanoTime();
                    int admitted = add.executeUpdate();
                    long nanos = System.nanoTime() - start;
                    done.add(admitted);
                    return new Crew.Done(admitted, nanos);
                };
            });
        } finally {
            for (PreparedStatement add : adds) {
                add.close();
            }
        }
    }

    @Override
    public void audit() throws SQLException {
        try (Statement statement = clients.get(0).createStatement();
                ResultSet used = statement.executeQuery("SELECT used FROM counters")) {
            used.next();
            Audit.equal("calls", used.getLong(1), done.sum());
        }
    }

    @Override
    public void close() {
        try {
            for (Connection client : clients) {
                client.close();
            }
        } catch (SQLException closing) {
            throw new IllegalStateException(closing);
        } finally {
            database.drop().run();
        }
    }
}
