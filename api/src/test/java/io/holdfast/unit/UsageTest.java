package io.holdfast.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Usage and amounts")
class UsageTest {
    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Usage.MAX_TOKENS + 1, (1L << 53) + 1, Long.MAX_VALUE})
    @DisplayName("have no negative and no absurd token counts, of whatever kind")
    void tokensOutOfRange(long tokens) {
        assertThatThrownBy(() -> Usage.of(tokens, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Usage.of(0, tokens)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Usage.of(0, tokens, 0, 0, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Usage.of(0, 0, tokens, 0, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> Usage.of(0, 0, 0, tokens, 0)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("count every token once")
    void totals() {
        Usage usage = Usage.of(1, 20, 300, 4_000, 50_000).withExtraCost(Usd.of("0.5"));
        assertThat(usage.inputTotal()).isEqualTo(4_321);
        assertThat(usage.total()).isEqualTo(54_321);
        assertThat(usage.extraCost()).isEqualTo(Usd.of("0.5"));
        Amounts amounts = Amounts.of(Usd.ofNanos(7), usage);
        assertThat(amounts).isEqualTo(new Amounts(7, 4_321, 50_000, 1));
        assertThat(amounts.on(Meter.COST)).isEqualTo(7);
        assertThat(amounts.on(Meter.TOKENS)).isEqualTo(54_321);
        assertThat(amounts.on(Meter.INPUT_TOKENS)).isEqualTo(4_321);
        assertThat(amounts.on(Meter.OUTPUT_TOKENS)).isEqualTo(50_000);
        assertThat(amounts.on(Meter.CALLS)).isEqualTo(1);
        long most = Usage.MAX_TOKENS;
        assertThat(Usage.of(most, most, most, most, most).total()).isEqualTo(5 * most);
    }

    @Test
    @DisplayName("tell a cost that nobody knows from one of zero")
    void unpriced() {
        Amounts unpriced = Amounts.unpriced(Usage.of(1, 2));
        assertThat(unpriced.priced()).isFalse();
        assertThat(unpriced.on(Meter.COST)).isZero();
        assertThat(Amounts.of(Usd.ZERO, Usage.of(1, 2)).priced()).isTrue();
        assertThat(unpriced).isNotEqualTo(Amounts.of(Usd.ZERO, Usage.of(1, 2)));
    }

    @Test
    @DisplayName("are never negative, and their tokens have a sum")
    void amountsOutOfRange() {
        assertThatThrownBy(() -> new Amounts(-2, 0, 0, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Amounts(Long.MIN_VALUE, 0, 0, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Amounts(0, -1, 0, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Amounts(0, 0, -1, 0)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Amounts(0, 0, 0, -1)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Amounts(0, Long.MAX_VALUE, 1, 0)).isInstanceOf(InvalidInputException.class);
        assertThat(new Amounts(Long.MAX_VALUE, Long.MAX_VALUE - 1, 1, Long.MAX_VALUE).on(Meter.TOKENS))
                .isEqualTo(Long.MAX_VALUE);
    }
}
