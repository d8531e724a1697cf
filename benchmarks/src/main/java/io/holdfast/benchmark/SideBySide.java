package io.holdfast.benchmark;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs the two sides of a row in turn, A-B-A-B, and audits both at the end. */
final class SideBySide {
    private final int rounds;
    private final Duration time;
    private final Duration warmUp;

    /** Lets both sides warm up for the same time first, so that neither is measured while its code is being compiled. */
    SideBySide(int rounds, Duration time, Duration warmUp) {
        this.rounds = rounds;
        this.warmUp = warmUp;
        this.time = time;
    }

    Result run(Row row) {
        List<Double> ours = new ArrayList<>();
        List<Double> peer = new ArrayList<>();
        double before = load();
        String voided = "";
        try (Subject a = row.ours().call();
                Subject b = row.peer().call()) {
            a.run(warmUp);
            b.run(warmUp);
            for (int round = 0; round < rounds; round++) {
                ours.add(a.run(time));
                peer.add(b.run(time));
            }
            a.audit();
            b.audit();
        } catch (Exception | OutOfMemoryError failure) {
            voided = failure.toString();
        }
        return new Result(row, ours, peer, List.of(before, load()), voided);
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
