package io.holdfast.benchmark;

import java.util.concurrent.Callable;

/**
 * One row of the report: the library beside a peer or a limit, in the same run.
 *
 * @param id short name, to pick it by
 * @param what the load
 * @param peerName what it is compared with
 * @param floor the ratio that gates a release, 0 for none
 * @param moonshot the ratio aimed for
 * @param durability what each side's acknowledgement survives
 * @param full whether it takes minutes to prepare, so that it is measured only when asked for
 * @param ours makes the library's side
 * @param peer makes the other side
 */
record Row(
        String id,
        String what,
        String peerName,
        double floor,
        double moonshot,
        String durability,
        boolean full,
        Callable<Subject> ours,
        Callable<Subject> peer) {
    Row(
            String id,
            String what,
            String peerName,
            double floor,
            double moonshot,
            String durability,
            Callable<Subject> ours,
            Callable<Subject> peer) {
        this(id, what, peerName, floor, moonshot, durability, false, ours, peer);
    }

    /** Returns the row as one that is measured only when asked for. */
    Row onlyInFull() {
        return new Row(id, what, peerName, floor, moonshot, durability, true, ours, peer);
    }
}
