package io.holdfast.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.internal.MemoryStore;
import io.holdfast.limit.LimitState;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.store.json.JsonStore;
import io.holdfast.survival.Survival;
import io.holdfast.tck.ManualClock;
import io.holdfast.unit.Amounts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("I14, I15: a clock that jumps between any two operations")
class ClockJumpTest {
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");
    private static final Instant START = Instant.parse("2026-09-05T20:00:00Z");
    private static final long YEAR = Duration.ofDays(366).toMillis();
    private static final int STEPS = 40;

    /** From a millisecond to ten years, forward and back; the long ones are rarer, or nothing would ever be in a window. */
    private static final long[] JUMPS = {
        0,
        0,
        0,
        0,
        1,
        1,
        999,
        1_000,
        12_500,
        12_501,
        60_000,
        60_000,
        600_000,
        600_000,
        3_600_000,
        86_400_000,
        YEAR,
        10 * YEAR
    };

    @TempDir
    Path directory = Path.of("");

    @Test
    @DisplayName("counts nothing too little or twice, opens no window and no hold again: in memory")
    void inMemory() {
        long first = Long.getLong("holdfast.seed", 1);
        int schedules = FULL ? 10_000 : 600;
        long jumps = 0;
        for (long seed = first; seed < first + schedules; seed++) {
            ManualClock clock = new ManualClock(START);
            try (LedgerStore store = new MemoryStore(clock)) {
                jumps += new History(seed, clock, store).run();
            }
        }
        keep("memory", first, schedules, jumps);
    }

    @Test
    @DisplayName(
            "counts nothing too little or twice, opens no window and no hold again: on JSON files, opened again in between")
    void onFiles() {
        long first = Long.getLong("holdfast.seed", 1);
        int schedules = FULL ? 500 : 15;
        long jumps = 0;
        for (long seed = first; seed < first + schedules; seed++) {
            ManualClock clock = new ManualClock(START);
            Path place = directory.resolve("ledger-" + seed);
            History history = new History(seed, clock, null);
            for (int part = 0; part < 3; part++) {
                try (LedgerStore store = JsonStore.open(place, clock)) {
                    history.store = store;
                    jumps += history.run();
                }
            }
        }
        keep("JSON files", first, schedules, jumps);
    }

    private static void keep(String where, long seed, int schedules, long jumps) {
        Survival.of(
                        "clock jumps of 1 ms to 10 years, forward and back, between any two operations",
                        where,
                        ClockJumpTest.class)
                .seed(seed)
                .tried(schedules)
                .lost(0)
                .doubled(0)
                .overshot(0)
                .wrong(0)
                .outcome("jumps", jumps)
                .keep();
    }

    private static final class History {
        final long seed;
        final Random random;
        final ManualClock clock;
        final NaiveLedger naive = new NaiveLedger();
        final List<String> ids = new ArrayList<>();
        LedgerStore store;
        long now = Long.MIN_VALUE;
        long written = Long.MIN_VALUE;
        int step;
        long jumps;

        History(long seed, ManualClock clock, LedgerStore store) {
            this.seed = seed;
            this.random = new Random(seed);
            this.clock = clock;
            this.store = store;
        }

        /** Returns how often the clock jumped. */
        long run() {
            long before = jumps;
            assertThat(store.apply(NaiveLedger.DEFINE)).isInstanceOf(Outcome.Done.class);
            // What was only read at a later time is forgotten with the store; what was written is not.
            now = ((Outcome.Inspected) store.apply(new Operation.Inspect(NaiveLedger.SCOPE, null))).at();
            assertThat(now).as(context()).isGreaterThanOrEqualTo(Math.max(written, clock.millis()));
            naive.expire(now);
            for (int end = step + STEPS; step < end; step++) {
                jump();
                act();
                look();
            }
            assertThat(store.verify().differences()).as(context()).isEmpty();
            return jumps - before;
        }

        private String context() {
            return "seed " + seed + " step " + step;
        }

        private void jump() {
            long by = JUMPS[random.nextInt(JUMPS.length)];
            if (by != 0) {
                clock.advance(Duration.ofMillis(random.nextInt(3) == 0 ? -by : by));
                jumps++;
            }
            // A clock that has gone back stands still until it has caught up; else most of a history would have one
            // time.
            if (clock.millis() < now && random.nextInt(4) == 0) {
                clock.set(Instant.ofEpochMilli(now + random.nextInt(5_000)));
            }
            now = Math.max(now, clock.millis());
            naive.expire(now);
        }

        private void act() {
            long amount = 1 + random.nextInt(60);
            Amounts amounts = new Amounts(0, amount, 0, 1);
            String id = "i" + step;
            int kind = random.nextInt(8);
            if (kind < 3 || ids.isEmpty()) {
                List<LimitState> before = inspect().limits();
                long ttl = 1 + random.nextInt(900_000);
                Outcome outcome = store.apply(new Operation.Reserve(
                        OperationId.given(id),
                        NaiveLedger.SCOPE,
                        null,
                        "m",
                        amounts,
                        ttl,
                        OnExpiry.CHARGE,
                        Detail.NONE));
                boolean fits = before.stream()
                        .allMatch(state -> state.committed() + state.held() + amount
                                <= state.limit().amount());
                assertThat(outcome instanceof Outcome.Held)
                        .as("%s: %s", context(), outcome)
                        .isEqualTo(fits);
                if (fits) {
                    ids.add(id);
                    wrote();
                    naive.held(id, now, now + ttl, amount);
                }
            } else if (kind < 6) {
                String hold = ids.remove(random.nextInt(ids.size()));
                if (naive.open(hold)) {
                    Operation settle = kind == 3
                            ? new Operation.Release(NaiveLedger.SCOPE, hold)
                            : new Operation.Commit(NaiveLedger.SCOPE, hold, amounts, false, Detail.NONE);
                    assertThat(store.apply(settle)).as(context()).isInstanceOf(Outcome.Settled.class);
                    wrote();
                    if (kind == 3) {
                        naive.released(hold);
                    } else {
                        naive.settled(hold, now, amount);
                    }
                } else {
                    // Expired once, it is not open again, whatever the clock says now.
                    assertThat(store.apply(new Operation.Extend(
                                    OperationId.given("x" + step), NaiveLedger.SCOPE, hold, 1_000)))
                            .as(context())
                            .isInstanceOf(Outcome.Rejected.class);
                }
            } else if (kind == 6) {
                Outcome.Booked booked = (Outcome.Booked) store.apply(
                        new Operation.Book(OperationId.given(id), NaiveLedger.SCOPE, null, "m", amounts, Detail.NONE));
                assertThat(booked.bookedAt()).as(context()).isEqualTo(now);
                naive.booked(now, amount);
                wrote();
            } else {
                store.apply(new Operation.Sweep());
            }
        }

        private void wrote() {
            written = Math.max(written, now);
        }

        private void look() {
            naive.compare(inspect(), context());
        }

        private Outcome.Inspected inspect() {
            Outcome.Inspected shown = (Outcome.Inspected) store.apply(new Operation.Inspect(NaiveLedger.SCOPE, null));
            assertThat(shown.at())
                    .as("%s: time does not run backwards", context())
                    .isEqualTo(now);
            return shown;
        }
    }
}
