package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.unit.Amounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The engine's collections")
class CollectionsTest {
    @Test
    @DisplayName("sum amounts by bucket as a sorted map does")
    void bucketsAgainstAMap() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            BucketSeries series = new BucketSeries();
            TreeMap<Long, Long> map = new TreeMap<>();
            long floor = Long.MIN_VALUE;
            for (int step = 0; step < 80; step++) {
                long bucket = step / 4 + random.nextInt(12) - 6;
                int what = random.nextInt(20);
                if (what < 14) {
                    long amount = random.nextInt(50);
                    series.add(bucket, amount);
                    if (bucket >= floor && amount > 0) {
                        map.merge(bucket, amount, Long::sum);
                    }
                } else if (what < 17 && !map.isEmpty()) {
                    Map.Entry<Long, Long> some =
                            map.ceilingEntry(bucket) == null ? map.firstEntry() : map.ceilingEntry(bucket);
                    series.add(some.getKey(), -some.getValue());
                    map.remove(some.getKey());
                } else if (what < 19) {
                    series.dropBefore(bucket);
                    floor = Math.max(floor, bucket);
                    map.headMap(floor).clear();
                } else {
                    series.clear();
                    map.clear();
                }
                assertThat(series.sum())
                        .isEqualTo(map.values().stream().mapToLong(each -> each).sum());
                List<String> had = new ArrayList<>();
                for (int i = 0; i < series.size(); i++) {
                    had.add(series.bucket(i) + "=" + series.amount(i));
                }
                assertThat(had)
                        .isEqualTo(map.entrySet().stream().map(Object::toString).toList());
                assertThat(series.counts(floor)).isTrue();
                assertThat(floor == Long.MIN_VALUE || !series.counts(floor - 1)).isTrue();
            }
        }
    }

    @Test
    @DisplayName("do not wrap a sum, and keep what they had")
    void bucketOverflow() {
        BucketSeries series = new BucketSeries();
        series.add(1, Long.MAX_VALUE);
        assertThatThrownBy(() -> series.add(2, 1)).isInstanceOf(ArithmeticException.class);
        assertThat(series.sum()).isEqualTo(Long.MAX_VALUE);
        assertThat(series.size()).isEqualTo(1);
    }

    @Test
    @DisplayName("give the next hold to expire as a sorted list does")
    void queueAgainstAList() {
        Random random = new Random(11);
        for (int round = 0; round < 100; round++) {
            HoldQueue queue = new HoldQueue();
            List<Hold> list = new ArrayList<>();
            for (int step = 0; step < 200; step++) {
                if (random.nextInt(3) > 0 || list.isEmpty()) {
                    Hold hold = hold("h" + step, random.nextInt(50));
                    queue.add(hold);
                    list.add(hold);
                } else {
                    Hold hold = list.get(random.nextInt(list.size()));
                    queue.remove(hold);
                    if (random.nextBoolean()) {
                        hold.expiresAt += random.nextInt(30);
                        queue.add(hold);
                    } else {
                        list.remove(hold);
                        queue.remove(hold);
                    }
                }
                assertThat(queue.size()).isEqualTo(list.size());
                long next =
                        list.stream().mapToLong(hold -> hold.expiresAt).min().orElse(-1);
                Hold first = queue.first();
                assertThat(first == null ? -1 : first.expiresAt).isEqualTo(next);
            }
            List<Hold> all = new ArrayList<>();
            queue.forEach(all::add);
            assertThat(all).containsExactlyInAnyOrderElementsOf(list);
            list.sort(Comparator.comparingLong(hold -> hold.expiresAt));
            for (Hold expected : list) {
                Hold first = queue.first();
                assertThat(first.expiresAt).isEqualTo(expected.expiresAt);
                queue.remove(first);
            }
            assertThat(queue.first()).isNull();
        }
    }

    @Test
    @DisplayName("counters of keys that have left the window are forgotten, and those with calls under way are not")
    void loopCountersAreBounded() {
        Limit guard = Limit.loopGuard(5, Window.rolling(Duration.ofMinutes(1)));
        ScopeState scope = new ScopeState("s", null, new Archive());
        LoopCounters loops = new LoopCounters(scope.counters, guard);
        Amounts one = new Amounts(0, 0, 0, 1);
        Counter open = loops.of("open", 0);
        open.hold(one, 0);
        int most = 0;
        for (int i = 1; i <= 20_000; i++) {
            long now = i * 100L;
            Counter counter = loops.of("key-" + i, now);
            counter.roll(now);
            counter.book(one, now, now, now);
            most = Math.max(most, loops.size());
        }
        assertThat(most).isLessThan(1_000);
        assertThat(loops.of("open", 2_000_000)).isSameAs(open);
        assertThat(loops.fullest(2_000_000).loopKey).isNotNull();
    }

    private static Hold hold(String id, long expiresAt) {
        ScopeState scope = new ScopeState("s", null, new Archive());
        return new Hold(
                id,
                true,
                scope,
                null,
                "m",
                Amounts.NONE,
                0,
                0,
                expiresAt,
                OnExpiry.CHARGE,
                List.of(),
                0,
                Detail.NONE,
                Hold.NO_COUNTERS);
    }
}
