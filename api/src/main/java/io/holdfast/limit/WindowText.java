package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the text form of windows. */
final class WindowText {
    private static final Pattern ROLLING = Pattern.compile("rolling\\(([^)]{1,32})\\)");
    private static final Pattern SHORT_LENGTH = Pattern.compile("([0-9]{1,9})([smhd])");
    private static final Pattern CALENDAR = Pattern.compile("calendar\\((day|week|month);([^)]{1,64})\\)");
    private static final String RULE =
            "must be session, lifetime, rolling(24h), rolling(PT24H) or calendar(day|week|month;ZONE)";

    private WindowText() {}

    static Window parse(String text) {
        if (text.equals("session")) {
            return Window.session();
        }
        if (text.equals("lifetime")) {
            return Window.lifetime();
        }
        Matcher rolling = ROLLING.matcher(text);
        if (rolling.matches()) {
            return Window.rolling(length(rolling.group(1), text));
        }
        Matcher calendar = CALENDAR.matcher(text);
        if (calendar.matches()) {
            return Window.calendar(
                    CalendarUnit.valueOf(calendar.group(1).toUpperCase(Locale.ROOT)), zone(calendar.group(2), text));
        }
        throw new InvalidInputException("window", text, RULE);
    }

    private static Duration length(String length, String text) {
        Matcher brief = SHORT_LENGTH.matcher(length);
        if (brief.matches()) {
            long count = Long.parseLong(brief.group(1));
            return switch (brief.group(2)) {
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
        }
        try {
            return Duration.parse(length);
        } catch (DateTimeException notIso) {
            throw new InvalidInputException("window", text, RULE);
        }
    }

    private static ZoneId zone(String zone, String text) {
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException unknownZone) {
            throw new InvalidInputException("window", text, "must name a known time zone");
        }
    }
}
