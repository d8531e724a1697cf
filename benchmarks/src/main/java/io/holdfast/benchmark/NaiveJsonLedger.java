package io.holdfast.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The ledger that scripts write, corrected until it loses nothing: one JSON file of sessions; each operation locks, reads it
 * all, adds, writes a new file, syncs it and renames it into place.
 */
final class NaiveJsonLedger implements AutoCloseable {
    private final ObjectMapper json = new ObjectMapper();
    private final Path file;
    private final FileChannel lock;

    NaiveJsonLedger(Path directory) throws IOException {
        Files.createDirectories(directory);
        this.file = directory.resolve("ledger.json");
        this.lock = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** Adds to a session unless that would pass the limit. */
    synchronized boolean add(String session, long amount, long limit) throws IOException {
        try (FileLock held = lock.lock()) {
            if (!held.isValid()) {
                throw new IOException("the lock was lost");
            }
            ObjectNode sessions = read();
            long spent = sessions.path(session).asLong();
            if (spent + amount > limit) {
                return false;
            }
            sessions.put(session, spent + amount);
            write(sessions);
            return true;
        }
    }

    long total() throws IOException {
        long total = 0;
        for (var each : read()) {
            total += each.asLong();
        }
        return total;
    }

    private ObjectNode read() throws IOException {
        return Files.exists(file) ? (ObjectNode) json.readTree(Files.readAllBytes(file)) : json.createObjectNode();
    }

    private void write(ObjectNode sessions) throws IOException {
        Path fresh = file.resolveSibling("ledger.json.new");
        try (FileChannel out = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(json.writeValueAsBytes(sessions));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
