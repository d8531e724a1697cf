package io.holdfast.spi;

import io.holdfast.unit.Amounts;
import org.jspecify.annotations.Nullable;

/**
 * What a ledger can be asked. Each operation is one atomic step. A hold has the id of the {@link Reserve} that made it;
 * to settle it again with the same content changes nothing and answers the same.
 */
public sealed interface Operation {
    /** A write that is answered the same when its id is asked again. */
    sealed interface Identified extends Operation {
        /**
         * Returns the id of the write.
         *
         * @return the id
         */
        OperationId id();
    }

    /** A write that concerns a scope. */
    sealed interface OnScope extends Operation {
        /**
         * Returns the scope.
         *
         * @return its name
         */
        String scope();
    }

    /**
     * Defines a scope or a template. The same definition again changes nothing.
     *
     * @param definition the definition
     * @param replace whether it may take the place of another; without, another definition is a conflict
     */
    record Define(ScopeDefinition definition, boolean replace) implements Operation {}

    /**
     * Removes a scope or a template. What was committed stays: the same name defined again goes on from there.
     *
     * @param scope the name of a scope, or of a template with its star
     * @param removal what to do about open holds
     */
    record Remove(String scope, Removal removal) implements OnScope {}

    /**
     * Sets amounts aside in every matching limit of the scope and its ancestors, or in none.
     *
     * @param id names the operation and the hold
     * @param scope the scope that pays
     * @param session the session, if any
     * @param model what will be used; matched against the models of the limits
     * @param amounts the most it can come to
     * @param ttlMillis how long the hold may stay open, 1 to 31 days in milliseconds
     * @param onExpiry what becomes of it after that
     * @param detail kept for the entry, should the hold be booked at its estimate
     */
    record Reserve(
            OperationId id,
            String scope,
            @Nullable String session,
            String model,
            Amounts amounts,
            long ttlMillis,
            OnExpiry onExpiry,
            Detail detail)
            implements Identified, OnScope {}

    /**
     * Books the actual amounts of a hold and frees it.
     *
     * @param scope the scope of the hold
     * @param holdId the hold
     * @param amounts what it came to; more than the hold is booked in full
     * @param estimated whether the amounts are the estimate because nobody knows the actual ones
     * @param detail kept in the entry
     */
    record Commit(String scope, String holdId, Amounts amounts, boolean estimated, Detail detail) implements OnScope {}

    /**
     * Gives a hold back whose call never left.
     *
     * @param scope the scope of the hold
     * @param holdId the hold
     */
    record Release(String scope, String holdId) implements OnScope {}

    /**
     * Lets a hold stay open for longer from now on.
     *
     * @param id names the operation
     * @param scope the scope of the hold
     * @param holdId the hold
     * @param ttlMillis how long from now, 1 to 31 days in milliseconds; never shortens
     */
    record Extend(OperationId id, String scope, String holdId, long ttlMillis) implements Identified, OnScope {}

    /**
     * Books what was already spent.
     *
     * @param id names the operation
     * @param scope the scope that pays
     * @param session the session, if any
     * @param model what was used
     * @param amounts what it came to; booked also where that passes a limit
     * @param detail kept in the entry
     */
    record Book(OperationId id, String scope, @Nullable String session, String model, Amounts amounts, Detail detail)
            implements Identified, OnScope {}

    /**
     * Sets what a session has committed back to zero; open holds stay.
     *
     * @param id names the operation
     * @param scope the scope of the session
     * @param session the session
     */
    record ResetSession(OperationId id, String scope, String session) implements Identified, OnScope {}

    /**
     * Asks whether a {@link Reserve} would be admitted; holds nothing.
     *
     * @param scope the scope that would pay
     * @param session the session, if any
     * @param model what would be used
     * @param amounts the most it can come to
     */
    record Check(String scope, @Nullable String session, String model, Amounts amounts) implements OnScope {}

    /**
     * Asks how every limit of a scope and its ancestors stands.
     *
     * @param scope the scope
     * @param session the session to show limits per session for; without, those of the scope's own sessions are shown
     */
    record Inspect(String scope, @Nullable String session) implements OnScope {}

    /** Expires the holds that are out of time, which every other operation does too. */
    record Sweep() implements Operation {}
}
