package io.holdfast.spi;

/** What a removal does about holds that are still open. */
public enum Removal {
    /** Refuses to remove a scope that has open holds. */
    REJECT,
    /** Admits nothing more and removes the scope when its last hold settles. */
    DRAIN,
    /** Removes the scope now; later commits still reach its counters and its ancestors. */
    FORCE
}
