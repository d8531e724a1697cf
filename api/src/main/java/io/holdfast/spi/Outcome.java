package io.holdfast.spi;

import io.holdfast.limit.LimitState;
import io.holdfast.unit.Amounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
     * The amounts of one of the offers are held.
     *
     * @param holdId the hold
     * @param model the model to use
     * @param amounts what is held
     * @param admittedAt when, in milliseconds since the epoch
     * @param delayMillis how long the call has to wait from then, zero for not at all
     * @param expiresAt until when it may stay open
     * @param steps the steps of limits that the call passed, empty for a call as asked and at once
     * @param repeated whether an earlier operation with the same id had made it
     * @param notices what came about besides
     */
    record Held(
            String holdId,
            String model,
            Amounts amounts,
            long admittedAt,
            long delayMillis,
            long expiresAt,
            List<PassedStep> steps,
            boolean repeated,
            List<Notice> notices)
            implements Outcome {
        @Override
        public Held after(List<Notice> earlier) {
            return earlier.isEmpty()
                    ? this
                    : new Held(
                            holdId,
                            model,
                            amounts,
                            admittedAt,
                            delayMillis,
                            expiresAt,
                            steps,
                            repeated,
                            joined(earlier, notices));
        }
    }

    /**
     * The call would have to take another model of its scope's ladder, and not all of them were offered; nothing was
     * held. To be asked again with all of them.
     *
     * @param rungs the models below the one asked for, as the ladder names them
     * @param notices what came about besides
     */
    record RungsWanted(List<String> rungs, List<Notice> notices) implements Outcome {
        @Override
        public RungsWanted after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new RungsWanted(rungs, joined(earlier, notices));
        }
    }

    /**
     * Some limits have no room; nothing was held.
     *
     * @param model the model that was tried last: the one asked for, or the last of its ladder
     * @param blocking those limits, the scope's own before its ancestors'
     * @param notices what came about besides
     */
    record Denied(String model, List<LimitState> blocking, List<Notice> notices) implements Outcome {
        @Override
        public Denied after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Denied(model, blocking, joined(earlier, notices));
        }
    }

    /**
     * The hold is settled.
     *
     * @param holdId the hold
     * @param state how
     * @param model what was used, or null while the ledger cannot be asked
     * @param admittedAt when it was made, in milliseconds since the epoch; {@code settledAt} while the ledger cannot be asked
     * @param settledAt when, in milliseconds since the epoch
     * @param estimate what was held
     * @param booked what was booked
     * @param reversed what had been booked in doubt and was taken back by this
     * @param repeated whether it had been settled the same way before
     * @param notices what came about besides
     */
    record Settled(
            String holdId,
            HoldState state,
            @Nullable String model,
            long admittedAt,
            long settledAt,
            Amounts estimate,
            Amounts booked,
            Amounts reversed,
            boolean repeated,
            List<Notice> notices)
            implements Outcome {
        @Override
        public Settled after(List<Notice> earlier) {
            return earlier.isEmpty()
                    ? this
                    : new Settled(
                            holdId,
                            state,
                            model,
                            admittedAt,
                            settledAt,
                            estimate,
                            booked,
                            reversed,
                            repeated,
                            joined(earlier, notices));
        }
    }

    /**
     * The hold may stay open for longer.
     *
     * @param holdId the hold
     * @param expiresAt until when, in milliseconds since the epoch; if repeated, as it stands now
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
     * @param model the model it would use, or the one that was tried last
     * @param amounts what it would hold
     * @param delayMillis how long the call would have to wait
     * @param steps the steps of limits that the call would pass
     * @param limits every limit that applies to that model
     * @param notices what came about besides
     */
    record Checked(
            boolean admitted,
            String model,
            Amounts amounts,
            long delayMillis,
            List<PassedStep> steps,
            List<LimitState> limits,
            List<Notice> notices)
            implements Outcome {
        @Override
        public Checked after(List<Notice> earlier) {
            return earlier.isEmpty()
                    ? this
                    : new Checked(admitted, model, amounts, delayMillis, steps, limits, joined(earlier, notices));
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
     * What a worker is to deliver.
     *
     * @param messages the oldest messages of the queue; none where another worker delivers or nothing waits
     * @param at when, in milliseconds since the epoch
     * @param until until when this worker, or else another, delivers; not after {@code at} where nobody does
     * @param notices what came about besides
     */
    record Claimed(List<QueuedNotice> messages, long at, long until, List<Notice> notices) implements Outcome {
        @Override
        public Claimed after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Claimed(messages, at, until, joined(earlier, notices));
        }
    }

    /**
     * How the subscriptions stand.
     *
     * @param subscriptions all of them, by name
     * @param notices what came about besides
     */
    record Subscribed(List<SubscriptionState> subscriptions, List<Notice> notices) implements Outcome {
        @Override
        public Subscribed after(List<Notice> earlier) {
            return earlier.isEmpty() ? this : new Subscribed(subscriptions, joined(earlier, notices));
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
