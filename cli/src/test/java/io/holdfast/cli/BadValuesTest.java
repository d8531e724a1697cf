package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.survival.BadValues;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Usage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("I16, I22: bad values on the command line and in a budgets file are refused by name and change nothing")
class BadValuesTest {
    @TempDir
    Path directory;

    private final String store = SharedStoreProvider.fresh();
    private Path trace;

    @BeforeEach
    void fill() {
        try (BudgetManager budgets =
                BudgetManager.builder().store(SharedStoreProvider.at(store)).build()) {
            budgets.register(BudgetScope.named("a").maxCostPerSession("5.00").build());
            budgets.budget("a").record(Call.of("s", "gpt-4o").id("one"), Usage.of(1_000, 100));
        }
        trace = Traces.of(directory, 3);
    }

    private int refused(List<String> values, Function<String, String[]> arguments) {
        return refused(values, arguments, 2);
    }

    /** Runs the command with each value, which it has to refuse with an exit code of 2 up to the last one given. */
    private int refused(List<String> values, Function<String, String[]> arguments, int last) {
        String before = SharedStoreProvider.at(store).contents();
        for (String value : values) {
            Run run = Run.of(arguments.apply(value));
            String context = "'" + value + "' gave " + run;
            assertThat(run.code()).as(context).isBetween(2, last);
            assertThat(run.out()).as(context).isEmpty();
            assertThat(run.err()).as(context).hasLineCount(1).startsWith("holdfast");
            assertThat(run.err().length()).as(context).isLessThan(2_200);
            assertThat(run.err().strip().chars()).as(context).noneMatch(Character::isISOControl);
        }
        assertThat(SharedStoreProvider.at(store).contents()).isEqualTo(before);
        return values.size();
    }

    private static void keep(String fault, String where, int tried) {
        Survival.of(fault, where, BadValuesTest.class).tried(tried).wrong(0).keep();
    }

    @Test
    @DisplayName("amounts, counts and names as arguments")
    void arguments() {
        int money = refused(BadValues.money(), value ->
                new String[] {"replay", "--trace", trace.toString(), "--store", store, "--cap-per-day=" + value});
        money += refused(
                BadValues.money(), value -> new String[] {"price", "--model", "gpt-4o", "--multiplier=" + value});
        keep("bad amounts of money and multipliers", "command line", money);
        int counts =
                refused(BadValues.counts(), value -> new String[] {"price", "--model", "gpt-4o", "--input=" + value});
        keep("bad counts of tokens", "command line", counts);
        int names = refused(BadValues.names(), value -> new String[] {"explain", "--store", store, "--scope=" + value});
        // Space around the name of a model is no mistake; a model of that name is unknown then, which is 3.
        names += refused(BadValues.names(), value -> new String[] {"price", "--model=" + value}, 3);
        keep("bad names of scopes and models", "command line", names);
    }

    @Test
    @DisplayName("amounts and names in a budgets file")
    void budgetsFile() throws Exception {
        int tried = 0;
        for (String value : BadValues.money()) {
            tried += refusedFile(
                    "scopes: [{name: b, limits: [{meter: cost, window: session, amount: " + quoted(value) + "}]}]");
        }
        for (String value : BadValues.counts()) {
            if (!value.matches("[1-9][0-9]{0,17}|9223372036854775807")) { // a limit may be above what one call can use
                tried += refusedFile("scopes: [{name: b, limits: [{meter: tokens, window: session, amount: "
                        + quoted(value) + "}]}]");
            }
        }
        keep("bad amounts of money and counts", "budgets file", tried);
        int names = 0;
        for (String value : BadValues.names()) {
            names += refusedFile("scopes: [{name: " + quoted(value) + "}]");
        }
        keep("bad names of scopes", "budgets file", names);
    }

    private static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            text.append(
                    c < 0x7f && c >= ' ' && c != '"' && c != '\\' ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return text.append('"').toString();
    }

    private int refusedFile(String text) throws Exception {
        Path file = directory.resolve("budgets.yaml");
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
        Throwable refusal = catchThrowable(() -> BudgetsFile.read(file));
        assertThat(refusal).as(text).isInstanceOf(CommandException.class).hasMessageContaining("budgets.yaml");
        assertThat(refusal.getMessage().length()).as(text).isLessThan(2_200);
        return 1;
    }
}
