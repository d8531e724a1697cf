package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.QueuedNotice;
import io.holdfast.spi.Rejection;
import io.holdfast.spi.SubscriptionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a ledger promises of the notices that wait in it to be delivered. */
abstract class OutboxContract extends AlertContract {
    private static final Set<NoticeKind> ALL = EnumSet.allOf(NoticeKind.class);

    private static Limit limit(long tokens) {
        return Limit.tokens(tokens, Window.lifetime());
    }

    @Nested
    @DisplayName("keeps for a subscription")
    class Outbox {
        private static final String HOOK = "hook";

        private void subscribe(Set<NoticeKind> kinds) {
            expect(Outcome.Done.class, new Operation.Subscribe(HOOK, kinds, false));
        }

        private SubscriptionState subscription() {
            List<SubscriptionState> all = expect(Outcome.Subscribed.class, new Operation.Subscriptions())
                    .subscriptions();
            assertThat(all).hasSize(1);
            return all.get(0);
        }

        private Outcome.Claimed claim(String worker) {
            return claim(worker, shortTtl());
        }

        private Outcome.Claimed claim(String worker, long lease) {
            return expect(Outcome.Claimed.class, new Operation.Claim(HOOK, worker, 1_000, lease));
        }

        private List<QueuedNotice> waiting() {
            List<QueuedNotice> waiting = claim("reader").messages();
            ask(new Operation.Claim(HOOK, "reader", 1, 0));
            return waiting;
        }

        private boolean dequeue(String message, boolean delivered) {
            return expect(Outcome.Done.class, new Operation.Dequeue(HOOK, message, delivered))
                    .changed();
        }

        @Test
        @DisplayName("every notice that it asks for, once, in order and by a name of its own, from when it was made")
        void queues() {
            define("s", null, limit(100).alertAt(0.1, 0.2, 0.5, 0.8));
            book("s", 10);
            subscribe(EnumSet.of(NoticeKind.ALERT_REACHED));
            book("s", 10);
            book("s", 60);
            denied("s", 50);
            List<QueuedNotice> waiting = waiting();
            assertThat(waiting)
                    .extracting(message -> ((Notice.Crossed) message.notice()).alert())
                    .containsExactly(1, 2, 3);
            assertThat(waiting)
                    .extracting(QueuedNotice::id)
                    .doesNotHaveDuplicates()
                    .allSatisfy(id -> assertThat(id).matches("msg_[a-z2-7]{26}"));
            assertThat(waiting).extracting(QueuedNotice::at).isSorted();
            assertThat(waiting())
                    .as("read a second time")
                    .usingRecursiveFieldByFieldElementComparator()
                    .isEqualTo(waiting);
            assertThat(subscription().pending()).isEqualTo(3);
        }

        @Test
        @DisplayName("notices of every kind, with how their limits stand")
        void everyKind() {
            define("s", null, limit(100).alertAt(0.5));
            subscribe(ALL);
            commit("s", held("s", 40), 60);
            String late = heldBriefly("s", 10, OnExpiry.CHARGE);
            elapse(shortTtl());
            commit("s", late, 20);
            denied("s", 30);
            List<Notice> notices = waiting().stream().map(QueuedNotice::notice).toList();
            assertThat(notices)
                    .extracting(Notice::kind)
                    .containsExactly(
                            NoticeKind.ALERT_REACHED,
                            NoticeKind.CALL_OVERSHOT,
                            NoticeKind.HOLD_EXPIRED,
                            NoticeKind.COMMITTED_LATE,
                            NoticeKind.CALL_OVERSHOT,
                            NoticeKind.CALL_REFUSED);
            assertThat(((Notice.Overshot) notices.get(1)).limits())
                    .filteredOn(state -> state.limit().hard())
                    .singleElement()
                    .satisfies(state -> assertThat(state.committed()).isEqualTo(60));
            assertThat(((Notice.Expired) notices.get(2)).limits())
                    .filteredOn(state -> state.limit().hard())
                    .singleElement()
                    .satisfies(state -> assertThat(state.committed()).isEqualTo(70));
            assertThat(((Notice.Refused) notices.get(5)).limits())
                    .singleElement()
                    .satisfies(state -> assertThat(state.asked()).isEqualTo(30));
            assertThat(told(Notice.Refused.class)).as("told by outcomes").isEmpty();
        }

        @Test
        @DisplayName("a refusal at most once an hour for each limit")
        void refusals() {
            define("s", null, limit(10));
            define("t", null, limit(10));
            subscribe(EnumSet.of(NoticeKind.CALL_REFUSED));
            for (int i = 0; i < 20; i++) {
                denied("s", 11);
                denied("t", 11);
            }
            assertThat(waiting())
                    .extracting(message -> message.notice().scope())
                    .containsExactly("s", "t");
            assumeProcessClock();
            clock.advance(Duration.ofMinutes(59));
            denied("s", 11);
            assertThat(waiting()).hasSize(2);
            clock.advance(Duration.ofMinutes(2));
            denied("s", 11);
            denied("s", 11);
            assertThat(waiting()).hasSize(3);
        }

        @Test
        @DisplayName("that a call booked after the fact has passed a limit, as a refusal of it")
        void passedAfterTheFact() {
            define("s", null, limit(10));
            subscribe(EnumSet.of(NoticeKind.CALL_REFUSED));
            book("s", 10);
            assertThat(waiting()).isEmpty();
            for (int i = 0; i < 5; i++) {
                book("s", 3);
            }
            assertThat(waiting())
                    .singleElement()
                    .satisfies(message -> assertThat(((Notice.Refused) message.notice()).limits())
                            .singleElement()
                            .satisfies(state -> assertThat(state.committed()).isEqualTo(13)));
        }

        @Test
        @DisplayName("a loop once an hour for each key")
        void loops() {
            define("s", null, Limit.loopGuard(2, Window.rolling(Duration.ofHours(3))));
            subscribe(EnumSet.of(NoticeKind.LOOP_DETECTED));
            for (int i = 0; i < 6; i++) {
                for (String key : List.of("a", "b")) {
                    Operation.Reserve asked = reserving("s", 1);
                    Operation.Policy policy = new Operation.Policy(false, key, Operation.Policy.WHOLE);
                    ask(new Operation.Reserve(
                            asked.id(),
                            new Operation.Request("s", null, asked.request().offers(), null, policy, null),
                            HOUR,
                            OnExpiry.CHARGE,
                            asked.detail()));
                }
            }
            assertThat(waiting())
                    .extracting(message ->
                            ((Notice.Looped) message.notice()).guard().loopKey())
                    .containsExactly("a", "b");
        }

        @Test
        @DisplayName("a message until it is delivered or given up, and counts what was given up")
        void dequeues() {
            define("s", null, limit(100).alertAt(0.1, 0.2));
            subscribe(ALL);
            book("s", 50);
            List<QueuedNotice> waiting = waiting();
            assertThat(dequeue(waiting.get(0).id(), true)).isTrue();
            assertThat(dequeue(waiting.get(0).id(), true)).as("again").isFalse();
            assertThat(dequeue("msg_nobody", true)).isFalse();
            assertThat(waiting()).containsExactly(waiting.get(1));
            assertThat(dequeue(waiting.get(1).id(), false)).isTrue();
            assertThat(subscription().pending()).isZero();
            assertThat(subscription().dropped()).isEqualTo(1);
        }

        @Test
        @DisplayName("its messages for one worker at a time, until its lease ends or it gives it back")
        void leases() {
            define("s", null, limit(100).alertAt(0.1));
            subscribe(ALL);
            assertThat(claim("a").messages()).as("nothing waits").isEmpty();
            book("s", 50);
            long lease = shortTtl();
            assertThat(claim("a", lease).messages()).hasSize(1);
            assertThat(claim("a", lease).messages()).as("the same worker again").hasSize(1);
            Outcome.Claimed other = claim("b");
            assertThat(other.messages()).isEmpty();
            assertThat(other.until()).isGreaterThan(other.at());
            elapse(lease);
            assertThat(claim("b").messages()).as("after the lease").hasSize(1);
            ask(new Operation.Claim(HOOK, "a", 1, 0));
            assertThat(claim("a").messages()).as("given back by another").isEmpty();
            ask(new Operation.Claim(HOOK, "b", 1, 0));
            assertThat(claim("a").messages()).as("given back").hasSize(1);
        }

        @Test
        @DisplayName("nothing once it has ended, and remembers one that was disabled")
        void ends() {
            define("s", null, limit(100).alertAt(0.1, 0.2, 0.3));
            subscribe(ALL);
            book("s", 15);
            ask(new Operation.Unsubscribe(HOOK, true));
            book("s", 10);
            assertThat(subscription())
                    .extracting(SubscriptionState::disabled, SubscriptionState::pending, SubscriptionState::dropped)
                    .containsExactly(true, 0, 1L);
            expectRejected(Rejection.SUBSCRIPTION_DISABLED, new Operation.Subscribe(HOOK, ALL, false));
            expectRejected(Rejection.SUBSCRIPTION_DISABLED, new Operation.Claim(HOOK, "w", 1, 1));
            expect(Outcome.Done.class, new Operation.Subscribe(HOOK, ALL, true));
            book("s", 10);
            assertThat(waiting()).hasSize(1);
            ask(new Operation.Unsubscribe(HOOK, false));
            assertThat(expect(Outcome.Subscribed.class, new Operation.Subscriptions())
                            .subscriptions())
                    .isEmpty();
            assertThat(dequeue("msg_any", true)).isFalse();
            expectRejected(Rejection.UNKNOWN_SUBSCRIPTION, new Operation.Claim(HOOK, "w", 1, 1));
        }

        @Test
        @DisplayName("what it asks for, and other kinds from when it asks for those; the same again changes nothing")
        void subscribesAgain() {
            Operation one = new Operation.Subscribe(HOOK, EnumSet.of(NoticeKind.CALL_OVERSHOT), false);
            assertThat(expect(Outcome.Done.class, one).changed()).isTrue();
            assertThat(expect(Outcome.Done.class, one).changed()).isFalse();
            define("s", null, limit(100).alertAt(0.1));
            book("s", 20);
            assertThat(subscription().pending()).isZero();
            subscribe(ALL);
            assertThat(subscription().kinds()).isEqualTo(ALL);
        }

        @Test
        @DisplayName("bad input out")
        void badInput() {
            assertThatThrownBy(() -> new Operation.Subscribe("", ALL, false)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> new Operation.Subscribe("a", Set.of(), false))
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> new Operation.Claim("a", "w", 0, 1)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> new Operation.Claim("a", "w", 1_001, 1)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> new Operation.Claim("a", "w", 1, -1)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> new Operation.Claim("a", "w", 1, 3_600_001))
                    .isInstanceOf(InvalidInputException.class);
            for (int i = 0; i < 16; i++) {
                ask(new Operation.Subscribe("hook-" + i, ALL, false));
            }
            expectRejected(Rejection.TOO_MANY_SUBSCRIPTIONS, new Operation.Subscribe("one-more", ALL, false));
        }

        @Test
        @DisplayName("the same messages when the ledger is opened again, by the same names")
        void reopened() {
            assumeDurable();
            define("s", null, limit(100).alertAt(0.1, 0.2, 0.5));
            subscribe(ALL);
            commit("s", held("s", 10), 20);
            denied("s", 90);
            List<QueuedNotice> waiting = waiting();
            assertThat(waiting).hasSize(4);
            dequeue(waiting.get(0).id(), true);
            reopen();
            assertThat(waiting()).isEqualTo(waiting.subList(1, 4));
            denied("s", 90);
            assertThat(waiting()).as("told within the hour").hasSize(3);
            book("s", 30);
            assertThat(waiting()).hasSize(4);
        }

        @Test
        @DisplayName("each notice once, where two stores share the ledger, and hands it to one worker")
        void twoStores() {
            assumeShared();
            define("s", null, limit(1_000).alertOnly().alertAt(0.1, 0.5, 0.8, 1.0));
            subscribe(ALL);
            LedgerStore other = openAnother();
            Set<String> delivered = ConcurrentHashMap.newKeySet();
            List<String> twice = Collections.synchronizedList(new ArrayList<>());
            race(4, thread -> {
                LedgerStore mine = thread % 2 == 0 ? store() : other;
                for (int i = 0; i < 25; i++) {
                    String hold = ((Outcome.Held) ask(mine, reserving("s", 1))).holdId();
                    ask(mine, committing("s", hold, 11));
                    Outcome.Claimed claimed =
                            (Outcome.Claimed) ask(mine, new Operation.Claim(HOOK, "w" + thread, 1_000, HOUR));
                    for (QueuedNotice message : claimed.messages()) {
                        if (!delivered.add(message.id())) {
                            twice.add(message.id());
                        }
                        ask(mine, new Operation.Dequeue(HOOK, message.id(), true));
                    }
                    ask(mine, new Operation.Claim(HOOK, "w" + thread, 1, 0));
                }
            });
            waiting().forEach(message -> delivered.add(message.id()));
            assertThat(twice).isEmpty();
            assertThat(told(Notice.Overshot.class)).hasSize(100);
            assertThat(told(Notice.Crossed.class)).hasSize(4);
            assertThat(delivered).hasSize(104);
        }

        @Test
        @DisplayName("what a batch brings about, in the same step")
        void inABatch() {
            define("s", null, limit(100).alertAt(0.5));
            List<Operation> batch = List.of(
                    new Operation.Subscribe(HOOK, ALL, false),
                    booking("s", 60),
                    new Operation.Unsubscribe(HOOK, false),
                    new Operation.Subscribe(HOOK, ALL, false),
                    reserving("s", 90),
                    new Operation.Claim(HOOK, "w", 10, HOUR));
            List<Outcome> outcomes = askAll(batch);
            List<QueuedNotice> messages =
                    expect(Outcome.Claimed.class, outcomes.get(5)).messages();
            assertThat(messages)
                    .extracting(message -> message.notice().kind())
                    .containsExactly(NoticeKind.CALL_REFUSED);
            askAll(List.of(
                    booking("s", 41),
                    new Operation.Dequeue(HOOK, messages.get(0).id(), true),
                    booking("s", 1)));
            assertThat(subscription().pending()).isZero();
        }
    }
}
