package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link ModelPrice}. Prices are plain decimal numbers of US dollars per million tokens, from 0 to 1,000,000 with
 * at most nine decimals; zero means free of charge, a price that is not given is not known. Not for several threads.
 */
public final class ModelPriceBuilder {
    private static final Usd LARGEST_PRICE = Usd.ofDollars(1_000_000);

    final String provider;
    final String model;

    @Nullable
    String id;

    @Nullable
    Usd input;

    @Nullable
    Usd output;

    @Nullable
    Usd cacheRead;

    @Nullable
    Usd cacheWriteShort;

    @Nullable
    Usd cacheWriteLong;

    @Nullable
    PriceTier tier;

    @Nullable
    Usd batchInput;

    @Nullable
    Usd batchOutput;

    @Nullable
    Long contextWindow;

    @Nullable
    Long maxOutputTokens;

    List<String> aliases = List.of();

    @Nullable
    LocalDate asOf;

    List<String> sources = List.of();

    ModelPriceBuilder(String provider, String model) {
        this.provider = provider;
        this.model = model;
    }

    /** Begins with the facts of a price, under another name of the model. */
    ModelPriceBuilder(ModelPrice price, String model) {
        this(price.provider(), model);
        input = price.input();
        output = price.output().orElse(null);
        cacheRead = price.cacheRead().orElse(null);
        cacheWriteShort = price.cacheWriteShort().orElse(null);
        cacheWriteLong = price.cacheWriteLong().orElse(null);
        tier = price.tier().orElse(null);
        batchInput = price.batchInput().orElse(null);
        batchOutput = price.batchOutput().orElse(null);
        contextWindow =
                price.contextWindow().isPresent() ? price.contextWindow().getAsLong() : null;
        maxOutputTokens =
                price.maxOutputTokens().isPresent() ? price.maxOutputTokens().getAsLong() : null;
        aliases = price.aliases();
        asOf = price.asOf().orElse(null);
        sources = price.sources();
    }

    /**
     * Sets the price of input; the only one that is required.
     *
     * @param price USD per million tokens
     * @return this builder
     * @throws InvalidInputException if it is no price
     */
    public ModelPriceBuilder input(String price) {
        input = price("input price", price);
        return this;
    }

    /**
     * Sets the price of output. Without it the model has no output, as an embedding model.
     *
     * @param price USD per million tokens
     * @return this builder
     * @throws InvalidInputException if it is no price
     */
    public ModelPriceBuilder output(String price) {
        output = price("output price", price);
        return this;
    }

    /**
     * Sets the price of tokens read from a cache. Without it they cost the input price.
     *
     * @param price USD per million tokens
     * @return this builder
     * @throws InvalidInputException if it is no price
     */
    public ModelPriceBuilder cacheRead(String price) {
        cacheRead = price("cache read price", price);
        return this;
    }

    /**
     * Sets the price of tokens written to a cache with short retention. Without it they cost the input price.
     *
     * @param price USD per million tokens
     * @return this builder
     * @throws InvalidInputException if it is no price
     */
    public ModelPriceBuilder cacheWriteShort(String price) {
        cacheWriteShort = price("short cache write price", price);
        return this;
    }

    /**
     * Sets the price of tokens written to a cache with long retention. Without it they cost the input price.
     *
     * @param price USD per million tokens
     * @return this builder
     * @throws InvalidInputException if it is no price
     */
    public ModelPriceBuilder cacheWriteLong(String price) {
        cacheWriteLong = price("long cache write price", price);
        return this;
    }

    /**
     * Sets the prices of long prompts. The cache rates rise in the proportion of this input price to the base one.
     *
     * @param thresholdTokens the largest prompt that is still billed at the base prices, 1 to 10¹²
     * @param inputPrice USD per million tokens
     * @param outputPrice USD per million tokens
     * @return this builder
     * @throws InvalidInputException if a price is no price or the threshold is out of range
     */
    public ModelPriceBuilder tier(long thresholdTokens, String inputPrice, String outputPrice) {
        return tier(thresholdTokens, price("tier input price", inputPrice), price("tier output price", outputPrice));
    }

    ModelPriceBuilder tier(long thresholdTokens, Usd inputPrice, @Nullable Usd outputPrice) {
        tier = new PriceTier(tokens("tier threshold", thresholdTokens), inputPrice, outputPrice);
        return this;
    }

    /**
     * Sets the prices of batch jobs for a model with output.
     *
     * @param inputPrice USD per million tokens
     * @param outputPrice USD per million tokens
     * @return this builder
     * @throws InvalidInputException if a price is no price
     */
    public ModelPriceBuilder batch(String inputPrice, String outputPrice) {
        return batch(price("batch input price", inputPrice), price("batch output price", outputPrice));
    }

    /**
     * Sets the price of batch jobs for a model without output.
     *
     * @param inputPrice USD per million tokens
     * @return this builder
     * @throws InvalidInputException if the price is no price
     */
    public ModelPriceBuilder batch(String inputPrice) {
        return batch(price("batch input price", inputPrice), null);
    }

    ModelPriceBuilder batch(Usd inputPrice, @Nullable Usd outputPrice) {
        batchInput = inputPrice;
        batchOutput = outputPrice;
        return this;
    }

    /**
     * Sets the context window.
     *
     * @param tokens 1 to 10¹²
     * @return this builder
     * @throws InvalidInputException if the count is out of range
     */
    public ModelPriceBuilder contextWindow(long tokens) {
        contextWindow = tokens("context window", tokens);
        return this;
    }

    /**
     * Sets the largest answer the model gives, which bounds every estimate.
     *
     * @param tokens 1 to 10¹²
     * @return this builder
     * @throws InvalidInputException if the count is out of range
     */
    public ModelPriceBuilder maxOutputTokens(long tokens) {
        maxOutputTokens = tokens("max output tokens", tokens);
        return this;
    }

    /**
     * Sets further exact names of the model at its provider, in place of those set before.
     *
     * @param names each at least 1 character, and at most 255 together with the provider; case does not matter
     * @return this builder
     * @throws InvalidInputException if a name breaks its rule
     */
    public ModelPriceBuilder aliases(String... names) {
        return aliases(List.of(names));
    }

    ModelPriceBuilder aliases(List<String> names) {
        List<String> checked = new ArrayList<>();
        for (String name : names) {
            checked.add(Names.model("alias", provider, name));
        }
        aliases = checked;
        return this;
    }

    /**
     * Sets the day the price was read.
     *
     * @param date the day
     * @return this builder
     */
    public ModelPriceBuilder asOf(LocalDate date) {
        asOf = date;
        return this;
    }

    /**
     * Sets where the price was read, in place of what was set before.
     *
     * @param tags short names of the sources
     * @return this builder
     */
    public ModelPriceBuilder sources(String... tags) {
        return sources(List.of(tags));
    }

    ModelPriceBuilder sources(List<String> tags) {
        sources = tags;
        return this;
    }

    /** Sets another key than that of provider and model. */
    ModelPriceBuilder id(String key) {
        id = key;
        return this;
    }

    /** Sets every price to zero, and drops the tier. */
    ModelPriceBuilder free() {
        input = Usd.ZERO;
        output = Usd.ZERO;
        cacheRead = null;
        cacheWriteShort = null;
        cacheWriteLong = null;
        tier = null;
        return batch(Usd.ZERO, Usd.ZERO);
    }

    /**
     * Returns the price.
     *
     * @return the immutable price
     * @throws InvalidInputException if the input price is missing, or prices contradict each other
     */
    public ModelPrice build() {
        Usd base = input;
        if (base == null) {
            throw new InvalidInputException("input price", "", "must be given for model " + provider + ':' + model);
        }
        PriceTier above = tier;
        if (above != null) {
            checkPair("tier", above.input(), above.output().orElse(null), base);
        }
        Usd inBatches = batchInput;
        if (inBatches != null) {
            checkPair("batch", inBatches, batchOutput, base);
        }
        return new ModelPrice(this, base);
    }

    /** A second pair of prices must fit the base pair: both have output or none has, and free stays free. */
    private void checkPair(String pair, Usd pairInput, @Nullable Usd pairOutput, Usd base) {
        Usd baseOutput = output;
        if ((pairOutput == null) != (baseOutput == null)) {
            throw new InvalidInputException(
                    pair + " output price",
                    pairOutput == null ? "" : pairOutput.toString(),
                    "must be given exactly where there is an output price");
        }
        if (chargesForFree(pairInput, base) || chargesForFree(pairOutput, baseOutput)) {
            throw new InvalidInputException(
                    pair + " price", pairInput + "/" + pairOutput, "must be zero where the base price is zero");
        }
    }

    private static boolean chargesForFree(@Nullable Usd price, @Nullable Usd base) {
        return price != null && base != null && price.nanos() > 0 && base.nanos() == 0;
    }

    static Usd price(String field, String text) {
        Usd price;
        try {
            price = Usd.of(text);
        } catch (InvalidInputException notAnAmount) {
            throw new InvalidInputException(field, text, notAnAmount.rule());
        }
        if (price.compareTo(LARGEST_PRICE) > 0) {
            throw new InvalidInputException(
                    field, text, "must be at most " + LARGEST_PRICE + " USD per million tokens");
        }
        return price;
    }

    private static long tokens(String field, long tokens) {
        if (tokens < 1 || tokens > Usage.MAX_TOKENS) {
            throw new InvalidInputException(field, Long.toString(tokens), "must be 1 to " + Usage.MAX_TOKENS);
        }
        return tokens;
    }
}
