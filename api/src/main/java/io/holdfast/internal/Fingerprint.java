package io.holdfast.internal;

import io.holdfast.spi.Change;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.unit.Amounts;
import org.jspecify.annotations.Nullable;

/**
 * Tells requests with the same operation id apart: 64 bits of what was asked first, whatever else was offered with it. The words of tags and of token kinds are
 * left out, as they change nothing that is counted.
 */
final class Fingerprint {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    /** An id that was made comes again only with the very operation it was made for. */
    private static final long MADE = 0;

    private Fingerprint() {}

    static long of(Operation.Reserve op) {
        if (!op.id().given()) {
            return MADE;
        }
        long hash = of(op.scope(), op.session(), op.model(), op.amounts());
        hash = mix(mix(hash, op.ttlMillis()), op.onExpiry() == OnExpiry.CHARGE ? 1 : 2);
        Operation.Policy policy = op.request().policy();
        hash = mix(mix(hash, policy.finalCall() ? 1 : 2), policy.leastOutput());
        hash = mix(hash, policy.loopKey() == null ? "" : policy.loopKey());
        return mix(hash, op.request().allotment() == null ? "" : op.request().allotment());
    }

    static long of(Operation.Book op) {
        if (!op.id().given()) {
            return MADE;
        }
        long hash = of(op.scope(), op.session(), op.model(), op.amounts());
        hash = mix(hash, op.loopKey() == null ? "" : op.loopKey());
        return mix(hash, op.allotment() == null ? "" : op.allotment());
    }

    static long of(Operation.Allot op) {
        long hash = mix(mix(mix(3, op.scope()), op.session()), op.from() == null ? "" : op.from());
        return mix(mix(mix(hash, op.name()), op.cost()), op.ttlMillis());
    }

    static long of(Operation.Extend op) {
        return ofExtension(op.id(), op.scope(), op.holdId(), op.ttlMillis());
    }

    static long of(Change.Extended change) {
        return ofExtension(change.id(), change.scope(), change.holdId(), change.ttlMillis());
    }

    private static long ofExtension(OperationId id, String scope, String holdId, long ttlMillis) {
        return id.given() ? mix(mix(mix(4, scope), holdId), ttlMillis) : MADE;
    }

    static long ofReset(String scope, String session) {
        return mix(mix(2, scope), session);
    }

    private static long of(String scope, @Nullable String session, String model, Amounts amounts) {
        long hash = mix(mix(mix(1, scope), session == null ? "" : session), model);
        hash = mix(mix(hash, amounts.cost()), amounts.inputTokens());
        return mix(mix(hash, amounts.outputTokens()), amounts.calls());
    }

    /** Takes in every character and the length; an empty text stands for none, as no name is empty. */
    private static long mix(long hash, String text) {
        long mixed = hash;
        for (int i = 0; i < text.length(); i++) {
            mixed = mix(mixed, text.charAt(i));
        }
        return mix(mixed, -1L - text.length());
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }
}
