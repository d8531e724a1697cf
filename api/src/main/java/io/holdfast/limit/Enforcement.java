package io.holdfast.limit;

/** What a limit does when it is reached. */
public enum Enforcement {
    /** Refuses what would pass it. */
    HARD,
    /** Counts and alerts, and refuses nothing. */
    ALERT_ONLY,
    /** Refuses more calls with one key than the amount: each key has a counter of its own. */
    LOOP_GUARD
}
