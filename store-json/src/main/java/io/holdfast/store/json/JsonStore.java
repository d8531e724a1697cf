package io.holdfast.store.json;

import io.holdfast.error.HoldfastException;
import io.holdfast.error.InvalidInputException;
import io.holdfast.internal.Entries;
import io.holdfast.internal.LedgerClock;
import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateAudit;
import io.holdfast.internal.SurveyWalk;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Change;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Survey;
import io.holdfast.spi.Verification;
import io.holdfast.store.json.io.FileStorageIo;
import io.holdfast.store.json.io.StorageIo;
import io.holdfast.store.json.io.StorageLock;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in a directory of JSON files, shared by the processes of one machine. Every process has the whole state in
 * memory and follows the journal, in which each change is one line. To write, it takes the lock of the directory, reads
 * what others have written, decides, and appends; the sync happens after the lock is given back, and nothing is
 * acknowledged before it. The journal is never rewritten; snapshots beside it only make opening faster.
 */
public final class JsonStore implements LedgerStore {
    private static final StoreTraits TRAITS = new StoreTraits("json", Durability.POWER, true, false, true);

    private final LedgerDirectory directory;
    private final StorageLock lock;
    private final ReentrantLock mutex;
    private final Snapshots snapshots;
    private final Journal journal;
    private final LedgerClock clock;
    private boolean closed;
    /** Whether the batch written last has added lines to the journal. */
    private boolean appended;

    private JsonStore(LedgerDirectory directory, StorageLock lock, @Nullable InstantSource clock, Settings settings) {
        this.directory = directory;
        this.lock = lock;
        this.mutex = lock.mutex();
        this.clock = LedgerClock.of(clock);
        this.snapshots = new Snapshots(directory, lock, settings.background());
        this.journal = new Journal(directory, new StateLoader(directory, () -> false), settings.segmentBytes());
    }

    /**
     * Opens the ledger in a directory, or makes one there.
     *
     * @param path the directory, which is made if need be
     * @param clock the clock to follow instead of the system's guarded one
     * @return the open store
     * @throws InvalidInputException if the path cannot be a ledger's
     * @throws StoreException if the ledger cannot be opened
     */
    public static JsonStore open(Path path, @Nullable InstantSource clock) {
        return open(path, new FileStorageIo(), clock, Settings.DEFAULT);
    }

    /**
     * Opens the ledger in a directory, or makes one there, as tests may want it.
     *
     * @param path the directory, which is made if need be
     * @param io the file system
     * @param clock the clock to follow instead of the system's guarded one
     * @param settings what may be otherwise than usual
     * @return the open store
     * @throws InvalidInputException if the path cannot be a ledger's
     * @throws StoreException if the ledger cannot be opened
     */
    public static JsonStore open(Path path, StorageIo io, @Nullable InstantSource clock, Settings settings) {
        LedgerDirectory directory = new LedgerDirectory(path, io);
        try {
            io.createDirectory(path);
            requireLocal(path, io.fileSystem(path));
            StorageLock lock = io.openLock(directory.lock());
            JsonStore store = new JsonStore(directory, lock, clock, settings);
            boolean open = false;
            try {
                store.open();
                open = true;
                return store;
            } finally {
                if (!open) {
                    store.close();
                }
            }
        } catch (FileAlreadyExistsException file) {
            throw new InvalidInputException("ledger directory", path.toString(), "must be a directory, and is a file");
        } catch (IOException failure) {
            throw new StoreException(
                    "cannot open the ledger in " + path + " (it must be a directory that can be read and written): "
                            + failure.getMessage(),
                    failure);
        } catch (AmbiguousOutcomeException lost) {
            throw new StoreException("cannot open the ledger in " + path + ": " + lost.getMessage(), lost);
        }
    }

    private static void requireLocal(Path path, String fileSystem) {
        String type = fileSystem.toLowerCase(Locale.ROOT);
        if (type.startsWith("nfs") || type.equals("cifs") || type.startsWith("smb") || type.equals("fuse.sshfs")) {
            throw new InvalidInputException(
                    "ledger directory",
                    path.toString(),
                    "must not be on a network file system (it is on " + fileSystem
                            + "), whose locks and syncs cannot be relied on");
        }
    }

    private void open() throws IOException {
        mutex.lock();
        try {
            lock.lock();
            try {
                directory.deleteUnfinished("journal-");
                Journal.create(directory, Long.toHexString(new SecureRandom().nextLong()), clock.now());
            } finally {
                lock.unlock();
            }
            journal.follow(false);
            lock.lock();
            try {
                journal.follow(true);
                journal.secure();
            } finally {
                lock.unlock();
            }
        } finally {
            mutex.unlock();
        }
        snapshots.consider();
    }

    @Override
    public StoreTraits traits() {
        return TRAITS;
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        List<Outcome> outcomes;
        boolean changed;
        long segment;
        long end;
        mutex.lock();
        try {
            follow();
            long now = now();
            if (batch.stream().allMatch(LedgerEngine::onlyReads)
                    && journal.state().nextExpiry() > now) {
                return read(batch, now);
            }
            outcomes = write(batch);
            changed = appended;
            segment = journal.reader().segment();
            end = journal.reader().position();
        } finally {
            mutex.unlock();
        }
        if (changed || promises(batch, outcomes)) {
            journal.sync().await(segment, end);
        }
        return outcomes;
    }

    private List<Outcome> read(List<Operation> batch, long now) {
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        for (Operation operation : batch) {
            outcomes.add(journal.engine().apply(operation, now));
        }
        return outcomes;
    }

    private List<Outcome> write(List<Operation> batch) {
        lock("write to");
        boolean rotated;
        List<Outcome> outcomes;
        try {
            rotated = rotateIfFull();
            outcomes = decide(batch);
            appended = !journal.pending().isEmpty();
            if (appended) {
                journal.append();
            }
        } finally {
            unlock();
        }
        if (rotated) {
            snapshots.consider();
        }
        return outcomes;
    }

    private boolean rotateIfFull() {
        try {
            journal.follow(true);
            return journal.rotateIfFull();
        } catch (IOException failure) {
            throw failed("write to", failure);
        } catch (AmbiguousOutcomeException lost) {
            throw new StoreException(String.valueOf(lost.getMessage()), lost); // the batch was not even looked at
        }
    }

    private List<Outcome> decide(List<Operation> batch) {
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        boolean done = false;
        try {
            for (Operation operation : batch) {
                outcomes.add(journal.engine().apply(operation, now()));
            }
            done = true;
            return outcomes;
        } catch (HoldfastException known) {
            throw known;
        } catch (RuntimeException unexpected) {
            throw new StoreException("an operation failed, and none took effect: " + unexpected, unexpected);
        } finally {
            if (!done) {
                journal.drop();
            }
        }
    }

    /** Tells whether an outcome rests on lines of the journal that others may have written, and that have to be on the disk. */
    private static boolean promises(List<Operation> batch, List<Outcome> outcomes) {
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome outcome = outcomes.get(i);
            boolean nothing = LedgerEngine.onlyReads(batch.get(i))
                    || outcome instanceof Outcome.Denied
                    || outcome instanceof Outcome.Rejected;
            if (!nothing || !outcome.notices().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private long now() {
        LedgerState state = journal.state();
        if (state.lastTime() != Long.MIN_VALUE) {
            clock.observe(state.lastTime());
        }
        return clock.now();
    }

    /** Reads what others have written, without the lock. */
    private void follow() {
        requireOpen();
        try {
            journal.follow(false);
        } catch (IOException failure) {
            throw failed("read", failure);
        }
    }

    private void lock(String what) {
        try {
            lock.lock();
        } catch (IOException failure) {
            throw failed(what, failure);
        }
    }

    private void unlock() {
        try {
            lock.unlock();
        } catch (IOException failure) {
            journal.sync().fail(failure);
            throw new AmbiguousOutcomeException(
                    "cannot give back the lock of " + directory.path() + ": " + failure.getMessage(), failure);
        }
    }

    private StoreException failed(String what, IOException failure) {
        return new StoreException(
                "cannot " + what + " the ledger in " + directory.path() + ": " + failure.getMessage(), failure);
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreException("the ledger in " + directory.path() + " is closed", null);
        }
        journal.sync().requireUsable();
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        long first = Entries.millis(from);
        long end = Entries.millis(to);
        scan(first, change -> Entries.of(change, first, end, reader));
    }

    @Override
    public void changes(Consumer<Change> reader) {
        scan(Long.MIN_VALUE, reader);
    }

    private void scan(long from, Consumer<Change> reader) {
        long lastSegment;
        long lastPosition;
        mutex.lock();
        try {
            follow();
            journal.state().requireWhole();
            lastSegment = journal.reader().segment();
            lastPosition = journal.reader().position();
        } finally {
            mutex.unlock();
        }
        try {
            new JournalScan(directory, lastSegment, lastPosition).read(from, reader);
        } catch (IOException failure) {
            throw failed("read", failure);
        }
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        List<ScopeDefinition> definitions = new ArrayList<>();
        mutex.lock();
        try {
            follow();
            journal.state().requireWhole();
            journal.state().definitions(definitions::add);
        } finally {
            mutex.unlock();
        }
        definitions.forEach(reader);
    }

    @Override
    public Survey survey(Consumer<LimitState> reader) {
        return SurveyWalk.survey(this::step, reader);
    }

    private void step(SurveyWalk walk) {
        mutex.lock();
        try {
            follow();
            walk.step(journal.state(), now());
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public Verification verify() {
        LedgerState actual;
        long lastSegment;
        long lastPosition;
        mutex.lock();
        try {
            follow();
            actual = copy(journal.state(), now());
            lastSegment = journal.reader().segment();
            lastPosition = journal.reader().position();
        } finally {
            mutex.unlock();
        }
        try {
            Replay replay = new Replay(new LedgerState());
            new JournalScan(directory, lastSegment, lastPosition).read(Long.MIN_VALUE, replay);
            return StateAudit.compare(replay.changes(), replay.state(), actual);
        } catch (IllegalStateException | ArithmeticException impossible) {
            throw new StoreException("the journal in " + directory.path() + " contradicts itself", impossible);
        } catch (IOException failure) {
            throw failed("read", failure);
        }
    }

    /** Returns a state as it is at a time, for use while the one in use goes on. */
    private static LedgerState copy(LedgerState state, long now) {
        LedgerState copy = new LedgerState();
        copy.remember(state.remembers());
        state.observe(now);
        state.items(copy::load);
        return copy;
    }

    @Override
    public void close() {
        mutex.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            journal.close();
        } catch (IOException | AmbiguousOutcomeException unimportant) {
            Log.warn("cannot close the ledger in " + directory.path(), unimportant);
        } finally {
            mutex.unlock();
        }
        snapshots.stop();
        try {
            lock.close();
        } catch (IOException unimportant) {
            Log.warn("cannot close the lock of " + directory.path(), unimportant);
        }
    }
}
