package io.holdfast.evidence.history;

import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** One of several processes on a ledger: asks, and prints what it saw. */
final class HistoryWorker {
    private static final long LONGEST_NANOS = 60_000_000_000L;

    private HistoryWorker() {}

    /** Takes the ledger's URL, a directory for signs, its own number, a seed, how many rounds and how many asks in each. */
    public static void main(String[] arguments) throws Exception {
        Path signs = Path.of(arguments[1]);
        int client = Integer.parseInt(arguments[2]);
        long seed = Long.parseLong(arguments[3]);
        try (LedgerStore store = LedgerStores.open(arguments[0], null)) {
            Files.createFile(signs.resolve("ready-" + client));
            long end = System.nanoTime() + LONGEST_NANOS;
            while (!Files.exists(signs.resolve("go"))) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("nobody said go");
                }
                LockSupport.parkNanos(1_000_000);
            }
            StringBuilder seen = new StringBuilder();
            for (int round = 0; round < Integer.parseInt(arguments[4]); round++) {
                Recorder recorder = new Recorder(store, "r" + round + "-", client, seed + round);
                recorder.ask(Integer.parseInt(arguments[5]));
                for (Event event : recorder.events) {
                    seen.append(round)
                            .append('|')
                            .append(event.invoked())
                            .append('|')
                            .append(event.returned());
                    seen.append('|').append(event.ask().text()).append('|');
                    seen.append(event.known() ? event.answer() : "?").append('\n');
                }
            }
            System.out.print(seen);
        }
    }
}
