package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.CallBound;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.pricing.PriceFileException;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.survival.BadValues;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("I16, I22: bad values, wherever the API or a price file takes one, are refused by name and change nothing")
class BadValuesTest {
    private final PriceBook prices = PriceBook.builtIn();
    private final BudgetManager budgets = BudgetManager.builder().prices(prices).build();

    @TempDir
    Path directory;

    @BeforeEach
    void register() {
        budgets.register(BudgetScope.named("a").maxCostPerSession("5.00").build());
        budgets.budget("a").record(Call.of("s", "gpt-4o").id("one"), Usage.of(1_000, 100));
    }

    @AfterEach
    void close() {
        budgets.close();
    }

    private String state() {
        List<String> summaries = new ArrayList<>();
        budgets.summaries(summary -> summaries.add(summary.limits().toString()));
        return summaries + " " + prices.prices(LocalDate.of(2026, 11, 22)).size();
    }

    /** Gives every value to every border, and returns how many were given. */
    private int refusedBy(Map<String, Consumer<String>> borders, List<String> values) {
        String before = state();
        for (Map.Entry<String, Consumer<String>> border : borders.entrySet()) {
            for (String value : values) {
                Throwable refusal = catchThrowable(() -> border.getValue().accept(value));
                String context = border.getKey() + " of '" + value + "'";
                assertThat(refusal).as(context).isInstanceOf(InvalidInputException.class);
                assertThat(refusal.getMessage()).as(context).hasSizeBetween(10, 2_000);
                assertThat(refusal.getMessage().chars()).as(context).noneMatch(Character::isISOControl);
            }
        }
        assertThat(state()).isEqualTo(before);
        return borders.size() * values.size();
    }

    private static void keep(String fault, String where, long tried) {
        Survival.of(fault, where, BadValuesTest.class).tried(tried).wrong(0).keep();
    }

    @Test
    @DisplayName("amounts of money and prices")
    void money() {
        Map<String, Consumer<String>> borders = new LinkedHashMap<>();
        borders.put("an amount", Usd::of);
        borders.put("a limit a session", text -> BudgetScope.named("b").maxCostPerSession(text));
        borders.put("a limit a day", text -> BudgetScope.named("b").maxCostPerDay(text));
        borders.put("a limit of a model", text -> BudgetScope.named("b").maxCostPerModel("gpt-4o", text));
        borders.put("an input price", text -> ModelPrice.of("acme", "m").input(text));
        borders.put("an output price", text -> ModelPrice.of("acme", "m").output(text));
        borders.put("a cache price", text -> ModelPrice.of("acme", "m").cacheRead(text));
        borders.put("a cache write price", text -> ModelPrice.of("acme", "m").cacheWriteLong(text));
        borders.put(
                "a tier's price", text -> ModelPrice.of("acme", "m").input("1").tier(10, text, text));
        borders.put(
                "a batch price", text -> ModelPrice.of("acme", "m").input("1").batch(text));
        borders.put("a multiplier", text -> PriceOptions.STANDARD.times(text));
        keep("bad amounts of money, limits and prices", "API", refusedBy(borders, BadValues.money()));
    }

    @Test
    @DisplayName("numbers that are no amount: below zero, above the most, NaN and without end")
    void numbers() {
        List<Long> below = new ArrayList<>(List.of(-1L, -2L, -(1L << 53) - 1, Long.MIN_VALUE, Long.MIN_VALUE + 1));
        Random random = new Random(5);
        for (int bit = 0; bit < 63; bit++) {
            below.add(-(1L << bit));
            below.add(-(1L << bit) - random.nextInt(1_000));
            below.add(-Math.max(1, random.nextLong(1L << Math.max(1, bit))));
            below.add(Long.MIN_VALUE + random.nextInt(1_000_000));
            below.add(-1L - random.nextInt(1_000_000));
        }
        Map<String, LongConsumer> borders = new LinkedHashMap<>();
        borders.put("nano-dollars", Usd::ofNanos);
        borders.put("dollars", Usd::ofDollars);
        borders.put("a decimal", value -> Usd.of(BigDecimal.valueOf(value, 3)));
        borders.put("tokens a day", value -> BudgetScope.named("b").maxTokensPerDay(value));
        borders.put("tokens a session", value -> BudgetScope.named("b").maxTokensPerSession(value));
        borders.put("tokens of a model", value -> BudgetScope.named("b").maxTokensPerModel("gpt-4o", value));
        borders.put("calls", value -> Limit.calls(value, Window.lifetime()));
        borders.put("input", value -> Call.to("gpt-4o").input(value));
        borders.put("output", value -> Call.to("gpt-4o").maxOutput(value));
        borders.put("used input", value -> Usage.of(value, 0));
        borders.put("used output", value -> Usage.of(0, value));
        borders.put("used cache", value -> Usage.of(0, 0, value, 0, 0));
        borders.put("a context window", value -> ModelPrice.of("acme", "m").contextWindow(value));
        borders.put("a ceiling", value -> ModelPrice.of("acme", "m").maxOutputTokens(value));
        borders.put("a bound", CallBound::ofInput);
        borders.put("amounts", value -> new Amounts(0, value, 0, 1));
        String before = state();
        int tried = 0;
        for (Map.Entry<String, LongConsumer> border : borders.entrySet()) {
            for (long value : below) {
                assertThat(catchThrowable(() -> border.getValue().accept(value)))
                        .as("%s of %d", border.getKey(), value)
                        .isInstanceOf(InvalidInputException.class);
                tried++;
            }
        }
        for (double fraction : new double[] {
            Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0, -1, -Double.MIN_VALUE, 1e300, 1e-300
        }) {
            assertThat(catchThrowable(() -> BudgetScope.named("b")
                            .maxCostPerDay("1")
                            .alertAt(fraction)
                            .build()))
                    .as("an alert at %s", fraction)
                    .isInstanceOf(InvalidInputException.class);
            tried++;
        }
        assertThat(state()).isEqualTo(before);
        keep("bad numbers of money, tokens and calls", "API", tried);
    }

    @Test
    @DisplayName("names")
    void names() {
        Budget budget = budgets.budget("a");
        Map<String, Consumer<String>> borders = new LinkedHashMap<>();
        borders.put("a scope", name -> BudgetScope.named(name).build());
        borders.put("a template", name -> BudgetScope.template(name + "*").build());
        borders.put("a parent", name -> BudgetScope.named("b").parent(name).build());
        borders.put("a budget", budgets::budget);
        borders.put("a session", budget::session);
        borders.put("a session of a call", name -> Call.of(name, "gpt-4o"));
        borders.put("an operation", name -> Call.to("gpt-4o").id(name));
        borders.put("a model", Call::to);
        borders.put("a tag", name -> budget.record(Call.of("s", "gpt-4o").tag(name, "v"), Usage.of(1, 1)));
        borders.put("a loop's key", name -> Call.to("gpt-4o").loopKey(name));
        List<String> names = BadValues.names();
        List<String> withoutEmpty =
                names.stream().filter(name -> !name.isEmpty()).toList();
        int tried = 0;
        for (Map.Entry<String, Consumer<String>> border : borders.entrySet()) {
            // The pattern "*" is a template of all, and what ends with a space does not where a star follows.
            boolean inFull = !border.getKey().equals("a template");
            tried += refusedBy(
                    Map.of(border.getKey(), border.getValue()),
                    inFull
                            ? names
                            : withoutEmpty.stream()
                                    .filter(name -> !name.endsWith(" ") && !name.endsWith("\ud83d"))
                                    .toList());
        }
        keep("bad names of scopes, sessions, models, operations and tags", "API", tried);
    }

    @Test
    @DisplayName("prices in a file: none of it is taken, and the refusal names the line")
    void priceFile() throws IOException {
        String header = "provider,model,input_usd_per_mtok,output_usd_per_mtok\nacme,fine,1,2\n";
        int tried = 0;
        String before = state();
        for (String value : BadValues.money()) {
            for (String row : List.of("acme,bad," + value + ",1\n", "acme,bad,1," + value + "\n")) {
                if (row.endsWith(",\n")) {
                    continue; // an output price may be left out
                }
                Path file = directory.resolve("prices.csv");
                Files.write(file, (header + row).getBytes(StandardCharsets.UTF_8));
                assertThat(catchThrowable(() -> PriceBook.load(file)))
                        .as(row)
                        .isInstanceOf(PriceFileException.class)
                        .hasMessageContaining("prices.csv");
                assertThat(catchThrowable(() -> prices.layer(file))).as(row).isInstanceOf(PriceFileException.class);
                tried++;
            }
        }
        assertThat(state()).isEqualTo(before);
        assertThat(prices.resolve("acme:fine", LocalDate.of(2026, 11, 22))).isEmpty();
        keep("bad prices", "price file", tried);
    }
}
