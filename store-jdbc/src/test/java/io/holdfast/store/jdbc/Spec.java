package io.holdfast.store.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.LedgerStore;
import io.holdfast.tck.LedgerLocation;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A way to open a ledger.
 *
 * @param name for people
 * @param server where it is
 * @param pool how many connections
 * @param autoCommit whether connections come committing by themselves
 * @param prefix of the tables
 * @param manualClock whether the test turns the clock
 */
record Spec(String name, TestServer server, int pool, boolean autoCommit, String prefix, boolean manualClock) {
    private static final Map<Spec, Queue<HikariDataSource>> WIPED = new ConcurrentHashMap<>();

    static Spec of(TestServer server) {
        return new Spec("", server, 4, true, "holdfast_", false);
    }

    Spec named(String other) {
        return new Spec(other, server, pool, autoCommit, prefix, manualClock);
    }

    Spec pool(int size) {
        return new Spec(name, server, size, autoCommit, prefix, manualClock);
    }

    Spec withoutAutoCommit() {
        return new Spec(name, server, pool, false, prefix, manualClock);
    }

    Spec prefix(String other) {
        return new Spec(name, server, pool, autoCommit, other, manualClock);
    }

    Spec onManualClock() {
        return new Spec(name, server, pool, autoCommit, prefix, true);
    }

    /** A ledger without anything in it, in tables that are made once: to make them takes most engines longer than a test. */
    LedgerLocation location() {
        Queue<HikariDataSource> wiped = WIPED.computeIfAbsent(this, made -> new ConcurrentLinkedQueue<>());
        HikariDataSource known = wiped.poll();
        HikariDataSource source = known == null ? prepared(this) : known;
        return new LedgerLocation() {
            @Override
            public LedgerStore open(InstantSource clock) {
                return JdbcStore.open(source, options(clock), true, () -> {});
            }

            @Override
            public void close() {
                wipe(source);
                wiped.add(source);
            }
        };
    }

    private static HikariDataSource prepared(Spec spec) {
        TestDatabase database = spec.server.fresh();
        HikariDataSource source = spec.source(database.url());
        if (spec.server == TestServer.H2 || spec.server == TestServer.SQLITE) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                source.close();
                database.drop();
            }));
        }
        return source;
    }

    private void wipe(HikariDataSource source) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String table :
                    List.of("journal", "charges", "holds", "balances", "rollups", "scopes", "outbox", "snapshots")) {
                statement.executeUpdate("DELETE FROM " + prefix + table);
            }
            statement.executeUpdate("UPDATE " + prefix
                    + "lanes SET version = 0, last_at_ms = 0, base_version = 0, snapshot_version = 0");
            statement.executeUpdate("UPDATE " + prefix + "shown SET version = 0");
            connection.commit();
            connection.setAutoCommit(autoCommit);
        } catch (SQLException failure) {
            throw new AssertionError(failure);
        }
    }

    JdbcStore open(TestDatabase database, InstantSource clock) {
        HikariDataSource source = source(database.url());
        return JdbcStore.open(source, options(clock), true, source::close);
    }

    private JdbcOptions options(InstantSource clock) {
        JdbcOptions options = JdbcOptions.ofDefaults()
                .withSchema(SchemaMode.IF_MISSING)
                .withPrefix(prefix)
                .withPatience(Duration.ofSeconds(30));
        return manualClock ? options.withClock(clock) : options;
    }

    HikariDataSource source(String url) {
        return source(url, null);
    }

    HikariDataSource source(String url, @Nullable String isolation) {
        HikariConfig config = new HikariConfig();
        config.setTransactionIsolation(isolation);
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(pool);
        config.setMinimumIdle(1);
        config.setAutoCommit(autoCommit);
        config.setConnectionTimeout(20_000);
        return new HikariDataSource(config);
    }

    @Override
    public String toString() {
        return server + (name.isEmpty() ? "" : ", " + name);
    }
}
