package io.holdfast.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the rows side by side and writes {@code report.md} and {@code report.json}. Arguments, all optional:
 * {@code --rows PREFIX,PREFIX…} (only rows whose id begins so), {@code --full} (also the rows that take minutes to prepare),
 * {@code --rounds N} (5), {@code --millis N} (2000), {@code --warm-up MILLIS} (10000), {@code --seed N} (1),
 * {@code --report DIR} (target/benchmark). Ends with 1 if a row is void, or measured well and below its floor.
 */
public final class Bench {
    private Bench() {}

    public static void main(String[] args) throws Exception {
        List<String> arguments = List.of(args);
        List<String> prefixes = List.of(option(arguments, "--rows", "").split(",", -1));
        boolean full = arguments.contains("--full");
        int rounds = Integer.parseInt(option(arguments, "--rounds", "5"));
        Duration time = millis(arguments, "--millis", "2000");
        Duration warmUp = millis(arguments, "--warm-up", "10000");
        Plan plan = Plan.whole(Long.parseLong(option(arguments, "--seed", "1")));
        Path directory = Path.of(option(arguments, "--report", "target/benchmark"));

        SideBySide sideBySide = new SideBySide(rounds, time, warmUp);
        Report report = new Report(
                Circumstances.of(plan, rounds, time, warmUp), new ArrayList<>(), new ArrayList<>(Rows.missing()));
        for (Row row : Rows.all(plan)) {
            if (row.full() && !full) {
                report.missing().add(NotRun.of(row, "it takes minutes to prepare: ask with --full"));
            } else if (prefixes.stream().anyMatch(row.id()::startsWith)) {
                System.err.println("measuring " + row.id());
                report.results().add(sideBySide.run(row));
                // After each row, so that a run that is broken off leaves what it has seen.
                report.write(directory);
            }
        }
        report.write(directory);
        System.out.print(report.markdown());
        // The servers that were started keep threads of their own, and stop when the program does.
        System.exit(report.results().stream().anyMatch(Result::fails) ? 1 : 0);
    }

    private static Duration millis(List<String> arguments, String name, String otherwise) {
        return Duration.ofMillis(Long.parseLong(option(arguments, name, otherwise)));
    }

    private static String option(List<String> arguments, String name, String otherwise) {
        int at = arguments.indexOf(name);
        return at >= 0 && at + 1 < arguments.size() ? arguments.get(at + 1) : otherwise;
    }
}
