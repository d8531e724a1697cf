package io.holdfast.evidence.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.survival.Survival;
import io.holdfast.unit.Usd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I8, I9: kill -9 of a replay at a random moment, again and again on the same ledger. */
class KilledReplayTest {
    private static final int KILLS = Boolean.getBoolean("holdfast.full") ? 1_000 : 25;
    private static final int FRESH_LEDGER_EVERY = 25;

    @TempDir
    Path scratch = Path.of("");

    @Test
    @DisplayName("every acknowledged commit is in the ledger, once, and the ledger opens and verifies")
    void killedAtAnyMoment() throws Exception {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Random random = new Random(seed);
        Path trace = Traces.made(scratch, 2_000, 7);
        long acknowledged = 0;
        Path acks = scratch.resolve("acks-0");
        String store = "json:" + scratch.resolve("ledger-0");
        for (int kill = 0; kill < KILLS; kill++) {
            if (kill % FRESH_LEDGER_EVERY == 0) {
                acks = scratch.resolve("acks-" + kill);
                store = "json:" + scratch.resolve("ledger-" + kill);
            }
            killOne(trace, store, acks, random);
            if (kill % 5 == 4 || kill == KILLS - 1) {
                acknowledged = audit(store, acks, seed, kill);
            }
        }
        assertThat(acknowledged)
                .as("commits acknowledged before the kills, seed %d", seed)
                .isPositive();
        Survival.of("SIGKILL of a replay with eight threads", "JSON files", KilledReplayTest.class)
                .seed(seed)
                .tried(KILLS)
                .lost(0)
                .doubled(0)
                .outcome("acknowledged", acknowledged)
                .keep();
    }

    private void killOne(Path trace, String store, Path acks, Random random) throws Exception {
        long before = Files.exists(acks) ? Files.size(acks) : 0;
        try (ChildJvm replay = ChildJvm.cli(
                scratch,
                "replay",
                "--trace",
                trace.toString(),
                "--store",
                store,
                "--tenants",
                "5",
                "--threads",
                "8",
                "--repeat",
                "1000",
                "--ack-log",
                acks.toString(),
                "--format",
                "json")) {
            // Once the first acknowledgement is there, anything from right away to a while later.
            while ((!Files.exists(acks) || Files.size(acks) == before) && replay.process.isAlive()) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            assertThat(replay.process.isAlive())
                    .as("killed while it works; it said: %s", replay.errors())
                    .isTrue();
            TimeUnit.MICROSECONDS.sleep(random.nextInt(300_000));
            replay.kill();
        }
    }

    private static long audit(String store, Path acks, long seed, int kill) throws Exception {
        try (LedgerAudit audit = LedgerAudit.open(store)) {
            assertThat(audit.verify().differences())
                    .as("seed %d, kill %d", seed, kill)
                    .isEmpty();
            Map<String, Usd> booked = audit.committed();
            long lines = 0;
            for (String line : wholeLines(acks)) {
                String[] ack = line.split(" ", 2);
                assertThat(booked.get(ack[0]))
                        .as("the booking of %s, seed %d, kill %d", line, seed, kill)
                        .isEqualTo(Usd.of(ack[1]));
                lines++;
            }
            return lines;
        }
    }

    /** A kill may tear the last line that was written; what counts as acknowledged are whole lines. */
    private static java.util.List<String> wholeLines(Path file) throws Exception {
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> line.matches("[^ ]+ [0-9]+\\.[0-9]{2,9}"))
                .toList();
    }
}
