package io.holdfast.evidence.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.Window;
import io.holdfast.spi.Operation;
import io.holdfast.spi.Outcome;
import io.holdfast.spi.ScopeDefinition;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One scope under a rolling, a calendar and a lifetime limit, as a list of charges and a map of open holds: sums are taken
 * anew each time, and days are asked of java.time.
 */
final class NaiveLedger {
    static final String SCOPE = "s";
    static final Duration ROLLING = Duration.ofHours(1);
    private static final long BUCKET = ROLLING.toMillis() / 288;
    private static final ZoneId ZONE = ZoneId.of("America/Santiago");

    static final Operation.Define DEFINE = new Operation.Define(
            new ScopeDefinition(
                    SCOPE,
                    null,
                    List.of(
                            Limit.tokens(300, Window.rolling(ROLLING)),
                            Limit.tokens(900, Window.calendar(CalendarUnit.DAY, ZONE)),
                            Limit.tokens(1_000_000_000, Window.lifetime()))),
            false);

    private record Charge(long admitted, long booked, long amount) {}

    private record Open(long admitted, long expires, long amount) {}

    private final List<Charge> charges = new ArrayList<>();
    private final Map<String, Open> holds = new HashMap<>();

    /** Notes a hold. */
    void held(String id, long at, long expires, long amount) {
        holds.put(id, new Open(at, expires, amount));
    }

    /** Books what has expired by a time, each hold at its estimate and at the end of its time. */
    void expire(long now) {
        holds.values().removeIf(hold -> {
            boolean over = hold.expires <= now;
            if (over) {
                charges.add(new Charge(hold.admitted, hold.expires, hold.amount));
            }
            return over;
        });
    }

    boolean open(String id) {
        return holds.containsKey(id);
    }

    void settled(String id, long at, long amount) {
        Open hold = holds.remove(id);
        charges.add(new Charge(hold.admitted, at, amount));
    }

    void released(String id) {
        holds.remove(id);
    }

    void booked(long at, long amount) {
        charges.add(new Charge(at, at, amount));
    }

    /** Compares what the ledger shows with the list, within one bucket for the rolling limit. */
    void compare(Outcome.Inspected shown, String context) {
        long now = shown.at();
        long held = holds.values().stream().mapToLong(Open::amount).sum();
        assertThat(shown.openHolds()).as(context).isEqualTo(holds.size());
        for (LimitState state : shown.limits()) {
            String what = context + ": " + state;
            if (state.limit().window().equals(Window.lifetime())) {
                assertThat(state.committed()).as(what).isEqualTo(sum(Long.MIN_VALUE));
                assertThat(state.held()).as(what).isEqualTo(held);
            } else if (state.limit().window().equals(Window.rolling(ROLLING))) {
                assertThat(state.committed())
                        .as(what)
                        .isBetween(sum(now - ROLLING.toMillis() + 1), sum(now - ROLLING.toMillis() - BUCKET + 1));
                assertThat(state.held()).as(what).isEqualTo(held);
            } else {
                LocalDate today = day(now);
                assertThat(state.committed())
                        .as(what)
                        .isEqualTo(charges.stream()
                                .filter(charge -> day(charge.admitted).equals(today))
                                .mapToLong(Charge::amount)
                                .sum());
                assertThat(state.held())
                        .as(what)
                        .isEqualTo(holds.values().stream()
                                .filter(hold -> day(hold.admitted).equals(today))
                                .mapToLong(Open::amount)
                                .sum());
            }
        }
    }

    private long sum(long from) {
        return charges.stream()
                .filter(charge -> charge.booked >= from)
                .mapToLong(Charge::amount)
                .sum();
    }

    private static LocalDate day(long millis) {
        return LocalDate.ofInstant(Instant.ofEpochMilli(millis), ZONE);
    }
}
