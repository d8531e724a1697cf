package io.holdfast.store.json;

import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.store.json.io.StorageIo;
import java.io.IOException;
import java.util.function.Consumer;

/** Reads the journal from its beginning up to where it was at one moment, while others write on. */
final class JournalScan {
    private final LedgerDirectory directory;
    private final long lastSegment;
    private final long lastPosition;

    JournalScan(LedgerDirectory directory, long lastSegment, long lastPosition) {
        this.directory = directory;
        this.lastSegment = lastSegment;
        this.lastPosition = lastPosition;
    }

    /**
     * Reads all changes from a time on, and some before.
     *
     * @param from the first time wanted, in milliseconds since the epoch
     * @param sink is given each change, in order
     */
    void read(long from, Consumer<Change> sink) throws IOException {
        int after = Line.FIRST;
        for (long segment = first(from); segment <= lastSegment; segment++) {
            try (SegmentReader reader = SegmentReader.open(directory, segment, StorageIo.Mode.READ)) {
                if (after != Line.FIRST && reader.header().after() != after) {
                    throw new CorruptLedgerException(reader.path() + " does not fit the segment before it", null);
                }
                SegmentReader.End wanted =
                        segment < lastSegment ? SegmentReader.End.CLOSED : SegmentReader.End.UP_TO_DATE;
                SegmentReader.End end = reader.read(sink, segment < lastSegment ? Long.MAX_VALUE : lastPosition);
                if (end != wanted && !(segment == lastSegment && reader.position() == lastPosition)) {
                    throw new CorruptLedgerException(
                            reader.path() + " is damaged at byte " + reader.position()
                                    + ": what follows is no whole line",
                            null);
                }
                after = reader.crc();
            }
        }
    }

    /** Finds the segment to begin with: the last whose changes before it are all before the time. */
    private long first(long from) throws IOException {
        long first = lastSegment;
        while (first > 1) {
            try (SegmentReader reader = SegmentReader.open(directory, first, StorageIo.Mode.READ)) {
                if (reader.header().time() < from) {
                    break;
                }
            }
            first--;
        }
        return first;
    }
}
