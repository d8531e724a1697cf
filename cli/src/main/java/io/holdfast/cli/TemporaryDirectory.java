package io.holdfast.cli;

import io.holdfast.spi.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory that is deleted when it is no longer needed, also when the user ends the program. */
final class TemporaryDirectory implements AutoCloseable {
    private final Path path;
    private final boolean keep;
    private final Thread atExit = new Thread(this::delete);

    TemporaryDirectory(String prefix, boolean keep) {
        try {
            this.path = Files.createTempDirectory(prefix);
        } catch (IOException failed) {
            throw new StoreException("no temporary directory can be made: " + failed, failed);
        }
        this.keep = keep;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException endingAlready) {
            return;
        }
        delete();
    }

    private void delete() {
        if (keep) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        } catch (IOException left) {
            // A temporary directory that cannot be deleted is left to the system.
        }
    }
}
