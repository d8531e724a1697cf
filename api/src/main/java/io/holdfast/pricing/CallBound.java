package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;

/**
 * The most that one call can use, known before it is made.
 *
 * @param inputTokens the largest prompt, of any kind of input tokens together; 0 to 10¹²
 * @param maxOutputTokens the largest answer of each choice, 0 to 10¹², or {@link #MODEL_CEILING}
 * @param choices how many answers are asked for ({@code n} at OpenAI), 1 to 1,000; the prompt is billed once
 * @param caching which kinds of input the prompt may be billed as
 * @param extraCost the most that tools, searches and the like can cost beside the tokens
 */
public record CallBound(long inputTokens, long maxOutputTokens, int choices, Caching caching, Usd extraCost) {
    /** Stands for a call that names no largest answer: the model's own ceiling is taken. */
    public static final long MODEL_CEILING = -1;

    private static final int MOST_CHOICES = 1_000;

    /** Checks that every bound is in range. */
    public CallBound {
        if (inputTokens < 0 || inputTokens > Usage.MAX_TOKENS) {
            throw new InvalidInputException(
                    "input tokens", Long.toString(inputTokens), "must be 0 to " + Usage.MAX_TOKENS);
        }
        if (maxOutputTokens < MODEL_CEILING || maxOutputTokens > Usage.MAX_TOKENS) {
            throw new InvalidInputException(
                    "max output tokens", Long.toString(maxOutputTokens), "must be 0 to " + Usage.MAX_TOKENS);
        }
        if (choices < 1 || choices > MOST_CHOICES) {
            throw new InvalidInputException("choices", Integer.toString(choices), "must be 1 to " + MOST_CHOICES);
        }
    }

    /**
     * Returns the bound of a call with one answer up to the model's ceiling and any kind of caching.
     *
     * @param tokens the largest prompt, 0 to 10¹²
     * @return the bound
     * @throws InvalidInputException if the count is out of range
     */
    public static CallBound ofInput(long tokens) {
        return new CallBound(tokens, MODEL_CEILING, 1, Caching.ANY, Usd.ZERO);
    }

    /**
     * Returns the bound of a call with one answer and any kind of caching.
     *
     * @param inputTokens the largest prompt, 0 to 10¹²
     * @param maxOutputTokens the largest answer, 0 to 10¹²
     * @return the bound
     * @throws InvalidInputException if a count is out of range
     */
    public static CallBound of(long inputTokens, long maxOutputTokens) {
        return ofInput(inputTokens).withMaxOutputTokens(maxOutputTokens);
    }

    /**
     * Returns this bound with another largest answer.
     *
     * @param tokens tokens of each choice, 0 to 10¹², or {@link #MODEL_CEILING}
     * @return a copy
     * @throws InvalidInputException if the count is out of range
     */
    public CallBound withMaxOutputTokens(long tokens) {
        return new CallBound(inputTokens, tokens, choices, caching, extraCost);
    }

    /**
     * Returns this bound for another number of answers.
     *
     * @param count 1 to 1,000
     * @return a copy
     * @throws InvalidInputException if the count is out of range
     */
    public CallBound withChoices(int count) {
        return new CallBound(inputTokens, maxOutputTokens, count, caching, extraCost);
    }

    /**
     * Returns this bound for other kinds of input.
     *
     * @param kinds the kinds the prompt may be billed as
     * @return a copy
     */
    public CallBound withCaching(Caching kinds) {
        return new CallBound(inputTokens, maxOutputTokens, choices, kinds, extraCost);
    }

    /**
     * Returns this bound with another extra cost.
     *
     * @param most the most that is billed beside the tokens
     * @return a copy
     */
    public CallBound withExtraCost(Usd most) {
        return new CallBound(inputTokens, maxOutputTokens, choices, caching, most);
    }
}
