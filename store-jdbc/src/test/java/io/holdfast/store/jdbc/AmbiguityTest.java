package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.store.jdbc.FaultProxy.Fault;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that is lost around a commit tells nothing; asking again with the same id does, and charges once. */
class AmbiguityTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    private static final int COMMITS = FULL ? 1_000 : 100;
    /** Each black hole costs a time-out. */
    private static final int BLACK_HOLE_EVERY = 25;

    private static final Pattern ADDRESS = Pattern.compile("//([^:/]+):([0-9]+)/");

    @ParameterizedTest(name = "on {0}")
    @EnumSource(names = {"POSTGRESQL", "MARIADB"})
    void ambiguousCommits(TestServer server) {
        TestDatabase database = server.fresh();
        boolean postgresql = server == TestServer.POSTGRESQL;
        Matcher address = ADDRESS.matcher(database.url());
        assertThat(address.find()).isTrue();
        // A batch is one statement on PostgreSQL, and carries its ids; on MariaDB a query of its own ends it.
        try (FaultProxy proxy = new FaultProxy(
                address.group(1), Integer.parseInt(address.group(2)), postgresql ? "ambig-" : "\u0003COMMIT")) {
            String url = address.replaceFirst("//127.0.0.1:" + proxy.port() + "/")
                    + "&connectTimeout=" + (postgresql ? "10" : "10000")
                    + "&socketTimeout=" + (postgresql ? "3" : "3000")
                    + "&holdfast.schema=if-missing&holdfast.pool=2";
            try (JdbcStore store = (JdbcStore) LedgerStores.open(url)) {
                store.apply(Ops.define("s", 1_000_000));
                int ambiguous = 0;
                for (int i = 0; i < COMMITS; i++) {
                    ambiguous += ask(store, proxy, i) ? 1 : 0;
                }
                assertThat(proxy.fired()).isEqualTo(COMMITS);
                assertThat(ambiguous).isEqualTo(COMMITS);
                List<Entry> entries = Ops.entries(store);
                assertThat(entries).hasSize(COMMITS);
                assertThat(entries.stream().map(Entry::operationId).distinct()).hasSize(COMMITS);
                assertThat(Ops.state(store, "s").committed()).isEqualTo(3L * COMMITS);
                assertThat(Ops.state(store, "s").held()).isZero();
                Ops.assertClean(store);
            }
        } finally {
            database.drop();
        }
    }

    /** Lets one operation lose its answer and asks again. */
    private static boolean ask(JdbcStore store, FaultProxy proxy, int i) {
        String id = "ambig-" + i;
        Operation lost = switch (i % 3) {
            case 0 -> Ops.book(id, "s", 3);
            case 1 -> Ops.reserve(id, "s", 3);
            default -> Ops.commit(id, "s", 3);
        };
        if (lost instanceof Operation.Commit) {
            assertThat(store.apply(Ops.reserve(id, "s", 3))).isInstanceOf(Outcome.Held.class);
        }
        proxy.fail(fault(i));
        Throwable failure = catchThrowable(() -> store.apply(lost));
        Outcome answer = store.apply(lost);
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
        if (i % BLACK_HOLE_EVERY == BLACK_HOLE_EVERY - 1) {
            return i / BLACK_HOLE_EVERY % 2 == 0 ? Fault.BLACK_HOLE : Fault.BLACK_HOLE_BEFORE;
        }
        return Fault.values()[i / 3 % 3];
    }
}
