package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Removal;
import io.holdfast.spi.StoreException;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people find in the tables, and that verification finds what does not belong there. */
abstract class TablesTests {
    private final Spec spec;
    private TestDatabase database;
    private HikariDataSource source;
    private JdbcStore store;

    TablesTests(TestServer server) {
        spec = Spec.of(server);
    }

    @BeforeEach
    void open() {
        database = spec.server().fresh();
        source = spec.source(database.url());
        store = reopened(1_000_000);
    }

    @AfterEach
    void close() {
        store.close();
        source.close();
        database.drop();
    }

    private JdbcStore reopened(int snapshotEvery) {
        return JdbcStore.open(
                source,
                JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING).withSnapshotEvery(snapshotEvery));
    }

    private long number(String sql) {
        return Jdbi.create(source)
                .withHandle(handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    private static final String CHANGES_LEFT =
            "SELECT COALESCE(SUM(last_seq - first_seq + 1), 0) FROM holdfast_journal";

    /** Asks the tables once they show what was done. */
    private long shown(String sql) {
        store.showTables();
        return number(sql);
    }

    private interface Work {
        void run(int number) throws InterruptedException;
    }

    /** Has each of some threads do its work, and fails if one does. */
    private static void inThreads(int count, Work work) throws InterruptedException {
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            threads.add(new Thread(() -> {
                try {
                    work.run(number);
                } catch (InterruptedException | RuntimeException | AssertionError failure) {
                    failures.add(failure);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private void execute(String sql) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        } catch (SQLException failure) {
            throw new AssertionError(failure);
        }
    }

    private void spend(int calls) {
        for (int i = 0; i < calls; i++) {
            store.apply(List.of(Ops.reserve("h" + i, "s", 5), Ops.commit("h" + i, "s", 3)));
        }
    }

    @Test
    @DisplayName("tell balances, holds, entries and rollups")
    void queries() {
        store.apply(Ops.define("s", 1_000));
        spend(4);
        store.apply(Ops.reserve("open", "s", 7));
        store.apply(Ops.book("booked", "s", 11));
        assertThat(shown("SELECT committed FROM holdfast_balances WHERE scope = 's'"))
                .isEqualTo(23);
        assertThat(shown("SELECT held FROM holdfast_balances WHERE scope = 's'"))
                .isEqualTo(7);
        assertThat(shown("SELECT COUNT(*) FROM holdfast_holds WHERE state = 'active'"))
                .isEqualTo(1);
        assertThat(shown("SELECT COUNT(*) FROM holdfast_holds WHERE state = 'committed'"))
                .isEqualTo(4);
        assertThat(shown("SELECT SUM(input_tokens) FROM holdfast_entries")).isEqualTo(23);
        assertThat(shown("SELECT input_tokens FROM holdfast_rollups WHERE scope = 's' AND model = 'model'"))
                .isEqualTo(23);
        assertThat(shown("SELECT entries FROM holdfast_rollups")).isEqualTo(5);
        assertThat(shown("SELECT COUNT(*) FROM holdfast_scopes WHERE state = 'defined'"))
                .isEqualTo(1);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("follow the journal by themselves within a moment")
    void follow() throws InterruptedException {
        store.apply(Ops.define("s", 1_000));
        spend(4);
        long end = System.nanoTime() + 30_000_000_000L;
        while (number("SELECT COUNT(*) FROM holdfast_entries") < 4) {
            assertThat(System.nanoTime()).as("30 seconds were not enough").isLessThan(end);
            Thread.sleep(10);
        }
        assertThat(
                        number(
                                "SELECT MAX(last_seq) FROM holdfast_journal WHERE last_seq <= (SELECT version FROM holdfast_shown)"))
                .isEqualTo(number("SELECT version FROM holdfast_shown"));
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("are verified as far as they go, and brought up by whoever opens the ledger next")
    void behind() {
        store.apply(Ops.define("s", 1_000));
        spend(2);
        store.showTables();
        long shown = number("SELECT version FROM holdfast_shown");
        store.close();
        for (String table : List.of("charges", "holds", "balances", "rollups", "scopes")) {
            execute("DELETE FROM holdfast_" + table);
        }
        execute("UPDATE holdfast_shown SET version = 0");
        store = reopened(1_000_000);
        Ops.assertClean(store);
        store.apply(Ops.reserve("open", "s", 7));
        assertThat(shown("SELECT version FROM holdfast_shown")).isEqualTo(shown + 1);
        assertThat(number("SELECT SUM(input_tokens) FROM holdfast_entries")).isEqualTo(6);
        assertThat(number("SELECT held FROM holdfast_balances")).isEqualTo(7);
        assertThat(number("SELECT COUNT(*) FROM holdfast_holds")).isEqualTo(3);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("come to show each change once where several stores bring them up")
    void shownByMany() throws InterruptedException {
        store.apply(Ops.define("s", 1_000_000));
        inThreads(3, number -> {
            try (JdbcStore mine = reopened(1_000_000)) {
                for (int call = 0; call < 20; call++) {
                    mine.apply(Ops.book("n" + number + "-" + call, "s", 3));
                    mine.showTables();
                }
            }
        });
        assertThat(shown("SELECT SUM(input_tokens) FROM holdfast_entries")).isEqualTo(180);
        assertThat(number("SELECT SUM(entries) FROM holdfast_rollups")).isEqualTo(60);
        assertThat(number("SELECT committed FROM holdfast_balances")).isEqualTo(180);
        Ops.assertClean(store);
    }

    /** Brings about three messages and delivers the first. */
    private void overshoot() {
        store.apply(Ops.define("s", 1_000));
        store.apply(new Operation.Subscribe("hook", EnumSet.allOf(NoticeKind.class), false));
        for (int i = 0; i < 3; i++) {
            store.apply(List.of(Ops.reserve("h" + i, "s", 5), Ops.commit("h" + i, "s", 6)));
        }
        Outcome.Claimed claimed = (Outcome.Claimed) store.apply(new Operation.Claim("hook", "worker", 10, Ops.HOUR));
        assertThat(claimed.messages()).hasSize(3);
        store.apply(new Operation.Dequeue("hook", claimed.messages().get(0).id(), true));
    }

    @Test
    @DisplayName("tell what waits to be delivered, and no longer what was")
    void outbox() {
        overshoot();
        assertThat(shown("SELECT COUNT(*) FROM holdfast_outbox WHERE subscription = 'hook' AND scope = 's'"
                        + " AND kind = 'call_overshot'"))
                .isEqualTo(2);
        assertThat(shown("SELECT COUNT(*) FROM holdfast_journal WHERE changes LIKE '%\"kind\":\"queued\"%'"))
                .isEqualTo(3);
        Ops.assertClean(store);
        store.apply(new Operation.Unsubscribe("hook", true));
        assertThat(shown("SELECT COUNT(*) FROM holdfast_outbox")).isZero();
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("are verified: a message that somebody removed from the outbox, or put there, is found")
    void tamperedOutbox() {
        overshoot();
        store.showTables();
        Ops.assertClean(store);
        execute(
                "UPDATE holdfast_outbox SET message_id = 'msg_other' WHERE seq = (SELECT MAX(seq) FROM holdfast_outbox)");
        assertThat(store.verify().differences())
                .hasSize(2)
                .anyMatch(difference -> difference.contains("msg_other"))
                .anyMatch(difference -> difference.contains("no such row"));
    }

    @Test
    @DisplayName("show a raised limit at once")
    void raised() {
        store.apply(Ops.define("s", 10));
        spend(1);
        store.apply(new Operation.Define(Ops.define("s", 50).definition(), true));
        assertThat(shown("SELECT amount FROM holdfast_balances WHERE scope = 's'"))
                .isEqualTo(50);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("are verified: a balance, a hold, a rollup or a change that somebody altered is found")
    void tampered() {
        store.apply(Ops.define("s", 1_000));
        spend(3);
        store.apply(Ops.reserve("open", "s", 7));
        store.showTables();
        Ops.assertClean(store);
        String[][] damages = {
            {
                "UPDATE holdfast_balances SET committed = committed + 1",
                "UPDATE holdfast_balances SET committed = committed - 1"
            },
            {
                "UPDATE holdfast_holds SET state = 'active' WHERE hold_id = 'h1'",
                "UPDATE holdfast_holds SET state = 'committed' WHERE hold_id = 'h1'"
            },
            {"UPDATE holdfast_rollups SET cost_nanos = 0", "UPDATE holdfast_rollups SET cost_nanos = 9"},
            {
                "UPDATE holdfast_charges SET input_tokens = 4 WHERE seq = 3",
                "UPDATE holdfast_charges SET input_tokens = 3 WHERE seq = 3"
            },
            {
                "UPDATE holdfast_journal SET changes = REPLACE(changes, '[3,3,0,1]', '[3,4,0,1]') WHERE first_seq = 2",
                "UPDATE holdfast_journal SET changes = REPLACE(changes, '[3,4,0,1]', '[3,3,0,1]') WHERE first_seq = 2"
            },
            {
                "UPDATE holdfast_journal SET lane = 9 WHERE first_seq = 4",
                "UPDATE holdfast_journal SET lane = 0 WHERE first_seq = 4"
            },
            {"UPDATE holdfast_shown SET version = version - 1", "UPDATE holdfast_shown SET version = version + 1"},
        };
        for (String[] damage : damages) {
            execute(damage[0]);
            assertThat(store.verify().differences()).as(damage[0]).isNotEmpty();
            execute(damage[1]);
            Ops.assertClean(store);
        }
    }

    @Test
    @DisplayName("keep a snapshot in parts that fit into a packet, however much each hold has to tell")
    void longHolds() {
        store.close();
        store = reopened(100);
        store.apply(Ops.define("s", 1_000_000));
        Map<String, String> tags = new HashMap<>();
        for (int i = 0; i < 32; i++) {
            tags.put("tag-" + i, "x".repeat(1_000));
        }
        List<Operation> batch = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            Operation.Reserve plain = Ops.reserve("h" + i, "s", 5);
            batch.add(new Operation.Reserve(
                    plain.id(),
                    plain.scope(),
                    plain.session(),
                    plain.model(),
                    plain.amounts(),
                    plain.ttlMillis(),
                    plain.onExpiry(),
                    new Detail(Usage.NONE, tags)));
        }
        store.apply(batch);
        for (int i = 0; i < 600; i++) {
            store.apply(Ops.book("b" + i, "s", 1));
        }
        store.close();
        assertThat(number("SELECT snapshot_version FROM holdfast_lanes")).isPositive();
        assertThat(number("SELECT MAX(LENGTH(items)) FROM holdfast_snapshots")).isLessThan(200_000);
        store = reopened(1_000_000);
        assertThat(Ops.state(store, "s").held()).isEqualTo(750);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("are verified also where nothing happened since they were pruned")
    void tamperedAfterPruning() {
        store.apply(Ops.define("s", 1_000));
        spend(3);
        store.apply(Ops.reserve("open", "s", 7));
        assertThat(store.prune(Instant.MAX).changes()).isPositive();
        store.showTables();
        Ops.assertClean(store);
        execute("UPDATE holdfast_balances SET committed = committed - 1");
        assertThat(store.verify().differences())
                .singleElement()
                .asString()
                .contains("the journal gives 9 committed and 7 held, the table has 8 and 7");
        execute("UPDATE holdfast_balances SET committed = committed + 1");
        execute("UPDATE holdfast_scopes SET state = 'removed'");
        assertThat(store.verify().differences()).singleElement().asString().contains("scope 's'");
        execute("UPDATE holdfast_scopes SET state = 'defined'");
        execute("DELETE FROM holdfast_scopes");
        assertThat(store.verify().differences()).singleElement().asString().contains("no such row");
    }

    @Test
    @DisplayName("tell that a scope is gone once its last hold has settled, and what its limits were no longer are")
    void drained() {
        store.apply(Ops.define("s", 1_000));
        store.apply(Ops.reserve("open", "s", 7));
        store.apply(new Operation.Remove("s", Removal.DRAIN));
        assertThat(shown("SELECT COUNT(*) FROM holdfast_scopes WHERE name = 's' AND state = 'draining'"))
                .isEqualTo(1);
        Ops.assertClean(store);
        store.apply(Ops.commit("open", "s", 6));
        assertThat(shown("SELECT COUNT(*) FROM holdfast_scopes WHERE name = 's' AND state = 'removed'"))
                .isEqualTo(1);
        assertThat(shown("SELECT committed FROM holdfast_balances WHERE scope = 's' AND amount = 0"))
                .isEqualTo(6);
        Ops.assertClean(store);
        store.apply(Ops.define("s", 10));
        store.apply(Ops.reserve("last", "s", 1));
        store.apply(List.of(new Operation.Remove("s", Removal.DRAIN), Ops.commit("last", "s", 1), Ops.define("s", 20)));
        assertThat(shown("SELECT COUNT(*) FROM holdfast_scopes WHERE name = 's' AND state = 'defined'"))
                .isEqualTo(1);
        assertThat(shown("SELECT amount FROM holdfast_balances WHERE scope = 's'"))
                .isEqualTo(20);
        store.apply(new Operation.Remove("s", Removal.FORCE));
        assertThat(shown("SELECT COUNT(*) FROM holdfast_balances WHERE amount > 0"))
                .isZero();
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("are pruned a few rows at a time, and whoever writes gets in between")
    void prunedInSmallBatches() {
        store.apply(Ops.define("s", 1_000_000));
        store.apply(Ops.reserve("open", "s", 7));
        int calls = 2 * Pruner.AT_ONCE;
        for (int i = 0; i < calls; i += 50) {
            List<Operation> batch = new ArrayList<>();
            for (int call = i; call < i + 50; call++) {
                batch.add(Ops.reserve("h" + call, "s", 5));
                batch.add(Ops.commit("h" + call, "s", 3));
            }
            store.apply(batch);
        }
        store.showTables();
        Thread pruner = Thread.currentThread();
        AtomicInteger between = new AtomicInteger();
        AtomicLong left = new AtomicLong(number(CHANGES_LEFT));
        MeddledSource.Meddler writer = new MeddledSource.Meddler() {
            @Override
            public void after(Connection connection, String step) {
                if (step.equals(MeddledSource.COMMIT) && Thread.currentThread() == pruner) {
                    long now = number(CHANGES_LEFT);
                    assertThat(left.get() - now).isLessThan(Pruner.AT_ONCE + 100);
                    store.apply(Ops.book("between-" + between.incrementAndGet(), "s", 1));
                    left.set(now + 1);
                }
            }
        };
        try (JdbcStore pruning = JdbcStore.open(MeddledSource.of(source, writer), JdbcOptions.ofDefaults())) {
            JdbcStore.Pruned pruned = pruning.prune(Instant.MAX);
            assertThat(pruned.changes()).isEqualTo(2L + 2 * calls);
            assertThat(pruned.holds()).isEqualTo(calls);
        }
        assertThat(between.get()).isGreaterThan(2 * calls / Pruner.AT_ONCE);
        assertThat(shown("SELECT COUNT(*) FROM holdfast_holds")).isEqualTo(1);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(3L * calls + between.get());
        assertThat(Ops.state(store, "s").held()).isEqualTo(7);
        assertThat(number("SELECT committed FROM holdfast_balances")).isEqualTo(3L * calls + between.get());
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("are pruned whole in the end, wherever a connection was lost while they were")
    void pruningThatFails() {
        store.apply(Ops.define("s", 1_000_000));
        AtomicInteger left = new AtomicInteger();
        MeddledSource.Meddler fault = new MeddledSource.Meddler() {
            @Override
            public void before(Connection connection, String step) throws SQLException {
                if (!step.equals(MeddledSource.ROLLBACK) && left.decrementAndGet() == 0) {
                    throw new SQLException("the connection was lost", "08006");
                }
            }
        };
        int made = 0;
        boolean fired;
        boolean failed;
        int steps = 0;
        do {
            store.apply(List.of(Ops.reserve("h" + made, "s", 5), Ops.commit("h" + made++, "s", 3)));
            try (JdbcStore pruning = JdbcStore.open(MeddledSource.of(source, fault), JdbcOptions.ofDefaults())) {
                left.set(++steps);
                failed = false;
                pruning.prune(Instant.MAX);
            } catch (StoreException lost) {
                failed = true;
            }
            fired = left.getAndSet(0) <= 0;
            Ops.assertClean(store);
            assertThat(Ops.state(store, "s").committed()).isEqualTo(3L * made);
        } while (fired);
        assertThat(failed).isFalse();
        assertThat(steps).isGreaterThan(5);
        assertThat(number("SELECT COUNT(*) FROM holdfast_journal")).isZero();
        assertThat(shown("SELECT COUNT(*) FROM holdfast_holds")).isZero();
        assertThat(number("SELECT COUNT(DISTINCT version) FROM holdfast_snapshots WHERE kind = 'base'"))
                .isEqualTo(1);
    }

    @Test
    @DisplayName("are pruned by age: counters, open holds and remembered ids stay")
    void pruned() {
        store.apply(Ops.define("s", 10_000));
        store.apply(Ops.reserve("open", "s", 7));
        spend(30);
        store.apply(Ops.book("booked", "s", 11));
        List<Entry> before = Ops.entries(store);
        Instant cut = before.get(20).time();
        long kept = before.stream().filter(entry -> !entry.time().isBefore(cut)).count();
        JdbcStore.Pruned pruned = store.prune(cut);
        assertThat(pruned.changes()).isPositive();
        assertThat(pruned.holds()).isPositive();
        assertThat(Ops.entries(store)).hasSize((int) kept);
        Ops.assertClean(store);
        store.close();
        store = reopened(1_000_000);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(101);
        assertThat(Ops.state(store, "s").held()).isEqualTo(7);
        assertThat(((Outcome.Settled) store.apply(Ops.commit("h0", "s", 3))).repeated())
                .isTrue();
        assertThat(((Outcome.Held) store.apply(Ops.reserve("h0", "s", 5))).repeated())
                .isTrue();
        store.apply(Ops.commit("open", "s", 7));
        Ops.assertClean(store);
        assertThat(store.prune(Instant.MAX).changes()).isPositive();
        assertThat(Ops.entries(store)).isEmpty();
        assertThat(shown("SELECT SUM(input_tokens) FROM holdfast_rollups")).isEqualTo(108);
        Ops.assertClean(store);
        store.close();
        store = reopened(1_000_000);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(108);
        store.apply(Ops.book("later", "s", 1));
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("tell what happened between two times, to the millisecond, before and after they were pruned")
    void times() {
        store.close();
        AtomicLong now = new AtomicLong(1_000_000);
        store = JdbcStore.open(source, JdbcOptions.ofDefaults().withClock(() -> Instant.ofEpochMilli(now.get())));
        store.apply(Ops.define("s", 10_000));
        for (int i = 0; i < 60; i++) {
            now.addAndGet(i % 3);
            store.apply(List.of(Ops.book("b" + i, "s", 1), Ops.book("c" + i, "s", 1)));
        }
        List<Entry> all = Ops.entries(store);
        assertThat(all).hasSize(120);
        assertEveryTime(all, now.get());
        Instant cut = all.get(70).time();
        store.prune(cut);
        List<Entry> kept =
                all.stream().filter(entry -> !entry.time().isBefore(cut)).toList();
        assertThat(Ops.entries(store)).isEqualTo(kept).hasSizeLessThan(all.size());
        assertEveryTime(kept, now.get());
    }

    private void assertEveryTime(List<Entry> expected, long last) {
        for (long from = 999_999; from <= last + 1; from++) {
            Instant first = Instant.ofEpochMilli(from);
            Instant end = first.plusMillis(from % 5);
            List<Entry> between = new ArrayList<>();
            store.entries(first, end, between::add);
            assertThat(between)
                    .isEqualTo(expected.stream()
                            .filter(entry -> !entry.time().isBefore(first)
                                    && entry.time().isBefore(end))
                            .toList());
        }
    }

    @ParameterizedTest(name = "the same in every row: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("tell names and tags with quotes and question marks as they are")
    void oddTexts(boolean same) {
        String odd = "it's '' ? \\ \" ü";
        List<Operation> batch = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String scope = odd + (same ? 0 : i);
            batch.add(Ops.define(scope, 1_000));
            batch.add(Ops.reserve("h'?" + i, scope, 5));
            batch.add(new Operation.Book(
                    OperationId.given("b'?" + i),
                    scope,
                    "se'?" + scope,
                    "m'?" + scope,
                    new Amounts(1, 1, 0, 1),
                    new Detail(Usage.NONE, Map.of("k'?", scope))));
        }
        store.apply(batch);
        store.showTables();
        Ops.assertClean(store);
        long holds = Jdbi.create(source)
                .withHandle(handle -> handle.createQuery("SELECT COUNT(*) FROM holdfast_holds h, holdfast_charges c"
                                + " WHERE h.scope = c.scope AND h.scope = ? AND c.session_id = ? AND c.model = ?")
                        .bind(0, odd + 0)
                        .bind(1, "se'?" + odd + 0)
                        .bind(2, "m'?" + odd + 0)
                        .mapTo(Long.class)
                        .one());
        assertThat(holds).isEqualTo(same ? 400 : 1);
    }

    @Test
    @DisplayName(
            "on SQLite tell a model as it is even if it has a zero in it, as only a program that asks a store itself can name")
    void zeroInText() {
        assumeTrue(spec.server() == TestServer.SQLITE);
        store.apply(Ops.define("s", 1_000));
        store.apply(
                new Operation.Book(OperationId.given("b"), "s", null, "m\0odel", new Amounts(1, 1, 0, 1), Detail.NONE));
        store.showTables();
        Ops.assertClean(store);
        assertThat(number("SELECT COUNT(*) FROM holdfast_charges")).isEqualTo(1);
    }

    @Test
    @DisplayName("are opened from a snapshot and what came after it")
    void snapshots() {
        store.close();
        store = reopened(10);
        store.apply(Ops.define("s", 10_000));
        store.apply(Ops.reserve("open", "s", 7));
        spend(40);
        store.close();
        assertThat(number("SELECT snapshot_version FROM holdfast_lanes")).isPositive();
        store = reopened(10);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(120);
        assertThat(Ops.state(store, "s").held()).isEqualTo(7);
        assertThat(((Outcome.Held) store.apply(Ops.reserve("h0", "s", 5))).repeated())
                .isTrue();
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("keep no snapshot that takes as long to read as the journal, as where all holds are open")
    void noSnapshots() {
        store.close();
        store = reopened(10);
        store.apply(Ops.define("s", 10_000));
        for (int i = 0; i < 40; i++) {
            store.apply(Ops.reserve("open" + i, "s", 7));
        }
        store.close();
        assertThat(number("SELECT snapshot_version FROM holdfast_lanes")).isZero();
        store = reopened(10);
        assertThat(Ops.state(store, "s").held()).isEqualTo(280);
        for (int i = 0; i < 40; i++) {
            store.apply(Ops.commit("open" + i, "s", 7));
        }
        store.close();
        assertThat(number("SELECT snapshot_version FROM holdfast_lanes")).isPositive();
        store = reopened(10);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(280);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("are read and written also by a thread that was interrupted, which stays so")
    void interrupted() {
        store.apply(Ops.define("s", 10_000));
        Thread.currentThread().interrupt();
        spend(3);
        assertThat(Ops.entries(store)).hasSize(3);
        Ops.assertClean(store);
        assertThat(store.prune(Instant.EPOCH).changes()).isZero();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(Ops.state(store, "s").committed()).isEqualTo(9);
    }

    /** Fills a ledger so that it has a newest snapshot, and returns that snapshot's version. */
    private long snapshotted() {
        store.close();
        store = reopened(10);
        store.apply(Ops.define("s", 10_000));
        spend(40);
        store.close();
        long version = number("SELECT snapshot_version FROM holdfast_lanes");
        assertThat(version).isPositive();
        return version;
    }

    @Test
    @DisplayName("are opened also when their newest snapshot is damaged or gone, and that is found")
    void damagedSnapshot() {
        snapshotted();
        execute("UPDATE holdfast_snapshots SET items = '[{' WHERE part = 1");
        store = reopened(1_000_000);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(120);
        store.close();
        execute("DELETE FROM holdfast_snapshots WHERE part = 1");
        store = reopened(1_000_000);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(120);
        assertThat(store.verify().differences()).anyMatch(each -> each.contains("snapshot"));
    }

    @Test
    @DisplayName("keep a snapshot that can be opened as it is, where another process comes to write the same one")
    void sameSnapshotTwice() {
        long version = snapshotted();
        long parts = number("SELECT COUNT(*) FROM holdfast_snapshots");
        Jdbi.create(source).useHandle(handle -> {
            Snapshots snapshots = new Snapshots("holdfast_", 0);
            assertThat(snapshots.store(handle, Snapshots.Key.newest(version), List.of("[]")))
                    .isFalse();
        });
        assertThat(number("SELECT COUNT(*) FROM holdfast_snapshots")).isEqualTo(parts);
        store = reopened(1_000_000);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(120);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("keep what a prune has begun and another process would take for old")
    void baseInTheMaking() {
        long version = snapshotted();
        Jdbi.create(source).useHandle(handle -> {
            Snapshots snapshots = new Snapshots("holdfast_", 0);
            assertThat(snapshots.store(handle, Snapshots.Key.base(version - 4), List.of("[]", "[]")))
                    .isTrue();
            snapshots.announceNewest(handle, version);
            assertThat(snapshots.announceBase(handle, 0, version - 4)).isTrue();
        });
        assertThat(number("SELECT base_version FROM holdfast_lanes")).isEqualTo(version - 4);
        execute("UPDATE holdfast_lanes SET base_version = 0");
        store = reopened(1_000_000);
        assertThat(store.prune(Instant.MAX).changes()).isPositive();
        assertThat(Ops.state(store, "s").committed()).isEqualTo(120);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("follow the journal, which no number stands in twice, where the row of a lane has fallen behind")
    void mended() {
        store.apply(Ops.define("s", 1_000));
        spend(3);
        execute("UPDATE holdfast_lanes SET version = version - 2");
        assertThat(((Outcome.Held) store.apply(Ops.reserve("next", "s", 5))).repeated())
                .isFalse();
        assertThat(Ops.state(store, "s").committed()).isEqualTo(9);
        assertThat(Ops.state(store, "s").held()).isEqualTo(5);
        Ops.assertClean(store);
    }

    @Test
    @DisplayName("lose nothing where most requests of two stores are refused, and so locks are taken in vain")
    void lockedInVain() throws InterruptedException {
        store.apply(Ops.define("s", 20));
        try (JdbcStore other = reopened(1_000_000)) {
            inThreads(8, number -> {
                JdbcStore mine = number % 2 == 0 ? store : other;
                for (int call = 0; call < 25; call++) {
                    String id = "n" + number + "-" + call;
                    if (mine.apply(Ops.reserve(id, "s", 7)) instanceof Outcome.Held) {
                        mine.apply(new Operation.Release("s", id));
                    }
                }
            });
        }
        assertThat(Ops.state(store, "s").held()).isZero();
        Ops.assertClean(store);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRANSACTION_READ_UNCOMMITTED",
                "TRANSACTION_READ_COMMITTED",
                "TRANSACTION_REPEATABLE_READ",
                "TRANSACTION_SERIALIZABLE"
            })
    @DisplayName("are shared, whatever the isolation level: stores that race for one budget admit exactly what fits")
    void race(String isolation) throws InterruptedException {
        boolean known = spec.server() != TestServer.SQLITE
                || isolation.equals("TRANSACTION_SERIALIZABLE")
                || isolation.equals("TRANSACTION_READ_UNCOMMITTED");
        assumeTrue(known, "SQLite has no such level");
        store.close();
        source.close();
        source = spec.source(database.url(), isolation);
        store = reopened(1_000_000);
        store.apply(Ops.define("s", 100));
        int stores = 3;
        List<String> admitted = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch start = new CountDownLatch(stores);
        inThreads(stores, number -> {
            try (JdbcStore mine = reopened(1_000_000)) {
                start.countDown();
                start.await();
                for (int call = 0; call < 20; call++) {
                    String id = "n" + number + "-" + call;
                    if (mine.apply(Ops.reserve(id, "s", 3)) instanceof Outcome.Held) {
                        admitted.add(id);
                        if (call % 3 == 0) {
                            mine.apply(Ops.commit(id, "s", 2));
                        }
                    }
                }
            }
        });
        var state = Ops.state(store, "s");
        assertThat(state.committed() + state.held()).isBetween(80L, 100L);
        long committed = Ops.entries(store).stream()
                .filter(entry -> entry.kind() == EntryKind.COMMITTED)
                .count();
        assertThat(state.committed()).isEqualTo(2 * committed);
        assertThat(state.held()).isEqualTo(3 * (admitted.size() - committed));
        Ops.assertClean(store);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE holdfast_lanes SET version = version + 1",
                "UPDATE holdfast_journal SET first_seq = 2, last_seq = 2 WHERE first_seq = 1"
            })
    @DisplayName("are not read before they are committed, though a connection would show them")
    void uncommitted(String write) throws SQLException {
        boolean shows = spec.server() == TestServer.H2 || spec.server() == TestServer.MARIADB;
        assumeTrue(shows, "no connection shows what is not committed");
        store.close();
        store = reopened(1_000_000);
        store.apply(Ops.define("s", 100));
        source.close();
        source = spec.source(database.url(), "TRANSACTION_READ_UNCOMMITTED");
        try (Connection writer = source.getConnection()) {
            writer.setAutoCommit(false);
            try (Statement statement = writer.createStatement()) {
                statement.execute("SELECT version FROM holdfast_lanes FOR UPDATE");
                statement.execute(write);
            }
            MeddledSource.Meddler waits = new MeddledSource.Meddler() {
                @Override
                public void before(Connection connection, String step) throws SQLException {
                    if (step.endsWith("FOR UPDATE")) {
                        writer.rollback();
                    }
                }
            };
            try (JdbcStore mine = JdbcStore.open(MeddledSource.of(source, waits), JdbcOptions.ofDefaults())) {
                assertThat(mine.apply(Ops.reserve("h", "s", 3))).isInstanceOf(Outcome.Held.class);
                Ops.assertClean(mine);
            }
        }
    }
}
