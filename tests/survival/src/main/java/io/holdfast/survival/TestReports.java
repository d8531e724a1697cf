package io.holdfast.survival;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What ran, from the reports that surefire leaves under each module's {@code target}. A case counts for the class that ran
 * it, and for the one that it was inherited from.
 */
final class TestReports {
    private static final Pattern CLASS = Pattern.compile("classname=\"([^\"]*)\"");

    private final Map<String, Integer> passed = new HashMap<>();
    private final Set<String> failed = new TreeSet<>();
    private int all;

    private TestReports() {}

    /** Reads the reports of all modules below a directory. */
    static TestReports below(Path root) throws IOException {
        TestReports reports = new TestReports();
        for (Path report : files(root, "surefire-reports", "TEST-", ".xml")) {
            String name = String.valueOf(report.getFileName());
            reports.add(name.substring("TEST-".length(), name.length() - ".xml".length()), Files.readString(report));
        }
        return reports;
    }

    private void add(String suite, String report) {
        String[] cases = report.split("<testcase ", -1);
        for (int i = 1; i < cases.length; i++) {
            Matcher declared = CLASS.matcher(cases[i]);
            Set<String> names = new TreeSet<>(Set.of(simple(suite)));
            if (declared.find()) {
                names.add(simple(declared.group(1)));
            }
            if (cases[i].contains("<failure") || cases[i].contains("<error")) {
                failed.addAll(names);
            } else if (!cases[i].contains("<skipped")) {
                all++;
                names.forEach(each -> passed.merge(each, 1, Integer::sum));
            }
        }
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1).replaceFirst("\\$.*", "");
    }

    /** Returns how many cases of a class passed, by its simple name. */
    int of(String simpleName) {
        return passed.getOrDefault(simpleName, 0);
    }

    /** Returns the classes in which a case failed. */
    List<String> failed() {
        return List.copyOf(failed);
    }

    /** Returns how many cases passed in all classes together. */
    int passed() {
        return all;
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
