package io.holdfast.spi;

import io.holdfast.unit.Amounts;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operation did to a ledger, and all that a store has to keep: to apply the changes of a ledger in order to an
 * empty state gives the state again. Times are milliseconds since the epoch on the store's clock and never fall.
 */
public sealed interface Change {
    /**
     * Returns when it happened.
     *
     * @return milliseconds since the epoch
     */
    long at();

    /**
     * A scope or template was defined.
     *
     * @param at when
     * @param definition the definition that holds from now on
     */
    record Defined(long at, ScopeDefinition definition) implements Change {}

    /**
     * A scope or template was removed.
     *
     * @param at when
     * @param scope its name
     * @param draining whether it goes only when its last hold settles
     */
    record Removed(long at, String scope, boolean draining) implements Change {}

    /**
     * A hold was made.
     *
     * @param at when
     * @param id the operation and the hold
     * @param scope the scope that pays; defined by its template if it was not yet
     * @param session the session, if any
     * @param model what will be used
     * @param amounts what is held
     * @param delayMillis how long the call had to wait
     * @param expiresAt until when
     * @param onExpiry what then
     * @param steps the steps of limits that the call passed
     * @param loopKey what loop guards count it by, if there are any
     * @param allotment the allotment it draws on, if any
     * @param fingerprint tells this request from another with the same id
     * @param detail for the entry
     */
    record Held(
            long at,
            OperationId id,
            String scope,
            @Nullable String session,
            String model,
            Amounts amounts,
            long delayMillis,
            long expiresAt,
            OnExpiry onExpiry,
            List<PassedStep> steps,
            @Nullable String loopKey,
            @Nullable String allotment,
            long fingerprint,
            Detail detail)
            implements Change {
        /** Keeps the steps as they are. */
        public Held {
            steps = List.copyOf(steps);
        }
    }

    /**
     * Money was set aside for a child session: a hold that is given back and never booked.
     *
     * @param at when
     * @param id the operation and the hold
     * @param scope the scope that pays; defined by its template if it was not yet
     * @param session the session that all its calls count in
     * @param from the allotment it draws on, if any
     * @param name the child session, for people
     * @param cost what is held, in nano-dollars
     * @param expiresAt until when
     * @param fingerprint tells this request from another with the same id
     */
    record Allotted(
            long at,
            OperationId id,
            String scope,
            String session,
            @Nullable String from,
            String name,
            long cost,
            long expiresAt,
            long fingerprint)
            implements Change {}

    /**
     * A hold was committed, in time or late.
     *
     * @param at when
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param model its model
     * @param kind {@link EntryKind#COMMITTED}, {@link EntryKind#ESTIMATED} or {@link EntryKind#LATE}
     * @param amounts what was booked
     * @param reversed what had been booked in doubt and is taken back, for a late commit
     * @param detail for the entry
     */
    record Committed(
            long at,
            String holdId,
            String scope,
            @Nullable String session,
            String model,
            EntryKind kind,
            Amounts amounts,
            @Nullable Amounts reversed,
            Detail detail)
            implements Change {}

    /**
     * A hold was given back.
     *
     * @param at when
     * @param holdId the hold
     * @param scope its scope
     */
    record Released(long at, String holdId, String scope) implements Change {}

    /**
     * A hold ran out of time.
     *
     * @param at when that was noticed
     * @param holdId the hold
     * @param scope its scope
     * @param session its session, if any
     * @param model its model
     * @param due when it ran out; an estimate booked in doubt counts from then
     * @param booked the estimate, if it was booked
     * @param detail for the entry
     */
    record Expired(
            long at,
            String holdId,
            String scope,
            @Nullable String session,
            String model,
            long due,
            @Nullable Amounts booked,
            Detail detail)
            implements Change {}

    /**
     * A hold may stay open for longer.
     *
     * @param at when
     * @param id the operation
     * @param holdId the hold
     * @param scope its scope
     * @param expiresAt until when
     * @param ttlMillis how long was asked for
     */
    record Extended(long at, OperationId id, String holdId, String scope, long expiresAt, long ttlMillis)
            implements Change {}

    /**
     * Amounts were booked without a hold.
     *
     * @param at when
     * @param id the operation
     * @param scope the scope that paid; defined by its template if it was not yet
     * @param session the session, if any
     * @param model what was used
     * @param amounts what was booked
     * @param loopKey what loop guards count it by, if there are any
     * @param allotment the allotment it draws on, if any
     * @param fingerprint tells this request from another with the same id
     * @param detail for the entry
     */
    record Booked(
            long at,
            OperationId id,
            String scope,
            @Nullable String session,
            String model,
            Amounts amounts,
            @Nullable String loopKey,
            @Nullable String allotment,
            long fingerprint,
            Detail detail)
            implements Change {}

    /**
     * A session's committed amounts were set back to zero.
     *
     * @param at when
     * @param id the operation
     * @param scope the scope of the session
     * @param session the session
     */
    record SessionReset(long at, OperationId id, String scope, String session) implements Change {}

    /** A change of what waits to be delivered to subscriptions. */
    sealed interface OfOutbox extends Change {
        /**
         * Returns the subscription.
         *
         * @return its name
         */
        String subscription();
    }

    /**
     * A subscription was made, or now asks for other notices.
     *
     * @param at when
     * @param subscription its name
     * @param kinds the notices it asks for from now on
     */
    record Subscribed(long at, String subscription, Set<NoticeKind> kinds) implements OfOutbox {
        /** Keeps the kinds as they are now. */
        public Subscribed {
            kinds = Set.copyOf(kinds);
        }
    }

    /**
     * A subscription ended, and its queue is empty.
     *
     * @param at when
     * @param subscription its name
     * @param disabled whether it is remembered as disabled
     */
    record Unsubscribed(long at, String subscription, boolean disabled) implements OfOutbox {}

    /**
     * A notice entered the queue of a subscription.
     *
     * @param at when
     * @param subscription its name
     * @param messageId names the message
     * @param notice what there is to tell
     */
    record Queued(long at, String subscription, String messageId, Notice notice) implements OfOutbox {}

    /**
     * A notice found the queue of a subscription full.
     *
     * @param at when
     * @param subscription its name
     */
    record Dropped(long at, String subscription) implements OfOutbox {}

    /**
     * A worker delivers for a subscription, and nobody else does.
     *
     * @param at when
     * @param subscription its name
     * @param worker the worker
     * @param until until when, unless it asks again; now, where it gives the subscription back
     */
    record Claimed(long at, String subscription, String worker, long until) implements OfOutbox {}

    /**
     * A message left the queue of a subscription.
     *
     * @param at when
     * @param subscription its name
     * @param messageId the message
     * @param delivered whether it was delivered, and not given up
     */
    record Dequeued(long at, String subscription, String messageId, boolean delivered) implements OfOutbox {}

    /**
     * The ledger began to take over the changes of another; until {@link ImportEnded} it is of no use to anybody.
     *
     * @param at when the first of them happened
     * @param copy names this one copy of the other ledger
     */
    record ImportBegun(long at, String copy) implements Change {}

    /**
     * All changes of the other ledger were taken over.
     *
     * @param at when the last of them happened
     */
    record ImportEnded(long at) implements Change {}
}
