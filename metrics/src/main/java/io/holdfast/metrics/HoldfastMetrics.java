package io.holdfast.metrics;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Names;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The meters of budgets. Observes managers and binds to registries, in any order:
 *
 * <pre>{@code
 * HoldfastMetrics metrics = HoldfastMetrics.create();
 * metrics.bindTo(registry);
 * BudgetManager budgets = BudgetManager.builder().store("json:./ledger").observer(metrics).build();
 * }</pre>
 *
 * <p>What a call adds to are plain counters; gauges are read from the ledger now and then, on a thread of its own. The
 * number of series is bounded, however many scopes and models there are. Closing it ends that thread and leaves the meters
 * as they are. Safe for use by several threads.
 */
public final class HoldfastMetrics implements LedgerObserver, MeterBinder, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HoldfastMetrics.class.getName());

    /** Of a ledger that answers sooner than a clock can be read twice, one operation of so many is timed. */
    private static final int TIMED_IN_MEMORY = 64;

    /** Reading the gauges takes at most one part of so many of the time. */
    private static final int PART_OF_THE_TIME = 100;

    private final int mostSeries;
    private final Set<String> always;
    private final Ledgers ledgers = new Ledgers();
    private final Tallies tallies;
    private final List<BoundMeters> bound = new CopyOnWriteArrayList<>();
    private final ScheduledThreadPoolExecutor executor;
    private final long periodNanos;
    private boolean failing;

    /** When an operation of a ledger that gathers was asked. */
    private record Gathered(long began) {}

    private HoldfastMetrics(Builder builder) {
        this.mostSeries = builder.mostSeries;
        this.always = Set.copyOf(builder.always);
        this.tallies =
                new Tallies(new SpendTallies(mostSeries / EntryKind.values().length, () -> later(this::newFamily)));
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "holdfast-metrics");
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.periodNanos = builder.every.toNanos();
        later(this::refreshAndAgain, periodNanos);
    }

    /**
     * Returns meters with at most 200 series each, read every 10 seconds.
     *
     * @return meters that observe nothing yet
     */
    public static HoldfastMetrics create() {
        return builder().build();
    }

    /**
     * Begins meters that are otherwise than usual.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Registers the meters; those of a model's family come with its first call.
     *
     * @param registry where
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        bound.add(new BoundMeters(registry, tallies, ledgers));
        later(this::refreshQuietly);
    }

    /**
     * Reads the gauges of budgets and holds now, which otherwise happens by itself.
     *
     * @throws io.holdfast.spi.StoreException if a ledger cannot be read; the gauges stay as they were
     */
    public synchronized void refresh() {
        TopLimits top;
        do {
            top = new TopLimits(mostSeries, always);
        } while (!ledgers.survey(top));
        TopLimits chosen = top;
        everywhere(meters -> {
            meters.show(chosen);
            meters.spend();
        });
    }

    @Override
    public void opened(LedgerStore store, IntSupplier spooled) {
        ledgers.add(store, spooled);
        later(this::refreshQuietly);
    }

    @Override
    public void closed(LedgerStore store) {
        ledgers.remove(store);
    }

    @Override
    public @Nullable Object asked(Operation operation) {
        if (!ledgers.gathering()) {
            return ThreadLocalRandom.current().nextInt(TIMED_IN_MEMORY) == 0 ? System.nanoTime() : null;
        }
        ledgers.asked.increment();
        return new Gathered(System.nanoTime());
    }

    @Override
    public void answered(Operation operation, Outcome outcome, @Nullable Object mark) {
        tallies.answered(operation, outcome);
        ended(operation, mark);
    }

    @Override
    public void failed(Operation operation, Throwable failure, @Nullable Object mark) {
        tallies.failed(failure);
        ended(operation, mark);
    }

    @Override
    public void unanswered(Operation operation, Throwable failure) {
        tallies.unanswered(operation);
    }

    @Override
    public void refused(String scope, List<LimitState> limits) {
        tallies.refused(limits);
    }

    @Override
    public void gathered(int operations) {
        everywhere(meters -> meters.gathered(operations));
    }

    @Override
    public void close() {
        executor.shutdownNow();
        bound.forEach(BoundMeters::close);
    }

    private void ended(Operation operation, @Nullable Object mark) {
        if (mark instanceof Gathered gathered) {
            ledgers.ended.increment();
            timed(operation, gathered.began());
        } else if (mark instanceof Long began) {
            timed(operation, began);
        }
    }

    private void timed(Operation operation, long began) {
        long nanos = System.nanoTime() - began;
        everywhere(meters -> meters.record(OperationType.of(operation), nanos));
    }

    /** Gives every registry its turn, also after one that throws. */
    private void everywhere(Consumer<BoundMeters> turn) {
        Throwable first = null;
        for (BoundMeters meters : bound) {
            try {
                turn.accept(meters);
            } catch (RuntimeException | Error failure) {
                first = first == null ? failure : first;
            }
        }
        if (first instanceof Error error) {
            throw error;
        } else if (first instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private void newFamily() {
        everywhere(BoundMeters::spend);
    }

    private void later(Runnable task) {
        later(task, 0);
    }

    private void later(Runnable task, long nanos) {
        try {
            ScheduledFuture<?> unused = executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            // Nobody shows them any more.
        }
    }

    /** Reads large ledgers less often, so that reading takes a small part of the time however many scopes there are. */
    private void refreshAndAgain() {
        long began = System.nanoTime();
        try {
            refreshQuietly();
        } finally {
            later(this::refreshAndAgain, Math.max(periodNanos, PART_OF_THE_TIME * (System.nanoTime() - began)));
        }
    }

    /** Logs the first of several failures in a row. */
    private void refreshQuietly() {
        try {
            refresh();
            failing = false;
        } catch (Throwable failure) {
            if (!failing) {
                LOG.log(System.Logger.Level.WARNING, "the meters of budgets could not be read", failure);
            }
            failing = true;
        }
    }

    /** Gathers what may be otherwise than usual. */
    public static final class Builder {
        private static final int FEWEST_SERIES = 20;

        private final Set<String> always = new HashSet<>();
        private int mostSeries = 200;
        private Duration every = Duration.ofSeconds(10);

        private Builder() {}

        /**
         * Sets how many series a meter may have; without, 200. The limits most used get one of their own, and the rest is
         * summed as {@code other}.
         *
         * @param series 20 or more
         * @return this builder
         * @throws InvalidInputException if it is less
         */
        public Builder mostSeries(int series) {
            if (series < FEWEST_SERIES) {
                throw new InvalidInputException(
                        "most series", Integer.toString(series), "must be at least " + FEWEST_SERIES);
            }
            this.mostSeries = series;
            return this;
        }

        /**
         * Always shows the limits of a scope, before those that are used more.
         *
         * @param scope the scope's name
         * @return this builder
         * @throws InvalidInputException if it is no name
         */
        public Builder always(String scope) {
            Names.check("scope", scope);
            always.add(scope);
            return this;
        }

        /**
         * Sets how often the gauges of budgets and holds are read from the ledger; without, every 10 seconds. A ledger so
         * large that reading it takes more than a hundredth of that is read less often.
         *
         * @param period one millisecond or more
         * @return this builder
         * @throws InvalidInputException if it is less
         */
        public Builder every(Duration period) {
            if (period.compareTo(Duration.ofMillis(1)) < 0) {
                throw new InvalidInputException("period", period.toString(), "must be at least 1 ms");
            }
            this.every = period;
            return this;
        }

        /**
         * Returns the meters.
         *
         * @return meters that observe nothing yet
         */
        public HoldfastMetrics build() {
            return new HoldfastMetrics(this);
        }
    }
}
