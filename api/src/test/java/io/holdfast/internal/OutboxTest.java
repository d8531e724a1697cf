package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.QueuedNotice;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.SubscriptionState;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The outbox is a fold of the journal, bounded, and costs nothing where nobody subscribes. */
class OutboxTest {
    private static final String HOOK = "hook";

    private final List<Change> journal = new ArrayList<>();
    private final LedgerState state = new LedgerState();
    private final LedgerEngine engine = new LedgerEngine(state, journal::add);
    private long now = 1_800_000_000_000L;

    private Outcome ask(Operation operation) {
        return engine.apply(operation, now);
    }

    private void define(String scope, Limit... limits) {
        ask(new Operation.Define(new ScopeDefinition(scope, null, List.of(limits)), false));
    }

    private void subscribe() {
        ask(new Operation.Subscribe(HOOK, EnumSet.allOf(NoticeKind.class), false));
    }

    private static Amounts tokens(long tokens) {
        return new Amounts(0, tokens, 0, 1);
    }

    private Outcome reserve(String id, long tokens, long ttl) {
        return ask(new Operation.Reserve(
                OperationId.given(id), "s", "one", "m", tokens(tokens), ttl, OnExpiry.CHARGE, Detail.NONE));
    }

    private Outcome commit(String id, long tokens) {
        return ask(new Operation.Commit("s", id, tokens(tokens), false, Detail.NONE));
    }

    private SubscriptionState subscription() {
        return ((Outcome.Subscribed) ask(new Operation.Subscriptions()))
                .subscriptions()
                .get(0);
    }

    private List<QueuedNotice> claimed(int most) {
        return ((Outcome.Claimed) ask(new Operation.Claim(HOOK, "w", most, 1_000))).messages();
    }

    @Test
    @DisplayName("a queue takes 10,000 messages; the newest that find it full are dropped and counted")
    void bounded() {
        define("s");
        subscribe();
        for (int i = 0; i < Outbox.MOST_QUEUED + 25; i++) {
            reserve("h" + i, 1, 60_000);
            commit("h" + i, 2);
        }
        assertThat(subscription().pending()).isEqualTo(Outbox.MOST_QUEUED);
        assertThat(subscription().dropped()).isEqualTo(25);
        QueuedNotice oldest = claimed(1).get(0);
        assertThat(oldest.notice().toString()).contains("holdId=h0,");
        ask(new Operation.Dequeue(HOOK, oldest.id(), true));
        reserve("late", 1, 60_000);
        commit("late", 2);
        assertThat(subscription().pending()).isEqualTo(Outbox.MOST_QUEUED);
        assertThat(subscription().dropped()).isEqualTo(25);
    }

    @Test
    @DisplayName("refusals that find the queue full write nothing, and are told once there is room")
    void fullOfRefusals() {
        define("s", Limit.tokens(1_000_000, Window.lifetime()));
        subscribe();
        for (int i = 0; i < Outbox.MOST_QUEUED; i++) {
            reserve("h" + i, 1, 60_000);
            commit("h" + i, 2);
        }
        int before = journal.size();
        for (int i = 0; i < 100; i++) {
            assertThat(reserve("no" + i, 2_000_000, 60_000)).isInstanceOf(Outcome.Denied.class);
        }
        assertThat(journal).hasSize(before);
        assertThat(subscription().dropped()).isZero();
        ask(new Operation.Dequeue(HOOK, claimed(1).get(0).id(), true));
        reserve("no-more", 2_000_000, 60_000);
        assertThat(subscription().pending()).isEqualTo(Outbox.MOST_QUEUED);
        assertThat(state.outbox.subscription(HOOK).queue.values())
                .last()
                .satisfies(last -> assertThat(last.notice().kind()).isEqualTo(NoticeKind.CALL_REFUSED));
    }

    @Test
    @DisplayName("without a subscription the journal has not a line more, whatever there is to tell")
    void nothingWithoutSubscription() {
        define("s", Limit.tokens(100, Window.lifetime()).alertAt(0.1, 0.5));
        reserve("a", 10, 60_000);
        commit("a", 60);
        reserve("b", 1_000, 60_000);
        assertThat(journal).hasSize(3).noneMatch(Change.OfOutbox.class::isInstance);
    }

    @Test
    @DisplayName("a claim that finds nothing changes nothing, nor does one that asks again soon")
    void quiet() {
        define("s");
        subscribe();
        int before = journal.size();
        assertThat(claimed(10)).isEmpty();
        assertThat(journal).hasSize(before);
        reserve("a", 1, 60_000);
        commit("a", 2);
        claimed(10);
        before = journal.size();
        now += 400;
        assertThat(claimed(10)).hasSize(1);
        assertThat(journal).hasSize(before);
        now += 200;
        assertThat(claimed(10)).hasSize(1);
        assertThat(journal).as("the lease is renewed when half of it is over").hasSize(before + 1);
    }

    @Test
    @DisplayName("a loop is told once an hour for each key, beside the refusal it is part of")
    void loops() {
        subscribe();
        OutboxRules rules = new OutboxRules(state.outbox, state::apply);
        Operation.Reserve asked = new Operation.Reserve(
                OperationId.made(), "s", null, "m", tokens(1), 60_000, OnExpiry.CHARGE, Detail.NONE);
        for (int hour = 0; hour < 2; hour++) {
            for (String key : List.of("a", "b", "a", "b")) {
                LimitState guard =
                        new LimitState("s", null, key, Limit.calls(5, Window.lifetime()), 5, 0, 1, 0, Window.NEVER);
                rules.queue(asked, new Outcome.Denied("m", List.of(guard), List.of()), now);
            }
            now += 3_600_001;
        }
        assertThat(claimed(100))
                .extracting(message -> message.notice().kind())
                .containsExactly(
                        NoticeKind.CALL_REFUSED,
                        NoticeKind.LOOP_DETECTED,
                        NoticeKind.CALL_REFUSED,
                        NoticeKind.LOOP_DETECTED,
                        NoticeKind.CALL_REFUSED,
                        NoticeKind.LOOP_DETECTED,
                        NoticeKind.CALL_REFUSED,
                        NoticeKind.LOOP_DETECTED);
    }

    @Test
    @DisplayName("folded again from the journal, or read from a snapshot, it is the same to the last message")
    void folded() {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        define(
                "s",
                Limit.tokens(2_000, Window.session()).alertAt(0.1, 0.2, 0.5, 0.9),
                Limit.calls(150, Window.lifetime()));
        subscribe();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            now += random.nextInt(30_000);
            reserve("h" + i, random.nextInt(20), 1_000 + random.nextInt(60_000));
            if (random.nextInt(3) > 0) {
                commit("h" + random.nextInt(i + 1), random.nextInt(25));
            }
            if (random.nextInt(10) == 0) {
                claimed(5).forEach(message -> {
                    ids.add(message.id());
                    ask(new Operation.Dequeue(HOOK, message.id(), random.nextBoolean()));
                });
            }
            if (random.nextInt(50) == 0) {
                ask(new Operation.Unsubscribe(HOOK, random.nextBoolean()));
                ask(new Operation.Subscribe(HOOK, EnumSet.allOf(NoticeKind.class), true));
            }
        }
        ask(new Operation.Claim(HOOK, "w", 1, 0));
        define("t", Limit.calls(1, Window.lifetime()).alertAt(1));
        ask(new Operation.Book(OperationId.given("last"), "t", null, "m", tokens(1), Detail.NONE));
        assertThat(ids).as("seed %d", seed).isNotEmpty().doesNotHaveDuplicates();
        LedgerState again = new LedgerState();
        journal.forEach(again::apply);
        assertThat(StateAudit.compare(journal.size(), again, state).differences())
                .as("from the journal, seed %d", seed)
                .isEmpty();
        LedgerState copy = new LedgerState();
        state.items(copy::load);
        assertThat(StateAudit.compare(0, copy, state).differences())
                .as("from a snapshot, seed %d", seed)
                .isEmpty();
        assertThat(StateAudit.compare(0, new LedgerState(), state).differences())
                .as("a difference would be found")
                .anyMatch(difference -> difference.startsWith("message hook/"));
    }
}
