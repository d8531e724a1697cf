package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The cost of a request")
class CostTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final PriceBook BOOK = PriceBook.builtIn();

    @ParameterizedTest(name = "{0}: {1}/{2}/{3}/{4} in, {5} out is {6}")
    @CsvSource({
        // input, cache read, short write, long write, output; computed by hand from the price list
        "gpt-4o,               1000,     0,   0,   0,  500, 0.0075",
        "gpt-4o,                  0,  1000,   0,   0,    0, 0.00125",
        "gpt-4o,                  0,     0, 100, 100,    0, 0.0005", // writes without a price cost the input price
        "gpt-4o-mini,             1,     0,   0,   0,    1, 0.00000075",
        "claude-sonnet-4-6,    1000, 10000, 100,  10,  200, 0.009435",
        "gemini-2.5-flash-lite,   1,     1,   0,   0,    0, 0.00000011",
        "amazon.nova-micro-v1:0,  0,     1,   0,   0,    0, 0.000000009", // 8.75 nano-dollars, rounded up
        "text-embedding-3-small, 50,     0,   0,   0,    0, 0.000001",
        "o1-pro,            1000000,     0,   0,   0, 1000, 150.6",
    })
    @DisplayName("is the sum of its tokens times their prices")
    void handComputed(String model, long input, long read, long writeShort, long writeLong, long output, String cost) {
        Usage usage = Usage.of(input, read, writeShort, writeLong, output);

        assertThat(cost(model, usage, PriceOptions.STANDARD)).isEqualTo(Usd.of(cost));
    }

    @Test
    @DisplayName("is rounded up once, not once for each kind of token")
    void roundedOnce() {
        ModelPrice price = ModelPrice.of("acme", "m")
                .input("0.0001")
                .cacheRead("0.0001")
                .output("0.0001")
                .build();

        assertThat(price.cost(Usage.of(1, 1, 0, 0, 1), PriceOptions.STANDARD)).isEqualTo(Usd.ofNanos(1));
        assertThat(price.cost(Usage.of(4, 3, 0, 0, 3), PriceOptions.STANDARD)).isEqualTo(Usd.ofNanos(1));
        assertThat(price.cost(Usage.of(4, 3, 0, 0, 4), PriceOptions.STANDARD)).isEqualTo(Usd.ofNanos(2));
        assertThat(price.cost(Usage.NONE, PriceOptions.STANDARD)).isEqualTo(Usd.ZERO);
    }

    @Test
    @DisplayName("includes the extra cost, which no multiplier touches")
    void extraCost() {
        Usage usage = Usage.of(1_000_000, 0).withExtraCost(Usd.of("0.03"));

        assertThat(cost("gpt-4o", usage, PriceOptions.STANDARD)).isEqualTo(Usd.of("2.53"));
        assertThat(cost("gpt-4o", usage, PriceOptions.priority("2"))).isEqualTo(Usd.of("5.03"));
    }

    @Test
    @DisplayName("is at tier prices as a whole once the whole prompt is greater than the threshold")
    void tier() {
        // gemini-2.5-pro: 1.25/10 to 200k, 2.5/15 above; cache read 0.125, so 0.25 above
        assertThat(cost("gemini-2.5-pro", Usage.of(200_000, 1_000), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.26"));
        assertThat(cost("gemini-2.5-pro", Usage.of(200_001, 1_000), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.5150025"));
        assertThat(cost("gemini-2.5-pro", Usage.of(1, 200_000, 0, 0, 1_000), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.0650025"));
        // claude-haiku-5-5 above its threshold by cache writes alone: writes rise fivefold as the input price does
        assertThat(cost("claude-haiku-5-5", Usage.of(0, 0, 50_001, 50_000, 100), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.081500625"));
    }

    @Test
    @DisplayName("keeps cache rates of a tier exact where they are no decimal number")
    void tierRatesAreFractions() {
        ModelPrice price = ModelPrice.of("acme", "m")
                .input("3")
                .output("3")
                .cacheRead("1")
                .tier(1, "10", "10")
                .build();

        // 1 x 10/3 USD per million tokens: three tokens are 10 micro-dollars exactly
        assertThat(price.cost(Usage.of(0, 3, 0, 0, 0), PriceOptions.STANDARD)).isEqualTo(Usd.of("0.00001"));
        assertThat(price.cost(Usage.of(0, 2, 0, 0, 0), PriceOptions.STANDARD)).isEqualTo(Usd.of("0.000006667"));
    }

    @Test
    @DisplayName("is not known for output of a model without an output price")
    void outputWithoutPrice() {
        assertThatThrownBy(() -> cost("text-embedding-3-small", Usage.of(1, 1), PriceOptions.STANDARD))
                .isInstanceOfSatisfying(UnknownPriceException.class, unknown -> {
                    assertThat(unknown.model()).isEqualTo("openai:text-embedding-3-small");
                    assertThat(unknown.priced()).isEqualTo("output tokens");
                });
    }

    @ParameterizedTest(name = "{0} in a batch: {1} in, {2} read, {3} out is {4}")
    @CsvSource({
        "gpt-4o,             1000000,       0, 1000000, 6.25", // listed
        "vertex/gemini-embedding-001, 1000000, 0, 0, 0.12", // listed, not half
        "ft:gpt-4o,          1000000,       0, 1000000, 9.375", // half at OpenAI
        "text-embedding-3-large, 1000000,   0,       0, 0.065",
        "claude-2.1,         1000000,       0, 1000000, 16", // half at Anthropic
        "anthropic.claude-opus-5-5, 1000000, 0, 1000000, 12", // half on Bedrock
        "claude-opus-5,            0, 1000000,       0, 0.25", // cache rates stack at Anthropic
        "anthropic.claude-opus-5,  0, 1000000,       0, 0.5", // and nowhere else
        "gemini-2.5-pro,           0,  100000,       0, 0.0125",
        "gpt-4o-2024-05-13,        0, 1000000,       0, 2.5", // no cache rate: the batch input price
        "gemini-2.5-pro,     1000000,       0,       0, 1.25", // half of the tier
        "gemini-2.5-pro,      200000,       0, 1000000, 5.125",
    })
    @DisplayName("is the listed batch price, or half where the provider publishes that")
    void batch(String model, long input, long read, long output, String cost) {
        assertThat(cost(model, Usage.of(input, read, 0, 0, output), PriceOptions.BATCH))
                .isEqualTo(Usd.of(cost));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mistral-large-2512",
                "azure/gpt-5",
                "groq/openai/gpt-oss-120b",
                "grok-4",
                "deepseek-chat",
                "command-a",
                "vertex:claude-opus-5-5@default",
                "gemini-embedding-2",
                "amazon.titan-embed-text-v1",
            })
    @DisplayName("is not guessed for batch jobs where nothing is published")
    void batchUnknown(String model) {
        assertThatThrownBy(() -> cost(model, Usage.of(1, 0), PriceOptions.BATCH))
                .isInstanceOfSatisfying(
                        UnknownPriceException.class,
                        unknown -> assertThat(unknown.priced()).isEqualTo("batch jobs"));
        assertThatThrownBy(() -> BOOK.require(model, NOW).worstCase(CallBound.of(1, 0), PriceOptions.BATCH))
                .isInstanceOf(UnknownPriceException.class);
    }

    @Test
    @DisplayName("is the batch price for flex processing at OpenAI, and not known elsewhere")
    void flex() {
        assertThat(cost("gpt-4o", Usage.of(1_000_000, 0), PriceOptions.FLEX)).isEqualTo(Usd.of("1.25"));
        assertThatThrownBy(() -> cost("claude-opus-5", Usage.of(1, 0), PriceOptions.FLEX))
                .isInstanceOfSatisfying(
                        UnknownPriceException.class,
                        unknown -> assertThat(unknown.priced()).isEqualTo("flex processing"));
    }

    @Test
    @DisplayName("is multiplied exactly, before it is rounded")
    void multipliers() {
        Usage usage = Usage.of(1, 0);

        assertThat(cost("gpt-4o", usage, PriceOptions.priority("2.5"))).isEqualTo(Usd.ofNanos(6_250));
        assertThat(cost("gpt-4o", usage, PriceOptions.priority("2").inRegion("1.1")))
                .isEqualTo(Usd.ofNanos(5_500));
        assertThat(cost("gpt-4o", usage, PriceOptions.BATCH.inRegion("1.1"))).isEqualTo(Usd.ofNanos(1_375));
        assertThat(cost("deepseek-v4-pro", Usage.of(0, 1, 0, 0, 0), PriceOptions.STANDARD.times("0.5")))
                .isEqualTo(Usd.ofNanos(22));
        assertThat(cost("gpt-4o", Usage.of(0, 0, 0, 0, 1), PriceOptions.STANDARD.times("0.000001")))
                .isEqualTo(Usd.ofNanos(1));
        assertThat(PriceOptions.STANDARD.times("0.5").times("2")).isEqualTo(PriceOptions.STANDARD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "0.000000",
                "-1",
                "-0",
                "+1",
                "NaN",
                "Infinity",
                "1e2",
                "1,1",
                "0x1",
                "100.000001",
                "101",
                "1000",
                "1.1234567",
                ".5",
                "1.",
                " 1",
                "9223372036854775808"
            })
    @DisplayName("takes no multiplier that is not a plain decimal above 0 and at most 100")
    void badMultipliers(String factor) {
        assertThatThrownBy(() -> Multiplier.of(factor)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> PriceOptions.priority(factor)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("takes no product of multipliers that is out of range or cannot be exact")
    void badProducts() {
        assertThat(Multiplier.of("100").times(Multiplier.ONE)).isEqualTo(new Multiplier(100, 1));
        assertThatThrownBy(() -> Multiplier.of("50").times(Multiplier.of("2.000001")))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Multiplier(1, Long.MAX_VALUE).times(Multiplier.of("0.7")))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Multiplier(0, 1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Multiplier(-1, -1)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("above the largest amount is refused and never wraps")
    void overflow() {
        ModelPrice dear =
                ModelPrice.of("acme", "m").input("1000000").output("1000000").build();

        assertThat(dear.cost(Usage.of(9_223_372_036L, 0), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("9223372036"));
        assertThatThrownBy(() -> dear.cost(Usage.of(9_223_372_037L, 0), PriceOptions.STANDARD))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> dear.cost(
                        Usage.of(
                                Usage.MAX_TOKENS,
                                Usage.MAX_TOKENS,
                                Usage.MAX_TOKENS,
                                Usage.MAX_TOKENS,
                                Usage.MAX_TOKENS),
                        PriceOptions.priority("100")))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(
                        () -> dear.cost(Usage.of(9_223_372_036L, 0).withExtraCost(Usd.of("1")), PriceOptions.STANDARD))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> dear.worstCase(CallBound.of(Usage.MAX_TOKENS, 1), PriceOptions.STANDARD))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("is exact where the sum does not fit in 64 bits and the quotient does")
    void largeSums() {
        ModelPrice odd = ModelPrice.of("acme", "m")
                .input("0.000000001")
                .output("999999.999999999")
                .build();

        // 10^12 x 10^-15 + 9,223 x 0.999999999999999 dollars, rounded up to the nano-dollar
        assertThat(odd.cost(Usage.of(1_000_000_000_000L, 9_223), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("9223.001"));
        assertThat(odd.cost(Usage.of(0, 9_000_000_000L), PriceOptions.STANDARD)).isEqualTo(Usd.of("8999999999.999991"));
    }

    private static Usd cost(String model, Usage usage, PriceOptions options) {
        return BOOK.require(model, NOW).cost(usage, options);
    }
}
