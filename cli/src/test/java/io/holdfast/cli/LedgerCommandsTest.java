package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Reservation;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Removal;
import io.holdfast.spi.Verification;
import io.holdfast.unit.Usage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look at a ledger: report, entries, explain, verify. */
class LedgerCommandsTest {
    private Instant now = Instant.parse("2026-03-01T22:30:00Z");
    private final InstantSource clock = () -> now;
    private final String store = SharedStoreProvider.fresh(clock);

    /**
     * acme (50 a day) holds alice (10 a session, 20 a day) and bob (no limits). Alice spends 2.00 with claude in ticket-1,
     * then, past midnight in Berlin, 0.25 with gpt-4o in ticket-2; bob spends 4.00 with claude outside any session.
     */
    @BeforeEach
    void fill() {
        try (BudgetManager budgets = manager()) {
            budgets.register(BudgetScope.named("acme").maxCostPerDay("50.00").build());
            budgets.register(BudgetScope.named("alice")
                    .parent("acme")
                    .maxCostPerSession("10.00")
                    .maxCostPerDay("20.00")
                    .limit(Limit.tokens(2_000_000, Window.lifetime()))
                    .build());
            budgets.register(BudgetScope.named("bob").parent("acme").build());
            budgets.budget("alice")
                    .record(Call.of("ticket-1", "claude-sonnet-4-5").id("a1").tag("ticket", "1"), claude(2));
            now = Instant.parse("2026-03-01T23:30:00Z");
            budgets.budget("alice").record(Call.of("ticket-2", "gpt-4o").id("a2"), Usage.of(100_000, 0));
            now = Instant.parse("2026-03-02T12:00:00Z");
            budgets.budget("bob").record(Call.to("claude-sonnet-4-5").id("b1"), claude(4));
        }
    }

    @Test
    void reportsByScopeWithThePercentOfTheTightestLimit() {
        Run run = Run.of("report", "--store", store, "--format", "json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .isEqualTo("{\"rows\":["
                        + "{\"key\":\"bob\",\"calls\":1,\"tokens\":266800,\"spent_usd\":\"4.002\",\"limit_usd\":null,\"percent_of_limit\":null},"
                        + "{\"key\":\"alice\",\"calls\":2,\"tokens\":233400,\"spent_usd\":\"2.251\",\"limit_usd\":\"10.00\",\"percent_of_limit\":20.0}"
                        + "],\"total\":{\"calls\":3,\"tokens\":500200,\"spent_usd\":\"6.253\"}}\n");
    }

    @Test
    void reportsByDayInAnyZone() {
        assertThat(keys("report", "--store", store, "--by", "day")).containsExactly("2026-03-01", "2026-03-02");
        Run berlin = Run.of("report", "--store", store, "--by", "day", "--zone", "Europe/Berlin", "--format", "json");
        assertThat(berlin.json().get("rows").get(0).get("spent_usd").asText()).isEqualTo("2.001");
        assertThat(berlin.json().get("rows").get(1).get("spent_usd").asText()).isEqualTo("4.252");
    }

    @Test
    void reportsByModelAndBySession() {
        assertThat(keys("report", "--store", store, "--by", "model"))
                .containsExactly("anthropic:claude-sonnet-4-5", "openai:gpt-4o");
        Run sessions = Run.of("report", "--store", store, "--by", "session", "--format", "json");
        JsonNode rows = sessions.json().get("rows");
        assertThat(rows.get(0).get("key").isNull()).isTrue();
        assertThat(rows.get(0).get("scope").asText()).isEqualTo("bob");
        assertThat(rows.get(1).get("key").asText()).isEqualTo("ticket-1");
        assertThat(rows.get(1).get("percent_of_limit").decimalValue()).isEqualByComparingTo("20.0");
        assertThat(rows.get(2).get("percent_of_limit").decimalValue()).isEqualByComparingTo("2.5");
    }

    @Test
    void reportsOnlyTheTimeAskedFor() {
        assertThat(keys("report", "--store", store, "--from", "2026-03-02")).containsExactly("bob");
        assertThat(keys("report", "--store", store, "--to", "2026-03-02")).containsExactly("alice");
        assertThat(keys("report", "--store", store, "--from", "2026-03-01T23:00:00Z", "--to", "2026-03-02"))
                .containsExactly("alice");
    }

    @Test
    void writesTheReportAsTableAndCsv() {
        assertThat(Run.of("report", "--store", store).out()).isEqualTo("""
                        key    calls  tokens  spent_usd  limit_usd  percent_of_limit
                        bob        1  266800      4.002          -                 -
                        alice      2  233400      2.251      10.00              20.0
                        total      3  500200      6.253          -                 -
                        """);
        assertThat(Run.of("report", "--store", store, "--format", "csv").out()).isEqualTo("""
                        key,calls,tokens,spent_usd,limit_usd,percent_of_limit
                        bob,1,266800,4.002,,
                        alice,2,233400,2.251,10.00,20.0
                        """);
    }

    @Test
    void aChargeTakenBackCountsWithAMinus() {
        try (BudgetManager budgets = manager()) {
            Reservation hold = budgets.budget("bob")
                    .reserve(Call.to("claude-sonnet-4-5")
                            .id("late")
                            .exactly(claude(5))
                            .ttl(Duration.ofSeconds(1)));
            now = now.plusSeconds(10);
            hold.commit(claude(1));
        }
        Run entries = Run.of("entries", "--store", store, "--format", "json", "--scope", "bob");
        assertThat(entries.jsonLines().stream().map(entry -> entry.get("kind").asText()))
                .containsExactly("recorded", "in_doubt", "reversed", "late");
        assertThat(entries.jsonLines().get(2).get("cost_usd").asText()).isEqualTo("-5.0025");
        assertThat(entries.jsonLines().get(2).get("tokens").asLong()).isNegative();
        Run report = Run.of("report", "--store", store, "--format", "json");
        JsonNode bob = report.json().get("rows").get(0);
        assertThat(bob.get("key").asText()).isEqualTo("bob");
        assertThat(bob.get("calls").asLong()).isEqualTo(2);
        BigDecimal sum = entries.jsonLines().stream()
                .map(entry -> new BigDecimal(entry.get("cost_usd").asText()))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        assertThat(new BigDecimal(bob.get("spent_usd").asText())).isEqualByComparingTo(sum);
    }

    @Test
    void streamsEntriesAsJsonLines() {
        Run run = Run.of("entries", "--store", store, "--format", "json");
        assertThat(run.code()).isZero();
        assertThat(run.out().lines().findFirst())
                .contains("{\"operation_id\":\"a1\",\"time\":\"2026-03-01T22:30:00Z\",\"kind\":\"recorded\","
                        + "\"scope\":\"alice\",\"session\":\"ticket-1\",\"model\":\"anthropic:claude-sonnet-4-5\","
                        + "\"cost_usd\":\"2.001\",\"tokens\":133400,\"usage\":{\"input\":0,\"cache_read\":0,"
                        + "\"cache_write_short\":0,\"cache_write_long\":0,\"output\":133400,\"extra_cost_usd\":\"0.00\"},"
                        + "\"tags\":{\"ticket\":\"1\"}}");
        assertThat(run.jsonLines()).hasSize(3);
        assertThat(run.jsonLines().get(2).get("session").isNull()).isTrue();
    }

    @Test
    void entriesOfAScopeAreThoseBelowItToo() {
        assertThat(ids("--scope", "acme")).containsExactly("a1", "a2", "b1");
        assertThat(ids("--scope", "alice")).containsExactly("a1", "a2");
        assertThat(ids("--from", "2026-03-02T12:00:00Z")).containsExactly("b1");
        assertThat(ids("--to", "2026-03-01T23:30:00Z")).containsExactly("a1");
    }

    @Test
    void entriesOfARemovedScopeCanStillBeRead() {
        try (BudgetManager budgets = manager()) {
            budgets.remove("bob", Removal.REJECT);
        }
        assertThat(ids("--scope", "bob")).containsExactly("b1");
        assertThat(keys("report", "--store", store)).contains("bob");
    }

    @Test
    void writesEntriesAsCsvAndTable() {
        Run csv = Run.of("entries", "--store", store, "--format", "csv");
        assertThat(csv.out().lines())
                .hasSize(4)
                .first()
                .isEqualTo("operation_id,time,kind,scope,session,model,cost_usd,tokens,usage,tags");
        assertThat(csv.out()).contains(",\"{\"\"ticket\"\":\"\"1\"\"}\"");
        Run table = Run.of("entries", "--store", store);
        assertThat(table.out().lines())
                .hasSize(4)
                .first()
                .asString()
                .startsWith("operation_id  time")
                .endsWith("tokens");
    }

    @Test
    void explainsEveryLimitOfAScopeAndItsAncestors() {
        Run run = Run.of("explain", "--store", store, "--scope", "alice", "--format", "json");
        assertThat(run.code()).as(run.err()).isZero();
        List<String> limits = run.json().get("limits").findValuesAsText("limit");
        assertThat(limits)
                .containsExactly(
                        "cost/session",
                        "cost/session",
                        "cost/rolling(PT24H)",
                        "tokens/lifetime",
                        "cost/rolling(PT24H)");
        JsonNode day = run.json().get("limits").get(2);
        assertThat(day.get("used").asText()).isEqualTo("2.251");
        assertThat(day.get("amount").asText()).isEqualTo("20.00");
        assertThat(day.get("remaining").asText()).isEqualTo("17.749");
        assertThat(day.get("frees_at").asText()).startsWith("2026-03-02T22:3");
        JsonNode tokens = run.json().get("limits").get(3);
        assertThat(tokens.get("used").asLong()).isEqualTo(233_400);
        assertThat(tokens.get("unit").asText()).isEqualTo("tokens");
        assertThat(tokens.get("frees_at").isNull()).isTrue();
        assertThat(run.json().get("open_holds").asLong()).isZero();
    }

    @Test
    void explainsOneSession() {
        Run run = Run.of("explain", "--store", store, "--scope", "alice", "--session", "ticket-2", "--format", "json");
        JsonNode first = run.json().get("limits").get(0);
        assertThat(first.get("session").asText()).isEqualTo("ticket-2");
        assertThat(first.get("used").asText()).isEqualTo("0.25");
    }

    @Test
    void explainsWhetherACallWouldBeAdmitted() {
        Run fits = Run.of(
                "explain",
                "--store",
                store,
                "--scope",
                "alice",
                "--session",
                "ticket-1",
                "--model",
                "claude-sonnet-4-5",
                "--input",
                "1000",
                "--max-output",
                "1000",
                "--format",
                "json");
        assertThat(fits.code()).as(fits.err()).isZero();
        assertThat(fits.json().get("allowed").asBoolean()).isTrue();
        assertThat(fits.usd("estimate_usd")).isPositive();
        Run refused = Run.of(
                "explain",
                "--store",
                store,
                "--scope",
                "alice",
                "--session",
                "ticket-1",
                "--model",
                "gpt-4o",
                "--input",
                "90000000",
                "--max-output",
                "0");
        assertThat(refused.code()).as(refused.err()).isEqualTo(3);
        assertThat(refused.out()).contains("would be refused");
    }

    @Test
    void explainsAScopeWithoutLimits() {
        try (BudgetManager budgets = manager()) {
            budgets.register(BudgetScope.named("free").build());
        }
        assertThat(Run.of("explain", "--store", store, "--scope", "free").out())
                .isEqualTo("scope free: 0 open holds\nno limits\n");
    }

    @Test
    void explainsWhatABudgetsFileWouldMean(@TempDir Path directory) {
        Path budgets = Run.file(directory, "budgets.yaml", """
                templates:
                  - name: user-*
                    limits:
                      - {meter: cost, amount: "3.50", window: calendar(month;Europe/Berlin), models: "claude-*"}
                """);
        Run run = Run.of(
                "explain",
                "--store",
                "memory:",
                "--budgets",
                budgets.toString(),
                "--scope",
                "user-7",
                "--format",
                "json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().get("limits").get(0).get("limit").asText())
                .isEqualTo("cost/calendar(month;Europe/Berlin)/claude-*");
    }

    @Test
    void verifiesACleanLedger() {
        Run run = Run.of("verify", "--store", store, "--format", "json");
        assertThat(run.code()).isZero();
        assertThat(run.json().get("clean").asBoolean()).isTrue();
        assertThat(run.json().get("replayed").asLong()).isEqualTo(6);
        assertThat(run.json().get("differences").size()).isZero();
        assertThat(Run.of("verify", "--store", store).out()).startsWith("clean: 6 changes replayed, ");
    }

    @Test
    void aLedgerThatDisagreesWithItsJournalEndsWithOne() {
        SharedStoreProvider.at(store).verification = new Verification(5, 2, List.of("counter x: 1, replayed 2"));
        Run json = Run.of("verify", "--store", store, "--format", "json");
        assertThat(json.code()).isEqualTo(1);
        assertThat(json.json().get("differences").get(0).asText()).isEqualTo("counter x: 1, replayed 2");
        assertThat(json.json().get("clean").asBoolean()).isFalse();
        Run table = Run.of("verify", "--store", store);
        assertThat(table.code()).isEqualTo(1);
        assertThat(table.out()).startsWith("counter x: 1, replayed 2\nnot clean: ");
        assertThat(table.err()).contains("disagree in 1 place");
    }

    private BudgetManager manager() {
        return BudgetManager.builder()
                .store(SharedStoreProvider.at(store))
                .clock(clock)
                .build();
    }

    /** Returns usage that comes to this many dollars and a tenth of a cent with claude-sonnet-4-5. */
    private static Usage claude(int dollars) {
        return Usage.of(0, dollars * 66_700L);
    }

    private List<String> ids(String... more) {
        String[] args = new String[5 + more.length];
        System.arraycopy(new String[] {"entries", "--store", store, "--format", "json"}, 0, args, 0, 5);
        System.arraycopy(more, 0, args, 5, more.length);
        return Run.of(args).jsonLines().stream()
                .map(entry -> entry.get("operation_id").asText())
                .toList();
    }

    private static List<String> keys(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--format";
        all[args.length + 1] = "json";
        return Run.of(all).json().get("rows").findValuesAsText("key");
    }
}
