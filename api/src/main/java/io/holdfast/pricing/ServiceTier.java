package io.holdfast.pricing;

/**
 * The price list a provider bills a call from. A priority or fast mode is no list of its own: it is the standard list
 * times a multiplier, see {@link PriceOptions#priority(String)}.
 */
public enum ServiceTier {
    /** On-demand calls, at the prices of the row. */
    STANDARD,
    /**
     * Asynchronous batch jobs, at the batch prices of the row; where none are listed, at half of the standard prices with
     * the providers that publish that rule (OpenAI, Anthropic, and Google and Bedrock for models that answer in text).
     */
    BATCH,
    /** Flex processing at OpenAI, billed at the batch prices. Other providers have no known flex price. */
    FLEX
}
