package io.holdfast.cli;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.regex.Pattern;

/** Reads what options are given, so that every message names the option, the value and the rule. */
final class Arguments {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Instant FIRST = Instant.EPOCH;
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    private Arguments() {}

    static long whole(String option, String text, long least, long most) {
        if (DIGITS.matcher(text).matches()) {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new InvalidInputException(option, text, "must be a whole number from " + least + " to " + most);
    }

    static int count(String option, String text, int most) {
        return Math.toIntExact(whole(option, text, 1, most));
    }

    static long tokens(String option, String text) {
        return whole(option, text, 0, Usage.MAX_TOKENS);
    }

    static Usd usd(String option, String text) {
        try {
            return Usd.of(text);
        } catch (InvalidInputException wrong) {
            throw new InvalidInputException(option, text, wrong.rule());
        }
    }

    static LocalDate date(String option, String text) {
        if (DATE.matcher(text).matches()) {
            try {
                return LocalDate.parse(text);
            } catch (DateTimeException noSuchDay) {
                // told below
            }
        }
        throw new InvalidInputException(option, text, "must be a date such as 2026-01-31");
    }

    /** Returns a time given as one, or as the day that begins with it. */
    static Instant time(String option, String text, ZoneId zone) {
        Instant time;
        try {
            time = DATE.matcher(text).matches()
                    ? LocalDate.parse(text).atStartOfDay(zone).toInstant()
                    : Instant.parse(text);
        } catch (DateTimeException wrong) {
            throw new InvalidInputException(
                    option, text, "must be a date such as 2026-01-31 or a time such as 2026-01-31T06:00:00Z");
        }
        if (time.isBefore(FIRST) || time.isAfter(LAST)) {
            throw new InvalidInputException(option, text, "must lie between 1970 and 9999");
        }
        return time;
    }

    static ZoneId zone(String option, String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException unknown) {
            throw new InvalidInputException(option, text, "must be a time zone such as UTC or Europe/Berlin");
        }
    }

    static Path path(String option, String text) {
        if (text.isEmpty()) {
            throw new InvalidInputException(option, text, "must not be empty");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException wrong) {
            throw new InvalidInputException(option, text, "must be the path of a file");
        }
    }
}
