package io.holdfast.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.RejectedException;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.Operation;
import io.holdfast.spi.StoreException;
import io.holdfast.spi.SubscriptionState;
import io.holdfast.unit.Usage;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is sent when, on a clock that the test turns and with a receiver made of one method. */
class CourierTest {
    private static final String HOOK = "hook";
    private static final long POLL = 2_000;

    private final long seed = Long.getLong("holdfast.seed", 20_261_125);
    private long ticks = 1_000_000;
    private final Instant start = Instant.parse("2026-03-10T09:00:00Z");
    private final InstantSource clock = () -> start.plusMillis(ticks - 1_000_000);
    private boolean broken;
    private final LedgerStore ledger = LedgerStores.open("memory:", clock);
    private final BudgetManager budgets = BudgetManager.builder()
            .clock(clock)
            .store(breakable(ledger))
            .prices(PriceBook.empty()
                    .register(
                            ModelPrice.of("acme", "lean").input("1").output("1").build()))
            .build();
    private final List<String> sent = new ArrayList<>();
    private final Map<String, String> bodies = new HashMap<>();
    private Function<String, Delivery> receiver = id -> status(200);
    private boolean closing;

    @BeforeEach
    void subscribe() {
        budgets.outbox().subscribe(HOOK, EnumSet.allOf(NoticeKind.class), false);
        budgets.register(BudgetScope.named("s")
                .limit(Limit.calls(1_000_000, Window.lifetime()).alertOnly())
                .build());
    }

    @AfterEach
    void close() {
        budgets.close();
        ledger.close();
    }

    /** A ledger that fails to take note of deliveries while it is broken. */
    private LedgerStore breakable(LedgerStore store) {
        return (LedgerStore) Proxy.newProxyInstance(
                LedgerStore.class.getClassLoader(), new Class<?>[] {LedgerStore.class}, (proxy, method, arguments) -> {
                    if (broken && arguments != null && arguments[0] instanceof Operation.Dequeue) {
                        throw new StoreException("broken on purpose", null);
                    }
                    return method.invoke(store, arguments);
                });
    }

    private static Delivery status(int status) {
        return new Delivery(status, null, Duration.ZERO, Map.of(), null);
    }

    private static Delivery status(int status, Duration retryAfter) {
        return new Delivery(status, null, Duration.ZERO, Map.of(), retryAfter);
    }

    private static Delivery lost() {
        return new Delivery(0, "lost", Duration.ZERO, Map.of(), null);
    }

    private Courier courier(String worker) {
        return new Courier(
                budgets.outbox(),
                (id, body) -> {
                    sent.add(id);
                    assertThat(bodies.merge(id, body, (one, other) -> one))
                            .as("the same body for the same id")
                            .isEqualTo(body);
                    return receiver.apply(id);
                },
                new Courier.Settings(
                        HOOK,
                        worker,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(10),
                        Duration.ofDays(3),
                        Duration.ofMillis(POLL)),
                new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(10), new Random(seed)),
                clock,
                () -> ticks,
                () -> closing);
    }

    /** Brings about one message each. */
    private void overshoot(int times) {
        for (int i = 0; i < times; i++) {
            budgets.budget("s")
                    .reserve(Call.of("session", "lean").input(1).maxOutput(0))
                    .commit(Usage.of(2, 0));
        }
    }

    private SubscriptionState state() {
        return budgets.outbox().subscriptions().get(0);
    }

    @Test
    @DisplayName("what waits is sent in order, once, and leaves the outbox")
    void sends() {
        overshoot(250);
        Courier courier = courier("a");
        long wait = 0;
        while (wait == 0) {
            wait = courier.step();
        }
        assertThat(wait).isEqualTo(POLL);
        assertThat(sent).hasSize(250).doesNotHaveDuplicates();
        assertThat(state().pending()).isZero();
        assertThat(courier.step()).isEqualTo(POLL);
        assertThat(sent).hasSize(250);
    }

    @Test
    @DisplayName("a receiver that is closed is asked again after waits at random below a bound that doubles")
    void backsOff() {
        overshoot(5);
        receiver = id -> sent.size() % 2 == 0 ? lost() : status(503);
        Courier courier = courier("a");
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            long wait = courier.step();
            waits.add(wait);
            assertThat(wait).as("wait %d, seed %d", i, seed).isBetween(1L, Math.min(600_000L, 1_000L << i));
            assertThat(sent).hasSize(i + 1);
            ticks += wait - 1;
            if (wait > 1) {
                assertThat(courier.step()).as("too soon").isEqualTo(1);
            }
            ticks += 1;
        }
        assertThat(waits).as("seed %d", seed).doesNotHaveDuplicates();
        assertThat(sent).as("the oldest first, again and again").containsOnly(sent.get(0));
        receiver = id -> status(200);
        courier.step();
        assertThat(state().pending()).isZero();
        assertThat(bodies).hasSize(5);
    }

    @Test
    @DisplayName("a receiver that says when to come again is left alone until then, within bounds")
    void retryAfter() {
        overshoot(1);
        Courier courier = courier("a");
        receiver = id -> status(429, Duration.ofSeconds(90));
        assertThat(courier.step()).isEqualTo(90_000);
        ticks += 90_000;
        receiver = id -> status(503, Duration.ofDays(300));
        assertThat(courier.step()).isEqualTo(600_000);
        ticks += 600_000;
        receiver = id -> status(503, Duration.ofDays(-3));
        assertThat(courier.step()).isEqualTo(1);
    }

    @Test
    @DisplayName("a message that the receiver refuses, or sends elsewhere, does not hold up the others")
    void refused() {
        overshoot(4);
        Map<String, Integer> answers = new HashMap<>();
        receiver = id -> status(
                answers.computeIfAbsent(id, first -> answers.size() == 1 ? 400 : answers.size() == 2 ? 302 : 200));
        Courier courier = courier("a");
        long wait = courier.step();
        assertThat(sent).hasSize(4);
        assertThat(state().pending()).isEqualTo(2);
        assertThat(wait).isBetween(1L, 1_000L);
        ticks += 1_000;
        answers.replaceAll((id, before) -> 200);
        courier.step();
        assertThat(state().pending()).isZero();
        assertThat(sent).hasSize(6);
    }

    @Test
    @DisplayName("a receiver that is gone is sent nothing more, by no sender, until it is revived")
    void gone() {
        overshoot(3);
        receiver = id -> status(410);
        Courier courier = courier("a");
        courier.step();
        assertThat(courier.ended()).isTrue();
        assertThat(sent).hasSize(1);
        overshoot(1);
        assertThat(state().disabled()).isTrue();
        assertThat(state().pending()).isZero();
        assertThat(state().dropped()).isEqualTo(3);
        Courier other = courier("b");
        other.step();
        assertThat(other.ended()).isTrue();
        assertThatThrownBy(() -> budgets.outbox().subscribe(HOOK, EnumSet.allOf(NoticeKind.class), false))
                .isInstanceOf(RejectedException.class)
                .hasMessageContaining("disabled");
        budgets.outbox().subscribe(HOOK, EnumSet.allOf(NoticeKind.class), true);
        overshoot(1);
        receiver = id -> status(200);
        courier("c").step();
        assertThat(sent).hasSize(2);
    }

    @Test
    @DisplayName("a message that does not arrive for days is given up and counted")
    void givesUp() {
        overshoot(1);
        receiver = id -> status(400);
        Courier courier = courier("a");
        courier.step();
        assertThat(state().pending()).isEqualTo(1);
        ticks += Duration.ofDays(4).toMillis();
        courier.step();
        assertThat(state().pending()).isZero();
        assertThat(state().dropped()).isEqualTo(1);
    }

    @Test
    @DisplayName("two workers never send at the same time, and the second goes on where the first has died")
    void oneAtATime() {
        overshoot(3);
        receiver = id -> lost();
        Courier first = courier("a");
        Courier second = courier("b");
        first.step();
        assertThat(sent).hasSize(1);
        assertThat(second.step()).isBetween(1L, POLL);
        assertThat(sent).as("the first has the lease").hasSize(1);
        ticks += 60_001;
        receiver = id -> status(200);
        second.step();
        assertThat(sent).hasSize(4);
        assertThat(sent.get(1)).as("by the same id").isEqualTo(sent.get(0));
        first.step();
        assertThat(sent).hasSize(4);
    }

    @Test
    @DisplayName("nothing is begun that could outlast the lease: it is renewed before")
    void leaseInTime() {
        overshoot(30);
        List<Long> began = new ArrayList<>();
        receiver = id -> {
            began.add(ticks);
            long left = state().leaseUntil() - clock.millis();
            assertThat(left)
                    .as("what is left of the lease at message %d", began.size())
                    .isGreaterThanOrEqualTo(10_000);
            ticks += 9_000;
            return status(200);
        };
        Courier courier = courier("a");
        while (state().pending() > 0) {
            assertThat(courier.step()).isIn(0L, POLL);
        }
        assertThat(sent).hasSize(30).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("a worker that closes begins no other message and gives the subscription back")
    void closes() {
        overshoot(5);
        receiver = id -> {
            closing = true;
            return status(200);
        };
        Courier first = courier("a");
        first.step();
        first.giveBack();
        assertThat(sent).hasSize(1);
        closing = false;
        receiver = id -> status(200);
        courier("b").step();
        assertThat(sent).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("a message that arrived is not sent again where the ledger failed to take note of it")
    void notedLater() {
        overshoot(2);
        Courier courier = courier("a");
        broken = true;
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(courier::step).isInstanceOf(StoreException.class);
        }
        assertThat(sent).hasSize(1);
        assertThat(state().pending()).isEqualTo(2);
        broken = false;
        courier.step();
        assertThat(sent).hasSize(2).doesNotHaveDuplicates();
        assertThat(state().pending()).isZero();
    }

    @Test
    @DisplayName("it ends where the subscription is ended elsewhere")
    void unsubscribed() {
        overshoot(1);
        budgets.outbox().unsubscribe(HOOK);
        Courier courier = courier("a");
        courier.step();
        assertThat(courier.ended()).isTrue();
        assertThat(sent).isEmpty();
    }

    @Test
    @DisplayName("messages that the receiver refuses hold up no others, however many they are")
    void manyRefused() {
        overshoot(350);
        Set<String> bad = new HashSet<>();
        receiver = id -> {
            boolean refuses = bad.contains(id) || bad.size() < 220;
            if (refuses) {
                bad.add(id);
            }
            return status(refuses ? 400 : 200);
        };
        Courier courier = courier("a");
        for (int step = 0; state().pending() > 220; step++) {
            assertThat(step).as("steps, seed %d", seed).isLessThan(20);
            courier.step();
        }
        assertThat(bad).hasSize(220);
        assertThat(bodies).hasSize(350);
        bad.clear();
        receiver = id -> status(200);
        ticks += 1_000;
        courier.step();
        assertThat(state().pending()).isZero();
    }
}
