package io.holdfast.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the rows side by side and writes {@code report.md} and {@code report.json}. Arguments, all optional:
 * {@code --rows PREFIX} (only rows whose id begins so), {@code --rounds N} (5), {@code --millis N} (2000),
 * {@code --warm-up MILLIS} (10000), {@code --report DIR} (target/benchmark).
 */
public final class Bench {
    private Bench() {}

    public static void main(String[] args) throws Exception {
        String prefix = option(args, "--rows", "");
        SideBySide sideBySide = new SideBySide(
                Integer.parseInt(option(args, "--rounds", "5")),
                Duration.ofMillis(Long.parseLong(option(args, "--millis", "2000"))),
                Duration.ofMillis(Long.parseLong(option(args, "--warm-up", "10000"))));
        List<Result> results = new ArrayList<>();
        for (Row row : Rows.all()) {
            if (row.id().startsWith(prefix)) {
                System.err.println("measuring " + row.id());
                results.add(sideBySide.run(row));
            }
        }
        Report report = new Report(results);
        report.write(Path.of(option(args, "--report", "target/benchmark")));
        System.out.print(report.markdown());
        // The servers that were started keep threads of their own, and stop when the program does.
        System.exit(0);
    }

    private static String option(String[] args, String name, String otherwise) {
        for (int i = 0; i + 1 < args.length; i++) {
            if (args[i].equals(name)) {
                return args[i + 1];
            }
        }
        return otherwise;
    }
}
