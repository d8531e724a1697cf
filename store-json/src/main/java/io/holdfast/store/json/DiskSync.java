package io.holdfast.store.json;

import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.StoreException;
import io.holdfast.store.json.io.StorageFile;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Puts the journal on the disk, one sync for all who wait meanwhile, and knows how much of it is there. A sync that fails
 * is the last one: what is on the disk is unknown from then on, and a second sync might claim what never was written.
 */
final class DiskSync implements Closeable {
    private final LedgerDirectory directory;
    private final SyncedMark mark;
    private final ReentrantLock syncing = new ReentrantLock();
    private volatile Tip tip;
    private volatile Tip synced;
    private volatile @Nullable IOException failure;
    private long listedSegment;

    /** How far a segment goes. */
    private record Tip(long segment, long end, StorageFile file) {
        boolean covers(long otherSegment, long otherEnd) {
            return segment > otherSegment || (segment == otherSegment && end >= otherEnd);
        }
    }

    /**
     * Begins with a segment.
     *
     * @param reader the newest segment
     * @param mark where to note what is on the disk
     */
    DiskSync(LedgerDirectory directory, SegmentReader reader, SyncedMark mark) {
        this.directory = directory;
        this.mark = mark;
        this.tip = new Tip(reader.segment(), reader.position(), reader.file());
        this.synced = new Tip(reader.segment(), reader.synced(), reader.file());
    }

    /** Takes note of how far the segment goes that is written at present, and what its lines say of it. */
    void reached(SegmentReader reader) {
        StorageFile old = tip.file;
        tip = new Tip(reader.segment(), reader.position(), reader.file());
        if (old != reader.file()) {
            syncing.lock();
            try {
                old.close();
            } catch (IOException unimportant) {
                // nothing is lost with it: all that counts was forced, or will be by the new file
            } finally {
                syncing.unlock();
            }
        }
        if (!synced.covers(reader.segment(), reader.synced())) {
            learn(reader.segment(), reader.synced());
        }
    }

    /** Takes note that others have put so much on the disk. */
    void learn(long segment, long end) {
        syncing.lock();
        try {
            if (!synced.covers(segment, end)) {
                synced = new Tip(segment, end, synced.file);
            }
        } finally {
            syncing.unlock();
        }
    }

    /** Returns how much of a segment is known to be on the disk. */
    long syncedOf(long segment) {
        Tip known = synced;
        return known.segment == segment ? known.end : known.segment > segment ? Long.MAX_VALUE : 0;
    }

    /**
     * Returns when a segment is on the disk up to there.
     *
     * @throws AmbiguousOutcomeException if it cannot be brought there, or nobody knows whether it is
     */
    void await(long segment, long end) {
        if (synced.covers(segment, end)) {
            return;
        }
        syncing.lock();
        try {
            if (synced.covers(segment, end)) {
                return;
            }
            if (failure != null) {
                throw ambiguous(failure);
            }
            force();
        } finally {
            syncing.unlock();
        }
    }

    /** Puts on the disk what is not there yet, for those who still wait for it, unless a sync has failed. */
    void finish() {
        Tip last = tip;
        if (failure == null) {
            await(last.segment, last.end);
        }
    }

    private void force() {
        Tip target = tip;
        try {
            target.file.force();
            if (target.segment > listedSegment) {
                directory.io().forceDirectory(directory.path());
                listedSegment = target.segment;
            }
        } catch (IOException lost) {
            failure = lost;
            throw ambiguous(lost);
        }
        synced = target;
        try {
            mark.write(target.segment, target.end);
        } catch (IOException unimportant) {
            Log.warn("cannot note in " + directory.synced() + " what is on the disk", unimportant);
        }
    }

    /** Ends the use of the ledger, as nobody can tell any more what is on the disk. */
    void fail(IOException cause) {
        failure = cause;
    }

    void requireUsable() {
        IOException cause = failure;
        if (cause != null) {
            throw new StoreException(
                    "the ledger in " + directory.path() + " failed before and must be opened again: "
                            + cause.getMessage(),
                    cause);
        }
    }

    private AmbiguousOutcomeException ambiguous(IOException cause) {
        return new AmbiguousOutcomeException(
                "the ledger in " + directory.path() + " may not have reached the disk: " + cause.getMessage(), cause);
    }

    @Override
    public void close() throws IOException {
        syncing.lock();
        try {
            tip.file.close();
            mark.close();
        } finally {
            syncing.unlock();
        }
    }
}
