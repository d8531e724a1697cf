package io.holdfast.spi;

/** The kinds of {@link Notice}, by which a subscription chooses. */
public enum NoticeKind {
    /** Committed amounts reached an alert of a limit. */
    ALERT_REACHED,
    /** A limit refused a call. */
    CALL_REFUSED,
    /** A loop guard refused a call. */
    LOOP_DETECTED,
    /** A hold was settled for more than it held. */
    CALL_OVERSHOT,
    /** A hold ran out of time. */
    HOLD_EXPIRED,
    /** A hold was committed after it had run out of time. */
    COMMITTED_LATE
}
