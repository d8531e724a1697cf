package io.holdfast.metrics;

import io.holdfast.spi.EntryKind;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;

/** What the calls of one family of models came to. */
@SuppressWarnings("EnumOrdinal") // the place of a sum; every call comes by here
final class SpendTally {
    private static final int KINDS = EntryKind.values().length;

    final ModelFamily family;
    private final Striped sums = new Striped(KINDS + TokenKind.values().length);

    /** The kinds of token. */
    enum TokenKind {
        INPUT,
        CACHE_READ,
        CACHE_WRITE_SHORT,
        CACHE_WRITE_LONG,
        OUTPUT
    }

    SpendTally(ModelFamily family) {
        this.family = family;
    }

    /** Adds what a call came to. */
    void add(EntryKind kind, Amounts amounts, Usage usage) {
        Striped.Stripe stripe = sums.take();
        stripe.add(kind.ordinal(), amounts.cost());
        stripe.add(KINDS + TokenKind.INPUT.ordinal(), usage.input());
        stripe.add(KINDS + TokenKind.CACHE_READ.ordinal(), usage.cacheRead());
        stripe.add(KINDS + TokenKind.CACHE_WRITE_SHORT.ordinal(), usage.cacheWriteShort());
        stripe.add(KINDS + TokenKind.CACHE_WRITE_LONG.ordinal(), usage.cacheWriteLong());
        stripe.add(KINDS + TokenKind.OUTPUT.ordinal(), usage.output());
        stripe.done();
    }

    /** Adds to what was spent, for tokens that are counted already or are not known. */
    void add(EntryKind kind, Amounts amounts) {
        Striped.Stripe stripe = sums.take();
        stripe.add(kind.ordinal(), amounts.cost());
        stripe.done();
    }

    /** Returns what was spent, in nano-dollars. */
    long nanos(EntryKind kind) {
        return sums.sum(kind.ordinal());
    }

    /** Returns how many tokens were used. */
    long tokens(TokenKind kind) {
        return sums.sum(KINDS + kind.ordinal());
    }
}
