package io.holdfast.limit;

/** The unit of a calendar window. */
public enum CalendarUnit {
    /** From midnight to midnight. */
    DAY,
    /** From Monday to Sunday (ISO 8601). */
    WEEK,
    /** From the first of the month to its last day. */
    MONTH
}
