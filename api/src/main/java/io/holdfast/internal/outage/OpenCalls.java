package io.holdfast.internal.outage;

import io.holdfast.spi.Operation;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls let go ahead without asking the ledger, and the money they take of this node's allowance. */
final class OpenCalls {
    private final Map<String, OpenCall> byHold = new HashMap<>();
    private long taken;
    /** The part of it that settled calls take. */
    private long used;

    /**
     * What those calls come to, in nano-dollars.
     *
     * @param used what the settled ones came to
     * @param held what the others can come to
     */
    record Sums(long used, long held) {}

    /** Returns the call of a hold, or null where the ledger has it. */
    synchronized @Nullable OpenCall find(String holdId) {
        return byHold.get(holdId);
    }

    /** Returns the call that an operation asks for, settles or extends, or null where the ledger has it. */
    synchronized @Nullable OpenCall of(Operation operation) {
        if (operation instanceof Operation.Reserve reserve) {
            return byHold.get(reserve.id().value());
        }
        if (operation instanceof Operation.Commit commit) {
            return byHold.get(commit.holdId());
        }
        if (operation instanceof Operation.Release release) {
            return byHold.get(release.holdId());
        }
        return operation instanceof Operation.Extend extend ? byHold.get(extend.holdId()) : null;
    }

    /** Returns what those calls come to, in nano-dollars. */
    synchronized long taken() {
        return taken;
    }

    /** Returns the same in its two parts. */
    synchronized Sums sums() {
        return new Sums(used, taken - used);
    }

    /** Takes money of the allowance, where there is so much left. */
    synchronized boolean take(long cost, long allowance) {
        if (cost > allowance - taken) {
            return false;
        }
        taken += cost;
        return true;
    }

    synchronized void giveBack(long cost) {
        taken -= cost;
    }

    /** Adds a call whose cost was taken before. */
    synchronized void add(OpenCall call) {
        byHold.put(call.reserve.id().value(), call);
    }

    /** Adds a call that was found in the spool. */
    synchronized void restore(OpenCall call) {
        count(call, 1);
        byHold.put(call.reserve.id().value(), call);
    }

    /** Notes how a call settled; does nothing where it had settled before or the ledger has it. */
    synchronized void settle(Operation settlement, long number) {
        OpenCall call = of(settlement);
        if (call != null && call.settlement == null) {
            count(call, -1);
            call.settlement = settlement;
            call.settlementNumber = number;
            count(call, 1);
        }
    }

    /** Returns what the caller of a call made of it, if that is known. */
    synchronized @Nullable Operation settlement(OpenCall call) {
        return call.settlement;
    }

    /** Lets a call stay open for longer and returns until when. */
    synchronized long extend(OpenCall call, long expiresAt) {
        call.expiresAt = Math.max(call.expiresAt, expiresAt);
        return call.expiresAt;
    }

    /** Lets go of a call that the ledger has from now on. */
    synchronized void close(OpenCall call) {
        if (byHold.remove(call.reserve.id().value(), call)) {
            count(call, -1);
        }
    }

    private void count(OpenCall call, int sign) {
        long cost = sign * call.cost();
        taken += cost;
        used += call.settlement == null ? 0 : cost;
    }
}
