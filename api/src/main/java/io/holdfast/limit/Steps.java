package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import java.time.Duration;

/**
 * What a limit does on the way to its amount. A call passes a step when committed, held and asked together are above it.
 * Amounts are in the unit of the limit's meter.
 *
 * @param downgradeAt the soft step, above which a call takes the cheaper model of its scope's ladder; zero for none
 * @param throttleAt the step above which a call is delayed; zero for none
 * @param delayMillis by how long, 1 ms to 24 hours; zero where there is no such step
 * @param finalReserve the rest of the amount that only final calls may use; zero for none
 */
public record Steps(long downgradeAt, long throttleAt, long delayMillis, long finalReserve) {
    /** No step before the amount itself. */
    public static final Steps NONE = new Steps(0, 0, 0, 0);

    private static final long LONGEST_DELAY = Duration.ofHours(24).toMillis();

    /** Checks that nothing is negative and the delay is in its range. */
    public Steps {
        positiveOrNone("downgrade step", downgradeAt);
        positiveOrNone("throttle step", throttleAt);
        positiveOrNone("final reserve", finalReserve);
        boolean delays = delayMillis >= 1 && delayMillis <= LONGEST_DELAY;
        if (throttleAt == 0 ? delayMillis != 0 : !delays) {
            throw new InvalidInputException(
                    "throttle delay",
                    delayMillis + " ms",
                    "must be 1 ms to 24 hours, and none without a throttle step");
        }
    }

    private static void positiveOrNone(String field, long amount) {
        if (amount < 0) {
            throw new InvalidInputException(field, Long.toString(amount), "must be above 0");
        }
    }

    /** Checks the steps against the amount of their limit. */
    void check(Limit limit) {
        within("downgrade step", downgradeAt, limit);
        within("throttle step", throttleAt, limit);
        within("final reserve", finalReserve, limit);
        if (finalReserve > 0 && !limit.hard()) {
            throw new InvalidInputException(
                    "final reserve", limit.format(finalReserve), "must not stand in a limit that refuses nothing");
        }
    }

    private static void within(String field, long step, Limit limit) {
        if (step > limit.amount()) {
            throw new InvalidInputException(
                    field, limit.format(step), "must be at most the limit of " + limit.format(limit.amount()));
        }
    }
}
