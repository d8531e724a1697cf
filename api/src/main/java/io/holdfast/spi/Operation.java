package io.holdfast.spi;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Names;
import io.holdfast.unit.Amounts;
import java.util.List;
import java.util.Set;
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
     * One way to make a call. The ledger knows no prices, so the caller says beforehand what each way would come to.
     *
     * @param rung the model as the scope's ladder names it; for the first offer, the model asked for
     * @param model what would be used; matched against the models of the limits
     * @param amounts the most it can come to
     */
    record Offer(String rung, String model, Amounts amounts) {}

    /**
     * How a call may be treated on the way to a limit.
     *
     * @param finalCall whether it may use what limits reserve for final calls
     * @param loopKey what a loop guard counts it by, 1 to 256 characters; without, no loop guard counts it
     * @param leastOutput down to how many output tokens it may be shortened, or {@link #WHOLE}; the ledger only tells
     *     requests apart by it
     */
    record Policy(boolean finalCall, @Nullable String loopKey, long leastOutput) {
        /** The call may not be shortened. */
        public static final long WHOLE = -1;

        /** An ordinary call. */
        public static final Policy NONE = new Policy(false, null, WHOLE);

        /** Checks the key. */
        public Policy {
            if (loopKey != null) {
                Names.check("loop key", loopKey);
            }
        }
    }

    /**
     * A call that asks to be admitted.
     *
     * @param scope the scope that pays
     * @param session the session, if any
     * @param offers the ways to make the call: first as asked, then those of the ladder that the caller knows of
     * @param shortened the last resort: the last of those ways with a shorter answer, if the caller has one
     * @param policy how it may be treated
     * @param allotment the hold of the {@link Allot} that the call draws on, for one of a child session
     */
    record Request(
            String scope,
            @Nullable String session,
            List<Offer> offers,
            @Nullable Offer shortened,
            Policy policy,
            @Nullable String allotment) {
        /** Checks that there is a first offer. */
        public Request {
            offers = List.copyOf(offers);
            if (offers.isEmpty()) {
                throw new InvalidInputException("offers", "[]", "must have the call as asked");
            }
        }

        /**
         * Makes a request for a call as it is or not at all.
         *
         * @param scope the scope that pays
         * @param session the session, if any
         * @param model what will be used
         * @param amounts the most it can come to
         */
        public Request(String scope, @Nullable String session, String model, Amounts amounts) {
            this(scope, session, List.of(new Offer(model, model, amounts)), null, Policy.NONE, null);
        }

        /**
         * Returns the call as asked.
         *
         * @return the first offer
         */
        public Offer asked() {
            return offers.get(0);
        }
    }

    /**
     * Sets the amounts of one of the offers aside in every matching limit of the scope and its ancestors, or in none.
     *
     * @param id names the operation and the hold
     * @param request what is asked for
     * @param ttlMillis how long the hold may stay open once any delay is over, 1 to 31 days in milliseconds
     * @param onExpiry what becomes of it after that
     * @param detail kept for the entry, should the hold be booked at its estimate
     */
    record Reserve(OperationId id, Request request, long ttlMillis, OnExpiry onExpiry, Detail detail)
            implements Identified, OnScope {
        /**
         * Makes a reserve for a call as it is or not at all.
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
        public Reserve(
                OperationId id,
                String scope,
                @Nullable String session,
                String model,
                Amounts amounts,
                long ttlMillis,
                OnExpiry onExpiry,
                Detail detail) {
            this(id, new Request(scope, session, model, amounts), ttlMillis, onExpiry, detail);
        }

        @Override
        public String scope() {
            return request.scope;
        }

        /**
         * Returns the session.
         *
         * @return the session, if any
         */
        public @Nullable String session() {
            return request.session;
        }

        /**
         * Returns the model asked for.
         *
         * @return that of the first offer
         */
        public String model() {
            return request.asked().model;
        }

        /**
         * Returns what the call comes to at most as asked.
         *
         * @return the amounts of the first offer
         */
        public Amounts amounts() {
            return request.asked().amounts;
        }
    }

    /**
     * Sets money aside for a child session, in every limit on the cost of all models of the session, its scope and the
     * scope's ancestors, or in none. {@link Release} gives back what is left of it.
     *
     * @param id names the operation and the hold
     * @param scope the scope that pays
     * @param session the session that all its calls count in
     * @param from the hold of another {@code Allot} that this one draws on, for a child of a child
     * @param name the child session, for people
     * @param cost the child's whole budget in nano-dollars, zero or more
     * @param ttlMillis how long the child may be called, 1 to 31 days in milliseconds
     */
    record Allot(
            OperationId id,
            String scope,
            String session,
            @Nullable String from,
            String name,
            long cost,
            long ttlMillis) implements Identified, OnScope {}

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
     * @param loopKey what loop guards count it by, 1 to 256 characters; without, none counts it
     * @param allotment the hold of the {@link Allot} that pays, for a call of a child session
     * @param detail kept in the entry
     */
    record Book(
            OperationId id,
            String scope,
            @Nullable String session,
            String model,
            Amounts amounts,
            @Nullable String loopKey,
            @Nullable String allotment,
            Detail detail)
            implements Identified, OnScope {
        /** Checks the key. */
        public Book {
            if (loopKey != null) {
                Names.check("loop key", loopKey);
            }
        }

        /**
         * Books without a key.
         *
         * @param id names the operation
         * @param scope the scope that pays
         * @param session the session, if any
         * @param model what was used
         * @param amounts what it came to
         * @param detail kept in the entry
         */
        public Book(
                OperationId id, String scope, @Nullable String session, String model, Amounts amounts, Detail detail) {
            this(id, scope, session, model, amounts, null, null, detail);
        }
    }

    /**
     * Sets what a session has committed back to zero; open holds stay.
     *
     * @param id names the operation
     * @param scope the scope of the session
     * @param session the session
     */
    record ResetSession(OperationId id, String scope, String session) implements Identified, OnScope {}

    /**
     * Asks what a {@link Reserve} would come to; holds nothing.
     *
     * @param request what would be asked for
     */
    record Check(Request request) implements OnScope {
        /**
         * Asks about a call as it is or not at all.
         *
         * @param scope the scope that would pay
         * @param session the session, if any
         * @param model what would be used
         * @param amounts the most it can come to
         */
        public Check(String scope, @Nullable String session, String model, Amounts amounts) {
            this(new Request(scope, session, model, amounts));
        }

        @Override
        public String scope() {
            return request.scope;
        }

        /**
         * Returns the session.
         *
         * @return the session, if any
         */
        public @Nullable String session() {
            return request.session;
        }

        /**
         * Returns the model asked for.
         *
         * @return that of the first offer
         */
        public String model() {
            return request.asked().model;
        }

        /**
         * Returns what the call comes to at most as asked.
         *
         * @return the amounts of the first offer
         */
        public Amounts amounts() {
            return request.asked().amounts;
        }
    }

    /**
     * Asks how every limit of a scope and its ancestors stands.
     *
     * @param scope the scope
     * @param session the session to show limits per session for; without, those of the scope's own sessions are shown
     * @param allotment the hold of the {@link Allot} whose child session is to be shown before them
     */
    record Inspect(
            String scope,
            @Nullable String session,
            @Nullable String allotment) implements OnScope {
        /**
         * Asks about no child session.
         *
         * @param scope the scope
         * @param session the session, if any
         */
        public Inspect(String scope, @Nullable String session) {
            this(scope, session, null);
        }
    }

    /**
     * Takes over one change of another ledger, as it is and with its time. The first change of a copy is {@link
     * Change.ImportBegun}, which only a ledger without scopes takes, and its last is {@link Change.ImportEnded}. In between
     * every other operation is refused by a {@link StoreException}, so that half a copy is never taken for a ledger. A
     * change that was taken before changes nothing, so a lost answer is settled by asking again; one that does not follow
     * from those before it is refused by a {@link StoreException}.
     *
     * @param copy names this one copy of the other ledger
     * @param number the place of the change in the copy, from 0
     * @param change the change
     */
    record Import(String copy, long number, Change change) implements Operation {}

    /** Expires the holds that are out of time, which every other operation does too. */
    record Sweep() implements Operation {}

    /**
     * Has notices of some kinds queued for a subscription from now on. The same again changes nothing; other kinds take
     * the place of those before, and what waits stays.
     *
     * @param subscription 1 to 256 characters without control characters
     * @param kinds the notices asked for, at least one
     * @param revive whether a subscription that was disabled takes notices again
     */
    record Subscribe(String subscription, Set<NoticeKind> kinds, boolean revive) implements Operation {
        /** Checks the name and the kinds. */
        public Subscribe {
            Names.check("subscription", subscription);
            if (kinds.isEmpty()) {
                throw new InvalidInputException("kinds of subscription '" + subscription + "'", "none", "must be some");
            }
            kinds = Set.copyOf(kinds);
        }
    }

    /**
     * Ends a subscription and empties its queue. One that is unknown is left so.
     *
     * @param subscription its name
     * @param disable whether to remember it as disabled, so that it begins again only where that is asked for
     */
    record Unsubscribe(String subscription, boolean disable) implements Operation {}

    /**
     * Asks to deliver for a subscription for a while, in which nobody else does, and for the notices to be delivered.
     *
     * @param subscription its name
     * @param worker who asks: 1 to 256 characters without control characters
     * @param most the most notices wanted, 1 to 1,000
     * @param leaseMillis for how long, up to an hour in milliseconds; 0 gives the subscription back
     */
    record Claim(String subscription, String worker, int most, long leaseMillis) implements Operation {
        private static final int MOST = 1_000;
        private static final long LONGEST = 3_600_000;

        /** Checks the worker and the numbers. */
        public Claim {
            Names.check("worker", worker);
            if (most < 1 || most > MOST) {
                throw new InvalidInputException("notices wanted", Integer.toString(most), "must be 1 to " + MOST);
            }
            if (leaseMillis < 0 || leaseMillis > LONGEST) {
                throw new InvalidInputException("lease", leaseMillis + " ms", "must be 0 to " + LONGEST + " ms");
            }
        }
    }

    /**
     * Takes a message out of a subscription's queue. One that is not there is left so.
     *
     * @param subscription its name
     * @param messageId the message
     * @param delivered whether it was delivered, and not given up
     */
    record Dequeue(String subscription, String messageId, boolean delivered) implements Operation {}

    /** Asks how every subscription stands. */
    record Subscriptions() implements Operation {}
}
