package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerState;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import java.sql.SQLException;
import java.util.List;
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

    JdbcStore.Pruned prune(Session session, long before) throws SQLException {
        Dialect.LaneRow row = dialect.read(session.connection(), lane);
        Long last = session.handle()
                .createQuery("SELECT MAX(seq) FROM " + prefix + "journal WHERE lane = :lane AND at_ms < :before")
                .bind("lane", lane)
                .bind("before", before)
                .mapTo(Long.class)
                .findOne()
                .orElse(null);
        long base = last == null ? row.base() : Math.max(row.base(), last);
        if (base > row.base()) {
            moveBase(session, row.base(), base);
        }
        return removeUpTo(session, base);
    }

    private void moveBase(Session session, long from, long to) throws SQLException {
        Handle handle = session.handle();
        LedgerState state = new LedgerState();
        if (!journal.rebuild(session, Snapshots.Key.base(from), to, state, applied -> {})) {
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
        Handle handle = session.handle();
        long next = handle.createQuery("SELECT MIN(seq) FROM " + prefix + "journal WHERE lane = :lane")
                .bind("lane", lane)
                .mapTo(Long.class)
                .findOne()
                .orElse(base + 1);
        long changes = 0;
        long holds = 0;
        while (next <= base) {
            long first = next;
            long end = Math.min(base, first + AT_ONCE - 1);
            List<Key> settled = settledBy(handle, first, end);
            long[] removed = {0};
            changes += inTransaction(session, () -> {
                removed[0] = removeHolds(handle, settled, base);
                return removeChanges(handle, first, end);
            });
            holds += removed[0];
            next = end + 1;
        }
        return new JdbcStore.Pruned(changes, holds);
    }

    private record Key(String scope, String id) {}

    private List<Key> settledBy(Handle handle, long first, long last) {
        return handle.createQuery("SELECT DISTINCT scope, hold_id FROM " + prefix
                        + "journal WHERE lane = :lane AND seq >= :first AND seq <= :last AND hold_id IS NOT NULL")
                .bind("lane", lane)
                .bind("first", first)
                .bind("last", last)
                .map((row, context) -> new Key(row.getString("scope"), row.getString("hold_id")))
                .list();
    }

    /** Leaves those that are open, and those to which something happened since. */
    private long removeHolds(Handle handle, List<Key> settled, long base) {
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

    private long removeChanges(Handle handle, long first, long last) {
        return handle.createUpdate(
                        "DELETE FROM " + prefix + "journal WHERE lane = :lane AND seq >= :first AND seq <= :last")
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
