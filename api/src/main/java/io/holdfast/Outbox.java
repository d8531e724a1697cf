package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.event.QueuedEvent;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.SubscriptionState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * What waits in the ledger to be delivered. An event is queued for the subscriptions that ask for it in the same atomic step
 * that brought it about, under an id it keeps, and stays until a worker takes it out: no crash loses one. A queue holds 10,000
 * events; what finds it full is dropped and counted, save refusals, which are queued the next time. Safe for use by several
 * threads.
 */
public final class Outbox {
    private final BudgetManager budgets;

    Outbox(BudgetManager budgets) {
        this.budgets = budgets;
    }

    /**
     * What a worker is to deliver.
     *
     * @param events the oldest events of the queue; none where another worker delivers or nothing waits
     * @param lease for how long this worker, or else another, delivers from the answer on; zero where nobody does
     */
    public record Claimed(List<QueuedEvent> events, Duration lease) {}

    /**
     * Has events of some kinds queued from now on. The same again changes nothing; other kinds take the place of those
     * before.
     *
     * @param subscription 1 to 256 characters without control characters
     * @param kinds the kinds of events, at least one
     * @param revive whether a subscription that was disabled takes events again
     * @throws InvalidInputException if the name is no name or there are no kinds
     * @throws RejectedException if the subscription is disabled and not to be revived, or there are 16 others
     */
    public void subscribe(String subscription, Set<NoticeKind> kinds, boolean revive) {
        budgets.ask(new Operation.Subscribe(subscription, kinds, revive));
    }

    /**
     * Ends a subscription and empties its queue.
     *
     * @param subscription its name; one that is unknown is left so
     */
    public void unsubscribe(String subscription) {
        budgets.ask(new Operation.Unsubscribe(subscription, false));
    }

    /**
     * Ends a subscription, empties its queue, and remembers that it takes nothing until it is revived.
     *
     * @param subscription its name; one that is unknown is left so
     */
    public void disable(String subscription) {
        budgets.ask(new Operation.Unsubscribe(subscription, true));
    }

    /**
     * Returns how every subscription stands.
     *
     * @return all of them, by name
     */
    public List<SubscriptionState> subscriptions() {
        Outcome outcome = budgets.ask(new Operation.Subscriptions());
        if (outcome instanceof Outcome.Subscribed subscribed) {
            return subscribed.subscriptions();
        }
        throw Rejections.unexpected(outcome);
    }

    /**
     * Asks to deliver for a subscription for a while, in which nobody else does, and for the events to be delivered. A
     * worker that asks again keeps the subscription.
     *
     * @param subscription its name
     * @param worker who asks; 1 to 256 characters without control characters, another for each worker
     * @param most the most events wanted, 1 to 1,000
     * @param lease for how long, one millisecond to an hour
     * @return the events, which stay in the queue until they are taken out
     * @throws InvalidInputException if a number is out of range
     * @throws RejectedException if there is no such subscription, or it was disabled
     */
    public Claimed claim(String subscription, String worker, int most, Duration lease) {
        if (lease.toMillis() < 1) {
            throw new InvalidInputException("lease", lease.toString(), "must be at least 1 ms");
        }
        Outcome outcome = budgets.ask(new Operation.Claim(subscription, worker, most, lease.toMillis()));
        if (outcome instanceof Outcome.Claimed claimed) {
            List<QueuedEvent> events = claimed.messages().stream()
                    .map(message -> new QueuedEvent(
                            message.id(), Instant.ofEpochMilli(message.at()), Events.of(message.notice())))
                    .toList();
            boolean leased = claimed.until() > claimed.at();
            return new Claimed(events, leased ? Duration.ofMillis(claimed.until() - claimed.at()) : Duration.ZERO);
        }
        throw Rejections.unexpected(outcome);
    }

    /**
     * Gives a subscription back, so that another worker need not wait.
     *
     * @param subscription its name
     * @param worker who had it; anybody else changes nothing
     */
    public void giveBack(String subscription, String worker) {
        budgets.ask(new Operation.Claim(subscription, worker, 1, 0));
    }

    /**
     * Takes an event out of the queue that was delivered.
     *
     * @param subscription the subscription
     * @param id the event's id; one that is not there is left so
     */
    public void delivered(String subscription, String id) {
        budgets.ask(new Operation.Dequeue(subscription, id, true));
    }

    /**
     * Takes an event out of the queue that cannot be delivered, and counts it as dropped.
     *
     * @param subscription the subscription
     * @param id the event's id; one that is not there is left so
     */
    public void giveUp(String subscription, String id) {
        budgets.ask(new Operation.Dequeue(subscription, id, false));
    }
}
