package io.holdfast.internal.outage;

import io.holdfast.spi.Operation;
import org.jspecify.annotations.Nullable;

/** A call that was let go ahead without asking the ledger. Guarded by the {@link OpenCalls} it is in. */
final class OpenCall {
    final Operation.Reserve reserve;
    final long number;
    final long admittedAt;
    long expiresAt;
    /** What its caller made of it, a commit or a release, once that is in the spool. */
    @Nullable
    Operation settlement;

    long settlementNumber;
    /** Whether the ledger was asked since and had no room for it. */
    boolean denied;

    OpenCall(Operation.Reserve reserve, long number, long admittedAt, long expiresAt) {
        this.reserve = reserve;
        this.number = number;
        this.admittedAt = admittedAt;
        this.expiresAt = expiresAt;
    }

    /** Returns the money it takes of the allowance: what it came to, or else what it can come to. */
    long cost() {
        if (settlement instanceof Operation.Commit commit) {
            return Math.max(0, commit.amounts().cost());
        }
        return settlement == null ? Math.max(0, reserve.amounts().cost()) : 0;
    }
}
