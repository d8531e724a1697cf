package io.holdfast;

import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A named owner of budgets (a tenant, a team, a user, an agent), or a template that gives every scope of a pattern its
 * limits at first touch. Immutable.
 */
public final class BudgetScope {
    private static final Window DAY = Window.rolling(Duration.ofHours(24));

    private final ScopeDefinition definition;

    private BudgetScope(ScopeDefinition definition) {
        this.definition = definition;
    }

    /**
     * Begins a scope.
     *
     * @param name 1 to 256 characters without control characters or a star
     * @return a builder
     * @throws InvalidInputException if it is no such name
     */
    public static Builder named(String name) {
        if (name.indexOf('*') >= 0) {
            throw new InvalidInputException("scope", name, "must not have a star; see BudgetScope.template");
        }
        return new Builder(name);
    }

    /**
     * Begins a template: each scope whose name begins as the pattern does and that is not registered by itself gets these
     * limits, each on counters of its own. Where several patterns fit, the longest counts.
     *
     * @param pattern the beginning of the names and a star, such as {@code user-*}
     * @return a builder
     * @throws InvalidInputException if the pattern does not end in its only star
     */
    public static Builder template(String pattern) {
        if (!pattern.endsWith("*")) {
            throw new InvalidInputException("template", pattern, "must end in a star");
        }
        return new Builder(pattern);
    }

    static BudgetScope of(ScopeDefinition definition) {
        return new BudgetScope(definition);
    }

    /**
     * Returns the name.
     *
     * @return the scope's name, or the template's pattern
     */
    public String name() {
        return definition.name();
    }

    /**
     * Returns the parent, whose limits bind too.
     *
     * @return its name, if there is one
     */
    public Optional<String> parent() {
        return Optional.ofNullable(definition.parent());
    }

    /**
     * Returns the limits.
     *
     * @return in the order they were added
     */
    public List<Limit> limits() {
        return definition.limits();
    }

    /**
     * Returns the ladders.
     *
     * @return in the order they were added
     */
    public List<Ladder> ladders() {
        return definition.ladders();
    }

    ScopeDefinition definition() {
        return definition;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BudgetScope that && definition.equals(that.definition);
    }

    @Override
    public int hashCode() {
        return definition.hashCode();
    }

    @Override
    public String toString() {
        return name() + parent().map(parent -> " in " + parent).orElse("") + " " + limits()
                + (ladders().isEmpty() ? "" : " " + ladders());
    }

    /** Gathers what a scope is. */
    public static final class Builder {
        private final String name;
        private final List<Limit> limits = new ArrayList<>();
        private final List<Ladder> ladders = new ArrayList<>();
        private @Nullable String parent;
        private double[] alerts = {};

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Puts the scope below another, whose limits bind its calls too. A scope keeps its parent for good.
         *
         * @param scope the name of a scope registered before
         * @return this builder
         */
        public Builder parent(String scope) {
            this.parent = scope;
            return this;
        }

        /**
         * Adds any limit.
         *
         * @param limit the limit
         * @return this builder
         */
        public Builder limit(Limit limit) {
            limits.add(limit);
            return this;
        }

        /**
         * Caps what each session may cost.
         *
         * @param dollars a plain decimal number of US dollars, such as {@code "10.00"}; zero denies every charge
         * @return this builder
         * @throws InvalidInputException if it is no such number
         */
        public Builder maxCostPerSession(String dollars) {
            return limit(Limit.cost(Usd.of(dollars), Window.session()));
        }

        /**
         * Caps what any 24 hours may cost.
         *
         * @param dollars a plain decimal number of US dollars; zero denies every charge
         * @return this builder
         * @throws InvalidInputException if it is no such number
         */
        public Builder maxCostPerDay(String dollars) {
            return limit(Limit.cost(Usd.of(dollars), DAY));
        }

        /**
         * Caps the tokens of each session.
         *
         * @param tokens input and output together, zero or more; zero denies every charge
         * @return this builder
         * @throws InvalidInputException if the number is negative
         */
        public Builder maxTokensPerSession(long tokens) {
            return limit(Limit.tokens(tokens, Window.session()));
        }

        /**
         * Caps the tokens of any 24 hours.
         *
         * @param tokens input and output together, zero or more; zero denies every charge
         * @return this builder
         * @throws InvalidInputException if the number is negative
         */
        public Builder maxTokensPerDay(long tokens) {
            return limit(Limit.tokens(tokens, DAY));
        }

        /**
         * Caps the tokens of one model, or of a family that shares the cap, in any 24 hours.
         *
         * @param model a model's name, or a pattern with stars such as {@code claude-*}
         * @param tokens input and output together, zero or more; zero denies every charge
         * @return this builder
         * @throws InvalidInputException if the number is negative or the model is no name
         */
        public Builder maxTokensPerModel(String model, long tokens) {
            return limit(Limit.tokens(tokens, DAY).forModels(model));
        }

        /**
         * Caps what one model, or a family that shares the cap, may cost in any 24 hours.
         *
         * @param model a model's name, or a pattern with stars such as {@code claude-*}
         * @param dollars a plain decimal number of US dollars; zero denies every charge
         * @return this builder
         * @throws InvalidInputException if it is no such number or the model is no name
         */
        public Builder maxCostPerModel(String model, String dollars) {
            return limit(Limit.cost(Usd.of(dollars), DAY).forModels(model));
        }

        /**
         * Guards against loops: at most so many calls with one {@linkplain Call#loopKey key} in any such time.
         *
         * @param calls the most calls with one key, zero or more
         * @param within one second to 366 days
         * @return this builder
         * @throws InvalidInputException if the number is negative or the time is out of range
         */
        public Builder loopGuard(long calls, Duration within) {
            return limit(Limit.loopGuard(calls, Window.rolling(within)));
        }

        /**
         * Adds a ladder: above a soft step of a limit, a call to one of these models takes the next. A scope may have
         * several; the first that has the model counts, and where none has it, the nearest ancestor's.
         *
         * @param models 2 to 16 models, the dearest first; the first may be a pattern such as {@code claude-sonnet-*}
         * @return this builder
         * @throws InvalidInputException if there are too few or too many, one stands twice, or one is no model
         */
        public Builder ladder(String... models) {
            ladders.add(Ladder.of(models));
            return this;
        }

        /**
         * Alerts at these fractions of every limit that has no alerts of its own, save loop guards.
         *
         * @param fractions each above 0 and at most 10, with at most six decimals
         * @return this builder
         */
        public Builder alertAt(double... fractions) {
            this.alerts = fractions.clone();
            return this;
        }

        /**
         * Returns the scope.
         *
         * @return an immutable scope
         * @throws InvalidInputException if a name is none, an alert is out of range, or two limits count the same
         */
        public BudgetScope build() {
            List<Limit> all = new ArrayList<>();
            for (Limit limit : limits) {
                boolean takesAlerts = limit.alerts().isEmpty() && !limit.guardsLoops();
                all.add(takesAlerts && alerts.length > 0 ? limit.alertAt(alerts) : limit);
            }
            return new BudgetScope(new ScopeDefinition(name, parent, all, ladders));
        }
    }
}
