package io.holdfast.store.jdbc;

import io.holdfast.internal.CounterTotals;
import io.holdfast.internal.Entries;
import io.holdfast.internal.LedgerState;
import io.holdfast.internal.StateAudit;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.Limit;
import io.holdfast.spi.Change;
import io.holdfast.spi.Entry;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.Verification;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Replays the journal that is kept and compares the tables, and the state in memory, with what comes of it. */
final class Verifier {
    private static final int MOST_DIFFERENCES = 100;

    private final int lane;
    private final Engine engine;
    private final Dialect dialect;
    private final String prefix;
    private final Journal journal;
    private final PublicTables tables;

    Verifier(int lane, Engine engine, Dialect dialect, String prefix) {
        this.lane = lane;
        this.engine = engine;
        this.dialect = dialect;
        this.prefix = prefix;
        this.journal = new Journal(prefix, lane);
        this.tables = new PublicTables(dialect, prefix, lane);
    }

    /** What a counter adds up to after its last change. */
    private record Totals(String name, long committed, long held) {
        static Totals of(CounterTotals each) {
            return new Totals(
                    name(each.scope(), each.limit(), each.owner(), each.session()), each.committed(), each.held());
        }

        static Totals of(StateItem.Counted each) {
            return new Totals(
                    name(each.scope(), each.limit(), each.owner(), each.session()),
                    sum(each.committed()),
                    sum(each.held()));
        }

        private static long sum(List<Long> amounts) {
            return amounts.stream().mapToLong(Long::longValue).sum();
        }

        private static String name(String scope, Limit limit, @Nullable String owner, @Nullable String session) {
            return scope + " " + limit.key() + (session == null ? "" : " of session " + owner + "/" + session);
        }
    }

    /** A replay under way, and then what came of it. */
    static final class Replay {
        private final LedgerState state = new LedgerState();
        private final Map<String, Totals> totals = new HashMap<>();
        private final Map<String, TableRows.Rollup> rollups = new HashMap<>();
        private final List<String> differences = new ArrayList<>();
        private long base;
        private long version;
        private long replayed;
        private long compared;

        void differ(String difference) {
            if (differences.size() < MOST_DIFFERENCES) {
                differences.add(difference);
            }
        }

        Verification verification() {
            return new Verification(replayed, compared, List.copyOf(differences));
        }

        private void apply(JournalRow row, List<Change> changes) {
            Journal.apply(state, row, changes);
            applied(row);
        }

        private void applied(JournalRow row) {
            version = row.last();
            replayed += row.last() - row.first() + 1;
        }

        private void add(Entry entry) {
            rollups.computeIfAbsent(TableRows.Rollup.key(entry), made -> new TableRows.Rollup(entry))
                    .add(entry);
        }

        /** A counter that is not touched stays as it is, so that it is enough to ask once at the end. */
        private void addUp() {
            state.totals((counter, each) -> totals.put(TableRows.counterId(each), Totals.of(each)));
        }
    }

    /** Replays the journal and compares the tables with it, all under one consistent read. */
    Replay replay(Session session) throws SQLException {
        Replay replay = new Replay();
        replay.state.noteTotals();
        session.beginReading(engine);
        Handle handle = session.handle();
        Dialect.LaneRow row = dialect.read(session.connection(), lane);
        replay.base = row.base();
        replay.version = row.base();
        long shown = tables.shown(session);
        boolean whole;
        try {
            whole = journal.rebuild(session, Snapshots.Key.base(row.base()), shown, replay.state, (part, changes) -> {
                replay.applied(part);
                compareCharges(handle, replay, part, changes);
            });
        } catch (io.holdfast.spi.CorruptLedgerException damaged) {
            replay.differ(String.valueOf(damaged.getMessage()));
            session.rollback();
            return replay;
        }
        if (!whole) {
            replay.differ("the journal has a gap after change " + replay.version);
            session.rollback();
            return replay;
        }
        replay.addUp();
        compareJournalEnd(handle, replay, row.version());
        compareBalances(handle, replay);
        compareScopes(handle, replay);
        compareHolds(handle, replay);
        compareRollups(handle, replay);
        compareOutbox(handle, replay);
        follow(session, replay, row.version());
        compareOpening(session, replay, row);
        session.rollback();
        return replay;
    }

    private void compareJournalEnd(Handle handle, Replay replay, long version) {
        long beyond = handle.createQuery(
                        "SELECT COUNT(*) FROM " + prefix + "journal WHERE lane = :lane AND first_seq > :version")
                .bind("lane", lane)
                .bind("version", version)
                .mapTo(Long.class)
                .one();
        if (beyond > 0) {
            replay.differ("the journal has " + beyond + " rows beyond the lane's version " + version);
        }
    }

    private record Charge(long seq, List<@Nullable Object> values) {}

    /** What the changes of a row booked is in the table of charges, and nothing else is. */
    private void compareCharges(Handle handle, Replay replay, JournalRow row, List<Change> changes) {
        List<Charge> wanted = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            long seq = row.first() + i;
            Entries.of(changes.get(i), Long.MIN_VALUE, Long.MAX_VALUE, entry -> {
                replay.add(entry);
                wanted.add(new Charge(seq, Arrays.asList(TableRows.charge(lane, seq, entry))));
            });
        }
        List<Charge> found = handle.createQuery("SELECT " + Table.CHARGES.columnNames() + " FROM " + prefix
                        + "charges WHERE lane = :lane AND seq >= :first AND seq <= :last ORDER BY seq, kind DESC")
                .bind("lane", lane)
                .bind("first", row.first())
                .bind("last", row.last())
                .map((each, context) -> charge(each))
                .list();
        replay.compared += found.size();
        for (int i = 0; i < Math.max(wanted.size(), found.size()); i++) {
            Charge one = i < wanted.size() ? wanted.get(i) : null;
            Charge other = i < found.size() ? found.get(i) : null;
            if (!Objects.equals(one, other)) {
                replay.differ("charges of changes " + row.first() + " to " + row.last() + ": the journal gives "
                        + (one == null ? "no more" : one) + ", the table has " + (other == null ? "no more" : other));
                return;
            }
        }
    }

    private static Charge charge(ResultSet row) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>();
        for (Table.Column column : Table.CHARGES.all()) {
            values.add(column.kind() == Table.Kind.LONG ? number(row, column.name()) : row.getString(column.name()));
        }
        return new Charge(row.getLong("seq"), values);
    }

    private static @Nullable Long number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private record Balance(
            String id,
            String name,
            long committed,
            long held,
            @Nullable Long nextChange) {
        /** Tells whether a counter that was not touched since stands as it may: some of it may have left its window. */
        boolean mayBe(Totals totals, long now) {
            boolean fallen = nextChange != null && nextChange <= now;
            return fallen
                    ? committed >= totals.committed && held >= totals.held
                    : committed == totals.committed && held == totals.held;
        }
    }

    private void compareBalances(Handle handle, Replay replay) {
        Set<String> seen = new HashSet<>();
        Map<String, Totals> untouched = new HashMap<>();
        replay.state.items(item -> {
            if (item instanceof StateItem.Counted counted && counted.loopKey() == null) {
                untouched.put(TableRows.counterId(counted), Totals.of(counted));
            }
        });
        handle.createQuery("SELECT counter_id, scope, meter, window_text, committed, held, next_change_ms FROM "
                        + prefix + "balances WHERE lane = :lane")
                .bind("lane", lane)
                .setFetchSize(Journal.PAGE)
                .map((row, context) -> new Balance(
                        row.getString("counter_id"),
                        row.getString("scope") + " " + row.getString("meter") + "/" + row.getString("window_text"),
                        row.getLong("committed"),
                        row.getLong("held"),
                        number(row, "next_change_ms")))
                .forEach(row -> {
                    replay.compared++;
                    seen.add(row.id);
                    Totals totals = replay.totals.get(row.id);
                    Totals before = untouched.getOrDefault(row.id, new Totals(row.name, 0, 0));
                    if (totals == null && !row.mayBe(before, replay.state.lastTime())) {
                        replay.differ(difference(before, row));
                    } else if (totals != null && (totals.committed != row.committed || totals.held != row.held)) {
                        replay.differ(difference(totals, row));
                    } else if (row.committed < 0 || row.held < 0) {
                        replay.differ("balance of " + row.name + " is negative: " + row);
                    }
                });
        replay.totals.forEach((id, totals) -> {
            if (!seen.contains(id)) {
                replay.differ("balance of " + totals.name + ": the table has none");
            }
        });
    }

    private static String difference(Totals totals, Balance row) {
        return "balance of " + totals.name + ": the journal gives " + totals.committed + " committed and " + totals.held
                + " held, the table has " + row.committed + " and " + row.held;
    }

    /** Scopes and templates defined by their own names are there as they were last defined. */
    private void compareScopes(Handle handle, Replay replay) {
        Map<String, List<String>> expected = new HashMap<>();
        replay.state.items(item -> {
            if (item instanceof StateItem.Template template) {
                expected.put(template.definition().name(), List.of("defined", text(template.definition())));
            } else if (item instanceof StateItem.Scope scope && scope.own() != null) {
                expected.put(scope.name(), List.of(scope.draining() ? "draining" : "defined", text(scope.own())));
            }
        });
        handle.createQuery("SELECT name, state, definition FROM " + prefix + "scopes WHERE lane = :lane")
                .bind("lane", lane)
                .map((row, context) ->
                        List.of(row.getString("name"), row.getString("state"), row.getString("definition")))
                .forEach(row -> {
                    replay.compared++;
                    List<String> wanted = expected.remove(row.get(0));
                    if (wanted == null ? !row.get(1).equals("removed") : !wanted.equals(row.subList(1, 3))) {
                        replay.differ("scope '" + row.get(0) + "': the journal gives "
                                + (wanted == null ? "nothing" : wanted) + ", the table has " + row.subList(1, 3));
                    }
                });
        expected.keySet()
                .forEach(name -> replay.differ("scope '" + name + "' is defined, and the table has no such row"));
    }

    private static String text(ScopeDefinition definition) {
        return Json.text(Json.of(definition));
    }

    private record HoldRow(
            String key,
            String state,
            long input,
            long output,
            long calls,
            @Nullable Long booked) {}

    /** Open holds are compared one by one; those that are finished are compared while their names are remembered. */
    private void compareHolds(Handle handle, Replay replay) {
        Map<String, StateItem.Held> expected = new HashMap<>();
        replay.state.items(item -> {
            if (item instanceof StateItem.Held held) {
                expected.put(held.scope() + "\n" + held.id(), held);
            }
        });
        Set<String> open = new HashSet<>();
        handle.createQuery("SELECT scope, hold_id, state, input_tokens, output_tokens, calls, booked_calls FROM "
                        + prefix + "holds WHERE lane = :lane")
                .bind("lane", lane)
                .setFetchSize(Journal.PAGE)
                .map((row, context) -> new HoldRow(
                        row.getString("scope") + "\n" + row.getString("hold_id"),
                        row.getString("state"),
                        row.getLong("input_tokens"),
                        row.getLong("output_tokens"),
                        row.getLong("calls"),
                        number(row, "booked_calls")))
                .forEach(row -> {
                    replay.compared++;
                    StateItem.Held held = expected.get(row.key);
                    boolean active = row.state.equals(Json.lower(HoldState.ACTIVE));
                    if (active) {
                        open.add(row.key);
                    }
                    if (held == null ? active : !same(held, row)) {
                        replay.differ("hold " + row.key.replace('\n', '/') + ": the journal gives " + held
                                + ", the table has " + row);
                    }
                });
        expected.forEach((key, held) -> {
            if (held.state() == HoldState.ACTIVE && !open.contains(key)) {
                replay.differ("hold " + key.replace('\n', '/') + " is open, and the table has no such row");
            }
        });
    }

    private static boolean same(StateItem.Held held, HoldRow row) {
        return Json.lower(held.state()).equals(row.state)
                && held.amounts().inputTokens() == row.input
                && held.amounts().outputTokens() == row.output
                && held.amounts().calls() == row.calls
                && (held.state() == HoldState.ACTIVE
                        || (row.booked != null && held.booked().calls() == row.booked));
    }

    /** Days before the journal that is kept cannot be added up again, nor can the day it begins on. */
    private void compareRollups(Handle handle, Replay replay) {
        Long baseAt = replay.base == 0
                ? null
                : handle.createQuery("SELECT first_at_ms FROM " + prefix
                                + "journal WHERE lane = :lane AND first_seq > :base ORDER BY lane, first_seq LIMIT 1")
                        .bind("lane", lane)
                        .bind("base", replay.base)
                        .mapTo(Long.class)
                        .findOne()
                        .orElse(Long.MAX_VALUE);
        String firstDay = baseAt == null
                ? ""
                : baseAt == Long.MAX_VALUE
                        ? "9"
                        : Instant.ofEpochMilli(baseAt)
                                .atOffset(ZoneOffset.UTC)
                                .toLocalDate()
                                .plusDays(1)
                                .toString();
        Set<String> seen = new HashSet<>();
        handle.createQuery("SELECT day_utc, scope, model, entries, cost_nanos, input_tokens, output_tokens, calls FROM "
                        + prefix + "rollups WHERE lane = :lane")
                .bind("lane", lane)
                .setFetchSize(Journal.PAGE)
                .map((row, context) -> List.of(
                        row.getString("day_utc"),
                        row.getString("day_utc") + "\n" + row.getString("scope") + "\n" + row.getString("model"),
                        List.of(
                                row.getLong("entries"),
                                row.getLong("cost_nanos"),
                                row.getLong("input_tokens"),
                                row.getLong("output_tokens"),
                                row.getLong("calls"))))
                .forEach(row -> {
                    String day = (String) row.get(0);
                    String key = (String) row.get(1);
                    seen.add(key);
                    if (day.compareTo(firstDay) < 0) {
                        return;
                    }
                    replay.compared++;
                    TableRows.Rollup sums = replay.rollups.get(key);
                    List<Long> wanted = sums == null
                            ? List.of()
                            : List.of(sums.entries, sums.cost, sums.input, sums.output, sums.calls);
                    if (!wanted.equals(row.get(2))) {
                        replay.differ("rollup of " + key.replace('\n', ' ') + ": the journal gives " + wanted
                                + ", the table has " + row.get(2));
                    }
                });
        replay.rollups.keySet().forEach(key -> {
            if (!seen.contains(key)) {
                replay.differ("rollup of " + key.replace('\n', ' ') + ": the table has none");
            }
        });
    }

    /** Every message that waits is in the outbox, and nothing else is. */
    private void compareOutbox(Handle handle, Replay replay) {
        Map<String, String> expected = new HashMap<>();
        replay.state.items(item -> {
            if (item instanceof StateItem.Queued queued) {
                expected.put(
                        queued.subscription() + "\n" + queued.message().id(),
                        Json.text(Json.of(queued.message().notice())));
            }
        });
        handle.createQuery("SELECT subscription, message_id, notice FROM " + prefix + "outbox WHERE lane = :lane")
                .bind("lane", lane)
                .setFetchSize(Journal.PAGE)
                .map((row, context) -> List.of(
                        row.getString("subscription") + "\n" + row.getString("message_id"), row.getString("notice")))
                .forEach(row -> {
                    replay.compared++;
                    String wanted = expected.remove(row.get(0));
                    if (!row.get(1).equals(wanted)) {
                        replay.differ("message " + row.get(0).replace('\n', '/') + ": the journal gives "
                                + (wanted == null ? "nothing" : wanted) + ", the table has " + row.get(1));
                    }
                });
        expected.keySet()
                .forEach(key -> replay.differ(
                        "message " + key.replace('\n', '/') + " waits, and the table of the outbox has no such row"));
    }

    /** Compares with the state that a ledger opened now would begin with. */
    private void compareOpening(Session session, Replay replay, Dialect.LaneRow row) throws SQLException {
        if (row.opening().kind() == Snapshots.Kind.BASE) {
            add(replay, StateAudit.of(replay.state));
            return;
        }
        LedgerState opened = new LedgerState();
        if (!journal.rebuild(session, row.opening(), row.version(), opened, (part, changes) -> {})) {
            replay.differ("the newest snapshot, at change " + row.snapshot() + ", is not whole");
            return;
        }
        add(replay, StateAudit.compare(replay.replayed, replay.state, opened));
    }

    /**
     * Goes on with a replay up to a later version.
     *
     * @return false if what comes next was pruned meanwhile, so that only a new replay can tell
     */
    boolean follow(Session session, Replay replay, long version) throws SQLException {
        boolean whole = version <= replay.version
                || !replay.differences.isEmpty()
                || journal.read(session.connection(), replay.version, version, replay::apply);
        if (!whole && dialect.read(session.connection(), lane).base() <= replay.version) {
            replay.differ("the journal has a gap after change " + replay.version);
            return true;
        }
        return whole;
    }

    /** Compares the state in memory with a replay that went as far, unless a snapshot has seen a later time. */
    Verification compare(Replay replay, LedgerState state) {
        if (replay.differences.isEmpty() && state.lastTime() >= replay.state.lastTime()) {
            add(replay, StateAudit.compare(replay.replayed, replay.state, state));
        }
        return replay.verification();
    }

    private static void add(Replay replay, Verification verification) {
        replay.compared += verification.compared();
        verification.differences().forEach(replay::differ);
    }
}
