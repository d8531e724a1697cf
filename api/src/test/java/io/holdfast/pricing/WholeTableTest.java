package io.holdfast.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.survival.Survival;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("For every row of the price table")
class WholeTableTest {
    private static final Instant DATE_OF_TABLE = Instant.parse("2026-11-22T00:00:00Z");
    private static final List<Caching> CACHINGS = List.of(Caching.values());
    private static final int ROUNDS = 60;
    private static final List<String> MULTIPLIERS =
            List.of("1", "1", "1.1", "2", "2.5", "0.5", "0.000001", "99.999999");

    private final PriceBook book = PriceBook.builtIn();
    private final List<PriceOracle> table = PriceOracle.table();
    private final long seed = Long.getLong("holdfast.seed", 20_261_125);
    private final Random random = new Random(seed);

    @Test
    @DisplayName("a cost is what big fractions of the table's cells say, to the nano-dollar")
    void costIsExact() {
        for (PriceOracle row : table) {
            ModelPrice price = book.require(row.name(), DATE_OF_TABLE);
            for (int i = 0; i < ROUNDS; i++) {
                boolean batch = row.hasBatchPrice() && random.nextInt(3) == 0;
                String multiplier = multiplier();
                Usage usage = usage(promptAround(row), row.hasOutput() ? tokens() : 0, Caching.ANY);

                assertThat(price.cost(usage, options(row, batch, multiplier)).nanos())
                        .as("%s %s batch=%s x%s, seed %d", row.name(), usage, batch, multiplier, seed)
                        .isEqualTo(row.cost(usage, batch, multiplier).longValueExact());
            }
        }
        keep("costs against fractions of any length", (long) table.size() * ROUNDS);
    }

    private void keep(String what, long tried) {
        Survival.of(what, "every row of the price table", WholeTableTest.class)
                .seed(seed)
                .tried(tried)
                .wrong(0)
                .keep();
    }

    @Test
    @DisplayName("no usage within a bound costs more than its worst case, and one costs just that")
    void worstCaseDominates() {
        for (PriceOracle row : table) {
            ModelPrice price = book.require(row.name(), DATE_OF_TABLE);
            for (int i = 0; i < ROUNDS; i++) {
                boolean batch = row.hasBatchPrice() && random.nextInt(3) == 0;
                String multiplier = multiplier();
                Caching caching = CACHINGS.get(random.nextInt(CACHINGS.size()));
                int choices = random.nextInt(4) == 0 ? 1 + random.nextInt(8) : 1;
                boolean toCeiling = !row.hasOutput() || (row.ceiling() > 0 && random.nextInt(4) == 0);
                CallBound bound = CallBound.ofInput(promptAround(row))
                        .withMaxOutputTokens(toCeiling ? CallBound.MODEL_CEILING : tokens())
                        .withChoices(choices)
                        .withCaching(caching)
                        .withExtraCost(Usd.ofNanos(random.nextInt(1_000_000)));
                String context = row.name() + ' ' + bound + " batch=" + batch + " x" + multiplier + ", seed " + seed;

                long worst =
                        price.worstCase(bound, options(row, batch, multiplier)).nanos();

                long most = mostOutput(row, bound);
                assertThat(price.mostOutputTokens(bound)).as(context).isEqualTo(most);
                for (int j = 0; j < 4; j++) {
                    Usage usage = usage(upTo(bound.inputTokens()), upTo(most), caching)
                            .withExtraCost(Usd.ofNanos(upTo(bound.extraCost().nanos())));
                    assertThat(row.cost(usage, batch, multiplier))
                            .as("%s, %s", context, usage)
                            .isLessThanOrEqualTo(BigInteger.valueOf(worst));
                }
                assertThat(dearestCorner(row, bound, most, batch, multiplier))
                        .as(context)
                        .isEqualTo(BigInteger.valueOf(worst));
            }
        }
        keep("usages within a bound against its estimate", (long) table.size() * ROUNDS * 4);
    }

    @Test
    @DisplayName("the affordable answer is the largest whose worst case is within the budget")
    void affordableAnswerIsTheLargest() {
        for (PriceOracle row : table) {
            ModelPrice price = book.require(row.name(), DATE_OF_TABLE);
            for (int i = 0; i < 10; i++) {
                CallBound bound = CallBound.ofInput(promptAround(row))
                        .withMaxOutputTokens(row.hasOutput() ? tokens() : 0)
                        .withChoices(1 + random.nextInt(3));
                Usd budget = Usd.ofNanos(
                        upTo(2 * price.worstCase(bound, PriceOptions.STANDARD).nanos()));
                String context = row.name() + ' ' + bound + ' ' + budget + ", seed " + seed;

                long most = price.affordableOutputTokens(budget, bound, PriceOptions.STANDARD)
                        .orElse(-1);

                if (most >= 0) {
                    assertThat(price.worstCase(bound.withMaxOutputTokens(most), PriceOptions.STANDARD))
                            .as(context)
                            .isLessThanOrEqualTo(budget);
                }
                if (most < price.mostOutputTokens(bound) / bound.choices()) {
                    assertThat(price.worstCase(bound.withMaxOutputTokens(most + 1), PriceOptions.STANDARD))
                            .as(context)
                            .isGreaterThan(budget);
                }
            }
        }
    }

    /** The dearest usage has its whole prompt of one kind, at the bound or at the threshold. */
    private static BigInteger dearestCorner(
            PriceOracle row, CallBound bound, long output, boolean batch, String multiplier) {
        List<Usage> corners = new ArrayList<>();
        for (long prompt : new long[] {bound.inputTokens(), Math.min(bound.inputTokens(), row.threshold())}) {
            corners.add(Usage.of(prompt, 0, 0, 0, output));
            corners.add(Usage.of(0, prompt, 0, 0, output));
            if (bound.caching() != Caching.NONE) {
                corners.add(Usage.of(0, 0, prompt, 0, output));
            }
            if (bound.caching() == Caching.ANY) {
                corners.add(Usage.of(0, 0, 0, prompt, output));
            }
        }
        return corners.stream()
                .map(usage -> row.cost(usage.withExtraCost(bound.extraCost()), batch, multiplier))
                .max(BigInteger::compareTo)
                .orElseThrow();
    }

    private static long mostOutput(PriceOracle row, CallBound bound) {
        if (!row.hasOutput()) {
            return 0;
        }
        long asked = bound.maxOutputTokens() == CallBound.MODEL_CEILING ? Long.MAX_VALUE : bound.maxOutputTokens();
        return bound.choices() * (row.ceiling() < 0 ? asked : Math.min(asked, row.ceiling()));
    }

    private Usage usage(long prompt, long output, Caching caching) {
        long read = random.nextBoolean() ? upTo(prompt) : 0;
        long rest = prompt - read;
        long writeShort = caching != Caching.NONE && random.nextBoolean() ? upTo(rest) : 0;
        rest -= writeShort;
        long writeLong = caching == Caching.ANY && random.nextBoolean() ? upTo(rest) : 0;
        return Usage.of(rest - writeLong, read, writeShort, writeLong, output);
    }

    private long promptAround(PriceOracle row) {
        boolean atThreshold = row.threshold() < Long.MAX_VALUE && random.nextBoolean();
        return atThreshold ? row.threshold() - 1 + random.nextInt(3) : tokens();
    }

    private long tokens() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> upTo(100);
            case 3 -> upTo(100_000_000);
            default -> upTo(500_000);
        };
    }

    private long upTo(long most) {
        return (long) (random.nextDouble() * (most + 1));
    }

    private String multiplier() {
        return MULTIPLIERS.get(random.nextInt(MULTIPLIERS.size()));
    }

    /** Flex processing at OpenAI costs what batches do. */
    private PriceOptions options(PriceOracle row, boolean batch, String multiplier) {
        boolean flex = batch && row.name().startsWith("openai:") && random.nextBoolean();
        PriceOptions tier = flex ? PriceOptions.FLEX : batch ? PriceOptions.BATCH : PriceOptions.STANDARD;
        return tier.times(multiplier);
    }
}
