package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.QueuedNotice;
import io.holdfast.spi.SubscriptionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be delivered to subscriptions: the fold of the changes of the outbox. What enters it is decided by
 * {@link OutboxRules}.
 */
final class Outbox {
    static final int MOST_SUBSCRIPTIONS = 16;
    static final int MOST_QUEUED = 10_000;

    /** For how long a limit that was told to refuse is not told again. */
    private static final long QUIET = Duration.ofHours(1).toMillis();

    private static final int MOST_QUIET = 10_000;

    private final Map<String, Subscription> subscriptions = new TreeMap<>();
    /** When each limit was last told to refuse, the longest ago first. */
    private final Map<String, Long> refusals = new LinkedHashMap<>();

    /** A subscription and its queue, the oldest message first. */
    static final class Subscription {
        final String name;
        final Map<String, QueuedNotice> queue = new LinkedHashMap<>();
        Set<NoticeKind> kinds = Set.of();
        boolean disabled;
        long queued;
        long dropped;

        @Nullable
        String worker;

        long leaseUntil;

        Subscription(String name) {
            this.name = name;
        }

        boolean wants(NoticeKind kind) {
            return !disabled && kinds.contains(kind);
        }

        boolean full() {
            return queue.size() >= MOST_QUEUED;
        }

        SubscriptionState state() {
            return new SubscriptionState(name, kinds, disabled, queue.size(), dropped, worker, leaseUntil);
        }
    }

    // ---- reading

    boolean isEmpty() {
        return subscriptions.isEmpty();
    }

    int size() {
        return subscriptions.size();
    }

    @Nullable
    Subscription subscription(String name) {
        return subscriptions.get(name);
    }

    List<Subscription> wanting(NoticeKind kind) {
        List<Subscription> wanting = new ArrayList<>();
        for (Subscription each : subscriptions.values()) {
            if (each.wants(kind)) {
                wanting.add(each);
            }
        }
        return wanting;
    }

    List<SubscriptionState> states() {
        return subscriptions.values().stream().map(Subscription::state).toList();
    }

    /** Tells whether any of the limits was not told for a while, as one that refuses or one that guards. */
    boolean untold(NoticeKind kind, List<LimitState> limits, long now) {
        for (LimitState limit : limits) {
            Long told = refusals.get(key(kind, limit));
            if (told == null || told <= now - QUIET) {
                return true;
            }
        }
        return false;
    }

    private static String key(NoticeKind kind, LimitState limit) {
        String session = limit.session() == null ? "" : limit.session();
        String loopKey = limit.loopKey() == null ? "" : limit.loopKey();
        return String.join(
                "\n",
                kind.name(),
                limit.scope(),
                session,
                loopKey,
                limit.limit().key());
    }

    // ---- changing

    void apply(Change.OfOutbox change) {
        if (change instanceof Change.Subscribed subscribed) {
            Subscription subscription = subscriptions.computeIfAbsent(change.subscription(), Subscription::new);
            subscription.kinds = subscribed.kinds();
            subscription.disabled = false;
        } else if (change instanceof Change.Unsubscribed unsubscribed) {
            unsubscribe(existing(change), unsubscribed.disabled());
        } else if (change instanceof Change.Queued queued) {
            queue(existing(change), queued);
        } else if (change instanceof Change.Dropped) {
            existing(change).dropped++;
        } else if (change instanceof Change.Claimed claimed) {
            Subscription subscription = existing(change);
            subscription.worker = claimed.worker();
            subscription.leaseUntil = claimed.until();
        } else if (change instanceof Change.Dequeued dequeued) {
            Subscription subscription = existing(change);
            subscription.queue.remove(dequeued.messageId());
            subscription.dropped += dequeued.delivered() ? 0 : 1;
        }
    }

    private Subscription existing(Change.OfOutbox change) {
        Subscription subscription = subscriptions.get(change.subscription());
        if (subscription == null) {
            throw new IllegalStateException(
                    "a change names subscription '" + change.subscription() + "', which is not made before it");
        }
        return subscription;
    }

    private void unsubscribe(Subscription subscription, boolean disabled) {
        if (!disabled) {
            subscriptions.remove(subscription.name);
            return;
        }
        subscription.disabled = true;
        subscription.dropped += subscription.queue.size();
        subscription.queue.clear();
        subscription.worker = null;
        subscription.leaseUntil = 0;
    }

    private void queue(Subscription subscription, Change.Queued queued) {
        subscription.queued++;
        subscription.queue.put(queued.messageId(), new QueuedNotice(queued.messageId(), queued.at(), queued.notice()));
        if (queued.notice() instanceof Notice.Refused refused) {
            refused.limits().forEach(limit -> told(key(refused.kind(), limit), queued.at()));
        } else if (queued.notice() instanceof Notice.Looped looped) {
            told(key(looped.kind(), looped.guard()), queued.at());
        }
    }

    /** Keeps the times in order and lets go of those that make no difference any more. */
    private void told(String key, long at) {
        refusals.remove(key);
        refusals.put(key, at);
        Iterator<Long> oldest = refusals.values().iterator();
        while (oldest.hasNext() && (oldest.next() <= at - QUIET || refusals.size() > MOST_QUIET)) {
            oldest.remove();
        }
    }

    // ---- the whole

    void items(Consumer<StateItem> sink) {
        for (Subscription each : subscriptions.values()) {
            sink.accept(new StateItem.Subscription(
                    each.name, each.kinds, each.disabled, each.queued, each.dropped, each.worker, each.leaseUntil));
            each.queue.values().forEach(queued -> sink.accept(new StateItem.Queued(each.name, queued)));
        }
        refusals.forEach((key, at) -> sink.accept(new StateItem.Refusal(key, at)));
    }

    void load(StateItem.Subscription item) {
        Subscription subscription = new Subscription(item.name());
        subscription.kinds = item.kinds();
        subscription.disabled = item.disabled();
        subscription.queued = item.queued();
        subscription.dropped = item.dropped();
        subscription.worker = item.worker();
        subscription.leaseUntil = item.leaseUntil();
        subscriptions.put(item.name(), subscription);
    }

    void load(StateItem.Queued item) {
        Subscription subscription = subscriptions.get(item.subscription());
        if (subscription == null) {
            throw new IllegalStateException(
                    "an item names subscription '" + item.subscription() + "', which is not before it");
        }
        subscription.queue.put(item.message().id(), item.message());
    }

    void load(StateItem.Refusal item) {
        refusals.put(item.limit(), item.at());
    }
}
