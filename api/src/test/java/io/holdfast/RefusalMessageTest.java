package io.holdfast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.holdfast.event.BudgetEvent;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.pricing.Caching;
import io.holdfast.pricing.ModelPrice;
import io.holdfast.pricing.PriceBook;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever refuses a call says which scope and limit it was, what is used and held, the limit, what was asked, and when that
 * frees. A million tokens cost a dollar.
 */
@DisplayName("A refusal")
@Timeout(60)
class RefusalMessageTest {
    private static final String AMOUNT = "[0-9.]+ (USD|tokens|input tokens|output tokens|calls)";
    private static final String LIMIT = "scope '[^']+' limit \\S+( session '[^']+')?( key '[^']+')?: used " + AMOUNT
            + ", held " + AMOUNT + ", limit " + AMOUNT + "( \\(" + AMOUNT
            + " of it reserved for final calls\\))?, asked "
            + AMOUNT + ", frees (never by itself|[0-9-]+T[0-9:.]+Z)";
    private static final String REFUSAL = "(call to \\S+|child session) refused: " + LIMIT + "(; " + LIMIT + ")*";

    private static final Usd TEN = Usd.of("10.00");
    private static final Window HOUR = Window.rolling(Duration.ofHours(1));

    private final List<BudgetEvent> events = Collections.synchronizedList(new ArrayList<>());
    private final BudgetManager budgets = BudgetManager.builder()
            .clock(new ManualClock())
            .prices(PriceBook.empty()
                    .register(ModelPrice.of("acme", "m")
                            .input("1")
                            .output("1")
                            .maxOutputTokens(100_000_000)
                            .build())
                    .declareFree("acme:gift"))
            .listener(events::add)
            .build();

    @AfterEach
    void close() {
        budgets.close();
    }

    /**
     * A way to be refused.
     *
     * @param limits the limits of the scope "s"
     * @param act is refused in the end
     * @param told what the refusal says
     */
    private record Kind(String name, List<Limit> limits, Function<Budget, Decision<?>> act, String told) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Call dollars(double dollars) {
        return Call.of("one", "m")
                .input((long) (dollars * 1_000_000))
                .maxOutput(0)
                .caching(Caching.NONE);
    }

    private static Limit cost(Window window) {
        return Limit.cost(TEN, window);
    }

    private static Decision<?> spendThenAsk(Budget budget) {
        budget.reserve(dollars(4)).commit(Usage.of(3_000_000, 0));
        budget.reserve(dollars(2));
        return budget.tryReserve(dollars(6));
    }

    private static Decision<?> thrown(Runnable refused) {
        BudgetExceededException thrown = catchThrowableOfType(BudgetExceededException.class, refused::run);
        assertThat(thrown.getMessage()).isEqualTo(thrown.refusal().message());
        return new Decision.Refused<>(thrown.refusal());
    }

    static Stream<Kind> kinds() {
        String spent = "used 3.00 USD, held 2.00 USD, limit 10.00 USD, asked 6.00 USD, frees ";
        return Stream.of(
                new Kind(
                        "by a limit per session",
                        List.of(cost(Window.session())),
                        RefusalMessageTest::spendThenAsk,
                        "call to acme:m refused: scope 's' limit cost/session session 'one': " + spent
                                + "never by itself"),
                new Kind(
                        "by a limit for life",
                        List.of(cost(Window.lifetime())),
                        RefusalMessageTest::spendThenAsk,
                        "call to acme:m refused: scope 's' limit cost/lifetime: " + spent + "never by itself"),
                new Kind(
                        "by a rolling limit",
                        List.of(cost(HOUR)),
                        RefusalMessageTest::spendThenAsk,
                        "call to acme:m refused: scope 's' limit cost/rolling(PT1H): " + spent
                                + "2026-11-22T10:00:12.500Z"),
                new Kind(
                        "by a limit of a day",
                        List.of(cost(Window.parse("calendar(day;Asia/Kolkata)"))),
                        RefusalMessageTest::spendThenAsk,
                        "call to acme:m refused: scope 's' limit cost/calendar(day;Asia/Kolkata): " + spent
                                + "2026-11-22T18:30:00Z"),
                new Kind(
                        "by a limit on a model, and one of an ancestor, both at once",
                        List.of(cost(Window.lifetime()).forModels("m")),
                        budget -> {
                            budget.manager()
                                    .register(BudgetScope.named("below")
                                            .parent("s")
                                            .limit(Limit.tokens(5, Window.lifetime()))
                                            .build());
                            return budget.manager().budget("below").tryReserve(dollars(11));
                        },
                        "call to acme:m refused: scope 'below' limit tokens/lifetime: used 0 tokens, held 0 tokens, limit"
                                + " 5 tokens, asked 11000000 tokens, frees never by itself; scope 's' limit"
                                + " cost/lifetime/acme:m: used 0.00 USD, held 0.00 USD, limit 10.00 USD, asked 11.00 USD,"
                                + " frees never by itself"),
                new Kind(
                        "by limits on tokens of every kind and on calls",
                        List.of(
                                Limit.tokens(1, Window.lifetime()),
                                Limit.of(Meter.INPUT_TOKENS, 0, Window.lifetime()),
                                Limit.of(Meter.OUTPUT_TOKENS, 1, Window.lifetime()),
                                Limit.calls(0, Window.lifetime())),
                        budget -> budget.tryReserve(Call.to("m").input(1).maxOutput(2)),
                        "call to acme:m refused: scope 's' limit tokens/lifetime: used 0 tokens, held 0 tokens, limit 1"
                                + " tokens, asked 3 tokens, frees never by itself; scope 's' limit input_tokens/lifetime:"
                                + " used 0 input tokens, held 0 input tokens, limit 0 input tokens, asked 1 input tokens,"
                                + " frees never by itself; scope 's' limit output_tokens/lifetime: used 0 output tokens,"
                                + " held 0 output tokens, limit 1 output tokens, asked 2 output tokens, frees never by"
                                + " itself; scope 's' limit calls/lifetime: used 0 calls, held 0 calls, limit 0 calls,"
                                + " asked 1 calls, frees never by itself"),
                new Kind(
                        "for the sake of final calls",
                        List.of(cost(Window.lifetime()).finalReserve(0.1)),
                        budget -> thrown(() -> budget.reserve(dollars(9.5))),
                        "call to acme:m refused: scope 's' limit cost/lifetime: used 0.00 USD, held 0.00 USD, limit 10.00"
                                + " USD (1.00 USD of it reserved for final calls), asked 9.50 USD, frees never by itself"),
                new Kind(
                        "by a loop guard",
                        List.of(Limit.loopGuard(1, HOUR)),
                        budget -> {
                            budget.reserve(dollars(1)).commit(Usage.of(1, 0));
                            return thrown(() -> budget.reserve(dollars(1)));
                        },
                        "call to acme:m refused: scope 's' limit calls/rolling(PT1H)/loop-guard key 'acme:m': used 1"
                                + " calls, held 0 calls, limit 1 calls, asked 1 calls, frees 2026-11-22T10:00:12.500Z"),
                new Kind(
                        "after the last rung of a ladder",
                        List.of(cost(Window.lifetime()).downgradeAt(0.5)),
                        budget -> {
                            budget.manager()
                                    .prices()
                                    .register(ModelPrice.of("acme", "n")
                                            .input("2")
                                            .output("2")
                                            .build());
                            budget.manager()
                                    .replace(BudgetScope.named("s")
                                            .limit(cost(Window.lifetime()).downgradeAt(0.5))
                                            .ladder("m", "n")
                                            .build());
                            return thrown(() -> budget.reserve(dollars(6)));
                        },
                        "call to acme:n refused: scope 's' limit cost/lifetime: used 0.00 USD, held 0.00 USD, limit 10.00"
                                + " USD, asked 12.00 USD, frees never by itself"),
                new Kind(
                        "of a call that cannot be made any shorter",
                        List.of(cost(Window.lifetime())),
                        budget -> thrown(() -> budget.reserve(
                                Call.to("m").maxOutput(11_000_000).clampOutput(10_000_001))),
                        "call to acme:m refused: scope 's' limit cost/lifetime: used 0.00 USD, held 0.00 USD, limit 10.00"
                                + " USD, asked 11.00 USD, frees never by itself"),
                new Kind(
                        "of a check",
                        List.of(cost(Window.lifetime())),
                        budget -> budget.check(dollars(11)),
                        "call to acme:m refused: scope 's' limit cost/lifetime: used 0.00 USD, held 0.00 USD, limit 10.00"
                                + " USD, asked 11.00 USD, frees never by itself"),
                new Kind(
                        "of a caller that does not wait",
                        List.of(cost(Window.lifetime())),
                        budget -> thrown(() -> {
                            try {
                                budget.async().reserve(dollars(11)).join();
                            } catch (CompletionException failed) {
                                throw (BudgetExceededException) failed.getCause();
                            }
                        }),
                        "call to acme:m refused: scope 's' limit cost/lifetime: used 0.00 USD, held 0.00 USD, limit 10.00"
                                + " USD, asked 11.00 USD, frees never by itself"),
                new Kind(
                        "of a call without a cost where the limit is passed",
                        List.of(cost(Window.lifetime())),
                        budget -> {
                            budget.record(dollars(0), Usage.of(11_000_000, 0));
                            return budget.tryReserve(Call.to("gift").maxOutput(1));
                        },
                        "call to acme:gift refused: scope 's' limit cost/lifetime: used 11.00 USD, held 0.00 USD, limit"
                                + " 10.00 USD, asked 0.00 USD, frees never by itself"),
                new Kind(
                        "after the fact",
                        List.of(cost(HOUR)),
                        budget -> {
                            budget.record(dollars(0), Usage.of(9_000_000, 0));
                            return budget.record(dollars(0), Usage.of(2_000_000, 0));
                        },
                        "call to acme:m refused: scope 's' limit cost/rolling(PT1H): used 11.00 USD, held 0.00 USD, limit"
                                + " 10.00 USD, asked 2.00 USD, frees 2026-11-22T10:00:12.500Z"),
                new Kind(
                        "of a tool after the fact",
                        List.of(cost(Window.session())),
                        budget -> budget.session("one").track("search", Usd.of("10.50")),
                        "call to tool:search refused: scope 's' limit cost/session session 'one': used 10.50 USD, held"
                                + " 0.00 USD, limit 10.00 USD, asked 10.50 USD, frees never by itself"),
                new Kind(
                        "of a function that pays for each call",
                        List.of(cost(Window.session())),
                        budget -> {
                            Function<String, String> paid =
                                    budget.session("one").trackAll("search", Usd.of("10.50"), text -> text);
                            return thrown(() -> assertThat(paid.apply("")).isEmpty());
                        },
                        "call to tool:search refused: scope 's' limit cost/session session 'one': used 0.00 USD, held"
                                + " 0.00 USD, limit 10.00 USD, asked 10.50 USD, frees never by itself"),
                new Kind(
                        "of a child session",
                        List.of(cost(Window.session())),
                        budget -> {
                            budget.session("one").child("a", Usd.of("6.00"));
                            return thrown(() -> budget.session("one").child("b", Usd.of("5.00")));
                        },
                        "child session refused: scope 's' limit cost/session session 'one': used 0.00 USD, held 6.00 USD,"
                                + " limit 10.00 USD, asked 5.00 USD, frees never by itself"),
                new Kind(
                        "of a child's child, and of its call",
                        List.of(),
                        budget -> {
                            BudgetSession child = budget.session("one").child("a", Usd.of("6.00"));
                            child.reserve(dollars(1)).commit(Usage.of(2_000_000, 0));
                            child.reserve(dollars(1));
                            Decision<?> below = thrown(() -> child.child("b", Usd.of("3.50")));
                            Decision<?> call = child.tryReserve(dollars(3.5));
                            assertThat(told(below)).isEqualTo(told(call).replace("call to acme:m", "child session"));
                            return call;
                        },
                        "call to acme:m refused: scope 's' limit cost/session session 'one/a': used 2.00 USD, held 1.00"
                                + " USD, limit 6.00 USD, asked 3.50 USD, frees never by itself"),
                new Kind(
                        "of a child's tool after the fact",
                        List.of(),
                        budget ->
                                budget.session("one").child("a", Usd.of("6.00")).track("search", Usd.of("7.00")),
                        "call to tool:search refused: scope 's' limit cost/session session 'one/a': used 7.00 USD, held"
                                + " 0.00 USD, limit 6.00 USD, asked 7.00 USD, frees never by itself"),
                new Kind(
                        "of a child's call where the limit was lowered",
                        List.of(cost(Window.lifetime())),
                        budget -> {
                            BudgetSession child = budget.session("one").child("a", Usd.of("6.00"));
                            budget.manager()
                                    .replace(BudgetScope.named("s")
                                            .limit(Limit.cost(Usd.of("5.00"), Window.lifetime()))
                                            .build());
                            return child.tryReserve(dollars(1));
                        },
                        "call to acme:m refused: scope 's' limit cost/lifetime: used 0.00 USD, held 6.00 USD, limit 5.00"
                                + " USD, asked 0.00 USD, frees never by itself"));
    }

    private static String told(Decision<?> decision) {
        return ((Decision.Refused<?>) decision).refusal().message();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @DisplayName("names scope, limit, used, held, amount, what was asked, and when that frees,")
    void message(Kind kind) {
        BudgetScope.Builder scope = BudgetScope.named("s");
        kind.limits().forEach(scope::limit);
        budgets.register(scope.build());
        String told = told(kind.act().apply(budgets.budget("s")));
        assertThat(told).isEqualTo(kind.told()).matches(REFUSAL);
        budgets.close();
        assertThat(events)
                .filteredOn(BudgetEvent.CallRefused.class::isInstance)
                .extracting(BudgetEvent::message)
                .allSatisfy(message -> assertThat(message).matches(REFUSAL));
        assertThat(events)
                .filteredOn(BudgetEvent.LoopDetected.class::isInstance)
                .extracting(BudgetEvent::message)
                .allSatisfy(message -> assertThat(message).matches("a loop of calls to \\S+: " + LIMIT));
    }
}
