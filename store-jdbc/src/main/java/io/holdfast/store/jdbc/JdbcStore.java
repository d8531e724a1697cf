package io.holdfast.store.jdbc;

import io.holdfast.internal.Entries;
import io.holdfast.internal.SurveyWalk;
import io.holdfast.limit.LimitState;
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
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.JdbiException;

/**
 * The ledger in a database. Any number of processes may open the same tables at once, where the database lets them. Every
 * batch is one transaction with one row of the journal, whatever its size; who may write next is decided by a version in the
 * row of the lane, never by an isolation level. The tables that people query follow within a moment.
 */
public final class JdbcStore implements LedgerStore {
    private static final int LANE = 0;
    private static final long AFTER_FAILURE_MILLIS = 2_000;

    private final DataSource source;
    private final Runnable onClose;
    private final Dialect dialect;
    private final Engine engine;
    private final JdbcOptions options;
    private final StoreTraits traits;
    private final Lane lane;
    private final Journal journal;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicBoolean snapshotting = new AtomicBoolean();
    private final ExecutorService background;
    private final ScheduledThreadPoolExecutor shower;

    /**
     * What {@link #prune(Instant)} has removed.
     *
     * @param changes how many changes of the journal
     * @param holds how many holds that were settled
     */
    public record Pruned(long changes, long holds) {}

    private JdbcStore(
            DataSource source,
            Runnable onClose,
            Engine engine,
            Dialect dialect,
            JdbcOptions options,
            StoreTraits traits,
            Turns turns) {
        this.source = source;
        this.onClose = onClose;
        this.engine = engine;
        this.dialect = dialect;
        this.options = options;
        this.traits = traits;
        this.journal = new Journal(options.prefix(), LANE);
        this.background = Executors.newSingleThreadExecutor(task -> thread(task, "holdfast-jdbc-snapshots"));
        this.shower = new ScheduledThreadPoolExecutor(1, task -> thread(task, "holdfast-jdbc-tables"));
        shower.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.lane = new Lane(LANE, source, dialect, options, turns, new Lane.Listener() {
            @Override
            public boolean snapshot(Lane.Snapshot taken) {
                return JdbcStore.this.snapshot(taken);
            }

            @Override
            public void waiting(long millis) {
                showIn(millis);
            }
        });
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Opens a ledger.
     *
     * @param source gives connections; stays open when the store is closed
     * @param options how to open it
     * @return the open store
     * @throws io.holdfast.error.InvalidInputException if the database is of a kind that is not supported
     * @throws StoreException if the database cannot be reached, or has not the tables of this version
     */
    public static JdbcStore open(DataSource source, JdbcOptions options) {
        return open(source, options, false, () -> {});
    }

    static JdbcStore open(DataSource source, JdbcOptions options, boolean shared, Runnable onClose) {
        return open(source, options, shared, onClose, new Turns(System::nanoTime));
    }

    static JdbcStore open(DataSource source, JdbcOptions options, boolean shared, Runnable onClose, Turns turns) {
        try {
            Engine engine;
            Dialect dialect;
            StoreTraits traits;
            try (Session session = Session.open(source)) {
                engine = Engine.ofProduct(session.connection().getMetaData().getDatabaseProductName());
                dialect = Dialect.of(engine, options.prefix());
                dialect.requireSupported(session.connection());
                Durability durability = dialect.durability(session.connection());
                traits = new StoreTraits(
                        engine.name().toLowerCase(Locale.ROOT),
                        durability,
                        shared || dialect.shared(session.connection()),
                        options.clock() == null,
                        true);
            }
            new Schema(engine, options.prefix()).prepare(source, options.schema());
            JdbcStore store = new JdbcStore(source, onClose, engine, dialect, options, traits, turns);
            store.lane.read((session, state, version) -> version);
            return store;
        } catch (SQLException | JdbiException failure) {
            throw new StoreException("the ledger cannot be opened: " + failure.getMessage(), failure);
        }
    }

    @Override
    public StoreTraits traits() {
        return traits;
    }

    @Override
    public List<Outcome> apply(List<Operation> batch) {
        return apply(batch, List::of);
    }

    @Override
    public List<Outcome> apply(List<Operation> batch, Supplier<List<Operation>> more) {
        requireOpen();
        return lane.apply(batch, more);
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        long first = Entries.millis(from);
        long last = Entries.millis(to);
        long version = wholeVersion();
        long begin = reading(session -> journal.firstFrom(session.connection(), first));
        long end = Math.min(version, reading(session -> journal.firstFrom(session.connection(), last)));
        scan(begin - 1, end, row -> row.list().forEach(change -> Entries.of(change, first, last, reader)));
    }

    @Override
    public void changes(Consumer<Change> reader) {
        long version = wholeVersion();
        Dialect.LaneRow lanes = reading(session -> dialect.read(session.connection(), LANE));
        if (lanes.base() > 0) {
            throw new StoreException(
                    "the journal was pruned and begins after change " + lanes.base() + "; it cannot be given from the"
                            + " beginning",
                    null);
        }
        long[] read = {0};
        scan(0, version, row -> {
            requireNext(row.first(), read[0]);
            row.list().forEach(reader);
            read[0] = row.last();
        });
        requireNext(version + 1, read[0]);
    }

    /** The journal may be pruned while it is read. */
    private static void requireNext(long seq, long read) {
        if (seq != read + 1) {
            throw new StoreException("the journal was pruned while it was read, and ended at change " + read, null);
        }
    }

    /** Returns the version of the ledger, which is not half a copy of another. */
    private long wholeVersion() {
        requireOpen();
        return lane.read((session, state, version) -> {
            state.requireWhole();
            return version;
        });
    }

    /** Reads page by page, and keeps no connection while the changes are used. */
    private void scan(long from, long upTo, Consumer<JournalRow> sink) {
        long last = from;
        List<JournalRow> page;
        do {
            long after = last;
            page = reading(session -> journal.page(session.connection(), after, upTo));
            for (JournalRow row : page) {
                sink.accept(row);
                last = row.last();
            }
        } while (page.size() == Journal.PAGE);
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        requireOpen();
        List<ScopeDefinition> definitions = lane.read((session, state, version) -> {
            state.requireWhole();
            List<ScopeDefinition> all = new ArrayList<>();
            state.definitions(all::add);
            return all;
        });
        definitions.forEach(reader);
    }

    @Override
    public Survey survey(Consumer<LimitState> reader) {
        requireOpen();
        return SurveyWalk.survey(lane::step, reader);
    }

    @Override
    public Verification verify() {
        requireOpen();
        Verifier verifier = new Verifier(LANE, engine, dialect, options.prefix());
        while (true) {
            Verifier.Replay replay = reading(verifier::replay);
            Optional<Verification> verification =
                    lane.read((session, state, version) -> verifier.follow(session, replay, version)
                            ? Optional.of(verifier.compare(replay, state))
                            : Optional.empty());
            if (verification.isPresent()) {
                return verification.get();
            }
        }
    }

    /**
     * Brings the tables that people query up to the last change of the ledger. They follow by themselves within a moment;
     * this is for who cannot wait for it.
     *
     * @throws StoreException if they could not be written
     */
    public void showTables() {
        wholeVersion();
        lane.show();
    }

    /**
     * Removes the changes before a time from the journal, and the holds that were settled before it, a few at a time.
     * Counters, rollups, open holds and the ids that are still remembered stay as they are; entries before that time are
     * gone. Changes that were written as one go with the latest of them.
     *
     * @param olderThan the first time that is kept
     * @return what was removed
     * @throws StoreException if it could not be removed; what is left goes next time
     */
    public Pruned prune(Instant olderThan) {
        showTables();
        return reading(
                session -> new Pruner(LANE, dialect, options.prefix()).prune(session, Entries.millis(olderThan)));
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        shower.shutdown();
        if (lane.reachable()) {
            show(lane::show);
        }
        lane.close();
        background.shutdown();
        boolean interrupted = false;
        try {
            if (!background.awaitTermination(30, TimeUnit.SECONDS)) {
                background.shutdownNow();
            }
        } catch (InterruptedException wait) {
            interrupted = true;
        }
        onClose.run();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new StoreException("the ledger in the database is closed", null);
        }
    }

    private interface Reading<T> {
        T read(Session session) throws SQLException;
    }

    private <T> T reading(Reading<T> reading) {
        return Undisturbed.by(() -> read(reading));
    }

    private <T> T read(Reading<T> reading) {
        try (Session session = Session.open(source)) {
            return reading.read(session);
        } catch (SQLException | JdbiException failure) {
            throw new StoreException("the database cannot be read: " + failure.getMessage(), failure);
        }
    }

    // ---- in the background

    private void showIn(long millis) {
        try {
            ScheduledFuture<?> unused = shower.schedule(() -> show(lane::keepShowing), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // Closing shows what there is.
        }
    }

    private void show(Runnable some) {
        try {
            some.run();
        } catch (RuntimeException failure) {
            System.getLogger(JdbcStore.class.getName())
                    .log(System.Logger.Level.WARNING, "the tables for queries are behind the journal", failure);
            showIn(AFTER_FAILURE_MILLIS);
        }
    }

    /** Has a snapshot written unless one is on its way. */
    private boolean snapshot(Lane.Snapshot taken) {
        if (!snapshotting.compareAndSet(false, true)) {
            return false;
        }
        try {
            background.execute(() -> {
                try {
                    store(taken);
                } finally {
                    snapshotting.set(false);
                }
            });
            return true;
        } catch (RejectedExecutionException closing) {
            snapshotting.set(false);
            return false;
        }
    }

    private void store(Lane.Snapshot taken) {
        try {
            // Whoever opens the ledger there has to come to know every change that the tables lack.
            lane.show();
            write(taken);
        } catch (SQLException | RuntimeException failure) {
            // Opening reads a longer journal until the next one is written, and the one begun here is never named.
            SQLException cause = Session.sqlCause(failure);
            boolean anotherWrites = cause != null && dialect.contended(cause);
            System.Logger.Level level = anotherWrites ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING;
            System.getLogger(JdbcStore.class.getName())
                    .log(level, "a snapshot of the ledger could not be written", failure);
        }
    }

    private void write(Lane.Snapshot taken) throws SQLException {
        try (Session session = Session.open(source)) {
            Snapshots snapshots = new Snapshots(options.prefix(), LANE);
            List<String> parts = Snapshots.parts(taken.remembers(), taken.items());
            if (snapshots.store(session.handle(), Snapshots.Key.newest(taken.version()), parts)) {
                snapshots.announceNewest(session.handle(), taken.version());
            }
        }
    }
}
