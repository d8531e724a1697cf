package io.holdfast.internal;

import io.holdfast.limit.Limit;
import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.QueuedNotice;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a ledger's state, as snapshots keep it. A state is written and read as items in this order: clock,
 * import, templates, scopes (parents first), sessions, counters, holds, answers, subscriptions each before what waits for
 * it, refusals. Times are milliseconds since the epoch.
 */
public sealed interface StateItem {
    /**
     * The latest time the ledger has seen.
     *
     * @param at the time
     */
    record Clock(long at) implements StateItem {}

    /**
     * That changes of another ledger were taken over.
     *
     * @param copy names the copy
     * @param changes how many so far, with those that mark its begin and end
     * @param ended whether that was all
     */
    record Imported(String copy, long changes, boolean ended) implements StateItem {}

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
     * A session.
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
     * @param loopKey the key, for a counter of a loop guard
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
            @Nullable String loopKey,
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
     * @param loopKey the key, for a loop guard
     */
    record CounterRef(String scope, Limit limit, @Nullable String loopKey) {}

    /**
     * What is left of an allotment.
     *
     * @param name the child session, for people
     * @param left what no call holds and nobody has spent, in nano-dollars
     * @param spent what was spent, in nano-dollars
     */
    record Allotted(String name, long left, long spent) {}

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
     * @param delayMillis how long its call had to wait
     * @param expiresAt when it runs out
     * @param onExpiry what then
     * @param steps the steps of limits that its call passed
     * @param fingerprint tells its request from another with the same id
     * @param detail for its entry, while it may still need one
     * @param counters where it is counted, while it may still change them
     * @param state its state
     * @param settledAt when it settled or ran out
     * @param booked what was booked for it
     * @param sessionResets how often its session had been reset when it ran out
     * @param drawsOn the open allotment that it draws on, if any; that item comes before this one
     * @param allotted what is left of it, where it is an allotment itself
     */
    record Held(
            String id,
            boolean given,
            String scope,
            @Nullable String session,
            String model,
            Amounts amounts,
            long admittedAt,
            long delayMillis,
            long expiresAt,
            OnExpiry onExpiry,
            List<PassedStep> steps,
            long fingerprint,
            Detail detail,
            List<CounterRef> counters,
            HoldState state,
            long settledAt,
            Amounts booked,
            int sessionResets,
            @Nullable String drawsOn,
            @Nullable Allotted allotted)
            implements StateItem {}

    /**
     * An operation that was carried out and made no hold.
     *
     * @param root the topmost scope
     * @param id the operation, with a letter before it for its kind
     * @param given whether its caller chose the id
     * @param fingerprint tells its content from another
     * @param at when
     */
    record Answered(String root, String id, boolean given, long fingerprint, long at) implements StateItem {}

    /**
     * A subscription.
     *
     * @param name its name
     * @param kinds the notices it asks for
     * @param disabled whether it was disabled
     * @param queued how many messages it ever got
     * @param dropped how many it lost
     * @param worker who delivers, if anybody ever did
     * @param leaseUntil until when
     */
    record Subscription(
            String name,
            Set<NoticeKind> kinds,
            boolean disabled,
            long queued,
            long dropped,
            @Nullable String worker,
            long leaseUntil)
            implements StateItem {}

    /**
     * A message that waits.
     *
     * @param subscription for whom
     * @param message the message
     */
    record Queued(String subscription, QueuedNotice message) implements StateItem {}

    /**
     * A limit that was told to refuse.
     *
     * @param limit which
     * @param at when
     */
    record Refusal(String limit, long at) implements StateItem {}
}
