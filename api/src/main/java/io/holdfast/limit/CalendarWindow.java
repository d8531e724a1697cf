package io.holdfast.limit;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/**
 * A day, week or month of a zone. A window is the half-open time between the starts of two days as
 * {@link LocalDate#atStartOfDay(ZoneId)} defines them, so that an hour repeated at midnight belongs to the later day and
 * the bucket number never falls.
 */
final class CalendarWindow implements Window {
    private static final int DAYS_FROM_MONDAY_TO_EPOCH = 3;

    private final CalendarUnit unit;
    private final ZoneId zone;
    private volatile Span latest = new Span(0, 0, 0);

    /** One window: its bucket number and the times of its start and of the next start. */
    private record Span(long bucket, long start, long end) {
        boolean contains(long time) {
            return start <= time && time < end;
        }
    }

    CalendarWindow(CalendarUnit unit, ZoneId zone) {
        this.unit = unit;
        this.zone = zone;
    }

    @Override
    public long bookingBucket(long admittedAt, long bookedAt) {
        return bucketAt(admittedAt);
    }

    @Override
    public long holdBucket(long admittedAt) {
        return bucketAt(admittedAt);
    }

    @Override
    public long oldestBucket(long now) {
        return bucketAt(now);
    }

    @Override
    public long oldestHoldBucket(long now) {
        return bucketAt(now);
    }

    @Override
    public long endOf(long bucket) {
        return startOf(bucket + 1);
    }

    @Override
    public long nextBucketAt(long bucket) {
        return startOf(bucket + 1);
    }

    @Override
    public long longest() {
        return switch (unit) {
            case DAY -> 2 * 86_400_000L;
            case WEEK -> 8 * 86_400_000L;
            case MONTH -> 32 * 86_400_000L;
        };
    }

    @Override
    public boolean startsAnew() {
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CalendarWindow that && unit == that.unit && zone.equals(that.zone);
    }

    @Override
    public int hashCode() {
        return 31 * unit.hashCode() + zone.hashCode();
    }

    @Override
    public String toString() {
        return "calendar(" + unit.name().toLowerCase(java.util.Locale.ROOT) + ";" + zone + ")";
    }

    private long bucketAt(long time) {
        Span span = latest;
        if (!span.contains(time)) {
            span = spanAt(time);
            latest = span;
        }
        return span.bucket;
    }

    private Span spanAt(long time) {
        long bucket = bucketOf(LocalDate.ofInstant(Instant.ofEpochMilli(time), zone));
        long end = startOf(bucket + 1);
        if (end <= time) {
            bucket++;
            end = startOf(bucket + 1);
        }
        return new Span(bucket, startOf(bucket), end);
    }

    private long bucketOf(LocalDate date) {
        return switch (unit) {
            case DAY -> date.toEpochDay();
            case WEEK ->
                Math.floorDiv(
                        date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
                                        .toEpochDay()
                                + DAYS_FROM_MONDAY_TO_EPOCH,
                        7);
            case MONTH -> date.getYear() * 12L + date.getMonthValue() - 1;
        };
    }

    private long startOf(long bucket) {
        LocalDate first = switch (unit) {
            case DAY -> LocalDate.ofEpochDay(bucket);
            case WEEK -> LocalDate.ofEpochDay(bucket * 7 - DAYS_FROM_MONDAY_TO_EPOCH);
            case MONTH -> LocalDate.of((int) Math.floorDiv(bucket, 12L), (int) Math.floorMod(bucket, 12L) + 1, 1);
        };
        return first.atStartOfDay(zone).toInstant().toEpochMilli();
    }
}
