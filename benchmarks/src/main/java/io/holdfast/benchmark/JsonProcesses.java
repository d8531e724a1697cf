package io.holdfast.benchmark;

import io.holdfast.BudgetManager;
import io.holdfast.limit.LimitState;
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

/** Several processes on one ledger in a temporary directory: the library's on JSON, the naive one, or a mere file of records. */
final class JsonProcesses implements Subject {
    private final String kind;
    private final Path directory;
    private final List<Worker> workers = new ArrayList<>();

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

    JsonProcesses(String kind, int processes, int threads, int sessions, SplittableRandom random) throws IOException {
        this.kind = kind;
        this.directory = Ledgers.temporary();
        for (int i = 0; i < processes; i++) {
            workers.add(new Worker(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx512m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            JsonWorker.class.getName(),
                            kind,
                            directory.resolve("ledger").toString(),
                            Integer.toString(sessions),
                            Integer.toString(threads),
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
            case "naive" -> Audit.equal("nUSD", naiveTotal(), acknowledged * JsonWorker.COST);
            case "append" -> Audit.equal("records", records(), acknowledged);
            default -> Audit.equal("nUSD", total(), acknowledged * JsonWorker.COST);
        }
    }

    private long records() throws IOException {
        try (AppendLoop loop = new AppendLoop(directory.resolve("ledger"))) {
            return loop.records();
        }
    }

    private long naiveTotal() throws IOException {
        try (NaiveJsonLedger ledger = new NaiveJsonLedger(directory.resolve("ledger"))) {
            return ledger.total();
        }
    }

    private long total() {
        try (LedgerStore store = LedgerStores.open("json:" + directory.resolve("ledger"));
                BudgetManager budgets = BudgetManager.builder().store(store).build()) {
            Audit.equal("holds", Audit.of(store, scope -> true).held(), 0);
            return budgets.budget("bench").summary().limits().stream()
                    .filter(state -> state.limit().window().equals(Window.lifetime()))
                    .mapToLong(LimitState::committed)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Override
    public void close() throws IOException {
        for (Worker worker : workers) {
            worker.orders.close();
            worker.process
                    .onExit()
                    .completeOnTimeout(worker.process, 30, TimeUnit.SECONDS)
                    .join();
            worker.process.destroyForcibly();
        }
        Ledgers.delete(directory);
    }
}
