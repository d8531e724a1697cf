package io.holdfast.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Sums on stripes")
class StripedTest {
    @Test
    @DisplayName("lose nothing that any thread adds, and never shrink while they are read")
    void exact() throws Exception {
        Striped sums = new Striped(2);
        int threads = 24;
        int each = 20_000;
        List<Thread> adding = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(() -> {
                for (int n = 0; n < each; n++) {
                    Striped.Stripe stripe = sums.take();
                    stripe.add(0, 3);
                    stripe.add(1, -1);
                    stripe.done();
                }
            });
            adding.add(thread);
            thread.start();
        }
        long before = 0;
        while (adding.stream().anyMatch(Thread::isAlive)) {
            long now = sums.sum(0);
            assertThat(now).isGreaterThanOrEqualTo(before);
            before = now;
        }
        for (Thread thread : adding) {
            thread.join();
        }
        assertThat(sums.sum(0)).isEqualTo(3L * threads * each);
        assertThat(sums.sum(1)).isZero();
    }

    @Test
    @DisplayName("let a thread pass another that has taken its stripe")
    void passed() {
        Striped sums = new Striped(1);
        List<Striped.Stripe> taken = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            Striped.Stripe stripe = sums.take();
            assertThat(taken).doesNotContain(stripe);
            stripe.add(0, 1);
            taken.add(stripe);
        }
        CompletableFuture.runAsync(() -> {
                    Striped.Stripe last = sums.take();
                    last.add(0, 1);
                    last.done();
                })
                .join();
        assertThat(sums.sum(0)).isEqualTo(8);
    }
}
