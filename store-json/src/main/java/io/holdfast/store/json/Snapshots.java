package io.holdfast.store.json;

import io.holdfast.error.HoldfastException;
import io.holdfast.internal.LedgerState;
import io.holdfast.store.json.io.StorageFile;
import io.holdfast.store.json.io.StorageIo;
import io.holdfast.store.json.io.StorageLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NavigableSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Writes snapshots in the background, so that a ledger opens without reading its whole journal. One process at a time
 * does so, from the files alone and without holding up those who write: a segment that has a successor never changes. A
 * snapshot is due when the journal since the last one is at least half as long as that one is, so that the work for
 * snapshots stays in proportion to the work for the journal however large the state is.
 */
final class Snapshots {
    private final LedgerDirectory directory;
    private final StorageLock lock;
    private final Executor background;
    private volatile boolean stopped;
    private boolean running;

    Snapshots(LedgerDirectory directory, StorageLock lock, Executor background) {
        this.directory = directory;
        this.lock = lock;
        this.background = background;
    }

    /** Writes a snapshot in the background if one is due. */
    void consider() {
        synchronized (this) {
            if (running || stopped) {
                return;
            }
            running = true;
        }
        try {
            background.execute(this::run);
        } catch (RuntimeException refused) {
            Log.warn("no snapshot is written of " + directory.path(), refused);
            finished();
        }
    }

    /** Returns when no snapshot is being written any more; what was begun is left for another time. */
    void stop() {
        boolean interrupted = false;
        synchronized (this) {
            stopped = true;
            while (running) {
                try {
                    wait();
                } catch (InterruptedException wait) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean stopped() {
        return stopped;
    }

    private synchronized void finished() {
        running = false;
        notifyAll();
    }

    private void run() {
        try {
            if (lock.tryLockAside()) {
                try {
                    writeIfDue();
                } finally {
                    lock.unlockAside();
                }
            }
        } catch (SnapshotFile.Stopped leftOff) {
            // the next one to open the ledger goes on
        } catch (IOException | HoldfastException failure) {
            Log.warn("no snapshot could be written of " + directory.path(), failure);
        } finally {
            finished();
        }
    }

    private void writeIfDue() throws IOException {
        directory.deleteUnfinished("snapshot-");
        LedgerDirectory.Listing listing = directory.list();
        if (listing.segments().isEmpty()) {
            return;
        }
        long newest = listing.segments().last();
        Long last = listing.snapshots().floor(newest);
        if (newest == 1 || !due(last == null ? 1 : last, newest, last)) {
            return;
        }
        StateLoader.Loaded start = new StateLoader(directory, this::stopped).startOf(newest);
        Header segment = start.reader().header();
        start.reader().close();
        LedgerState state = start.replay().state();
        if (state.lastTime() != Long.MIN_VALUE) {
            state.forget(state.lastTime());
        }
        Header header = new Header(
                Header.SNAPSHOT, segment.ledger(), newest, segment.time(), segment.after(), state.remembers());
        SnapshotFile.write(directory, header, state, this::stopped);
        deleteAllBut(newest, last);
    }

    private boolean due(long from, long newest, @Nullable Long last) throws IOException {
        long journal = 0;
        for (long segment = from; segment < newest; segment++) {
            journal += size(directory.segment(segment));
        }
        return journal > 0 && (last == null || journal >= size(directory.snapshot(last)) / 2);
    }

    private long size(Path file) throws IOException {
        try (StorageFile open = directory.io().open(file, StorageIo.Mode.READ)) {
            return open.size();
        }
    }

    private void deleteAllBut(long newest, @Nullable Long last) throws IOException {
        NavigableSet<Long> snapshots = directory.list().snapshots();
        for (long number : snapshots) {
            if (number != newest && (last == null || number != last)) {
                directory.io().delete(directory.snapshot(number));
            }
        }
    }
}
