package io.holdfast.spi;

import io.holdfast.unit.Amounts;
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
     * @param expiresAt until when
     * @param onExpiry what then
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
            long expiresAt,
            OnExpiry onExpiry,
            long fingerprint,
            Detail detail)
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
}
