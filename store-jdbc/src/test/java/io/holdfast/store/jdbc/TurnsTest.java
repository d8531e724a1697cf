package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A process on a shared ledger")
@Timeout(180)
class TurnsTest {
    private static final int BATCHES = 100;

    /** A process, as far as the database can tell. */
    private static final class Node implements AutoCloseable, MeddledSource.Meddler {
        final HikariDataSource pool;
        final JdbcStore store;
        /** How often the whole state was read. */
        final AtomicInteger loads = new AtomicInteger();
        /** Whether the driver takes several statements at once. */
        volatile boolean severalAtOnce = true;

        Node(TestServer server, TestDatabase database, Turns turns) {
            pool = Spec.of(server).source(database.url());
            store = JdbcStore.open(
                    MeddledSource.of(pool, this),
                    JdbcOptions.ofDefaults()
                            .withSchema(SchemaMode.IF_MISSING)
                            .withPatience(Duration.ofMinutes(1))
                            .withClock(InstantSource.system()),
                    true,
                    () -> {},
                    turns);
        }

        @Override
        public void before(Connection connection, String step) throws SQLException {
            if (step.startsWith("SELECT CASE WHEN version <")) {
                loads.incrementAndGet();
            }
            if (!severalAtOnce && step.contains("; ")) {
                throw new SQLException("cannot insert multiple commands into a prepared statement", "42601");
            }
        }

        void book(String id) {
            assertThat(store.apply(Ops.book(id, "s", 1))).isInstanceOf(Outcome.Booked.class);
        }

        void assertBooked(long tokens) {
            assertThat(Ops.state(store, "s").committed()).isEqualTo(tokens);
            Ops.assertClean(store);
        }

        @Override
        public void close() {
            store.close();
            pool.close();
        }
    }

    private interface Scenario {
        void run(List<Node> nodes, TestDatabase database) throws Exception;
    }

    /** Runs a test with three processes, the first of which has defined a scope. */
    private static void withThree(TestServer server, Supplier<Turns> turns, Scenario test) throws Exception {
        TestDatabase database = server.fresh();
        List<Node> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                nodes.add(new Node(server, database, turns.get()));
            }
            nodes.get(0).store.apply(Ops.define("s", 1_000_000));
            test.run(nodes, database);
        } finally {
            nodes.forEach(Node::close);
            database.drop();
        }
    }

    @Test
    @DisplayName("takes turns until it has worked for a while without meeting another, and again after a pause")
    void whenNeeded() {
        long quiet = Duration.ofMillis(100).toNanos();
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - quiet / 2);
        Turns turns = new Turns(clock::get);
        assertThat(turns.needed()).isTrue();
        clock.addAndGet(quiet - 1);
        assertThat(turns.needed()).isTrue();
        turns.metNobody();
        clock.addAndGet(1);
        assertThat(turns.needed()).isFalse();

        turns.met();
        assertThat(turns.needed()).isTrue();
        work(turns, clock, quiet);
        assertThat(turns.needed()).isFalse();

        clock.addAndGet(quiet + 1);
        assertThat(turns.needed()).as("after a pause").isTrue();
        turns.metNobody();
        assertThat(turns.needed()).as("after the first batch").isTrue();
        work(turns, clock, quiet);
        assertThat(turns.needed()).isFalse();
    }

    @Test
    @DisplayName("takes turns for twice as long each time it was overtaken, up to ten minutes")
    void afterBeingOvertaken() {
        AtomicLong clock = new AtomicLong();
        Turns turns = new Turns(clock::get);
        for (long millis = 200; millis < 1_500_000; millis *= 2) {
            long quiet = Duration.ofMillis(Math.min(millis, 600_000)).toNanos();
            turns.overtaken();
            work(turns, clock, quiet - 1);
            assertThat(turns.needed()).isTrue();
            clock.addAndGet(1);
            assertThat(turns.needed()).isFalse();
        }
    }

    /** Lets time go by in which the process meets nobody. */
    private static void work(Turns turns, AtomicLong clock, long nanos) {
        clock.addAndGet(nanos / 2);
        turns.metNobody();
        clock.addAndGet(nanos - nanos / 2);
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    @DisplayName("takes those with it who came while it waited for its turn, and none where it waits for nobody")
    void more(TestServer server) {
        TestDatabase database = server.fresh();
        try (Node waiting = new Node(server, database, Ops.alwaysInTurn())) {
            waiting.store.apply(Ops.define("s", 10));
            Supplier<List<Operation>> more = () -> List.of(Ops.book("b", "s", 3), Ops.reserve("c", "s", 6));
            assertThat(waiting.store.apply(List.of(Ops.book("a", "s", 2)), more))
                    .extracting(outcome -> outcome.getClass().getSimpleName())
                    .containsExactly("Booked", "Booked", "Denied");
            assertThat(Ops.state(waiting.store, "s").committed()).isEqualTo(5);
        }
        try (Node alone = new Node(server, database, Ops.neverInTurn())) {
            assertThat(alone.store.apply(List.of(Ops.book("d", "s", 1)), () -> {
                        throw new AssertionError("asked for more");
                    }))
                    .hasSize(1);
            Ops.assertClean(alone.store);
        } finally {
            database.drop();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    @DisplayName("follows the others, and reads its state only once, where all take turns")
    void inTurn(TestServer server) throws Exception {
        withThree(server, Ops::alwaysInTurn, (nodes, database) -> {
            ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
            try {
                List<Future<?>> done = new ArrayList<>();
                for (Node node : nodes) {
                    String name = "n" + nodes.indexOf(node) + "-";
                    done.add(threads.submit(() -> IntStream.range(0, BATCHES).forEach(i -> node.book(name + i))));
                }
                for (Future<?> each : done) {
                    each.get();
                }
            } finally {
                threads.shutdown();
            }
            assertThat(nodes).allSatisfy(node -> {
                node.assertBooked((long) nodes.size() * BATCHES);
                assertThat(node.loads).hasValue(1);
            });
        });
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    @DisplayName("loses nothing where it is overtaken, as all believe to be alone")
    void overtaken(TestServer server) throws Exception {
        withThree(server, Ops::neverInTurn, (nodes, database) -> {
            nodes.get(1).book("first");
            nodes.get(2).book("second");
            assertDecidesAnew(nodes, nodes.get(1));
        });
    }

    /** Lets one of the processes book a third token, for which it has to read its state anew. */
    private static void assertDecidesAnew(List<Node> nodes, Node node) {
        assertThat(node.loads).hasValue(1);
        node.book("third");
        assertThat(node.loads).hasValue(2);
        assertThat(nodes).allSatisfy(each -> each.assertBooked(3));
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    @DisplayName("decides again where the key of the journal is taken, though the lane's row does not tell")
    void keyTaken(TestServer server) throws Exception {
        withThree(server, Ops::alwaysInTurn, (nodes, database) -> {
            nodes.get(1).book("first");
            nodes.get(2).book("second");
            try (Connection connection = DriverManager.getConnection(database.url());
                    Statement statement = connection.createStatement()) {
                assertThat(statement.executeUpdate("UPDATE holdfast_lanes SET version = version - 1"))
                        .isEqualTo(1);
            }
            assertDecidesAnew(nodes, nodes.get(1));
        });
    }

    @Test
    @DisplayName("takes its turn also where the driver takes one statement at a time")
    void oneStatementAtATime() throws Exception {
        withThree(TestServer.POSTGRESQL, Ops::alwaysInTurn, (nodes, database) -> {
            nodes.get(0).severalAtOnce = false;
            nodes.get(0).book("first");
            nodes.get(1).book("second");
            nodes.get(0).book("third");
            assertThat(nodes).allSatisfy(node -> node.assertBooked(3));
            assertThat(nodes.get(0).loads).hasValue(1);
        });
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    @DisplayName("has its turn after another that went in the middle of one")
    void goneInItsTurn(TestServer server) throws Exception {
        withThree(server, Ops::alwaysInTurn, (nodes, database) -> {
            boolean mariaDb = server == TestServer.MARIADB;
            String url = database.url() + (mariaDb ? "&sessionVariables=idle_transaction_timeout=5" : "");
            try (Connection gone = DriverManager.getConnection(url)) {
                gone.setAutoCommit(false);
                Dialect.of(Engine.valueOf(server.name()), "holdfast_").lock(gone, 0, 0);
                nodes.get(1).book("first");
                assertThat(gone.isValid(10)).isFalse();
            }
            assertThat(nodes).allSatisfy(node -> node.assertBooked(1));
        });
    }

    @Test
    @DisplayName("lets go of its turn on MariaDB after thirty seconds of silence, unless the URL says otherwise")
    void endOfATurn() throws Exception {
        TestDatabase database = TestServer.MARIADB.fresh();
        try {
            assertThat(idleTransactions(database.url())).isEqualTo("30");
            assertThat(idleTransactions(database.url() + "&sessionVariables=idle_transaction_timeout=7"))
                    .isEqualTo("7");
        } finally {
            database.drop();
        }
    }

    private static String idleTransactions(String url) throws Exception {
        try (HikariDataSource pool = JdbcStoreProvider.pool(Engine.MARIADB, url, 1, SchemaMode.EXPECT);
                Connection connection = pool.getConnection()) {
            return Dialect.setting(connection, "SELECT @@idle_transaction_timeout");
        }
    }
}
