package io.holdfast.evidence.oracle;

/** What time it is for one user of a ledger: never runs back, and never before the latest change of the ledger. */
public final class Watch {
    private final Oracle oracle;
    private long seen = Long.MIN_VALUE;

    /**
     * Makes a watch for a ledger that was just opened.
     *
     * @param oracle knows the latest change
     */
    public Watch(Oracle oracle) {
        this.oracle = oracle;
    }

    /**
     * Returns the time.
     *
     * @param clock what the clock says in milliseconds since the epoch, which may run back
     * @return milliseconds since the epoch
     */
    public long read(long clock) {
        seen = Math.max(seen, Math.max(clock, oracle.changedAt()));
        return seen;
    }
}
