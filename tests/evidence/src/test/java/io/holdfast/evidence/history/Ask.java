package io.holdfast.evidence.history;

import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.Operation;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a client asks of a small tree: a team with two users. There are few ids, so that operations meet.
 *
 * @param kind what is asked
 * @param scope the scope
 * @param id the hold or the booking
 * @param amount tokens, or the new limit
 */
record Ask(Kind kind, String scope, String id, long amount) {
    static final String TEAM = "team";
    static final List<String> USERS = List.of("ann", "bob");
    static final long TEAM_LIMIT = 30;
    static final long USER_LIMIT = 18;

    private static final long HOUR = 3_600_000;

    enum Kind {
        RESERVE,
        COMMIT,
        RELEASE,
        BOOK,
        SET_LIMIT,
        INSPECT
    }

    static Ask any(RandomGenerator random) {
        String user = USERS.get(random.nextInt(USERS.size()));
        String id = user.charAt(0) + Integer.toString(random.nextInt(5));
        long amount = 1 + random.nextInt(8);
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> new Ask(Kind.RESERVE, user, id, 2 + id.charAt(1) % 4);
            case 5, 6 -> new Ask(Kind.COMMIT, user, id, amount);
            case 7 -> new Ask(Kind.RELEASE, user, id, 0);
            case 8 -> new Ask(Kind.BOOK, user, id, 1);
            case 9 -> new Ask(Kind.SET_LIMIT, TEAM, "-", 10 + random.nextInt(30));
            default -> new Ask(Kind.INSPECT, user, "-", 0);
        };
    }

    static List<Operation> definitions(String prefix) {
        return List.of(
                limit(prefix, TEAM, TEAM_LIMIT, false),
                limit(prefix, USERS.get(0), USER_LIMIT, false),
                limit(prefix, USERS.get(1), USER_LIMIT, false));
    }

    private static Operation limit(String prefix, String scope, long amount, boolean replace) {
        String parent = scope.equals(TEAM) ? null : prefix + TEAM;
        return new Operation.Define(
                new ScopeDefinition(prefix + scope, parent, List.of(Limit.tokens(amount, Window.lifetime()))), replace);
    }

    /** Returns the operation on a tree whose names begin with the prefix. */
    Operation operation(String prefix) {
        String name = prefix + scope;
        Amounts amounts = new Amounts(0, amount, 0, 1);
        return switch (kind) {
            case RESERVE ->
                new Operation.Reserve(
                        OperationId.given(id), name, null, "m", amounts, HOUR, OnExpiry.CHARGE, Detail.NONE);
            case COMMIT -> new Operation.Commit(name, id, amounts, false, Detail.NONE);
            case RELEASE -> new Operation.Release(name, id);
            case BOOK -> new Operation.Book(OperationId.given("b" + id), name, null, "m", amounts, Detail.NONE);
            case SET_LIMIT -> limit(prefix, scope, amount, true);
            case INSPECT -> new Operation.Inspect(name, null);
        };
    }

    /** Says what an outcome comes to, in the words of the {@link Model}. */
    static String told(Outcome outcome) {
        if (outcome instanceof Outcome.Held held) {
            return held.repeated() ? "held before" : "held";
        } else if (outcome instanceof Outcome.Denied) {
            return "denied";
        } else if (outcome instanceof Outcome.Settled settled) {
            return settled.state().name() + " " + settled.booked().inputTokens()
                    + (settled.repeated() ? " before" : "");
        } else if (outcome instanceof Outcome.Booked booked) {
            return booked.repeated() ? "booked before" : "booked";
        } else if (outcome instanceof Outcome.Done) {
            return "done";
        } else if (outcome instanceof Outcome.Inspected inspected) {
            StringBuilder told = new StringBuilder();
            for (LimitState state : inspected.limits()) {
                told.append(state.committed()).append('+').append(state.held()).append('/');
                told.append(state.limit().amount()).append(' ');
            }
            return told.toString().trim();
        }
        return ((Outcome.Rejected) outcome).reason().name();
    }

    String text() {
        return kind + " " + scope + " " + id + " " + amount;
    }

    static Ask parse(String text) {
        String[] parts = text.split(" ");
        return new Ask(Kind.valueOf(parts[0]), parts[1], parts[2], Long.parseLong(parts[3]));
    }
}
