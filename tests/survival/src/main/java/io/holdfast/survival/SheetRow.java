package io.holdfast.survival;

import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * A kept row, read back.
 *
 * @param fault the kind of fault
 * @param where the part it was done to
 * @param test the full name of the test
 * @param seed the seeds, or an empty text
 * @param counts the counts by name; outcomes have names that begin with {@code outcome.}
 */
record SheetRow(String fault, String where, String test, String seed, Map<String, Long> counts) {
    private static final String OUTCOME = "outcome.";

    static SheetRow of(Properties kept) {
        Map<String, Long> counts = new TreeMap<>();
        for (String name : kept.stringPropertyNames()) {
            switch (name) {
                case "fault", "where", "test", "seed" -> {}
                default -> counts.put(name, Long.parseLong(kept.getProperty(name)));
            }
        }
        return new SheetRow(
                kept.getProperty("fault", ""),
                kept.getProperty("where", ""),
                kept.getProperty("test", ""),
                kept.getProperty("seed", ""),
                counts);
    }

    /** Returns a count with its thousands apart, or a dash if it was not looked at. */
    String count(String name) {
        Long count = counts.get(name);
        return count == null ? "–" : "%,d".formatted(count);
    }

    String outcomes() {
        StringBuilder text = new StringBuilder();
        counts.forEach((name, count) -> {
            if (name.startsWith(OUTCOME)) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append("%,d".formatted(count))
                        .append(' ')
                        .append(name.substring(OUTCOME.length()));
            }
        });
        return text.toString();
    }

    String simpleTest() {
        return test.substring(test.lastIndexOf('.') + 1);
    }

    String summary() {
        return fault + ", " + where + ": tried " + count("tried") + ", lost " + count("lost") + ", doubled "
                + count("doubled") + ", overshot " + count("overshot") + ", wrong " + count("wrong")
                + (outcomes().isEmpty() ? "" : " (" + outcomes() + ")")
                + (seed.isEmpty() ? "" : ", seed " + seed);
    }
}
