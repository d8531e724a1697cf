package io.holdfast.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The text of a window")
class WindowTextTest {
    @Test
    @DisplayName("is read in its long and its short form")
    void read() {
        assertThat(Window.parse("session")).isSameAs(Window.session());
        assertThat(Window.parse("lifetime")).isSameAs(Window.lifetime());
        for (String text :
                new String[] {"rolling(24h)", "rolling(1d)", "rolling(1440m)", "rolling(PT24H)", "rolling(P1D)"}) {
            assertThat(Window.parse(text)).isEqualTo(Window.rolling(Duration.ofHours(24)));
        }
        assertThat(Window.parse("rolling(PT1.5S)")).isEqualTo(Window.rolling(Duration.ofMillis(1_500)));
        assertThat(Window.parse("rolling(366d)")).isEqualTo(Window.rolling(Duration.ofDays(366)));
        assertThat(Window.parse("calendar(week;Europe/Berlin)"))
                .isEqualTo(Window.calendar(CalendarUnit.WEEK, ZoneId.of("Europe/Berlin")));
        assertThat(Window.parse("calendar(day;+05:45)"))
                .isEqualTo(Window.calendar(CalendarUnit.DAY, ZoneId.of("+05:45")));
        assertThat(Window.parse("calendar(month;UTC)"))
                .isNotEqualTo(Window.calendar(CalendarUnit.MONTH, ZoneOffset.UTC));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"session", "lifetime", "rolling(PT24H)", "rolling(PT1.001S)", "calendar(month;Asia/Kathmandu)"})
    @DisplayName("is written as it is read")
    void written(String text) {
        assertThat(Window.parse(text)).hasToString(text);
    }

    static Stream<String> notWindows() {
        return Stream.of(
                "",
                " session",
                "Session",
                "session()",
                "rolling",
                "rolling()",
                "rolling(24)",
                "rolling(24 h)",
                "rolling(-1h)",
                "rolling(PT-1H)",
                "rolling(0s)",
                "rolling(PT0.999S)",
                "rolling(PT1.0005S)",
                "rolling(367d)",
                "rolling(P366DT0.001S)",
                "rolling(1e3s)",
                "rolling(1,5h)",
                "rolling(NaN)",
                "rolling(0x10s)",
                "rolling(9999999999s)",
                "rolling(999999999d)",
                "rolling(PT9223372036854775807S)",
                "rolling(PT99999999999999999999H)",
                "rolling(24h)x",
                "rolling((24h))",
                "rolling(24h\n)",
                "calendar",
                "calendar(day)",
                "calendar(day;)",
                "calendar(year;UTC)",
                "calendar(DAY;UTC)",
                "calendar(day;Nowhere/Land)",
                "calendar(day;+25:00)",
                "calendar(day;UTC;UTC)",
                "calendar(day;UTC\u0000)",
                "calendar(day;" + "x".repeat(8_192) + ")",
                "rolling(" + "9".repeat(10_000) + "s)",
                "\ud800");
    }

    @ParameterizedTest
    @MethodSource("notWindows")
    @DisplayName("is nothing else")
    void refused(String text) {
        assertThatThrownBy(() -> Window.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(thrown -> assertThat(thrown.getMessage()).hasSizeLessThan(400));
    }
}
