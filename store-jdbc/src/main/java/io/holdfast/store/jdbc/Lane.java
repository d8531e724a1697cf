package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerEngine;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateItem;
import io.holdfast.internal.SurveyWalk;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreUnavailableException;
import io.holdfast.store.jdbc.Dialect.LaneRow;
import io.holdfast.store.jdbc.Dialect.Locked;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * One lane of a ledger: a state in memory that follows the journal of the lane in the database. A batch is decided on the
 * state and written if the lane still is at the version that the state has, which is one step in the database. Where others
 * may be at work, the lane's row is locked first, and what they wrote is read. The tables that people query follow, many
 * batches at a time.
 */
final class Lane {
    private static final int MOST_CONNECTIONS_LOST = 4;
    private static final int MOST_READS = 3;
    private static final int MOST_LOADS = 3;
    /** Opening reads at most so many changes for each item of the state, unless they are few. */
    private static final int CHANGES_PER_ITEM = 4;
    /** So many changes are worth a transaction that writes them to the tables people query. */
    private static final int WORTHWHILE = 2_048;
    /** How long fewer wait for more. */
    private static final long WAIT_MILLIS = 200;
    /** With so many, nothing more is decided before they are written. */
    private static final int MOST_WAITING = 8_192;

    private final ReentrantLock lock = new ReentrantLock();
    /** Signalled when changes that waited to be shown are taken, or nobody shows any. */
    private final Condition turn = lock.newCondition();
    /** Held by whoever writes the tables that people query; taken before {@link #lock}. */
    private final ReentrantLock showing = new ReentrantLock();

    private final int lane;
    private final DataSource source;
    private final Dialect dialect;
    private final JdbcOptions options;
    private final Journal journal;
    private final DbClock clock;
    private final PublicTables tables;
    private final Listener listener;
    private final Turns turns;

    private @Nullable LedgerState state;
    private Backlog backlog = new Backlog(0);
    private volatile int waiting;
    /** Whether changes that were taken from the backlog are being written. */
    private boolean underWay;

    private volatile boolean reachable = true;
    private long version;
    private long snapshotAt;
    private long snapshotItems;
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

    /** Is told what a lane would have done by somebody else. */
    interface Listener {
        /**
         * Takes a state to be written down.
         *
         * @return whether it will be
         */
        boolean snapshot(Snapshot taken);

        /**
         * Learns that changes wait to be written to the tables that people query.
         *
         * @param millis in how long they are worth a transaction, if they are not taken before
         */
        void waiting(long millis);
    }

    Lane(int lane, DataSource source, Dialect dialect, JdbcOptions options, Turns turns, Listener listener) {
        this.lane = lane;
        this.source = source;
        this.dialect = dialect;
        this.options = options;
        this.turns = turns;
        this.journal = new Journal(options.prefix(), lane);
        this.clock = new DbClock(options.clock());
        this.tables = new PublicTables(dialect, options.prefix(), lane);
        this.listener = listener;
    }

    // ---- batches

    List<Outcome> apply(List<Operation> operations, Supplier<List<Operation>> more) {
        if (operations.isEmpty()) {
            return List.of();
        }
        awaitRoom();
        List<Operation> batch = new ArrayList<>(operations);
        return alone(() -> {
            List<Outcome> outcomes = untilSettled(() -> attempt(batch, more));
            snapshotIfDue();
            return outcomes;
        });
    }

    private void alone(Runnable work) {
        alone(() -> {
            work.run();
            return true;
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
        Patience patience = new Patience();
        while (true) {
            try {
                T done = attempt.run();
                reachable = true;
                return done;
            } catch (LostRaceException lost) {
                lose();
                if (patience.over()) {
                    throw new StoreException("other processes were faster for " + options.patience(), lost);
                }
            } catch (SQLException | JdbiException failure) {
                SQLException cause = Session.sqlCause(failure);
                dropIfAhead();
                if (cause != null && dialect.taken(cause)) {
                    drop();
                }
                if (cause == null || !dialect.connectionLost(cause)) {
                    turns.met();
                }
                patience.failed("the database did not do it", failure, cause);
            } catch (RuntimeException | Error failure) {
                drop();
                throw failure;
            }
        }
    }

    /** How often something is tried again, and for how long. */
    private final class Patience {
        private final long end = System.nanoTime() + options.patience().toNanos();
        private int failures;
        private int connectionsLost;

        boolean over() {
            return System.nanoTime() > end;
        }

        /** Waits a little where another attempt may help, and otherwise says what could not be done. */
        void failed(String what, Exception failure, @Nullable SQLException cause) {
            failures++;
            boolean lost = cause != null && dialect.connectionLost(cause);
            boolean again =
                    lost ? ++connectionsLost < MOST_CONNECTIONS_LOST : cause != null && dialect.contended(cause);
            if (!again || over()) {
                reachable = !lost;
                String message = what + ": " + failure.getMessage();
                throw lost ? new StoreUnavailableException(message, failure) : new StoreException(message, failure);
            }
            long most = 1_000_000L << Math.min(failures, 7);
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most / 2, most));
        }
    }

    private List<Outcome> attempt(List<Operation> batch, Supplier<List<Operation>> more)
            throws SQLException, LostRaceException {
        try (Session session = Session.open(source)) {
            LedgerState current = current(session);
            boolean onlyReads = batch.stream().allMatch(LedgerEngine::onlyReads);
            boolean inTurn = turns.needed();
            if (onlyReads || clock.stale()) {
                current = follow(session, current, dialect.read(session.connection(), lane));
            }
            boolean changesNothing = onlyReads && current.nextExpiry() > clock.now();
            if (inTurn && !changesNothing) {
                return applyLocked(session, current, batch, more);
            }
            for (int reads = 0; reads < MOST_READS; reads++) {
                List<Outcome> outcomes = new ArrayList<>(batch.size());
                Batch decided = decide(current, batch, outcomes);
                if (!decided.isEmpty()) {
                    write(session, decided);
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
            return applyLocked(session, current, batch, more);
        }
    }

    /** Takes the turn of this process, with all who came until then. */
    private List<Outcome> applyLocked(
            Session session, LedgerState known, List<Operation> batch, Supplier<List<Operation>> more)
            throws SQLException, LostRaceException {
        session.begin();
        Locked here = dialect.lock(session.connection(), lane, version);
        LedgerState current = follow(session, known, here.row(), here.next());
        batch.addAll(more.get());
        List<Outcome> outcomes = new ArrayList<>(batch.size());
        Batch decided = decide(current, batch, outcomes);
        if (decided.isEmpty()) {
            release(session);
            return outcomes;
        }
        write(session, decided);
        return outcomes;
    }

    /**
     * Ends a transaction that wrote nothing, by a commit: H2 2.5.252 can take back what another transaction has committed
     * when one that waited for the same row is rolled back.
     */
    private static void release(Session session) throws SQLException {
        // To read the state anew may have ended it already.
        if (!session.connection().getAutoCommit()) {
            session.commit();
        }
    }

    /** Carries a batch out on the state in memory, and nowhere else yet. */
    private Batch decide(LedgerState current, List<Operation> batch, List<Outcome> outcomes) {
        Batch decided = new Batch(lane, version);
        LedgerEngine engine = new LedgerEngine(current, decided::add);
        long now = clock.now();
        ahead = true;
        for (Operation operation : batch) {
            outcomes.add(engine.apply(operation, now));
        }
        ahead = !decided.isEmpty();
        current.totals(decided::add);
        current.drained(decided::addDrained);
        return decided;
    }

    private void write(Session session, Batch decided) throws SQLException, LostRaceException {
        List<JournalRow> rows = decided.rows();
        if (dialect.atOnce(rows.size())) {
            boolean matched;
            try {
                matched = dialect.appendAtOnce(session.connection(), decided, rows);
            } catch (SQLException failure) {
                if (dialect.ambiguous(failure)) {
                    throw lostAnswer(failure);
                }
                throw failure;
            }
            if (!matched) {
                throw new LostRaceException();
            }
        } else {
            session.begin();
            if (!dialect.append(session.connection(), decided, rows)) {
                release(session);
                throw new LostRaceException();
            }
            commit(session);
        }
        wrote(decided);
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

    private void wrote(Batch decided) {
        version = decided.to();
        ahead = false;
        turns.metNobody();
        decided.addTo(backlog);
        backlogGrew();
    }

    private void backlogGrew() {
        int before = waiting;
        waiting = backlog.size();
        if (before == 0 && waiting > 0) {
            listener.waiting(WAIT_MILLIS);
        }
        if (before < WORTHWHILE && waiting >= WORTHWHILE) {
            listener.waiting(0);
        }
    }

    // ---- the tables that people query

    /**
     * Brings the tables that people query up to the last change that is known here, if they are not there yet.
     *
     * @throws StoreException if that cannot be done; the journal has it all, and the next one who tries goes on from where
     *     they are
     */
    void show() {
        show(true);
    }

    /** As {@link #show()}, if and for as long as what waits is worth a transaction. */
    void keepShowing() {
        show(false);
    }

    private void show(boolean all) {
        showing.lock();
        try {
            if (dialect.oneWriter()) {
                alone(() -> showWaiting(all));
            } else {
                Undisturbed.by(() -> {
                    showWaiting(all);
                    return true;
                });
            }
        } finally {
            showing.unlock();
        }
    }

    /** Waits while too many changes are behind those that are being written. */
    private void awaitRoom() {
        if (waiting < MOST_WAITING) {
            return;
        }
        lock.lock();
        try {
            while (underWay && waiting >= MOST_WAITING) {
                turn.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
        if (waiting >= MOST_WAITING) {
            show();
        }
    }

    /** Tells whether the database answered when it was last asked. */
    boolean reachable() {
        return reachable;
    }

    /** Shows all that waits once, or again and again what is worth a transaction. */
    private void showWaiting(boolean all) {
        Backlog taken = alone(() -> take(all || worthwhile()));
        while (!taken.isEmpty()) {
            showTaken(taken, all ? 1 : WORTHWHILE);
            taken = alone(() -> take(!all && worthwhile()));
        }
    }

    private boolean worthwhile() {
        return waiting >= WORTHWHILE || (waiting > 0 && backlog.isOlderThan(WAIT_MILLIS));
    }

    /** Takes what waits, or nothing, and lets those go on who waited for that. */
    private Backlog take(boolean some) {
        underWay = some && waiting > 0;
        turn.signalAll();
        if (!underWay) {
            return new Backlog(backlog.from());
        }
        Backlog taken = backlog;
        backlog = new Backlog(taken.to());
        waiting = 0;
        return taken;
    }

    private void showTaken(Backlog taken, int least) {
        Backlog left;
        try {
            left = untilShown(taken, least);
        } catch (RuntimeException | Error failure) {
            alone(() -> giveBack(taken));
            throw failure;
        }
        if (left == null) {
            // The database has lost what it had committed, so that the state is to be read anew.
            alone(this::drop);
        } else if (!left.isEmpty()) {
            alone(() -> giveBack(left));
            listener.waiting(WAIT_MILLIS);
        }
    }

    private void giveBack(Backlog left) {
        underWay = false;
        turn.signalAll();
        if (backlog.from() == left.to()) {
            backlog = left.and(backlog);
            waiting = backlog.size();
        }
    }

    private @Nullable Backlog untilShown(Backlog taken, int least) {
        Patience patience = new Patience();
        while (true) {
            try (Session session = Session.open(source)) {
                Backlog left = tables.show(session, taken, least);
                reachable = true;
                return left;
            } catch (SQLException failure) {
                patience.failed("the tables for queries cannot be written", failure, failure);
            }
        }
    }

    private void lose() {
        drop();
        turns.overtaken();
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
        // Read after the row: a snapshot that is named there is of a version that the tables show.
        Backlog missing = new Backlog(Math.min(tables.shown(session), row.version()));
        LedgerState loaded = new LedgerState();
        if (!rebuilt(session, from, row.version(), loaded, missing)) {
            return null;
        }
        loaded.noteTotals();
        clock.observe(row.lastAt());
        state = loaded;
        version = row.version();
        snapshotAt = from.version();
        backlog = missing;
        waiting = 0;
        backlogGrew();
        return loaded;
    }

    private boolean rebuilt(Session session, Snapshots.Key from, long to, LedgerState loaded, Backlog missing)
            throws SQLException {
        try {
            if (from.version() >= missing.from()) {
                loaded.noteTotals();
            }
            return journal.rebuild(session, from, to, loaded, (row, changes) -> {
                if (row.first() > missing.from()) {
                    add(missing, row, changes, loaded);
                } else if (row.last() == missing.from()) {
                    loaded.noteTotals();
                }
            });
        } catch (CorruptLedgerException | IllegalStateException damaged) {
            if (from.kind() == Snapshots.Kind.BASE) {
                throw damaged;
            }
            return false;
        }
    }

    /** Adds a row whose changes the state has. */
    private static void add(Backlog missing, JournalRow row, List<Change> changes, LedgerState state) {
        changes.forEach(missing::add);
        state.totals((counter, totals) -> missing.add(counter, totals, row.lastAt()));
        state.drained(scope -> missing.addDrained(scope, row.lastAt()));
    }

    /** Brings the state to where the lane is. */
    private LedgerState follow(Session session, LedgerState known, LaneRow row) throws SQLException {
        return follow(session, known, row, List.of());
    }

    /** Brings the state to where the lane is, by the next rows of its journal as far as they are there already. */
    private LedgerState follow(Session session, LedgerState known, LaneRow row, List<JournalRow> next)
            throws SQLException {
        clock.read(row.now());
        snapshotAt = Math.max(snapshotAt, row.snapshot());
        if (row.version() == version) {
            turns.metNobody();
            return known;
        }
        turns.met();
        if (row.version() > version && row.snapshot() <= version) {
            if (journal.read(session.connection(), next, version, row.version(), (each, changes) -> {
                Journal.apply(known, each, changes);
                version = each.last();
                add(backlog, each, changes, known);
            })) {
                clock.observe(row.lastAt());
                backlogGrew();
                return known;
            }
        }
        drop();
        return load(session);
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
        if (known == null) {
            return;
        }
        long since = version - snapshotAt;
        // Where most holds are still open, the state takes as long to read as the journal that led to it.
        long size = Math.max(snapshotItems, known.openHolds());
        if (since < options.snapshotEvery() || since < CHANGES_PER_ITEM * size) {
            return;
        }
        List<StateItem> items = new ArrayList<>();
        known.items(items::add);
        if (listener.snapshot(new Snapshot(lane, version, known.remembers(), items))) {
            snapshotAt = version;
            snapshotItems = items.size();
        }
    }
}
