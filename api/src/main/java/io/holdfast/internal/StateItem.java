package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a ledger's state, as snapshots keep it. A state is written and read as items in this order: clock,
 * templates, scopes (parents first), sessions, counters, holds, answers. Times are milliseconds since the epoch.
 */
public sealed interface StateItem {
    /**
     * The latest time the ledger has seen.
     *
     * @param at the time
     */
    record Clock(long at) implements StateItem {}

    /**
     * A template.
     *
     * @param definition its definition
     */
    record Template(ScopeDefinition definition) implements StateItem {}

    /**
     * A scope.
     *
     * @param name its name
     * @param parent its parent, if any
     * @param own its own definition, if it has one
     * @param template the name of the template that defines it otherwise
     * @param shared the definition of that template, where the template itself was removed
     * @param removed whether it was removed and only its counters are kept
     * @param draining whether it goes when its last hold settles
     */
    record Scope(
            String name,
            @Nullable String parent,
            @Nullable ScopeDefinition own,
            @Nullable String template,
            @Nullable ScopeDefinition shared,
            boolean removed,
            boolean draining)
            implements StateItem {}

    /**
     * A session that the ledger knows.
     *
     * @param owner its scope
     * @param id its id
     * @param resets how often
     */
    record Session(String owner, String id, int resets) implements StateItem {}

    /**
     * A counter that is not empty.
     *
     * @param scope the scope whose limit it counts
     * @param owner the scope of the session, for a counter of a session
     * @param session the session
     * @param limit the limit
     * @param buckets the numbers of its buckets, rising
     * @param committed the committed amounts of those buckets
     * @param heldBuckets the numbers of the buckets of its holds, rising
     * @param held the held amounts of those buckets
     * @param alertLevel how many of its alerts have fired
     */
    record Counted(
            String scope,
            @Nullable String owner,
            @Nullable String session,
            Limit limit,
            List<Long> buckets,
            List<Long> committed,
            List<Long> heldBuckets,
            List<Long> held,
            int alertLevel)
            implements StateItem {}

    /**
     * A counter that a hold is counted in.
     *
     * @param scope the scope whose limit it counts
     * @param limit the limit
     */
    record CounterRef(String scope, Limit limit) {}

    /**
     * A hold, open or remembered.
     *
     * @param id its id
     * @param given whether its caller chose the id
     * @param scope its scope
     * @param session its session, if any
     * @param model its model
     * @param amounts what it held
     * @param admittedAt when it was made
     * @param expiresAt when it runs out
     * @param onExpiry what then
     * @param fingerprint tells its request from another with the same id
     * @param detail for its entry, while it may still need one
     * @param counters where it is counted, while it may still change them
     * @param state its state
     * @param settledAt when it settled or ran out
     * @param booked what was booked for it
     * @param sessionResets how often its session had been reset when it ran out
     * @param extendedBy the last operation that extended it
     * @param extendedFor for how long that did
     */
    record Held(
            String id,
            boolean given,
            String scope,
            @Nullable String session,
            String model,
            Amounts amounts,
            long admittedAt,
            long expiresAt,
            OnExpiry onExpiry,
            long fingerprint,
            Detail detail,
            List<CounterRef> counters,
            HoldState state,
            long settledAt,
            Amounts booked,
            int sessionResets,
            @Nullable String extendedBy,
            long extendedFor)
            implements StateItem {}

    /**
     * An operation without a hold that was carried out.
     *
     * @param root the topmost scope
     * @param id the operation, with a letter before it for its kind
     * @param given whether its caller chose the id
     * @param fingerprint tells its content from another
     * @param at when
     */
    record Answered(String root, String id, boolean given, long fingerprint, long at) implements StateItem {}
}
