package io.holdfast.unit;

import io.holdfast.error.InvalidInputException;

/**
 * What one call used: five disjoint token counts, and a fixed extra cost for what is not billed by token.
 *
 * @param input input tokens that were neither read from a cache nor written to one; 0 to 10¹²
 * @param cacheRead input tokens read from a cache; 0 to 10¹²
 * @param cacheWriteShort input tokens written to a cache with short retention; 0 to 10¹²
 * @param cacheWriteLong input tokens written to a cache with long retention; 0 to 10¹²
 * @param output output tokens, reasoning included; 0 to 10¹²
 * @param extraCost cost of tools, searches and the like, beside the tokens
 */
public record Usage(long input, long cacheRead, long cacheWriteShort, long cacheWriteLong, long output, Usd extraCost) {
    /** The largest token count of one kind that is taken for real. */
    public static final long MAX_TOKENS = 1_000_000_000_000L;

    /** Nothing used. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, Usd.ZERO);

    /** Checks that every count is in range. */
    public Usage {
        check("input tokens", input);
        check("cache read tokens", cacheRead);
        check("short cache write tokens", cacheWriteShort);
        check("long cache write tokens", cacheWriteLong);
        check("output tokens", output);
    }

    /**
     * Returns the usage of a call without a cache.
     *
     * @param input input tokens, 0 to 10¹²
     * @param output output tokens, 0 to 10¹²
     * @return the usage
     * @throws InvalidInputException if a count is out of range
     */
    public static Usage of(long input, long output) {
        return new Usage(input, 0, 0, 0, output, Usd.ZERO);
    }

    /**
     * Returns the usage of a call with a cache.
     *
     * @param input uncached input tokens, 0 to 10¹²
     * @param cacheRead tokens read from a cache, 0 to 10¹²
     * @param cacheWriteShort tokens written with short retention, 0 to 10¹²
     * @param cacheWriteLong tokens written with long retention, 0 to 10¹²
     * @param output output tokens, 0 to 10¹²
     * @return the usage
     * @throws InvalidInputException if a count is out of range
     */
    public static Usage of(long input, long cacheRead, long cacheWriteShort, long cacheWriteLong, long output) {
        return new Usage(input, cacheRead, cacheWriteShort, cacheWriteLong, output, Usd.ZERO);
    }

    /**
     * Returns this usage with another extra cost.
     *
     * @param cost the cost beside the tokens
     * @return a copy
     */
    public Usage withExtraCost(Usd cost) {
        return new Usage(input, cacheRead, cacheWriteShort, cacheWriteLong, output, cost);
    }

    /**
     * Returns the size of the prompt: every input token, cached or not.
     *
     * @return tokens, zero or more
     */
    public long inputTotal() {
        return input + cacheRead + cacheWriteShort + cacheWriteLong;
    }

    /**
     * Returns all tokens of the call.
     *
     * @return tokens, zero or more
     */
    public long total() {
        return inputTotal() + output;
    }

    private static void check(String field, long tokens) {
        if (tokens < 0 || tokens > MAX_TOKENS) {
            throw new InvalidInputException(field, Long.toString(tokens), "must be 0 to " + MAX_TOKENS);
        }
    }
}
