package io.holdfast.store.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.tck.ManualClock;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever reads the tables by plain SQL finds what the library answers, whatever was done before. */
@DisplayName("After random work of two stores, pruned now and then,")
class AnswersTest {
    private static final int STEPS = Boolean.getBoolean("holdfast.full") ? 4_000 : 400;
    private static final List<String> SCOPES = List.of("team", "alice", "user-1", "user-2");
    private static final List<Limit> LIMITS = List.of(
            Limit.cost(Usd.of("0.000900"), Window.lifetime()),
            Limit.cost(Usd.of("0.000300"), Window.calendar(CalendarUnit.DAY, ZoneId.of("Europe/Berlin"))),
            Limit.tokens(900, Window.calendar(CalendarUnit.MONTH, ZoneOffset.UTC)),
            Limit.tokens(300, Window.rolling(Duration.ofHours(24))).forModels("model-a"),
            Limit.calls(40, Window.rolling(Duration.ofHours(6))).alertAt(0.5),
            Limit.tokens(400, Window.session()),
            Limit.of(Meter.OUTPUT_TOKENS, 100, Window.lifetime()).alertOnly());

    /** What a hold has come to. */
    private record Held(
            String state, Amounts amounts, @Nullable Amounts booked, long settledAt) {}

    /** Who works on a ledger, and what they were told. */
    private static final class World implements AutoCloseable {
        final Random random;
        final ManualClock clock = new ManualClock(Instant.parse("2026-03-20T09:00:00Z"));
        final TestDatabase database;
        final Spec spec;
        final HikariDataSource source;
        final JdbcStore[] stores = new JdbcStore[2];
        final Map<String, Held> holds = new TreeMap<>();
        final Set<String> gone = new HashSet<>();
        final List<Entry> pruned = new ArrayList<>();
        Instant kept = Instant.EPOCH;
        int made;

        World(TestServer server, long seed) {
            random = new Random(seed);
            database = server.fresh();
            spec = Spec.of(server).onManualClock();
            source = spec.source(database.url());
            stores[0] = open();
            stores[1] = open();
        }

        JdbcStore open() {
            return JdbcStore.open(
                    source,
                    JdbcOptions.ofDefaults()
                            .withSchema(SchemaMode.IF_MISSING)
                            .withSnapshotEvery(200)
                            .withClock(clock));
        }

        void work() {
            define("org", null);
            define("team", "org");
            define("alice", "team");
            define("user-*", "team");
            for (int i = 0; i < STEPS; i++) {
                int what = random.nextInt(100);
                if (what < 60) {
                    batch();
                } else if (what < 80) {
                    clock.advance(Duration.ofMinutes(random.nextInt(300)));
                } else if (what < 84) {
                    define(pick(List.of("org", "team", "user-*")), null);
                } else if (what < 88) {
                    remove();
                } else if (what < 92) {
                    apply(List.of(new Operation.ResetSession(id("reset"), pick(SCOPES), session())));
                } else if (what < 94) {
                    prune();
                } else if (what < 96) {
                    int which = random.nextInt(2);
                    stores[which].close();
                    stores[which] = open();
                } else {
                    apply(List.of(new Operation.Inspect("alice", null)));
                }
            }
            // What is due by now has expired before the tables are read.
            apply(List.of(new Operation.Sweep()));
            stores[0].showTables();
        }

        private void define(String name, @Nullable String parent) {
            List<Limit> limits = new ArrayList<>();
            for (Limit limit : LIMITS) {
                if (random.nextInt(3) > 0) {
                    limits.add(new Limit(
                            limit.meter(),
                            limit.window(),
                            limit.models(),
                            limit.amount() * (1 + random.nextInt(20)),
                            limit.enforcement(),
                            limit.alerts()));
                }
            }
            String above = name.equals("org") ? null : name.equals("team") ? "org" : "team";
            assertThat(parent == null || parent.equals(above)).isTrue();
            apply(List.of(new Operation.Define(new ScopeDefinition(name, above, limits), true)));
        }

        private void remove() {
            if (random.nextBoolean()) {
                apply(List.of(new Operation.Remove("alice", pick(List.of(Removal.values())))));
            }
            define("alice", null);
        }

        private void batch() {
            List<Operation> batch = new ArrayList<>();
            int size = 1 + random.nextInt(6);
            for (int i = 0; i < size; i++) {
                batch.add(operation());
            }
            apply(batch);
        }

        private Operation operation() {
            String scope = pick(SCOPES);
            int what = random.nextInt(10);
            if (what < 4 || holds.isEmpty()) {
                return new Operation.Reserve(
                        id("hold"),
                        scope,
                        session(),
                        model(),
                        amounts(),
                        Duration.ofMinutes(10 + random.nextInt(1_000)).toMillis(),
                        pick(List.of(OnExpiry.values())),
                        detail());
            }
            if (what < 6) {
                return new Operation.Book(id("book"), scope, session(), model(), amounts(), detail());
            }
            String[] hold = pick(new ArrayList<>(holds.keySet())).split("/", 2);
            return switch (what) {
                case 6 -> new Operation.Release(hold[0], hold[1]);
                case 7 ->
                    new Operation.Extend(
                            id("extend"), hold[0], hold[1], Duration.ofHours(9).toMillis());
                default -> new Operation.Commit(hold[0], hold[1], amounts(), random.nextInt(4) == 0, detail());
            };
        }

        private void prune() {
            Instant cut = clock.instant().minus(Duration.ofHours(random.nextInt(40)));
            JdbcStore store = stores[random.nextInt(2)];
            for (Entry entry : Ops.entries(store)) {
                if (entry.time().isBefore(cut)) {
                    pruned.add(entry);
                }
            }
            store.prune(cut);
            kept = cut.isAfter(kept) ? cut : kept;
            holds.forEach((key, hold) -> {
                if (hold.settledAt < kept.toEpochMilli()) {
                    gone.add(key);
                }
            });
        }

        void apply(List<Operation> batch) {
            List<Outcome> outcomes = stores[random.nextInt(2)].apply(batch);
            for (int i = 0; i < batch.size(); i++) {
                Outcome outcome = outcomes.get(i);
                for (Notice notice : outcome.notices()) {
                    if (notice instanceof Notice.Expired expired) {
                        Amounts booked = expired.onExpiry() == OnExpiry.CHARGE ? expired.estimate() : Amounts.NONE;
                        settle(expired.scope(), expired.holdId(), HoldState.EXPIRED, booked);
                    }
                }
                if (outcome instanceof Outcome.Held held) {
                    String scope = ((Operation.Reserve) batch.get(i)).scope();
                    holds.put(scope + "/" + held.holdId(), new Held("active", held.amounts(), null, Long.MAX_VALUE));
                } else if (outcome instanceof Outcome.Settled settled && !settled.repeated()) {
                    settle(
                            ((Operation.OnScope) batch.get(i)).scope(),
                            settled.holdId(),
                            settled.state(),
                            settled.booked());
                }
            }
        }

        private void settle(String scope, String id, HoldState state, Amounts booked) {
            holds.computeIfPresent(
                    scope + "/" + id,
                    (key, hold) ->
                            new Held(state.name().toLowerCase(Locale.ROOT), hold.amounts, booked, clock.millis()));
        }

        private OperationId id(String kind) {
            return OperationId.given(kind + "-" + made++);
        }

        private String session() {
            return "session-" + random.nextInt(3);
        }

        private String model() {
            return random.nextBoolean() ? "model-a" : "model-b";
        }

        private Amounts amounts() {
            return new Amounts(random.nextInt(20_000), random.nextInt(20), random.nextInt(10), 1);
        }

        private Detail detail() {
            return switch (random.nextInt(3)) {
                case 0 -> Detail.NONE;
                case 1 -> new Detail(Usage.of(random.nextInt(20), random.nextInt(10)), Map.of());
                default -> new Detail(Usage.of(3, 4), Map.of("team", "support \"é\" 漢字 \uD83D\uDE00"));
            };
        }

        private <T> T pick(List<T> some) {
            return some.get(random.nextInt(some.size()));
        }

        // ---- reading by SQL

        private interface Row<T> {
            T read(ResultSet row) throws SQLException;
        }

        private <T> List<T> rows(String sql, Row<T> reader) {
            return Jdbi.create(source)
                    .withHandle(handle -> handle.createQuery(sql)
                            .map((row, context) -> reader.read(row))
                            .list());
        }

        private static @Nullable Long number(ResultSet row, String column) throws SQLException {
            long value = row.getLong(column);
            return row.wasNull() ? null : value;
        }

        @Override
        public void close() {
            for (JdbcStore store : stores) {
                store.close();
            }
            source.close();
            database.drop();
        }
    }

    @ParameterizedTest(name = "on {0}")
    @EnumSource
    @DisplayName("the tables tell what the library answers")
    void sameAnswers(TestServer server) {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        try (World world = new World(server, seed)) {
            world.work();
            assertEntries(world);
            assertRollups(world);
            assertHolds(world);
            assertBalances(world);
            assertScopes(world);
            for (JdbcStore store : world.stores) {
                Ops.assertClean(store);
            }
        } catch (AssertionError | RuntimeException failure) {
            throw new AssertionError("with -Dholdfast.seed=" + seed, failure);
        }
    }

    private static void assertEntries(World world) {
        List<List<@Nullable Object>> wanted = new ArrayList<>();
        for (Entry entry : Ops.entries(world.stores[0])) {
            Usage usage = entry.detail().usage();
            boolean told = !usage.equals(Usage.NONE);
            wanted.add(java.util.Arrays.asList(
                    entry.operationId(),
                    entry.time().toEpochMilli(),
                    entry.kind().name(),
                    entry.scope(),
                    entry.session(),
                    entry.model(),
                    entry.amounts().cost(),
                    entry.amounts().inputTokens(),
                    entry.amounts().outputTokens(),
                    entry.amounts().calls(),
                    told ? usage.input() : null,
                    told ? usage.output() : null,
                    Json.ofTags(entry.detail().tags())));
        }
        List<List<@Nullable Object>> found = world.rows(
                "SELECT * FROM holdfast_entries ORDER BY seq, CASE WHEN kind = 'REVERSED' THEN 0 ELSE 1 END",
                row -> java.util.Arrays.asList(
                        row.getString("operation_id"),
                        row.getLong("at_ms"),
                        row.getString("kind"),
                        row.getString("scope"),
                        row.getString("session_id"),
                        row.getString("model"),
                        row.getLong("cost_nanos"),
                        row.getLong("input_tokens"),
                        row.getLong("output_tokens"),
                        row.getLong("calls"),
                        World.number(row, "usage_input"),
                        World.number(row, "usage_output"),
                        row.getString("tags")));
        assertThat(found).isEqualTo(wanted);
        assertThat(wanted.size() + world.pruned.size()).isGreaterThan(100);
        assertThat(Ops.entries(world.stores[1])).isEqualTo(Ops.entries(world.stores[0]));
        assertThat(Ops.entries(world.stores[0]))
                .allSatisfy(entry -> assertThat(entry.time()).isAfterOrEqualTo(world.kept));
        world.rows(
                        "SELECT cost_nanos, cost_usd FROM holdfast_entries",
                        row -> row.getBigDecimal("cost_usd")
                                        .movePointRight(9)
                                        .setScale(0, java.math.RoundingMode.HALF_EVEN)
                                        .longValueExact()
                                - row.getLong("cost_nanos"))
                .forEach(difference -> assertThat(difference).isZero());
    }

    private static void assertRollups(World world) {
        Map<String, List<Long>> wanted = new TreeMap<>();
        List<Entry> all = new ArrayList<>(world.pruned);
        all.addAll(Ops.entries(world.stores[0]));
        for (Entry entry : all) {
            long sign = entry.kind().sign();
            String key =
                    entry.time().atOffset(ZoneOffset.UTC).toLocalDate() + " " + entry.scope() + " " + entry.model();
            List<Long> more = List.of(
                    1L,
                    sign * entry.amounts().cost(),
                    sign * entry.amounts().inputTokens(),
                    sign * entry.amounts().outputTokens(),
                    sign * entry.amounts().calls());
            wanted.merge(key, more, AnswersTest::sum);
        }
        Map<String, List<Long>> found = new TreeMap<>();
        world.rows(
                        "SELECT * FROM holdfast_rollups",
                        row -> Map.entry(
                                row.getString("day_utc") + " " + row.getString("scope") + " " + row.getString("model"),
                                List.of(
                                        row.getLong("entries"),
                                        row.getLong("cost_nanos"),
                                        row.getLong("input_tokens"),
                                        row.getLong("output_tokens"),
                                        row.getLong("calls"))))
                .forEach(row -> found.put(row.getKey(), row.getValue()));
        assertThat(found).isEqualTo(wanted);
    }

    private static List<Long> sum(List<Long> one, List<Long> other) {
        List<Long> sum = new ArrayList<>();
        for (int i = 0; i < one.size(); i++) {
            sum.add(one.get(i) + other.get(i));
        }
        return sum;
    }

    private static void assertHolds(World world) {
        Map<String, Held> found = new HashMap<>();
        world.rows(
                        "SELECT * FROM holdfast_holds",
                        row -> Map.entry(
                                row.getString("scope") + "/" + row.getString("hold_id"),
                                new Held(
                                        row.getString("state"),
                                        new Amounts(
                                                row.getLong("cost_nanos"),
                                                row.getLong("input_tokens"),
                                                row.getLong("output_tokens"),
                                                row.getLong("calls")),
                                        World.number(row, "booked_calls") == null
                                                ? null
                                                : new Amounts(
                                                        row.getLong("booked_cost_nanos"),
                                                        row.getLong("booked_input_tokens"),
                                                        row.getLong("booked_output_tokens"),
                                                        row.getLong("booked_calls")),
                                        0)))
                .forEach(row -> found.put(row.getKey(), row.getValue()));
        world.holds.forEach((key, wanted) -> {
            Held row = found.remove(key);
            assertThat(row == null).as("hold %s was pruned", key).isEqualTo(world.gone.contains(key));
            if (row != null) {
                assertThat(row.state).as(key).isEqualTo(wanted.state);
                assertThat(row.amounts).as(key).isEqualTo(wanted.amounts);
                assertThat(row.booked).as(key).isEqualTo(wanted.booked);
            }
        });
        assertThat(found).isEmpty();
    }

    private record Balance(
            String scope,
            @Nullable String owner,
            @Nullable String session,
            String limit,
            long amount,
            long committed,
            long held,
            @Nullable Long nextChange,
            long seq) {
        boolean stands(long now) {
            return nextChange == null || nextChange > now;
        }
    }

    private static void assertBalances(World world) {
        List<Balance> found = world.rows(
                "SELECT * FROM holdfast_balances",
                row -> new Balance(
                        row.getString("scope"),
                        row.getString("owner"),
                        row.getString("session_id"),
                        row.getString("meter") + "/" + row.getString("window_text")
                                + (row.getString("models").equals("*") ? "" : "/" + row.getString("models"))
                                + (row.getString("enforcement").equals("hard") ? "" : "/alert-only"),
                        row.getLong("amount"),
                        row.getLong("committed"),
                        row.getLong("held"),
                        World.number(row, "next_change_ms"),
                        row.getLong("seq")));
        long defined = world.rows("SELECT MAX(seq) FROM holdfast_scopes", row -> row.getLong(1))
                .get(0);
        long now = world.clock.millis();
        List<String> owners = new ArrayList<>(SCOPES);
        owners.add("org");
        int compared = 0;
        for (String owner : owners) {
            List<@Nullable String> sessions = new ArrayList<>(List.of("session-0", "session-1", "session-2"));
            sessions.add(null);
            for (String session : sessions) {
                if (!(world.stores[0].apply(new Operation.Inspect(owner, session))
                        instanceof Outcome.Inspected known)) {
                    continue;
                }
                for (LimitState state : known.limits()) {
                    boolean perSession = state.limit().window().perSession();
                    if (perSession ? session == null : !state.scope().equals(owner)) {
                        continue;
                    }
                    List<Balance> rows = found.stream()
                            .filter(row -> row.scope.equals(state.scope())
                                    && Objects.equals(row.owner, perSession ? owner : null)
                                    && Objects.equals(row.session, perSession ? session : null)
                                    && row.limit.equals(state.limit().key()))
                            .toList();
                    assertThat(rows).as("rows for %s", state).hasSizeLessThan(2);
                    if (rows.isEmpty()) {
                        assertThat(state.committed() + state.held())
                                .as("%s has no row", state)
                                .isZero();
                        continue;
                    }
                    Balance row = rows.get(0);
                    compared++;
                    if (row.seq > defined || (!perSession && !owner.startsWith("user-"))) {
                        assertThat(row.amount)
                                .as("%s for %s", row, state)
                                .isEqualTo(state.limit().amount());
                    }
                    if (row.stands(now)) {
                        assertThat(List.of(row.committed, row.held))
                                .as("%s at %s for %s", row, now, state)
                                .isEqualTo(List.of(state.committed(), state.held()));
                    } else {
                        assertThat(row.committed).as("%s for %s", row, state).isGreaterThanOrEqualTo(state.committed());
                        assertThat(row.held).as("%s for %s", row, state).isGreaterThanOrEqualTo(state.held());
                    }
                }
            }
        }
        assertThat(compared).isGreaterThan(10);
    }

    private static void assertScopes(World world) {
        Map<String, ScopeDefinition> defined = new HashMap<>();
        world.stores[0].definitions(definition -> defined.put(definition.name(), definition));
        List<List<String>> rows = world.rows(
                "SELECT name, state, definition FROM holdfast_scopes",
                row -> List.of(row.getString("name"), row.getString("state"), row.getString("definition")));
        assertThat(rows).hasSize(4);
        for (List<String> row : rows) {
            ScopeDefinition definition = defined.get(row.get(0));
            if (row.get(1).equals("removed")) {
                assertThat(definition).as("%s", row).isNull();
            } else {
                assertThat(definition).as("%s", row).isEqualTo(Json.definition(Json.parse(row.get(2), "a definition")));
            }
        }
    }
}
