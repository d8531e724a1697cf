package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.holdfast.spi.Entry;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    private static final BigDecimal TEN = new BigDecimal("10.00");

    @Test
    void neverSpendsMoreThanTheLimit() {
        Run run = Run.of("demo", "--format", "json");
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode result = run.json();
        assertThat(result.fieldNames())
                .toIterable()
                .containsExactly(
                        "attempts",
                        "admitted",
                        "downgraded",
                        "throttled",
                        "refused",
                        "spent_usd",
                        "limit_usd",
                        "without_gate_usd");
        assertThat(result.get("attempts").asInt()).isEqualTo(4_200);
        assertThat(result.get("admitted").asInt() + result.get("refused").asInt())
                .isEqualTo(4_200);
        int admitted = result.get("admitted").asInt();
        int downgraded = result.get("downgraded").asInt();
        int throttled = result.get("throttled").asInt();
        assertThat(admitted).isBetween(350, 600);
        assertThat(throttled).isPositive();
        assertThat(downgraded).isGreaterThan(throttled).isLessThan(admitted);
        assertThat(run.usd("limit_usd")).isEqualByComparingTo(TEN);
        assertThat(run.usd("spent_usd")).isBetween(new BigDecimal("9.80"), TEN);
        assertThat(run.usd("without_gate_usd")).isGreaterThan(new BigDecimal("1000"));
    }

    /** What is held for the calls under way counts too, so the model asked for can end a little below its step. */
    @Test
    void asksForTheCheaperModelAboveFiveDollars() {
        String store = SharedStoreProvider.fresh();
        JsonNode result = Run.of("demo", "--store", store, "--format", "json").json();
        Map<String, List<Entry>> byModel =
                SharedStoreProvider.at(store).entries().stream().collect(Collectors.groupingBy(Entry::model));
        assertThat(byModel).containsOnlyKeys("anthropic:claude-sonnet-4-5", "anthropic:claude-haiku-4-5");
        assertThat(byModel.get("anthropic:claude-haiku-4-5"))
                .hasSize(result.get("downgraded").asInt());
        assertThat(byModel.get("anthropic:claude-sonnet-4-5").stream()
                        .mapToLong(entry -> entry.amounts().cost())
                        .sum())
                .isBetween(4_700_000_000L, 5_000_000_000L);
    }

    @Test
    void leavesNoLedgerBehindUnlessAskedTo() throws IOException {
        Run run = Run.of("demo");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(ledger(run.out())).doesNotExist();
        Run kept = Run.of("demo", "--keep");
        Path ledger = ledger(kept.out());
        assertThat(kept.err()).contains("holdfast entries --store json:" + ledger);
        assertThat(Run.of("verify", "--store", "json:" + ledger).code()).isZero();
        try (Stream<Path> files = Files.walk(ledger)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void tellsTheTurningPointsToPeople(@TempDir Path directory) {
        Run run = Run.of("demo", "--store", "json:" + directory.resolve("ledger"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("4200 times, 8 workers at once")
                .contains("alert: 50 % of 10.00 USD")
                .contains("alert: 80 % of 10.00 USD")
                .contains("admitted: the last one")
                .contains("admitted as claude-haiku-4-5 from now on")
                .contains("admitted after 2 s from now on")
                .contains("The caller was told: call to anthropic:claude-haiku-4-5 refused: scope 'support-agent'")
                .contains("of 10.00 USD. Without the gate: 1080.09 USD.");
    }

    /** The steps count what is held for the eight calls under way, so the spend is a little below them. */
    @Test
    void theNightReadsAsAskedThenCheaperThenDelayedThenRefused() {
        Run run = Run.of("demo", "--store", SharedStoreProvider.fresh());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("Above 5.00 the cheaper model, above 8.00 a delay of 2 s, which passes in 2 ms here");
        BigDecimal cheaper = spentAt(run, "admitted as claude-haiku-4-5 from now on");
        BigDecimal delayed = spentAt(run, "admitted after 2 s from now on");
        BigDecimal refused = spentAt(run, "refused before it left: the first of many");
        assertThat(cheaper).isBetween(new BigDecimal("4.50"), new BigDecimal("5.10"));
        assertThat(delayed).isBetween(new BigDecimal("7.50"), new BigDecimal("8.10"));
        assertThat(refused).isBetween(new BigDecimal("9.50"), TEN);
        assertThat(spentAt(run, "admitted: the last one")).isBetween(delayed, TEN);
        List<String> order = run.out()
                .lines()
                .filter(line -> line.contains("from now on") || line.contains("refused before it left"))
                .map(line -> line.replaceFirst(".*(admitted|refused) (as|after|before).*", "$2"))
                .toList();
        assertThat(order).containsExactly("as", "after", "before");
    }

    private static BigDecimal spentAt(Run run, String turningPoint) {
        Pattern row = Pattern.compile("([0-9]+\\.[0-9]+) +" + Pattern.quote(turningPoint));
        Matcher found = row.matcher(run.out());
        assertThat(found.find()).as("'%s' in%n%s", turningPoint, run.out()).isTrue();
        return new BigDecimal(found.group(1));
    }

    @Test
    void everySessionHasItsLimitAndTheDayHasOne() {
        String store = SharedStoreProvider.fresh();
        for (int i = 0; i < 6; i++) {
            assertThat(Run.of("demo", "--store", store, "--format", "json").usd("spent_usd"))
                    .isLessThanOrEqualTo(TEN);
        }
        Map<String, Long> spent = SharedStoreProvider.at(store).entries().stream()
                .collect(Collectors.groupingBy(
                        Entry::session,
                        Collectors.summingLong(entry -> entry.amounts().cost())));
        assertThat(spent)
                .hasSizeBetween(5, 6)
                .allSatisfy((session, nanos) -> assertThat(nanos).isLessThanOrEqualTo(10_000_000_000L));
        assertThat(spent.values().stream().mapToLong(Long::longValue).sum())
                .isBetween(49_000_000_000L, 50_000_000_000L);
    }

    @Test
    void theSameSeedIsTheSameNight() {
        BigDecimal one = Run.of("demo", "--store", "memory:", "--format", "json", "--seed", "7")
                .usd("without_gate_usd");
        BigDecimal same = Run.of("demo", "--store", "memory:", "--format", "json", "--seed", "7")
                .usd("without_gate_usd");
        BigDecimal other = Run.of("demo", "--store", "memory:", "--format", "json", "--seed", "8")
                .usd("without_gate_usd");
        assertThat(one).isEqualByComparingTo(same).isNotEqualByComparingTo(other);
    }

    private static Path ledger(String out) {
        String line = out.lines()
                .filter(each -> each.contains("Ledger: json:"))
                .findFirst()
                .orElseThrow();
        return Path.of(line.substring(line.indexOf("json:") + "json:".length()));
    }
}
