package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import java.time.Duration;
import java.time.ZoneId;

/**
 * Over what time a limit counts. To a ledger a window is numbers only: the bucket that an amount is added to, and the
 * oldest bucket that still counts. Times are milliseconds since the epoch, on the clock of the store.
 */
public sealed interface Window permits RollingWindow, CalendarWindow, EndlessWindow {
    /** Stands for a time that never comes. */
    long NEVER = Long.MAX_VALUE;

    /**
     * Counts each session by itself, for as long as it lives.
     *
     * @return the session window
     */
    static Window session() {
        return EndlessWindow.SESSION;
    }

    /**
     * Counts the time just past. An amount leaves no earlier than {@code length} after it was booked and at most one
     * bucket later; a bucket is length/288, at least one second.
     *
     * @param length one second to 366 days, in whole milliseconds
     * @return the rolling window
     * @throws InvalidInputException if the length is out of range
     */
    static Window rolling(Duration length) {
        return new RollingWindow(length);
    }

    /**
     * Counts from the start of a day, week (ISO, from Monday) or month in a time zone to its end.
     *
     * @param unit day, week or month
     * @param zone the zone whose midnight counts
     * @return the calendar window
     */
    static Window calendar(CalendarUnit unit, ZoneId zone) {
        return new CalendarWindow(unit, zone);
    }

    /**
     * Counts for ever.
     *
     * @return the lifetime window
     */
    static Window lifetime() {
        return EndlessWindow.LIFETIME;
    }

    /**
     * Reads the text form of a window.
     *
     * @param text as {@code toString()} writes it: {@code session}, {@code lifetime}, {@code rolling(PT24H)},
     *     {@code calendar(day;Europe/Berlin)}; a rolling length may also be short, as in {@code rolling(24h)}
     * @return the window
     * @throws InvalidInputException if the text is no window
     */
    static Window parse(String text) {
        return WindowText.parse(text);
    }

    /**
     * Returns the bucket that an amount is booked to.
     *
     * @param admittedAt when the call was admitted
     * @param bookedAt when the amount is booked, at {@code admittedAt} or later
     * @return a bucket number that does not fall as time runs on; a calendar window books to the window that admitted
     */
    long bookingBucket(long admittedAt, long bookedAt);

    /**
     * Returns the bucket whose holds a call is held in.
     *
     * @param admittedAt when the call was admitted
     * @return a bucket number; the same for every time where an open hold counts until it settles
     */
    long holdBucket(long admittedAt);

    /**
     * Returns the oldest bucket whose committed amounts still count.
     *
     * @param now the time
     * @return a bucket number that does not fall as time runs on
     */
    long oldestBucket(long now);

    /**
     * Returns the oldest bucket whose holds still count.
     *
     * @param now the time
     * @return a bucket number that does not fall as time runs on
     */
    long oldestHoldBucket(long now);

    /**
     * Returns when the amounts of a bucket stop counting.
     *
     * @param bucket a bucket number
     * @return the first time at which they no longer count, or {@link #NEVER}
     */
    long endOf(long bucket);

    /**
     * Returns when a bucket is followed by the next one.
     *
     * @param bucket a bucket number
     * @return the first time that is booked to a later bucket, or {@link #NEVER}
     */
    long nextBucketAt(long bucket);

    /**
     * Returns for how long an amount can count at most.
     *
     * @return milliseconds, or {@link #NEVER} where no time ends it
     */
    long longest();

    /**
     * Tells whether each session is counted by itself.
     *
     * @return true for {@link #session()} only
     */
    default boolean perSession() {
        return false;
    }

    /**
     * Tells whether the window starts anew at a point of the calendar rather than sliding.
     *
     * @return true for calendar windows only
     */
    default boolean startsAnew() {
        return false;
    }
}
