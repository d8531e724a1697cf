package io.holdfast.evidence;

import io.holdfast.internal.MemoryStore;
import io.holdfast.spi.LedgerStore;
import io.holdfast.store.jdbc.TestLedgers;
import io.holdfast.store.json.JsonStore;
import io.holdfast.tck.LedgerLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.stream.Stream;

/** Every store there is. */
public enum Stores {
    /** In memory. */
    MEMORY,
    /** In JSON files. */
    JSON,
    /** In H2. */
    H2,
    /** In SQLite. */
    SQLITE,
    /** In PostgreSQL. */
    POSTGRESQL,
    /** In MariaDB. */
    MARIADB;

    /**
     * Returns a place for a ledger.
     *
     * @return an empty one, to be closed
     */
    public LedgerLocation location() {
        return switch (this) {
            case MEMORY -> MemoryStore::new;
            case JSON -> new InFiles();
            default -> TestLedgers.location(name());
        };
    }

    /** Tells whether a ledger of this kind can be opened twice, and closed and opened again. */
    boolean durable() {
        return this != MEMORY;
    }

    private static final class InFiles implements LedgerLocation {
        private final Path directory;

        InFiles() {
            try {
                directory = Files.createTempDirectory("holdfast-evidence-");
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public LedgerStore open(InstantSource clock) {
            return JsonStore.open(directory, clock);
        }

        @Override
        public void close() {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
