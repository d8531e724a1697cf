package io.holdfast.webhooks;

import io.holdfast.Outbox;
import io.holdfast.event.QueuedEvent;
import io.holdfast.spi.SubscriptionState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes what waits for one subscription to its receiver, step by step. It sends only while it has the subscription's lease;
 * a message stays in the outbox until the receiver has it, and keeps its id. Used by one thread.
 */
final class Courier {
    private static final System.Logger LOG = System.getLogger(Courier.class.getName());
    private static final int AT_ONCE = 100;
    private static final int MOST = 1_000;

    private final Outbox outbox;
    private final Transport transport;
    private final Settings settings;
    private final Backoff backoff;
    private final InstantSource clock;
    private final LongSupplier ticks;
    private final BooleanSupplier closing;

    /** Messages whose receiver did not want them, or not yet. */
    private final Map<String, Retry> retries = new HashMap<>();
    /** Messages that arrived and are perhaps still in the outbox. */
    private final Set<String> arrived = new HashSet<>();

    private int failures;
    private long closedUntil = Long.MIN_VALUE;
    private boolean ended;

    /** Sends a message once. */
    interface Transport {
        Delivery send(String id, String body);
    }

    /**
     * How to deliver.
     *
     * @param subscription whose messages
     * @param worker the name of this courier, unlike any other's
     * @param lease for how long to ask for the subscription
     * @param timeout how long sending one message takes at most
     * @param giveUpAfter how old a message gets before it is given up
     * @param poll how often to look for messages
     */
    record Settings(
            String subscription,
            String worker,
            Duration lease,
            Duration timeout,
            Duration giveUpAfter,
            Duration poll) {}

    private record Retry(int failures, long due) {}

    /**
     * Makes a courier.
     *
     * @param clock the time of day, to tell the age of messages
     * @param ticks milliseconds of a clock that never jumps
     * @param closing whether to stop as soon as may be
     */
    Courier(
            Outbox outbox,
            Transport transport,
            Settings settings,
            Backoff backoff,
            InstantSource clock,
            LongSupplier ticks,
            BooleanSupplier closing) {
        this.outbox = outbox;
        this.transport = transport;
        this.settings = settings;
        this.backoff = backoff;
        this.clock = clock;
        this.ticks = ticks;
        this.closing = closing;
    }

    /** Tells whether there is nothing left to do for good, because the subscription has ended. */
    boolean ended() {
        return ended;
    }

    /**
     * Delivers what can be delivered now.
     *
     * @return how long to wait before the next step, in milliseconds
     */
    long step() {
        long now = ticks.getAsLong();
        if (now < closedUntil) {
            return closedUntil - now;
        }
        SubscriptionState state = state();
        if (state == null || state.disabled()) {
            ended = true;
            return settings.poll.toMillis();
        }
        if (state.pending() == 0) {
            retries.clear();
            arrived.clear();
            return settings.poll.toMillis();
        }
        // Those that the receiver did not want are in the way of none behind them.
        int most = Math.min(MOST, AT_ONCE + retries.size());
        Outbox.Claimed claimed = outbox.claim(settings.subscription, settings.worker, most, settings.lease);
        keep(claimed.events());
        if (claimed.events().isEmpty()) {
            return Math.max(
                    1, Math.min(settings.poll.toMillis(), claimed.lease().toMillis()));
        }
        long wait = deliver(claimed.events(), now + claimed.lease().toMillis());
        boolean more = claimed.events().size() == most && (most < MOST || retries.size() < most);
        return more && !ended && ticks.getAsLong() >= closedUntil ? 0 : wait;
    }

    /** Gives the subscription back, so that another worker need not wait for the end of the lease. */
    void giveBack() {
        outbox.giveBack(settings.subscription, settings.worker);
    }

    private @Nullable SubscriptionState state() {
        return outbox.subscriptions().stream()
                .filter(each -> each.name().equals(settings.subscription))
                .findFirst()
                .orElse(null);
    }

    private void keep(List<QueuedEvent> events) {
        Set<String> ids = events.stream().map(QueuedEvent::id).collect(Collectors.toSet());
        retries.keySet().retainAll(ids);
        arrived.retainAll(ids);
    }

    private long deliver(List<QueuedEvent> events, long leaseEnd) {
        long wait = settings.poll.toMillis();
        for (QueuedEvent event : events) {
            long now = ticks.getAsLong();
            Retry retry = retries.get(event.id());
            if (retry != null && retry.due > now) {
                wait = Math.min(wait, retry.due - now);
                continue;
            }
            if (closing.getAsBoolean() || now + settings.timeout.toMillis() > leaseEnd) {
                return 0;
            }
            deliver(event);
            if (ended) {
                return wait;
            }
            now = ticks.getAsLong();
            if (now < closedUntil) {
                return closedUntil - now;
            }
            retry = retries.get(event.id());
            wait = retry == null ? wait : Math.max(1, Math.min(wait, retry.due - now));
        }
        return wait;
    }

    private void deliver(QueuedEvent event) {
        if (arrived.contains(event.id())) {
            outbox.delivered(settings.subscription, event.id());
            return;
        }
        Delivery delivery = transport.send(event.id(), EventJson.body(event.event(), event.at()));
        if (delivery.arrived()) {
            failures = 0;
            retries.remove(event.id());
            arrived.add(event.id());
            outbox.delivered(settings.subscription, event.id());
        } else if (delivery.gone()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the receiver of subscription {0} is gone (410): it is disabled until it is revived",
                    settings.subscription);
            outbox.disable(settings.subscription);
            ended = true;
        } else {
            failed(event, delivery);
        }
    }

    private void failed(QueuedEvent event, Delivery delivery) {
        Instant now = clock.instant();
        LOG.log(
                System.Logger.Level.DEBUG,
                "message {0} of subscription {1} did not arrive: {2}",
                event.id(),
                settings.subscription,
                delivery.describe());
        if (delivery.closed()) {
            failures++;
            closedUntil = ticks.getAsLong() + wait(delivery, failures);
        } else {
            Retry before = retries.get(event.id());
            int times = before == null ? 1 : before.failures + 1;
            retries.put(event.id(), new Retry(times, ticks.getAsLong() + wait(delivery, times)));
        }
        if (event.at().plus(settings.giveUpAfter).isBefore(now)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "message {0} of subscription {1} is given up after {2}: {3}",
                    event.id(),
                    settings.subscription,
                    settings.giveUpAfter,
                    delivery.describe());
            outbox.giveUp(settings.subscription, event.id());
        }
    }

    private long wait(Delivery delivery, int times) {
        Duration asked = delivery.retryAfter();
        return asked == null ? backoff.afterFailures(times) : backoff.asked(asked);
    }
}
