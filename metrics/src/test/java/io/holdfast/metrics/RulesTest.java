package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The Prometheus rules")
class RulesTest {
    private static final Path FOLDER = Path.of("prometheus").toAbsolutePath();
    private static final Optional<Path> PROMTOOL = Tools.find("promtool", "PROMTOOL");

    @BeforeEach
    void needPromtool() {
        assumeTrue(PROMTOOL.isPresent(), "skipped: promtool is not on the PATH, and PROMTOOL does not name it");
    }

    @Test
    @DisplayName("are rules, as promtool checks them")
    void check() {
        Tools.Ran ran = promtool(FOLDER, "check", "rules", "alerts.yaml");
        assertThat(ran.code()).as(ran.output()).isZero();
        assertThat(ran.output()).contains("8 rules found");
    }

    @Test
    @DisplayName("fire when they should and else not, as promtool tests them")
    void unitTests() {
        Tools.Ran ran = promtool(FOLDER, "test", "rules", "alerts.test.yaml");
        assertThat(ran.code()).as(ran.output()).isZero();
    }

    @Test
    @DisplayName("each have a unit test that expects them to fire")
    void allTested() throws IOException {
        String tests = Files.readString(FOLDER.resolve("alerts.test.yaml"));
        String rules = Files.readString(FOLDER.resolve("alerts.yaml"));
        rules.lines().filter(line -> line.contains("- alert: ")).forEach(line -> {
            String name = line.substring(line.indexOf(": ") + 2);
            assertThat(tests).containsPattern("alertname: " + name + "\n +exp_alerts:\n +- exp_labels");
        });
    }

    @Test
    @DisplayName("fail their unit tests when they are changed")
    void testsCanFail(@TempDir Path folder) throws IOException {
        Files.copy(FOLDER.resolve("alerts.test.yaml"), folder.resolve("alerts.test.yaml"));
        String rules = Files.readString(FOLDER.resolve("alerts.yaml"));
        Files.writeString(folder.resolve("alerts.yaml"), rules.replace("> 1800", "> 180000"));
        assertThat(promtool(folder, "test", "rules", "alerts.test.yaml").code()).isNotZero();
    }

    private static Tools.Ran promtool(Path folder, String first, String second, String file) {
        return Tools.run(folder, 120, PROMTOOL.orElseThrow().toString(), first, second, file);
    }
}
