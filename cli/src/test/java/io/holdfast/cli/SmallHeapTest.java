package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replay, however long, and a look at the ledger it leaves take no more memory than a small process has. */
class SmallHeapTest {
    private static final int CALLS = Boolean.getBoolean("holdfast.full") ? 1_000_000 : 4_000;
    private static final int ROWS = 1_000;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"json:", "jdbc:sqlite:", "jdbc:h2:"})
    void aMillionCallsAreReplayedReportedAndVerifiedIn256MiB(String kind) throws Exception {
        Path trace = Traces.of(directory, ROWS);
        String store = kind + directory.resolve("ledger");

        Run replay = small(
                "replay",
                "--trace",
                trace.toString(),
                "--store",
                store,
                "--tenants",
                "50",
                "--threads",
                "64",
                "--cap-per-day",
                "100000",
                "--repeat",
                Integer.toString(CALLS / ROWS),
                "--format",
                "json");

        assertThat(replay.code()).as(replay.err()).isZero();
        assertThat(replay.json().get("admitted").asInt()).isEqualTo(CALLS);
        Run report = small("report", "--store", store, "--format", "json");
        assertThat(report.code()).as(report.err()).isZero();
        assertThat(new BigDecimal(report.json().at("/total/spent_usd").asText()))
                .isEqualByComparingTo(replay.usd("spent_usd"));
        Run verify = small("verify", "--store", store);
        assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
    }

    private Run small(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        int code = process.waitFor();
        return new Run(
                code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
