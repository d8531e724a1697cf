package io.holdfast.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.store.jdbc.JdbcOptions;
import io.holdfast.store.jdbc.JdbcStore;
import io.holdfast.store.jdbc.SchemaMode;
import io.holdfast.store.json.JsonStore;
import io.holdfast.survival.Survival;
import io.holdfast.tck.ManualClock;
import io.holdfast.unit.Amounts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Function;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

/** A clock once told a time far ahead, and something was booked at it; then the clock is right again. */
@DisplayName("I15: a ledger that has seen a bogus far future")
class FarFutureTest {
    private static final Instant BOGUS = Instant.parse("2126-05-05T23:59:59.500Z");
    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();

    @TempDir
    Path directory = Path.of("");

    @Test
    @DisplayName("is not wedged: windows end, holds expire, days turn: JSON files")
    void json() {
        notWedged("JSON files", clock -> JsonStore.open(directory, clock));
    }

    @Test
    @DisplayName("is not wedged: windows end, holds expire, days turn: SQLite")
    void sqlite() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + directory.resolve("ledger.db") + "?journal_mode=WAL&busy_timeout=20000");
        notWedged("SQLite", clock -> JdbcStore.open(source, options(clock)));
    }

    @Test
    @DisplayName("is not wedged: windows end, holds expire, days turn: H2")
    void h2() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + directory.resolve("ledger") + ";WRITE_DELAY=0;DB_CLOSE_DELAY=0");
        notWedged("H2", clock -> JdbcStore.open(source, options(clock)));
    }

    private static JdbcOptions options(@Nullable InstantSource clock) {
        JdbcOptions options = JdbcOptions.ofDefaults().withSchema(SchemaMode.IF_MISSING);
        return clock == null ? options : options.withClock(clock);
    }

    private static void notWedged(String name, Function<@Nullable InstantSource, LedgerStore> opener) {
        Amounts all = new Amounts(0, 10, 0, 1);
        try (LedgerStore store = opener.apply(new ManualClock(BOGUS))) {
            store.apply(new Operation.Define(
                    new ScopeDefinition(
                            "s",
                            null,
                            List.of(
                                    Limit.tokens(10, Window.rolling(Duration.ofSeconds(1))),
                                    Limit.tokens(10, Window.calendar(CalendarUnit.DAY, ZoneOffset.UTC)))),
                    false));
            store.apply(new Operation.Book(OperationId.given("full"), "s", null, "m", all, Detail.NONE));
            assertThat(store.apply(reserve("none", all))).isInstanceOf(Outcome.Denied.class);
        }
        try (LedgerStore store = opener.apply(null)) {
            long seen = at(store);
            assertThat(seen).as("time does not run backwards").isGreaterThanOrEqualTo(BOGUS.toEpochMilli());
            long end = System.nanoTime() + PATIENCE_NANOS;
            Outcome outcome = store.apply(reserve("h1", all));
            for (int i = 2; !(outcome instanceof Outcome.Held) && System.nanoTime() < end; i++) {
                outcome = store.apply(reserve("h" + i, all));
            }
            assertThat(outcome)
                    .as("the rolling window and the day have gone on")
                    .isInstanceOf(Outcome.Held.class);
            while (inspect(store).openHolds() > 0 && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(inspect(store).openHolds()).as("the hold has expired").isZero();
            assertThat(store.verify().differences()).isEmpty();
        }
        Survival.of("a time of a hundred years ahead, once believed", name, FarFutureTest.class)
                .tried(1)
                .lost(0)
                .overshot(0)
                .wrong(0)
                .keep();
    }

    private static Operation reserve(String id, Amounts amounts) {
        return new Operation.Reserve(OperationId.given(id), "s", null, "m", amounts, 400, OnExpiry.CHARGE, Detail.NONE);
    }

    private static long at(LedgerStore store) {
        return inspect(store).at();
    }

    private static Outcome.Inspected inspect(LedgerStore store) {
        return (Outcome.Inspected) store.apply(new Operation.Inspect("s", null));
    }
}
