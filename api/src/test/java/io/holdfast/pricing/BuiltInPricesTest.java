package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The built-in prices")
class BuiltInPricesTest {
    private static final LocalDate DATE_OF_TABLE = LocalDate.of(2026, 11, 22);

    private final PriceBook book = PriceBook.builtIn();

    @Test
    @DisplayName("are 444 models, each with its date, source and cells as in the table")
    void cells() {
        assertThat(book.prices(DATE_OF_TABLE)).hasSize(444);
        Map<String, ModelPrice> prices = new HashMap<>();
        book.prices(DATE_OF_TABLE).forEach(price -> prices.put(price.provider() + ':' + price.model(), price));

        for (PriceOracle.Row row : PriceOracle.read("models.csv")) {
            ModelPrice price = Objects.requireNonNull(prices.get(row.id()), row.id());
            assertThat(price.sources()).as(price.id()).isNotEmpty();
            assertThat(price.asOf().orElseThrow()).as(price.id()).hasToString(row.cell("as_of"));
            assertThat(price.input()).as(price.id()).isEqualTo(Usd.of(row.cell("input_usd_per_mtok")));
            assertThat(price.input().nanos()).as(price.id()).isPositive();
            assertThat(price.output()
                            .map(Usd::toDollars)
                            .map(dollars -> dollars.stripTrailingZeros().toPlainString())
                            .orElse(""))
                    .as(price.id())
                    .isEqualTo(row.cell("output_usd_per_mtok"));
            assertThat(price.cacheRead().isPresent())
                    .as(price.id())
                    .isEqualTo(!row.cell("cache_read_usd_per_mtok").isEmpty());
            assertThat(
                            price.contextWindow().isPresent()
                                    ? "" + price.contextWindow().getAsLong()
                                    : "")
                    .as(price.id())
                    .isEqualTo(row.cell("context_window"));
            assertThat(
                            price.maxOutputTokens().isPresent()
                                    ? "" + price.maxOutputTokens().getAsLong()
                                    : "")
                    .as(price.id())
                    .isEqualTo(row.cell("max_output_tokens"));
            assertThat(price.tier().map(tier -> "" + tier.thresholdTokens()).orElse(""))
                    .as(price.id())
                    .isEqualTo(row.cell("tier_threshold_tokens"));
        }
    }

    @Test
    @DisplayName("are found by every name and alias at their provider, in any case, and by no name twice")
    void aliases() {
        Map<String, String> owners = new HashMap<>();
        int aliases = 0;
        for (ModelPrice price : book.prices(DATE_OF_TABLE)) {
            assertThat(owners.put(price.id(), price.id())).as(price.id()).isNull();
        }
        for (ModelPrice price : book.prices(DATE_OF_TABLE)) {
            for (String alias : price.aliases()) {
                aliases++;
                String key = price.provider() + ':' + alias;
                assertThat(owners.putIfAbsent(key.toLowerCase(Locale.ROOT), price.id()))
                        .as(key)
                        .isNull();
                assertThat(book.canonicalName(key)).isEqualTo(price.id());
                assertThat(book.canonicalName(key.toUpperCase(Locale.ROOT))).isEqualTo(price.id());
            }
            assertThat(book.canonicalName(price.id())).isEqualTo(price.id());
            assertThat(book.canonicalName((price.provider() + ':' + price.model()).toUpperCase(Locale.ROOT)))
                    .isEqualTo(price.id());
        }
        assertThat(aliases).isEqualTo(321);
    }

    @ParameterizedTest(name = "{0} is {1}/{2}/{3}")
    @CsvSource({
        "gpt-6.2-sol, 2, 10, 0.1, 2.5, 5, 4, 15",
        "gpt-4o, 2.5, 10, 1.25, -, -, 2.5, 10",
        "claude-opus-5-5, 4, 20, 0.2, 5, 8, 4, 20",
        "claude-haiku-5-5, 0.1, 0.5, 0.01, 0.125, 0.2, 0.5, 2.5",
        "gemini-3.1-pro-preview, 2, 12, 0.2, -, -, 4, 18",
        "deepseek-v4-pro, 1.32, 3.96, 0.044, -, -, 1.32, 3.96",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0, 3.3, 16.5, 0.33, 4.125, 6.6, 6.6, 24.75",
        "groq/openai/gpt-oss-20b, 0.075, 0.3, 0.0375, -, -, 0.075, 0.3",
    })
    @DisplayName("hold what the vendors' pages say")
    void spotChecks(
            String model,
            String input,
            String output,
            String read,
            String writeShort,
            String writeLong,
            String tierInput,
            String tierOutput) {
        ModelPrice price = book.resolve(model, DATE_OF_TABLE).orElseThrow();

        assertThat(price.input()).isEqualTo(Usd.of(input));
        assertThat(price.output()).contains(Usd.of(output));
        assertThat(price.cacheRead()).contains(Usd.of(read));
        assertThat(price.cacheWriteShort()).isEqualTo(usd(writeShort));
        assertThat(price.cacheWriteLong()).isEqualTo(usd(writeLong));
        assertThat(price.tier().map(PriceTier::input).orElse(price.input())).isEqualTo(Usd.of(tierInput));
        assertThat(price.tier().flatMap(PriceTier::output).or(price::output)).contains(Usd.of(tierOutput));
    }

    @ParameterizedTest(name = "{0} changes at {1}")
    @CsvSource({
        "gemini-4-argon, 2026-12-01, 2, 10, 0.1, 4, 20, 0.2",
        "gemini-3.8-flash, 2027-01-01, 0.75, 3.75, 0.075, 1.5, 7.5, 0.15",
        "gemini-3.7-flash, 2027-01-01, 0.75, 3.75, 0.075, 1.5, 7.5, 0.15",
        "gemini-3.6-flash, 2027-01-01, 0.75, 3.75, 0.075, 1.5, 7.5, 0.15",
        "gpt-5.6-terra, 2026-07-30, 2.5, 15, 0.25, 2, 12, 0.2",
        "gpt-5.6-luna, 2026-07-30, 1, 6, 0.1, 0.2, 1.2, 0.02",
        "gpt-5.6, 2026-08-21, 5, 30, 0.5, 4, 20, 0.4",
        "o3-2025-04-16, 2025-06-10, 10, 40, 2.5, 2, 8, 0.5",
        "claude-sonnet-5-5, 2026-10-07, 2, 10, 0.2, 2, 10, 0.1",
        "mistral-large-4, 2026-10-20, 0.68, 2.09, 0.068, 1.36, 4.18, 0.136",
    })
    @DisplayName("change at midnight UTC of their dates, and not a moment earlier")
    void changes(
            String model,
            LocalDate date,
            String input,
            String output,
            String read,
            String newInput,
            String newOutput,
            String newRead) {
        Instant midnight = Instant.parse(date + "T00:00:00Z");

        assertPrice(book.require(model, midnight.minusNanos(1)), input, output, read);
        assertPrice(book.require(model, midnight), newInput, newOutput, newRead);
        assertPrice(book.resolve(model, date.minusDays(1)).orElseThrow(), input, output, read);
        assertPrice(book.resolve(model, date).orElseThrow(), newInput, newOutput, newRead);
        assertThat(book.require(model, midnight).aliases())
                .isEqualTo(book.require(model, midnight.minusNanos(1)).aliases());
        assertThat(book.require(model, midnight).maxOutputTokens())
                .isEqualTo(book.require(model, midnight.minusNanos(1)).maxOutputTokens());
    }

    @Test
    @DisplayName("charge the tier of long prompts only while it was in force")
    void formerTier() {
        Usage longPrompt = Usage.of(300_000, 0);

        assertThat(book.require("claude-opus-4-6", Instant.parse("2026-03-12T23:59:59Z"))
                        .cost(longPrompt, PriceOptions.STANDARD))
                .isEqualTo(Usd.of("3"));
        assertThat(book.require("claude-opus-4-6", Instant.parse("2026-03-13T00:00:00Z"))
                        .cost(longPrompt, PriceOptions.STANDARD))
                .isEqualTo(Usd.of("1.5"));
    }

    @Test
    @DisplayName("have batch prices that follow a change")
    void batchAfterChange() {
        Usage usage = Usage.of(1_000_000, 0);

        assertThat(book.require("gemini-4-argon", Instant.parse("2026-11-30T00:00:00Z"))
                        .cost(usage, PriceOptions.BATCH))
                .isEqualTo(Usd.of("1"));
        assertThat(book.require("gemini-4-argon", Instant.parse("2026-12-01T00:00:00Z"))
                        .cost(usage, PriceOptions.BATCH))
                .isEqualTo(Usd.of("2"));
    }

    @Test
    @DisplayName("are not changed by a book that was made from them")
    void booksAreSeparate() {
        PriceBook changed = PriceBook.builtIn().declareFree("gpt-4o").register(ModelPrice.free("acme", "m"));

        assertThat(changed.resolve("gpt-4o", DATE_OF_TABLE).map(ModelPrice::isFree))
                .contains(true);
        assertThat(book.resolve("gpt-4o", DATE_OF_TABLE).map(ModelPrice::isFree))
                .contains(false);
        assertThat(book.resolve("m", DATE_OF_TABLE)).isEmpty();
    }

    private static Optional<Usd> usd(String text) {
        return text.equals("-") ? Optional.empty() : Optional.of(Usd.of(text));
    }

    private static void assertPrice(ModelPrice price, String input, String output, String read) {
        assertThat(price.input()).isEqualTo(Usd.of(input));
        assertThat(price.output()).contains(Usd.of(output));
        assertThat(price.cacheRead()).contains(Usd.of(read));
    }
}
