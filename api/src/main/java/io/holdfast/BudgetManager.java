package io.holdfast;

import io.holdfast.error.HoldfastException;
import io.holdfast.error.InvalidInputException;
import io.holdfast.event.BudgetEvent;
import io.holdfast.event.BudgetListener;
import io.holdfast.internal.Ledger;
import io.holdfast.internal.outage.OutageLedger;
import io.holdfast.internal.outage.OutageObserver;
import io.holdfast.internal.outage.OutageTerms;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Names;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.Durability;
import io.holdfast.spi.Entry;
import io.holdfast.spi.LedgerObserver;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Notice;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.spi.Survey;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The way in: opens a ledger, registers scopes, and hands out budgets. One for each process and ledger is enough. Safe
 * for use by several threads.
 */
public final class BudgetManager implements AutoCloseable {
    /** How the price book begins the name of a model that it does not know and whose provider is not stated. */
    private static final String NO_PROVIDER = "unknown:";

    private static final System.Logger LOG = System.getLogger(BudgetManager.class.getName());

    private final LedgerStore store;
    private final boolean ownsStore;
    private final Ledger ledger;
    private final @Nullable OutageLedger outages;
    private final Estimator estimator;
    private final EventDispatcher events = new EventDispatcher();
    private final RecentEvents recent = new RecentEvents();
    private final Sweeper sweeper;
    private final Sleeper sleeper;
    private final Executor executor;
    private final LadderMemory ladders = new LadderMemory();
    private final List<LedgerObserver> observers;

    private BudgetManager(Builder builder) {
        this.store = builder.openStore();
        this.ownsStore = builder.store == null;
        InstantSource clock = builder.clock == null ? InstantSource.system() : builder.clock;
        this.estimator = new Estimator(builder.prices, clock);
        this.sleeper = builder.sleeper;
        this.executor = Futures.neverRefusing(builder.executor);
        this.observers = builder.observers.stream().map(Ledger::harmless).toList();
        builder.listeners.forEach(events::add);
        Ledger direct = Ledger.to(store, builder.deadline, observers);
        this.outages = builder.outages == null ? null : bridged(direct, builder.outages.terms(), clock);
        this.ledger = outages == null ? direct : outages;
        this.sweeper = new Sweeper(this::sweep, builder.sweepEvery);
        IntSupplier spooled = outages == null ? () -> 0 : outages::spooled;
        observers.forEach(observer -> observer.opened(store, spooled));
    }

    /**
     * Begins a manager; the ledger is in memory unless a store is named.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Registers a scope or template. The same again changes nothing. A scope that was removed goes on from what it had
     * committed.
     *
     * @param scope the scope
     * @throws ScopeDefinitionException if it is registered otherwise (see {@link #replace}), or its parent is unknown
     */
    public void register(BudgetScope scope) {
        ask(new Operation.Define(priced(scope), false));
    }

    /**
     * Registers a scope or template, in place of what it was before. What is committed and held stays; a lower limit
     * refuses new calls and touches no open hold.
     *
     * @param scope the scope
     * @throws ScopeDefinitionException if its parent is unknown or another than before
     */
    public void replace(BudgetScope scope) {
        ask(new Operation.Define(priced(scope), true));
    }

    /**
     * Removes a scope or template.
     *
     * @param name the scope's name, or the template's pattern
     * @param removal what to do about open holds
     * @throws UnknownScopeException if there is none
     * @throws ScopeDefinitionException if it has children, or open holds and those are not to be passed over
     */
    public void remove(String name, Removal removal) {
        ask(new Operation.Remove(name, removal));
    }

    /**
     * Returns the budget of a scope.
     *
     * @param scope the scope's name; whether it is registered is seen at the first call
     * @return a light handle
     * @throws InvalidInputException if it is no name of a scope
     */
    public Budget budget(String scope) {
        Names.check("scope", scope);
        if (scope.indexOf('*') >= 0) {
            throw new InvalidInputException("scope", scope, "must not have a star");
        }
        return new Budget(this, scope);
    }

    /**
     * Streams every scope and template, in no order.
     *
     * @param reader is given each; a scope that its template made appears with its own name
     */
    public void scopes(Consumer<BudgetScope> reader) {
        store.definitions(definition -> reader.accept(BudgetScope.of(definition)));
    }

    /**
     * Streams how every scope stands, in no order.
     *
     * @param reader is given each
     */
    public void summaries(Consumer<BudgetSummary> reader) {
        List<String> names = new ArrayList<>();
        store.definitions(definition -> {
            if (!definition.template()) {
                names.add(definition.name());
            }
        });
        names.forEach(name -> reader.accept(budget(name).summary()));
    }

    /**
     * Streams how every limit of every scope stands, in no order and in one read of the ledger that holds up nobody for
     * long. Limits per session and loop guards are left out.
     *
     * @param reader is given each limit
     * @return how the ledger as a whole stands
     */
    public Survey survey(Consumer<LimitState> reader) {
        return store.survey(reader);
    }

    /**
     * Tells a listener everything that happens, until the manager is closed.
     *
     * @param listener is given each event, on a thread of its own
     */
    public void onEvent(BudgetListener listener) {
        events.add(listener);
    }

    /** Tells a listener of some events only; what tells which must not wait for anything. */
    void onEvent(Predicate<BudgetEvent> wanted, BudgetListener listener) {
        events.add(wanted, listener);
    }

    /**
     * Returns what waits in the ledger to be delivered, for those who deliver it.
     *
     * @return a light handle
     */
    public Outbox outbox() {
        return new Outbox(this);
    }

    /**
     * Returns the prices in use.
     *
     * @return the price book given to the builder, or the built-in one
     */
    public PriceBook prices() {
        return estimator.prices();
    }

    /**
     * Returns how this manager stands with its ledger.
     *
     * @return without an {@link OutagePolicy}, always available with nothing spooled
     */
    public OutageStatus outage() {
        return outages == null
                ? new OutageStatus(true, 0, Usd.ZERO)
                : new OutageStatus(outages.available(), outages.spooled(), Usd.ofNanos(outages.unchecked()));
    }

    /** Lets what is under way finish, delivers waiting events, and closes the ledger if it was opened here. */
    @Override
    public void close() {
        sweeper.close();
        ledger.close();
        observers.forEach(observer -> observer.closed(store));
        events.close();
        if (ownsStore) {
            store.close();
        }
    }

    Estimator estimator() {
        return estimator;
    }

    Sleeper sleeper() {
        return sleeper;
    }

    RecentEvents recent() {
        return recent;
    }

    void entries(Consumer<Entry> reader) {
        store.entries(Instant.EPOCH, Instant.MAX, reader);
    }

    LadderMemory ladders() {
        return ladders;
    }

    /** Carries out an operation, tells what it brought about, and throws if it was rejected. */
    Outcome ask(Operation operation) {
        Outcome outcome;
        try {
            outcome = ledger.apply(operation);
        } catch (RuntimeException | Error failure) {
            unanswered(operation, failure);
            throw failure;
        }
        return told(operation, outcome);
    }

    /** Carries out an operation as {@link #ask} does, without waiting; goes on with the executor of the asynchronous callers. */
    CompletableFuture<Outcome> submit(Operation operation) {
        CompletableFuture<Outcome> outcome;
        try {
            outcome = ledger.submit(operation);
        } catch (HoldfastException closed) {
            unanswered(operation, closed);
            return CompletableFuture.failedFuture(closed);
        }
        if (!observers.isEmpty()) {
            outcome = outcome.whenComplete((answer, failure) -> {
                if (failure != null) {
                    unanswered(operation, Futures.unwrapped(failure));
                }
            });
        }
        return outcome.thenApplyAsync(answer -> told(operation, answer), executor);
    }

    Executor executor() {
        return executor;
    }

    private void unanswered(Operation operation, Throwable failure) {
        observers.forEach(observer -> observer.unanswered(operation, failure));
    }

    private Outcome told(Operation operation, Outcome outcome) {
        tell(operation, outcome);
        if (outcome instanceof Outcome.Rejected rejected) {
            throw Rejections.exception(rejected, estimator.prices());
        }
        return outcome;
    }

    private void sweep() {
        events.report();
        ask(new Operation.Sweep());
    }

    private void tell(BudgetEvent event, @Nullable String child) {
        recent.add(event, child);
        events.offer(event);
    }

    private void tell(@Nullable Operation operation, Outcome outcome) {
        List<Notice> notices = outcome.notices();
        if (!notices.isEmpty()) {
            String child = operation instanceof Operation.Commit commit
                    ? commit.detail().tags().get(Call.CHILD)
                    : null;
            notices.forEach(notice -> tell(Events.of(notice), ofCall(notice) ? child : null));
        }
    }

    /** Tells whether a notice is about the very call that was settled, and not about a limit or another call. */
    private static boolean ofCall(Notice notice) {
        return notice instanceof Notice.Overshot || notice instanceof Notice.CommittedLate;
    }

    private OutageLedger bridged(Ledger direct, OutageTerms terms, InstantSource clock) {
        try {
            return new OutageLedger(
                    direct,
                    terms,
                    (id, amounts) -> bookedBefore(clock.instant(), id, amounts),
                    clock,
                    System::nanoTime,
                    new OutageEvents(terms));
        } catch (RuntimeException failure) {
            direct.close();
            if (ownsStore) {
                store.close();
            }
            throw failure;
        }
    }

    /** Looks through a week, which is longer than what the ledger remembers. */
    private boolean bookedBefore(Instant now, String operationId, Amounts amounts) {
        boolean[] found = {false};
        Instant since = now.minus(Duration.ofDays(7));
        store.entries(since, Instant.MAX, entry -> {
            if (entry.kind().sign() > 0
                    && entry.operationId().equals(operationId)
                    && entry.amounts().equals(amounts)) {
                found[0] = true;
            }
        });
        return found[0];
    }

    /** Tells listeners what an outage led to. */
    private final class OutageEvents implements OutageObserver {
        private final Usd allowance;

        OutageEvents(OutageTerms terms) {
            this.allowance = Usd.ofNanos(terms.allowance());
        }

        @Override
        public void admittedUnchecked(Operation.Reserve reserve, long used, long held) {
            BudgetEvent admitted = new BudgetEvent.AdmittedUnchecked(
                    reserve.scope(),
                    reserve.session(),
                    reserve.id().value(),
                    reserve.amounts(),
                    allowance,
                    Usd.ofNanos(used),
                    Usd.ofNanos(held));
            tell(admitted, reserve.detail().tags().get(Call.CHILD));
        }

        @Override
        public void notCarriedOut(Operation operation, Outcome.Rejected rejected, List<LimitState> limits) {
            LOG.log(System.Logger.Level.ERROR, "after an outage the ledger refused {0}: {1}", operation, rejected);
            tell(Events.of(operation, rejected, limits), null);
        }

        @Override
        public void carriedOut(Operation operation, Outcome outcome) {
            tell(null, outcome);
            if (operation instanceof Operation.Book book
                    && outcome instanceof Outcome.Booked booked
                    && !booked.repeated()
                    && !booked.passed().isEmpty()) {
                observers.forEach(observer -> observer.refused(book.scope(), booked.passed()));
            }
        }
    }

    /** Tells everybody that a call was refused, and which child session it befell, if one. */
    void refused(Refusal refusal, @Nullable String child) {
        observers.forEach(observer -> observer.refused(refusal.scope(), refusal.limits()));
        tellRefused(refusal, child);
    }

    /** Tells listeners that a call, or the budget of a child session, was refused, and which child session it befell, if one. */
    void tellRefused(Refusal refusal, @Nullable String child) {
        tell(refusal.event(), child);
        refusal.loop()
                .ifPresent(guard -> tell(
                        new BudgetEvent.LoopDetected(refusal.scope(), refusal.session(), refusal.model(), guard),
                        child));
    }

    /**
     * Limits and ladders name models as charges do: by the one name that the price book has for them. A model that has no price yet
     * keeps the bare name, which meets its calls whatever provider a price may bring.
     */
    private ScopeDefinition priced(BudgetScope scope) {
        ScopeDefinition definition = scope.definition();
        List<Limit> limits = new ArrayList<>();
        for (Limit limit : definition.limits()) {
            ModelPattern models = limit.models();
            limits.add(models.exact() ? limit.forModels(priced(models)) : limit);
        }
        List<Ladder> ladders = new ArrayList<>();
        for (Ladder ladder : definition.ladders()) {
            ladders.add(new Ladder(ladder.rungs().stream()
                    .map(rung -> rung.exact() ? ModelPattern.of(priced(rung)) : rung)
                    .toList()));
        }
        return new ScopeDefinition(definition.name(), definition.parent(), limits, ladders);
    }

    private String priced(ModelPattern model) {
        String name = prices().canonicalName(model.text());
        return name.startsWith(NO_PROVIDER) ? name.substring(NO_PROVIDER.length()) : name;
    }

    /** Gathers what a manager needs. */
    public static final class Builder {
        private final List<BudgetListener> listeners = new ArrayList<>();
        private final List<LedgerObserver> observers = new ArrayList<>();
        private String url = "memory:";
        private @Nullable LedgerStore store;
        private @Nullable InstantSource clock;
        private PriceBook prices = PriceBook.builtIn();
        private Durability durability = Durability.NONE;
        private @Nullable OutagePolicy outages;
        private Duration sweepEvery = Duration.ofSeconds(1);
        private Duration deadline = Duration.ofSeconds(30);
        private Executor executor = ForkJoinPool.commonPool();
        private Sleeper sleeper = time -> TimeUnit.NANOSECONDS.sleep(time.toNanos());

        private Builder() {}

        /**
         * Names the ledger; the manager opens and closes it.
         *
         * @param url for example {@code memory:} or {@code json:/var/lib/ledger}
         * @return this builder
         */
        public Builder store(String url) {
            this.url = url;
            this.store = null;
            return this;
        }

        /**
         * Gives an open ledger, which stays open when the manager is closed.
         *
         * @param open the ledger
         * @return this builder
         */
        public Builder store(LedgerStore open) {
            this.store = open;
            return this;
        }

        /**
         * Sets the clock of a ledger that goes by its process's clock, and of prices; without, the system's.
         *
         * @param source the clock, followed as it is but never backwards
         * @return this builder
         */
        public Builder clock(InstantSource source) {
            this.clock = source;
            return this;
        }

        /**
         * Sets the prices; without, the built-in table.
         *
         * @param book the price book
         * @return this builder
         */
        public Builder prices(PriceBook book) {
            this.prices = book;
            return this;
        }

        /**
         * Demands that an acknowledged operation survives at least this.
         *
         * @param least the least durability the ledger must declare
         * @return this builder
         */
        public Builder requireDurability(Durability least) {
            this.durability = least;
            return this;
        }

        /**
         * Adds a listener.
         *
         * @param listener is told everything that happens
         * @return this builder
         */
        public Builder listener(BudgetListener listener) {
            listeners.add(listener);
            return this;
        }

        /**
         * Adds an observer, such as metrics.
         *
         * @param observer sees every operation, on the thread that asks
         * @return this builder
         */
        public Builder observer(LedgerObserver observer) {
            observers.add(observer);
            return this;
        }

        /**
         * Sets how often holds out of time are looked for when there is no traffic; without, every second.
         *
         * @param period one millisecond or more
         * @return this builder
         * @throws InvalidInputException if it is less
         */
        public Builder sweepEvery(Duration period) {
            if (period.compareTo(Duration.ofMillis(1)) < 0) {
                throw new InvalidInputException("sweep period", period.toString(), "must be at least 1 ms");
            }
            this.sweepEvery = period;
            return this;
        }

        /**
         * Sets how long a caller waits for a slow store before the outcome is called ambiguous; without, 30 seconds.
         *
         * @param longest one millisecond or more
         * @return this builder
         * @throws InvalidInputException if it is less
         */
        public Builder deadline(Duration longest) {
            if (longest.compareTo(Duration.ofMillis(1)) < 0) {
                throw new InvalidInputException("deadline", longest.toString(), "must be at least 1 ms");
            }
            this.deadline = longest;
            return this;
        }

        /**
         * Sets where callers that do not wait go on ({@link Budget#async()}); without, in the common pool, which also runs
         * what this refuses because it is full.
         *
         * @param async runs what follows an answer of the ledger; on a thread other than the one that hands it in, which
         *     is the ledger's own
         * @return this builder
         */
        public Builder executor(Executor async) {
            this.executor = async;
            return this;
        }

        /**
         * Says what to do while the ledger cannot be reached. Without, every operation throws then, and what could not be
         * committed has to be committed again.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder outages(OutagePolicy policy) {
            this.outages = policy;
            return this;
        }

        /**
         * Sets how calls are delayed; without, the calling thread sleeps.
         *
         * @param waits waits, holding no lock
         * @return this builder
         */
        public Builder sleeper(Sleeper waits) {
            this.sleeper = waits;
            return this;
        }

        /**
         * Opens the ledger and returns the manager.
         *
         * @return a manager to be closed
         * @throws InvalidInputException if the URL names no store, or the store's durability is less than required
         * @throws io.holdfast.spi.StoreException if the ledger cannot be opened
         */
        public BudgetManager build() {
            return new BudgetManager(this);
        }

        private LedgerStore openStore() {
            LedgerStore ledger = store == null ? LedgerStores.open(url, clock) : store;
            Durability declared = ledger.traits().durability();
            if (declared.compareTo(durability) < 0) {
                if (store == null) {
                    ledger.close();
                }
                throw new InvalidInputException(
                        "store",
                        ledger.traits().name(),
                        "has durability " + declared + " where " + durability + " is required");
            }
            return ledger;
        }
    }
}
