package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerState;
import io.holdfast.spi.Change;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * Removes what is old. First the state at the last change that goes is worked out from the journal and stored, so that the
 * rest can still be verified; then changes go a few at a time, with the holds they settled, each time in a transaction of
 * its own.
 */
final class Pruner {
    static final int AT_ONCE = 500;

    private static final int MOST_TRIES = 10;
    private static final long PAUSE_NANOS = 20_000_000;

    private final int lane;
    private final Dialect dialect;
    private final String prefix;
    private final Journal journal;
    private final Snapshots snapshots;

    Pruner(int lane, Dialect dialect, String prefix) {
        this.lane = lane;
        this.dialect = dialect;
        this.prefix = prefix;
        this.journal = new Journal(prefix, lane);
        this.snapshots = new Snapshots(prefix, lane);
    }

    JdbcStore.Pruned prune(Session session, long olderThan) throws SQLException {
        Dialect.LaneRow row = dialect.read(session.connection(), lane);
        long shown = new PublicTables(dialect, prefix, lane).shown(session);
        long before = journal.firstFrom(session.connection(), olderThan) - 1;
        long base = Math.max(row.base(), Math.min(before, shown));
        if (base > row.base()) {
            moveBase(session, row.base(), base);
        }
        return removeUpTo(session, base);
    }

    private void moveBase(Session session, long from, long to) throws SQLException {
        Handle handle = session.handle();
        LedgerState state = new LedgerState();
        if (!journal.rebuild(session, Snapshots.Key.base(from), to, state, (row, changes) -> {})) {
            throw new CorruptLedgerException("the journal has a gap after change " + from, null);
        }
        underLock(session, () -> {
            snapshots.deleteOtherBases(handle);
            return 0;
        });
        boolean stored = snapshots.store(handle, Snapshots.Key.base(to), Snapshots.parts(state));
        long moved = underLock(session, () -> {
            boolean announced = stored && snapshots.announceBase(handle, from, to);
            snapshots.deleteOtherBases(handle);
            return announced ? 1 : 0;
        });
        if (moved == 0) {
            throw new StoreException("another process is pruning the ledger; nothing was removed", null);
        }
    }

    /** Does what is quickly done while the row of the lane is locked. */
    private long underLock(Session session, LongSupplier work) throws SQLException {
        return inTransaction(session, () -> {
            dialect.lock(session.connection(), lane);
            return work.getAsLong();
        });
    }

    private JdbcStore.Pruned removeUpTo(Session session, long base) throws SQLException {
        long changes = 0;
        long holds = 0;
        long last = 0;
        for (List<JournalRow> rows = some(session, last, base); !rows.isEmpty(); rows = some(session, last, base)) {
            long first = rows.get(0).first();
            long end = rows.get(rows.size() - 1).last();
            Set<Key> settled = settledBy(rows);
            holds += inTransaction(session, () -> {
                remove(session.handle(), "journal", "first_seq", first, end);
                remove(session.handle(), "charges", "seq", first, end);
                return removeHolds(session.handle(), settled, base);
            });
            changes += end - first + 1;
            last = end;
        }
        return new JdbcStore.Pruned(changes, holds);
    }

    /** Returns the next rows of the journal, of about as many changes as go at once. */
    private List<JournalRow> some(Session session, long after, long base) throws SQLException {
        List<JournalRow> page = journal.page(session.connection(), after, base);
        long changes = 0;
        for (int i = 0; i < page.size(); i++) {
            changes += page.get(i).last() - page.get(i).first() + 1;
            if (changes >= AT_ONCE) {
                return page.subList(0, i + 1);
            }
        }
        return page;
    }

    private record Key(String scope, String id) {}

    private static Set<Key> settledBy(List<JournalRow> rows) {
        Set<Key> settled = new LinkedHashSet<>();
        for (JournalRow row : rows) {
            for (Change change : row.list()) {
                if (change instanceof Change.Committed committed) {
                    settled.add(new Key(committed.scope(), committed.holdId()));
                } else if (change instanceof Change.Released released) {
                    settled.add(new Key(released.scope(), released.holdId()));
                } else if (change instanceof Change.Expired expired) {
                    settled.add(new Key(expired.scope(), expired.holdId()));
                }
            }
        }
        return settled;
    }

    /** Leaves those to which something happened since. */
    private long removeHolds(Handle handle, Set<Key> settled, long base) {
        if (settled.isEmpty()) {
            return 0;
        }
        PreparedBatch batch = handle.prepareBatch("DELETE FROM " + prefix
                + "holds WHERE lane = :lane AND scope = :scope AND hold_id = :id AND state <> 'active'"
                + " AND seq <= :base");
        for (Key key : settled) {
            batch.bind("lane", lane)
                    .bind("scope", key.scope)
                    .bind("id", key.id)
                    .bind("base", base)
                    .add();
        }
        long removed = 0;
        for (int count : batch.execute()) {
            removed += Math.max(0, count);
        }
        return removed;
    }

    private void remove(Handle handle, String table, String column, long first, long last) {
        handle.createUpdate("DELETE FROM " + prefix + table + " WHERE lane = :lane AND " + column + " >= :first AND "
                        + column + " <= :last")
                .bind("lane", lane)
                .bind("first", first)
                .bind("last", last)
                .execute();
    }

    private interface Work {
        long run() throws SQLException;
    }

    /** Does something in a transaction, and again where others were in the way. */
    private long inTransaction(Session session, Work work) throws SQLException {
        for (int tries = 1; ; tries++) {
            try {
                session.begin();
                long result = work.run();
                session.commit();
                return result;
            } catch (SQLException | JdbiException failure) {
                SQLException cause = Session.sqlCause(failure);
                if (cause == null || !dialect.contended(cause) || tries == MOST_TRIES) {
                    throw failure;
                }
                session.rollback();
                LockSupport.parkNanos(tries * PAUSE_NANOS);
            }
        }
    }
}
