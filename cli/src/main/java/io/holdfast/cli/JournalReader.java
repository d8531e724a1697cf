package io.holdfast.cli;

import io.holdfast.spi.Change;
import io.holdfast.spi.LedgerStore;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads a journal in a thread of its own, so that two can be read side by side. */
final class JournalReader implements AutoCloseable {
    private static final int CHUNK = 1_000;
    private static final int CHUNKS_AHEAD = 4;

    private final BlockingQueue<Chunk> read = new ArrayBlockingQueue<>(CHUNKS_AHEAD);
    private final Thread thread;
    private volatile boolean closed;
    private Iterator<Change> chunk = List.<Change>of().iterator();
    private boolean last;

    /**
     * Some changes.
     *
     * @param changes the changes
     * @param last whether there are no more
     * @param failure why there are no more, if not for the end of the journal
     */
    private record Chunk(
            List<Change> changes, boolean last, @Nullable Throwable failure) {}

    /** Ends the reading of a journal that nobody wants any more. */
    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StoppedException() {
            super("the reader was closed", null, false, false);
        }
    }

    JournalReader(LedgerStore ledger) {
        thread = new Thread(() -> read(ledger), "journal-reader");
        thread.setDaemon(true);
        thread.start();
    }

    private void read(LedgerStore ledger) {
        List<Change> gathered = new ArrayList<>(CHUNK);
        Throwable failure = null;
        try {
            ledger.changes(change -> {
                if (!Journals.marks(change)) {
                    gathered.add(change);
                }
                if (gathered.size() == CHUNK) {
                    put(new Chunk(List.copyOf(gathered), false, null));
                    gathered.clear();
                }
            });
        } catch (StoppedException stopped) {
            return;
        } catch (Throwable failed) {
            failure = failed;
        }
        put(new Chunk(List.copyOf(gathered), true, failure));
    }

    private void put(Chunk full) {
        try {
            while (!read.offer(full, 100, TimeUnit.MILLISECONDS)) {
                if (closed) {
                    throw new StoppedException();
                }
            }
        } catch (InterruptedException stop) {
            throw new StoppedException();
        }
    }

    /** Returns the next change, or nothing after the last. */
    Optional<Change> next() {
        while (!chunk.hasNext()) {
            if (last) {
                return Optional.empty();
            }
            Chunk next = take();
            Failures.rethrow(next.failure);
            chunk = next.changes.iterator();
            last = next.last;
        }
        return Optional.of(chunk.next());
    }

    private Chunk take() {
        try {
            return read.take();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CommandException(ExitCodes.FAILED, "the reading of a journal was interrupted");
        }
    }

    /** Waits until the journal is no longer read, as it may be closed next. */
    @Override
    public void close() {
        closed = true;
        read.clear();
        try {
            thread.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
