package io.holdfast.benchmark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** The limit of a journal: append so many records of 200 bytes, sync, and again. */
final class SyncLoop implements Subject {
    /** The bytes of a record. */
    static final int RECORD = 200;

    private final Path file = Files.createTempFile("holdfast-benchmark-", ".sync");
    private final FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE);
    private final int batch;

    SyncLoop(int batch) throws IOException {
        this.batch = batch;
    }

    @Override
    public double run(Duration time) throws Exception {
        ByteBuffer records = ByteBuffer.allocateDirect(RECORD * batch);
        return Crew.run(1, time, () -> () -> {
            long start = System.nanoTime();
            records.clear();
            while (records.hasRemaining()) {
                out.write(records);
            }
            out.force(false);
            return new Crew.Done(batch, System.nanoTime() - start);
        });
    }

    @Override
    public void audit() {
        // There is nothing to add up.
    }

    @Override
    public void close() throws IOException {
        out.close();
        Files.delete(file);
    }
}
