package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Checks the dashboard against {@code @grafana/schema}, the types that Grafana publishes; needs node and npm. */
@DisplayName("The Grafana dashboard")
class DashboardSchemaTest {
    private static final Path DASHBOARD = Path.of("grafana/holdfast.json");
    private static final Path CHECK = Path.of("target/grafana-check").toAbsolutePath();

    @BeforeAll
    static void install() throws IOException {
        Optional<Path> node = Tools.find("node", "NODE");
        Optional<Path> npm = Tools.find("npm", "NPM");
        assumeTrue(node.isPresent() && npm.isPresent(), "skipped: node and npm are not on the PATH");
        Files.createDirectories(CHECK);
        for (String file : new String[] {"package.json", "package-lock.json", "check.mjs"}) {
            Files.copy(Path.of("src/test/grafana", file), CHECK.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.exists(CHECK.resolve("node_modules/.package-lock.json"))) {
            Tools.Ran ran = Tools.run(
                    CHECK, 300, npm.orElseThrow().toString(), "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            assumeTrue(ran.code() == 0, "skipped: npm could not install @grafana/schema: " + ran.output());
        }
    }

    @Test
    @DisplayName("keeps to the schema that Grafana publishes, with the options of every panel")
    void valid() {
        Tools.Ran ran = check(DASHBOARD);
        assertThat(ran.code()).as(ran.output()).isZero();
        assertThat(ran.output()).contains("15 panels checked, 0 problems");
    }

    @Test
    @DisplayName("is refused with a property, a panel or a value that Grafana does not have")
    void invalid() throws IOException {
        String dashboard = Files.readString(DASHBOARD);
        Path bad = CHECK.resolve("bad.json");
        Files.writeString(
                bad,
                dashboard
                        .replace("\"graphTooltip\": 1", "\"graphTooltip\": 7")
                        .replace("\"editable\"", "\"editible\"")
                        .replace("\"bargauge\"", "\"bargraph\"")
                        .replace("\"displayMode\": \"list\"", "\"displayMode\": \"lost\""));
        Tools.Ran ran = check(bad);
        assertThat(ran.code()).isNotZero();
        assertThat(ran.output()).contains("graphTooltip", "editible", "bargraph", "displayMode");
    }

    private static Tools.Ran check(Path dashboard) {
        return Tools.run(
                CHECK, 300, "node", "check.mjs", dashboard.toAbsolutePath().toString());
    }
}
