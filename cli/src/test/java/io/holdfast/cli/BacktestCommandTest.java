package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.unit.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other budgets would have done to a ledger of three days. */
@DisplayName("backtest")
class BacktestCommandTest {
    private Instant now = Instant.parse("2026-03-01T09:00:00Z");
    private final InstantSource clock = () -> now;
    private final String store = SharedStoreProvider.fresh(clock);

    @TempDir
    private Path directory;

    /** Each day alice spends 4 x 3.00 at nine, ten, eleven and twelve, and user-7 of the template spends 3.00 once, all in acme. */
    @BeforeEach
    void fill() {
        try (BudgetManager budgets = manager()) {
            budgets.register(BudgetScope.named("acme").maxCostPerDay("100.00").build());
            budgets.register(BudgetScope.named("alice")
                    .parent("acme")
                    .maxCostPerDay("50.00")
                    .build());
            budgets.register(BudgetScope.template("user-*")
                    .parent("acme")
                    .maxCostPerDay("10.00")
                    .build());
            for (int day = 0; day < 3; day++) {
                now = Instant.parse("2026-03-01T09:00:00Z").plus(Duration.ofDays(day));
                for (int call = 0; call < 4; call++) {
                    budgets.budget("alice").record(Call.of("s", "claude-sonnet-4-5"), million());
                    now = now.plus(Duration.ofHours(1));
                }
                budgets.budget("user-7").record(Call.of("s", "claude-sonnet-4-5"), million());
            }
        }
    }

    private BudgetManager manager() {
        return BudgetManager.builder()
                .store(store)
                .clock(clock)
                .sweepEvery(Duration.ofDays(1))
                .build();
    }

    /** Comes to 3.00 with claude-sonnet-4-5, in the tier of short prompts. */
    private static Usage million() {
        return Usage.of(0, 200_000);
    }

    private Run backtest(String budgets, String... more) {
        Path file = Run.file(directory, "new.yaml", budgets);
        String[] args = new String[7 + more.length];
        String[] first = {"backtest", "--store", store, "--budgets", file.toString(), "--format", "json"};
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        return Run.of(args);
    }

    @Test
    @DisplayName("says that the present budgets would have refused nothing")
    void same() {
        Run run = backtest("""
                scopes:
                  - name: alice
                    parent: acme
                    limits:
                      - {meter: cost, amount: 50.00, window: rolling(PT24H)}
                """);
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode json = run.json();
        assertThat(json.get("rows")).isEmpty();
        assertThat(json.get("calls").asLong()).isEqualTo(15);
        assertThat(json.get("refused").asLong()).isZero();
        assertThat(json.get("spent_usd").asText()).isEqualTo("45.00");
        assertThat(json.get("saved_usd").asText()).isEqualTo("0.00");
    }

    @Test
    @DisplayName("names who would have been refused by which limit, when, and what it would have saved")
    void lower() {
        Run run = backtest("""
                scopes:
                  - name: alice
                    parent: acme
                    limits:
                      - {meter: cost, amount: 7.00, window: "calendar(day;UTC)"}
                """);
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode row = run.json().get("rows").get(0);
        assertThat(run.json().get("rows")).hasSize(1);
        assertThat(row.get("scope").asText()).isEqualTo("alice");
        assertThat(row.get("limit").asText()).startsWith("cost/calendar");
        assertThat(row.get("refused").asLong()).isEqualTo(6);
        assertThat(row.get("first").asText()).isEqualTo("2026-03-01T11:00:00Z");
        assertThat(row.get("last").asText()).isEqualTo("2026-03-03T12:00:00Z");
        assertThat(row.get("saved_usd").asText()).isEqualTo("18.00");
        assertThat(run.json().get("saved_usd").asText()).isEqualTo("18.00");
        assertThat(run.json().get("would_spend_usd").asText()).isEqualTo("27.00");
    }

    @Test
    @DisplayName("tries a limit of a parent on all its children, and one of a template on those it made")
    void parentsAndTemplates() {
        Run parent = backtest("""
                scopes:
                  - name: acme
                    limits:
                      - {meter: cost, amount: 13.00, window: "calendar(day;UTC)"}
                """);
        assertThat(parent.json().get("rows").get(0).get("scope").asText()).isEqualTo("user-7");
        assertThat(parent.json().get("rows").get(0).get("limit_scope").asText()).isEqualTo("acme");
        assertThat(parent.json().get("refused").asLong()).isEqualTo(3);
        Run template = backtest("""
                templates:
                  - name: user-*
                    parent: acme
                    limits:
                      - {meter: calls, amount: 2, window: lifetime}
                """);
        assertThat(template.json().get("refused").asLong()).as(template.err()).isEqualTo(1);
        assertThat(template.json().get("rows").get(0).get("first").asText()).isEqualTo("2026-03-03T13:00:00Z");
    }

    @Test
    @DisplayName("prices the calls that a ladder would have taken down, and counts those it would have delayed")
    void ladder() {
        Run run = backtest("""
                scopes:
                  - name: alice
                    parent: acme
                    ladders:
                      - [claude-sonnet-4-5, claude-haiku-4-5]
                    limits:
                      - {meter: cost, amount: 50.00, window: "calendar(day;UTC)", downgrade-at: 7.00, throttle-at: 7.50, throttle-delay: 2s}
                """);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().get("downgraded").asLong()).isEqualTo(6);
        assertThat(run.json().get("throttled").asLong()).isEqualTo(3);
        assertThat(run.json().get("saved_usd").asText()).isEqualTo("12.00");
    }

    @Test
    @DisplayName("counts a call that was settled late once, at what it came to")
    void late() {
        try (BudgetManager budgets = manager()) {
            now = Instant.parse("2026-03-05T09:00:00Z");
            Reservation hold = budgets.budget("alice")
                    .reserve(Call.of("s", "claude-sonnet-4-5")
                            .exactly(Usage.of(0, 400_000))
                            .ttl(Duration.ofMinutes(1)));
            now = now.plus(Duration.ofMinutes(5));
            budgets.budget("alice").summary();
            hold.commit(million());
        }
        Run run = backtest("scopes:\n  - name: acme\n", "--from", "2026-03-05");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().get("calls").asLong()).isOne();
        assertThat(run.json().get("spent_usd").asText()).isEqualTo("3.00");
    }

    @Test
    @DisplayName("changes nothing in the ledger, and refuses a file that cannot take its charges")
    void onlyReads() {
        Run before = Run.of("explain", "--store", store, "--scope", "alice", "--format", "json");
        backtest("scopes:\n  - name: alice\n    parent: acme\n");
        assertThat(Run.of("explain", "--store", store, "--scope", "alice", "--format", "json")
                        .out())
                .isEqualTo(before.out());
        Run unknownParent = backtest("scopes:\n  - name: alice\n    parent: nobody\n");
        assertThat(unknownParent.code()).isEqualTo(2);
        assertThat(unknownParent.err()).contains("nobody");
        assertThat(Run.of("backtest", "--store", store).code()).isEqualTo(2);
    }

    @Test
    @DisplayName("counts calls for loop guards by the key they had, or by their model and tool")
    void loops() {
        now = Instant.parse("2026-03-05T09:00:00Z");
        Call plain = Call.of("s", "claude-sonnet-4-5");
        try (BudgetManager budgets = manager()) {
            for (int i = 0; i < 3; i++) {
                for (Call call : new Call[] {plain, plain.tag("tool", "search"), plain.loopKey("ticket 7")}) {
                    budgets.budget("alice").record(call, million());
                }
            }
            now = now.plus(Duration.ofMinutes(1));
            budgets.budget("alice").record(plain.loopKey("ticket 7"), million());
        }
        Run run = backtest("""
                scopes:
                  - name: alice
                    parent: acme
                    limits:
                      - {meter: calls, amount: 3, window: rolling(PT1H), enforcement: loop-guard}
                """, "--from", "2026-03-05");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().get("calls").asLong()).isEqualTo(10);
        assertThat(run.json().get("refused").asLong()).isOne();
        assertThat(run.json().get("rows").get(0).get("first").asText()).isEqualTo("2026-03-05T09:01:00Z");
    }

    @Test
    @DisplayName("lets final calls have what a limit reserves for them")
    void finalCalls() {
        now = Instant.parse("2026-03-05T09:00:00Z");
        Call plain = Call.of("s", "claude-sonnet-4-5");
        try (BudgetManager budgets = manager()) {
            for (Call call : new Call[] {plain, plain, plain, plain.finalCall()}) {
                budgets.budget("alice").record(call, million());
            }
        }
        Run run = backtest("""
                scopes:
                  - name: alice
                    parent: acme
                    limits:
                      - {meter: cost, amount: 9.00, window: "calendar(day;UTC)", final-reserve: 3.00}
                """, "--from", "2026-03-05");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().get("refused").asLong()).isOne();
        assertThat(run.json().get("would_spend_usd").asText()).isEqualTo("9.00");
    }
}
