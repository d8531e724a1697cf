package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Entry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Time is the database's, however wrong the clock of the client is:")
class DatabaseClockTest {
    /**
     * Between two readings of the database's clock, in whole milliseconds, a store goes on at the pace of its own machine: it
     * may be off by what was rounded and by what the two drift apart in a second.
     */
    private static final long PACE_MILLIS = 5;

    /** Makes the database of a test run ahead of this process, or behind it. */
    private record Skew(String now, Duration by) implements MeddledSource.Meddler {
        static Skew of(TestServer server, Duration by) {
            return new Skew(Dialect.of(Engine.named(server.name()), "holdfast_").nowMillis(), by);
        }

        @Override
        public String sql(String sql) {
            return sql.replace(now, "(" + now + " + " + by.toMillis() + ")");
        }

        long read(HikariDataSource pool) {
            return Jdbi.create(pool)
                    .withHandle(handle -> handle.createQuery("SELECT " + sql(now))
                            .mapTo(Long.class)
                            .one());
        }
    }

    @ParameterizedTest(name = "{0}, {1} hours ahead")
    @CsvSource({
        "H2,30",
        "H2,-30",
        "SQLITE,30",
        "SQLITE,-30",
        "POSTGRESQL,30",
        "POSTGRESQL,-30",
        "MARIADB,30",
        "MARIADB,-30"
    })
    @DisplayName("holds, entries, days and windows follow it")
    void skewed(TestServer server, int hours) {
        TestDatabase database = server.fresh();
        Skew skew = Skew.of(server, Duration.ofHours(hours));
        try (HikariDataSource pool = Spec.of(server).source(database.url());
                JdbcStore store = JdbcStore.open(
                        MeddledSource.of(pool, skew), JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING));
                JdbcStore other = JdbcStore.open(
                        MeddledSource.of(pool, skew), JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING))) {
            assertThat(store.traits().storeClock()).isTrue();
            Limit perDay = Limit.calls(5, Window.calendar(CalendarUnit.DAY, ZoneOffset.UTC));
            long before = skew.read(pool) - PACE_MILLIS;
            store.apply(new Operation.Define(new ScopeDefinition("s", null, List.of(perDay)), false));
            Outcome.Held held = (Outcome.Held) store.apply(Ops.reserve("h", "s", 3));
            other.apply(Ops.commit("h", "s", 2));
            other.apply(Ops.book("b", "s", 1));
            long after = skew.read(pool) + PACE_MILLIS;

            assertThat(held.admittedAt()).isBetween(before, after);
            assertThat(held.expiresAt()).isEqualTo(held.admittedAt() + Ops.HOUR);
            assertThat(Ops.entries(store))
                    .hasSize(2)
                    .allSatisfy(entry -> assertThat(entry.time().toEpochMilli()).isBetween(before, after));
            store.showTables();
            List<String> days = Jdbi.create(pool)
                    .withHandle(handle -> handle.createQuery("SELECT DISTINCT day_utc FROM holdfast_rollups")
                            .mapTo(String.class)
                            .list());
            assertThat(days)
                    .containsExactlyElementsOf(Ops.entries(store).stream()
                            .map(Entry::time)
                            .map(time ->
                                    time.atOffset(ZoneOffset.UTC).toLocalDate().toString())
                            .distinct()
                            .toList());
            Instant frees = Instant.ofEpochMilli(Ops.state(store, "s").frees());
            assertThat(frees)
                    .isAfter(Instant.ofEpochMilli(before))
                    .isBefore(
                            Instant.ofEpochMilli(after).plus(Duration.ofDays(1)).plusMillis(1));
            Ops.assertClean(store);
        } finally {
            database.drop();
        }
    }

    /** Counts how often the database is asked for its time. */
    private record Asked(String now, AtomicInteger times) implements MeddledSource.Meddler {
        @Override
        public String sql(String sql) {
            if (sql.contains(now)) {
                times.incrementAndGet();
            }
            return sql;
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(TestServer.class)
    @DisplayName("it is asked again while batches follow one another without a pause")
    void askedAgain(TestServer server) {
        TestDatabase database = server.fresh();
        Asked asked =
                new Asked(Dialect.of(Engine.named(server.name()), "holdfast_").nowMillis(), new AtomicInteger());
        try (HikariDataSource pool = Spec.of(server).source(database.url());
                JdbcStore store = JdbcStore.open(
                        MeddledSource.of(pool, asked), JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING))) {
            store.apply(Ops.define("s", 1_000_000_000));
            int before = asked.times().get();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            for (int i = 0; asked.times().get() < before + 2 && System.nanoTime() < deadline; i++) {
                store.apply(Ops.book("b" + i, "s", 1));
            }
            assertThat(asked.times().get()).isGreaterThanOrEqualTo(before + 2);
        } finally {
            database.drop();
        }
    }
}
