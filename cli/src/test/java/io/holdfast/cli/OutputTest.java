package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class OutputTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final Console console = new Console(out, new PrintWriter(err), false);

    @Test
    void aReaderThatHasSeenEnoughIsNoError() {
        assertThat(run(failing("Broken pipe"), "price", "--model", "gpt-4o")).isZero();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void anOutputThatCannotBeWrittenIsToldOnce() {
        assertThat(run(failing("No space left on device"), "price", "--model", "gpt-4o"))
                .isEqualTo(1);
        assertThat(err.toString()).isEqualTo("holdfast: the output cannot be written: No space left on device\n");
        assertThat(run(failing("No space left on device"), "price", "--help")).isEqualTo(1);
    }

    @Test
    void csvQuotesWhatNeedsIt() {
        Output.Rows rows = new Output(console, Format.CSV).stream(List.of("a", "b"));
        rows.row(List.of("x,y", "say \"hi\"\n"));
        rows.row(nulls(null, 5));
        rows.end();
        assertThat(out.toString()).isEqualTo("a,b\n\"x,y\",\"say \"\"hi\"\"\n\"\n,5\n");
    }

    @Test
    void jsonKeepsNumbersExactAndMoneyText() {
        new Output(console, Format.JSON)
                .fields(Map.of("list", List.of(new BigDecimal("1.50"), new Money(-5), true, "caf\u00e9 \u0007")));
        assertThat(out.toString()).isEqualTo("{\"list\":[1.50,\"-0.000000005\",true,\"café \\u0007\"]}\n");
    }

    @Test
    void aTableOfAnyLengthIsStreamed() {
        Output.Rows rows = new Output(console, Format.TABLE).stream(List.of("n", "name"));
        for (int i = 0; i < 1_000; i++) {
            rows.row(List.of(i, "x"));
        }
        assertThat(out.toString()).startsWith("  n  name\n  0  x\n").endsWith("999  x\n");
        rows.row(List.of(1_000, "wider than the rest"));
        rows.end();
        assertThat(out.toString()).endsWith("\n1000  wider than the rest\n");
    }

    @Test
    void everyCommandHelpsWithExamplesAndExitCodes() {
        List<String> commands =
                new ArrayList<>(List.of("demo", "report", "entries", "explain", "verify", "replay", "price"));
        for (String command : commands) {
            Run run = Run.of(command, "--help");
            assertThat(run.code()).isZero();
            assertThat(run.err()).isEmpty();
            assertThat(run.out())
                    .startsWith("Usage: holdfast " + command)
                    .contains("Examples:\n  holdfast " + command)
                    .contains("Exit codes:")
                    .contains("3   refused by a budget");
            assertThat(run.out().lines().mapToInt(String::length).max().orElse(0))
                    .isLessThanOrEqualTo(120);
        }
        assertThat(Run.of("--help").out()).contains(commands).contains("Examples:");
    }

    @Test
    void saysItsVersion() {
        assertThat(Run.of("--version").out()).startsWith("holdfast ");
        assertThat(Run.of("demo", "--version").out()).startsWith("holdfast ");
    }

    @Test
    void withoutACommandItShowsHowToUseIt() {
        Run run = Run.of();
        assertThat(run.code()).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("Usage: holdfast").contains("demo");
    }

    @Test
    void showsWhereAnErrorAroseOnlyWhenAsked() {
        assertThat(Run.of("price", "--model", "nobody-1").err()).hasLineCount(1);
        assertThat(Run.of("price", "--model", "nobody-1", "--verbose").err()).contains("\n\tat io.holdfast");
        assertThat(Run.of("--verbose", "price", "--model", "nobody-1").err()).contains("\n\tat io.holdfast");
    }

    @Test
    void theProgressLineOfATerminalIsWipedAtTheEnd() throws InterruptedException {
        Console terminal = new Console(out, new PrintWriter(err), true);
        try (Progress progress = new Progress(terminal, false, "working", 3)) {
            Thread.sleep(600);
            progress.step();
            assertThat(err.toString()).isEqualTo("\rworking: 1 of 3 (33 %)");
        }
        assertThat(err.toString()).endsWith("\r" + " ".repeat("working: 1 of 3 (33 %)".length()) + "\r");
    }

    private int run(Writer failing, String... args) {
        return Main.run(new Console(failing, new PrintWriter(err), false), args);
    }

    private static Writer failing(String message) {
        return new BufferedWriter(new Writer() {
            @Override
            public void write(char[] text, int from, int length) throws IOException {
                throw new IOException(message);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        });
    }

    private static List<@Nullable Object> nulls(@Nullable Object... values) {
        return Arrays.asList(values);
    }
}
