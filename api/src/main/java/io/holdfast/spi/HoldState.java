package io.holdfast.spi;

/** The states of a hold: from active to one that is final, and from expired to committed late. */
public enum HoldState {
    /** Set aside and not yet settled. */
    ACTIVE,
    /** Booked at the actual amounts. */
    COMMITTED,
    /** Given back unused. */
    RELEASED,
    /** Out of time: booked at the estimate, or given back if so chosen. */
    EXPIRED,
    /** Committed after it had expired; the actual amounts replaced the estimate. */
    LATE_COMMITTED
}
