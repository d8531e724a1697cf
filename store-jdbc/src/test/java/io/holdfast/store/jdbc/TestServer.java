package io.holdfast.store.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The real engines: in process, or started once for all tests of this JVM. */
public enum TestServer {
    H2 {
        @Override
        public TestDatabase fresh() {
            Path directory = temporary();
            return new TestDatabase(
                    "jdbc:h2:file:" + directory.resolve("ledger") + ";WRITE_DELAY=0", () -> delete(directory));
        }
    },
    SQLITE {
        @Override
        public TestDatabase fresh() {
            Path directory = temporary();
            return new TestDatabase(
                    "jdbc:sqlite:" + directory.resolve("ledger.db")
                            + "?journal_mode=WAL&synchronous=FULL&busy_timeout=20000",
                    () -> delete(directory));
        }
    },
    POSTGRESQL {
        @Override
        public TestDatabase fresh() {
            return PostgresServer.shared().fresh();
        }
    },
    MARIADB {
        @Override
        public TestDatabase fresh() {
            return MariaDbServer.shared().fresh();
        }
    };

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Returns an empty database. */
    public abstract TestDatabase fresh();

    static String freshName() {
        return "t" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
    }

    static Path temporary() {
        try {
            return Files.createTempDirectory("holdfast-jdbc-");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
