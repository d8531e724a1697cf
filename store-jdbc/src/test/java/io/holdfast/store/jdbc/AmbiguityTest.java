package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Entry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreException;
import io.holdfast.store.jdbc.FaultProxy.Fault;
import io.holdfast.survival.Survival;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that is lost around a commit tells nothing; asking again with the same id does, and charges once. */
class AmbiguityTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    private static final int COMMITS = FULL ? 1_000 : 100;
    /** Each black hole and each delay costs a time-out; there is one of each in a hundred. */
    private static final int SLOW_EVERY = 30;

    private static final List<Fault> SLOW = List.of(Fault.BLACK_HOLE, Fault.DELAY, Fault.BLACK_HOLE_BEFORE);
    private static final Duration DELAY = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Pattern ADDRESS = Pattern.compile("//([^:/]+):([0-9]+)/");

    @ParameterizedTest(name = "on {0}")
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void ambiguousCommits(TestServer server) {
        TestDatabase database = server.fresh();
        boolean postgresql = server == TestServer.POSTGRESQL;
        Matcher address = ADDRESS.matcher(database.url());
        assertThat(address.find()).isTrue();
        // On either server a batch is one message: with its changes, or as a block of statements.
        try (FaultProxy proxy = new FaultProxy(
                address.group(1),
                Integer.parseInt(address.group(2)),
                postgresql ? "[{\"kind\":" : "BEGIN NOT ATOMIC",
                DELAY)) {
            String url = address.replaceFirst("//127.0.0.1:" + proxy.port() + "/")
                    + "&connectTimeout=" + (postgresql ? "10" : "10000")
                    + "&socketTimeout=" + (postgresql ? "3" : "3000")
                    + (postgresql ? "" : "&sessionVariables=idle_transaction_timeout=5");
            HikariDataSource pool = Spec.of(server).pool(2).source(url);
            try (JdbcStore store = open(pool, pool)) {
                store.apply(Ops.define("s", 1_000_000));
                int ambiguous = 0;
                for (int i = 0; i < COMMITS; i++) {
                    Fault fault = fault(i);
                    ambiguous += ask(store, i, () -> proxy.fail(fault)) ? 1 : 0;
                }
                assertThat(proxy.fired()).isEqualTo(COMMITS);
                proxy.awaitDelayed();
                assertResolvedOnce(server, store, ambiguous);
            }
        } finally {
            database.drop();
        }
    }

    /** Engines in this process have no wire that could be cut: the connection fails around the commit by itself. */
    @ParameterizedTest(name = "on {0}")
    @EnumSource(names = {"H2", "SQLITE"})
    void ambiguousCommitsWithoutAWire(TestServer server) {
        TestDatabase database = server.fresh();
        try (HikariDataSource pool = Spec.of(server).source(database.url())) {
            FailingCommits commits = new FailingCommits(pool);
            try (JdbcStore store = open(commits.source(), pool)) {
                store.apply(Ops.define("s", 1_000_000));
                int ambiguous = 0;
                for (int i = 0; i < COMMITS; i++) {
                    boolean before = i / 3 % 2 == 0;
                    ambiguous += ask(store, i, () -> commits.failNext(before)) ? 1 : 0;
                }
                assertThat(commits.failed()).isEqualTo(COMMITS);
                assertResolvedOnce(server, store, ambiguous);
            }
        } finally {
            database.drop();
        }
    }

    /** Opens a ledger that does half of what it is asked in turn, and half as if it was alone. */
    private static JdbcStore open(DataSource source, HikariDataSource pool) {
        JdbcOptions options = JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING);
        return JdbcStore.open(source, options, true, pool::close, Ops.everyOtherInTurn());
    }

    private static void assertResolvedOnce(TestServer server, JdbcStore store, int ambiguous) {
        assertThat(ambiguous).isEqualTo(COMMITS);
        List<Entry> entries = Ops.entries(store);
        assertThat(entries).hasSize(COMMITS);
        assertThat(entries.stream().map(Entry::operationId).distinct()).hasSize(COMMITS);
        assertThat(Ops.state(store, "s").committed()).isEqualTo(3L * COMMITS);
        assertThat(Ops.state(store, "s").held()).isZero();
        Ops.assertClean(store);
        Survival.of("answer lost around a commit, asked again by the same id", server.toString(), AmbiguityTest.class)
                .tried(COMMITS)
                .lost(0)
                .doubled(0)
                .keep();
    }

    /** Asks until there is an answer: the row may be locked by a transaction whose client has gone. */
    private static Outcome certain(JdbcStore store, Operation operation) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return store.apply(operation);
            } catch (StoreException | AmbiguousOutcomeException noAnswer) {
                if (System.nanoTime() > end) {
                    throw noAnswer;
                }
            }
        }
    }

    /** Lets one operation lose its answer and asks again. */
    private static boolean ask(JdbcStore store, int i, Runnable fail) {
        String id = "ambig-" + i;
        Operation lost = switch (i % 3) {
            case 0 -> Ops.book(id, "s", 3);
            case 1 -> Ops.reserve(id, "s", 3);
            default -> Ops.commit(id, "s", 3);
        };
        if (lost instanceof Operation.Commit) {
            assertThat(store.apply(Ops.reserve(id, "s", 3))).isInstanceOf(Outcome.Held.class);
        }
        fail.run();
        Throwable failure = catchThrowable(() -> store.apply(lost));
        Outcome answer = certain(store, lost);
        Outcome again = store.apply(lost);
        if (lost instanceof Operation.Book) {
            assertThat(answer).isInstanceOf(Outcome.Booked.class);
            assertThat(((Outcome.Booked) again).repeated()).isTrue();
        } else if (lost instanceof Operation.Reserve) {
            assertThat(answer).isInstanceOf(Outcome.Held.class);
            assertThat(((Outcome.Held) again).repeated()).isTrue();
            store.apply(Ops.commit(id, "s", 3));
        } else {
            assertThat(answer).isInstanceOf(Outcome.Settled.class);
            assertThat(((Outcome.Settled) again).repeated()).isTrue();
        }
        return failure instanceof AmbiguousOutcomeException;
    }

    private static Fault fault(int i) {
        return i % SLOW_EVERY == SLOW_EVERY - 1 ? SLOW.get(i / SLOW_EVERY % SLOW.size()) : Fault.values()[i / 3 % 3];
    }
}
