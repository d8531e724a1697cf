package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateItem;
import io.holdfast.internal.SurveyWalk;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.store.jdbc.Dialect.LaneRow;
import io.holdfast.store.jdbc.Dialect.Written;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * One lane of a ledger: a state in memory that follows the journal of the lane in the database. A batch is decided on the
 * state and written if the lane still is at the version that the state has, which is one step in the database. Where
 * another process was faster, the lane's row is locked first, until the others are quiet again.
 */
final class Lane {
    private static final int FEWEST_LOCKED = 8;
    private static final int MOST_LOCKED = 1_024;
    private static final int CALM = 256;
    private static final int MOST_CONNECTIONS_LOST = 4;
    private static final int MOST_READS = 3;
    private static final int MOST_LOADS = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final int lane;
    private final DataSource source;
    private final Dialect dialect;
    private final JdbcOptions options;
    private final Journal journal;
    private final DbClock clock;
    private final Predicate<Snapshot> snapshots;

    private @Nullable LedgerState state;
    private long version;
    private long snapshotAt;
    private long snapshotItems;
    private int locked;
    private int lockFor = FEWEST_LOCKED;
    private int wins;
    /** Whether the state has changes that are not in the database, or not yet. */
    private boolean ahead;

    /** A state to be written down, its version, and for how long it remembers ids. */
    record Snapshot(int lane, long version, long remembers, List<StateItem> items) {}

    /** Thrown when a batch turned out to be decided on a version that is not the last. */
    private static final class LostRaceException extends Exception {
        private static final long serialVersionUID = 1L;

        LostRaceException() {
            super("another process was faster", null, false, false);
        }
    }

    Lane(int lane, DataSource source, Dialect dialect, JdbcOptions options, Predicate<Snapshot> snapshots) {
        this.lane = lane;
        this.source = source;
        this.dialect = dialect;
        this.options = options;
        this.journal = new Journal(options.prefix(), lane);
        this.clock = new DbClock(options.clock());
        this.snapshots = snapshots;
    }

    // ---- batches

    List<Outcome> apply(List<Operation> batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        return alone(() -> {
            List<Outcome> outcomes = untilSettled(() -> attempt(batch));
            snapshotIfDue();
            return outcomes;
        });
    }

    private <T> T alone(Supplier<T> work) {
        lock.lock();
        try {
            return Undisturbed.by(work);
        } finally {
            lock.unlock();
        }
    }

    private interface Attempt<T> {
        T run() throws SQLException, LostRaceException;
    }

    /** Tries until it works, fails for good, or patience is at its end. */
    private <T> T untilSettled(Attempt<T> attempt) {
        long end = System.nanoTime() + options.patience().toNanos();
        int connectionsLost = 0;
        for (int tries = 1; ; tries++) {
            try {
                return attempt.run();
            } catch (LostRaceException lost) {
                lose();
                if (System.nanoTime() > end) {
                    throw new StoreException("other processes were faster for " + options.patience(), lost);
                }
            } catch (SQLException | JdbiException failure) {
                SQLException cause = Session.sqlCause(failure);
                dropIfAhead();
                if (cause != null && dialect.taken(cause)) {
                    drop();
                }
                boolean lost = cause != null && dialect.connectionLost(cause);
                boolean again;
                if (lost) {
                    again = ++connectionsLost < MOST_CONNECTIONS_LOST;
                } else {
                    again = cause != null && dialect.contended(cause);
                    locked = Math.max(locked, lockFor);
                }
                if (!again || System.nanoTime() > end) {
                    String message = "the database did not do it: " + failure.getMessage();
                    throw lost ? new StoreUnavailableException(message, failure) : new StoreException(message, failure);
                }
                pause(tries);
            } catch (RuntimeException | Error failure) {
                drop();
                throw failure;
            }
        }
    }

    private static void pause(int tries) {
        long most = 1_000_000L << Math.min(tries, 7);
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most / 2, most));
    }

    private List<Outcome> attempt(List<Operation> batch) throws SQLException, LostRaceException {
        try (Session session = Session.open(source)) {
            LedgerState current = current(session);
            if (locked > 0) {
                return applyLocked(session, current, batch);
            }
            boolean onlyReads = batch.stream().allMatch(LedgerEngine::onlyReads);
            if (clock.stale() || onlyReads) {
                current = follow(session, current, dialect.read(session.connection(), lane));
            }
            for (int reads = 0; reads < MOST_READS; reads++) {
                List<Outcome> outcomes = new ArrayList<>(batch.size());
                WriteSet set = decide(current, batch, outcomes);
                if (!set.isEmpty()) {
                    write(session, set);
                    return outcomes;
                }
                if (onlyReads) {
                    return outcomes;
                }
                LaneRow row = dialect.read(session.connection(), lane);
                if (row.version() == version) {
                    clock.read(row.now());
                    return outcomes;
                }
                current = follow(session, current, row);
            }
            locked = lockFor;
            return applyLocked(session, current, batch);
        }
    }

    private List<Outcome> applyLocked(Session session, LedgerState known, List<Operation> batch)
            throws SQLException, LostRaceException {
        session.begin();
        LaneRow row = dialect.lock(session.connection(), lane);
        boolean alone = row.version() == version;
        LedgerState current = follow(session, known, row);
        locked = alone ? locked - 1 : lockFor;
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        WriteSet set = decide(current, batch, outcomes);
        if (set.isEmpty()) {
            release(session);
            return outcomes;
        }
        if (!dialect.write(session.connection(), set).matched()) {
            release(session);
            throw new LostRaceException();
        }
        commit(session);
        wrote(set);
        return outcomes;
    }

    /**
     * Ends a transaction that wrote nothing, by a commit: H2 2.5.252 can take back what another transaction has committed
     * when one that waited for the same row is rolled back.
     */
    private static void release(Session session) throws SQLException {
        session.commit();
    }

    /** Carries a batch out on the state in memory, and nowhere else yet. */
    private WriteSet decide(LedgerState current, List<Operation> batch, List<Outcome> outcomes) {
        WriteSet set = new WriteSet(lane, version);
        LedgerEngine engine = new LedgerEngine(current, set::add);
        long now = clock.now();
        ahead = true;
        for (Operation operation : batch) {
            outcomes.add(engine.apply(operation, now));
        }
        ahead = !set.isEmpty();
        current.totals(set::add);
        current.drained(set::addRemoved);
        return set;
    }

    private void write(Session session, WriteSet set) throws SQLException, LostRaceException {
        if (dialect.oneStatement()) {
            Written written;
            try {
                written = dialect.write(session.connection(), set);
            } catch (SQLException failure) {
                if (dialect.ambiguous(failure)) {
                    throw lostAnswer(failure);
                }
                throw failure;
            }
            if (!written.matched()) {
                throw new LostRaceException();
            }
            clock.read(written.now());
        } else {
            session.begin();
            if (!dialect.write(session.connection(), set).matched()) {
                release(session);
                throw new LostRaceException();
            }
            commit(session);
        }
        wrote(set);
        if (++wins % CALM == 0) {
            lockFor = Math.max(FEWEST_LOCKED, lockFor / 2);
        }
    }

    private void commit(Session session) throws SQLException {
        try {
            session.connection().commit();
        } catch (SQLException failure) {
            if (dialect.ambiguous(failure)) {
                throw lostAnswer(failure);
            }
            throw failure;
        }
    }

    private AmbiguousOutcomeException lostAnswer(SQLException failure) {
        return new AmbiguousOutcomeException(
                "the database's answer to a commit was lost; asking again with the same ids settles it: "
                        + failure.getMessage(),
                failure);
    }

    private void wrote(WriteSet set) {
        version = set.to();
        ahead = false;
    }

    private void lose() {
        drop();
        wins = 0;
        lockFor = Math.min(MOST_LOCKED, lockFor * 2);
        locked = lockFor;
    }

    /** Lets go of the state in memory, which may be ahead of the database or otherwise wrong. */
    private void drop() {
        state = null;
        ahead = false;
    }

    private void dropIfAhead() {
        if (ahead) {
            drop();
        }
    }

    // ---- following the journal

    private LedgerState current(Session session) throws SQLException {
        LedgerState known = state;
        return known == null ? load(session) : known;
    }

    private LedgerState load(Session session) throws SQLException {
        for (int tries = 1; tries < MOST_LOADS; tries++) {
            mendIfBehind(session);
            LaneRow row = dialect.read(session.connection(), lane);
            // A snapshot may be replaced while it is read; one that is damaged costs time, and nothing else.
            LedgerState loaded = load(session, row, row.opening());
            if (loaded != null) {
                return loaded;
            }
        }
        // On a connection that reads what is not committed, a row may have been seen before its journal.
        session.begin();
        LaneRow row = dialect.lock(session.connection(), lane);
        LedgerState loaded = load(session, row, Snapshots.Key.base(row.base()));
        release(session);
        if (loaded == null) {
            throw new CorruptLedgerException(
                    "the journal of lane " + lane + " has a gap after change " + row.base() + ", where it begins",
                    null);
        }
        return loaded;
    }

    private void mendIfBehind(Session session) throws SQLException {
        if (journal.isAhead(session.handle())) {
            session.begin();
            dialect.lock(session.connection(), lane);
            journal.mendLane(session.handle());
            session.commit();
        }
    }

    private @Nullable LedgerState load(Session session, LaneRow row, Snapshots.Key from) throws SQLException {
        clock.read(row.now());
        LedgerState loaded = new LedgerState();
        loaded.noteTotals();
        if (!rebuilt(session, from, row.version(), loaded)) {
            return null;
        }
        forgetTouched(loaded);
        clock.observe(row.lastAt());
        state = loaded;
        version = row.version();
        snapshotAt = from.version();
        return loaded;
    }

    private boolean rebuilt(Session session, Snapshots.Key from, long to, LedgerState loaded) throws SQLException {
        try {
            return journal.rebuild(session, from, to, loaded, applied -> {});
        } catch (CorruptLedgerException | IllegalStateException damaged) {
            if (from.kind() == Snapshots.Kind.BASE) {
                throw damaged;
            }
            return false;
        }
    }

    /** Brings the state to where the lane is. */
    private LedgerState follow(Session session, LedgerState known, LaneRow row) throws SQLException {
        clock.read(row.now());
        snapshotAt = Math.max(snapshotAt, row.snapshot());
        if (row.version() == version) {
            return known;
        }
        if (row.version() > version && row.snapshot() <= version) {
            if (journal.read(session.connection(), version, row.version(), each -> {
                Journal.apply(known, each);
                version = each.seq();
            })) {
                forgetTouched(known);
                clock.observe(row.lastAt());
                return known;
            }
        }
        drop();
        return load(session);
    }

    /** What others did they have written themselves. */
    private static void forgetTouched(LedgerState followed) {
        followed.totals(ignored -> {});
        followed.drained(ignored -> {});
    }

    // ---- the whole state

    /** Sees the state while nobody changes it. */
    interface Reader<T> {
        /**
         * Reads the state.
         *
         * @param session a connection to the database
         * @param state the state, which must not be kept
         * @param version its version
         * @return what the reader made of it
         */
        T read(Session session, LedgerState state, long version) throws SQLException;
    }

    /** Lets a reader see the state as it is in the database now. */
    <T> T read(Reader<T> reader) {
        return alone(() -> untilSettled(() -> {
            try (Session session = Session.open(source)) {
                LedgerState current = current(session);
                current = follow(session, current, dialect.read(session.connection(), lane));
                return reader.read(session, current, version);
            }
        }));
    }

    /** Takes one step of a walk over all scopes. */
    void step(SurveyWalk walk) {
        read((session, current, at) -> {
            walk.step(current, clock.now());
            return at;
        });
    }

    /** Waits for the batch that is under way. */
    void close() {
        lock.lock();
        try {
            drop();
        } finally {
            lock.unlock();
        }
    }

    private void snapshotIfDue() {
        LedgerState known = state;
        long since = version - snapshotAt;
        if (known == null || since < options.snapshotEvery() || since < 2 * snapshotItems) {
            return;
        }
        List<StateItem> items = new ArrayList<>();
        known.items(items::add);
        if (snapshots.test(new Snapshot(lane, version, known.remembers(), items))) {
            snapshotAt = version;
            snapshotItems = items.size();
        }
    }
}
