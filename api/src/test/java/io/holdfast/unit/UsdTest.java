package io.holdfast.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import java.math.BigDecimal;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("An amount of dollars")
@Timeout(20)
class UsdTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0.00",
        "0.000000001, 1, 0.000000001",
        "12.5, 12500000000, 12.50",
        "007, 7000000000, 7.00",
        "1.000000000000000000, 1000000000, 1.00",
        "9007199.254740993, 9007199254740993, 9007199.254740993",
        "9223372036.854775807, 9223372036854775807, 9223372036.854775807"
    })
    @DisplayName("is read exactly, and written so that it is read again")
    void exact(String text, long nanos, String written) {
        assertThat(Usd.of(text)).isEqualTo(Usd.ofNanos(nanos)).hasToString(written);
        assertThat(Usd.of(written)).isEqualTo(Usd.ofNanos(nanos));
        assertThat(Usd.of(Usd.ofNanos(nanos).toDollars())).isEqualTo(Usd.ofNanos(nanos));
    }

    static Stream<String> notAmounts() {
        return Stream.of(
                "",
                " ",
                "-0",
                "-1",
                "+1",
                "NaN",
                "Infinity",
                "-Infinity",
                "1e400",
                "1E5",
                "1,5",
                "1.000.000",
                ".5",
                "5.",
                "0x10",
                "0b1",
                "1_000",
                "1d",
                "$1",
                "1 USD",
                " 1",
                "1 ",
                "1\r\n",
                "1\n2",
                "1\u0000",
                "\uFF11",
                "\u0661",
                "\u22121",
                "\uD800",
                "null",
                "1/2",
                "9223372036.854775808",
                "9223372037",
                "18446744073.709551616",
                "0.0000000001",
                "1.0000000005",
                "9".repeat(10_000),
                "0." + "0".repeat(9_000) + "1",
                "0".repeat(10_000),
                "x".repeat(8_192));
    }

    @ParameterizedTest
    @MethodSource("notAmounts")
    @DisplayName(
            "is nothing but a plain decimal number within its range, and says so in a message that is safe to print")
    void refused(String text) {
        assertThatThrownBy(() -> Usd.of(text))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(thrown -> {
                    assertThat(thrown.getMessage()).hasSizeLessThan(400);
                    assertThat(thrown.getMessage().chars()).noneMatch(Character::isISOControl);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-1E-9",
                "-1",
                "1E-10",
                "1E+10",
                "1E400",
                "1E-400",
                "1E+1000000000",
                "1E-1000000000",
                "1E-500000000",
                "9223372036.854775808"
            })
    @DisplayName("takes no decimal that is negative, too fine or too large, and does not take long about it")
    void decimals(String decimal) {
        BigDecimal number = new BigDecimal(decimal);
        assertThatThrownBy(() -> Usd.of(number)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    @DisplayName("takes a decimal of any scale that is a whole number of nano-dollars")
    void scales() {
        assertThat(Usd.of(new BigDecimal("1E+9"))).isEqualTo(Usd.ofDollars(1_000_000_000));
        assertThat(Usd.of(new BigDecimal("0E-400"))).isEqualTo(Usd.ZERO);
        assertThat(Usd.of(new BigDecimal("1.50000000000000000000000000000000000000000000000000")))
                .isEqualTo(Usd.of("1.5"));
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, 9_223_372_037L, Long.MAX_VALUE})
    @DisplayName("is no number of dollars below zero or above the largest")
    void dollars(long dollars) {
        assertThatThrownBy(() -> Usd.ofDollars(dollars)).isInstanceOf(InvalidInputException.class);
        if (dollars < 0) {
            assertThatThrownBy(() -> Usd.ofNanos(dollars)).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    @DisplayName("adds exactly or not at all, and takes away down to zero")
    void sums() {
        Usd most = Usd.ofNanos(Long.MAX_VALUE);
        assertThat(Usd.ofNanos(Long.MAX_VALUE - 1).plus(Usd.ofNanos(1))).isEqualTo(most);
        assertThatThrownBy(() -> most.plus(Usd.ofNanos(1))).isInstanceOf(InvalidInputException.class);
        assertThat(Usd.of("3").minusOrZero(Usd.of("1.25"))).isEqualTo(Usd.of("1.75"));
        assertThat(Usd.of("1").minusOrZero(most)).isEqualTo(Usd.ZERO);
        assertThat(Usd.of("1")).isLessThan(Usd.of("1.000000001"));
    }
}
