package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one model costs at one provider: decimal prices in US dollars per million tokens, kept exactly to the nano-dollar.
 * Immutable.
 *
 * <p>A request is priced as the exact sum of its tokens times their prices, rounded up to the nano-dollar once. If the
 * whole prompt is greater than the threshold of the {@linkplain #tier() tier}, the whole request is billed at the
 * prices of the tier, and its cache rates rise as the input price does.
 *
 * <pre>{@code
 * ModelPrice price = ModelPrice.of("acme", "my-model").input("2.50").output("10").maxOutputTokens(8_192).build();
 * Usd cost = price.cost(Usage.of(812, 143), PriceOptions.STANDARD);
 * Usd most = price.worstCase(CallBound.of(812, 1_024), PriceOptions.STANDARD);
 * }</pre>
 */
public final class ModelPrice {
    private final String provider;
    private final String model;
    private final String id;
    private final Usd input;
    private final @Nullable Usd output;
    private final @Nullable Usd cacheRead;
    private final @Nullable Usd cacheWriteShort;
    private final @Nullable Usd cacheWriteLong;
    private final @Nullable PriceTier tier;
    private final @Nullable Usd batchInput;
    private final @Nullable Usd batchOutput;
    private final @Nullable Long contextWindow;
    private final @Nullable Long maxOutputTokens;
    private final List<String> aliases;
    private final @Nullable LocalDate asOf;
    private final List<String> sources;
    private final Tariffs standard;
    private final @Nullable Tariffs batch;

    ModelPrice(ModelPriceBuilder facts, Usd input) {
        this.provider = facts.provider;
        this.model = facts.model;
        this.id = facts.id != null ? facts.id : facts.provider + ':' + Names.lower(facts.model);
        this.input = input;
        this.output = facts.output;
        this.cacheRead = facts.cacheRead;
        this.cacheWriteShort = facts.cacheWriteShort;
        this.cacheWriteLong = facts.cacheWriteLong;
        this.tier = facts.tier;
        this.batchInput = facts.batchInput;
        this.batchOutput = facts.batchOutput;
        this.contextWindow = facts.contextWindow;
        this.maxOutputTokens = facts.maxOutputTokens;
        this.aliases = List.copyOf(facts.aliases);
        this.asOf = facts.asOf;
        this.sources = List.copyOf(facts.sources);
        this.standard = Tariffs.standard(this);
        this.batch = Tariffs.batch(this);
    }

    /**
     * Begins the price of a model.
     *
     * @param provider who bills, such as {@code "openai"}: 1 to 64 letters, digits, {@code . - _}; case does not matter
     * @param model the provider's name of the model, at least 1 character, and at most 255 together with the provider; case
     *     does not matter
     * @return a builder that still needs the input price
     * @throws InvalidInputException if a name breaks its rule
     */
    public static ModelPriceBuilder of(String provider, String model) {
        String known = Names.provider(provider);
        return new ModelPriceBuilder(known, Names.model("model", known, model));
    }

    /**
     * Returns a model that costs nothing: the explicit way to say so.
     *
     * @param provider who would bill; as in {@link #of}
     * @param model the name of the model; as in {@link #of}
     * @return a price of zero for every kind of token, batch jobs too
     * @throws InvalidInputException if a name breaks its rule
     */
    public static ModelPrice free(String provider, String model) {
        return of(provider, model).free().build();
    }

    /**
     * Returns the exact cost of a request, rounded up once to the nano-dollar, and its extra cost.
     *
     * @param usage what the request used
     * @param options how it is billed
     * @return zero or more
     * @throws UnknownPriceException if the model has no price for what was used or asked for
     * @throws InvalidInputException if the cost is above the largest amount
     */
    public Usd cost(Usage usage, PriceOptions options) {
        if (output == null && usage.output() > 0) {
            throw new UnknownPriceException(id, "output tokens");
        }
        long nanos = tariffs(options.serviceTier())
                .ofPrompt(usage.inputTotal())
                .cost(
                        usage.input(),
                        usage.cacheRead(),
                        usage.cacheWriteShort(),
                        usage.cacheWriteLong(),
                        usage.output(),
                        options.multiplier());
        return plus(nanos, usage.extraCost());
    }

    /**
     * Returns the most a call can cost: no {@linkplain #cost cost} of a usage within the bound is greater. Both sides of the
     * tier's threshold are considered where the prompt can reach it, and the whole prompt counts as the dearest kind of
     * input that the bound allows.
     *
     * @param bound the most the call can use; its answer is cut to {@linkplain #mostOutputTokens what the model can give}
     * @param options how the call is billed
     * @return zero or more
     * @throws UnknownPriceException if the model has no price for what is asked for
     * @throws InvalidInputException if the answer has no known bound, or the cost is above the largest amount
     */
    public Usd worstCase(CallBound bound, PriceOptions options) {
        Tariffs tariffs = tariffs(options.serviceTier());
        if (isFree()) {
            return bound.extraCost();
        }
        return worstCase(bound, mostOutputTokens(bound), tariffs, options.multiplier());
    }

    /**
     * Returns the most output tokens a call can be billed for, all its choices together. A bound without a largest answer
     * stands for the model's ceiling, or its context window where no ceiling is known; a larger answer than that is cut to
     * it.
     *
     * @param bound the most the call can use
     * @return tokens, zero or more; zero for a model that has no output, such as an embedding model
     * @throws UnknownPriceException if output is asked of a model that has no output price
     * @throws InvalidInputException if the bound names no largest answer and the model has no known one, or the sum is above
     *     10¹²
     */
    public long mostOutputTokens(CallBound bound) {
        long asked = bound.maxOutputTokens();
        if (output == null) {
            if (asked > 0) {
                throw new UnknownPriceException(id, "output tokens");
            }
            return 0;
        }
        Long ceiling = maxOutputTokens != null ? maxOutputTokens : contextWindow;
        if (asked == CallBound.MODEL_CEILING && ceiling == null) {
            throw new InvalidInputException(
                    "max output tokens",
                    "not given",
                    "must be given, because no ceiling is known for model '" + id + "'");
        }
        long each = ceiling == null ? asked : asked == CallBound.MODEL_CEILING ? ceiling : Math.min(asked, ceiling);
        if (each > Usage.MAX_TOKENS / bound.choices()) {
            throw new InvalidInputException(
                    "output tokens", each + " x " + bound.choices(), "must be at most " + Usage.MAX_TOKENS);
        }
        return each * bound.choices();
    }

    /**
     * Returns the largest answer that a budget affords: with it in place of the bound's own, the worst case is at most the
     * budget.
     *
     * @param budget the most the call may cost
     * @param bound the most the call can use; the result is never above {@linkplain #mostOutputTokens its answer}
     * @param options how the call is billed
     * @return tokens of each choice, zero or more; empty where the prompt alone can cost more than the budget
     * @throws UnknownPriceException if the model has no price for what is asked for
     * @throws InvalidInputException if the answer has no known bound
     */
    public OptionalLong affordableOutputTokens(Usd budget, CallBound bound, PriceOptions options) {
        Tariffs tariffs = tariffs(options.serviceTier());
        long affordable = -1;
        long tooMany = mostOutputTokens(bound) / bound.choices() + 1;
        while (tooMany - affordable > 1) {
            long middle = affordable + (tooMany - affordable) / 2;
            if (affords(budget, bound, middle * bound.choices(), tariffs, options.multiplier())) {
                affordable = middle;
            } else {
                tooMany = middle;
            }
        }
        return affordable < 0 ? OptionalLong.empty() : OptionalLong.of(affordable);
    }

    /**
     * Begins a changed copy of this price.
     *
     * @return a builder that holds every fact of this price
     */
    public ModelPriceBuilder toBuilder() {
        return new ModelPriceBuilder(this, model);
    }

    /**
     * Who bills.
     *
     * @return the provider in lower case
     */
    public String provider() {
        return provider;
    }

    /**
     * The provider's name of the model.
     *
     * @return the name as the row spells it
     */
    public String model() {
        return model;
    }

    /**
     * The canonical name, the one key for charges and limits. Where a book gives its fallback price, this is the key of the
     * unknown model, and provider and model are those of the fallback price.
     *
     * @return {@code provider:model} in lower case
     */
    public String id() {
        return id;
    }

    /**
     * The price of input.
     *
     * @return USD per million tokens
     */
    public Usd input() {
        return input;
    }

    /**
     * The price of output.
     *
     * @return USD per million tokens, or empty where the model has none, as embedding models
     */
    public Optional<Usd> output() {
        return Optional.ofNullable(output);
    }

    /**
     * The price of tokens read from a cache.
     *
     * @return USD per million tokens, or empty where they cost the input price
     */
    public Optional<Usd> cacheRead() {
        return Optional.ofNullable(cacheRead);
    }

    /**
     * The price of tokens written to a cache with short retention (5 minutes at Anthropic, 30 minutes at OpenAI).
     *
     * @return USD per million tokens, or empty where they cost the input price
     */
    public Optional<Usd> cacheWriteShort() {
        return Optional.ofNullable(cacheWriteShort);
    }

    /**
     * The price of tokens written to a cache with long retention (1 hour at Anthropic, 12 hours at OpenAI).
     *
     * @return USD per million tokens, or empty where they cost the input price
     */
    public Optional<Usd> cacheWriteLong() {
        return Optional.ofNullable(cacheWriteLong);
    }

    /**
     * The prices of long prompts.
     *
     * @return the tier, or empty where every prompt costs the same
     */
    public Optional<PriceTier> tier() {
        return Optional.ofNullable(tier);
    }

    /**
     * The listed price of input in batch jobs.
     *
     * @return USD per million tokens, or empty where none is listed
     */
    public Optional<Usd> batchInput() {
        return Optional.ofNullable(batchInput);
    }

    /**
     * The listed price of output in batch jobs.
     *
     * @return USD per million tokens, or empty where none is listed
     */
    public Optional<Usd> batchOutput() {
        return Optional.ofNullable(batchOutput);
    }

    /**
     * The context window.
     *
     * @return tokens, 1 to 10¹², or empty where it is not known
     */
    public OptionalLong contextWindow() {
        return contextWindow == null ? OptionalLong.empty() : OptionalLong.of(contextWindow);
    }

    /**
     * The largest answer the model gives.
     *
     * @return tokens, 1 to 10¹², or empty where it is not known
     */
    public OptionalLong maxOutputTokens() {
        return maxOutputTokens == null ? OptionalLong.empty() : OptionalLong.of(maxOutputTokens);
    }

    /**
     * Further exact names of the model at its provider.
     *
     * @return the names as the row spells them; may be empty
     */
    public List<String> aliases() {
        return aliases;
    }

    /**
     * The day the newest source of this price was read.
     *
     * @return the date, or empty where it is not known
     */
    public Optional<LocalDate> asOf() {
        return Optional.ofNullable(asOf);
    }

    /**
     * Where the price was read.
     *
     * @return short tags of the sources; may be empty
     */
    public List<String> sources() {
        return sources;
    }

    /**
     * Tells whether the model costs nothing.
     *
     * @return true if every price is known and zero
     */
    public boolean isFree() {
        return standard.free();
    }

    /**
     * Returns the canonical name and the base prices.
     *
     * @return for example {@code "openai:gpt-4o 2.50/10.00 USD per million tokens"}
     */
    @Override
    public String toString() {
        return id + ' ' + input + '/' + (output == null ? "-" : output) + " USD per million tokens";
    }

    /** This price with the names and sizes of another row of the model, where its own are empty. */
    ModelPrice inheriting(@Nullable ModelPrice row) {
        if (row == null) {
            return this;
        }
        ModelPriceBuilder complete = toBuilder();
        complete.aliases = aliases.isEmpty() ? row.aliases : aliases;
        complete.contextWindow = contextWindow == null ? row.contextWindow : contextWindow;
        complete.maxOutputTokens = maxOutputTokens == null ? row.maxOutputTokens : maxOutputTokens;
        return complete.build();
    }

    private Usd worstCase(CallBound bound, long outputTokens, Tariffs tariffs, Multiplier by) {
        return plus(tariffs.worstCost(bound.inputTokens(), outputTokens, bound.caching(), by), bound.extraCost());
    }

    private boolean affords(Usd budget, CallBound bound, long outputTokens, Tariffs tariffs, Multiplier by) {
        try {
            return worstCase(bound, outputTokens, tariffs, by).compareTo(budget) <= 0;
        } catch (InvalidInputException aboveTheLargestAmount) {
            return false;
        }
    }

    private Tariffs tariffs(ServiceTier serviceTier) {
        return switch (serviceTier) {
            case STANDARD -> standard;
            case BATCH -> known(batch, "batch jobs");
            case FLEX -> known(provider.equals(BatchRule.OPENAI) ? batch : null, "flex processing");
        };
    }

    private Tariffs known(@Nullable Tariffs tariffs, String priced) {
        if (tariffs == null) {
            throw new UnknownPriceException(id, priced);
        }
        return tariffs;
    }

    private static Usd plus(long nanos, Usd extraCost) {
        Usd tokens = Usd.ofNanos(nanos);
        return extraCost.nanos() == 0 ? tokens : tokens.plus(extraCost);
    }
}
