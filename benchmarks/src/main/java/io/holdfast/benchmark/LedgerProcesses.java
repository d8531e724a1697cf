package io.holdfast.benchmark;

import io.holdfast.limit.Window;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Several processes on one ledger: the library's, or on files the naive one or a mere file of records. */
final class LedgerProcesses implements Subject {
    private final String kind;
    private final Ledgers.Empty place;
    private final List<Worker> workers = new ArrayList<>();

    /**
     * What there is to do.
     *
     * @param processes how many
     * @param threads how many callers each of them has
     * @param scopes how many scopes they share, each process working in one
     * @param sessions how many sessions a scope has, of which each call takes one at random
     */
    record Load(int processes, int threads, int scopes, int sessions) {}

    /** One process, spoken to over its standard streams. */
    private static final class Worker {
        final Process process;
        final BufferedWriter orders;
        final BufferedReader answers;
        long acknowledged;

        Worker(Process process) {
            this.process = process;
            this.orders = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
            this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        void order(String order) throws IOException {
            orders.write(order);
            orders.newLine();
            orders.flush();
        }

        /** Lets it end by itself, as it does where there are no more orders. */
        void end() {
            try {
                orders.close();
            } catch (IOException gone) {
                return;
            }
            process.onExit().completeOnTimeout(process, 30, TimeUnit.SECONDS).join();
        }

        double answer() throws IOException {
            String line = answers.readLine();
            if (line == null) {
                throw new IOException("a worker ended early");
            }
            String[] parts = line.split(" ", 2);
            acknowledged = Long.parseLong(parts[1]);
            return Double.parseDouble(parts[0]);
        }
    }

    LedgerProcesses(String kind, Ledgers.Empty place, Load load, SplittableRandom random) throws IOException {
        this.kind = kind;
        this.place = place;
        for (int i = 0; i < load.processes; i++) {
            workers.add(new Worker(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx512m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LedgerWorker.class.getName(),
                            kind,
                            kind.equals("holdfast") ? place.url() : path().toString(),
                            "bench-" + i % load.scopes,
                            Integer.toString(load.sessions),
                            Integer.toString(load.threads),
                            Long.toString(random.nextLong()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start()));
        }
    }

    @Override
    public double run(Duration time) throws IOException {
        for (Worker worker : workers) {
            worker.order("run " + time.toMillis());
        }
        double sum = 0;
        for (Worker worker : workers) {
            sum += worker.answer();
        }
        return sum;
    }

    /** What the ledger counts is what was acknowledged, to the last operation. */
    @Override
    public void audit() throws IOException {
        long acknowledged =
                workers.stream().mapToLong(worker -> worker.acknowledged).sum();
        switch (kind) {
            case "naive" -> Audit.equal("nUSD", naiveTotal(), acknowledged * LedgerWorker.COST);
            case "append" -> Audit.equal("records", records(), acknowledged);
            default -> Audit.equal("nUSD", total(), acknowledged * LedgerWorker.COST);
        }
    }

    private Path path() {
        return Path.of(place.url().substring("json:".length()));
    }

    private long records() throws IOException {
        try (AppendLoop loop = new AppendLoop(path())) {
            return loop.records();
        }
    }

    private long naiveTotal() throws IOException {
        try (NaiveJsonLedger ledger = new NaiveJsonLedger(path())) {
            return ledger.total();
        }
    }

    private long total() {
        try (LedgerStore store = LedgerStores.open(place.url())) {
            Audit.of(store, scope -> true);
            AtomicLong total = new AtomicLong();
            AtomicLong held = new AtomicLong();
            store.survey(state -> {
                if (state.limit().window().equals(Window.lifetime())) {
                    total.addAndGet(state.committed());
                    held.addAndGet(state.held());
                }
            });
            Audit.equal("nUSD held", held.get(), 0);
            return total.get();
        }
    }

    @Override
    public void close() {
        try {
            for (Worker worker : workers) {
                worker.end();
            }
        } finally {
            workers.forEach(worker -> worker.process.destroyForcibly());
            place.drop().run();
        }
    }
}
