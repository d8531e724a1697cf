package io.holdfast.store.jdbc;

import io.holdfast.internal.LedgerState;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Removes what is old. First the state at the last change that goes is worked out from the journal and stored, so that the
 * rest can still be verified; then rows go a few at a time, each time in a transaction of its own.
 */
final class Pruner {
    private static final int AT_ONCE = 500;

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
        Handle handle = session.handle();
        Dialect.LaneRow row = dialect.read(session.connection(), lane);
        Long last = handle.createQuery(
                        "SELECT MAX(seq) FROM " + prefix + "journal WHERE lane = :lane AND at_ms < :before")
                .bind("lane", lane)
                .bind("before", before)
                .mapTo(Long.class)
                .findOne()
                .orElse(null);
        long base = last == null ? row.base() : Math.max(row.base(), last);
        if (base > row.base()) {
            moveBase(session, row.base(), base);
        }
        long changes = pruneJournal(handle, base);
        return new JdbcStore.Pruned(changes, pruneHolds(handle, base, before));
    }

    private void moveBase(Session session, long from, long to) throws SQLException {
        Handle handle = session.handle();
        LedgerState state = new LedgerState();
        if (!journal.rebuild(session, Snapshots.Key.base(from), to, state, applied -> {})) {
            throw new CorruptLedgerException("the journal has a gap after change " + from, null);
        }
        underLock(session, () -> snapshots.deleteOtherBases(handle));
        boolean stored = snapshots.store(handle, Snapshots.Key.base(to), Snapshots.parts(state));
        boolean[] moved = {false};
        underLock(session, () -> {
            moved[0] = stored && snapshots.announceBase(handle, from, to);
            snapshots.deleteOtherBases(handle);
        });
        if (!moved[0]) {
            throw new StoreException("another process is pruning the ledger; nothing was removed", null);
        }
    }

    /** Does what is quickly done while the row of the lane is locked. */
    private void underLock(Session session, Runnable work) throws SQLException {
        session.begin();
        dialect.lock(session.connection(), lane);
        work.run();
        session.commit();
    }

    private long pruneJournal(Handle handle, long base) {
        Long first = handle.createQuery("SELECT MIN(seq) FROM " + prefix + "journal WHERE lane = :lane")
                .bind("lane", lane)
                .mapTo(Long.class)
                .findOne()
                .orElse(null);
        long removed = 0;
        long next = first == null ? base + 1 : first;
        while (next <= base) {
            long end = Math.min(base, next + AT_ONCE - 1);
            removed += handle.createUpdate(
                            "DELETE FROM " + prefix + "journal WHERE lane = :lane AND seq >= :first AND seq <= :last")
                    .bind("lane", lane)
                    .bind("first", next)
                    .bind("last", end)
                    .execute();
            next = end + 1;
        }
        return removed;
    }

    private record Key(String scope, String id, boolean old) {}

    /** Goes through all holds in the order of their key, as no index is kept up just for this. */
    private long pruneHolds(Handle handle, long base, long before) {
        long removed = 0;
        @Nullable Key last = null;
        while (true) {
            List<Key> page = handle.createQuery("SELECT scope, hold_id, CASE WHEN state <> 'active'"
                            + " AND settled_at_ms < :before AND seq <= :base THEN 1 ELSE 0 END AS old_one"
                            + " FROM " + prefix + "holds WHERE lane = :lane"
                            + " AND (scope > :scope OR (scope = :scope AND hold_id > :id))"
                            + " ORDER BY scope, hold_id LIMIT " + AT_ONCE)
                    .bind("before", before)
                    .bind("base", base)
                    .bind("lane", lane)
                    .bind("scope", last == null ? "" : last.scope)
                    .bind("id", last == null ? "" : last.id)
                    .map((row, context) ->
                            new Key(row.getString("scope"), row.getString("hold_id"), row.getInt("old_one") == 1))
                    .list();
            removed += delete(handle, page, base);
            if (page.size() < AT_ONCE) {
                return removed;
            }
            last = page.get(page.size() - 1);
        }
    }

    private long delete(Handle handle, List<Key> page, long base) {
        if (page.stream().noneMatch(Key::old)) {
            return 0;
        }
        return handle.inTransaction(transaction -> {
            org.jdbi.v3.core.statement.PreparedBatch batch = transaction.prepareBatch("DELETE FROM " + prefix
                    + "holds WHERE lane = :lane AND scope = :scope AND hold_id = :id AND seq <= :base");
            for (Key key : page) {
                if (key.old) {
                    batch.bind("lane", lane)
                            .bind("scope", key.scope)
                            .bind("id", key.id)
                            .bind("base", base)
                            .add();
                }
            }
            long removed = 0;
            for (int count : batch.execute()) {
                removed += Math.max(0, count);
            }
            return removed;
        });
    }
}
