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
import java.util.Map;

/**
 * Writes what was measured, for people and for programs.
 *
 * @param circumstances when and where, by name
 * @param results the rows that were run
 * @param missing the rows that cannot be
 */
record Report(Map<String, String> circumstances, List<Result> results, List<NotRun> missing) {
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("report.md"), markdown());
        Files.writeString(directory.resolve("report.json"), json());
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        circumstances.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append("\n| row | load | beside | ratio: median (min–max) | floor | moonshot | verdict "
                + "| ops/s ours / other | load average | durability |\n");
        text.append("|---|---|---|---|---|---|---|---|---|---|\n");
        for (Result result : results) {
            Row row = result.row();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s | %s | %s / %s | %.1f–%.1f | %s |%n",
                    row.id(),
                    row.what(),
                    row.peerName(),
                    ratio(result),
                    goal(row.floor()),
                    goal(row.floor() == 0 ? 0 : row.moonshot()),
                    cell(result.verdict()),
                    rate(Result.median(result.ours())),
                    rate(Result.median(result.peer())),
                    result.load().get(0),
                    result.load().get(1),
                    row.durability()));
        }
        for (NotRun row : missing) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | - | %s | %s | not run: %s | - | - | - |%n",
                    row.id(),
                    row.what(),
                    row.peerName(),
                    goal(row.floor()),
                    goal(row.moonshot()),
                    row.why()));
        }
        return text.toString();
    }

    String json() throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode report = mapper.createObjectNode();
        circumstances.forEach(report::put);
        ArrayNode rows = report.putArray("rows");
        for (Result result : results) {
            ObjectNode row = rows.addObject()
                    .put("id", result.row().id())
                    .put("what", result.row().what())
                    .put("beside", result.row().peerName())
                    .put("durability", result.row().durability())
                    .put("floor", result.row().floor())
                    .put("moonshot", result.row().moonshot());
            row.put("median_ratio", result.ratios().isEmpty() ? null : result.median());
            row.put("void", !result.voided().isEmpty())
                    .put("noisy", result.noisy())
                    .put("gated", result.gated())
                    .put("verdict", result.verdict());
            row.putPOJO("ratios", result.ratios());
            row.putPOJO("ops_per_second", result.ours());
            row.putPOJO("other_ops_per_second", result.peer());
            row.putPOJO("load_average", result.load());
        }
        ArrayNode notRun = report.putArray("not_run");
        for (NotRun row : missing) {
            notRun.addObject()
                    .put("id", row.id())
                    .put("what", row.what())
                    .put("beside", row.peerName())
                    .put("floor", row.floor())
                    .put("moonshot", row.moonshot())
                    .put("why", row.why());
        }
        return mapper.writeValueAsString(report);
    }

    private static String ratio(Result result) {
        List<Double> ratios = result.ratios();
        return ratios.isEmpty()
                ? "-"
                : String.format(
                        Locale.ROOT, "%.2f (%.2f–%.2f)", result.median(), ratios.get(0), ratios.get(ratios.size() - 1));
    }

    private static String goal(double ratio) {
        if (ratio == 0) {
            return "-";
        }
        return ratio == Math.rint(ratio) ? Long.toString((long) ratio) : Double.toString(ratio);
    }

    private static String cell(String text) {
        return text.replace('\n', ' ').replace('|', '/');
    }

    private static String rate(double perSecond) {
        if (Double.isNaN(perSecond)) {
            return "-";
        }
        if (perSecond >= 1e6) {
            return String.format(Locale.ROOT, "%.2fM", perSecond / 1e6);
        }
        return perSecond >= 1e3
                ? String.format(Locale.ROOT, "%.1fk", perSecond / 1e3)
                : String.format(Locale.ROOT, "%.0f", perSecond);
    }
}
