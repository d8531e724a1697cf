package io.holdfast.store.json;

import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.store.json.io.FileStorageIo;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes a ledger with many entries and tells how long writing, opening, verifying and reading take. Run by hand: {@code
 * OpeningBench DIRECTORY [ENTRIES] [SECONDS] [given]}, where the entries are spread over so many seconds of the ledger's
 * time, and the ids of the operations are as if their callers had chosen them.
 */
final class OpeningBench {
    private static final int BATCH = 128;

    private OpeningBench() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        int entries = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        long seconds = arguments.length > 2 ? Long.parseLong(arguments[2]) : 3_600;
        boolean given = arguments.length > 3 && arguments[3].equals("given");
        AtomicLong now = new AtomicLong(1_800_000_000_000L);
        if (!Files.exists(directory)) {
            write(directory, entries, seconds * 1_000, given, now);
        }
        now.set(1_800_000_000_000L + seconds * 1_000);
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            try (JsonStore store = JsonStore.open(directory, () -> Instant.ofEpochMilli(now.get()))) {
                tell("open", start, entries);
                if (i == 2) {
                    start = System.nanoTime();
                    long[] count = {0};
                    store.entries(Instant.EPOCH, Instant.ofEpochMilli(now.get() + 1), entry -> count[0]++);
                    tell("read " + count[0] + " entries", start, entries);
                    start = System.nanoTime();
                    System.out.println(store.verify());
                    tell("verify", start, entries);
                }
            }
        }
    }

    private static void write(Path directory, int entries, long millis, boolean given, AtomicLong now) {
        long start = System.nanoTime();
        try (JsonStore store = JsonStore.open(
                directory, new FileStorageIo(), () -> Instant.ofEpochMilli(now.get()), Settings.DEFAULT)) {
            store.apply(new Operation.Define(
                    new ScopeDefinition(
                            "team",
                            null,
                            List.of(
                                    Limit.cost(Usd.of("1000000"), Window.rolling(Duration.ofHours(24))),
                                    Limit.tokens(
                                            1_000_000_000_000L, Window.calendar(CalendarUnit.DAY, ZoneOffset.UTC)))),
                    false));
            store.apply(new Operation.Define(
                    new ScopeDefinition(
                            "user-*",
                            "team",
                            List.of(
                                    Limit.cost(Usd.of("1000000"), Window.rolling(Duration.ofHours(24))),
                                    Limit.cost(Usd.of("100"), Window.session()))),
                    false));
            long begin = now.get();
            for (int done = 0; done < entries; done += BATCH) {
                now.set(begin + millis * done / entries);
                List<Operation> reserves = new ArrayList<>();
                List<Operation> commits = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    OperationId id = given ? OperationId.given("request-" + (done + i)) : OperationId.made();
                    String scope = "user-" + (done + i) % 1_000;
                    String session = "ticket-" + (done + i) % 10_000;
                    reserves.add(new Operation.Reserve(
                            id,
                            scope,
                            session,
                            "claude-sonnet-4-5",
                            new Amounts(15_360_000, 812, 1_024, 1),
                            600_000,
                            OnExpiry.CHARGE,
                            new Detail(Usage.of(812, 1_024), java.util.Map.of())));
                    commits.add(new Operation.Commit(
                            scope,
                            id.value(),
                            new Amounts(4_581_000, 812, 143, 1),
                            false,
                            new Detail(Usage.of(812, 143), java.util.Map.of())));
                }
                store.apply(reserves);
                store.apply(commits);
            }
            tell("write", start, entries);
        }
        tell("write and close", start, entries);
    }

    private static void tell(String what, long start, int entries) {
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%s: %.2f s (%,.0f entries/s)%n", what, seconds, entries / seconds);
    }
}
