package io.holdfast.spi;

/** How an entry came to be. */
public enum EntryKind {
    /** A hold settled at its actual amounts. */
    COMMITTED,
    /** A hold left unsettled by its caller and booked at its estimate. */
    ESTIMATED,
    /** Booked after the fact, without a hold. */
    RECORDED,
    /** A hold that expired, booked at its estimate until somebody knows better. */
    IN_DOUBT,
    /** Takes back an {@link #IN_DOUBT} entry; its amounts count with a minus. */
    REVERSED,
    /** The actual amounts of a hold that had expired. */
    LATE;

    /**
     * Returns the sign the entry's amounts count with.
     *
     * @return −1 for {@link #REVERSED}, otherwise 1
     */
    public int sign() {
        return this == REVERSED ? -1 : 1;
    }
}
