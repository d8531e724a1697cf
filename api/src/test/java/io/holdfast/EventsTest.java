package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events arrive, once each, and listeners can do no harm. Closing a manager delivers what still waits. */
@Timeout(60)
class EventsTest {
    private static final PriceBook PRICES = PriceBook.builtIn()
            .register(ModelPrice.of("acme", "lean").input("1").output("2").build());

    private final ManualClock clock = new ManualClock();
    private final BlockingQueue<BudgetEvent> events = new LinkedBlockingQueue<>();
    private final BudgetManager budgets = BudgetManager.builder()
            .clock(clock)
            .prices(PRICES)
            .listener(events::add)
            .sweepEvery(Duration.ofMillis(5))
            .build();

    @AfterEach
    void close() {
        budgets.close();
    }

    private Budget budget(Limit limit) {
        budgets.register(BudgetScope.named("alice").limit(limit).build());
        return budgets.budget("alice");
    }

    private static Call lean(long input) {
        return Call.of("s", "lean").input(input).maxOutput(0);
    }

    private static void spend(Budget budget, long millions) {
        budget.record(lean(0), Usage.of(millions * 1_000_000, 0));
    }

    private List<BudgetEvent> delivered() {
        budgets.close();
        return new ArrayList<>(events);
    }

    @Test
    @DisplayName("each alert fires once, in the operation that reaches it")
    void alertsOnce() {
        Budget alice = budget(Limit.cost(Usd.of("10"), Window.lifetime()).alertAt(0.5, 0.8, 1.0));
        for (int i = 0; i < 12; i++) {
            spend(alice, 1);
        }
        List<String> alerts = delivered().stream()
                .filter(BudgetEvent.AlertReached.class::isInstance)
                .map(BudgetEvent.AlertReached.class::cast)
                .map(alert -> alert.fraction() + " at " + alert.state().committed() / 1_000_000_000)
                .toList();
        assertThat(alerts).containsExactly("0.5 at 5", "0.8 at 8", "1 at 10");
    }

    @Test
    @DisplayName("one operation that passes several alerts fires each of them")
    void severalAtOnce() {
        Budget alice = budget(Limit.cost(Usd.of("10"), Window.lifetime()).alertAt(0.5, 0.8, 1.0));
        spend(alice, 9);
        assertThat(delivered())
                .extracting(event -> ((BudgetEvent.AlertReached) event).fraction())
                .containsExactly(new BigDecimal("0.5"), new BigDecimal("0.8"));
    }

    @Test
    @DisplayName("a rolling limit alerts anew only after it has fallen below")
    void rollingRearms() {
        Budget alice = budget(
                Limit.cost(Usd.of("10"), Window.rolling(Duration.ofHours(1))).alertAt(0.5));
        spend(alice, 6);
        spend(alice, 1);
        clock.advance(Duration.ofHours(2));
        spend(alice, 4);
        spend(alice, 1);
        assertThat(delivered()).hasSize(2);
    }

    @Test
    @DisplayName("a limit that only alerts refuses nothing, and a raised limit alerts anew")
    void alertOnly() {
        Budget alice =
                budget(Limit.cost(Usd.of("10"), Window.lifetime()).alertOnly().alertAt(1.0));
        spend(alice, 10);
        assertThat(alice.tryReserve(lean(50_000_000)).allowed()).isTrue();
        budgets.replace(BudgetScope.named("alice")
                .limit(Limit.cost(Usd.of("12"), Window.lifetime()).alertOnly().alertAt(1.0))
                .build());
        spend(alice, 1);
        spend(alice, 1);
        assertThat(delivered()).hasSize(2);
    }

    @Test
    @DisplayName("refusals, overshoot, expiry without traffic and late commits are told")
    void theOthers() throws InterruptedException {
        Budget alice = budget(Limit.cost(Usd.of("10"), Window.lifetime()));
        alice.tryReserve(lean(11_000_000));
        alice.reserve(lean(1_000_000)).commit(Usage.of(2_000_000, 0));
        Reservation hold = alice.reserve(lean(3_000_000).ttl(Duration.ofMinutes(1)));
        assertThat(take()).isInstanceOf(BudgetEvent.CallRefused.class);
        assertThat(take()).isInstanceOfSatisfying(BudgetEvent.CallOvershot.class, overshot -> {
            assertThat(overshot.estimate().cost()).isEqualTo(Usd.of("1").nanos());
            assertThat(overshot.actual().cost()).isEqualTo(Usd.of("2").nanos());
        });
        clock.advance(Duration.ofMinutes(2));
        assertThat(take())
                .isInstanceOfSatisfying(
                        BudgetEvent.HoldExpired.class,
                        expired -> assertThat(expired.operationId()).isEqualTo(hold.id()));
        hold.commit(Usage.of(1_000_000, 0));
        assertThat(take()).isInstanceOf(BudgetEvent.CommittedLate.class);
    }

    private BudgetEvent take() throws InterruptedException {
        BudgetEvent event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event).as("an event within 30 s").isNotNull();
        return java.util.Objects.requireNonNull(event);
    }

    @Test
    @DisplayName("a listener that throws or hangs changes no outcome and keeps no call waiting")
    void harmless() throws InterruptedException {
        CountDownLatch hang = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(1);
        budgets.onEvent(event -> {
            throw new IllegalStateException("a bad listener, on purpose");
        });
        budgets.onEvent(event -> {
            hanging.countDown();
            try {
                hang.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        Budget alice = budget(Limit.calls(0, Window.lifetime()));
        for (int i = 0; i < 20_000; i++) {
            assertThat(alice.tryReserve(lean(1)).allowed()).isFalse();
        }
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();
        hang.countDown();
    }

    @Test
    @DisplayName("listeners that throw, hang and flood change no outcome")
    void sameOutcomes() {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        List<String> expected;
        try (BudgetManager quiet =
                BudgetManager.builder().clock(clock).prices(PRICES).build()) {
            expected = outcomes(quiet, seed);
        }
        CountDownLatch hang = new CountDownLatch(1);
        budgets.onEvent(event -> {
            if (event instanceof BudgetEvent.AlertReached) {
                throw new AssertionError("a bad listener, on purpose");
            }
        });
        budgets.onEvent(event -> {
            if (event.scope().equals("alice")) {
                // What a listener does has events of its own: on another scope, so that the outcomes can be compared.
                for (int i = 0; i < 100; i++) {
                    budgets.budget("other").tryReserve(lean(1));
                }
            }
        });
        budgets.onEvent(event -> {
            try {
                hang.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        budgets.register(BudgetScope.named("other")
                .limit(Limit.calls(0, Window.lifetime()))
                .build());
        assertThat(outcomes(budgets, seed)).as("seed %d", seed).isEqualTo(expected);
        hang.countDown();
    }

    /** What calls come to: a function of the seed. */
    private static List<String> outcomes(BudgetManager budgets, long seed) {
        budgets.register(BudgetScope.named("alice")
                .limit(Limit.cost(Usd.of("300"), Window.lifetime()).alertAt(0.1, 0.5, 0.9))
                .build());
        java.util.Random random = new java.util.Random(seed);
        Budget alice = budgets.budget("alice");
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            long tokens = 1_000_000 + random.nextInt(3_000_000);
            Decision<Reservation> decision = alice.tryReserve(lean(tokens));
            outcomes.add(decision.getClass().getSimpleName());
            if (decision instanceof Decision.Allowed<Reservation> allowed) {
                allowed.value().commit(Usage.of(tokens + random.nextInt(3) - 1, 0));
            }
        }
        outcomes.add(alice.summary().limits().toString());
        return outcomes;
    }

    @Test
    @DisplayName("a listener that hangs keeps no other from hearing, and misses only what it has no room for")
    void isolated() throws InterruptedException {
        CountDownLatch hang = new CountDownLatch(1);
        List<BudgetEvent> heardByHanging = new CopyOnWriteArrayList<>();
        Set<String> threads = ConcurrentHashMap.newKeySet();
        budgets.onEvent(event -> {
            threads.add(Thread.currentThread().getName());
            heardByHanging.add(event);
            try {
                hang.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        int calls = EventDispatcher.MOST_WAITING + 500;
        CountDownLatch distributed = new CountDownLatch(calls);
        budgets.onEvent(event -> distributed.countDown());
        Budget alice = budget(Limit.calls(0, Window.lifetime()));
        for (int i = 0; i < calls; i++) {
            assertThat(alice.tryReserve(lean(i)).allowed()).isFalse();
            take();
        }
        // Who is told after the one that hangs has heard all, so that was offered all, too.
        distributed.await();
        hang.countDown();
        assertThat(delivered())
                .as("the other has heard all of them, and in time")
                .isEmpty();
        assertThat(heardByHanging).hasSize(EventDispatcher.MOST_WAITING + 1);
        assertThat(threads)
                .as("never the caller's")
                .doesNotContain(Thread.currentThread().getName());
    }

    @Test
    @DisplayName("a log that throws or hangs reaches no caller, though listeners fail and miss events")
    void brokenLog() throws InterruptedException {
        Set<String> logging = ConcurrentHashMap.newKeySet();
        Logger log = Logger.getLogger(EventDispatcher.class.getName());
        Handler broken = new Handler() {
            @Override
            public void publish(LogRecord line) {
                logging.add(Thread.currentThread().getName());
                throw new IllegalStateException("a bad log, on purpose");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        CountDownLatch hang = new CountDownLatch(1);
        log.addHandler(broken);
        log.setUseParentHandlers(false);
        try {
            budgets.onEvent(event -> {
                throw new IllegalStateException("a bad listener, on purpose");
            });
            budgets.onEvent(event -> {
                try {
                    hang.await();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
            });
            Budget alice = budget(Limit.calls(0, Window.lifetime()));
            for (int i = 0; i < 3 * EventDispatcher.MOST_WAITING; i++) {
                assertThat(alice.tryReserve(lean(1)).allowed()).isFalse();
            }
            for (int i = 0; logging.size() < 2; i++) {
                assertThat(i).as("both are told in the log").isLessThan(60_000);
                LockSupport.parkNanos(1_000_000);
            }
            assertThat(logging)
                    .noneMatch(thread -> thread.equals(Thread.currentThread().getName()));
        } finally {
            hang.countDown();
            log.removeHandler(broken);
            log.setUseParentHandlers(true);
        }
    }

    @Test
    @DisplayName("a budget's own listener hears of its scope alone")
    void ownAlerts() {
        budgets.register(BudgetScope.named("team")
                .limit(Limit.calls(1, Window.lifetime()).alertAt(1.0))
                .build());
        budgets.register(BudgetScope.named("bob")
                .parent("team")
                .limit(Limit.calls(1, Window.lifetime()).alertAt(1.0))
                .build());
        List<BudgetEvent> bobs = new ArrayList<>();
        budgets.budget("bob").onAlert(bobs::add);
        spend(budgets.budget("bob"), 1);
        assertThat(delivered()).hasSize(2);
        assertThat(bobs)
                .hasSize(1)
                .allSatisfy(event -> assertThat(event.scope()).isEqualTo("bob"));
    }
}
