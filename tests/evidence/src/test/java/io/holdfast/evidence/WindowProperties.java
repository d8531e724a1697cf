package io.holdfast.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Window;
import io.holdfast.survival.Survival;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Windows against a list of events and against java.time. */
@Label("A window")
class WindowProperties {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final Instant FROM = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2038-01-01T00:00:00Z");

    // ---- rolling

    @Property(seed = Tries.SEED)
    @Label("that rolls counts what is younger than its length and nothing older than that and one bucket")
    void rollingBounds(
            @ForAll @LongRange(min = 1_000, max = 366L * 24 * 3_600_000) long length,
            @ForAll @LongRange(min = 0, max = 4_000_000_000_000L) long start,
            @ForAll @Size(min = 1, max = 40) List<@LongRange(min = 0, max = 1_000) Long> steps) {
        Window window = Window.rolling(Duration.ofMillis(length));
        long bucket = Math.max(1_000, length / 288);
        List<Long> booked = new ArrayList<>();
        long now = start;
        for (long step : steps) {
            now += step * length / 700;
            booked.add(now);
            long oldest = window.oldestBucket(now);
            for (long time : booked) {
                boolean counts = window.bookingBucket(time, time) >= oldest;
                if (time > now - length) {
                    assertThat(counts).as("booked %d ms ago", now - time).isTrue();
                }
                if (time <= now - length - bucket) {
                    assertThat(counts).as("booked %d ms ago", now - time).isFalse();
                }
            }
        }
    }

    @Property(seed = Tries.SEED)
    @Label("that rolls ends a bucket at the first instant at which it no longer counts")
    void rollingEnd(
            @ForAll @LongRange(min = 1_000, max = 366L * 24 * 3_600_000) long length,
            @ForAll @LongRange(min = -4_000_000_000_000L, max = 4_000_000_000_000L) long time) {
        Window window = Window.rolling(Duration.ofMillis(length));
        long bucket = window.bookingBucket(time, time);
        long end = window.endOf(bucket);
        assertThat(window.oldestBucket(end - 1)).isLessThanOrEqualTo(bucket);
        assertThat(window.oldestBucket(end)).isGreaterThan(bucket);
        assertThat(end - time).isBetween(length, window.longest());
        assertThat(window.bookingBucket(time - 5_000, time))
                .as("booked by the time of booking")
                .isEqualTo(bucket);
    }

    @Property(seed = Tries.SEED)
    @Label("never goes back as time goes on, whatever it is")
    void neverFalls(
            @ForAll("windows") Window window,
            @ForAll @LongRange(min = 0, max = 4_000_000_000_000L) long time,
            @ForAll @LongRange(min = 0, max = 100L * 24 * 3_600_000) long more) {
        assertThat(window.oldestBucket(time + more)).isGreaterThanOrEqualTo(window.oldestBucket(time));
        assertThat(window.oldestHoldBucket(time + more)).isGreaterThanOrEqualTo(window.oldestHoldBucket(time));
        assertThat(window.bookingBucket(time, time + more)).isGreaterThanOrEqualTo(window.bookingBucket(time, time));
        assertThat(window.bookingBucket(time, time))
                .as("what is booked now counts now")
                .isGreaterThanOrEqualTo(window.oldestBucket(time));
        assertThat(window.holdBucket(time))
                .as("what is held now counts now")
                .isGreaterThanOrEqualTo(window.oldestHoldBucket(time));
        assertThat(Window.parse(window.toString())).isEqualTo(window).hasSameHashCodeAs(window);
    }

    @Provide
    Arbitrary<Window> windows() {
        Arbitrary<Window> calendars = Arbitraries.of(new TreeSet<>(ZoneId.getAvailableZoneIds()))
                .flatMap(
                        zone -> Arbitraries.of(CalendarUnit.class).map(unit -> Window.calendar(unit, ZoneId.of(zone))));
        Arbitrary<Window> rolling = Arbitraries.longs()
                .between(1_000, 366L * 24 * 3_600_000)
                .map(length -> Window.rolling(Duration.ofMillis(length)));
        return Arbitraries.oneOf(List.of(calendars, rolling, Action.windows()));
    }

    // ---- calendars

    @Example
    @Label("of a calendar is that of java.time around every transition of every zone from 2000 to 2037")
    void everyTransition() {
        int transitions = 0;
        Set<ZoneRules> seen = new LinkedHashSet<>();
        for (String id : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
            ZoneId zone = ZoneId.of(id);
            if (!seen.add(zone.getRules())) {
                continue;
            }
            ZoneOffsetTransition transition = zone.getRules().nextTransition(FROM);
            while (transition != null && transition.getInstant().isBefore(TO)) {
                around(zone, transition.getInstant());
                transitions++;
                transition = zone.getRules().nextTransition(transition.getInstant());
            }
        }
        assertThat(transitions).isGreaterThan(5_000);
        Survival.of(
                        "every transition of every zone from 2000 to 2037, with gaps and repeats",
                        "windows",
                        WindowProperties.class)
                .tried(transitions)
                .wrong(0)
                .outcome("sets of rules", seen.size())
                .keep();
    }

    private static void around(ZoneId zone, Instant transition) {
        for (CalendarUnit unit : CalendarUnit.values()) {
            Window window = Window.calendar(unit, zone);
            long last = Long.MIN_VALUE;
            for (long time : times(zone, transition)) {
                long bucket = check(window, unit, zone, time);
                assertThat(bucket)
                        .as("%s at %s", window, Instant.ofEpochMilli(time))
                        .isGreaterThanOrEqualTo(last);
                last = bucket;
            }
        }
    }

    /** The transition, the midnights about it, and the milliseconds before and after each. */
    private static Set<Long> times(ZoneId zone, Instant transition) {
        Set<Long> times = new TreeSet<>();
        LocalDate day = LocalDate.ofInstant(transition, zone);
        List<Long> turns = new ArrayList<>(List.of(transition.toEpochMilli()));
        for (int days = -1; days <= 2; days++) {
            turns.add(day.plusDays(days).atStartOfDay(zone).toInstant().toEpochMilli());
        }
        for (long turn : turns) {
            times.addAll(List.of(turn - HOUR, turn - 1, turn, turn + 1, turn + HOUR / 2, turn + HOUR));
        }
        return times;
    }

    /** Compares the bucket of a time with the last period of java.time that began no later, and returns it. */
    private static long check(Window window, CalendarUnit unit, ZoneId zone, long time) {
        LocalDate first = first(unit, LocalDate.ofInstant(Instant.ofEpochMilli(time), zone));
        if (start(next(unit, first), zone) <= time) {
            first = next(unit, first);
        }
        long start = start(first, zone);
        long end = start(next(unit, first), zone);
        assertThat(time).isGreaterThanOrEqualTo(start).isLessThan(end);
        long bucket = window.oldestBucket(time);
        String what = window + " at " + Instant.ofEpochMilli(time);
        assertThat(window.endOf(bucket)).as("end of %s", what).isEqualTo(end);
        assertThat(window.oldestBucket(start)).as("start of %s", what).isEqualTo(bucket);
        assertThat(window.oldestBucket(end - 1)).as("last of %s", what).isEqualTo(bucket);
        assertThat(window.oldestBucket(start - 1)).as("before %s", what).isLessThan(bucket);
        assertThat(window.oldestBucket(end)).as("after %s", what).isGreaterThan(bucket);
        assertThat(window.bookingBucket(time, end + HOUR))
                .as("charged where admitted")
                .isEqualTo(bucket);
        assertThat(window.holdBucket(time)).isEqualTo(bucket);
        assertThat(window.oldestHoldBucket(time)).isEqualTo(bucket);
        assertThat(end - start).as("length of %s", what).isLessThanOrEqualTo(window.longest());
        return bucket;
    }

    private static LocalDate first(CalendarUnit unit, LocalDate day) {
        return switch (unit) {
            case DAY -> day;
            case WEEK -> day.minusDays(day.getDayOfWeek().getValue() - DayOfWeek.MONDAY.getValue());
            case MONTH -> day.withDayOfMonth(1);
        };
    }

    private static LocalDate next(CalendarUnit unit, LocalDate first) {
        return switch (unit) {
            case DAY -> first.plusDays(1);
            case WEEK -> first.plusDays(7);
            case MONTH -> first.plusMonths(1);
        };
    }

    private static long start(LocalDate day, ZoneId zone) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }

    @Property(seed = Tries.SEED)
    @Label("of a calendar is that of java.time at any time in any zone")
    void anyTime(
            @ForAll("zones") ZoneId zone,
            @ForAll CalendarUnit unit,
            @ForAll @LongRange(min = 0, max = 4_000_000_000_000L) long time) {
        check(Window.calendar(unit, zone), unit, zone, time);
    }

    @Property(seed = Tries.SEED)
    @Label("of a calendar turns at month ends, also on 29 February")
    void monthEnds(@ForAll("zones") ZoneId zone, @ForAll @LongRange(min = 0, max = 12 * 60) long month) {
        LocalDate first = LocalDate.of(1980, 1, 1).plusMonths(month);
        for (CalendarUnit unit : CalendarUnit.values()) {
            Window window = Window.calendar(unit, zone);
            for (long offset : List.of(-86_400_000L, -1L, 0L, 1L)) {
                check(window, unit, zone, start(first, zone) + offset);
            }
        }
    }

    @Provide
    Arbitrary<ZoneId> zones() {
        return Arbitraries.oneOf(
                Arbitraries.of(new TreeSet<>(ZoneId.getAvailableZoneIds())).map(ZoneId::of),
                Arbitraries.of(
                                "+05:45",
                                "-18:00",
                                "+18:00",
                                "UTC+14",
                                "America/Sao_Paulo",
                                "Asia/Beirut",
                                "Africa/Cairo")
                        .map(ZoneId::of));
    }

    // ---- the odd days, by name

    @Example
    @Label("of a day is no longer than a day that lacks its midnight")
    void midnightGap() {
        // In São Paulo the clocks went from 24:00 on 3 November 2018 to 01:00 on the 4th.
        Window day = Window.calendar(CalendarUnit.DAY, ZoneId.of("America/Sao_Paulo"));
        long midnight = Instant.parse("2018-11-04T03:00:00Z").toEpochMilli();
        assertThat(day.endOf(day.oldestBucket(midnight - 1))).isEqualTo(midnight);
        assertThat(day.endOf(day.oldestBucket(midnight))).isEqualTo(midnight + 23 * HOUR);
    }

    @Example
    @Label("of a day is empty where a zone left a whole day out")
    void dayLeftOut() {
        // Samoa had no 30 December 2011.
        Window day = Window.calendar(CalendarUnit.DAY, ZoneId.of("Pacific/Apia"));
        long turn = Instant.parse("2011-12-30T10:00:00Z").toEpochMilli();
        assertThat(day.endOf(day.oldestBucket(turn - 1))).isEqualTo(turn);
        assertThat(day.oldestBucket(turn)).isEqualTo(day.oldestBucket(turn - 1) + 2);
        assertThat(day.endOf(day.oldestBucket(turn))).isEqualTo(turn + 24 * HOUR);
    }

    @Example
    @Label("of a day does not come back where an hour at midnight is repeated")
    void repeatedMidnight() {
        // In Havana the clocks went from 01:00 on 5 November 2023 back to 00:00; in Beirut from 24:00 to 23:00.
        for (String zone : List.of("America/Havana", "Asia/Beirut", "America/Asuncion", "Atlantic/Azores")) {
            Window day = Window.calendar(CalendarUnit.DAY, ZoneId.of(zone));
            ZoneOffsetTransition each =
                    ZoneId.of(zone).getRules().nextTransition(Instant.parse("2019-01-01T00:00:00Z"));
            while (each != null && each.getInstant().isBefore(Instant.parse("2026-01-01T00:00:00Z"))) {
                long turn = each.getInstant().toEpochMilli();
                long last = Long.MIN_VALUE;
                for (long time = turn - 30 * HOUR; time <= turn + 30 * HOUR; time += HOUR / 4) {
                    long bucket = day.oldestBucket(time);
                    assertThat(bucket).isGreaterThanOrEqualTo(last);
                    last = bucket;
                }
                each = ZoneId.of(zone).getRules().nextTransition(each.getInstant());
            }
        }
    }
}
