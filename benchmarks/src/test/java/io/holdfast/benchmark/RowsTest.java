package io.holdfast.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The rows of the report")
class RowsTest {
    private static final Plan PLAN = Plan.smoke(20_261_125);

    static Stream<String> ids() {
        return Rows.all(PLAN).stream().map(Row::id);
    }

    /** Moments of everything, and no look at how fast it was. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("ids")
    @DisplayName("each runs, and both of its sides pass their audits")
    void runs(String id) {
        SideBySide moments = new SideBySide(1, Duration.ofMillis(40), Duration.ofMillis(10));

        Result result = moments.run(row(id));

        assertThat(result.voided()).as("row %s, seed %d", id, PLAN.seed()).isEmpty();
        assertThat(result.ours()).hasSize(1).allMatch(rate -> rate > 0);
        assertThat(result.peer()).hasSize(1).allMatch(rate -> rate > 0);
    }

    @Test
    @DisplayName("have names of their own, also those that cannot be run")
    void names() {
        List<String> all =
                Stream.concat(ids(), Rows.missing().stream().map(NotRun::id)).toList();

        assertThat(all).doesNotHaveDuplicates().hasSizeGreaterThan(40);
    }

    @Test
    @DisplayName("have the floors and moonshots of the goal table")
    void goals() {
        assertThat(Rows.all(PLAN).stream()
                        .filter(row -> row.floor() > 0)
                        .map(row -> row.id() + " " + row.floor() + " " + row.moonshot()))
                .contains(
                        "memory-reserve-1 4.0 10.0",
                        "memory-reserve-4 5.0 10.0",
                        "memory-pair-1 0.2 0.6",
                        "memory-check 5.0 20.0",
                        "json-4x1-10 4.0 10.0",
                        "json-4x1-1000 15.0 100.0",
                        "json-4x32-10 8.0 50.0",
                        "json-4x32-1000 30.0 500.0",
                        "json-sessions 0.8 0.95",
                        "json-64 0.3 0.8",
                        "postgresql-hot-1 1.5 2.0",
                        "postgresql-hot-8 2.0 8.0",
                        "postgresql-hot-64 30.0 100.0",
                        "postgresql-p99-64 30.0 200.0",
                        "postgresql-hot-1000 100.0 300.0",
                        "postgresql-scopes-bucket 2.0 8.0",
                        "postgresql-scopes-call 1.2 3.0",
                        "postgresql-rows 0.4 0.9",
                        "postgresql-async 1.0 5.0",
                        "sqlite-hot-64 20.0 50.0",
                        "mariadb-hot-64 20.0 50.0",
                        "h2-hot-64 20.0 50.0");
    }

    private static Row row(String id) {
        return Rows.all(PLAN).stream()
                .filter(row -> row.id().equals(id))
                .findFirst()
                .orElseThrow();
    }
}
