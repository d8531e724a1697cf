package io.holdfast.pricing;

/**
 * What providers publish about batch prices, for models whose batch price is not listed.
 *
 * <p>Sources, read up to 2026-11: the pricing pages of OpenAI, Anthropic, Google (Gemini API) and Amazon Bedrock bill batch
 * jobs at half of the input and output price; on Google's, embeddings are an exception, so the rule is applied there, and
 * on Bedrock, only to models that have an output price. Mistral, Groq and Azure are said to do the same, which was not
 * read, so nothing is assumed for them, nor for anybody else.
 *
 * <p>Only Anthropic states that the cache multipliers stack on the batch price. Everywhere else a listed cache rate is not
 * discounted, which can be too dear and never too cheap; a rate that is not listed follows the batch input price.
 */
final class BatchRule {
    static final String OPENAI = "openai";
    static final String ANTHROPIC = "anthropic";

    private BatchRule() {}

    static boolean halvesEverything(String provider, boolean hasOutput) {
        return switch (provider) {
            case OPENAI, ANTHROPIC -> true;
            case "google", "bedrock" -> hasOutput;
            default -> false;
        };
    }

    static boolean discountsCacheRates(String provider) {
        return provider.equals(ANTHROPIC);
    }
}
