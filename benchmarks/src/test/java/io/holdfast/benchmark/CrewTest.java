package io.holdfast.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A crew")
class CrewTest {
    private static final Duration MOMENT = Duration.ofMillis(20);

    @Test
    @DisplayName("adds up what its threads say they did in the time they say it took")
    void rate() throws Exception {
        assertThat(Crew.run(3, MOMENT, () -> () -> done(2, 1_000_000))).isEqualTo(6_000.0);
    }

    @Test
    @DisplayName("tells the time that 99 of 100 operations do not exceed")
    void percentile() throws Exception {
        AtomicInteger number = new AtomicInteger();

        double nanos = Crew.percentile(
                1, MOMENT, () -> () -> done(1, number.getAndIncrement() % 1_000 < 5 ? 9_000 : 1_000), 0.99);

        assertThat(nanos).isEqualTo(1_000.0);
        assertThat(Figure.P99.of(1, MOMENT, () -> () -> done(1, 5_000))).isEqualTo(200_000.0);
    }

    @Test
    @DisplayName("of a thousand works on virtual threads where there are any")
    void thousand() throws Exception {
        Set<String> kinds = ConcurrentHashMap.newKeySet();

        Crew.run(1_000, MOMENT, () -> () -> {
            kinds.add(Thread.currentThread().toString().startsWith("VirtualThread") ? "virtual" : "platform");
            Thread.sleep(20);
            return done(1, 1);
        });

        assertThat(kinds).containsExactly(Runtime.version().feature() >= 21 ? "virtual" : "platform");
    }

    @Test
    @DisplayName("fails as its work does")
    void failure() {
        assertThatThrownBy(() -> Crew.run(2, MOMENT, () -> () -> {
                    throw new IllegalStateException("refused");
                }))
                .hasRootCauseMessage("refused");
    }

    private static Crew.Done done(long operations, long nanos) {
        // Not so many that a moment's worth of them is long to sort.
        Thread.onSpinWait();
        return new Crew.Done(operations, nanos);
    }
}
