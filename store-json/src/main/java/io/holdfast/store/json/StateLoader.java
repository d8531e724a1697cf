package io.holdfast.store.json;

import io.holdfast.internal.LedgerState;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import io.holdfast.store.json.io.StorageIo;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.NavigableSet;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Makes the state of a ledger out of its files: the newest snapshot that is whole, and the segments after it. */
final class StateLoader {
    private final LedgerDirectory directory;
    private final BooleanSupplier stop;

    StateLoader(LedgerDirectory directory, BooleanSupplier stop) {
        this.directory = directory;
        this.stop = stop;
    }

    /** A state and the segment that it follows, read as far as it can be without the lock. */
    record Loaded(Replay replay, SegmentReader reader) {}

    /** Loads the newest state there is. */
    Loaded newest() throws IOException {
        NavigableSet<Long> segments = segments();
        SnapshotFile.Content snapshot = snapshot(segments.last());
        Replay replay = new Replay(snapshot == null ? new LedgerState() : snapshot.state());
        SegmentReader reader = first(snapshot, StorageIo.Mode.WRITE);
        return new Loaded(replay, follow(replay, reader, Long.MAX_VALUE, StorageIo.Mode.WRITE));
    }

    /** Loads the state at the start of a segment, all before which are complete; the reader given is at its start. */
    Loaded startOf(long segment) throws IOException {
        SnapshotFile.Content snapshot = snapshot(segment);
        Replay replay = new Replay(snapshot == null ? new LedgerState() : snapshot.state());
        SegmentReader reader = first(snapshot, StorageIo.Mode.READ);
        return new Loaded(replay, follow(replay, reader, segment, StorageIo.Mode.READ));
    }

    /** Returns the numbers of the segments, of which none may be missing. */
    NavigableSet<Long> segments() throws IOException {
        NavigableSet<Long> segments = directory.list().segments();
        long expected = 1;
        for (long segment : segments) {
            if (segment != expected) {
                throw new CorruptLedgerException(directory.segment(expected) + " is missing", null);
            }
            expected++;
        }
        if (segments.isEmpty()) {
            throw new StoreException("there is no ledger in " + directory.path(), null);
        }
        return segments;
    }

    private SnapshotFile.@Nullable Content snapshot(long newest) throws IOException {
        for (long number : directory.list().snapshots().headSet(newest, true).descendingSet()) {
            try {
                SnapshotFile.Content content = SnapshotFile.read(directory, number, stop);
                try (SegmentReader reader = SegmentReader.open(directory, number, StorageIo.Mode.READ)) {
                    if (belongs(content.header(), reader.header())) {
                        return content;
                    }
                }
                throw new CorruptLedgerException(directory.snapshot(number) + " does not fit the journal", null);
            } catch (CorruptLedgerException | FileNotFoundException unusable) {
                Log.warn("a snapshot cannot be used, an older one or the whole journal is read instead", unusable);
            }
        }
        return null;
    }

    private static boolean belongs(Header snapshot, Header segment) {
        return snapshot.ledger().equals(segment.ledger()) && snapshot.after() == segment.after();
    }

    private SegmentReader first(SnapshotFile.@Nullable Content snapshot, StorageIo.Mode mode) throws IOException {
        return SegmentReader.open(
                directory, snapshot == null ? 1 : snapshot.header().segment(), mode);
    }

    private SegmentReader follow(Replay replay, SegmentReader first, long until, StorageIo.Mode mode)
            throws IOException {
        SegmentReader reader = first;
        try {
            while (reader.segment() < until) {
                SegmentReader.End end = read(reader, replay);
                SegmentReader next = end == SegmentReader.End.CLOSED ? next(reader, mode) : null;
                if (next == null) {
                    if (until < Long.MAX_VALUE) {
                        throw new CorruptLedgerException(damage(reader), null);
                    }
                    return reader;
                }
                reader.close();
                reader = next;
                if (stop.getAsBoolean()) {
                    throw new SnapshotFile.Stopped();
                }
            }
            return reader;
        } catch (IOException | RuntimeException failure) {
            reader.close();
            throw failure;
        }
    }

    private static SegmentReader.End read(SegmentReader reader, Replay replay) throws IOException {
        try {
            return reader.read(replay);
        } catch (StoreException known) {
            throw known;
        } catch (RuntimeException impossible) {
            throw contradiction(reader, impossible);
        }
    }

    static CorruptLedgerException contradiction(SegmentReader reader, RuntimeException cause) {
        return new CorruptLedgerException(
                reader.path() + " has a change before byte " + reader.position() + " that cannot be: "
                        + cause.getMessage(),
                cause);
    }

    static String damage(SegmentReader reader) {
        return reader.path() + " is damaged at byte " + reader.position() + ": what follows is no whole line, though "
                + "a later part of the ledger was begun; nothing was changed";
    }

    /** Opens the segment after one that is complete, or returns nothing if it is not there yet. */
    @Nullable
    SegmentReader next(SegmentReader complete, StorageIo.Mode mode) throws IOException {
        long number = complete.segment() + 1;
        if (!directory.list().segments().contains(number)) {
            return null;
        }
        SegmentReader next = SegmentReader.open(directory, number, mode);
        if (!next.header().ledger().equals(complete.header().ledger())
                || next.header().after() != complete.crc()
                || complete.file().size() != complete.position()) {
            next.close();
            throw new CorruptLedgerException(
                    complete.path() + " ends at byte " + complete.position() + " otherwise than " + next.path()
                            + " says",
                    null);
        }
        return next;
    }
}
