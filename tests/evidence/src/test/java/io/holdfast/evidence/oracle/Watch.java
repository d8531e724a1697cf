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
     * Returns what the time is if the ledger looks at the clock, which it may not do.
     *
     * @param clock what the clock says in milliseconds since the epoch
     * @return milliseconds since the epoch
     */
    public long peek(long clock) {
        return Math.max(seen, Math.max(clock, oracle.changedAt()));
    }

    /**
     * Returns the time that the ledger has looked at.
     *
     * @param clock what the clock says in milliseconds since the epoch, which may run back
     * @return milliseconds since the epoch
     */
    public long read(long clock) {
        seen = peek(clock);
        return seen;
    }
}
