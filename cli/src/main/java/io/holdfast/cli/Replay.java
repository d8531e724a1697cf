package io.holdfast.cli;

import io.holdfast.Budget;
import io.holdfast.Call;
import io.holdfast.Charge;
import io.holdfast.Decision;
import io.holdfast.Reservation;
import io.holdfast.spi.AmbiguousOutcomeException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the rows of a trace through reserve and commit, several threads at once. The threads take rows in small chunks
 * from one reader, so the memory it needs does not grow with the trace.
 */
final class Replay {
    private static final int CHUNK = 16;
    private static final int MOST_ASKED_AGAIN = 5;

    private final Plan plan;
    private final List<Budget> tenants;
    private final AckLog log;
    private final Progress progress;
    private final Rows rows;
    private final LongAdder admitted = new LongAdder();
    private final LongAdder denied = new LongAdder();
    private final LongAdder spentNanos = new LongAdder();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /**
     * What to replay.
     *
     * @param trace the file
     * @param mostRows how many of its rows at most
     * @param repeat how often
     * @param models the models, one for each row in turn
     * @param holdExact whether to hold what the row will use, rather than what it could
     * @param threads how many threads
     * @param run the name of this run: its session
     */
    record Plan(
            Path trace, long mostRows, long repeat, List<String> models, boolean holdExact, int threads, String run) {}

    /**
     * What came of it.
     *
     * @param admitted calls that were admitted and committed
     * @param denied calls that were refused
     * @param spent what the admitted calls cost
     * @param nanos how long it took
     */
    record Result(long admitted, long denied, Usd spent, long nanos) {
        /** Returns how many times the ledger was asked: once to reserve each call, and once to commit it. */
        long operations() {
            return admitted + denied + admitted;
        }
    }

    Replay(Plan plan, List<Budget> tenants, AckLog log, Progress progress) {
        this.plan = plan;
        this.tenants = List.copyOf(tenants);
        this.log = log;
        this.progress = progress;
        this.rows = new Rows(plan);
    }

    Result run() {
        long began = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < plan.threads(); i++) {
            Thread thread = new Thread(this::work, "replay-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException stop) {
            failure.compareAndSet(null, new CommandException(ExitCodes.FAILED, "the replay was interrupted"));
            Thread.currentThread().interrupt();
        }
        rows.close();
        Failures.rethrow(failure.get());
        return new Result(admitted.sum(), denied.sum(), Usd.ofNanos(spentNanos.sum()), System.nanoTime() - began);
    }

    private void work() {
        try {
            while (failure.get() == null) {
                List<TraceRow> chunk = rows.take();
                if (chunk.isEmpty()) {
                    return;
                }
                for (TraceRow row : chunk) {
                    if (failure.get() != null) {
                        return;
                    }
                    call(row);
                    progress.step();
                }
            }
        } catch (Throwable failed) {
            failure.compareAndSet(null, failed);
        }
    }

    private void call(TraceRow row) {
        Budget tenant = tenants.get((int) (row.number() % tenants.size()));
        String model = plan.models().get((int) (row.number() % plan.models().size()));
        Usage usage = Usage.of(row.input(), row.output());
        Call call = Call.of(plan.run(), model).repeatable();
        Call bounded = plan.holdExact() ? call.exactly(usage) : call.input(row.input());
        Decision<Reservation> decision = certain(() -> tenant.tryReserve(bounded));
        if (!decision.allowed()) {
            denied.increment();
            return;
        }
        Reservation hold = decision.orThrow();
        Charge charge = certain(() -> hold.commit(usage));
        log.acknowledged(hold.id(), charge.cost());
        spentNanos.add(charge.cost().nanos());
        admitted.increment();
    }

    /** Asks again, by the same operation id, as long as an answer is lost. */
    private static <T> T certain(Supplier<T> step) {
        for (int asked = 1; ; asked++) {
            try {
                return step.get();
            } catch (AmbiguousOutcomeException lost) {
                if (asked == MOST_ASKED_AGAIN) {
                    throw lost;
                }
            }
        }
    }

    /** Hands out the rows of all repetitions. */
    private static final class Rows {
        private final Plan plan;
        private @Nullable TraceReader trace;
        private long round;

        Rows(Plan plan) {
            this.plan = plan;
        }

        synchronized List<TraceRow> take() {
            List<TraceRow> chunk = new ArrayList<>(CHUNK);
            while (chunk.size() < CHUNK && round < plan.repeat()) {
                if (trace == null) {
                    trace = TraceReader.open(plan.trace());
                }
                TraceRow row = trace.next();
                if (row == null || row.number() >= plan.mostRows()) {
                    close();
                    round++;
                } else {
                    chunk.add(row);
                }
            }
            return chunk;
        }

        synchronized void close() {
            if (trace != null) {
                trace.close();
                trace = null;
            }
        }
    }
}
