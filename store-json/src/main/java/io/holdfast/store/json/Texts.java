package io.holdfast.store.json;

import java.time.Instant;

/** How money, times and checksums are written in the files, and read again. */
final class Texts {
    private static final int NANO_DIGITS = 9;
    private static final long NANOS = 1_000_000_000L;
    private static final long DAY = 86_400_000L;
    private static final long YEAR_0 = -62_167_219_200_000L;
    private static final long YEAR_10000 = 253_402_300_800_000L;
    private static final int TIME_LENGTH = 24;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private Texts() {}

    /** Returns nano-dollars as dollars, with two to nine decimals. */
    static String dollars(long nanos) {
        long whole = nanos / NANOS;
        long rest = Math.abs(nanos % NANOS);
        char[] decimals = new char[NANO_DIGITS];
        for (int i = NANO_DIGITS - 1; i >= 0; i--) {
            decimals[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
        int length = NANO_DIGITS;
        while (length > 2 && decimals[length - 1] == '0') {
            length--;
        }
        StringBuilder text = new StringBuilder(24);
        if (nanos < 0 && whole == 0) {
            text.append('-');
        }
        return text.append(whole).append('.').append(decimals, 0, length).toString();
    }

    /** Returns the nano-dollars of what {@link #dollars} gave. */
    static long nanos(String dollars) {
        int point = dollars.indexOf('.');
        int decimals = point < 0 ? 0 : dollars.length() - point - 1;
        if (decimals > NANO_DIGITS || point == 0) {
            throw new NumberFormatException("not an amount of dollars: " + dollars);
        }
        long value = Long.parseLong(dollars, 0, point < 0 ? dollars.length() : point, 10);
        long rest = 0;
        for (int i = 0; i < NANO_DIGITS; i++) {
            int digit = i < decimals ? dollars.charAt(point + 1 + i) - '0' : 0;
            if (digit < 0 || digit > 9) {
                throw new NumberFormatException("not an amount of dollars: " + dollars);
            }
            rest = rest * 10 + digit;
        }
        long scaled = Math.multiplyExact(value, NANOS);
        return dollars.charAt(0) == '-' ? Math.subtractExact(scaled, rest) : Math.addExact(scaled, rest);
    }

    /** Tells whether a time has the usual form, with a year of four digits. */
    static boolean usual(long millis) {
        return millis >= YEAR_0 && millis < YEAR_10000;
    }

    /** Returns a usual time in ISO 8601, to the millisecond, in UTC. */
    static String time(long millis) {
        long days = Math.floorDiv(millis, DAY);
        int rest = Math.toIntExact(Math.floorMod(millis, DAY));
        // From days to a date of the Gregorian calendar, in years that begin in March.
        long shifted = days + 719_468;
        long era = Math.floorDiv(shifted, 146_097);
        int dayOfEra = Math.floorMod(shifted, 146_097);
        int yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int month = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * month + 2) / 5 + 1;
        int year = (int) (yearOfEra + era * 400) + (month >= 10 ? 1 : 0);
        char[] text = new char[TIME_LENGTH];
        digits(text, 0, 4, year);
        text[4] = '-';
        digits(text, 5, 2, month < 10 ? month + 3 : month - 9);
        text[7] = '-';
        digits(text, 8, 2, day);
        text[10] = 'T';
        digits(text, 11, 2, rest / 3_600_000);
        text[13] = ':';
        digits(text, 14, 2, rest / 60_000 % 60);
        text[16] = ':';
        digits(text, 17, 2, rest / 1_000 % 60);
        text[19] = '.';
        digits(text, 20, 3, rest % 1_000);
        text[23] = 'Z';
        return new String(text);
    }

    /** Returns the milliseconds since the epoch of what {@link #time} gave. */
    static long millis(String time) {
        if (time.length() != TIME_LENGTH || time.charAt(10) != 'T' || time.charAt(TIME_LENGTH - 1) != 'Z') {
            return Instant.parse(time).toEpochMilli();
        }
        int year = number(time, 0, 4);
        int month = number(time, 5, 2);
        int day = number(time, 8, 2);
        long y = month <= 2 ? year - 1 : year;
        long era = Math.floorDiv(y, 400);
        long yearOfEra = y - era * 400;
        long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        long days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
        long seconds = number(time, 11, 2) * 3_600L + number(time, 14, 2) * 60L + number(time, 17, 2);
        return days * DAY + seconds * 1_000 + number(time, 20, 3);
    }

    /** Returns 32 bits as eight digits. */
    static String hex(int bits) {
        char[] text = new char[8];
        for (int i = 0; i < 8; i++) {
            text[i] = HEX[bits >>> (28 - 4 * i) & 0xf];
        }
        return new String(text);
    }

    private static void digits(char[] text, int at, int count, int value) {
        int rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            text[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static int number(String text, int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new NumberFormatException("not a time: " + text);
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
