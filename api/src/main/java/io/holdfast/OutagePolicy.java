package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.internal.outage.OutageTerms;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a node does while its ledger cannot be reached. Commits, releases and records are acknowledged from a spool on the
 * node's own disk, and carried out, once each, when the ledger is back; what an earlier process left there is carried out
 * by the next. New calls are refused with {@link io.holdfast.spi.StoreUnavailableException}, or let go ahead within an
 * allowance. Immutable.
 */
public final class OutagePolicy {
    private static final Duration LONGEST_OPEN = Duration.ofDays(1);
    private static final Duration PROBE_EVERY = Duration.ofMillis(200);
    private static final int MOST_RECORDS = 100_000;

    private final Path spool;
    private final Usd allowance;
    private final Duration longest;
    private final Duration probeEvery;
    private final int mostRecords;

    private OutagePolicy(Path spool, Usd allowance, Duration longest, Duration probeEvery, int mostRecords) {
        this.spool = spool;
        this.allowance = allowance;
        this.longest = longest;
        this.probeEvery = probeEvery;
        this.mostRecords = mostRecords;
    }

    /**
     * Refuses every new call during an outage.
     *
     * @param spool a directory on a local disk that survives the process, for this manager alone; made if need be
     * @return the policy
     */
    public static OutagePolicy failClosed(Path spool) {
        return new OutagePolicy(spool, Usd.ZERO, Duration.ZERO, PROBE_EVERY, MOST_RECORDS);
    }

    /**
     * Lets calls go ahead unchecked during an outage, of scopes whose calls the ledger has admitted before and models
     * whose price is known. All nodes together can pass their limits by at most their number times the allowance, for
     * each outage, and all of it is booked afterwards.
     *
     * @param spool a directory on a local disk that survives the process, for this manager alone; made if need be
     * @param allowance the most that the calls of this node can come to, more than zero
     * @param longest for how long after the outage was first seen, more than zero and at most a day
     * @return the policy
     * @throws InvalidInputException if the allowance or the time is out of range
     */
    public static OutagePolicy failOpen(Path spool, Usd allowance, Duration longest) {
        if (allowance.nanos() == 0) {
            throw new InvalidInputException("allowance", allowance.toString(), "must be more than zero");
        }
        if (longest.isZero() || longest.isNegative() || longest.compareTo(LONGEST_OPEN) > 0) {
            throw new InvalidInputException(
                    "time to fail open", longest.toString(), "must be more than zero and at most a day");
        }
        return new OutagePolicy(spool, allowance, longest, PROBE_EVERY, MOST_RECORDS);
    }

    /**
     * Sets how often the ledger is tried again during an outage; without, every 200 ms.
     *
     * @param period one millisecond to an hour
     * @return a copy
     * @throws InvalidInputException if out of range
     */
    public OutagePolicy probeEvery(Duration period) {
        if (period.compareTo(Duration.ofMillis(1)) < 0 || period.compareTo(Duration.ofHours(1)) > 0) {
            throw new InvalidInputException("probe period", period.toString(), "must be 1 ms to an hour");
        }
        return new OutagePolicy(spool, allowance, longest, period, mostRecords);
    }

    /**
     * Sets how many operations may wait in the spool; without, 100,000. What does not fit fails as it would without a
     * spool.
     *
     * @param records one or more
     * @return a copy
     * @throws InvalidInputException if it is less
     */
    public OutagePolicy spoolAtMost(int records) {
        if (records < 1) {
            throw new InvalidInputException("spool size", Integer.toString(records), "must be at least 1");
        }
        return new OutagePolicy(spool, allowance, longest, probeEvery, records);
    }

    OutageTerms terms() {
        return new OutageTerms(spool, allowance.nanos(), longest.toNanos(), probeEvery.toNanos(), mostRecords);
    }
}
