package io.holdfast.internal;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Change;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.QueuedNotice;
import io.holdfast.spi.Rejection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the outbox. A notice is queued for the subscriptions that ask for it in the same atomic step that brought it
 * about, with the name it keeps; it leaves the queue when a worker says so. Without a subscription nothing is done.
 */
final class OutboxRules {
    private final Outbox outbox;
    private final Consumer<Change> recorder;

    /**
     * Makes the rules.
     *
     * @param recorder applies a change and puts it into the journal
     */
    OutboxRules(Outbox outbox, Consumer<Change> recorder) {
        this.outbox = outbox;
        this.recorder = recorder;
    }

    // ---- what enters

    /** Queues what an operation has brought about. */
    void queue(Operation operation, Outcome outcome, long now) {
        if (outbox.isEmpty()) {
            return;
        }
        for (Notice notice : outcome.notices()) {
            queue(notice, now);
        }
        if (outcome instanceof Outcome.Denied denied && operation instanceof Operation.Reserve reserve) {
            queue(reserve.scope(), reserve.session(), denied.model(), denied.blocking(), now);
        } else if (outcome instanceof Outcome.Denied denied && operation instanceof Operation.Allot allot) {
            queue(allot.scope(), allot.session(), denied.model(), denied.blocking(), now);
        } else if (outcome instanceof Outcome.Booked booked
                && !booked.repeated()
                && !booked.passed().isEmpty()
                && operation instanceof Operation.Book book) {
            queue(book.scope(), book.session(), book.model(), booked.passed(), now);
        }
    }

    /** Queues a refusal, which would otherwise be in no journal, unless its limits were told a short while ago. */
    private void queue(String scope, @Nullable String session, String model, List<LimitState> limits, long now) {
        if (hasRoom(NoticeKind.CALL_REFUSED) && outbox.untold(NoticeKind.CALL_REFUSED, limits, now)) {
            queue(new Notice.Refused(scope, session, model, limits), now);
        }
        for (LimitState state : limits) {
            if (state.loopKey() != null
                    && hasRoom(NoticeKind.LOOP_DETECTED)
                    && outbox.untold(NoticeKind.LOOP_DETECTED, List.of(state), now)) {
                queue(new Notice.Looped(scope, session, model, state), now);
            }
        }
    }

    /**
     * Tells whether any subscription can take a refusal. Where none can, the next one of the same limit is told when there
     * is room again, so that calls which are refused all night leave no line each in the journal.
     */
    private boolean hasRoom(NoticeKind kind) {
        return outbox.wanting(kind).stream().anyMatch(subscription -> !subscription.full());
    }

    private void queue(Notice notice, long now) {
        for (Outbox.Subscription subscription : outbox.wanting(notice.kind())) {
            if (subscription.full()) {
                recorder.accept(new Change.Dropped(now, subscription.name));
            } else {
                String id = MessageId.of(subscription.name, subscription.queued, now, notice);
                recorder.accept(new Change.Queued(now, subscription.name, id, notice));
            }
        }
    }

    // ---- subscriptions

    Outcome subscribe(Operation.Subscribe op, long now) {
        Outbox.Subscription present = outbox.subscription(op.subscription());
        if (present == null && outbox.size() == Outbox.MOST_SUBSCRIPTIONS) {
            return rejected(
                    Rejection.TOO_MANY_SUBSCRIPTIONS,
                    op.subscription(),
                    "would be one more than " + Outbox.MOST_SUBSCRIPTIONS);
        }
        if (present != null && present.disabled && !op.revive()) {
            return disabled(op.subscription());
        }
        if (present != null && !present.disabled && present.kinds.equals(op.kinds())) {
            return new Outcome.Done(false, List.of());
        }
        recorder.accept(new Change.Subscribed(now, op.subscription(), op.kinds()));
        return new Outcome.Done(true, List.of());
    }

    Outcome unsubscribe(Operation.Unsubscribe op, long now) {
        Outbox.Subscription present = outbox.subscription(op.subscription());
        boolean changes = present != null && !(op.disable() && present.disabled);
        if (changes) {
            recorder.accept(new Change.Unsubscribed(now, op.subscription(), op.disable()));
        }
        return new Outcome.Done(changes, List.of());
    }

    Outcome subscriptions() {
        return new Outcome.Subscribed(outbox.states(), List.of());
    }

    // ---- what leaves

    Outcome claim(Operation.Claim op, long now) {
        Outbox.Subscription subscription = outbox.subscription(op.subscription());
        if (subscription == null) {
            return rejected(Rejection.UNKNOWN_SUBSCRIPTION, op.subscription(), "is not there");
        }
        if (subscription.disabled) {
            return disabled(op.subscription());
        }
        boolean taken = subscription.worker != null && subscription.leaseUntil > now;
        boolean own = taken && op.worker().equals(subscription.worker);
        boolean givesBack = op.leaseMillis() == 0;
        if (givesBack && own) {
            recorder.accept(new Change.Claimed(now, op.subscription(), op.worker(), now));
        }
        if (givesBack || (taken && !own) || subscription.queue.isEmpty()) {
            return new Outcome.Claimed(List.of(), now, subscription.leaseUntil, List.of());
        }
        if (!own || subscription.leaseUntil - now < op.leaseMillis() / 2) {
            recorder.accept(new Change.Claimed(now, op.subscription(), op.worker(), now + op.leaseMillis()));
        }
        return new Outcome.Claimed(oldest(subscription, op.most()), now, subscription.leaseUntil, List.of());
    }

    private static List<QueuedNotice> oldest(Outbox.Subscription subscription, int most) {
        List<QueuedNotice> messages = new ArrayList<>();
        Iterator<QueuedNotice> queue = subscription.queue.values().iterator();
        while (queue.hasNext() && messages.size() < most) {
            messages.add(queue.next());
        }
        return messages;
    }

    Outcome dequeue(Operation.Dequeue op, long now) {
        Outbox.Subscription subscription = outbox.subscription(op.subscription());
        boolean there = subscription != null && subscription.queue.containsKey(op.messageId());
        if (there) {
            recorder.accept(new Change.Dequeued(now, op.subscription(), op.messageId(), op.delivered()));
        }
        return new Outcome.Done(there, List.of());
    }

    private static Outcome disabled(String subscription) {
        return rejected(Rejection.SUBSCRIPTION_DISABLED, subscription, "was disabled and has to be revived");
    }

    private static Outcome rejected(Rejection reason, String subscription, String detail) {
        return new Outcome.Rejected(reason, subscription, detail, List.of());
    }
}
