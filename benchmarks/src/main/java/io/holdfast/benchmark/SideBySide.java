package io.holdfast.benchmark;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs the two sides of a row in turn, A-B-A-B, and audits both at the end. */
final class SideBySide {
    private final int rounds;
    private final Duration time;

    SideBySide(int rounds, Duration time) {
        this.rounds = rounds;
        this.time = time;
    }

    Result run(Row row) {
        List<Double> ours = new ArrayList<>();
        List<Double> peer = new ArrayList<>();
        double before = load();
        String voided = "";
        try (Subject a = row.ours().call();
                Subject b = row.peer().call()) {
            a.run(time);
            b.run(time);
            for (int round = 0; round < rounds; round++) {
                ours.add(a.run(time));
                peer.add(b.run(time));
            }
            a.audit();
            b.audit();
        } catch (Exception failure) {
            voided = failure.toString();
        }
        return new Result(row, ours, peer, List.of(before, load()), voided);
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }
}
