package io.holdfast.pricing;

/**
 * Which kinds of input tokens a call may be billed for, so that its worst case counts the dearest of them. Reads from a
 * cache are always possible, because some providers cache by themselves.
 */
public enum Caching {
    /** The call writes no cache that is billed: input and cache reads only. */
    NONE,
    /** The call may also write to a cache with short retention. */
    SHORT,
    /** The call may write to a cache with short or long retention; the safe choice when nothing is known. */
    ANY
}
