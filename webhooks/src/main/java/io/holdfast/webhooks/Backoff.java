package io.holdfast.webhooks;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait after failures: anything up to a bound that doubles with each, so that senders spread out. */
final class Backoff {
    private final long first;
    private final long longest;
    private final RandomGenerator random;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first.toMillis();
        this.longest = longest.toMillis();
        this.random = random;
    }

    /**
     * Returns how long to wait.
     *
     * @param failures how many there were in a row, at least one
     * @return milliseconds, at least one
     */
    long afterFailures(int failures) {
        long bound = first;
        for (int doubled = 1; doubled < failures && bound < longest; doubled++) {
            bound = bound > longest / 2 ? longest : 2 * bound;
        }
        return 1 + random.nextLong(Math.max(1, bound));
    }

    /** Returns a wait that the receiver asked for, within bounds. */
    long asked(Duration wait) {
        return Math.max(1, Math.min(longest, wait.toMillis()));
    }
}
