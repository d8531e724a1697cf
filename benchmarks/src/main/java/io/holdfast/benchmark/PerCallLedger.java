package io.holdfast.benchmark;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The ledger as one writes it first: for each call a transaction that locks the row of six counters, checks them, adds to them
 * and inserts a hold.
 */
final class PerCallLedger implements Subject {
    private static final int POOL = 16;
    private static final long CAP = Long.MAX_VALUE / 2;

    private final Ledgers.Empty database;
    private final HikariDataSource source;
    private final Databases engine;
    private final AtomicLong holds = new AtomicLong();
    private final SplittableRandom random;
    private final int threads;
    private final int scopes;

    PerCallLedger(Databases engine, int threads, int scopes, SplittableRandom random) throws SQLException {
        this.random = random;
        this.engine = engine;
        this.threads = threads;
        this.scopes = scopes;
        this.database = Databases.fresh(engine);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.url());
        // SQLite has one writer: the others wait better for the connection than for its lock.
        config.setMaximumPoolSize(engine == Databases.SQLITE ? 1 : POOL);
        config.setConnectionTimeout(Duration.ofMinutes(5).toMillis());
        config.setAutoCommit(false);
        this.source = new HikariDataSource(config);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE counters (id BIGINT PRIMARY KEY, a BIGINT, b BIGINT, c BIGINT, d BIGINT,"
                    + " e BIGINT, f BIGINT)");
            statement.execute("CREATE TABLE calls (id BIGINT PRIMARY KEY, scope BIGINT, cost BIGINT)");
            for (int i = 0; i < scopes; i++) {
                statement.execute("INSERT INTO counters VALUES (" + i + ", 0, 0, 0, 0, 0, 0)");
            }
            connection.commit();
        }
    }

    @Override
    public double run(Duration time) throws Exception {
        return Crew.run(threads, time, () -> {
            SplittableRandom own = random.split();
            return () -> {
                long scope = own.nextInt(scopes);
                long start = System.nanoTime();
                reserve(scope, 3);
                return new Crew.Done(1, System.nanoTime() - start);
            };
        });
    }

    private void reserve(long scope, long cost) throws SQLException {
        String lock = engine == Databases.SQLITE ? "" : " FOR UPDATE";
        try (Connection connection = source.getConnection();
                PreparedStatement read =
                        connection.prepareStatement("SELECT a, b, c, d, e, f FROM counters WHERE id = ?" + lock);
                PreparedStatement add = connection.prepareStatement(
                        "UPDATE counters SET a = a + ?, b = b + ?, c = c + ?, d = d + ?, e = e + ?, f = f + ?"
                                + " WHERE id = ?");
                PreparedStatement hold = connection.prepareStatement("INSERT INTO calls VALUES (?, ?, ?)")) {
            read.setLong(1, scope);
            try (ResultSet counters = read.executeQuery()) {
                counters.next();
                for (int i = 1; i <= 6; i++) {
                    if (counters.getLong(i) + cost > CAP) {
                        throw new IllegalStateException("refused");
                    }
                }
            }
            for (int i = 1; i <= 6; i++) {
                add.setLong(i, cost);
            }
            add.setLong(7, scope);
            add.executeUpdate();
            hold.setLong(1, holds.incrementAndGet());
            hold.setLong(2, scope);
            hold.setLong(3, cost);
            hold.executeUpdate();
            connection.commit();
        }
    }

    @Override
    public void audit() throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet sums =
                        statement.executeQuery("SELECT (SELECT SUM(a) FROM counters), (SELECT SUM(cost) FROM calls)")) {
            sums.next();
            if (sums.getLong(1) != sums.getLong(2) || sums.getLong(2) != 3 * holds.get()) {
                throw new IllegalStateException(sums.getLong(1) + " counted, " + sums.getLong(2) + " held");
            }
        }
    }

    @Override
    public void close() {
        source.close();
        database.drop().run();
    }
}
