package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one segment of the journal from its start, as far as others have written it, and goes on from there when asked
 * again. It gives whole batches only: what a writer has not finished, or took back, is never seen. Each time it first
 * looks whether the line it read last is still there.
 */
final class SegmentReader implements Closeable {
    private static final int SMALL = 8 * 1024;
    private static final int LARGE = 64 * 1024;
    private static final JsonFactory FACTORY = new JsonFactory();

    private final Path path;
    private final StorageFile file;
    private final Header header;
    private final Line frame = new Line();
    private final ChangeReader changes = new ChangeReader();
    private final List<Change> batch = new ArrayList<>();
    private byte[] buffer = new byte[SMALL];
    private int[] ends = new int[64];
    private int[] crcs = new int[64];
    private long position;
    private int crc;
    private long synced;
    private boolean closed;
    private boolean damaged;

    /** Why there is no more to read. */
    enum End {
        /** The file ends with the last batch. */
        UP_TO_DATE,
        /** The segment is complete. */
        CLOSED,
        /** What comes next is no whole batch: it is being written, its writer was killed, or it is damaged. */
        UNREADABLE,
        /** The last batch is no longer there. */
        REPLACED
    }

    private SegmentReader(Path path, StorageFile file, long segment) throws IOException {
        this.path = path;
        this.file = file;
        int length = file.read(0, buffer, 0, Header.LONGEST);
        this.header = Header.read(path, Header.JOURNAL, segment, buffer, length);
        this.position = Line.end(buffer, 0, length);
        this.crc = (int) Line.written(buffer, 0, (int) position);
    }

    static SegmentReader open(LedgerDirectory directory, long segment, StorageIo.Mode mode) throws IOException {
        Path path = directory.segment(segment);
        StorageFile file = directory.io().open(path, mode);
        try {
            return new SegmentReader(path, file, segment);
        } catch (IOException | RuntimeException failure) {
            file.close();
            throw failure;
        }
    }

    Path path() {
        return path;
    }

    StorageFile file() {
        return file;
    }

    Header header() {
        return header;
    }

    long segment() {
        return header.segment();
    }

    /** Returns where the last whole batch ends. */
    long position() {
        return position;
    }

    /** Returns the checksum of the last line of the last whole batch. */
    int crc() {
        return crc;
    }

    /** Returns how much of the file its lines say is known to be on the disk. */
    long synced() {
        return synced;
    }

    /** Takes note that a batch was appended. */
    void appended(int length, int lastCrc, boolean closing) {
        position += length;
        crc = lastCrc;
        closed = closing;
    }

    End read(Consumer<Change> sink) throws IOException {
        return read(sink, Long.MAX_VALUE);
    }

    /**
     * Reads on.
     *
     * @param sink is given each change
     * @param until where to stop, at the end of a batch
     */
    End read(Consumer<Change> sink, long until) throws IOException {
        int wanted = SMALL;
        while (!closed) {
            if (buffer.length < wanted) {
                buffer = new byte[wanted];
            }
            int asked = (int) Math.min(wanted, until - position + Line.TAIL);
            int length = file.read(position - Line.TAIL, buffer, 0, asked);
            if (length < Line.TAIL || !Line.endsWith(crc, buffer, 0)) {
                return End.REPLACED;
            }
            int unread = length - Line.TAIL - batches(sink, length);
            if (closed) {
                break;
            }
            if (position == until || (unread == 0 && length < asked)) {
                return End.UP_TO_DATE;
            }
            if (damaged || length < asked) {
                return End.UNREADABLE;
            }
            wanted = unread < wanted - Line.TAIL ? LARGE : Math.max(LARGE, Math.multiplyExact(wanted, 2));
        }
        return End.CLOSED;
    }

    /** Gives the whole batches in the buffer to the sink and returns how many bytes those are. */
    private int batches(Consumer<Change> sink, int length) throws IOException {
        int lines = lines(length);
        if (lines == 0) {
            return 0;
        }
        int used = Line.TAIL;
        try (JsonParser json = FACTORY.createParser(buffer, used, ends[lines - 1] - used)) {
            int next = 0;
            while (next < lines && !closed) {
                Change change = change(json, used);
                closed = change == null;
                long count = Math.max(1, changes.batch());
                if (next + count > lines) {
                    break;
                }
                long claim = changes.synced();
                batch.clear();
                add(change);
                for (int i = 1; i < count; i++) {
                    add(change(json, ends[next + i - 1]));
                }
                next += (int) count;
                position += ends[next - 1] - used;
                used = ends[next - 1];
                crc = crcs[next - 1];
                synced = Math.max(synced, claim);
                batch.forEach(sink);
            }
        }
        return used - Line.TAIL;
    }

    private void add(@Nullable Change change) {
        if (change != null) {
            batch.add(change);
        }
    }

    /** Finds the undamaged lines in the buffer and returns how many those are. */
    private int lines(int length) {
        damaged = false;
        int lines = 0;
        int seed = crc;
        int from = Line.TAIL;
        for (int end = Line.end(buffer, from, length); end > 0; end = Line.end(buffer, from, length)) {
            long checked = frame.check(seed, buffer, from, end);
            if (checked == Line.DAMAGED) {
                damaged = true;
                break;
            }
            if (lines == ends.length) {
                ends = Arrays.copyOf(ends, lines * 2);
                crcs = Arrays.copyOf(crcs, lines * 2);
            }
            seed = (int) checked;
            ends[lines] = end;
            crcs[lines++] = seed;
            from = end;
        }
        return lines;
    }

    private @Nullable Change change(JsonParser json, int at) {
        try {
            return changes.read(json);
        } catch (IOException | RuntimeException unreadable) {
            throw new CorruptLedgerException(
                    path + " has a line that cannot be read near byte " + (position + at - Line.TAIL) + ": "
                            + unreadable.getMessage(),
                    unreadable);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
