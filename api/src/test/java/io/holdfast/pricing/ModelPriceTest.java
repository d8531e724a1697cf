package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A model price")
class ModelPriceTest {
    @Test
    @DisplayName("keeps every fact it is given, also through its builder")
    void facts() {
        ModelPrice given = ModelPrice.of("Acme", "My-Model")
                .input("2.50")
                .output("10")
                .cacheRead("0.000000001")
                .cacheWriteShort("3.125")
                .cacheWriteLong("5")
                .tier(200_000, "5", "15")
                .batch("1.25", "5")
                .contextWindow(128_000)
                .maxOutputTokens(16_384)
                .aliases("My-Model-2026-01-01", "mm")
                .asOf(LocalDate.of(2026, 11, 1))
                .sources("contract", "page")
                .build();

        for (ModelPrice price : List.of(given, given.toBuilder().build())) {
            assertThat(price.provider()).isEqualTo("acme");
            assertThat(price.model()).isEqualTo("My-Model");
            assertThat(price.id()).isEqualTo("acme:my-model");
            assertThat(price.input()).isEqualTo(Usd.of("2.50"));
            assertThat(price.output()).contains(Usd.of("10"));
            assertThat(price.cacheRead()).contains(Usd.ofNanos(1));
            assertThat(price.cacheWriteShort()).contains(Usd.of("3.125"));
            assertThat(price.cacheWriteLong()).contains(Usd.of("5"));
            assertThat(price.tier().orElseThrow().thresholdTokens()).isEqualTo(200_000);
            assertThat(price.tier().orElseThrow().input()).isEqualTo(Usd.of("5"));
            assertThat(price.tier().orElseThrow().output()).contains(Usd.of("15"));
            assertThat(price.batchInput()).contains(Usd.of("1.25"));
            assertThat(price.batchOutput()).contains(Usd.of("5"));
            assertThat(price.contextWindow()).hasValue(128_000);
            assertThat(price.maxOutputTokens()).hasValue(16_384);
            assertThat(price.aliases()).containsExactly("My-Model-2026-01-01", "mm");
            assertThat(price.asOf()).contains(LocalDate.of(2026, 11, 1));
            assertThat(price.sources()).containsExactly("contract", "page");
            assertThat(price.isFree()).isFalse();
        }
    }

    @Test
    @DisplayName("needs no more than an input price, and what is not given is absent, not zero")
    void absentFacts() {
        ModelPrice price = ModelPrice.of("acme", "embed").input("0.02").build();

        assertThat(price.output()).isEmpty();
        assertThat(price.cacheRead()).isEmpty();
        assertThat(price.cacheWriteShort()).isEmpty();
        assertThat(price.cacheWriteLong()).isEmpty();
        assertThat(price.tier()).isEmpty();
        assertThat(price.batchInput()).isEmpty();
        assertThat(price.batchOutput()).isEmpty();
        assertThat(price.contextWindow()).isEmpty();
        assertThat(price.maxOutputTokens()).isEmpty();
        assertThat(price.asOf()).isEmpty();
        assertThatThrownBy(() -> ModelPrice.of("acme", "m").output("1").build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input price");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("badPrices")
    @DisplayName("refuses what is no price, in every place of a price, and names the place")
    void badPrices(String place, String text, BiFunction<ModelPriceBuilder, String, ModelPriceBuilder> setter) {
        ModelPriceBuilder builder = ModelPrice.of("acme", "m");

        assertThatThrownBy(() -> setter.apply(builder, text))
                .isInstanceOfSatisfying(
                        InvalidInputException.class,
                        invalid -> assertThat(invalid.field()).isEqualTo(place));
    }

    static Stream<Arguments> badPrices() {
        List<String> bad = List.of(
                "",
                " ",
                "NaN",
                "Infinity",
                "-Infinity",
                "inf",
                "null",
                "-0",
                "-1",
                "+1",
                "-0.01",
                "1e400",
                "1E2",
                "1,5",
                "1_000",
                "0x10",
                "0x1p3",
                ".5",
                "5.",
                "1.2.3",
                "$5",
                "5 ",
                " 5",
                "٣",
                "1".repeat(10_000),
                "0." + "0".repeat(10_000),
                "0.0000000001",
                "0.1234567891",
                "1000000.000000001",
                "1000001",
                "9007199254740993",
                "9223372036854775808",
                "9223372036.854775808",
                "18446744073709551617",
                "1/3",
                "[1]",
                "1\n",
                "1\u0000");
        List<Arguments> cases = new ArrayList<>();
        for (String text : bad) {
            cases.add(place("input price", text, ModelPriceBuilder::input));
            cases.add(place("output price", text, ModelPriceBuilder::output));
            cases.add(place("cache read price", text, ModelPriceBuilder::cacheRead));
            cases.add(place("short cache write price", text, ModelPriceBuilder::cacheWriteShort));
            cases.add(place("long cache write price", text, ModelPriceBuilder::cacheWriteLong));
            cases.add(place("tier input price", text, (builder, price) -> builder.tier(1, price, "1")));
            cases.add(place("tier output price", text, (builder, price) -> builder.tier(1, "1", price)));
            cases.add(place("batch input price", text, ModelPriceBuilder::batch));
            cases.add(place("batch output price", text, (builder, price) -> builder.batch("1", price)));
        }
        return cases.stream();
    }

    private static Arguments place(
            String place, String text, BiFunction<ModelPriceBuilder, String, ModelPriceBuilder> setter) {
        return Arguments.of(place, text, setter);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.000000001, 1", "1000000, 1000000000000000", "0.10000000000, 100000000", "007, 7000000000"})
    @DisplayName("takes plain decimals from zero to a million dollars, exactly")
    void goodPrices(String text, long nanos) {
        assertThat(ModelPrice.of("acme", "m").input(text).build().input().nanos())
                .isEqualTo(nanos);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1_000_000_000_001L})
    @DisplayName("refuses token counts that no model has")
    void badTokens(long tokens) {
        ModelPriceBuilder builder = ModelPrice.of("acme", "m").input("1").output("1");

        assertThatThrownBy(() -> builder.contextWindow(tokens)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder.maxOutputTokens(tokens)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> builder.tier(tokens, "1", "1")).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unknown", "Unknown", "ft", "a:b", "a/b", "-a", "a b", "a\n", "ä", "a,b"})
    @DisplayName("refuses providers that would make a key ambiguous")
    void badProviders(String provider) {
        assertThatThrownBy(() -> ModelPrice.of(provider, "m")).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"m:free", "M:FREE", "m[1m]", "models/m", "OpenRouter/m"})
    @DisplayName("refuses names that no lookup could reach")
    void unreachableNames(String name) {
        assertThatThrownBy(() -> ModelPrice.of("acme", name)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ModelPrice.of("acme", "m").aliases("fine", name))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("refuses a tier or batch price that does not fit the base price")
    void pairsFit() {
        assertThatThrownBy(() ->
                        ModelPrice.of("acme", "m").input("1").tier(9, "2", "4").build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tier output price");
        assertThatThrownBy(() -> ModelPrice.of("acme", "m")
                        .input("1")
                        .output("2")
                        .batch("0.5")
                        .build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("batch output price");
        assertThatThrownBy(() -> ModelPrice.of("acme", "m")
                        .input("0")
                        .output("2")
                        .tier(9, "1", "2")
                        .build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tier price");
        assertThatThrownBy(() -> ModelPrice.of("acme", "m")
                        .input("1")
                        .output("0")
                        .batch("1", "1")
                        .build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("batch price");
    }

    @Test
    @DisplayName("is free only where every price is zero")
    void free() {
        ModelPrice free = ModelPrice.free("acme", "m");

        assertThat(free.isFree()).isTrue();
        assertThat(free.cost(Usage.of(9, 9, 9, 9, 9), PriceOptions.BATCH)).isEqualTo(Usd.ZERO);
        assertThat(free.worstCase(CallBound.ofInput(9), PriceOptions.STANDARD)).isEqualTo(Usd.ZERO);
        assertThat(ModelPrice.of("acme", "m")
                        .input("0")
                        .output("0")
                        .cacheRead("0.1")
                        .build()
                        .isFree())
                .isFalse();
        assertThat(ModelPrice.of("acme", "m").input("0").output("1").build().isFree())
                .isFalse();
    }
}
