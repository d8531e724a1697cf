package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The guarded clock")
class GuardedClockTest {
    private static final long START = 1_780_000_000_000L;
    private static final long HOUR = 3_600_000;

    private long wall = START;
    private long nanos = -5_000_000_000L;
    private final GuardedClock clock = new GuardedClock(() -> wall, () -> nanos);

    /** Lets both clocks run, by steps short enough for each to be looked at. */
    private void run(long millis) {
        for (long left = millis; left > 0; left -= 500) {
            long step = Math.min(left, 500);
            wall += step;
            nanos += step * 1_000_000;
            clock.now();
        }
    }

    @Test
    @DisplayName("runs with the system's")
    void runs() {
        assertThat(clock.now()).isEqualTo(START);
        run(HOUR);
        assertThat(clock.now()).isEqualTo(START + HOUR);
    }

    @Test
    @DisplayName("follows small corrections forward, and none back")
    void smallCorrections() {
        wall += 700;
        run(1_000);
        assertThat(clock.now()).isEqualTo(START + 1_700);
        wall -= 900;
        run(1_000);
        assertThat(clock.now()).isEqualTo(START + 2_700);
        run(10_000);
        wall += 900;
        run(1_000);
        assertThat(clock.now()).isEqualTo(wall);
    }

    @ParameterizedTest
    @ValueSource(longs = {10_001, HOUR, 10L * 365 * 24 * HOUR})
    @DisplayName("does not believe a jump ahead that is taken back within a minute")
    void passingJump(long jump) {
        run(1_000);
        wall += jump;
        run(59_000);
        assertThat(clock.now()).isEqualTo(START + 60_000);
        wall -= jump;
        run(2 * HOUR);
        assertThat(clock.now()).isEqualTo(START + 60_000 + 2 * HOUR);
    }

    @Test
    @DisplayName("believes a jump ahead that stays for a minute, as after sleep")
    void lastingJump() {
        wall += HOUR;
        run(61_500);
        assertThat(clock.now()).isEqualTo(wall);
    }

    @Test
    @DisplayName("begins to wait again where the clock jumps on while it waits")
    void jumpAfterJump() {
        wall += HOUR;
        run(40_000);
        wall += HOUR;
        run(40_000);
        assertThat(clock.now()).isEqualTo(START + 80_000);
        run(30_000);
        assertThat(clock.now()).isEqualTo(wall);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 9_000, HOUR, 10L * 365 * 24 * HOUR})
    @DisplayName("goes on at its own pace where the system's clock falls behind, and never back")
    void fallsBehind(long fall) {
        run(1_000);
        wall -= fall;
        run(HOUR);
        assertThat(clock.now()).isEqualTo(START + 1_000 + HOUR);
    }

    @Test
    @DisplayName("goes on from a time the ledger has seen, also from a far future, so that windows still end")
    void observes() {
        clock.observe(START - HOUR);
        assertThat(clock.now()).isEqualTo(START);
        long future = START + 1_000 * HOUR;
        clock.observe(future);
        assertThat(clock.now()).isEqualTo(future);
        run(24 * HOUR);
        assertThat(clock.now()).isEqualTo(future + 24 * HOUR);
    }

    @Test
    @DisplayName("never falls, whatever happens to the system's")
    void neverFalls() {
        Random random = new Random(42);
        long last = clock.now();
        for (int i = 0; i < 200_000; i++) {
            switch (random.nextInt(20)) {
                case 0 -> wall += random.nextInt(20_000) - 10_000;
                case 1 -> wall += (random.nextInt(2_000) - 1_000) * HOUR;
                case 2 -> clock.observe(last + random.nextInt(100));
                default -> {
                    long step = random.nextInt(200_000_000);
                    nanos += step;
                    wall += step / 1_000_000;
                }
            }
            long now = clock.now();
            assertThat(now).isGreaterThanOrEqualTo(last);
            last = now;
        }
    }
}
