package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.unit.Amounts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an answer of one store rests on may have been written by another that never got it onto the disk. */
class PromiseTest {
    private static final Path PATH = Path.of("ledger");
    private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
    private static final Operation DEFINE =
            new Operation.Define(new ScopeDefinition("s", null, List.of(Limit.calls(1_000, Window.lifetime()))), false);

    private static JsonStore open(FakeDisk disk, long segmentBytes) {
        return JsonStore.open(PATH, disk, () -> NOW, new Settings(segmentBytes, Runnable::run));
    }

    private static Operation book(String id) {
        return new Operation.Book(OperationId.given(id), "s", null, "m", new Amounts(1, 1, 2, 1), Detail.NONE);
    }

    private static void assertBookedWhateverIsLeft(FakeDisk disk, String id) {
        Random random = new Random(31);
        for (int round = 0; round < 20; round++) {
            try (JsonStore store = open(disk.afterPowerCut(random), 1_000)) {
                store.apply(DEFINE);
                assertThat(((Outcome.Booked) store.apply(book(id))).repeated())
                        .as("round %d", round)
                        .isTrue();
            }
        }
    }

    @Test
    void anAnswerThatRepeatsWaitsForTheDiskToo() {
        FakeDisk disk = new FakeDisk();
        JsonStore first = open(disk, 100_000);
        JsonStore second = open(disk, 100_000);
        first.apply(DEFINE);
        disk.faults = call -> call.startsWith("force ") ? FakeDisk.Effect.FAILS_HALFWAY : FakeDisk.Effect.WORKS;
        assertThat(catchThrowable(() -> first.apply(book("b")))).isInstanceOf(AmbiguousOutcomeException.class);
        disk.faults = call -> FakeDisk.Effect.WORKS;
        assertThat(((Outcome.Booked) second.apply(book("b"))).repeated()).isTrue();
        assertBookedWhateverIsLeft(disk, "b");
    }

    @Test
    void aSegmentBegunBySomebodyWhoDiedIsListedOnTheDiskBeforeItIsReliedOn() {
        FakeDisk disk = new FakeDisk();
        JsonStore first = open(disk, 300);
        JsonStore second = open(disk, 300);
        first.apply(DEFINE);
        first.apply(book("a"));
        boolean[] moved = {false};
        disk.faults = call -> {
            moved[0] |= call.startsWith("move journal-");
            return moved[0] && call.equals("forceDirectory") ? FakeDisk.Effect.FAILS : FakeDisk.Effect.WORKS;
        };
        assertThat(catchThrowable(() -> first.apply(book("c")))).isInstanceOf(StoreException.class);
        assertThat(moved[0]).isTrue();
        disk.faults = call -> FakeDisk.Effect.WORKS;
        assertThat(((Outcome.Booked) second.apply(book("b"))).repeated()).isFalse();
        assertBookedWhateverIsLeft(disk, "b");
    }

    @Test
    void aRefusalThatIsToBeDeliveredIsOnTheDiskWhenItIsAnswered() {
        FakeDisk disk = new FakeDisk();
        JsonStore store = open(disk, 100_000);
        store.apply(DEFINE);
        store.apply(new Operation.Subscribe("hook", Set.of(NoticeKind.CALL_REFUSED), false));
        Amounts tooMany = new Amounts(1, 1, 2, 2_000);
        assertThat(store.apply(new Operation.Reserve(
                        OperationId.given("r"), "s", null, "m", tooMany, 60_000, OnExpiry.CHARGE, Detail.NONE)))
                .isInstanceOf(Outcome.Denied.class);
        Random random = new Random(37);
        for (int round = 0; round < 20; round++) {
            try (JsonStore after = open(disk.afterPowerCut(random), 1_000)) {
                Outcome waiting = after.apply(new Operation.Claim("hook", "worker", 10, 1_000));
                assertThat(((Outcome.Claimed) waiting).messages())
                        .as("round %d", round)
                        .hasSize(1);
            }
        }
    }

    @Test
    void aRefusalCostsNoSync() {
        FakeDisk disk = new FakeDisk();
        try (JsonStore store = open(disk, 100_000)) {
            store.apply(DEFINE);
            int[] calls = {0};
            disk.faults = call -> {
                calls[0] += call.startsWith("force") || call.startsWith("write") ? 1 : 0;
                return FakeDisk.Effect.WORKS;
            };
            assertThat(store.apply(new Operation.Check("s", null, "m", Amounts.NONE)))
                    .isInstanceOf(Outcome.Checked.class);
            assertThat(store.apply(new Operation.Inspect("s", null))).isInstanceOf(Outcome.Inspected.class);
            assertThat(store.apply(new Operation.Release("s", "none"))).isInstanceOf(Outcome.Rejected.class);
            assertThat(store.apply(new Operation.Sweep())).isInstanceOf(Outcome.Done.class);
            assertThat(calls[0]).isZero();
        }
    }
}
