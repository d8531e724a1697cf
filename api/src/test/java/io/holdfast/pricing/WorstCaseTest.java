package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usd;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The worst case of a call")
class WorstCaseTest {
    private final ModelPrice price = ModelPrice.of("acme", "m")
            .input("2")
            .output("10")
            .cacheRead("0.2")
            .cacheWriteShort("2.5")
            .cacheWriteLong("4")
            .maxOutputTokens(1_000)
            .contextWindow(100_000)
            .build();

    @ParameterizedTest
    @CsvSource({"NONE, 0.012", "SHORT, 0.0125", "ANY, 0.014"})
    @DisplayName("counts the prompt as the dearest kind of input that can occur")
    void caching(Caching caching, String cost) {
        assertThat(worst(CallBound.of(1_000, 1_000).withCaching(caching))).isEqualTo(Usd.of(cost));
    }

    @Test
    @DisplayName("assumes any caching, one answer and the model's ceiling, if nothing is said")
    void defaults() {
        assertThat(worst(CallBound.ofInput(1_000))).isEqualTo(Usd.of("0.014"));
    }

    @Test
    @DisplayName("counts cache reads where they are dearer than input")
    void dearReads() {
        ModelPrice odd = price.toBuilder().cacheRead("3").build();

        assertThat(odd.worstCase(CallBound.of(1_000, 0).withCaching(Caching.NONE), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.003"));
    }

    @Test
    @DisplayName("has every choice at full length, and the prompt once")
    void choices() {
        assertThat(worst(CallBound.of(1_000, 500).withChoices(4))).isEqualTo(Usd.of("0.024"));
        assertThat(price.mostOutputTokens(CallBound.of(1_000, 500).withChoices(4)))
                .isEqualTo(2_000);
    }

    @Test
    @DisplayName("cuts an absurd answer to what the model can give")
    void clamped() {
        assertThat(worst(CallBound.of(0, 1_000_000_000))).isEqualTo(Usd.of("0.01"));
        assertThat(price.mostOutputTokens(CallBound.of(0, 1_000_000_000))).isEqualTo(1_000);
    }

    @Test
    @DisplayName("takes the context window where no ceiling is known, and refuses where neither is")
    void ceilings() {
        ModelPrice window = ModelPrice.of("acme", "m")
                .input("1")
                .output("1")
                .contextWindow(5_000)
                .build();
        ModelPrice open = ModelPrice.of("acme", "m").input("1").output("1").build();

        assertThat(window.mostOutputTokens(CallBound.ofInput(9))).isEqualTo(5_000);
        assertThat(window.mostOutputTokens(CallBound.of(9, 9_000))).isEqualTo(5_000);
        assertThat(open.mostOutputTokens(CallBound.of(9, 9_000))).isEqualTo(9_000);
        assertThatThrownBy(() -> open.worstCase(CallBound.ofInput(9), PriceOptions.STANDARD))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("acme:m");
        assertThatThrownBy(
                        () -> open.worstCase(CallBound.of(9, 1_000_000_000_000L).withChoices(2), PriceOptions.STANDARD))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("of an embedding has no output")
    void embeddings() {
        ModelPrice embed =
                ModelPrice.of("acme", "e").input("0.02").contextWindow(8_192).build();

        assertThat(embed.worstCase(CallBound.ofInput(1_000_000), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.02"));
        assertThatThrownBy(() -> embed.worstCase(CallBound.of(1, 1), PriceOptions.STANDARD))
                .isInstanceOf(UnknownPriceException.class);
    }

    @Test
    @DisplayName("is the dearer side of the threshold, where the prompt can reach it")
    void tier() {
        ModelPrice rising = price.toBuilder().tier(100, "4", "20").build();
        ModelPrice falling = price.toBuilder().tier(100, "1", "5").build();

        assertThat(rising.worstCase(CallBound.of(100, 10), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.0005"));
        assertThat(rising.worstCase(CallBound.of(101, 10), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.001008"));
        assertThat(falling.worstCase(CallBound.of(101, 10), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.0005"));
        assertThat(falling.worstCase(CallBound.of(1_000, 10), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.00205"));
    }

    @Test
    @DisplayName("includes the extra cost of the call")
    void extraCost() {
        assertThat(worst(CallBound.of(0, 0).withExtraCost(Usd.of("0.03")))).isEqualTo(Usd.of("0.03"));
        assertThat(ModelPrice.free("acme", "m")
                        .worstCase(CallBound.ofInput(9).withExtraCost(Usd.of("0.03")), PriceOptions.STANDARD))
                .isEqualTo(Usd.of("0.03"));
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 0, 1",
        "1000000000001, 0, 1",
        "0, -2, 1",
        "0, 1000000000001, 1",
        "0, 0, 0",
        "0, 0, -1",
        "0, 0, 1001"
    })
    @DisplayName("needs bounds that are in range")
    void badBounds(long input, long output, int choices) {
        assertThatThrownBy(() -> new CallBound(input, output, choices, Caching.ANY, Usd.ZERO))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("turns a budget into the answer it affords")
    void affordable() {
        CallBound bound = CallBound.ofInput(1_000); // 0.004 for the prompt, 0.00001 for each token of output

        assertThat(price.affordableOutputTokens(Usd.of("0.00399"), bound, PriceOptions.STANDARD))
                .isEmpty();
        assertThat(price.affordableOutputTokens(Usd.of("0.004"), bound, PriceOptions.STANDARD))
                .hasValue(0);
        assertThat(price.affordableOutputTokens(Usd.of("0.005009"), bound, PriceOptions.STANDARD))
                .hasValue(100);
        assertThat(price.affordableOutputTokens(Usd.of("0.005009"), bound.withChoices(2), PriceOptions.STANDARD))
                .hasValue(50);
        assertThat(price.affordableOutputTokens(Usd.of("100"), bound, PriceOptions.STANDARD))
                .hasValue(1_000);
        assertThat(price.affordableOutputTokens(Usd.of("100"), CallBound.of(1_000, 7), PriceOptions.STANDARD))
                .hasValue(7);
    }

    private Usd worst(CallBound bound) {
        return price.worstCase(bound, PriceOptions.STANDARD);
    }
}
