package io.holdfast.store.jdbc;

import io.holdfast.internal.CounterTotals;
import io.holdfast.internal.Entries;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the tables that people query come to show by a backlog, put together so that every row is written once. */
final class TableRows {
    private final int lane;
    private final List<@Nullable Object[]> charges = new ArrayList<>();
    private final List<@Nullable Object[]> balances = new ArrayList<>();
    private final Map<HoldKey, HoldRow> holds = new LinkedHashMap<>();
    private final Map<String, Rollup> rollups = new LinkedHashMap<>();
    private final Map<String, @Nullable Object[]> scopes = new LinkedHashMap<>();
    private final Map<String, @Nullable Object[]> scopeStates = new LinkedHashMap<>();
    private final Map<String, @Nullable Object[]> queued = new LinkedHashMap<>();
    private final List<@Nullable Object[]> dequeued = new ArrayList<>();
    private final Map<String, @Nullable Object[]> emptied = new LinkedHashMap<>();
    private long seq;

    private TableRows(int lane) {
        this.lane = lane;
    }

    static TableRows of(int lane, Backlog backlog) {
        TableRows rows = new TableRows(lane);
        rows.seq = backlog.from();
        backlog.changes().forEach(rows::add);
        backlog.balances().forEach(rows::add);
        backlog.drained().forEach(rows::add);
        return rows;
    }

    private record HoldKey(String scope, String id) {}

    /** The state of a hold after the backlog: whole if the backlog made it, and otherwise only what changed. */
    private static final class HoldRow {
        final Change.@Nullable Held made;
        final String scope;
        final String id;
        String state = Json.lower(HoldState.ACTIVE);

        @Nullable
        Long expiresAt;

        @Nullable
        Long settledAt;

        @Nullable
        Amounts booked;

        long seq;

        HoldRow(Change.@Nullable Held made, String scope, String id) {
            this.made = made;
            this.scope = scope;
            this.id = id;
        }
    }

    /** Sums of the entries of one day, scope and model. */
    static final class Rollup {
        final String day;
        final String scope;
        final String model;
        long entries;
        long cost;
        long input;
        long output;
        long calls;

        Rollup(Entry entry) {
            day = entry.time().atOffset(ZoneOffset.UTC).toLocalDate().toString();
            scope = entry.scope();
            model = entry.model();
        }

        static String key(Entry entry) {
            return entry.time().atOffset(ZoneOffset.UTC).toLocalDate() + "\n" + entry.scope() + "\n" + entry.model();
        }

        void add(Entry entry) {
            int sign = entry.kind().sign();
            entries++;
            cost += sign * Math.max(0, entry.amounts().cost());
            input += sign * entry.amounts().inputTokens();
            output += sign * entry.amounts().outputTokens();
            calls += sign * entry.amounts().calls();
        }
    }

    // ---- gathering

    private void add(Change change) {
        seq++;
        Entries.of(change, Long.MIN_VALUE, Long.MAX_VALUE, this::add);
        if (change instanceof Change.Allotted allotted) {
            add(held(allotted));
        } else if (change instanceof Change.Held held) {
            add(held);
        } else if (change instanceof Change.Committed committed) {
            HoldState state = committed.kind() == EntryKind.LATE ? HoldState.LATE_COMMITTED : HoldState.COMMITTED;
            settle(committed.scope(), committed.holdId(), state, change.at(), committed.amounts());
        } else if (change instanceof Change.Released released) {
            settle(released.scope(), released.holdId(), HoldState.RELEASED, change.at(), Amounts.NONE);
        } else if (change instanceof Change.Expired expired) {
            Amounts booked = expired.booked() == null ? Amounts.NONE : expired.booked();
            settle(expired.scope(), expired.holdId(), HoldState.EXPIRED, expired.due(), booked);
        } else if (change instanceof Change.Extended extended) {
            HoldRow row = hold(extended.scope(), extended.holdId());
            row.expiresAt = extended.expiresAt();
        } else if (change instanceof Change.Defined defined) {
            String name = defined.definition().name();
            scopes.put(name, new Object[] {
                (long) lane,
                name,
                defined.definition().parent(),
                "defined",
                Json.text(Json.of(defined.definition())),
                change.at(),
                seq
            });
            scopeStates.remove(name);
        } else if (change instanceof Change.Removed removed) {
            remove(removed.scope(), removed.draining() ? "draining" : "removed", removed.at(), seq);
        } else if (change instanceof Change.Queued message) {
            queued.put(message.subscription() + "\n" + message.messageId(), new Object[] {
                (long) lane,
                message.subscription(),
                message.messageId(),
                message.at(),
                Json.lower(message.notice().kind()),
                message.notice().scope(),
                Json.text(Json.of(message.notice())),
                seq
            });
        } else if (change instanceof Change.Dequeued message) {
            if (queued.remove(message.subscription() + "\n" + message.messageId()) == null) {
                dequeued.add(new Object[] {(long) lane, message.subscription(), message.messageId()});
            }
        } else if (change instanceof Change.Unsubscribed ended) {
            queued.keySet().removeIf(key -> key.startsWith(ended.subscription() + "\n"));
            emptied.put(ended.subscription(), new Object[] {(long) lane, ended.subscription()});
        }
    }

    private void add(Change.Held held) {
        HoldRow row = new HoldRow(held, held.scope(), held.id().value());
        row.expiresAt = held.expiresAt();
        row.seq = seq;
        holds.put(new HoldKey(held.scope(), held.id().value()), row);
    }

    /** An allotment is a hold of any model. What is left of it follows from the holds that draw on it. */
    private static Change.Held held(Change.Allotted allotted) {
        return new Change.Held(
                allotted.at(),
                allotted.id(),
                allotted.scope(),
                allotted.session(),
                "*",
                new Amounts(allotted.cost(), 0, 0, 0),
                0,
                allotted.expiresAt(),
                OnExpiry.RELEASE,
                List.of(),
                null,
                null,
                allotted.fingerprint(),
                Detail.NONE);
    }

    private void remove(String scope, String state, long at, long seq) {
        @Nullable Object[] defined = scopes.get(scope);
        if (defined == null) {
            scopeStates.put(scope, new Object[] {state, at, seq, (long) lane, scope});
        } else {
            defined[3] = state;
            defined[5] = at;
            defined[6] = seq;
        }
    }

    private void add(Backlog.Drained drained) {
        @Nullable Object[] defined = scopes.get(drained.scope());
        boolean definedAgain = defined != null && (long) defined[6] > drained.seq();
        if (!definedAgain) {
            remove(drained.scope(), "removed", drained.at(), drained.seq());
        }
    }

    private HoldRow hold(String scope, String id) {
        HoldRow row = holds.computeIfAbsent(new HoldKey(scope, id), made -> new HoldRow(null, scope, id));
        row.seq = seq;
        return row;
    }

    private void settle(String scope, String id, HoldState state, long at, Amounts booked) {
        HoldRow row = hold(scope, id);
        row.state = Json.lower(state);
        row.settledAt = at;
        row.booked = booked;
    }

    private void add(Entry entry) {
        charges.add(charge(lane, seq, entry));
        rollups.computeIfAbsent(Rollup.key(entry), made -> new Rollup(entry)).add(entry);
    }

    /** Returns the row of an entry; two entries of one change are of different kinds. */
    static @Nullable Object[] charge(int lane, long seq, Entry entry) {
        Amounts amounts = entry.amounts();
        Usage usage = entry.detail().usage();
        boolean told = !usage.equals(Usage.NONE);
        return new @Nullable Object[] {
            (long) lane,
            seq,
            entry.kind().name(),
            entry.operationId(),
            entry.time().toEpochMilli(),
            entry.scope(),
            entry.session(),
            entry.model(),
            amounts.priced() ? amounts.cost() : null,
            amounts.inputTokens(),
            amounts.outputTokens(),
            amounts.calls(),
            told ? usage.input() : null,
            told ? usage.cacheRead() : null,
            told ? usage.cacheWriteShort() : null,
            told ? usage.cacheWriteLong() : null,
            told ? usage.output() : null,
            told ? usage.extraCost().nanos() : null,
            Json.ofTags(entry.detail().tags())
        };
    }

    private void add(Backlog.Balance balance) {
        CounterTotals totals = balance.totals();
        balances.add(new Object[] {
            (long) lane,
            counterId(totals),
            totals.scope(),
            totals.owner(),
            totals.session(),
            Json.lower(totals.limit().meter()),
            totals.limit().window().toString(),
            totals.limit().models().text(),
            Json.lower(totals.limit().enforcement()),
            totals.limit().amount(),
            totals.committed(),
            totals.held(),
            totals.nextChange() == Window.NEVER ? null : totals.nextChange(),
            balance.at(),
            balance.seq()
        });
    }

    /** Returns the same 128 bits for the same counter everywhere; its parts together are too long for a key. */
    static String counterId(CounterTotals totals) {
        return counterId(
                totals.scope(), totals.owner(), totals.session(), totals.limit().key());
    }

    static String counterId(StateItem.Counted counted) {
        return counterId(
                counted.scope(),
                counted.owner(),
                counted.session(),
                counted.limit().key());
    }

    private static String counterId(String scope, @Nullable String owner, @Nullable String session, String limitKey) {
        String text =
                scope + "\n" + (owner == null ? "" : owner) + "\n" + (session == null ? "" : session) + "\n" + limitKey;
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    // ---- reading

    List<@Nullable Object[]> charges() {
        return charges;
    }

    List<@Nullable Object[]> balances() {
        return balances;
    }

    List<@Nullable Object[]> newHolds() {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (HoldRow row : holds.values()) {
            Change.Held made = row.made;
            if (made != null) {
                Amounts amounts = made.amounts();
                @Nullable
                Object[] values = {
                    (long) lane,
                    row.scope,
                    row.id,
                    made.session(),
                    made.model(),
                    row.state,
                    amounts.priced() ? amounts.cost() : null,
                    amounts.inputTokens(),
                    amounts.outputTokens(),
                    amounts.calls(),
                    made.at(),
                    row.expiresAt,
                    Json.lower(made.onExpiry()),
                    row.settledAt,
                    null,
                    null,
                    null,
                    null,
                    row.seq
                };
                putBooked(values, 14, row.booked);
                rows.add(values);
            }
        }
        return rows;
    }

    /** What changed of holds made before, in the order of {@link Table#SETTLED}, its keys last. */
    List<@Nullable Object[]> changedHolds() {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (HoldRow row : holds.values()) {
            if (row.made == null) {
                @Nullable
                Object[] values = {
                    row.state,
                    row.expiresAt,
                    row.settledAt,
                    null,
                    null,
                    null,
                    null,
                    row.seq,
                    (long) lane,
                    row.scope,
                    row.id
                };
                putBooked(values, 3, row.booked);
                rows.add(values);
            }
        }
        return rows;
    }

    private static void putBooked(@Nullable Object[] values, int at, @Nullable Amounts booked) {
        if (booked != null) {
            values[at] = booked.priced() ? booked.cost() : null;
            values[at + 1] = booked.inputTokens();
            values[at + 2] = booked.outputTokens();
            values[at + 3] = booked.calls();
        }
    }

    List<@Nullable Object[]> rollups() {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (Rollup sums : rollups.values()) {
            rows.add(new Object[] {
                (long) lane,
                sums.day,
                sums.scope,
                sums.model,
                sums.entries,
                sums.cost,
                sums.input,
                sums.output,
                sums.calls
            });
        }
        return rows;
    }

    List<@Nullable Object[]> scopes() {
        return new ArrayList<>(scopes.values());
    }

    /** State, time, seq, lane and name of scopes that were removed. */
    List<@Nullable Object[]> scopeStates() {
        return new ArrayList<>(scopeStates.values());
    }

    /** New rows of the outbox. */
    List<@Nullable Object[]> queued() {
        return new ArrayList<>(queued.values());
    }

    /** Lane, subscription and id of messages that left the outbox. */
    List<@Nullable Object[]> dequeued() {
        return dequeued;
    }

    /** Lane and subscription of queues whose earlier messages are gone. */
    List<@Nullable Object[]> emptied() {
        return new ArrayList<>(emptied.values());
    }
}
