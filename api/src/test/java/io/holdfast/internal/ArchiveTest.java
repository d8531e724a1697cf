package io.holdfast.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.spi.Detail;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.PassedStep;
import io.holdfast.unit.Amounts;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ArchiveTest {
    private static final HoldState[] FINISHED = {HoldState.COMMITTED, HoldState.RELEASED, HoldState.LATE_COMMITTED};

    @Test
    @DisplayName("keeps what a map would keep, to the last field, and forgets the oldest")
    void likeAMap() {
        for (long seed = 0; seed < 20; seed++) {
            new Run(seed).run();
        }
    }

    @Test
    @DisplayName("is not slowed down by ids whose hash codes are the same")
    void equalHashCodes() {
        Archive archive = new Archive();
        ScopeState scope = new ScopeState("s", null, archive);
        int ids = 1 << 12;
        for (int i = 0; i < ids; i++) {
            archive.add(new Tree.Answer(collides(i), scope.tree, true, i, i));
        }
        for (int i = 0; i < ids; i++) {
            Tree.Answer answer = archive.answer(scope.tree, collides(i));
            assertThat(answer).isNotNull();
            assertThat(answer.fingerprint()).isEqualTo(i);
        }
    }

    /** "Aa" and "BB" have the same hash code, and so have all texts put together of them. */
    private static String collides(int number) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < 12; bit++) {
            text.append((number >>> bit & 1) == 0 ? "Aa" : "BB");
        }
        return text.toString();
    }

    /** One archive beside a map, with operations from a seed. */
    private static final class Run {
        private final Random random;
        private final long seed;
        private final Archive archive = new Archive();
        private final List<ScopeState> scopes = new ArrayList<>();
        private final Map<String, Hold> holds = new LinkedHashMap<>();
        private final Map<String, Tree.Answer> answers = new LinkedHashMap<>();
        private long now = 1_800_000_000_000L;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            for (int i = 0; i < 6; i++) {
                scopes.add(new ScopeState("scope-" + i, i < 3 ? null : scopes.get(i - 3), archive));
            }
        }

        void run() {
            for (int step = 0; step < 5_000; step++) {
                now += random.nextInt(3);
                if (random.nextInt(3) > 0) {
                    Hold hold = hold();
                    archive.add(hold);
                    holds.remove(key(hold.scope.tree, hold.id));
                    holds.put(key(hold.scope.tree, hold.id), hold);
                } else {
                    Tree tree = scopes.get(random.nextInt(6)).tree;
                    Tree.Answer answer = new Tree.Answer(id(), tree, true, random.nextLong(), now);
                    archive.add(answer);
                    answers.remove(key(tree, answer.id()));
                    answers.put(key(tree, answer.id()), answer);
                }
                if (random.nextInt(500) == 0) {
                    forget(now - random.nextInt(2_000));
                }
                if (step % 50 == 0) {
                    look(scopes.get(random.nextInt(6)).tree, id());
                }
            }
            compare();
            forget(now + 1);
            assertThat(archive.size()).as("seed %d", seed).isZero();
            archive.add(hold());
            assertThat(archive.size()).as("seed %d", seed).isEqualTo(1);
        }

        private void forget(long before) {
            archive.forget(before);
            removeBefore(holds.values().iterator(), before);
            answers.values().removeIf(answer -> answer.at() < before);
            compare();
        }

        private static void removeBefore(Iterator<Hold> all, long before) {
            while (all.hasNext()) {
                if (all.next().settledAt < before) {
                    all.remove();
                }
            }
        }

        private void compare() {
            assertThat(archive.size()).as("seed %d", seed).isEqualTo(holds.size() + answers.size());
            List<String> told = new ArrayList<>();
            archive.forEach(
                    hold -> told.add(text(hold)),
                    answer -> assertThat(answer)
                            .as("seed %d", seed)
                            .isEqualTo(answers.get(key(answer.tree(), answer.id()))));
            assertThat(told)
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(
                            holds.values().stream().map(Run::text).toList());
        }

        private void look(Tree tree, String id) {
            assertThat(text(archive.hold(tree, id))).as("seed %d", seed).isEqualTo(text(holds.get(key(tree, id))));
            assertThat(archive.answer(tree, id)).as("seed %d", seed).isEqualTo(answers.get(key(tree, id)));
        }

        private Hold hold() {
            long admittedAt = now - random.nextInt(100_000);
            Hold hold = new Hold(
                    id(),
                    true,
                    scopes.get(random.nextInt(6)),
                    null,
                    "model-" + random.nextInt(2_000),
                    amounts(),
                    admittedAt,
                    random.nextInt(3) == 0 ? random.nextInt(30_000) : 0,
                    admittedAt + random.nextInt(1_000_000),
                    random.nextBoolean() ? OnExpiry.CHARGE : OnExpiry.RELEASE,
                    steps(),
                    random.nextLong(),
                    Detail.NONE,
                    Hold.NO_COUNTERS);
            hold.settle(FINISHED[random.nextInt(FINISHED.length)], now, amounts());
            return hold;
        }

        /** Mostly none, and now and then more than a usual chunk holds. */
        private List<PassedStep> steps() {
            List<PassedStep> steps = new ArrayList<>();
            int count = random.nextInt(400) == 0 ? 1_000 : Math.max(0, random.nextInt(6) - 3);
            for (int i = 0; i < count; i++) {
                steps.add(new PassedStep(
                        random.nextBoolean() ? PassedStep.Kind.DOWNGRADE : PassedStep.Kind.THROTTLE,
                        "scope-" + random.nextInt(6) + "x".repeat(100),
                        random.nextBoolean() ? null : "session-" + random.nextInt(9),
                        "cost/limit-" + random.nextInt(2_000),
                        random.nextLong() >>> 1,
                        random.nextLong() >>> 1));
            }
            return steps;
        }

        private Amounts amounts() {
            long cost = random.nextInt(5) == 0 ? Amounts.UNPRICED : random.nextLong() >>> 1 >>> random.nextInt(62);
            return new Amounts(cost, random.nextLong() >>> 2, random.nextInt(1_000), random.nextInt(3));
        }

        /** Some come again and again; some need two bytes for a character, or are as long as an id may be. */
        private String id() {
            int number = random.nextInt(1_000);
            return switch (number % 7) {
                case 0 -> "größe-" + number;
                case 1 -> "票-" + number;
                case 2 -> "x".repeat(250) + number;
                default -> "request-" + number;
            };
        }

        private static String key(Tree tree, String id) {
            return tree.root + "\n" + id;
        }

        private static @Nullable String text(@Nullable Hold hold) {
            return hold == null
                    ? null
                    : String.join(
                            " ",
                            hold.id,
                            hold.scope.name,
                            hold.model,
                            hold.amounts.toString(),
                            Long.toString(hold.admittedAt),
                            Long.toString(hold.delayMillis),
                            hold.steps.toString(),
                            Long.toString(hold.expiresAt),
                            hold.onExpiry.toString(),
                            Long.toString(hold.fingerprint),
                            hold.state.toString(),
                            Long.toString(hold.settledAt),
                            hold.booked.toString());
        }
    }
}
