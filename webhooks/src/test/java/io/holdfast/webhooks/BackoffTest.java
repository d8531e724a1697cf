package io.holdfast.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A wait after failures")
class BackoffTest {
    /** Always the largest number that may come. */
    private static final RandomGenerator LARGEST = new RandomGenerator() {
        @Override
        public long nextLong() {
            throw new AssertionError("only numbers below a bound are asked for");
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    @Test
    @DisplayName("is bounded by the first wait, doubled with each failure up to the longest, after any number of them")
    void bounds() {
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofHours(1), LARGEST);
        assertThat(backoff.afterFailures(1)).isEqualTo(1_000);
        assertThat(backoff.afterFailures(2)).isEqualTo(2_000);
        assertThat(backoff.afterFailures(12)).isEqualTo(2_048_000);
        assertThat(backoff.afterFailures(13)).isEqualTo(3_600_000);
        for (Duration first : new Duration[] {Duration.ofHours(3), Duration.ofDays(365), Duration.ofMillis(1)}) {
            Backoff long365 = new Backoff(first, Duration.ofDays(730), LARGEST);
            for (int failures : new int[] {64, 1_000, Integer.MAX_VALUE}) {
                assertThat(long365.afterFailures(failures))
                        .as("%s, %d failures", first, failures)
                        .isEqualTo(Duration.ofDays(730).toMillis());
            }
        }
    }

    @Test
    @DisplayName("is another each time, so that senders spread out")
    void jitter() {
        long seed = Long.getLong("holdfast.seed", 20_261_125);
        Backoff backoff = new Backoff(Duration.ofSeconds(10), Duration.ofHours(1), new Random(seed));
        long low = 0;
        for (int i = 0; i < 1_000; i++) {
            long wait = backoff.afterFailures(1);
            assertThat(wait).as("seed %d", seed).isBetween(1L, 10_000L);
            low += wait <= 5_000 ? 1 : 0;
        }
        assertThat(low).as("waits in the lower half, seed %d", seed).isBetween(350L, 650L);
    }

    @Test
    @DisplayName("that the receiver asked for is kept within bounds")
    void asked() {
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofHours(1), LARGEST);
        assertThat(backoff.asked(Duration.ofSeconds(90))).isEqualTo(90_000);
        assertThat(backoff.asked(Duration.ofDays(9))).isEqualTo(3_600_000);
        assertThat(backoff.asked(Duration.ofDays(-9))).isEqualTo(1);
    }
}
