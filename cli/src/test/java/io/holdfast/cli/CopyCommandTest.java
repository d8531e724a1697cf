package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.store.jdbc.TestDatabase;
import io.holdfast.store.jdbc.TestServer;
import io.holdfast.unit.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CopyCommandTest {
    @TempDir
    Path directory;

    private Path trace;

    @BeforeEach
    void makeTrace() {
        trace = Traces.of(directory, 700);
    }

    private String url(String kind, String name) {
        return kind + directory.resolve(name);
    }

    /** Replays a trace, books with tags and leaves a hold open. */
    private void fill(String url) {
        Run replay = Run.of("replay", "--trace", trace.toString(), "--store", url, "--tenants", "3", "--threads", "1");
        assertThat(replay.code()).as(replay.err()).isZero();
        try (BudgetManager budgets = BudgetManager.builder().store(url).build()) {
            budgets.register(BudgetScope.named("alice").maxCostPerDay("5.00").build());
            Call call = Call.of("ticket", "gpt-4o").tag("team", "support").tag("stage", "live");
            budgets.budget("alice").record(call, Usage.of(1_000, 20));
            budgets.budget("alice")
                    .reserve(Call.of("ticket", "gpt-4o").id("open").exactly(Usage.of(5, 5)));
        }
    }

    /** A kind of store, and an empty place of it. */
    private enum Kind {
        JSON,
        H2,
        SQLITE,
        POSTGRESQL,
        MARIADB;

        TestDatabase fresh(Path directory) {
            if (this == JSON) {
                return new TestDatabase("json:" + directory, () -> {});
            }
            TestDatabase database = TestServer.valueOf(name()).fresh();
            String separator = this == H2 ? ";" : "&";
            return new TestDatabase(database.url() + separator + "holdfast.schema=if-missing", database::drop);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLedgerOfAnyKindMovesToAnyOtherWithEqualTotals(Kind from) {
        TestDatabase source = from.fresh(directory.resolve("source"));
        fill(source.url());
        try {
            for (Kind to : Kind.values()) {
                TestDatabase target = to.fresh(directory.resolve("target-" + to));
                try {
                    assertMoves(source.url(), target.url());
                } finally {
                    target.drop();
                }
            }
        } finally {
            source.drop();
        }
    }

    private static void assertMoves(String source, String target) {
        Run copy = Run.of("copy", "--from", source, "--to", target, "--format", "json");

        assertThat(copy.code()).as(copy.out() + copy.err()).isZero();
        assertThat(copy.json().get("equal").asBoolean()).isTrue();
        assertThat(copy.json().get("entries").asLong()).isEqualTo(701);
        for (String by : new String[] {"scope", "day", "model", "session"}) {
            assertThat(report(target, by)).isEqualTo(report(source, by));
        }
        Run verify = Run.of("verify", "--store", target);
        assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
        JsonNode alice = Run.of("explain", "--store", target, "--scope", "alice", "--format", "json")
                .json();
        assertThat(alice.toString())
                .isEqualTo(Run.of("explain", "--store", source, "--scope", "alice", "--format", "json")
                        .json()
                        .toString())
                .contains("held");
    }

    private static String report(String url, String by) {
        return Run.of("report", "--store", url, "--by", by, "--format", "json").out();
    }

    @ParameterizedTest
    @ValueSource(strings = {"json:", "jdbc:sqlite:", "jdbc:h2:"})
    void aCopyThatWasCutShortIsRefusedByEveryCommand(String kind) {
        String source = SharedStoreProvider.fresh();
        fill(source);
        String target = url(kind, "target");
        SharedStoreProvider.at(source).changesUntilFailure = 1_100;

        Run copy = Run.of("copy", "--from", source, "--to", target);

        assertThat(copy.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(copy.err()).contains("the source is gone");
        for (String command : new String[] {"report", "entries"}) {
            Run run = Run.of(command, "--store", target);
            assertThat(run.code()).as(command).isEqualTo(ExitCodes.FAILED);
            assertThat(run.err()).contains("did not finish: it has 1000 changes so far");
        }
        assertThat(Run.of("verify", "--store", target).code()).isEqualTo(ExitCodes.FAILED);
        Run replay = Run.of("replay", "--trace", trace.toString(), "--store", target);
        assertThat(replay.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(replay.err()).contains("did not finish");

        SharedStoreProvider.at(source).changesUntilFailure = Long.MAX_VALUE;
        Run again = Run.of("copy", "--from", source, "--to", target);
        assertThat(again.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(again.err()).contains("empty ledger");
        assertThat(Run.of("copy", "--from", source, "--to", url(kind, "fresh")).code())
                .isZero();
    }

    @Test
    void aTargetThatIsNotEmptyIsLeftAlone() {
        String source = url("json:", "source");
        String target = url("jdbc:sqlite:", "target");
        fill(source);
        fill(target);
        String before = report(target, "scope");

        Run copy = Run.of("copy", "--from", source, "--to", target);

        assertThat(copy.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(copy.err()).contains("empty");
        assertThat(report(target, "scope")).isEqualTo(before);
    }

    @Test
    void aSourceThatDoesNotVerifyEndsWithOne() {
        String source = SharedStoreProvider.fresh();
        fill(source);
        SharedStoreProvider.at(source).verification =
                new io.holdfast.spi.Verification(1, 1, java.util.List.of("counter x is off"));

        Run copy = Run.of("copy", "--from", source, "--to", url("json:", "target"), "--format", "json");

        assertThat(copy.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(copy.json().get("equal").asBoolean()).isFalse();
        assertThat(copy.json().get("differences").toString()).contains("source: counter x is off");
    }

    @Test
    void aSourceThatGoesOnMeanwhileEndsWithOne() {
        String source = SharedStoreProvider.fresh();
        fill(source);
        SharedStoreProvider.at(source).changesOnce = 500;

        Run copy = Run.of("copy", "--from", source, "--to", url("json:", "target"), "--format", "json");

        assertThat(copy.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(copy.json().get("differences").get(0).asText())
                .contains("after 500 equal changes the source goes on");
    }

    @Test
    void theMemoryAndTheSourceItselfAreNoTargets() {
        String source = url("json:", "source");
        fill(source);
        for (String target : new String[] {"memory:", source}) {
            Run copy = Run.of("copy", "--from", source, "--to", target);
            assertThat(copy.code()).isEqualTo(ExitCodes.BAD_INPUT);
            assertThat(copy.err()).contains("--to '" + target + "'");
        }
    }

    @Test
    void aSourceThatIsNotThereMakesNoTarget() {
        Path target = directory.resolve("target");
        Run copy = Run.of("copy", "--from", url("json:", "nowhere"), "--to", "json:" + target);
        assertThat(copy.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(copy.err()).contains("there is no ledger");
        assertThat(Files.exists(target)).isFalse();
    }

    @Test
    void anEmptyLedgerCanBeCopied() {
        String source = SharedStoreProvider.fresh();
        Run copy = Run.of("copy", "--from", source, "--to", url("jdbc:h2:", "target"), "--format", "json");
        assertThat(copy.code()).as(copy.out() + copy.err()).isZero();
        assertThat(copy.json().get("changes").asLong()).isZero();
    }
}
