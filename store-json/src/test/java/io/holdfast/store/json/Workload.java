package io.holdfast.store.json;

import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Removal;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes random operations of every kind. */
final class Workload {
    private final Random random;
    private final String prefix;
    private final List<String> holds = new ArrayList<>();
    private int sequence;

    Workload(Random random, String prefix) {
        this.random = random;
        this.prefix = prefix;
    }

    static List<Operation> definitions() {
        return List.of(
                new Operation.Define(
                        new ScopeDefinition(
                                "team",
                                null,
                                List.of(
                                        Limit.cost(Usd.of("500"), Window.rolling(Duration.ofHours(24)))
                                                .alertAt(0.01, 0.5),
                                        Limit.tokens(
                                                1_000_000_000, Window.calendar(CalendarUnit.DAY, ZoneOffset.UTC)))),
                        false),
                new Operation.Define(
                        new ScopeDefinition(
                                "user-*",
                                "team",
                                List.of(
                                        Limit.cost(Usd.of("50"), Window.session()),
                                        Limit.calls(100_000, Window.lifetime()).forModels("gpt*"))),
                        false),
                new Operation.Define(
                        new ScopeDefinition(
                                "temp-*", "team", List.of(Limit.calls(1_000, Window.rolling(Duration.ofHours(1))))),
                        false));
    }

    List<Operation> batch(int most) {
        List<Operation> batch = new ArrayList<>();
        for (int i = random.nextInt(most); i >= 0; i--) {
            batch.add(next());
        }
        return batch;
    }

    Operation next() {
        String scope = random.nextInt(6) == 0 ? "temp-1" : "user-" + random.nextInt(3);
        String session = "s" + random.nextInt(3);
        int kind = random.nextInt(20);
        if (kind < 7 || holds.isEmpty()) {
            String id = prefix + sequence++;
            holds.add(scope + " " + id);
            return new Operation.Reserve(
                    new OperationId(id, random.nextBoolean()),
                    scope,
                    session,
                    random.nextBoolean() ? "gpt-4o" : "claude",
                    amounts(),
                    1 + random.nextInt(120_000),
                    random.nextInt(3) == 0 ? OnExpiry.RELEASE : OnExpiry.CHARGE,
                    detail());
        }
        String[] hold =
                holds.get(Math.max(0, holds.size() - 1 - random.nextInt(6))).split(" ");
        return switch (kind) {
            case 7, 8, 9, 10 -> new Operation.Commit(hold[0], hold[1], amounts(), random.nextInt(4) == 0, detail());
            case 11, 12 -> new Operation.Release(hold[0], hold[1]);
            case 13 ->
                new Operation.Extend(
                        OperationId.given(prefix + "x" + sequence++), hold[0], hold[1], 1 + random.nextInt(200_000));
            case 14, 15 ->
                new Operation.Book(
                        new OperationId(prefix + "b" + sequence++, random.nextBoolean()),
                        scope,
                        session,
                        "gpt-4o",
                        amounts(),
                        detail());
            case 16 -> new Operation.ResetSession(OperationId.given(prefix + "r" + sequence++), scope, session);
            case 17 -> new Operation.Inspect(scope, random.nextBoolean() ? session : null);
            case 18 ->
                random.nextInt(3) > 0
                        ? new Operation.Sweep()
                        : new Operation.Remove("temp-1", Removal.values()[random.nextInt(3)]);
            default ->
                new Operation.Define(
                        new ScopeDefinition(
                                "user-*",
                                "team",
                                List.of(
                                        Limit.cost(Usd.ofDollars(40 + random.nextInt(20)), Window.session()),
                                        Limit.tokens(
                                                1_000_000, Window.rolling(Duration.ofHours(1 + random.nextInt(40)))),
                                        Limit.calls(100_000, Window.lifetime()).forModels("gpt*"))),
                        true);
        };
    }

    private Amounts amounts() {
        return new Amounts(random.nextInt(1_000_000_000), random.nextInt(1_000), random.nextInt(1_000), 1);
    }

    private Detail detail() {
        return random.nextBoolean()
                ? Detail.NONE
                : new Detail(
                        Usage.of(random.nextInt(100), random.nextInt(100)),
                        Map.of("tag", "värde \u2028 \"" + random.nextInt(10)));
    }
}
