package io.holdfast.cli;

import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.StoreException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the ledger. */
final class StoreOption {
    private static final String JSON = "json:";
    private static final String JDBC = "jdbc:";
    private static final String SCHEMA_MODE = "holdfast.schema=";
    private static final String LEDGER_FILES = "{journal,snapshot}-*.jsonl";

    @Option(
            names = "--store",
            paramLabel = "URL",
            required = true,
            description = "The ledger: memory:, json:DIRECTORY, jdbc:h2:FILE, jdbc:sqlite:FILE, jdbc:postgresql:… or"
                    + " jdbc:mariadb:….")
    private String url = "";

    /** Opens the ledger, which begins empty if there is none. */
    LedgerStore open() {
        return open(url);
    }

    static LedgerStore open(String url) {
        return LedgerStores.open(url);
    }

    /** Opens a ledger that is there; to look at one must not make one. */
    LedgerStore openExisting() {
        return openExisting(url);
    }

    static LedgerStore openExisting(String url) {
        if (url.startsWith(JSON)) {
            requireLedger(url.substring(JSON.length()));
        }
        boolean creates = url.startsWith(JDBC) && !url.contains(SCHEMA_MODE);
        return open(creates ? url + ";" + SCHEMA_MODE + "expect" : url);
    }

    private static void requireLedger(String directory) {
        try {
            Path path = Path.of(directory);
            if (directory.isBlank() || !Files.isDirectory(path)) {
                if (Files.notExists(path)) {
                    throw new StoreException("there is no ledger '" + directory + "'", null);
                }
                return;
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(path, LEDGER_FILES)) {
                if (!files.iterator().hasNext()) {
                    throw new StoreException("there is no ledger in directory '" + directory + "'", null);
                }
            }
        } catch (InvalidPathException wrong) {
            // The store says what is wrong with it.
        } catch (IOException unreadable) {
            throw new StoreException("the ledger in '" + directory + "' cannot be read: " + unreadable, unreadable);
        }
    }
}
