package io.holdfast.unit;

/** What a limit counts. */
public enum Meter {
    /** Money, in nano-dollars. */
    COST,
    /** All tokens of a call: input of every kind and output. */
    TOKENS,
    /** Tokens sent: uncached, read from a cache and written to one. */
    INPUT_TOKENS,
    /** Tokens received, reasoning included. */
    OUTPUT_TOKENS,
    /** Calls, one each. */
    CALLS
}
