package io.holdfast.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What came of a row")
class ResultTest {
    @Test
    @DisplayName("is the median of the ratios, and passes at the floor and at the moonshot")
    void passes() {
        assertThat(of(3, 2.9, 3.1, 3, 2.8, 9).median()).isEqualTo(3.0);
        assertThat(of(3, 2.9, 3.1, 3, 2.8, 5).verdict()).isEqualTo("floor");
        assertThat(of(3, 5.1, 5.2, 5.3, 5, 5).verdict()).isEqualTo("moonshot");
        assertThat(of(3, 5.1, 5.2, 5.3, 5, 5).fails()).isFalse();
    }

    @Test
    @DisplayName("fails below the floor")
    void fails() {
        assertThat(of(3, 2, 2, 2, 2, 2).verdict()).isEqualTo("below floor");
        assertThat(of(3, 2, 2, 2, 2, 2).fails()).isTrue();
    }

    @Test
    @DisplayName("is not held to the floor when its largest ratio is more than twice its smallest")
    void noisy() {
        Result result = of(3, 1, 1.5, 1.6, 1.7, 2.1);

        assertThat(result.verdict()).isEqualTo("below floor, noisy: not gated");
        assertThat(result.fails()).isFalse();
        assertThat(of(3, 1, 1.5, 1.6, 1.7, 2).fails()).isTrue();
    }

    @Test
    @DisplayName("is not held to the floor by fewer than five rounds")
    void fewRounds() {
        assertThat(of(3, 2, 2, 2, 2).verdict()).isEqualTo("below floor, too few rounds: not gated");
        assertThat(of(3, 2, 2, 2, 2).fails()).isFalse();
    }

    @Test
    @DisplayName("has no verdict where there is no floor")
    void noFloor() {
        assertThat(of(0, 0.5, 0.5, 0.5, 0.5, 0.5).verdict()).isEqualTo("no floor");
        assertThat(of(0, 0.1, 0.5, 0.5, 0.5, 0.5).verdict()).isEqualTo("no floor, noisy");
        assertThat(of(0, 0.5, 0.5, 0.5, 0.5, 0.5).fails()).isFalse();
    }

    @Test
    @DisplayName("is told to people and to programs, with what was not run and why")
    void reported() throws Exception {
        Report report = new Report(
                Map.of("seed", "7"),
                List.of(of(3, 4, 4, 4, 4, 4)),
                List.of(new NotRun("redis", "Redis", "a peer", 50, 200, "there is none")));

        JsonNode json = new ObjectMapper().readTree(report.json());

        assertThat(report.markdown())
                .contains("- seed: 7\n")
                .contains("| id | what | peer | 4.00 (4.00–4.00) | 3 | 5 | floor | 4 / 1 | 0.5–1.5 | none |\n")
                .contains("| redis | Redis | a peer | - | 50 | 200 | not run: there is none | - | - | - |\n");
        assertThat(json.path("seed").asText()).isEqualTo("7");
        assertThat(json.at("/rows/0/median_ratio").asDouble()).isEqualTo(4.0);
        assertThat(json.at("/rows/0/durability").asText()).isEqualTo("none");
        assertThat(json.at("/rows/0/load_average/1").asDouble()).isEqualTo(1.5);
        assertThat(json.at("/not_run/0/why").asText()).isEqualTo("there is none");
    }

    private static Result of(double floor, double... rates) {
        Row row = new Row("id", "what", "peer", floor, 5, "none", () -> new Published(1), () -> new Published(1));
        List<Double> peer =
                DoubleStream.generate(() -> 1).limit(rates.length).boxed().toList();
        return new Result(row, Arrays.stream(rates).boxed().toList(), peer, List.of(0.5, 1.5), "");
    }
}
