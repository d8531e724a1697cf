package io.holdfast.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The least that processes do which share a file and answer for what is on the disk: each operation locks, appends 200 bytes,
 * unlocks and syncs. It checks nothing, and reads nothing of what others wrote.
 */
final class AppendLoop implements AutoCloseable {
    private final ByteBuffer record = ByteBuffer.allocateDirect(SyncLoop.RECORD);
    private final FileChannel file;
    private final FileChannel lock;

    AppendLoop(Path directory) throws IOException {
        Files.createDirectories(directory);
        this.file = FileChannel.open(directory.resolve("records"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        this.lock = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    void append() throws IOException {
        try (FileLock held = lock.lock()) {
            if (!held.isValid()) {
                throw new IOException("the lock was lost");
            }
            record.clear();
            long end = file.size();
            while (record.hasRemaining()) {
                file.write(record, end + record.position());
            }
        }
        file.force(false);
    }

    long records() throws IOException {
        return file.size() / SyncLoop.RECORD;
    }

    @Override
    public void close() throws IOException {
        file.close();
        lock.close();
    }
}
