package io.holdfast.store.jdbc;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server: the one that HOLDFAST_TEST_POSTGRESQL_URL names, or one of our own. */
final class PostgresServer {
    private static @Nullable PostgresServer shared;

    private final String admin;

    private PostgresServer(String admin) {
        this.admin = admin;
    }

    static synchronized PostgresServer shared() {
        if (shared == null) {
            String url = System.getenv("HOLDFAST_TEST_POSTGRESQL_URL");
            shared = new PostgresServer(url != null ? url : start());
        }
        return shared;
    }

    private static String start() {
        Path directory = TestServer.temporary();
        EmbeddedPostgres server = start(directory, 0);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, directory)));
        return server.getJdbcUrl("postgres", "postgres");
    }

    private static EmbeddedPostgres start(Path directory, int port) {
        try {
            return EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
                    .setDataDirectory(directory.resolve("data"))
                    .setCleanDataDirectory(false)
                    .setPort(port)
                    .setPGStartupWait(Duration.ofSeconds(120))
                    .setServerConfig("max_connections", "200")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("fsync", "on")
                    .start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void stop(EmbeddedPostgres server, Path directory) {
        try {
            server.close();
        } catch (IOException stopping) {
            throw new UncheckedIOException(stopping);
        } finally {
            TestServer.delete(directory);
        }
    }

    /** Returns a server of one test's own, which may be killed. */
    static KilledServerTest.Server own() {
        Path directory = TestServer.temporary();
        AtomicReference<EmbeddedPostgres> server = new AtomicReference<>(start(directory, 0));
        int port = server.get().getPort();
        return new KilledServerTest.Server() {
            @Override
            public String url() {
                return server.get().getJdbcUrl("postgres", "postgres");
            }

            /** The others notice that their parent is gone, and go too. */
            @Override
            public void kill() {
                try {
                    String pid = Files.readAllLines(directory.resolve("data").resolve("postmaster.pid"))
                            .get(0);
                    ProcessHandle postmaster =
                            ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
                    List<ProcessHandle> all = postmaster.descendants().toList();
                    postmaster.destroyForcibly();
                    all.forEach(ProcessHandle::destroyForcibly);
                    postmaster.onExit().join();
                    all.forEach(each -> each.onExit().join());
                    // Gives up the lock on the directory; there is nothing left to stop.
                    server.get().close();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }

            @Override
            public void startAgain() {
                server.set(start(directory, port));
            }

            @Override
            public void close() {
                stop(server.get(), directory);
            }
        };
    }

    /** Returns a schema of its own, which is quicker to make than a database. */
    TestDatabase fresh() {
        String name = TestServer.freshName();
        run("CREATE SCHEMA " + name);
        return new TestDatabase(
                admin + (admin.contains("?") ? "&" : "?") + "currentSchema=" + name,
                () -> run("DROP SCHEMA IF EXISTS " + name + " CASCADE"));
    }

    private void run(String sql) {
        try (Connection connection = DriverManager.getConnection(admin);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failure) {
            throw new IllegalStateException(sql, failure);
        }
    }
}
