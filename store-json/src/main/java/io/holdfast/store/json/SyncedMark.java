package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The file that says how much of the journal is known to be on the disk. It is written after each sync and never synced
 * itself: what it says is true whenever it was written, and may be old after a loss of power. Without it only less damage
 * is recognised as such.
 */
final class SyncedMark implements Closeable {
    private static final int CONTENT_LENGTH = 109;
    private static final int LONGEST = 512;
    private static final JsonFactory FACTORY = new JsonFactory();

    private final LedgerDirectory directory;
    private final String ledger;
    private final LineWriter line = new LineWriter();
    private @Nullable StorageFile file;

    SyncedMark(LedgerDirectory directory, String ledger) {
        this.directory = directory;
        this.ledger = ledger;
    }

    /** Up to where the journal is known to be on the disk. */
    record Mark(long segment, long offset) {}

    void write(long segment, long offset) throws IOException {
        StorageFile out = file;
        if (out == null) {
            out = directory.io().open(directory.synced(), StorageIo.Mode.WRITE);
            file = out;
        }
        line.restart(Line.FIRST);
        line.begin("synced")
                .text("ledger", ledger)
                .number("segment", segment)
                .number("synced", offset)
                .end(CONTENT_LENGTH);
        out.write(0, line.bytes(), 0, line.length());
    }

    /** Returns what the file says about a ledger, if it says anything that can be trusted. */
    static @Nullable Mark read(LedgerDirectory directory, String ledger) throws IOException {
        byte[] bytes = new byte[LONGEST];
        int length;
        try (StorageFile in = directory.io().open(directory.synced(), StorageIo.Mode.READ)) {
            length = in.read(0, bytes, 0, LONGEST);
        } catch (FileNotFoundException unwritten) {
            return null;
        }
        int end = Line.end(bytes, 0, length);
        if (end < 0 || new Line().check(Line.FIRST, bytes, 0, end) == Line.DAMAGED) {
            return null;
        }
        String of = null;
        long segment = 0;
        long offset = 0;
        try (JsonParser json = FACTORY.createParser(bytes, 0, end)) {
            json.nextToken();
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                json.nextToken();
                switch (name) {
                    case "ledger" -> of = json.getText();
                    case "segment" -> segment = json.getLongValue();
                    case "synced" -> offset = json.getLongValue();
                    default -> json.skipChildren();
                }
            }
        }
        return ledger.equals(of) ? new Mark(segment, offset) : null;
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}
