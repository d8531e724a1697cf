package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Entry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Lets the first, the second, … step of a batch fail, whatever it is: errors that only mean contention are retried after
 * a rollback, a connection that is lost around a commit is ambiguous, and any other failure has no effect.
 */
@DisplayName("A batch of which one step fails")
class FaultAtEveryStepTest {
    /** Makes failures that mean the same. */
    private interface Failure {
        SQLException make();
    }

    private static Failure code(String state, int code) {
        return () -> new SQLException("injected " + state + "/" + code, state, code);
    }

    private static Failure sqlite(SQLiteErrorCode code) {
        return () -> new SQLiteException("injected", code);
    }

    /** What an engine answers where others were at work and the transaction took no effect. */
    private static List<Failure> contentionOf(TestServer server) {
        return switch (server) {
            case H2 -> List.of(code("90131", 90131), code("HYT00", 50200), code("40001", 40001));
            case SQLITE ->
                List.of(
                        sqlite(SQLiteErrorCode.SQLITE_BUSY),
                        sqlite(SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT),
                        sqlite(SQLiteErrorCode.SQLITE_BUSY_RECOVERY),
                        sqlite(SQLiteErrorCode.SQLITE_LOCKED));
            case POSTGRESQL -> List.of(code("40001", 0), code("40P01", 0), code("55P03", 0));
            case MARIADB -> List.of(code("40001", 1213), code("HY000", 1205), code("HY000", 1020));
        };
    }

    private static Failure diskFullOf(TestServer server) {
        return switch (server) {
            case H2 -> code("90031", 90031);
            case SQLITE -> sqlite(SQLiteErrorCode.SQLITE_FULL);
            case POSTGRESQL -> code("53100", 0);
            case MARIADB -> code("HY000", 1114);
        };
    }

    /** Fails once, at the step of a number, or from now on; not where the tables for people are brought up meanwhile. */
    private static final class Fault implements MeddledSource.Meddler {
        private final Thread caller = Thread.currentThread();
        private int left;
        private boolean after;
        private Failure failure = code("", 0);
        private boolean fired;
        private boolean always;
        private String at = "";
        private boolean rollbackDue;
        private final List<String> afterFault = new ArrayList<>();

        void arm(int step, boolean afterwards, Failure what) {
            left = step;
            after = afterwards;
            failure = what;
            fired = false;
            rollbackDue = false;
            afterFault.clear();
        }

        /** Fails at every step from now on. */
        void armForGood(Failure what) {
            arm(1, false, what);
            always = true;
        }

        void disarm() {
            left = 0;
            always = false;
        }

        @Override
        public void before(Connection connection, String step) throws SQLException {
            if (Thread.currentThread() != caller) {
                return;
            }
            if (rollbackDue) {
                assertThat(step)
                        .as("the first step after the failure of %s", at)
                        .isEqualTo(MeddledSource.ROLLBACK);
                rollbackDue = false;
            }
            if (!after) {
                count(connection, step);
            }
        }

        @Override
        public void after(Connection connection, String step) throws SQLException {
            if (after && Thread.currentThread() == caller) {
                count(connection, step);
            }
        }

        private void count(Connection connection, String step) throws SQLException {
            if (!step.equals(MeddledSource.ROLLBACK) && (always || (left > 0 && --left == 0))) {
                fired = true;
                at = step;
                rollbackDue = !connection.getAutoCommit();
                throw failure.make();
            }
        }
    }

    /** Where, and whether the process knows that it is the only one. */
    private record Setting(TestServer server, boolean alone) {
        @Override
        public String toString() {
            return server + (alone ? ", alone" : ", in turn");
        }
    }

    static Stream<Setting> settings() {
        return Stream.of(TestServer.values())
                .flatMap(server -> Stream.of(new Setting(server, true), new Setting(server, false)));
    }

    /** A ledger whose connections can be made to fail. */
    private static final class Stage implements AutoCloseable {
        final TestDatabase database;
        final HikariDataSource pool;
        final Fault fault = new Fault();
        final JdbcStore store;
        int number;
        long spent;

        Stage(Setting setting, Duration patience) {
            TestServer server = setting.server;
            database = server.fresh();
            pool = Spec.of(server).source(database.url());
            store = JdbcStore.open(
                    MeddledSource.of(pool, fault),
                    JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING).withPatience(patience),
                    true,
                    () -> {},
                    setting.alone ? Ops.neverInTurn() : Ops.alwaysInTurn());
            store.apply(Ops.define("s", 1_000_000));
            store.apply(Ops.reserve("hold-0", "s", 7));
        }

        /** A batch that writes to the journal, to new and old holds, to balances and to rollups. */
        List<Operation> next() {
            String before = "hold-" + number++;
            spent += 7 + 2;
            return List.of(
                    Ops.commit(before, "s", 7),
                    Ops.reserve("hold-" + number, "s", 7),
                    Ops.book("book-" + number, "s", 2));
        }

        void assertDone(List<Outcome> outcomes, boolean repeated) {
            assertThat(((Outcome.Settled) outcomes.get(0)).repeated()).isEqualTo(repeated);
            assertThat(((Outcome.Held) outcomes.get(1)).repeated()).isEqualTo(repeated);
            assertThat(((Outcome.Booked) outcomes.get(2)).repeated()).isEqualTo(repeated);
        }

        void assertAllOnce() {
            assertThat(Ops.entries(store).stream().map(Entry::operationId)).doesNotHaveDuplicates();
            assertThat(Ops.entries(store)).hasSize(2 * number);
            assertThat(Ops.state(store, "s").committed()).isEqualTo(spent);
            assertThat(Ops.state(store, "s").held()).isEqualTo(7);
            Ops.assertClean(store);
        }

        @Override
        public void close() {
            store.close();
            pool.close();
            database.drop();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @MethodSource("settings")
    @DisplayName("by contention is rolled back, tried again and done once")
    void contention(Setting setting) {
        try (Stage stage = new Stage(setting, Duration.ofSeconds(30))) {
            for (Failure failure : contentionOf(setting.server)) {
                int step = 0;
                do {
                    stage.fault.arm(++step, false, failure);
                    stage.assertDone(stage.store.apply(stage.next()), false);
                } while (stage.fault.fired);
                assertThat(step).as("steps that failed").isGreaterThan(1);
            }
            stage.fault.disarm();
            stage.assertAllOnce();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @MethodSource("settings")
    @DisplayName("by contention that does not end is given up in time, without effect")
    void endless(Setting setting) {
        try (Stage stage = new Stage(setting, Duration.ofMillis(20))) {
            for (Failure failure : contentionOf(setting.server)) {
                List<Operation> batch = stage.next();
                stage.fault.armForGood(failure);
                assertThatThrownBy(() -> stage.store.apply(batch)).isInstanceOf(StoreException.class);
                stage.fault.disarm();
                stage.assertDone(stage.store.apply(batch), false);
            }
            stage.assertAllOnce();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @MethodSource("settings")
    @DisplayName("by a lost connection is done, or ambiguous and settled by the same ids, once either way")
    void connectionLost(Setting setting) {
        try (Stage stage = new Stage(setting, Duration.ofSeconds(30))) {
            for (boolean after : new boolean[] {false, true}) {
                int step = 0;
                int ambiguous = 0;
                do {
                    stage.fault.arm(++step, after, code("08006", 0));
                    List<Operation> batch = stage.next();
                    try {
                        stage.assertDone(stage.store.apply(batch), false);
                    } catch (AmbiguousOutcomeException lost) {
                        ambiguous++;
                        assertThat(stage.fault.at).startsWith(commits(setting.server));
                        stage.assertDone(stage.store.apply(batch), after);
                    }
                } while (stage.fault.fired);
                assertThat(ambiguous).isEqualTo(1);
            }
            stage.fault.disarm();
            stage.assertAllOnce();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @MethodSource("settings")
    @DisplayName("because the disk is full has no effect, or is ambiguous where the commit failed")
    void diskFull(Setting setting) {
        try (Stage stage = new Stage(setting, Duration.ofSeconds(30))) {
            int step = 0;
            do {
                stage.fault.arm(++step, false, diskFullOf(setting.server));
                List<Operation> batch = stage.next();
                try {
                    stage.assertDone(stage.store.apply(batch), false);
                    assertThat(stage.fault.fired).isFalse();
                } catch (StoreException | AmbiguousOutcomeException failure) {
                    boolean ambiguous = setting.server != TestServer.POSTGRESQL
                            && stage.fault.at.startsWith(commits(setting.server));
                    assertThat(failure)
                            .isInstanceOf(ambiguous ? AmbiguousOutcomeException.class : StoreException.class)
                            .hasMessageContaining("injected");
                    stage.assertDone(stage.store.apply(batch), false);
                }
            } while (stage.fault.fired);
            stage.fault.disarm();
            stage.assertAllOnce();
        }
    }

    /** What the step begins with that makes a batch last. */
    private static String commits(TestServer server) {
        return switch (server) {
            case POSTGRESQL -> "WITH guard";
            case MARIADB -> "BEGIN NOT ATOMIC";
            case H2, SQLITE -> MeddledSource.COMMIT;
        };
    }
}
