package io.holdfast.cli;

import io.holdfast.BudgetExceededException;
import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.BudgetSession;
import io.holdfast.Call;
import io.holdfast.Charge;
import io.holdfast.Refusal;
import io.holdfast.Reservation;
import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.pricing.Caching;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceOptions;
import io.holdfast.spi.LedgerStore;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The night the agent looped: eight workers send one malformed ticket to a model, again and again, under a budget. */
final class Demo {
    static final int ATTEMPTS = 4_200;
    static final int WORKERS = 8;
    static final String COMPANY = "acme";
    static final String AGENT = "support-agent";
    static final String PER_SESSION = "10.00";
    static final String PER_DAY = "50.00";
    static final String DOWNGRADE_AT = "5.00";
    static final String THROTTLE_AT = "8.00";
    static final Duration DELAY = Duration.ofSeconds(2);

    /** How much faster the delays of the demo pass than they say. */
    static final int TIME_LAPSE = 1_000;

    private static final int FIRST_SHOWN = 3;

    private final SimulatedProvider provider;
    private final String sessionId;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<Moment> moments = new ArrayList<>();
    private final List<Moment> alerts = new ArrayList<>();
    private int admitted;
    private int downgraded;
    private int throttled;
    private int refused;
    private Usd spent = Usd.ZERO;
    private @Nullable Moment last;
    private @Nullable Moment firstDowngraded;
    private @Nullable Moment firstThrottled;
    private @Nullable Moment firstRefused;
    private @Nullable Refusal refusal;

    /**
     * A turning point.
     *
     * @param attempt the attempt, or null where it is not about one
     * @param tokens what it used or would have used
     * @param held what was held for it
     * @param cost what it cost
     * @param spent what the session had spent then
     * @param what what happened
     */
    record Moment(
            @Nullable Integer attempt,
            @Nullable Long tokens,
            @Nullable Usd held,
            @Nullable Usd cost,
            Usd spent,
            String what) {
        Moment told(String other) {
            return new Moment(attempt, tokens, held, cost, spent, other);
        }
    }

    /**
     * What came of it.
     *
     * @param admitted attempts that were admitted and paid for
     * @param downgraded how many of those took the cheaper model
     * @param throttled how many of those were delayed
     * @param refused attempts that were refused and cost nothing
     * @param spent what the session spent, by the ledger
     * @param limit what it could have spent
     * @param withoutGate what all attempts would have cost
     * @param moments the turning points, in order
     * @param refusal why the first refused attempt was refused
     */
    record Result(
            int admitted,
            int downgraded,
            int throttled,
            int refused,
            Usd spent,
            Usd limit,
            Usd withoutGate,
            List<Moment> moments,
            @Nullable Refusal refusal) {}

    Demo(SimulatedProvider provider, String sessionId) {
        this.provider = provider;
        this.sessionId = sessionId;
    }

    Result run(LedgerStore ledger, MetricsServer meters) {
        Usd withoutGate;
        Usd booked;
        try (BudgetManager manager = meters.observe(BudgetManager.builder())
                .store(ledger)
                .listener(this::event)
                .sleeper(time -> TimeUnit.NANOSECONDS.sleep(time.toNanos() / TIME_LAPSE))
                .build()) {
            manager.register(BudgetScope.named(COMPANY)
                    .maxCostPerDay(PER_DAY)
                    .alertAt(0.5, 0.8, 1.0)
                    .build());
            manager.register(BudgetScope.named(AGENT)
                    .parent(COMPANY)
                    .limit(Limit.cost(Usd.of(PER_SESSION), Window.session())
                            .downgradeAt(Usd.of(DOWNGRADE_AT))
                            .throttleAt(Usd.of(THROTTLE_AT), DELAY))
                    .ladder(SimulatedProvider.MODEL, SimulatedProvider.CHEAPER_MODEL)
                    .alertAt(0.5, 0.8, 1.0)
                    .build());
            BudgetSession session = manager.budget(AGENT).session(sessionId);
            withoutGate = withoutGate(manager.prices().require(SimulatedProvider.MODEL, Instant.now()));
            loop(session);
            booked = spent(session);
        }
        return new Result(
                admitted,
                downgraded,
                throttled,
                refused,
                booked,
                Usd.of(PER_SESSION),
                withoutGate,
                turningPoints(),
                refusal);
    }

    private void loop(BudgetSession session) {
        List<Thread> workers = new ArrayList<>();
        for (int i = 1; i <= WORKERS; i++) {
            Thread worker = new Thread(() -> work(session), "worker-" + i);
            worker.setDaemon(true);
            worker.start();
            workers.add(worker);
        }
        try {
            for (Thread worker : workers) {
                worker.join();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CommandException(ExitCodes.FAILED, "the demo was interrupted", stop);
        }
        Failures.rethrow(failure.get());
    }

    private void work(BudgetSession session) {
        try {
            for (int attempt = next.incrementAndGet();
                    attempt <= ATTEMPTS && failure.get() == null;
                    attempt = next.incrementAndGet()) {
                attempt(session, attempt);
            }
        } catch (Throwable failed) {
            failure.compareAndSet(null, failed);
        }
    }

    private void attempt(BudgetSession session, int attempt) {
        Usage usage = provider.usage(attempt);
        Call call = Call.of(sessionId, SimulatedProvider.MODEL)
                .input(usage.input())
                .maxOutput(SimulatedProvider.MAX_OUTPUT)
                .caching(Caching.NONE)
                .id(sessionId + "-attempt-" + attempt)
                .ttl(Duration.ofMinutes(5));
        try (Reservation hold = session.reserve(call)) {
            provider.answer();
            admitted(attempt, usage, hold, hold.commit(usage));
        } catch (BudgetExceededException no) {
            refused(attempt, usage, no.refusal());
        }
    }

    private synchronized void admitted(int attempt, Usage usage, Reservation hold, Charge charge) {
        admitted++;
        spent = spent.plus(charge.cost());
        Usd held = hold.estimate().cost().orElse(Usd.ZERO);
        last = new Moment(attempt, usage.total(), held, charge.cost(), spent, "admitted, paid, failed: try again");
        if (admitted <= FIRST_SHOWN) {
            moments.add(last);
        }
        if (hold.downgraded() && downgraded++ == 0) {
            firstDowngraded = last.told("admitted as " + hold.model() + " from now on");
        }
        if (!hold.delay().isZero() && throttled++ == 0) {
            firstThrottled = last.told("admitted after " + hold.delay().toSeconds() + " s from now on");
        }
    }

    private synchronized void refused(int attempt, Usage usage, Refusal why) {
        refused++;
        if (refusal == null) {
            refusal = why;
            firstRefused =
                    new Moment(attempt, usage.total(), null, null, spent, "refused before it left: the first of many");
        }
    }

    private void event(BudgetEvent event) {
        if (event instanceof BudgetEvent.AlertReached alert
                && sessionId.equals(alert.state().session())) {
            LimitState state = alert.state();
            Limit limit = state.limit();
            String percent =
                    alert.fraction().movePointRight(2).stripTrailingZeros().toPlainString();
            Moment moment = new Moment(
                    null,
                    null,
                    null,
                    null,
                    Usd.ofNanos(state.committed()),
                    "alert: " + percent + " % of " + limit.format(limit.amount()));
            synchronized (this) {
                alerts.add(moment);
            }
        }
    }

    /** Returns the moments by what had been spent, which is their order in time. */
    private synchronized List<Moment> turningPoints() {
        List<Moment> all = new ArrayList<>(moments);
        all.addAll(alerts);
        if (last != null && admitted > FIRST_SHOWN) {
            all.add(last.told("admitted: the last one"));
        }
        if (firstDowngraded != null) {
            all.add(firstDowngraded);
        }
        if (firstThrottled != null) {
            all.add(firstThrottled);
        }
        if (firstRefused != null) {
            all.add(firstRefused);
        }
        all.sort(Comparator.comparing(Moment::spent));
        return all;
    }

    private Usd withoutGate(ModelPrice price) {
        Usd sum = Usd.ZERO;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            sum = sum.plus(price.cost(provider.usage(attempt), PriceOptions.STANDARD));
        }
        return sum;
    }

    private static Usd spent(BudgetSession session) {
        return session.summary().limits().stream()
                .filter(state -> state.session() != null && state.limit().meter() == Meter.COST)
                .map(state -> Usd.ofNanos(state.committed()))
                .findFirst()
                .orElse(Usd.ZERO);
    }
}
