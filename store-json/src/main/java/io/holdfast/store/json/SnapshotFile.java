package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateItem;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Snapshots: the state of a ledger at the start of a segment, one item a line, and a last line with their number. */
final class SnapshotFile {
    private static final int BUFFER = 128 * 1024;
    private static final int ASK_EVERY = 1_024;
    private static final JsonFactory FACTORY = new JsonFactory();

    private SnapshotFile() {}

    /** What a snapshot has: its header, and the state it gives. */
    record Content(Header header, LedgerState state) {}

    /** Thrown to leave off when the store is being closed. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("stopped", null, false, false);
        }
    }

    /** Writes a snapshot, so that it is there as a whole or not at all. */
    static void write(LedgerDirectory directory, Header header, LedgerState state, BooleanSupplier stop)
            throws IOException {
        Path file = directory.snapshot(header.segment());
        try (StorageFile out = directory.io().open(directory.unfinished(file), StorageIo.Mode.WRITE)) {
            out.truncate(0);
            Output output = new Output(out, stop);
            header.write(output.line);
            state.items(output::write);
            output.line.begin(ItemReader.END).number("items", output.items).end();
            output.flush();
            out.force();
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
        directory.publish(file);
    }

    /** Gathers lines and writes many at once. */
    private static final class Output {
        private final LineWriter line = new LineWriter();
        private final ItemWriter writer = new ItemWriter(line);
        private final StorageFile out;
        private final BooleanSupplier stop;
        private long position;
        private long items;

        Output(StorageFile out, BooleanSupplier stop) {
            this.out = out;
            this.stop = stop;
        }

        void write(StateItem item) {
            writer.write(item);
            if (++items % ASK_EVERY == 0 && stop.getAsBoolean()) {
                throw new Stopped();
            }
            if (line.length() >= BUFFER) {
                try {
                    flush();
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
        }

        void flush() throws IOException {
            out.write(position, line.bytes(), 0, line.length());
            position += line.length();
            line.restart(line.crc());
        }
    }

    /**
     * Reads a snapshot.
     *
     * @throws CorruptLedgerException if it is not whole
     */
    static Content read(LedgerDirectory directory, long segment, BooleanSupplier stop) throws IOException {
        Path path = directory.snapshot(segment);
        try (StorageFile file = directory.io().open(path, StorageIo.Mode.READ)) {
            byte[] first = new byte[Header.LONGEST];
            int length = file.read(0, first, 0, first.length);
            Header header = Header.read(path, Header.SNAPSHOT, segment, first, length);
            int end = Line.end(first, 0, length);
            LedgerState state = new LedgerState();
            state.remember(header.remembers());
            Input input = new Input(path, file, state, stop);
            input.read(end, (int) Line.written(first, 0, end));
            return new Content(header, state);
        }
    }

    /** Reads the items of a snapshot into a state. */
    private static final class Input {
        private final Path path;
        private final StorageFile file;
        private final LedgerState state;
        private final BooleanSupplier stop;
        private final Line frame = new Line();
        private final ItemReader reader = new ItemReader();
        private byte[] buffer = new byte[BUFFER];
        private long items;

        Input(Path path, StorageFile file, LedgerState state, BooleanSupplier stop) {
            this.path = path;
            this.file = file;
            this.state = state;
            this.stop = stop;
        }

        void read(long from, int crc) throws IOException {
            long position = from;
            int seed = crc;
            while (!reader.ended()) {
                int length = file.read(position, buffer, 0, buffer.length);
                int used = 0;
                int lines = 0;
                for (int end = Line.end(buffer, 0, length); end > 0; end = Line.end(buffer, used, length)) {
                    long checked = frame.check(seed, buffer, used, end);
                    if (checked == Line.DAMAGED) {
                        throw damaged(position + used, "a line is not whole", null);
                    }
                    seed = (int) checked;
                    used = end;
                    lines++;
                }
                if (lines > 0) {
                    items(position, used, lines);
                } else if (length == buffer.length) {
                    buffer = Arrays.copyOf(buffer, Math.multiplyExact(length, 2));
                } else {
                    throw damaged(position, "it has no end", null);
                }
                position += used;
            }
            if (file.size() != position || reader.items() != items) {
                throw damaged(position, "it has " + items + " items and should have " + reader.items(), null);
            }
        }

        private void items(long position, int length, int lines) throws IOException {
            if (stop.getAsBoolean()) {
                throw new Stopped();
            }
            try (JsonParser json = FACTORY.createParser(buffer, 0, length)) {
                for (int i = 0; i < lines && !reader.ended(); i++) {
                    StateItem item = reader.read(json);
                    if (item != null) {
                        state.load(item);
                        items++;
                    }
                }
            } catch (IOException | RuntimeException unreadable) {
                throw damaged(position, String.valueOf(unreadable.getMessage()), unreadable);
            }
        }

        private CorruptLedgerException damaged(long position, String what, @Nullable Throwable cause) {
            return new CorruptLedgerException(path + " is damaged near byte " + position + ": " + what, cause);
        }
    }
}
