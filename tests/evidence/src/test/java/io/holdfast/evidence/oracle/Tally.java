package io.holdfast.evidence.oracle;

import io.holdfast.limit.CalendarUnit;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What one limit counts: a list of charges and the holds that are open, summed up anew each time it is asked. Only what no
 * time ends is kept as a sum, and charges that left a rolling window long ago are thrown away.
 */
final class Tally {
    private static final int TIDY_ABOVE = 64;

    /**
     * Whose counter it is.
     *
     * @param scope the scope that has the limit
     * @param owner the scope whose session is counted, for a limit per session
     * @param session the session counted
     * @param key the limit's key
     * @param loop the key counted, for a loop guard
     */
    record Cell(String scope, String owner, String session, String key, String loop) {
        String show() {
            String named = session == null ? "" : " session " + (scope.equals(owner) ? session : owner + "/" + session);
            return scope + " " + key + named + (loop == null ? "" : " loop " + loop);
        }
    }

    /** One booked amount. */
    static final class Charge {
        final long booked;
        final long amount;
        final LocalDate period;
        private final long bucket;
        private final int clears;

        private Charge(long booked, long bucket, long amount, LocalDate period, int clears) {
            this.booked = booked;
            this.bucket = bucket;
            this.amount = amount;
            this.period = period;
            this.clears = clears;
        }
    }

    final Cell cell;
    final String shown;
    final Meter meter;
    final Set<Oracle.Hold> open = new LinkedHashSet<>();
    /** Which of its alerts have fired: so many of that version, and of a calendar in that period. */
    Oracle.Version alertsOf;

    int level;
    LocalDate levelPeriod;
    /** By which look at the ledger it was last met there. */
    long met;

    private final boolean rolling;
    private final long length;
    private final long bucket;
    private final Calendar calendar;
    private final List<Charge> events = new ArrayList<>();
    /** The latest bucket that was ever charged. */
    private long latest = Long.MIN_VALUE;

    private final Map<LocalDate, Long> byPeriod = new HashMap<>();
    private long total;
    private int clears;
    /** The latest sum, until the list of events or the oldest bucket is another. */
    private boolean summed;

    private long summedFrom;
    private long latestSum;

    Tally(Cell cell, Meter meter, String window) {
        this.cell = cell;
        this.shown = cell.show();
        this.meter = meter;
        this.rolling = window.startsWith("rolling");
        this.length = rolling
                ? Duration.parse(window.substring("rolling(".length(), window.length() - 1))
                        .toMillis()
                : 0;
        this.bucket = Math.max(1_000, length / 288);
        this.calendar = window.startsWith("calendar") ? Calendar.of(window) : null;
    }

    boolean slides() {
        return rolling;
    }

    LocalDate period(long time) {
        return calendar == null ? null : calendar.period(time);
    }

    Charge charge(long admitted, long booked, Amounts amounts) {
        Charge charge = new Charge(booked, Math.floorDiv(booked, bucket), amounts.on(meter), period(admitted), clears);
        if (rolling) {
            events.add(charge);
            latest = Math.max(latest, charge.bucket);
            summed = false;
        } else if (calendar != null) {
            byPeriod.merge(charge.period, charge.amount, Math::addExact);
        } else {
            total = Math.addExact(total, charge.amount);
        }
        return charge;
    }

    /** Takes a charge back, unless it was cleared since. */
    void takeBack(Charge charge) {
        if (charge.clears != clears) {
            return;
        }
        if (rolling) {
            events.removeIf(each -> each == charge);
            summed = false;
        } else if (calendar != null) {
            byPeriod.merge(charge.period, -charge.amount, Math::addExact);
        } else {
            total = Math.addExact(total, -charge.amount);
        }
    }

    void clear() {
        events.clear();
        summed = false;
        byPeriod.clear();
        total = 0;
        level = 0;
        clears++;
    }

    /** Sums up what counts: of a rolling window what is in a bucket of which a part is still young enough. */
    long used(long now) {
        if (calendar != null) {
            return byPeriod.getOrDefault(calendar.period(now), 0L);
        }
        if (!rolling) {
            return total;
        }
        long oldest = Math.floorDiv(now - length, bucket);
        if (latest < oldest) {
            return 0;
        }
        if (!summed || oldest != summedFrom) {
            long sum = 0;
            for (Charge each : events) {
                sum = each.bucket < oldest ? sum : Math.addExact(sum, each.amount);
            }
            summed = true;
            summedFrom = oldest;
            latestSum = sum;
        }
        return latestSum;
    }

    /** Tells whether an amount lies between what is younger than the window and what is younger than it and one bucket. */
    boolean exactToOneBucket(long amount, long now) {
        long least = 0;
        long most = 0;
        for (Charge each : events) {
            least += each.booked > now - length ? each.amount : 0;
            most += each.booked > now - length - bucket ? each.amount : 0;
        }
        return !rolling || (least <= amount && amount <= most);
    }

    long held(long now) {
        if (open.isEmpty()) {
            return 0;
        }
        LocalDate current = period(now);
        long sum = 0;
        for (Oracle.Hold hold : open) {
            if (current == null || current.equals(calendar.period(hold.admitted))) {
                sum = Math.addExact(sum, hold.holding(meter));
            }
        }
        return sum;
    }

    /** Forgets what cannot count at any time from the given one on. */
    void tidy(long since) {
        if (rolling && events.size() > TIDY_ABOVE) {
            events.removeIf(each -> each.booked < since - length - 2 * bucket);
        }
    }

    /** Days, weeks or months of one zone, as java.time has them; remembers the latest answer. */
    private static final class Calendar {
        private final CalendarUnit unit;
        private final ZoneId zone;
        private long from = 1;
        private long until;
        private LocalDate known;

        private Calendar(CalendarUnit unit, ZoneId zone) {
            this.unit = unit;
            this.zone = zone;
        }

        static Calendar of(String window) {
            String[] parts = window.split("[(;)]");
            return new Calendar(CalendarUnit.valueOf(parts[1].toUpperCase(Locale.ROOT)), ZoneId.of(parts[2]));
        }

        /** Returns the first day of the day, week or month that a time is in: the last that began no later. */
        LocalDate period(long time) {
            if (time < from || time >= until) {
                LocalDate day =
                        LocalDate.ofInstant(Instant.ofEpochMilli(time), zone).plusDays(2);
                while (start(day) > time) {
                    day = day.minusDays(1);
                }
                from = start(day);
                until = start(day.plusDays(1));
                known = switch (unit) {
                    case DAY -> day;
                    case WEEK -> day.minusDays(day.getDayOfWeek().getValue() - DayOfWeek.MONDAY.getValue());
                    case MONTH -> day.withDayOfMonth(1);
                };
            }
            return known;
        }

        private long start(LocalDate day) {
            return day.atStartOfDay(zone).toInstant().toEpochMilli();
        }
    }
}
