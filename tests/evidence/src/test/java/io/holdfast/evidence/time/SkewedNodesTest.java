package io.holdfast.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.LimitState;
import io.holdfast.spi.Detail;
import io.holdfast.spi.LedgerStore;
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
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("I14, I15: two processes whose clocks are five minutes apart")
class SkewedNodesTest {
    private static final int ROUNDS = Boolean.getBoolean("holdfast.full") ? 200 : 10;
    private static final Instant START = Instant.parse("2026-09-06T02:40:00Z");

    @TempDir
    Path directory = Path.of("");

    @Test
    @DisplayName("go by the time of whoever is ahead, and count the same charges in the same windows")
    void skewed() {
        long first = Long.getLong("holdfast.seed", 1);
        int operations = 0;
        for (long seed = first; seed < first + ROUNDS; seed++) {
            operations += round(seed);
        }
        Survival.of("two processes whose clocks are five minutes apart", "JSON files", SkewedNodesTest.class)
                .seed(first)
                .tried(ROUNDS)
                .lost(0)
                .doubled(0)
                .overshot(0)
                .wrong(0)
                .outcome("operations", operations)
                .keep();
    }

    private int round(long seed) {
        Random random = new Random(seed);
        Path place = directory.resolve("ledger-" + seed);
        List<ManualClock> clocks = List.of(new ManualClock(START), new ManualClock(START.minus(Duration.ofMinutes(5))));
        NaiveLedger naive = new NaiveLedger();
        long[] last = {Long.MIN_VALUE, Long.MIN_VALUE};
        long journal = Long.MIN_VALUE;
        try (LedgerStore ahead = JsonStore.open(place, clocks.get(0));
                LedgerStore behind = JsonStore.open(place, clocks.get(1))) {
            List<LedgerStore> stores = List.of(ahead, behind);
            ahead.apply(NaiveLedger.DEFINE);
            for (int step = 0; step < 60; step++) {
                long pace = random.nextInt(4) == 0 ? random.nextInt(1_200_000) : random.nextInt(20_000);
                clocks.forEach(clock -> clock.advance(Duration.ofMillis(pace)));
                int node = random.nextInt(2);
                LedgerStore store = stores.get(node);
                String context = "seed " + seed + " step " + step + " node " + node;
                long amount = 1 + random.nextInt(60);
                Amounts amounts = new Amounts(0, amount, 0, 1);
                List<LimitState> before = inspect(store).limits();
                Outcome outcome = store.apply(new Operation.Check(NaiveLedger.SCOPE, null, "m", amounts));
                assertThat(((Outcome.Checked) outcome).admitted())
                        .as(context)
                        .isEqualTo(before.stream()
                                .allMatch(state -> state.committed() + amount
                                        <= state.limit().amount()));
                Outcome.Booked booked = (Outcome.Booked) store.apply(new Operation.Book(
                        OperationId.given("b" + step), NaiveLedger.SCOPE, null, "m", amounts, Detail.NONE));
                assertThat(booked.bookedAt())
                        .as("%s: no earlier than what is in the journal, or its own clock", context)
                        .isGreaterThanOrEqualTo(
                                Math.max(journal, clocks.get(node).millis()));
                journal = booked.bookedAt();
                naive.booked(booked.bookedAt(), amount);
                for (int each = 0; each < 2; each++) {
                    Outcome.Inspected shown = inspect(stores.get(each));
                    assertThat(shown.at()).as(context).isGreaterThanOrEqualTo(Math.max(last[each], journal));
                    last[each] = shown.at();
                    naive.compare(shown, context + " seen by " + each);
                }
            }
            assertThat(ahead.verify().differences()).as("seed %d", seed).isEmpty();
            assertThat(behind.verify().differences()).as("seed %d", seed).isEmpty();
        }
        return 60 * 5;
    }

    private static Outcome.Inspected inspect(LedgerStore store) {
        return (Outcome.Inspected) store.apply(new Operation.Inspect(NaiveLedger.SCOPE, null));
    }
}
