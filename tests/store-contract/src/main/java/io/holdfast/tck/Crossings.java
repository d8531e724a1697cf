package io.holdfast.tck;

import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.spi.Entry;
import io.holdfast.spi.EntryKind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts, from a journal's entries alone and in the plainest way, how often committed amounts reach an alert. Knows limits
 * on tokens over a lifetime, a session, a day in UTC, and an hour that rolls; of the last it needs histories in which
 * whatever counts is less than an hour old and whatever does not is older by minutes.
 */
final class Crossings {
    private final Map<String, List<Limit>> limits;
    private final Map<String, @Nullable String> parents;
    private final Map<String, Counter> counters = new HashMap<>();
    private final List<String> found = new ArrayList<>();

    private record Charge(Instant time, BigInteger amount) {}

    /** What one limit has counted, and how many of its alerts have fired. */
    private static final class Counter {
        final List<Charge> charges = new ArrayList<>();
        int fired;
    }

    /**
     * Makes a count.
     *
     * @param limits the limits of each scope
     * @param parents the parent of each scope
     */
    Crossings(Map<String, List<Limit>> limits, Map<String, @Nullable String> parents) {
        this.limits = limits;
        this.parents = parents;
    }

    /** Names a crossing as events and oracle both can. */
    static String name(String scope, @Nullable String session, Limit limit, BigDecimal fraction) {
        return scope + " " + session + " " + limit.key() + " "
                + fraction.stripTrailingZeros().toPlainString();
    }

    /** Returns every crossing in the entries of a journal, in order. */
    List<String> of(List<Entry> entries) {
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            BigInteger amount = tokens(entry);
            if (entry.kind() == EntryKind.REVERSED) {
                // What a late commit takes back and what it books are one step.
                amount = tokens(entries.get(++i)).subtract(amount);
            }
            for (String scope = entry.scope(); scope != null; scope = parents.get(scope)) {
                for (Limit limit : limits.getOrDefault(scope, List.of())) {
                    charge(scope, limit, entry, amount);
                }
            }
        }
        return found;
    }

    private static BigInteger tokens(Entry entry) {
        return BigInteger.valueOf(entry.amounts().inputTokens())
                .add(BigInteger.valueOf(entry.amounts().outputTokens()));
    }

    private void charge(String scope, Limit limit, Entry entry, BigInteger amount) {
        if (!limit.models().matches(entry.model())) {
            return;
        }
        String session = null;
        if (limit.window().equals(Window.session())) {
            session = scope.equals(entry.scope()) ? entry.session() : entry.scope() + "/" + entry.session();
        }
        String day = limit.window().toString().startsWith("calendar") ? " " + day(entry.time()) : "";
        Counter counter =
                counters.computeIfAbsent(scope + " " + session + " " + limit.key() + day, made -> new Counter());
        if (limit.window().toString().startsWith("rolling")) {
            Instant since = entry.time().minus(Duration.ofHours(1));
            counter.charges.removeIf(charge -> charge.time.isBefore(since));
            counter.fired = Math.min(counter.fired, reached(counter, limit));
        }
        counter.charges.add(new Charge(entry.time(), amount));
        int reached = reached(counter, limit);
        for (; counter.fired < reached; counter.fired++) {
            found.add(name(
                    scope, session, limit, BigDecimal.valueOf(limit.alerts().get(counter.fired), 6)));
        }
    }

    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }

    private static int reached(Counter counter, Limit limit) {
        BigInteger sum = counter.charges.stream().map(Charge::amount).reduce(BigInteger.ZERO, BigInteger::add);
        return (int) limit.alerts().stream()
                .filter(alert -> BigDecimal.valueOf(limit.amount())
                                .multiply(BigDecimal.valueOf(alert, 6))
                                .setScale(0, RoundingMode.CEILING)
                                .toBigInteger()
                                .compareTo(sum)
                        <= 0)
                .count();
    }
}
