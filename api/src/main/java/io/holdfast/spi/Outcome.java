package io.holdfast.spi;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import java.util.List;

/** What a ledger answers. */
public sealed interface Outcome {
    /**
     * Returns what the operation brought about besides.
     *
     * @return in the order it happened, mostly empty
     */
    List<Notice> notices();

    /**
     * Returns this outcome with what came about before it in the same step.
     *
     * @param notices put before its own
     * @return this outcome where there are none
     */
    Outcome after(List<Notice> notices);

    /**
     * The amounts are held.
     *
     * @param holdId the hold
     * @param admittedAt when, in milliseconds since the epoch
     * @param expiresAt until when it may stay open
     * @param repeated whether an earlier operation with the same id had made it
     * @param notices what came about besides
     */
    record Held(String holdId, long admittedAt, long expiresAt, boolean repeated, List<Notice> notices)
            implements Outcome {
        @Override
        public Held after(List<Notice> earlier) {
            return earlier.isEmpty()
                    ? this
                    : new Held(holdId, admittedAt, expiresAt, repeated, joined(earlier, notices));
        }
    }

    /**
     * Some limits have no room; nothing was held.
     *
     * @param blocking those limits, the scope's own before its ancestors'
     * @param notices what came about besides
     */
    record Denied(List<LimitState> blocking, List<Notice> notices) implements Outcome {
        @Override
        public Denied after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Denied(blocking, joined(earlier, notices));
        }
    }

    /**
     * The hold is settled.
     *
     * @param holdId the hold
     * @param state how
     * @param settledAt when, in milliseconds since the epoch
     * @param estimate what was held
     * @param booked what was booked
     * @param repeated whether it had been settled the same way before
     * @param notices what came about besides
     */
    record Settled(
            String holdId,
            HoldState state,
            long settledAt,
            Amounts estimate,
            Amounts booked,
            boolean repeated,
            List<Notice> notices)
            implements Outcome {
        @Override
        public Settled after(List<Notice> earlier) {
            return earlier.isEmpty()
                    ? this
                    : new Settled(holdId, state, settledAt, estimate, booked, repeated, joined(earlier, notices));
        }
    }

    /**
     * The hold may stay open for longer.
     *
     * @param holdId the hold
     * @param expiresAt until when, in milliseconds since the epoch
     * @param repeated whether an earlier operation with the same id had extended it
     * @param notices what came about besides
     */
    record Extended(String holdId, long expiresAt, boolean repeated, List<Notice> notices) implements Outcome {
        @Override
        public Extended after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Extended(holdId, expiresAt, repeated, joined(earlier, notices));
        }
    }

    /**
     * The amounts are booked.
     *
     * @param bookedAt when, in milliseconds since the epoch
     * @param passed the hard limits that are now passed
     * @param repeated whether an earlier operation with the same id had booked them
     * @param notices what came about besides
     */
    record Booked(long bookedAt, List<LimitState> passed, boolean repeated, List<Notice> notices) implements Outcome {
        @Override
        public Booked after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Booked(bookedAt, passed, repeated, joined(earlier, notices));
        }
    }

    /**
     * What a reserve would meet.
     *
     * @param admitted whether it would be held
     * @param limits every limit that applies
     * @param notices what came about besides
     */
    record Checked(boolean admitted, List<LimitState> limits, List<Notice> notices) implements Outcome {
        @Override
        public Checked after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Checked(admitted, limits, joined(earlier, notices));
        }
    }

    /**
     * How a scope stands.
     *
     * @param path the definitions of the scope and its ancestors, the scope's own first
     * @param limits every limit of the path
     * @param openHolds the scope's open holds
     * @param at when, in milliseconds since the epoch
     * @param notices what came about besides
     */
    record Inspected(List<ScopeDefinition> path, List<LimitState> limits, long openHolds, long at, List<Notice> notices)
            implements Outcome {
        @Override
        public Inspected after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Inspected(path, limits, openHolds, at, joined(earlier, notices));
        }
    }

    /**
     * The operation is done and has nothing else to tell.
     *
     * @param changed whether it changed anything
     * @param notices what came about besides
     */
    record Done(boolean changed, List<Notice> notices) implements Outcome {
        @Override
        public Done after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Done(changed, joined(earlier, notices));
        }
    }

    /**
     * The operation was not carried out.
     *
     * @param reason why
     * @param subject the name it concerns
     * @param detail what more there is to say, for people
     * @param notices what came about besides
     */
    record Rejected(Rejection reason, String subject, String detail, List<Notice> notices) implements Outcome {
        @Override
        public Rejected after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Rejected(reason, subject, detail, joined(earlier, notices));
        }
    }

    private static List<Notice> joined(List<Notice> earlier, List<Notice> later) {
        java.util.ArrayList<Notice> all = new java.util.ArrayList<>(earlier);
        all.addAll(later);
        return List.copyOf(all);
    }
}
