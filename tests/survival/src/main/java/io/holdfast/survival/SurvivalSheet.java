package io.holdfast.survival;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/** Makes the survival sheet of what one run of the tests left under the modules' {@code target}. */
public final class SurvivalSheet {
    private final Path root;
    private final String commit;
    private final String figures;
    private final StringBuilder page = new StringBuilder();

    private SurvivalSheet(Path root, String commit, String figures) {
        this.root = root;
        this.commit = commit;
        this.figures = figures;
    }

    /**
     * Writes {@code docs/survival.md}, or fails when a test failed or one that a promise rests on did not run.
     *
     * @param arguments the root of the checkout, the commit, and which figures were run
     * @throws IOException if the results cannot be read or the page cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        String text = new SurvivalSheet(root, arguments[1], arguments[2]).make();
        Files.writeString(root.resolve("docs").resolve("survival.md"), text);
    }

    /** Returns the page of the results below a directory. */
    static String of(Path root, String commit, String figures) throws IOException {
        return new SurvivalSheet(root, commit, figures).make();
    }

    private String make() throws IOException {
        TestReports reports = TestReports.below(root);
        if (!reports.failed().isEmpty()) {
            throw new IllegalStateException("no sheet is made of a run in which tests failed: " + reports.failed());
        }
        line("# What was survived");
        line("");
        line(
                "Made by `.ci/survival` from a run of the tests, never by hand. Each row is a kind of fault; a dash is a count that does not");
        line(
                "apply. *Lost* was acknowledged and is gone, *doubled* took effect twice, *overshot* was admitted beyond a limit, and *wrong* came out");
        line("in any other way than promised.");
        line("");
        line("| commit | date | figures | tests passed | machine |");
        line("|---|---|---|---|---|");
        line("| " + commit + " | " + LocalDate.now(ZoneOffset.UTC) + " | " + figures + " | "
                + "%,d".formatted(reports.passed()) + " | " + machine() + " |");
        faults();
        promises(reports);
        line("");
        line("## What was not tried");
        line("");
        page.append(resource("untried.md").strip()).append('\n');
        return page.toString();
    }

    private static String machine() {
        return System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, JDK "
                + System.getProperty("java.version");
    }

    private void faults() throws IOException {
        List<SheetRow> rows = new ArrayList<>();
        for (Path file : TestReports.files(root, "survival", "", ".properties")) {
            Properties kept = new Properties();
            try (Reader in = Files.newBufferedReader(file)) {
                kept.load(in);
            }
            rows.add(SheetRow.of(kept));
        }
        if (rows.isEmpty()) {
            throw new IllegalStateException("no test left a row below " + root);
        }
        rows.sort(Comparator.comparing(SheetRow::fault)
                .thenComparing(SheetRow::where)
                .thenComparing(SheetRow::test));
        line("");
        line("## Faults");
        line("");
        line("| fault | where | tried | lost | doubled | overshot | wrong | came out as | seed | test |");
        line("|---|---|--:|--:|--:|--:|--:|---|---|---|");
        for (SheetRow row : rows) {
            line("| "
                    + String.join(
                            " | ",
                            row.fault(),
                            row.where(),
                            row.count("tried"),
                            row.count("lost"),
                            row.count("doubled"),
                            row.count("overshot"),
                            row.count("wrong"),
                            row.outcomes(),
                            row.seed(),
                            "`" + row.simpleTest() + "`")
                    + " |");
        }
    }

    private void promises(TestReports reports) throws IOException {
        line("");
        line("## Promises");
        line("");
        line("Each with the tests that would notice its breaking, and how many of their cases passed in this run.");
        line("");
        line("| | promised | tests |");
        line("|---|---|---|");
        List<String> missing = new ArrayList<>();
        for (Promise promise : Promise.all()) {
            List<String> cells = new ArrayList<>();
            for (String test : promise.tests()) {
                int passed = reports.of(Promise.classOf(test));
                if (passed == 0) {
                    missing.add(test);
                }
                cells.add("`" + test + "` " + passed);
            }
            line("| " + promise.id() + " | " + promise.text() + " | "
                    + cells.stream().collect(Collectors.joining(", ")) + " |");
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException("promises rest on tests that did not run: " + missing);
        }
    }

    private void line(String text) {
        page.append(text).append('\n');
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = SurvivalSheet.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the resource " + name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
