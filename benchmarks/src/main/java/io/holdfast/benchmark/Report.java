package io.holdfast.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes what was measured, for people and for programs. */
final class Report {
    private final List<Result> results;

    Report(List<Result> results) {
        this.results = results;
    }

    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("report.md"), markdown());
        Files.writeString(directory.resolve("report.json"), json());
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append(
                "| load | beside | ratio: median (min–max) | floor | moonshot | verdict | ops/s ours / other | load average |\n");
        text.append("|---|---|---|---|---|---|---|---|\n");
        for (Result result : results) {
            List<Double> ratios = result.ratios();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s | %s / %s | %.1f–%.1f |%n",
                    result.row().what(),
                    result.row().peerName(),
                    ratios.isEmpty()
                            ? "-"
                            : String.format(
                                    Locale.ROOT,
                                    "%.2f (%.2f–%.2f)",
                                    result.median(),
                                    ratios.get(0),
                                    ratios.get(ratios.size() - 1)),
                    result.row().floor(),
                    result.row().moonshot(),
                    result.verdict(),
                    rate(Result.median(result.ours())),
                    rate(Result.median(result.peer())),
                    result.load().get(0),
                    result.load().get(1)));
        }
        return text.toString();
    }

    private String json() throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ArrayNode rows = mapper.createArrayNode();
        for (Result result : results) {
            ObjectNode row = rows.addObject()
                    .put("id", result.row().id())
                    .put("what", result.row().what())
                    .put("beside", result.row().peerName())
                    .put("durability", result.row().durability())
                    .put("floor", result.row().floor())
                    .put("moonshot", result.row().moonshot())
                    .put("median_ratio", result.median())
                    .put("noisy", result.noisy())
                    .put("verdict", result.verdict());
            row.putPOJO("ratios", result.ratios());
            row.putPOJO("ops_per_second", result.ours());
            row.putPOJO("other_ops_per_second", result.peer());
            row.putPOJO("load_average", result.load());
        }
        return mapper.writeValueAsString(rows);
    }

    private static String rate(double perSecond) {
        if (perSecond >= 1e6) {
            return String.format(Locale.ROOT, "%.2fM", perSecond / 1e6);
        }
        return perSecond >= 1e3
                ? String.format(Locale.ROOT, "%.1fk", perSecond / 1e3)
                : String.format(Locale.ROOT, "%.0f", perSecond);
    }
}
