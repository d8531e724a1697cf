package io.holdfast.evidence.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.BudgetManager;
import io.holdfast.OutageStatus;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.survival.Survival;
import io.holdfast.unit.Usd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** I13: kill -9 of a process that goes in and out of outages, again and again on the same ledger and spool. */
@Timeout(3_600)
class KilledSpoolTest {
    private static final int KILLS = Boolean.getBoolean("holdfast.full") ? 250 : 10;
    /** One token is a millionth of a dollar. */
    private static final long NANOS_PER_TOKEN = 1_000;

    @TempDir
    Path scratch = Path.of("");

    @Test
    @DisplayName("what was acknowledged is booked once, whether the ledger could be reached then or not")
    void killedAtAnyMoment() throws Exception {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        String store = "json:" + scratch.resolve("ledger");
        Path spool = scratch.resolve("spool");
        Path acks = Files.createFile(scratch.resolve("acks"));
        for (int kill = 0; kill < KILLS; kill++) {
            killOne(store, spool, acks, "run" + kill, random);
        }
        try (LedgerStore ledger = LedgerStores.open(store)) {
            try (BudgetManager last = OutageHammer.manager(ledger, spool)) {
                while (!last.outage().equals(new OutageStatus(true, 0, Usd.ZERO))) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            assertThat(ledger.verify().differences()).as("seed %d", seed).isEmpty();
        }
        int acknowledged = audit(store, Files.readString(acks), seed);
        Survival.of("SIGKILL in and out of outages", "spool", KilledSpoolTest.class)
                .seed(seed)
                .tried(KILLS)
                .lost(0)
                .doubled(0)
                .outcome("acknowledged", acknowledged)
                .keep();
    }

    private void killOne(String store, Path spool, Path acks, String run, Random random) throws Exception {
        long before = Files.size(acks);
        String[] arguments = {
            store, spool.toString(), acks.toString(), run, Long.toString(random.nextLong()),
        };
        try (ChildJvm child = ChildJvm.start(scratch, List.of("-Xmx128m"), OutageHammer.class.getName(), arguments)) {
            while (Files.size(acks) == before && child.process.isAlive()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            TimeUnit.MICROSECONDS.sleep(random.nextInt(300_000));
            assertThat(child.process.isAlive())
                    .as("killed while it works; it said: %s", child.errors())
                    .isTrue();
            child.kill();
        }
    }

    /** Returns how many calls were acknowledged. */
    private static int audit(String store, String acks, long seed) {
        Map<String, Long> booked = new HashMap<>();
        Map<String, Integer> times = new HashMap<>();
        try (LedgerAudit audit = LedgerAudit.open(store)) {
            for (Entry entry : audit.entries()) {
                booked.merge(
                        entry.operationId(),
                        entry.kind().sign() * entry.amounts().cost(),
                        Long::sum);
                times.merge(entry.operationId(), entry.kind().sign(), Integer::sum);
            }
        }
        assertThat(times.entrySet())
                .as("bookings of one call, seed %d", seed)
                .allSatisfy(
                        each -> assertThat(each.getValue()).as(each.getKey()).isBetween(0, 1));
        Set<String> known = new HashSet<>();
        int inOutage = 0;
        // A kill may tear the last line of a child.
        for (String line : acks.lines()
                .filter(each -> each.matches("run\\d+-\\d-\\d+ \\d+ (up|down)"))
                .toList()) {
            String[] ack = line.split(" ", 3);
            known.add(ack[0]);
            assertThat(booked.getOrDefault(ack[0], 0L))
                    .as("the booking of %s, seed %d", line, seed)
                    .isEqualTo(Long.parseLong(ack[1]) * NANOS_PER_TOKEN);
            inOutage += ack[2].equals("down") ? 1 : 0;
        }
        assertThat(inOutage).as("calls acknowledged in outages, seed %d", seed).isGreaterThan(KILLS);
        assertThat(known.size() - inOutage)
                .as("calls acknowledged otherwise, seed %d", seed)
                .isGreaterThan(KILLS);
        booked.keySet().removeAll(known);
        assertThat(booked.size())
                .as("calls booked that nobody was told of: no more than were under way at the kills, seed %d", seed)
                .isLessThanOrEqualTo(KILLS * 3);
        return known.size();
    }
}
