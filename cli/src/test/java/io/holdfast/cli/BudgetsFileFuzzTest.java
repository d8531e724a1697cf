package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.survival.Fuzzer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Any bytes whatever in a budgets file")
class BudgetsFileFuzzTest {
    private static final String EXAMPLE = """
            scopes:
              - name: team-support
                parent: acme
                ladders: [[claude-sonnet-*, claude-haiku-4-5]]
                limits:
                  - {meter: cost, amount: "50.00", window: rolling(24h), alerts: [0.5, "0.8", 1]}
                  - meter: tokens
                    amount: 2000000
                    window: calendar(day;Europe/Berlin)
                    models: "gpt-4o"
                    enforcement: alert-only
                  - {meter: cost, amount: 10, window: session, downgrade-at: 80%, throttle-at: 90%, throttle-delay: 2s, final-reserve: 1}
              - name: acme
            templates:
              - name: user-*
                parent: team-support
                limits:
                  - {meter: calls, amount: 0, window: lifetime}
                  - {meter: input-tokens, amount: 9223372036854775807, window: rolling(PT1H)}
            """;

    @Test
    @DisplayName("are read or refused by file and line")
    void fuzzed() throws Exception {
        Fuzzer.fuzz(
                "budgets file",
                BudgetsFileFuzz.class,
                BudgetsFileFuzzTest.class,
                List.of(EXAMPLE.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    @DisplayName("that were found before, or thought of, are read or refused")
    void found() throws IOException {
        assertThat(Fuzzer.replay(BudgetsFileFuzz.class, BudgetsFileFuzz::fuzzerTestOneInput))
                .isGreaterThan(5);
    }
}
