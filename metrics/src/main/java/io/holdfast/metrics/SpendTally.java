package io.holdfast.metrics;

import io.holdfast.spi.EntryKind;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What the calls of one family of models came to. */
final class SpendTally {
    final ModelFamily family;
    final Map<EntryKind, LongAdder> nanos = Tallies.adders(EntryKind.class);
    final Map<TokenKind, LongAdder> tokens = Tallies.adders(TokenKind.class);

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

    void spent(EntryKind kind, Amounts amounts) {
        if (amounts.cost() > 0) {
            Tallies.of(nanos, kind).add(amounts.cost());
        }
    }

    void used(Usage usage) {
        add(TokenKind.INPUT, usage.input());
        add(TokenKind.CACHE_READ, usage.cacheRead());
        add(TokenKind.CACHE_WRITE_SHORT, usage.cacheWriteShort());
        add(TokenKind.CACHE_WRITE_LONG, usage.cacheWriteLong());
        add(TokenKind.OUTPUT, usage.output());
    }

    private void add(TokenKind kind, long count) {
        if (count > 0) {
            Tallies.of(tokens, kind).add(count);
        }
    }
}
