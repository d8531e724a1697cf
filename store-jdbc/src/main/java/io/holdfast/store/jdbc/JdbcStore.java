package io.holdfast.store.jdbc;

import io.holdfast.internal.Entries;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.StoreTraits;
import io.holdfast.spi.Verification;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.JdbiException;

/**
 * The ledger in a database. Any number of processes may open the same tables at once, where the database lets them. Every
 * batch is one transaction of a fixed number of statements, whatever its size; who may write next is decided by a version
 * in the row of the lane, never by an isolation level.
 */
public final class JdbcStore implements LedgerStore {
    private static final int LANE = 0;

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
            StoreTraits traits) {
        this.source = source;
        this.onClose = onClose;
        this.engine = engine;
        this.dialect = dialect;
        this.options = options;
        this.traits = traits;
        this.journal = new Journal(options.prefix(), LANE);
        this.lane = new Lane(LANE, source, dialect, options, this::snapshot);
        this.background = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "holdfast-jdbc-snapshots");
            thread.setDaemon(true);
            return thread;
        });
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
            JdbcStore store = new JdbcStore(source, onClose, engine, dialect, options, traits);
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
        requireOpen();
        return lane.apply(batch);
    }

    @Override
    public void entries(Instant from, Instant to, Consumer<Entry> reader) {
        requireOpen();
        long first = millis(from);
        long last = millis(to);
        long after = 0;
        while (true) {
            List<JournalRows.Row> page = page(after, first, last);
            for (JournalRows.Row row : page) {
                Entries.of(row.change(), first, last, reader);
                after = row.seq();
            }
            if (page.size() < Journal.PAGE) {
                return;
            }
        }
    }

    private List<JournalRows.Row> page(long after, long from, long to) {
        return reading(session -> journal.page(session.connection(), after, from, to));
    }

    /** Far times are as good as any beyond the journal's. */
    private static long millis(Instant time) {
        try {
            return time.toEpochMilli();
        } catch (ArithmeticException far) {
            return time.isAfter(Instant.EPOCH) ? Long.MAX_VALUE : Long.MIN_VALUE;
        }
    }

    @Override
    public void definitions(Consumer<ScopeDefinition> reader) {
        requireOpen();
        List<ScopeDefinition> definitions = lane.read((session, state, version) -> {
            List<ScopeDefinition> all = new ArrayList<>();
            state.definitions(all::add);
            return all;
        });
        definitions.forEach(reader);
    }

    @Override
    public Verification verify() {
        requireOpen();
        Verifier verifier = new Verifier(LANE, engine, dialect, options.prefix());
        Verifier.Replay replay = reading(verifier::replay);
        return lane.read((session, state, version) -> {
            verifier.follow(session, replay, version);
            return verifier.compare(replay, state);
        });
    }

    /**
     * Removes the changes before a time from the journal, and the holds that were settled before it, a few at a time.
     * Counters, rollups, open holds and the ids that are still remembered stay as they are; entries before that time are
     * gone.
     *
     * @param olderThan the first time that is kept
     * @return what was removed
     * @throws StoreException if it could not be removed; what is left goes next time
     */
    public Pruned prune(Instant olderThan) {
        requireOpen();
        return reading(session -> new Pruner(LANE, dialect, options.prefix()).prune(session, millis(olderThan)));
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
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
        try (Session session = Session.open(source)) {
            return reading.read(session);
        } catch (SQLException | JdbiException failure) {
            throw new StoreException("the database cannot be read: " + failure.getMessage(), failure);
        }
    }

    // ---- snapshots

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
        } catch (java.util.concurrent.RejectedExecutionException closing) {
            snapshotting.set(false);
            return false;
        }
    }

    private void store(Lane.Snapshot taken) {
        try (Session session = Session.open(source)) {
            journal.store(session.handle(), taken.version(), Journal.parts(taken.remembers(), taken.items()));
            journal.announce(session.handle(), taken.version());
        } catch (SQLException | RuntimeException failure) {
            // Opening reads a longer journal until the next one is written, and the one begun here is never named.
            System.getLogger(JdbcStore.class.getName())
                    .log(System.Logger.Level.WARNING, "a snapshot of the ledger could not be written", failure);
        }
    }
}
