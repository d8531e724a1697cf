package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Run with {@code -Dholdfast.write=true} to bring the page up to date. */
@DisplayName("The page of the meters")
class MetricsPageTest {
    private static final Path PAGE = Path.of("../docs/metrics.md");
    private static final String BEGIN = "<!-- Made from HoldfastMeter and MeterTag; see MetricsPageTest. -->\n";
    private static final String END = "<!-- Until here. -->\n";

    @Test
    @DisplayName("tells of every meter and tag what the list says")
    void upToDate() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(page).contains(BEGIN, END);
        String expected =
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length()) + tables() + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("holdfast.write")) {
            Files.writeString(PAGE, expected);
        } else {
            assertThat(page).isEqualTo(expected);
        }
    }

    private static String tables() {
        StringBuilder text = new StringBuilder();
        text.append("\n| meter | in Prometheus | kind | tags | what it tells |\n|---|---|---|---|---|\n");
        for (HoldfastMeter meter : HoldfastMeter.values()) {
            text.append("| `")
                    .append(meter.meterName())
                    .append("` | ")
                    .append(PrometheusNames.of(meter).stream()
                            .map(name -> "`" + name + "`")
                            .collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(meter.type().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .append(" | ")
                    .append(meter.tags().stream().map(MeterTag::key).collect(Collectors.joining(", ")))
                    .append(" | ")
                    .append(meter.description())
                    .append(" |\n");
        }
        text.append("\n| tag | values |\n|---|---|\n");
        for (MeterTag tag : MeterTag.values()) {
            text.append("| `")
                    .append(tag.key())
                    .append("` | ")
                    .append(tag.meaning())
                    .append(" |\n");
        }
        return text.append('\n').toString();
    }
}
