package io.holdfast.pricing;

/**
 * How a call is billed beside its tokens. Nothing here is guessed from a model's name: a batch job, a priority mode or a
 * region is stated by the caller.
 *
 * @param serviceTier the price list
 * @param multiplier the factor on every token price, cache rates included; a {@linkplain io.holdfast.unit.Usage#extraCost()
 *     fixed extra cost} is not multiplied
 */
public record PriceOptions(ServiceTier serviceTier, Multiplier multiplier) {
    /** An on-demand call without any modifier. */
    public static final PriceOptions STANDARD = new PriceOptions(ServiceTier.STANDARD, Multiplier.ONE);

    /** An asynchronous batch job. */
    public static final PriceOptions BATCH = new PriceOptions(ServiceTier.BATCH, Multiplier.ONE);

    /** Flex processing, at OpenAI only. */
    public static final PriceOptions FLEX = new PriceOptions(ServiceTier.FLEX, Multiplier.ONE);

    /**
     * Returns the options of a priority or fast mode. OpenAI bills 2 times the standard price, and 2.5 times on some older
     * models; Anthropic's fast mode is about 2 times.
     *
     * @param factor the provider's factor, above 0 and at most 100, such as {@code "2"}
     * @return standard prices times the factor
     * @throws io.holdfast.error.InvalidInputException if the factor is out of range or not a plain decimal number
     */
    public static PriceOptions priority(String factor) {
        return STANDARD.times(factor);
    }

    /**
     * Returns these options with the surcharge of a region. OpenAI's regional processing and Anthropic's
     * {@code inference_geo: us} are 1.1 times.
     *
     * @param factor the region's factor, above 0 and at most 100, such as {@code "1.1"}
     * @return these options, times the factor
     * @throws io.holdfast.error.InvalidInputException if the factor is out of range or not a plain decimal number
     */
    public PriceOptions inRegion(String factor) {
        return times(factor);
    }

    /**
     * Returns these options with one more factor.
     *
     * @param factor above 0 and at most 100, such as {@code "0.5"}
     * @return these options, times the factor
     * @throws io.holdfast.error.InvalidInputException if the factor or the product is out of range
     */
    public PriceOptions times(String factor) {
        return new PriceOptions(serviceTier, multiplier.times(Multiplier.of(factor)));
    }
}
