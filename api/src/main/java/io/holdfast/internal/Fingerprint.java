package io.holdfast.internal;

import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.unit.Amounts;
import org.jspecify.annotations.Nullable;

/**
 * Tells requests with the same operation id apart: 64 bits of what was asked. The words of tags and of token kinds are
 * left out, as they change nothing that is counted.
 */
final class Fingerprint {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private Fingerprint() {}

    static long of(Operation.Reserve op) {
        long hash = of(op.scope(), op.session(), op.model(), op.amounts());
        return mix(mix(hash, op.ttlMillis()), op.onExpiry() == OnExpiry.CHARGE ? 1 : 2);
    }

    static long of(Operation.Book op) {
        return of(op.scope(), op.session(), op.model(), op.amounts());
    }

    private static long of(String scope, @Nullable String session, String model, Amounts amounts) {
        long hash =
                mix(mix(mix(1, scope.hashCode()), session == null ? -1L << 40 : session.hashCode()), model.hashCode());
        hash = mix(mix(hash, amounts.cost()), amounts.inputTokens());
        return mix(mix(hash, amounts.outputTokens()), amounts.calls());
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }
}
