package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.holdfast.error.HoldfastException;
import io.holdfast.error.InvalidInputException;
import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The journal and the state that follows it. The state is only ever the fold of the journal: when changes that it already
 * has cannot be appended, it is dropped and made anew from the files. Used under the mutex; methods that write also
 * under the lock.
 */
final class Journal implements Closeable {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final LedgerDirectory directory;
    private final StateLoader loader;
    private final long segmentBytes;
    private final List<Change> pending = new ArrayList<>();
    private LineWriter line = new LineWriter();
    private @Nullable Live live;
    private @Nullable DiskSync sync;

    /** The state, its engine and the segment that it follows. */
    private static final class Live {
        final Replay replay;
        final LedgerEngine engine;
        SegmentReader reader;

        Live(Replay replay, LedgerEngine engine, SegmentReader reader) {
            this.replay = replay;
            this.engine = engine;
            this.reader = reader;
        }
    }

    Journal(LedgerDirectory directory, StateLoader loader, long segmentBytes) {
        this.directory = directory;
        this.loader = loader;
        this.segmentBytes = segmentBytes;
    }

    /** Makes the first segment if there is no ledger yet; the caller has the lock. */
    static void create(LedgerDirectory directory, String ledger, long now) throws IOException {
        LedgerDirectory.Listing listing = directory.list();
        if (!listing.segments().isEmpty()) {
            return;
        }
        if (!listing.snapshots().isEmpty()) {
            throw new CorruptLedgerException(directory.segment(1) + " is missing", null);
        }
        begin(directory, new Header(Header.JOURNAL, ledger, 1, now, Line.FIRST, 0));
    }

    private static void begin(LedgerDirectory directory, Header header) throws IOException {
        LineWriter line = new LineWriter();
        header.write(line);
        directory.create(directory.segment(header.segment()), line.bytes(), line.length());
    }

    LedgerState state() {
        return live().replay.state();
    }

    LedgerEngine engine() {
        return live().engine;
    }

    SegmentReader reader() {
        return live().reader;
    }

    DiskSync sync() {
        return Objects.requireNonNull(sync, "nothing was read yet");
    }

    private Live live() {
        return Objects.requireNonNull(live, "nothing was read yet");
    }

    /** Returns the changes that the engine has made since the last {@link #append}. */
    List<Change> pending() {
        return pending;
    }

    /** Drops the state, as it may be ahead of the journal. */
    void drop() {
        live = null;
        pending.clear();
        line = new LineWriter();
    }

    /**
     * Brings the state up to what is written.
     *
     * @param locked whether the caller has the lock, so that what is unfinished stays so and is cut off
     */
    void follow(boolean locked) throws IOException {
        if (live != null) {
            try {
                if (follow(live, locked)) {
                    return;
                }
            } catch (IllegalStateException | ArithmeticException forgotten) {
                // Another process remembered what this one had forgotten, its clock being behind.
                Log.warn("the state is made anew from the files in " + directory.path(), forgotten);
            }
            drop();
        }
        StateLoader.Loaded loaded = loader.newest();
        Live fresh =
                new Live(loaded.replay(), new LedgerEngine(loaded.replay().state(), pending::add), loaded.reader());
        if (sync == null) {
            sync = new DiskSync(
                    directory,
                    fresh.reader,
                    new SyncedMark(directory, fresh.reader.header().ledger()));
        }
        sync.reached(fresh.reader);
        live = fresh;
        try {
            if (!follow(fresh, locked)) {
                drop();
                throw new StoreException("others are changing " + fresh.reader.path() + " beside its lock", null);
            }
        } catch (StoreException | AmbiguousOutcomeException known) {
            throw known;
        } catch (RuntimeException impossible) {
            drop();
            throw StateLoader.contradiction(fresh.reader, impossible);
        }
    }

    private boolean follow(Live current, boolean locked) throws IOException {
        while (true) {
            SegmentReader reader = current.reader;
            long before = reader.position();
            SegmentReader.End end = reader.read(current.replay);
            if (reader.position() != before) {
                sync().reached(reader);
            }
            switch (end) {
                case UP_TO_DATE -> {
                    return true;
                }
                case REPLACED -> {
                    return false;
                }
                case UNREADABLE -> {
                    if (locked) {
                        new Tail(directory, reader).cut(sync().syncedOf(reader.segment()));
                    }
                    return true;
                }
                case CLOSED -> {
                    SegmentReader next = loader.next(reader, StorageIo.Mode.WRITE);
                    if (next == null && !locked) {
                        return true;
                    }
                    enter(current, next == null ? begin(current) : next);
                }
            }
        }
    }

    private SegmentReader begin(Live current) throws IOException {
        SegmentReader complete = current.reader;
        SyncedMark.Mark mark = SyncedMark.read(directory, complete.header().ledger());
        if (mark != null && mark.segment() > complete.segment()) {
            throw new CorruptLedgerException(directory.segment(complete.segment() + 1) + " is missing", null);
        }
        sync().await(complete.segment(), complete.position());
        directory.deleteUnfinished("journal-");
        begin(
                directory,
                new Header(
                        Header.JOURNAL,
                        complete.header().ledger(),
                        complete.segment() + 1,
                        Math.max(
                                current.replay.state().lastTime(),
                                complete.header().time()),
                        complete.crc(),
                        0));
        return SegmentReader.open(directory, complete.segment() + 1, StorageIo.Mode.WRITE);
    }

    private void enter(Live current, SegmentReader next) {
        current.reader = next;
        sync().reached(next);
    }

    /**
     * Ends the segment and begins the next if it is full; the caller has the lock and is up to date.
     *
     * @return whether there is a new segment
     */
    boolean rotateIfFull() throws IOException {
        Live current = live();
        SegmentReader reader = current.reader;
        if (reader.position() < segmentBytes) {
            return false;
        }
        long synced = sync().syncedOf(reader.segment());
        line.restart(reader.crc());
        new ChangeWriter(line).close(current.replay.state().lastTime(), reader.segment() + 1, synced);
        write(reader, true);
        enter(current, begin(current));
        return true;
    }

    /** Appends the pending changes as one batch; the caller has the lock and was up to date when they were made. */
    void append() {
        SegmentReader reader = live().reader;
        boolean done = false;
        try {
            line.restart(reader.crc());
            new ChangeWriter(line).write(pending, sync().syncedOf(reader.segment()));
            requireReadable();
            write(reader, false);
            pending.clear();
            done = true;
        } finally {
            if (!done) {
                drop();
            }
        }
    }

    private void write(SegmentReader reader, boolean closing) {
        long position = reader.position();
        try {
            reader.file().write(position, line.bytes(), 0, line.length());
        } catch (IOException failure) {
            throw takenBack(reader.file(), position, failure);
        }
        reader.appended(line.length(), line.crc(), closing);
        sync().reached(reader);
    }

    /**
     * Removes what a failed write may have left. As long as the batch is not there as a whole nobody will ever take it
     * for one, so that it certainly had no effect; if all its bytes may be there, others may have read it already.
     */
    private HoldfastException takenBack(StorageFile file, long position, IOException failure) {
        String what = "cannot write to the ledger in " + directory.path() + ": " + failure.getMessage();
        try {
            if (file.size() >= position + line.length()) {
                return new AmbiguousOutcomeException(what, failure);
            }
        } catch (IOException unknown) {
            failure.addSuppressed(unknown);
            return new AmbiguousOutcomeException(what, failure);
        }
        try {
            file.truncate(position);
        } catch (IOException leftForTheNext) {
            failure.addSuppressed(leftForTheNext);
        }
        return new StoreException(what, failure);
    }

    /** Refuses definitions that would not be read back as they are, before they make the ledger unreadable. */
    private void requireReadable() {
        if (pending.stream().noneMatch(Change.Defined.class::isInstance)) {
            return;
        }
        ChangeReader reader = new ChangeReader();
        try (JsonParser json = FACTORY.createParser(line.bytes(), 0, line.length())) {
            for (Change change : pending) {
                if (!change.equals(reader.read(json))) {
                    throw new StoreException("the journal cannot keep " + change, null);
                }
            }
        } catch (IOException | IllegalArgumentException | InvalidInputException unreadable) {
            throw new StoreException("the journal cannot keep a definition: " + unreadable.getMessage(), unreadable);
        }
    }

    /**
     * Compares the journal with what was known to be on the disk, and puts the rest there; the caller has the lock and is
     * up to date. What is not known to be there is written once more, since a system whose sync failed before may take
     * it for synced.
     */
    void secure() throws IOException {
        SegmentReader reader = live().reader;
        SyncedMark.Mark mark = SyncedMark.read(directory, reader.header().ledger());
        if (mark != null) {
            if (mark.segment() > reader.segment()
                    || (mark.segment() == reader.segment() && mark.offset() > reader.position())) {
                throw new CorruptLedgerException(
                        reader.path() + " ends at byte " + reader.position()
                                + ", though the journal was on the disk up "
                                + "to byte " + mark.offset() + " of segment " + mark.segment()
                                + " (see " + directory.synced() + "); nothing was changed",
                        null);
            }
            sync().learn(mark.segment(), mark.offset());
        }
        long from = sync().syncedOf(reader.segment());
        byte[] rest = new byte[(int) Math.min(1 << 20, Math.max(0, reader.position() - from))];
        for (long at = from; at < reader.position(); at += rest.length) {
            int length = (int) Math.min(rest.length, reader.position() - at);
            reader.file().read(at, rest, 0, length);
            reader.file().write(at, rest, 0, length);
        }
        sync().await(reader.segment(), reader.position());
    }

    @Override
    public void close() throws IOException {
        if (sync != null) {
            try (DiskSync last = sync) {
                last.finish();
            }
        }
    }
}
