package io.holdfast.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Two sides of a row")
class SideBySideTest {
    private final List<String> turns = new ArrayList<>();

    @Test
    @DisplayName("are warmed up, run in turn, and audited at the end")
    void inTurn() {
        Result result = run(3, () -> new Scripted("a", 6), () -> new Scripted("b", 2));

        assertThat(String.join(" ", turns)).isEqualTo("a b a b a b a b a-audit b-audit b-close a-close");
        assertThat(result.ratios()).containsExactly(3.0, 3.0, 3.0);
        assertThat(result.load()).hasSize(2);
    }

    @Test
    @DisplayName("are void when the library's store forgets what it has acknowledged")
    void forgetful() {
        Result result =
                run(5, () -> new MemoryBudget(new ForgetfulStore(), 1, true, false, 0), () -> new Scripted("b", 1));

        assertThat(result.voided()).contains("calls: ").contains("counted").contains("acknowledged");
        assertThat(result.verdict()).startsWith("void: ");
        assertThat(result.ratios()).isEmpty();
        assertThat(result.fails()).isTrue();
    }

    @Test
    @DisplayName("are void when the peer's audit fails, and the report shows no ratio for them")
    void lyingPeer() throws IOException {
        Result result = run(5, () -> new Scripted("a", 6), () -> new Scripted("lying", 2));

        Report report = new Report(Map.of(), List.of(result), List.of());

        assertThat(result.verdict()).isEqualTo("void: java.lang.IllegalStateException: 1 counted | 2\nacknowledged");
        assertThat(report.markdown())
                .contains("| - | 3 | 5 | void: java.lang.IllegalStateException: 1 counted / 2 acknowledged |");
        assertThat(report.json()).contains("\"median_ratio\" : null").contains("\"void\" : true");
    }

    @Test
    @DisplayName("are void when one of them cannot be made")
    void cannotBeMade() {
        Result result = run(
                5,
                () -> {
                    throw new IOException("no such engine");
                },
                () -> new Scripted("b", 2));

        assertThat(result.verdict()).isEqualTo("void: java.io.IOException: no such engine");
    }

    @Test
    @DisplayName("are void when there is not memory enough for one of them")
    void outOfMemory() {
        Result result = run(
                5,
                () -> {
                    throw new OutOfMemoryError("Java heap space");
                },
                () -> new Scripted("b", 2));

        assertThat(result.verdict()).isEqualTo("void: java.lang.OutOfMemoryError: Java heap space");
        assertThat(result.fails()).isTrue();
    }

    private static Result run(int rounds, Callable<Subject> ours, Callable<Subject> peer) {
        return new SideBySide(rounds, Duration.ofMillis(20), Duration.ofMillis(20))
                .run(new Row("id", "what", "peer", 3, 5, "none", ours, peer));
    }

    /** Says what it is told to say. */
    private final class Scripted implements Subject {
        private final String name;
        private final double rate;

        Scripted(String name, double rate) {
            this.name = name;
            this.rate = rate;
        }

        @Override
        public double run(Duration time) {
            turns.add(name);
            return rate;
        }

        @Override
        public void audit() {
            turns.add(name + "-audit");
            if (name.equals("lying")) {
                throw new IllegalStateException("1 counted | 2\nacknowledged");
            }
        }

        @Override
        public void close() {
            turns.add(name + "-close");
        }
    }
}
