package io.holdfast.store.json;

import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of one ledger and their names. */
final class LedgerDirectory {
    private static final Pattern SEGMENT = Pattern.compile("journal-([0-9]{8,18})\\.jsonl");
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot-([0-9]{8,18})\\.jsonl");
    private static final String UNFINISHED = ".tmp";

    private final Path path;
    private final StorageIo io;

    LedgerDirectory(Path path, StorageIo io) {
        this.path = path;
        this.io = io;
    }

    /** Segments and snapshots at one moment. */
    record Listing(NavigableSet<Long> segments, NavigableSet<Long> snapshots, List<String> names) {}

    Path path() {
        return path;
    }

    StorageIo io() {
        return io;
    }

    Path lock() {
        return path.resolve("lock");
    }

    Path synced() {
        return path.resolve("synced");
    }

    Path segment(long number) {
        return path.resolve(String.format("journal-%08d.jsonl", number));
    }

    Path snapshot(long number) {
        return path.resolve(String.format("snapshot-%08d.jsonl", number));
    }

    /** Returns where the bytes are kept that were cut off a segment. */
    Path cut(long number, long offset) {
        return path.resolve(String.format("journal-%08d.cut-%d", number, offset));
    }

    Listing list() throws IOException {
        Listing listing = new Listing(new TreeSet<>(), new TreeSet<>(), io.list(path));
        for (String name : listing.names) {
            Matcher segment = SEGMENT.matcher(name);
            if (segment.matches()) {
                listing.segments.add(Long.parseLong(segment.group(1)));
            }
            Matcher snapshot = SNAPSHOT.matcher(name);
            if (snapshot.matches()) {
                listing.snapshots.add(Long.parseLong(snapshot.group(1)));
            }
        }
        return listing;
    }

    /** Makes a file that is there as a whole or not at all, also after a loss of power. */
    void create(Path file, byte[] bytes, int length) throws IOException {
        Path unfinished = unfinished(file);
        try (StorageFile out = io.open(unfinished, StorageIo.Mode.WRITE)) {
            out.truncate(0);
            out.write(0, bytes, 0, length);
            out.force();
        }
        publish(file);
    }

    /** Gives a file that was written and forced as {@link #unfinished} its name. */
    void publish(Path file) throws IOException {
        io.atomicMove(unfinished(file), file);
        io.forceDirectory(path);
    }

    Path unfinished(Path file) {
        return file.resolveSibling(file.getFileName() + UNFINISHED);
    }

    /** Deletes what somebody who was killed has left unfinished; the caller has the lock for files of that name. */
    void deleteUnfinished(String prefix) throws IOException {
        for (String name : io.list(path)) {
            if (name.startsWith(prefix) && name.endsWith(UNFINISHED)) {
                io.delete(path.resolve(name));
            }
        }
    }
}
