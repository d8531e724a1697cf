package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.spi.Entry;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
    /** What a row of 1,000 input and 100 output tokens costs with claude-sonnet-4-5. */
    private static final BigDecimal ROW = new BigDecimal("0.0045");

    @TempDir
    Path directory;

    private final String store = SharedStoreProvider.fresh();

    @Test
    void saysWhatCameOfItAsJson() {
        Run run = replay(Traces.equal(directory, 100, 1_000, 100));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        JsonNode result = run.json();
        assertThat(result.fieldNames())
                .toIterable()
                .containsExactly(
                        "requests",
                        "admitted",
                        "denied",
                        "spent_usd",
                        "max_overshoot_usd",
                        "seconds",
                        "ops_per_second");
        assertThat(result.get("requests").asLong()).isEqualTo(100);
        assertThat(result.get("admitted").asLong()).isEqualTo(100);
        assertThat(result.get("denied").asLong()).isZero();
        assertThat(run.usd("spent_usd")).isEqualByComparingTo("0.45");
        assertThat(result.get("max_overshoot_usd").asText()).isEqualTo("0.00");
        assertThat(result.get("seconds").isNumber()).isTrue();
        assertThat(result.get("ops_per_second").isNumber()).isTrue();
    }

    @Test
    void admitsExactlyWhatFitsUnderTheCap() {
        // 10 tenants with 10 rows each, of which 0.03 / 0.0045 = 6 fit.
        Run run = replay(
                Traces.equal(directory, 100, 1_000, 100),
                "--tenants",
                "10",
                "--cap-per-day",
                "0.03",
                "--threads",
                "16");
        assertThat(run.json().get("admitted").asLong()).isEqualTo(60);
        assertThat(run.json().get("denied").asLong()).isEqualTo(40);
        assertThat(run.usd("spent_usd")).isEqualByComparingTo(ROW.multiply(BigDecimal.valueOf(60)));
        assertThat(run.usd("max_overshoot_usd")).isZero();
        Map<String, Long> calls = SharedStoreProvider.at(store).entries().stream()
                .collect(Collectors.groupingBy(Entry::scope, Collectors.counting()));
        assertThat(calls)
                .hasSize(10)
                .allSatisfy((scope, count) -> assertThat(count).isEqualTo(6));
    }

    @Test
    void dealsRowsToTenantsAndModelsInTurn() {
        replay(Traces.of(directory, 12), "--tenants", "3", "--models", "gpt-4o,claude-sonnet-4-5");
        for (Entry entry : SharedStoreProvider.at(store).entries()) {
            long row = entry.detail().usage().input() - 1_000;
            assertThat(entry.scope()).isEqualTo("tenant-" + row % 3);
            assertThat(entry.model()).isEqualTo(row % 2 == 0 ? "openai:gpt-4o" : "anthropic:claude-sonnet-4-5");
            assertThat(entry.detail().usage().output()).isEqualTo(100 + row % 7);
        }
        assertThat(SharedStoreProvider.at(store).entries()).hasSize(12);
    }

    @Test
    void holdsTheModelsCeilingWhereAsked() {
        // The ceiling of 64,000 output tokens at 15 USD is 0.96 USD: nothing fits under 0.90 while it is held.
        Path trace = Traces.equal(directory, 5, 1_000, 100);
        Run ceiling = replay(trace, "--hold", "max", "--cap-per-day", "0.90");
        assertThat(ceiling.json().get("denied").asLong()).isEqualTo(5);
        assertThat(ceiling.usd("spent_usd")).isZero();
        Run more = Run.of(
                "replay",
                "--trace",
                trace.toString(),
                "--store",
                SharedStoreProvider.fresh(),
                "--hold",
                "max",
                "--cap-per-day",
                "1.00",
                "--threads",
                "1",
                "--format",
                "json");
        assertThat(more.json().get("admitted").asLong()).isEqualTo(5);
    }

    @Test
    void theAckLogHasOneWholeLineForEachCommit() throws IOException {
        Path log = directory.resolve("ack.log");
        Files.writeString(log, "earlier 1.00\n");
        Run run = replay(
                Traces.of(directory, 500), "--tenants", "5", "--cap-per-day", "0.30", "--ack-log", log.toString());
        List<String> lines = Files.readAllLines(log);
        assertThat(lines.get(0)).isEqualTo("earlier 1.00");
        Map<String, String> logged = lines.stream()
                .skip(1)
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(line -> line[0], line -> line[1]));
        assertThat(logged).hasSize(run.json().get("admitted").asInt());
        Run entries = Run.of("entries", "--store", store, "--format", "json");
        Map<String, String> booked = entries.jsonLines().stream()
                .collect(Collectors.toMap(
                        entry -> entry.get("operation_id").asText(),
                        entry -> entry.get("cost_usd").asText()));
        assertThat(logged).isEqualTo(booked);
    }

    @Test
    void severalReplaysShareOneLedgerAndItsCaps() throws Exception {
        Path trace = Traces.equal(directory, 200, 1_000, 100);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Run>> runs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                runs.add(() -> replay(trace, "--tenants", "4", "--cap-per-day", "0.5", "--threads", "4"));
            }
            long admitted = 0;
            BigDecimal spent = BigDecimal.ZERO;
            for (Future<Run> run : threads.invokeAll(runs)) {
                assertThat(run.get().code()).as(run.get().err()).isZero();
                admitted += run.get().json().get("admitted").asLong();
                spent = spent.add(run.get().usd("spent_usd"));
                assertThat(run.get().usd("max_overshoot_usd")).isZero();
            }
            // 4 tenants of 0.5 / 0.0045 = 111 calls each.
            assertThat(admitted).isEqualTo(444);
            assertThat(spent).isEqualByComparingTo(ROW.multiply(BigDecimal.valueOf(444)));
            Run report = Run.of("report", "--store", store, "--format", "json");
            assertThat(new BigDecimal(
                            report.json().get("total").get("spent_usd").asText()))
                    .isEqualByComparingTo(spent);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anotherCapThanRegisteredIsAnErrorAndChangesNothing() {
        Path trace = Traces.equal(directory, 10, 1_000, 100);
        replay(trace, "--cap-per-day", "1.00");
        String before = SharedStoreProvider.at(store).contents();
        Run run = replay(trace, "--cap-per-day", "2.00");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("'tenant-0'").hasLineCount(1);
        assertThat(SharedStoreProvider.at(store).contents()).isEqualTo(before);
    }

    @Test
    void withoutACapTenantsKeepTheirLimits() {
        Path trace = Traces.equal(directory, 10, 1_000, 100);
        replay(trace, "--cap-per-day", "0.02");
        Run run = replay(trace, "--tenants", "2");
        // tenant-0 has spent 4 × 0.0045 already; tenant-1 is new and not limited.
        assertThat(run.json().get("admitted").asLong()).isEqualTo(5);
        assertThat(run.json().get("denied").asLong()).isEqualTo(5);
    }

    @Test
    void repeatsAndCutsTheTrace() {
        Run run = replay(Traces.of(directory, 50), "--limit-rows", "7", "--repeat", "3");
        assertThat(run.json().get("requests").asLong()).isEqualTo(21);
        assertThat(SharedStoreProvider.at(store).entries().stream()
                        .map(Entry::operationId)
                        .distinct())
                .hasSize(21);
    }

    @Test
    void takesLimitsFromABudgetsFile() {
        Path budgets = Run.file(directory, "budgets.yaml", """
                scopes:
                  - name: everyone
                    limits:
                      - {meter: calls, amount: 8, window: lifetime}
                templates:
                  - name: tenant-*
                    parent: everyone
                """);
        Run run = replay(Traces.of(directory, 20), "--tenants", "4", "--budgets", budgets.toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().get("admitted").asLong()).isEqualTo(8);
        Run both = replay(
                Traces.of(directory, 20), "--tenants", "4", "--budgets", budgets.toString(), "--cap-per-day", "1");
        assertThat(both.code()).isEqualTo(2);
        assertThat(both.err()).contains("--cap-per-day").contains("'tenant-0'");
    }

    @Test
    void aSessionLimitCountsTheRun() {
        Path budgets = Run.file(directory, "budgets.yaml", """
                templates:
                  - name: tenant-*
                    limits:
                      - {meter: calls, amount: 3, window: session}
                """);
        Path trace = Traces.of(directory, 10);
        for (int i = 0; i < 2; i++) {
            assertThat(replay(trace, "--budgets", budgets.toString())
                            .json()
                            .get("admitted")
                            .asLong())
                    .isEqualTo(3);
        }
    }

    @Test
    void showsProgressWhereAsked() {
        SharedStoreProvider.at(store).pauseAfter = 100;
        Run run = replay(Traces.of(directory, 500), "--progress", "--threads", "1");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().get("requests").asLong()).isEqualTo(500);
        assertThat(run.err()).startsWith("replaying: ").contains(" of 500 (");
    }

    @Test
    void stopsAtTheFirstFailureOfTheStore() {
        SharedStoreProvider.at(store).failAfter = 40;
        Run run = replay(Traces.of(directory, 500));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("holdfast replay: the disk is full\n");
    }

    @Test
    void runsOnALedgerOnDisk() {
        String disk = "json:" + directory.resolve("ledger");
        String[] command = {
            "replay",
            "--trace",
            Traces.of(directory, 200).toString(),
            "--store",
            disk,
            "--tenants",
            "5",
            "--cap-per-day",
            "0.10",
            "--format",
            "json"
        };
        BigDecimal spent = Run.of(command).usd("spent_usd").add(Run.of(command).usd("spent_usd"));
        Run report = Run.of("report", "--store", disk, "--format", "json");
        assertThat(new BigDecimal(report.json().get("total").get("spent_usd").asText()))
                .isEqualByComparingTo(spent);
        assertThat(spent).isPositive().isLessThanOrEqualTo(new BigDecimal("0.50"));
        Run verify = Run.of("verify", "--store", disk, "--format", "json");
        assertThat(verify.code()).as(verify.out()).isZero();
        assertThat(verify.json().get("clean").asBoolean()).isTrue();
    }

    @Test
    void ownScopesOfALedgerAreLeftAlone() {
        try (BudgetManager budgets =
                BudgetManager.builder().store(SharedStoreProvider.at(store)).build()) {
            budgets.register(
                    BudgetScope.named("tenant-0").maxTokensPerDay(5_000).build());
        }
        Run run = replay(Traces.equal(directory, 10, 1_000, 0));
        assertThat(run.json().get("admitted").asLong()).isEqualTo(5);
    }

    private Run replay(Path trace, String... more) {
        List<String> args =
                new ArrayList<>(List.of("replay", "--trace", trace.toString(), "--store", store, "--format", "json"));
        args.addAll(List.of(more));
        return Run.of(args.toArray(String[]::new));
    }
}
