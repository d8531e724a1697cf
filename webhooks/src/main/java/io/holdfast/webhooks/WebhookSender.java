package io.holdfast.webhooks;

import io.holdfast.BudgetManager;
import io.holdfast.Outbox;
import io.holdfast.RejectedException;
import io.holdfast.error.HoldfastException;
import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Names;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.Rejection;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a ledger has to tell to an endpoint: every event of the kinds asked for, at least once, under the id that it
 * keeps. Any number of nodes may run the same sender: one of them sends at a time, and another goes on where it dies. Runs
 * on a thread of its own and touches no call. Close it before its manager.
 */
public final class WebhookSender implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WebhookSender.class.getName());
    private static final long SHORTEST_WAIT_MILLIS = 20;
    private static final long WAIT_AFTER_FAILURE_MILLIS = 5_000;

    private final Outbox outbox;
    private final String subscription;
    private final Courier courier;
    private final Duration timeout;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean woken;

    private WebhookSender(Builder builder, BudgetManager budgets) {
        outbox = budgets.outbox();
        subscription = builder.subscription;
        timeout = builder.endpoint.timeout();
        courier = new Courier(
                outbox,
                builder.endpoint::send,
                new Courier.Settings(
                        subscription, worker(), builder.lease(), timeout, builder.giveUpAfter, builder.poll),
                new Backoff(builder.firstRetry, builder.longestRetry, new SecureRandom()),
                InstantSource.system(),
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                () -> closing);
        thread = new Thread(this::run, "holdfast-webhooks-" + subscription);
        thread.setDaemon(true);
        if (subscribed(builder)) {
            budgets.onEvent(event -> wake());
            thread.start();
        }
    }

    /** A receiver that is gone must not keep a service from starting: that it takes nothing any more is only logged. */
    private boolean subscribed(Builder builder) {
        try {
            outbox.subscribe(subscription, builder.kinds, builder.revive);
            return true;
        } catch (RejectedException rejected) {
            if (rejected.reason() != Rejection.SUBSCRIPTION_DISABLED) {
                throw rejected;
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "nothing is sent to {0}: subscription {1} was disabled when its receiver was gone (410)",
                    builder.endpoint,
                    subscription);
            return false;
        }
    }

    private static String worker() {
        byte[] name = new byte[8];
        new SecureRandom().nextBytes(name);
        return HexFormat.of().formatHex(name);
    }

    /**
     * Begins a sender.
     *
     * @param endpoint where messages go
     * @return a builder
     */
    public static Builder to(WebhookEndpoint endpoint) {
        return new Builder(endpoint);
    }

    /**
     * Tells whether messages are still sent.
     *
     * @return false once this was closed, the receiver answered 410, or the subscription was ended or disabled
     */
    public boolean running() {
        return thread.isAlive();
    }

    /** Lets the message that is being sent finish, and sends no more. What waits stays in the ledger. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        try {
            thread.join(timeout.toMillis() + TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException wait) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        if (!woken) {
            woken = true;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        boolean failing = false;
        while (!closing && !courier.ended()) {
            woken = false;
            long wait;
            try {
                wait = courier.step();
                failing = false;
            } catch (Throwable failure) {
                if (!failing) {
                    LOG.log(System.Logger.Level.WARNING, "webhooks of " + subscription + " could not be sent", failure);
                }
                failing = true;
                wait = WAIT_AFTER_FAILURE_MILLIS;
            }
            sleep(Math.max(SHORTEST_WAIT_MILLIS, wait));
        }
        try {
            courier.giveBack();
        } catch (HoldfastException unimportant) {
            LOG.log(System.Logger.Level.DEBUG, "the lease of " + subscription + " has to end by itself", unimportant);
        }
    }

    /** Waits, but not longer than until something happened, and never so short that the ledger is asked all the time. */
    private void sleep(long millis) {
        long start = System.nanoTime();
        long least = TimeUnit.MILLISECONDS.toNanos(SHORTEST_WAIT_MILLIS);
        long most = TimeUnit.MILLISECONDS.toNanos(millis);
        long slept = 0;
        while (!closing && slept < most && (!woken || slept < least)) {
            LockSupport.parkNanos(this, woken ? least - slept : most - slept);
            slept = System.nanoTime() - start;
        }
    }

    /** Gathers what a sender needs. */
    public static final class Builder {
        private static final Duration LONGEST_LEASE = Duration.ofHours(1);
        private static final Duration USUAL_LEASE = Duration.ofSeconds(60);

        private final WebhookEndpoint endpoint;
        private String subscription = "webhooks";
        private Set<NoticeKind> kinds = EnumSet.allOf(NoticeKind.class);
        private boolean revive;
        private @Nullable Duration lease;
        private Duration giveUpAfter = Duration.ofDays(3);
        private Duration poll = Duration.ofSeconds(2);
        private Duration firstRetry = Duration.ofSeconds(1);
        private Duration longestRetry = Duration.ofHours(1);

        private Builder(WebhookEndpoint endpoint) {
            this.endpoint = endpoint;
        }

        /**
         * Names the subscription, one for each endpoint; without, {@code webhooks}.
         *
         * @param name 1 to 256 characters without control characters
         * @return this builder
         * @throws InvalidInputException if it is no name
         */
        public Builder subscription(String name) {
            subscription = Names.check("subscription", name);
            return this;
        }

        /**
         * Chooses what is sent; without, everything.
         *
         * @param wanted at least one kind
         * @return this builder
         */
        public Builder kinds(Set<NoticeKind> wanted) {
            kinds = Set.copyOf(wanted);
            return this;
        }

        /**
         * Begins again where the endpoint answered 410 before.
         *
         * @return this builder
         */
        public Builder revive() {
            revive = true;
            return this;
        }

        /**
         * Sets for how long a node keeps the subscription to itself, which is how long the others wait when it dies; without,
         * 60 seconds, or three timeouts of the endpoint where that is more.
         *
         * @param length longer than twice the endpoint's timeout, at most an hour
         * @return this builder
         * @throws InvalidInputException if it is out of range
         */
        public Builder lease(Duration length) {
            if (length.compareTo(endpoint.timeout().multipliedBy(2)) <= 0 || length.compareTo(LONGEST_LEASE) > 0) {
                throw new InvalidInputException(
                        "webhook lease", length.toString(), "must be longer than two timeouts and at most an hour");
            }
            lease = length;
            return this;
        }

        private Duration lease() {
            if (lease != null) {
                return lease;
            }
            Duration timeouts = endpoint.timeout().multipliedBy(3);
            return timeouts.compareTo(USUAL_LEASE) > 0 ? timeouts : USUAL_LEASE;
        }

        /**
         * Sets how old a message gets that does not arrive before it is given up; without, three days.
         *
         * @param age more than nothing
         * @return this builder
         * @throws InvalidInputException if it is not positive
         */
        public Builder giveUpAfter(Duration age) {
            giveUpAfter = positive("age of a webhook", age);
            return this;
        }

        /**
         * Sets how often to look for what other nodes have queued; without, every 2 seconds. What this node's own calls bring
         * about is sent at once.
         *
         * @param period more than nothing
         * @return this builder
         * @throws InvalidInputException if it is not positive
         */
        public Builder pollEvery(Duration period) {
            poll = positive("period of webhooks", period);
            return this;
        }

        /**
         * Sets how long to wait after failures: at random up to the first, which doubles with each failure up to the longest.
         * Without, 1 second and 1 hour. The longest also bounds what a receiver may ask for.
         *
         * @param first more than nothing
         * @param longest at least as long
         * @return this builder
         * @throws InvalidInputException if one is out of range
         */
        public Builder retryAfter(Duration first, Duration longest) {
            firstRetry = positive("first wait", first);
            if (longest.compareTo(first) < 0) {
                throw new InvalidInputException("longest wait", longest.toString(), "must be at least " + first);
            }
            longestRetry = longest;
            return this;
        }

        private static Duration positive(String what, Duration duration) {
            if (duration.toMillis() < 1) {
                throw new InvalidInputException(what, duration.toString(), "must be at least 1 ms");
            }
            return duration;
        }

        /**
         * Subscribes, if that is not done yet, and starts sending. Where the endpoint answered 410 before, nothing is sent
         * unless it is revived, and {@link #running} tells so.
         *
         * @param budgets whose events to send; stays open for as long as the sender
         * @return a sender to be closed
         * @throws InvalidInputException if no kinds are wanted
         * @throws RejectedException if the ledger has 16 other subscriptions
         */
        public WebhookSender start(BudgetManager budgets) {
            return new WebhookSender(this, budgets);
        }
    }
}
