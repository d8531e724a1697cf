package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
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
    private static final class Node implements AutoCloseable {
        final HikariDataSource pool;
        final JdbcStore store;
        /** How often the whole state was read. */
        final AtomicInteger loads = new AtomicInteger();

        Node(TestServer server, TestDatabase database, Turns turns) {
            pool = Spec.of(server).source(database.url());
            store = JdbcStore.open(
                    MeddledSource.of(pool, new MeddledSource.Meddler() {
                        @Override
                        public void before(Connection connection, String step) {
                            if (step.startsWith("SELECT CASE WHEN version <")) {
                                loads.incrementAndGet();
                            }
                        }
                    }),
                    JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING).withPatience(Duration.ofMinutes(1)),
                    true,
                    () -> {},
                    turns);
        }

        /** Books one token in each of many batches, and asks with each second for another one. */
        void book(String name) {
            for (int i = 0; i < BATCHES; i++) {
                List<Outcome> outcomes = store.apply(List.of(Ops.book(name + i, "s", 1)));
                assertThat(outcomes).singleElement().isInstanceOf(Outcome.Booked.class);
            }
        }

        @Override
        public void close() {
            store.close();
            pool.close();
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
        TestDatabase database = server.fresh();
        List<Node> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                nodes.add(new Node(server, database, Ops.alwaysInTurn()));
            }
            nodes.get(0).store.apply(Ops.define("s", 1_000_000));
            bookAtOnce(nodes);
            assertThat(nodes).allSatisfy(node -> assertThat(node.loads).hasValue(1));
        } finally {
            nodes.forEach(Node::close);
            database.drop();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    @DisplayName("loses nothing where it is overtaken, as all believe to be alone")
    void overtaken(TestServer server) throws Exception {
        TestDatabase database = server.fresh();
        List<Node> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                nodes.add(new Node(server, database, Ops.neverInTurn()));
            }
            nodes.get(0).store.apply(Ops.define("s", 1_000_000));
            // The other two know nothing of it yet.
            assertThat(nodes.get(1).store.apply(Ops.book("first", "s", 1))).isInstanceOf(Outcome.Booked.class);
            assertThat(nodes.get(2).store.apply(Ops.book("second", "s", 1))).isInstanceOf(Outcome.Booked.class);
            assertThat(nodes.get(1).store.apply(Ops.book("third", "s", 1))).isInstanceOf(Outcome.Booked.class);
            assertThat(nodes.get(1).loads.get()).isGreaterThan(1);
            nodes.get(0).store.apply(Ops.define("other", 1));
            assertThat(Ops.state(nodes.get(0).store, "s").committed()).isEqualTo(3);
            Ops.assertClean(nodes.get(2).store);
        } finally {
            nodes.forEach(Node::close);
            database.drop();
        }
    }

    private static void bookAtOnce(List<Node> nodes) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(nodes.size());
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < nodes.size(); i++) {
                Node node = nodes.get(i);
                String name = "n" + i + "-";
                done.add(threads.submit(() -> node.book(name)));
            }
            for (Future<?> each : done) {
                each.get();
            }
        } finally {
            threads.shutdown();
        }
        for (Node node : nodes) {
            assertThat(Ops.state(node.store, "s").committed()).isEqualTo((long) nodes.size() * BATCHES);
            Ops.assertClean(node.store);
        }
    }
}
