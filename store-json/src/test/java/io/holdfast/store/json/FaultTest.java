package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.holdfast.error.HoldfastException;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.StoreException;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Amounts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultTest {
    private static final Path PATH = Path.of("ledger");
    private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
    private static final Settings TINY = new Settings(900, Runnable::run);
    /** Whether to take minutes instead of seconds. */
    private static final boolean FULL = Boolean.getBoolean("holdfast.full");

    private static final Map<FakeDisk.Effect, String> NAMES = Map.of(
            FakeDisk.Effect.FAILS, "error before it",
            FakeDisk.Effect.FAILS_HALFWAY, "short write",
            FakeDisk.Effect.FAILS_AFTERWARDS, "error after it",
            FakeDisk.Effect.NO_ROOM, "no space left",
            FakeDisk.Effect.INTERRUPTS, "interrupt");

    private static final Logger LOGGER = Logger.getLogger("io.holdfast.store.json");

    @BeforeAll
    static void quiet() {
        LOGGER.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOGGER.setLevel(null);
    }

    /** What was promised about each booking, as far as the callers know. */
    private static final class Promises {
        final TreeSet<String> acknowledged = new TreeSet<>();
        final TreeSet<String> unknown = new TreeSet<>();
        final TreeSet<String> refused = new TreeSet<>();

        void audit(LedgerStore store, String context) {
            Map<String, Integer> found = new HashMap<>();
            store.entries(
                    Instant.EPOCH, NOW.plusSeconds(1), entry -> found.merge(entry.operationId(), 1, Integer::sum));
            for (String id : acknowledged) {
                assertThat(found).as("%s: acknowledged %s", context, id).containsEntry(id, 1);
            }
            for (String id : refused) {
                assertThat(found).as("%s: refused %s", context, id).doesNotContainKey(id);
            }
            for (String id : found.keySet()) {
                assertThat(acknowledged.contains(id) || unknown.contains(id))
                        .as("%s: %s was asked for", context, id)
                        .isTrue();
                assertThat(found).as(context).containsEntry(id, 1);
            }
            assertThat(store.verify().differences()).as(context).isEmpty();
            if (!found.isEmpty()) {
                Outcome.Inspected inspected = (Outcome.Inspected) store.apply(new Operation.Inspect("s", null));
                assertThat(inspected.limits().get(0).committed()).as(context).isEqualTo(found.size());
            }
        }
    }

    private static JsonStore open(FakeDisk disk) {
        return JsonStore.open(PATH, disk, () -> NOW, TINY);
    }

    /** Two processes, as it were, book in turn, single and in batches; the second is reopened once. */
    private static void work(FakeDisk disk, Promises promises, boolean goOn) {
        JsonStore[] stores = new JsonStore[2];
        for (int step = 0; step < 13; step++) {
            int which = step % 3 == 0 ? 1 : 0;
            List<Operation> batch = new ArrayList<>();
            List<String> ids = new ArrayList<>();
            batch.add(new Operation.Define(
                    new ScopeDefinition("s", null, List.of(Limit.calls(1_000, Window.rolling(Duration.ofHours(1))))),
                    false));
            for (int i = 0; i <= step % 4; i++) {
                String id = "b" + step + "-" + i;
                ids.add(id);
                batch.add(new Operation.Book(
                        OperationId.given(id), "s", null, "m", new Amounts(0, 1, 2, 1), Detail.NONE));
            }
            boolean tried = false;
            try {
                JsonStore store = stores[which];
                if (store == null || step == 9) {
                    store = open(disk);
                    stores[which] = store;
                }
                promises.unknown.addAll(ids);
                tried = true;
                store.apply(batch);
                promises.unknown.removeAll(ids);
                promises.acknowledged.addAll(ids);
            } catch (AmbiguousOutcomeException unknown) {
                stores[which] = null;
                if (!goOn) {
                    return;
                }
            } catch (StoreException none) {
                if (tried) {
                    promises.unknown.removeAll(ids);
                    promises.refused.addAll(ids);
                }
                stores[which] = null;
                if (!goOn) {
                    return;
                }
            } catch (HoldfastException other) {
                fail("an untyped failure", other);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FAILS, false",
        "FAILS, true",
        "FAILS_HALFWAY, false",
        "FAILS_HALFWAY, true",
        "FAILS_AFTERWARDS, false",
        "FAILS_AFTERWARDS, true",
        "NO_ROOM, false",
        "NO_ROOM, true",
        "INTERRUPTS, false",
        "INTERRUPTS, true"
    })
    void whateverCallFailsNothingAcknowledgedIsLostAndNothingRefusedIsThere(FakeDisk.Effect effect, boolean forEver) {
        int calls = Integer.MAX_VALUE;
        int tried = 0;
        long acknowledged = 0;
        long refused = 0;
        long unknown = 0;
        for (int at = 1; at <= calls; at++) {
            int[] count = {0};
            String[] failed = {""};
            int wanted = at;
            FakeDisk disk = new FakeDisk();
            disk.faults = call -> {
                count[0]++;
                if (count[0] == wanted || (forEver && count[0] > wanted)) {
                    if (count[0] == wanted) {
                        failed[0] = call;
                    }
                    return effect;
                }
                return FakeDisk.Effect.WORKS;
            };
            Promises promises = new Promises();
            work(disk, promises, true);
            String context = effect + (forEver ? " from call " : " at call ") + at + ", " + failed[0];
            assertThat(Thread.interrupted())
                    .as("%s: the interrupt is kept", context)
                    .isEqualTo(effect == FakeDisk.Effect.INTERRUPTS && count[0] >= at);
            if (effect == FakeDisk.Effect.INTERRUPTS) {
                assertThat(promises.unknown).as(context).isEmpty();
                assertThat(promises.refused).as(context).isEmpty();
            }
            disk.faults = call -> FakeDisk.Effect.WORKS;
            FakeDisk image = disk.afterKill();
            try (JsonStore store = open(image)) {
                promises.audit(store, context);
            }
            if (count[0] < at) {
                calls = at;
            } else {
                tried++;
                acknowledged += promises.acknowledged.size();
                refused += promises.refused.size();
                unknown += promises.unknown.size();
            }
        }
        assertThat(calls).isGreaterThan(100);
        Survival.of(
                        "I/O fault at call n, for every n: " + NAMES.get(effect)
                                + (forEver ? ", and from then on" : ", once"),
                        "JSON files",
                        FaultTest.class)
                .tried(tried)
                .lost(0)
                .doubled(0)
                .wrong(0)
                .outcome("acknowledged", acknowledged)
                .outcome("refused", refused)
                .outcome("unknown", unknown)
                .keep();
    }

    /** What the store does to its disk; a loss of power before each of these has to be among those tried. */
    private static final List<String> KINDS = List.of(
            "createDirectory",
            "list",
            "openLock",
            "lock",
            "unlock",
            "open journal-",
            "write journal-",
            "truncate journal-",
            "force journal-",
            "move journal-",
            "forceDirectory",
            "tryLockAside",
            "open snapshot-",
            "write snapshot-",
            "force snapshot-",
            "move snapshot-",
            "delete snapshot-",
            "unlockAside",
            "open synced",
            "write synced");

    @Test
    void whenPowerIsLostAtAnyCallNothingAcknowledgedIsLost() {
        int images = 0;
        long first = 11;
        Set<String> calls = new TreeSet<>();
        for (long seed = first; seed < first + (FULL ? 60 : 2); seed++) {
            images += powerLost(seed, calls);
        }
        for (String kind : KINDS) {
            assertThat(calls).as("calls before which power was lost").anyMatch(call -> call.startsWith(kind));
        }
        Survival.of("power lost at each I/O call, those of snapshots too", "JSON files", FaultTest.class)
                .seed(first)
                .tried(images)
                .lost(0)
                .doubled(0)
                .wrong(0)
                .keep();
    }

    /** Returns how many states of the disk were opened. */
    private static int powerLost(long seed, Set<String> calls) {
        Random random = new Random(seed);
        FakeDisk disk = new FakeDisk();
        Promises promises = new Promises();
        int[] count = {0};
        int[] images = {0};
        disk.faults = call -> {
            count[0]++;
            calls.add(call);
            boolean changes = !call.startsWith("read") && !call.startsWith("list");
            for (int i = FULL || changes ? 0 : 1; i < (FULL ? 4 : 2); i++) {
                images[0]++;
                FakeDisk image = disk.afterPowerCut(random);
                String context = "seed " + seed + " power lost before call " + count[0] + ", " + call;
                Map<String, String> found = image.contents();
                try (JsonStore store = open(image)) {
                    promises.audit(store, context);
                } catch (RuntimeException refused) {
                    throw new AssertionError(context + " " + found, refused);
                }
                Map<String, String> recovered = image.contents();
                open(image).close();
                assertThat(image.contents()).as(context).isEqualTo(recovered);
            }
            return FakeDisk.Effect.WORKS;
        };
        work(disk, promises, false);
        assertThat(promises.acknowledged).hasSizeGreaterThan(25);
        assertThat(count[0]).isGreaterThan(100);
        return images[0];
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22})
    void whenPowerIsLostWhileRecoveringNothingAcknowledgedIsLost(long seed) {
        Random random = new Random(seed);
        int[] images = {0};
        for (int round = 0; round < (FULL ? 200 : 25); round++) {
            FakeDisk disk = new FakeDisk();
            Promises promises = new Promises();
            int crashAt = 30 + random.nextInt(250);
            int[] count = {0};
            FakeDisk[] image = {null};
            disk.faults = call -> {
                if (++count[0] == crashAt) {
                    image[0] = disk.afterPowerCut(random);
                }
                return count[0] >= crashAt ? FakeDisk.Effect.FAILS : FakeDisk.Effect.WORKS;
            };
            work(disk, promises, false);
            FakeDisk first = image[0] == null ? disk.afterPowerCut(random) : image[0];
            String context = "seed " + seed + " round " + round;
            first.faults = call -> {
                images[0]++;
                FakeDisk second = first.afterPowerCut(random);
                try (JsonStore store = open(second)) {
                    promises.audit(store, context + " again before " + call);
                }
                return FakeDisk.Effect.WORKS;
            };
            try (JsonStore store = open(first)) {
                promises.audit(store, context);
            }
        }
        Survival.of("power lost again at each I/O call of a recovery", "JSON files", FaultTest.class)
                .seed(seed)
                .tried(images[0])
                .lost(0)
                .doubled(0)
                .wrong(0)
                .keep();
    }

    /** A recovery that is killed at any of its calls leaves what the next one makes the same of as an undisturbed one. */
    @Test
    void aRecoveryKilledAtAnyCallIsFinishedByTheNext() {
        long seed = 41;
        Random random = new Random(seed);
        int killed = 0;
        for (int round = 0; round < (FULL ? 200 : 20); round++) {
            FakeDisk disk = new FakeDisk();
            Promises promises = new Promises();
            int crashAt = 30 + random.nextInt(250);
            int[] count = {0};
            FakeDisk[] cut = {null};
            disk.faults = call -> {
                if (++count[0] == crashAt) {
                    cut[0] = disk.afterPowerCut(random);
                }
                return count[0] >= crashAt ? FakeDisk.Effect.FAILS : FakeDisk.Effect.WORKS;
            };
            work(disk, promises, false);
            FakeDisk left = cut[0] == null ? disk.afterPowerCut(random) : cut[0];
            FakeDisk undisturbed = left.afterKill();
            List<String> recovered = booked(undisturbed);
            int calls = Integer.MAX_VALUE;
            for (int at = 1; at <= calls; at++) {
                FakeDisk image = left.afterKill();
                int[] done = {0};
                int last = at;
                image.faults = call -> ++done[0] >= last ? FakeDisk.Effect.FAILS : FakeDisk.Effect.WORKS;
                try {
                    open(image).close();
                    calls = at; // it got through; closing may still have failed
                } catch (StoreException | AmbiguousOutcomeException dead) {
                    killed++;
                }
                String context = "seed " + seed + " round " + round + " killed at call " + at;
                FakeDisk next = image.afterKill();
                assertThat(booked(next)).as(context).isEqualTo(recovered);
                try (JsonStore store = open(next)) {
                    promises.audit(store, context);
                }
            }
        }
        assertThat(killed).isGreaterThan(100);
        Survival.of("recovery killed at each of its I/O calls", "JSON files", FaultTest.class)
                .seed(seed)
                .tried(killed)
                .lost(0)
                .doubled(0)
                .wrong(0)
                .keep();
    }

    private static List<String> booked(FakeDisk disk) {
        List<String> ids = new ArrayList<>();
        try (JsonStore store = open(disk)) {
            store.entries(Instant.EPOCH, NOW.plusSeconds(1), entry -> ids.add(entry.operationId()));
        }
        return ids;
    }

    @Test
    void aFailedSyncIsTheLastOne() {
        FakeDisk disk = new FakeDisk();
        int[] forces = {0};
        boolean[] failing = {false};
        JsonStore store = open(disk);
        disk.faults = call -> {
            if (call.startsWith("force ") && failing[0]) {
                forces[0]++;
                return FakeDisk.Effect.FAILS_HALFWAY;
            }
            return FakeDisk.Effect.WORKS;
        };
        Operation define = new Operation.Define(new ScopeDefinition("s", null, List.of()), false);
        failing[0] = true;
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> store.apply(define)))
                .isInstanceOf(AmbiguousOutcomeException.class);
        for (int i = 0; i < 3; i++) {
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> store.apply(define)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("opened again");
        }
        store.close();
        assertThat(forces[0]).isEqualTo(1);
        failing[0] = false;
        try (JsonStore again = open(disk)) {
            assertThat(again.apply(define)).isInstanceOf(Outcome.Done.class);
        }
    }

    @Test
    void aFullDiskRefusesAndGoesOnWhenThereIsRoomAgain() {
        FakeDisk disk = new FakeDisk();
        boolean[] full = {false};
        disk.faults =
                call -> full[0] && call.startsWith("write") ? FakeDisk.Effect.FAILS_HALFWAY : FakeDisk.Effect.WORKS;
        try (JsonStore store = open(disk)) {
            Operation define = new Operation.Define(new ScopeDefinition("s", null, List.of()), false);
            store.apply(define);
            for (int i = 0; i < 10; i++) {
                String id = "b" + i;
                Operation book =
                        new Operation.Book(OperationId.given(id), "s", null, "m", new Amounts(1, 1, 1, 1), Detail.NONE);
                full[0] = true;
                assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> store.apply(book)))
                        .isExactlyInstanceOf(StoreException.class);
                assertThat(store.apply(new Operation.Inspect("s", null))).isInstanceOf(Outcome.Inspected.class);
                full[0] = false;
                assertThat(((Outcome.Booked) store.apply(book)).repeated()).isFalse();
            }
            List<Entry> entries = new ArrayList<>();
            store.entries(Instant.EPOCH, NOW.plusSeconds(1), entries::add);
            assertThat(entries).hasSize(10);
            assertThat(store.verify().differences()).isEmpty();
        }
    }
}
