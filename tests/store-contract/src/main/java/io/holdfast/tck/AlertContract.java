package io.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.Decision;
import io.holdfast.HoldException;
import io.holdfast.Reservation;
import io.holdfast.event.BudgetEvent;
import io.holdfast.event.QueuedEvent;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.unit.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** I23: over random histories of two managers on one ledger there are as many alerts as there are crossings. */
abstract class AlertContract extends CopyContract {
    private static final int HISTORIES = FULL ? 20 : 1;
    private static final int CALLS = FULL ? 100 : 30;

    private static final PriceBook PRICES = PriceBook.empty()
            .register(ModelPrice.of("acme", "lean").input("1").output("1").build())
            .register(ModelPrice.of("acme", "large").input("1").output("1").build());

    private static final Map<String, String> PARENTS = Map.of("team", "tenant", "u1", "team", "u2", "team");

    /** Limits of every window, some of which refuse, with alerts that a few calls reach. */
    private static Map<String, List<Limit>> limits() {
        Window day = Window.calendar(CalendarUnit.DAY, ZoneOffset.UTC);
        Window hour = Window.rolling(Duration.ofHours(1));
        Map<String, List<Limit>> limits = new LinkedHashMap<>();
        limits.put(
                "tenant",
                List.of(
                        Limit.tokens(3_000, Window.lifetime()).alertOnly().alertAt(0.1, 0.25, 0.5, 0.8, 1, 2),
                        Limit.tokens(900, day).alertOnly().alertAt(0.2, 0.5, 1)));
        limits.put(
                "team",
                List.of(
                        Limit.tokens(1_500, hour).alertOnly().alertAt(0.3, 0.6, 1),
                        Limit.tokens(600, Window.lifetime())
                                .forModels("acme:large")
                                .alertOnly()
                                .alertAt(0.5, 1)));
        limits.put(
                "u1",
                List.of(
                        Limit.tokens(800, Window.session()).alertOnly().alertAt(0.1, 0.2, 0.3, 0.9),
                        Limit.tokens(700, day).alertAt(0.5, 0.9, 1)));
        limits.put("u2", List.of(Limit.tokens(400, hour).alertAt(0.25, 0.5, 0.75, 1)));
        return limits;
    }

    @Nested
    @DisplayName("counted over random histories, alerts")
    class Histories {
        private final List<String> alerts = Collections.synchronizedList(new ArrayList<>());

        @Test
        @DisplayName("are exactly as many as the journal has crossings, for two managers on one ledger")
        void asManyAsCrossings() {
            long seed = Long.getLong("holdfast.seed", 20_261_125);
            for (int i = 0; i < HISTORIES; i++) {
                String suffix = "-" + i;
                assertAlerts(suffix, seed + i);
            }
        }

        private void assertAlerts(String suffix, long seed) {
            alerts.clear();
            Map<String, List<Limit>> limits = new LinkedHashMap<>();
            limits().forEach((scope, its) -> limits.put(scope + suffix, its));
            Map<String, @Nullable String> parents = new HashMap<>();
            PARENTS.forEach((scope, parent) -> parents.put(scope + suffix, parent + suffix));
            List<String> queued = new ArrayList<>();
            try (BudgetManager first = manager(false);
                    BudgetManager second = manager(true)) {
                first.outbox().unsubscribe("crossings");
                first.outbox().subscribe("crossings", EnumSet.of(NoticeKind.ALERT_REACHED), false);
                limits.forEach((scope, its) -> first.register(scope(scope, parents.get(scope), its)));
                List<Caller> callers = List.of(
                        new Caller(first, suffix, new Random(seed)), new Caller(second, suffix, new Random(~seed)));
                for (long pause : pauses()) {
                    race(2, thread -> callers.get(thread).run());
                    elapse(shortTtl());
                    race(2, thread -> callers.get(thread).settle());
                    if (pause > 0) {
                        clock.advance(Duration.ofMillis(pause));
                    }
                }
                for (QueuedEvent event : first.outbox()
                        .claim("crossings", "reader", 1_000, Duration.ofMinutes(1))
                        .events()) {
                    queued.add(name((BudgetEvent.AlertReached) event.event()));
                }
            }
            // While it waited for the ledger's clock the test was a third node, and may have come upon holds out of
            // time.
            told(Notice.Crossed.class).stream()
                    .filter(crossed -> crossed.scope().endsWith(suffix))
                    .forEach(crossed -> alerts.add(name(crossed)));
            List<String> crossings = new Crossings(limits, parents)
                    .of(entries().stream()
                            .filter(entry -> entry.scope().endsWith(suffix))
                            .toList());
            assertThat(crossings).as("crossings, seed %d", seed).isNotEmpty();
            assertThat(alerts).as("alerts, seed %d", seed).containsExactlyInAnyOrderElementsOf(crossings);
            assertThat(queued).as("alerts in the outbox, seed %d", seed).containsExactlyElementsOf(crossings);
        }

        /** Within the hour, then into the next hours, and into the next day, where the test turns the clock. */
        private List<Long> pauses() {
            return store().traits().storeClock()
                    ? List.of(0L, 0L)
                    : List.of(
                            0L,
                            Duration.ofHours(2).toMillis(),
                            Duration.ofDays(1).toMillis(),
                            0L);
        }

        private BudgetManager manager(boolean another) {
            return BudgetManager.builder()
                    .store(another && store().traits().shared() ? openAnother() : store())
                    .prices(PRICES)
                    .listener(event -> {
                        if (event instanceof BudgetEvent.AlertReached alert) {
                            alerts.add(name(alert));
                        }
                    })
                    .build();
        }

        private static String name(BudgetEvent.AlertReached alert) {
            return Crossings.name(
                    alert.scope(), alert.state().session(), alert.state().limit(), alert.fraction());
        }

        private static String name(Notice.Crossed crossed) {
            Limit limit = crossed.state().limit();
            BigDecimal fraction = BigDecimal.valueOf(limit.alerts().get(crossed.alert()), 6);
            return Crossings.name(crossed.scope(), crossed.state().session(), limit, fraction);
        }

        private static BudgetScope scope(String name, @Nullable String parent, List<Limit> limits) {
            BudgetScope.Builder scope = BudgetScope.named(name);
            if (parent != null) {
                scope.parent(parent);
            }
            limits.forEach(scope::limit);
            return scope.build();
        }

        /** One node's calls: some are committed, below, at and above what they held, and some are left to run out. */
        private final class Caller {
            private final BudgetManager budgets;
            private final String suffix;
            private final Random random;
            private final Deque<Reservation> open = new ArrayDeque<>();

            Caller(BudgetManager budgets, String suffix, Random random) {
                this.budgets = budgets;
                this.suffix = suffix;
                this.random = random;
            }

            void run() {
                for (int i = 0; i < CALLS; i++) {
                    String scope = (random.nextBoolean() ? "u1" : "u2") + suffix;
                    int tokens = 1 + random.nextInt(60);
                    Call call = Call.of(random.nextBoolean() ? "one" : "two", random.nextInt(3) == 0 ? "large" : "lean")
                            .input(tokens)
                            .maxOutput(0);
                    if (random.nextInt(4) == 0) {
                        budgets.budget(scope).record(call, Usage.of(tokens, 0));
                    } else {
                        reserve(scope, call, tokens);
                    }
                }
            }

            private void reserve(String scope, Call call, int tokens) {
                boolean leave = random.nextInt(5) == 0;
                Call asked = leave ? call.ttl(Duration.ofMillis(shortTtl())) : call;
                if (budgets.budget(scope).tryReserve(asked) instanceof Decision.Allowed<Reservation> allowed) {
                    Reservation hold = allowed.value();
                    if (leave) {
                        open.add(hold);
                    } else if (random.nextInt(6) == 0) {
                        hold.release();
                    } else {
                        hold.commit(Usage.of(Math.max(0, tokens + random.nextInt(21) - 10), 0));
                    }
                }
            }

            /** Settles late what has run out, with another amount or not at all. */
            void settle() {
                for (Reservation hold = open.poll(); hold != null; hold = open.poll()) {
                    try {
                        if (random.nextBoolean()) {
                            hold.commit(Usage.of(random.nextInt(90), 0));
                        } else {
                            hold.release();
                        }
                    } catch (HoldException ranOut) {
                        assertThat(ranOut).hasMessageContaining("expired");
                    }
                }
            }
        }
    }
}
