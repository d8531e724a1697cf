package io.holdfast.survival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The survival sheet")
class SurvivalSheetTest {
    @TempDir
    Path root;

    @BeforeEach
    void run() throws IOException {
        for (Promise promise : Promise.all()) {
            for (String test : promise.tests()) {
                report("api", "io.holdfast." + Promise.classOf(test), 3, 0);
            }
        }
        row(
                "store",
                "killed",
                "fault=SIGKILL\nwhere=SQLite\ntest=io.holdfast.KilledTest\ntried=1200\nlost=0\nseed=7\n"
                        + "outcome.acknowledged=41\n");
    }

    private void report(String module, String test, int passed, int failed) throws IOException {
        Path reports = Files.createDirectories(root.resolve(module).resolve("target/surefire-reports"));
        StringBuilder text = new StringBuilder("<?xml version=\"1.0\"?>\n<testsuite name=\"" + test + "\">\n");
        for (int i = 0; i < passed + failed; i++) {
            text.append("<testcase name=\"c" + i + "\" classname=\"" + test + "$Nested\"");
            text.append(i < passed ? "/>\n" : "><failure>no</failure></testcase>\n");
        }
        text.append("<testcase classname=\"" + test + "\"><skipped/></testcase>\n</testsuite>\n");
        Files.writeString(reports.resolve("TEST-" + test + ".xml"), text);
    }

    private void row(String module, String name, String text) throws IOException {
        Path rows = Files.createDirectories(root.resolve(module).resolve("target/survival"));
        Files.writeString(rows.resolve(name + ".properties"), text);
    }

    @Test
    @DisplayName("shows every row and promise of the run")
    void shows() throws IOException {
        row("tests/evidence", "flips", "fault=Bit flip\nwhere=JSON\ntest=io.holdfast.DamageTest\ntried=9\nwrong=0\n");
        assertThat(SurvivalSheet.of(root, "abc", "small"))
                .contains("| abc | ")
                .containsSubsequence(
                        "| Bit flip | JSON | 9 | – | – | – | 0 |  |  | `DamageTest` |",
                        "| SIGKILL | SQLite | 1,200 | 0 | – | – | – | 41 acknowledged | 7 | `KilledTest` |")
                .contains("| I10 | ", "`FaultTest#aFailedSyncIsTheLastOne` 3", "## What was not tried");
    }

    @Test
    @DisplayName("is not made of a run in which a test failed")
    void failed() throws IOException {
        report("api", "io.holdfast.BudgetTest", 2, 1);
        assertThatThrownBy(() -> SurvivalSheet.of(root, "abc", "small")).hasMessageContaining("[BudgetTest]");
    }

    @Test
    @DisplayName("is not made of a run in which a test of a promise is missing")
    void missing() throws IOException {
        Files.delete(root.resolve("api/target/surefire-reports/TEST-io.holdfast.FaultTest.xml"));
        assertThatThrownBy(() -> SurvivalSheet.of(root, "abc", "small")).hasMessageContaining("FaultTest");
    }

    @Test
    @DisplayName("adds up what one test keeps again, and cannot count below zero")
    void addsUp() throws IOException {
        Survival.of("a fault", "here", SurvivalSheetTest.class)
                .seed(1)
                .tried(2)
                .lost(0)
                .keep();
        Survival.of("a fault", "here", SurvivalSheetTest.class)
                .seed(2)
                .tried(3)
                .lost(0)
                .outcome("cut", 1)
                .keep();
        Path kept = Path.of("target", "survival", "survivalsheettest-a-fault-here.properties");
        assertThat(kept).content().contains("tried=5", "lost=0", "outcome.cut=1", "seed=1, 2");
        Files.delete(kept);
        assertThatThrownBy(() -> Survival.of("a", "b", SurvivalSheetTest.class).lost(-1))
                .hasMessage("lost is -1, and cannot be negative");
    }
}
