package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.event.BudgetEvent;
import io.holdfast.event.BudgetListener;
import io.holdfast.internal.Ledger;
import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Names;
import io.holdfast.pricing.PriceBook;
import io.holdfast.spi.Durability;
import io.holdfast.spi.LedgerStore;
import io.holdfast.spi.LedgerStores;
import io.holdfast.spi.Notice;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way in: opens a ledger, registers scopes, and hands out budgets. One for each process and ledger is enough. Safe
 * for use by several threads.
 */
public final class BudgetManager implements AutoCloseable {
    /** How the price book begins the name of a model that it does not know and whose provider is not stated. */
    private static final String NO_PROVIDER = "unknown:";

    private final LedgerStore store;
    private final boolean ownsStore;
    private final Ledger ledger;
    private final Estimator estimator;
    private final EventDispatcher events = new EventDispatcher();
    private final Sweeper sweeper;

    private BudgetManager(Builder builder) {
        this.store = builder.openStore();
        this.ownsStore = builder.store == null;
        this.ledger = Ledger.to(store, builder.deadline);
        this.estimator = new Estimator(builder.prices, builder.clock == null ? InstantSource.system() : builder.clock);
        builder.listeners.forEach(events::add);
        this.sweeper = new Sweeper(() -> ask(new Operation.Sweep()), builder.sweepEvery);
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
     * Tells a listener everything that happens, until the manager is closed.
     *
     * @param listener is given each event, on a thread of its own
     */
    public void onEvent(BudgetListener listener) {
        events.add(listener);
    }

    /**
     * Returns the prices in use.
     *
     * @return the price book given to the builder, or the built-in one
     */
    public PriceBook prices() {
        return estimator.prices();
    }

    /** Lets what is under way finish, delivers waiting events, and closes the ledger if it was opened here. */
    @Override
    public void close() {
        sweeper.close();
        ledger.close();
        events.close();
        if (ownsStore) {
            store.close();
        }
    }

    Estimator estimator() {
        return estimator;
    }

    /** Carries out an operation, tells what it brought about, and throws if it was rejected. */
    Outcome ask(Operation operation) {
        Outcome outcome = ledger.apply(operation);
        for (Notice notice : outcome.notices()) {
            events.offer(event(notice));
        }
        if (outcome instanceof Outcome.Rejected rejected) {
            throw Rejections.exception(rejected, estimator.prices());
        }
        return outcome;
    }

    void refused(Refusal refusal) {
        events.offer(
                new BudgetEvent.CallRefused(refusal.scope(), refusal.session(), refusal.model(), refusal.limits()));
    }

    /**
     * Limits name models as charges do: by the one name that the price book has for them. A model that has no price yet
     * keeps the bare name, which meets its calls whatever provider a price may bring.
     */
    private ScopeDefinition priced(BudgetScope scope) {
        ScopeDefinition definition = scope.definition();
        List<Limit> limits = new ArrayList<>();
        for (Limit limit : definition.limits()) {
            ModelPattern models = limit.models();
            limits.add(models.exact() ? limit.forModels(priced(models)) : limit);
        }
        return new ScopeDefinition(definition.name(), definition.parent(), limits);
    }

    private String priced(ModelPattern model) {
        String name = prices().canonicalName(model.text());
        return name.startsWith(NO_PROVIDER) ? name.substring(NO_PROVIDER.length()) : name;
    }

    private static BudgetEvent event(Notice notice) {
        if (notice instanceof Notice.Crossed crossed) {
            int millionths = crossed.state().limit().alerts().get(crossed.alert());
            return new BudgetEvent.AlertReached(
                    crossed.state(), BigDecimal.valueOf(millionths, 6).stripTrailingZeros());
        }
        if (notice instanceof Notice.Overshot overshot) {
            return new BudgetEvent.CallOvershot(
                    overshot.scope(), overshot.session(), overshot.holdId(), overshot.estimate(), overshot.actual());
        }
        if (notice instanceof Notice.CommittedLate late) {
            return new BudgetEvent.CommittedLate(
                    late.scope(), late.session(), late.holdId(), late.estimate(), late.actual());
        }
        Notice.Expired expired = (Notice.Expired) notice;
        return new BudgetEvent.HoldExpired(
                expired.scope(),
                expired.session(),
                expired.holdId(),
                expired.estimate(),
                expired.onExpiry() == OnExpiry.CHARGE);
    }

    /** Gathers what a manager needs. */
    public static final class Builder {
        private final List<BudgetListener> listeners = new ArrayList<>();
        private String url = "memory:";
        private @Nullable LedgerStore store;
        private @Nullable InstantSource clock;
        private PriceBook prices = PriceBook.builtIn();
        private Durability durability = Durability.NONE;
        private Duration sweepEvery = Duration.ofSeconds(1);
        private Duration deadline = Duration.ofSeconds(30);

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
