package io.holdfast.evidence.history;

import io.holdfast.spi.Rejection;
import java.util.Map;
import java.util.TreeMap;

/** What one tree ought to hold, one operation after the other. Never changes: each operation gives another. */
final class Model {
    /** What an operation comes to, and what is the case afterwards. */
    record Step(String answer, Model next) {}

    private record Hold(long amount, String state, long booked) {}

    private final Map<String, Long> limits;
    private final Map<String, Long> committed;
    private final Map<String, Hold> holds;
    private final Map<String, Long> bookings;

    private Model(
            Map<String, Long> limits,
            Map<String, Long> committed,
            Map<String, Hold> holds,
            Map<String, Long> bookings) {
        this.limits = limits;
        this.committed = committed;
        this.holds = holds;
        this.bookings = bookings;
    }

    static Model empty() {
        Map<String, Long> limits = new TreeMap<>();
        limits.put(Ask.TEAM, Ask.TEAM_LIMIT);
        Ask.USERS.forEach(user -> limits.put(user, Ask.USER_LIMIT));
        return new Model(limits, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    }

    Step apply(Ask ask) {
        return switch (ask.kind()) {
            case RESERVE -> reserve(ask);
            case COMMIT, RELEASE -> settle(ask);
            case BOOK -> book(ask);
            case SET_LIMIT -> {
                Model next = copy();
                next.limits.put(ask.scope(), ask.amount());
                yield new Step("done", next);
            }
            case INSPECT -> new Step(standing(ask.scope()) + " " + standing(Ask.TEAM), this);
        };
    }

    private Step reserve(Ask ask) {
        Hold earlier = holds.get(ask.id());
        if (earlier != null) {
            return new Step(earlier.amount == ask.amount() ? "held before" : Rejection.ID_REUSED.name(), this);
        }
        if (used(ask.scope()) + ask.amount() > limits.get(ask.scope())
                || used(Ask.TEAM) + ask.amount() > limits.get(Ask.TEAM)) {
            return new Step("denied", this);
        }
        Model next = copy();
        next.holds.put(ask.id(), new Hold(ask.amount(), "ACTIVE", 0));
        return new Step("held", next);
    }

    private Step settle(Ask ask) {
        Hold hold = holds.get(ask.id());
        if (hold == null) {
            return new Step(Rejection.UNKNOWN_HOLD.name(), this);
        }
        String state = ask.kind() == Ask.Kind.COMMIT ? "COMMITTED" : "RELEASED";
        if (!hold.state.equals("ACTIVE")) {
            boolean same = hold.state.equals(state) && hold.booked == ask.amount();
            return new Step(same ? state + " " + ask.amount() + " before" : Rejection.HOLD_SETTLED.name(), this);
        }
        Model next = copy();
        next.holds.put(ask.id(), new Hold(hold.amount, state, ask.amount()));
        next.charge(ask.scope(), ask.amount());
        return new Step(state + " " + ask.amount(), next);
    }

    private Step book(Ask ask) {
        if (bookings.containsKey(ask.id())) {
            return new Step("booked before", this);
        }
        Model next = copy();
        next.bookings.put(ask.id(), ask.amount());
        next.charge(ask.scope(), ask.amount());
        return new Step("booked", next);
    }

    private void charge(String scope, long amount) {
        committed.merge(scope, amount, Long::sum);
        committed.merge(Ask.TEAM, amount, Long::sum);
    }

    private long held(String scope) {
        long held = 0;
        for (Map.Entry<String, Hold> each : holds.entrySet()) {
            boolean counts = scope.equals(Ask.TEAM) || each.getKey().charAt(0) == scope.charAt(0);
            held += counts && each.getValue().state.equals("ACTIVE") ? each.getValue().amount : 0;
        }
        return held;
    }

    private long used(String scope) {
        return committed.getOrDefault(scope, 0L) + held(scope);
    }

    private String standing(String scope) {
        return committed.getOrDefault(scope, 0L) + "+" + held(scope) + "/" + limits.get(scope);
    }

    private Model copy() {
        return new Model(
                new TreeMap<>(limits), new TreeMap<>(committed), new TreeMap<>(holds), new TreeMap<>(bookings));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Model that
                && limits.equals(that.limits)
                && committed.equals(that.committed)
                && holds.equals(that.holds)
                && bookings.equals(that.bookings);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * limits.hashCode() + committed.hashCode()) + holds.hashCode() + bookings.hashCode();
    }
}
