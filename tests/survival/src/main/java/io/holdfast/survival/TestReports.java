package io.holdfast.survival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What ran, from the reports that surefire leaves under each module's {@code target}. */
final class TestReports {
    private static final Pattern SUITE = Pattern.compile("<testsuite [^>]*>");
    private static final Pattern COUNT = Pattern.compile(" (tests|errors|failures|skipped)=\"([0-9]+)\"");

    /** The tests of one class. */
    record Ran(int passed, int failed) {
        Ran and(Ran other) {
            return new Ran(passed + other.passed, failed + other.failed);
        }
    }

    private final Map<String, Ran> bySimpleName = new HashMap<>();

    private TestReports() {}

    /** Reads the reports of all modules below a directory. */
    static TestReports below(Path root) throws IOException {
        TestReports reports = new TestReports();
        for (Path report : files(root, "surefire-reports", "TEST-", ".xml")) {
            String name = String.valueOf(report.getFileName());
            String test = name.substring("TEST-".length(), name.length() - ".xml".length());
            Matcher suite = SUITE.matcher(Files.readString(report));
            if (suite.find()) {
                reports.add(test.substring(test.lastIndexOf('.') + 1).replaceFirst("\\$.*", ""), suite.group());
            }
        }
        return reports;
    }

    private void add(String test, String suite) {
        Map<String, Integer> counts = new HashMap<>();
        Matcher count = COUNT.matcher(suite);
        while (count.find()) {
            counts.put(count.group(1), Integer.parseInt(count.group(2)));
        }
        int failed = counts.getOrDefault("errors", 0) + counts.getOrDefault("failures", 0);
        int passed = counts.getOrDefault("tests", 0) - failed - counts.getOrDefault("skipped", 0);
        bySimpleName.merge(test, new Ran(passed, failed), Ran::and);
    }

    /** Returns what ran of a class, by its simple name. */
    Ran of(String simpleName) {
        return bySimpleName.getOrDefault(simpleName, new Ran(0, 0));
    }

    /** Returns the classes in which a test failed. */
    List<String> failed() {
        return bySimpleName.entrySet().stream()
                .filter(each -> each.getValue().failed > 0)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** Returns how many tests passed in all classes together. */
    int passed() {
        return bySimpleName.values().stream().mapToInt(Ran::passed).sum();
    }

    /** Finds files in the directories of a name under the {@code target} of each module. */
    static List<Path> files(Path root, String directory, String prefix, String suffix) throws IOException {
        try (Stream<Path> found = Files.walk(root, 5)) {
            return found.filter(path -> path.toString().contains("/target/" + directory + "/")
                            && String.valueOf(path.getFileName()).startsWith(prefix)
                            && String.valueOf(path.getFileName()).endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }
}
