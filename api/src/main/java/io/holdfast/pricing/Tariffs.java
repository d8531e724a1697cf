package io.holdfast.pricing;

import io.holdfast.unit.Usd;
import org.jspecify.annotations.Nullable;

/** The tariffs of one price list: one below the threshold of the tier, and one above it, if there is a tier. */
final class Tariffs {
    private static final long TOKENS_PER_PRICE = 1_000_000;

    private final Tariff base;
    private final @Nullable Tariff tier;
    private final long threshold;
    private final boolean free;

    private Tariffs(Tariff base, @Nullable Tariff tier, long threshold, boolean free) {
        this.base = base;
        this.tier = tier;
        this.threshold = threshold;
        this.free = free;
    }

    static Tariffs standard(ModelPrice price) {
        return scaled(price, Fraction.ONE, Fraction.ONE, Fraction.ONE);
    }

    /** The tariffs of batch jobs; null where neither a listed price nor a published rule gives them. */
    static @Nullable Tariffs batch(ModelPrice price) {
        boolean hasOutput = price.output().isPresent();
        Fraction ofInput;
        Fraction ofOutput;
        if (price.batchInput().isPresent()) {
            ofInput = ratio(price.batchInput().get(), price.input());
            ofOutput = hasOutput
                    ? ratio(price.batchOutput().orElseThrow(), price.output().get())
                    : Fraction.ONE;
        } else if (BatchRule.halvesEverything(price.provider(), hasOutput)) {
            ofInput = Fraction.HALF;
            ofOutput = Fraction.HALF;
        } else {
            return null;
        }
        Fraction ofCache = BatchRule.discountsCacheRates(price.provider()) ? ofInput : Fraction.ONE;
        return scaled(price, ofInput, ofCache, ofOutput);
    }

    /** The tariff that bills a prompt of this size. */
    Tariff ofPrompt(long tokens) {
        Tariff above = tier;
        return above != null && tokens > threshold ? above : base;
    }

    /** The most that a prompt and an answer of at most these sizes can cost, in nano-dollars. */
    long worstCost(long prompt, long output, Caching caching, Multiplier by) {
        Tariff above = tier;
        if (above == null || prompt <= threshold) {
            return base.worstCost(prompt, output, caching, by);
        }
        return Math.max(base.worstCost(threshold, output, caching, by), above.worstCost(prompt, output, caching, by));
    }

    boolean free() {
        return free;
    }

    private static Tariffs scaled(ModelPrice price, Fraction ofInput, Fraction ofCache, Fraction ofOutput) {
        Tariff base = tariff(price, ofInput, ofCache, ofOutput);
        boolean free = price.output().isPresent() && base.isZero();
        if (price.tier().isEmpty()) {
            return new Tariffs(base, null, Long.MAX_VALUE, free);
        }
        PriceTier above = price.tier().get();
        Fraction rise = ratio(above.input(), price.input());
        Fraction riseOfOutput = above.output().isPresent()
                ? ratio(above.output().get(), price.output().orElseThrow())
                : Fraction.ONE;
        Tariff tier = tariff(price, ofInput.times(rise), ofCache.times(rise), ofOutput.times(riseOfOutput));
        return new Tariffs(base, tier, above.thresholdTokens(), free && tier.isZero());
    }

    private static Tariff tariff(ModelPrice price, Fraction ofInput, Fraction ofCache, Fraction ofOutput) {
        Fraction input = perToken(price.input()).times(ofInput);
        return new Tariff(
                input,
                price.cacheRead().map(rate -> perToken(rate).times(ofCache)).orElse(input),
                price.cacheWriteShort()
                        .map(rate -> perToken(rate).times(ofCache))
                        .orElse(input),
                price.cacheWriteLong()
                        .map(rate -> perToken(rate).times(ofCache))
                        .orElse(input),
                price.output().map(rate -> perToken(rate).times(ofOutput)).orElse(Fraction.ZERO));
    }

    private static Fraction perToken(Usd perMillion) {
        return Fraction.of(perMillion.nanos(), TOKENS_PER_PRICE);
    }

    private static Fraction ratio(Usd one, Usd other) {
        return Fraction.ratio(one.nanos(), other.nanos());
    }
}
