package io.holdfast.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Places for new ledgers, by the URLs that the library opens. */
final class Ledgers {
    private Ledgers() {}

    /**
     * A place with nothing in it.
     *
     * @param url where it is
     * @param drop removes it
     */
    record Empty(String url, Runnable drop) {}

    static Empty memory() {
        return new Empty("memory:", () -> {});
    }

    static Empty json() {
        Path directory = temporary();
        return new Empty("json:" + directory.resolve("ledger"), () -> delete(directory));
    }

    /** Returns a database whose tables are made when the library opens it. */
    static Empty of(Databases engine) {
        Empty database = Databases.fresh(engine);
        String separator = engine == Databases.H2 ? ";" : database.url().contains("?") ? "&" : "?";
        return new Empty(database.url() + separator + "holdfast.schema=if-missing", database.drop());
    }

    static Path temporary() {
        try {
            return Files.createTempDirectory("holdfast-benchmark-");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static void delete(Path directory) {
        delete(directory.toFile());
    }

    /** A server that is stopping takes away files of its own meanwhile. */
    private static void delete(File file) {
        File[] inside = file.listFiles();
        for (File each : inside == null ? new File[0] : inside) {
            delete(each);
        }
        if (!file.delete()) {
            file.deleteOnExit();
        }
    }
}
