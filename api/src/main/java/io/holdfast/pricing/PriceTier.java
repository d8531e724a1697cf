package io.holdfast.pricing;

import io.holdfast.unit.Usd;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The prices of long prompts: above the threshold they bill the whole request, its output too. */
public final class PriceTier {
    private final long thresholdTokens;
    private final Usd input;
    private final @Nullable Usd output;

    PriceTier(long thresholdTokens, Usd input, @Nullable Usd output) {
        this.thresholdTokens = thresholdTokens;
        this.input = input;
        this.output = output;
    }

    /**
     * The largest prompt that is still billed at the base prices. A prompt is every input token: uncached, read from a cache
     * and written to one.
     *
     * @return tokens, 1 to 10¹²
     */
    public long thresholdTokens() {
        return thresholdTokens;
    }

    /**
     * The price of input above the threshold. Cache rates rise in the same proportion as this price does.
     *
     * @return USD per million tokens
     */
    public Usd input() {
        return input;
    }

    /**
     * The price of output above the threshold.
     *
     * @return USD per million tokens, or empty where the model has no output price
     */
    public Optional<Usd> output() {
        return Optional.ofNullable(output);
    }
}
