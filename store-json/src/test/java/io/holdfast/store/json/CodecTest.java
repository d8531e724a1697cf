package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Amounts;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usage;
import io.holdfast.unit.Usd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodecTest {
    private static final String[] NASTY = {
        "plain",
        "quote \" backslash \\ slash /",
        "Zoë 名前 \uD83D\uDE00",
        "line\u2028separator\u2029s",
        "null {} [] , : true",
        "\u00a0x\ufeffy",
        "'\"}',\"crc\":\"00000000\"}",
    };
    private static final String[] NASTIER = {
        "", "\u0000\u0001\n\r\t\u007f\u0085", "lone \uD83D", "\uDE00 lone", "x".repeat(1_000), " \uFFFF ",
    };

    private final Random random = new Random(20261122);

    @Test
    void everyChangeIsReadAsItWasWritten() throws IOException {
        for (int round = 0; round < 400; round++) {
            List<Change> batch = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                batch.add(change(random.nextInt(9)));
            }
            LineWriter line = new LineWriter();
            new ChangeWriter(line).write(batch, 7);
            assertThat(new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8).lines())
                    .hasSize(batch.size());
            ChangeReader reader = new ChangeReader();
            try (JsonParser json = new JsonFactory().createParser(line.bytes(), 0, line.length())) {
                for (int i = 0; i < batch.size(); i++) {
                    assertThat(reader.read(json)).isEqualTo(batch.get(i));
                    assertThat(reader.batch()).isEqualTo(i == 0 ? batch.size() : 1);
                    assertThat(reader.synced()).isEqualTo(i == 0 ? 7 : 0);
                }
            }
        }
    }

    @Test
    void everyItemIsReadAsItWasWritten() throws IOException {
        for (int round = 0; round < 400; round++) {
            StateItem item = item(random.nextInt(7));
            LineWriter line = new LineWriter();
            new ItemWriter(line).write(item);
            try (JsonParser json = new JsonFactory().createParser(line.bytes(), 0, line.length())) {
                assertThat(new ItemReader().read(json)).isEqualTo(item);
            }
        }
    }

    @Test
    void moneyIsExact() {
        for (long nanos :
                new long[] {0, 1, -1, 10_000_000, 999_999_999, 1_000_000_000, 12_345_678_901L, -5_000_000_001L}) {
            assertThat(Texts.nanos(Texts.dollars(nanos))).isEqualTo(nanos);
        }
        assertThat(Texts.dollars(Long.MAX_VALUE)).isEqualTo("9223372036.854775807");
        assertThat(Texts.nanos(Texts.dollars(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
        assertThat(Texts.nanos(Texts.dollars(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
        assertThat(Texts.dollars(12_300_000L)).isEqualTo("0.0123");
        assertThat(Texts.dollars(5_000_000_000L)).isEqualTo("5.00");
        for (int i = 0; i < 1_000; i++) {
            long nanos = random.nextLong() >> random.nextInt(64);
            assertThat(Texts.nanos(Texts.dollars(nanos))).isEqualTo(nanos);
        }
        assertThatThrownBy(() -> Texts.nanos("1.0000000001")).isInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> Texts.nanos("1.0x")).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void timesAreThoseOfTheJdk() {
        for (int i = 0; i < 2_000; i++) {
            long millis = random.nextLong() % 60_000_000_000_000L;
            assertThat(Texts.millis(Texts.time(millis))).isEqualTo(millis);
            assertThat(Instant.parse(Texts.time(millis)).toEpochMilli()).isEqualTo(millis);
        }
        assertThat(Texts.time(0)).isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(Texts.time(951_782_400_123L)).isEqualTo("2000-02-29T00:00:00.123Z");
        assertThat(Texts.usual(Long.MAX_VALUE)).isFalse();
        assertThat(Texts.usual(Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli()))
                .isTrue();
    }

    private Change change(int kind) {
        return switch (kind) {
            case 0 -> new Change.Defined(time(), definition());
            case 1 -> new Change.Removed(time(), text(), random.nextBoolean());
            case 2 ->
                new Change.Held(
                        time(),
                        id(),
                        text(),
                        maybe(),
                        text(),
                        amounts(),
                        time(),
                        onExpiry(),
                        random.nextLong(),
                        detail());
            case 3 ->
                new Change.Committed(
                        time(),
                        text(),
                        text(),
                        maybe(),
                        text(),
                        List.of(EntryKind.COMMITTED, EntryKind.ESTIMATED, EntryKind.LATE)
                                .get(random.nextInt(3)),
                        amounts(),
                        random.nextBoolean() ? null : amounts(),
                        detail());
            case 4 -> new Change.Released(time(), text(), text());
            case 5 ->
                new Change.Expired(
                        time(),
                        text(),
                        text(),
                        maybe(),
                        text(),
                        time(),
                        random.nextBoolean() ? null : amounts(),
                        detail());
            case 6 -> new Change.Extended(time(), id(), text(), text(), time(), random.nextLong() >>> 1);
            case 7 -> new Change.Booked(time(), id(), text(), maybe(), text(), amounts(), random.nextLong(), detail());
            default -> new Change.SessionReset(time(), id(), text(), text());
        };
    }

    private StateItem item(int kind) {
        return switch (kind) {
            case 0 -> new StateItem.Clock(time());
            case 1 -> new StateItem.Template(definition());
            case 2 ->
                new StateItem.Scope(
                        text(),
                        maybe(),
                        random.nextBoolean() ? null : definition(),
                        maybe(),
                        random.nextBoolean() ? null : definition(),
                        random.nextBoolean(),
                        random.nextBoolean());
            case 3 -> new StateItem.Session(text(), text(), random.nextInt());
            case 4 ->
                new StateItem.Counted(
                        text(), maybe(), maybe(), limit(), longs(), longs(), longs(), longs(), random.nextInt(5));
            case 5 ->
                new StateItem.Held(
                        text(),
                        random.nextBoolean(),
                        text(),
                        maybe(),
                        text(),
                        amounts(),
                        time(),
                        time(),
                        onExpiry(),
                        random.nextLong(),
                        detail(),
                        random.nextBoolean()
                                ? List.of()
                                : List.of(
                                        new StateItem.CounterRef(text(), limit()),
                                        new StateItem.CounterRef(text(), limit())),
                        HoldState.values()[random.nextInt(5)],
                        random.nextBoolean() ? 0 : time(),
                        random.nextBoolean() ? Amounts.NONE : amounts(),
                        random.nextInt(3),
                        maybe(),
                        random.nextInt(3));
            default -> new StateItem.Answered(text(), text(), random.nextBoolean(), random.nextLong(), time());
        };
    }

    private String text() {
        return NASTY[random.nextInt(NASTY.length)];
    }

    private String maybe() {
        return switch (random.nextInt(3)) {
            case 0 -> null;
            case 1 -> text();
            default -> NASTIER[random.nextInt(NASTIER.length)];
        };
    }

    private long time() {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextLong();
            case 1 -> -random.nextInt();
            default -> 1_800_000_000_000L + random.nextInt();
        };
    }

    private OperationId id() {
        return new OperationId("id-" + random.nextInt() + " Zoë\"", random.nextBoolean());
    }

    private OnExpiry onExpiry() {
        return random.nextBoolean() ? OnExpiry.CHARGE : OnExpiry.RELEASE;
    }

    private Amounts amounts() {
        return new Amounts(
                random.nextInt(5) == 0 ? Amounts.UNPRICED : random.nextLong() >>> 1 + random.nextInt(62),
                random.nextLong() >>> 2 + random.nextInt(61),
                random.nextLong() >>> 2 + random.nextInt(61),
                random.nextInt(3));
    }

    private Detail detail() {
        if (random.nextInt(3) == 0) {
            return Detail.NONE;
        }
        Map<String, String> tags = new HashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            tags.put("tag " + i + " Zoë", random.nextBoolean() ? text() : NASTIER[random.nextInt(NASTIER.length)]);
        }
        return new Detail(
                random.nextBoolean()
                        ? Usage.NONE
                        : Usage.of(random.nextInt(9), random.nextInt(9), 0, random.nextInt(9), 7)
                                .withExtraCost(Usd.ofNanos(random.nextInt(1_000_000))),
                tags);
    }

    private ScopeDefinition definition() {
        return new ScopeDefinition(
                random.nextBoolean() ? "Zoë \"名\"" : "user-*",
                random.nextBoolean() ? null : "parent",
                random.nextBoolean() ? List.of() : List.of(limit()));
    }

    private Limit limit() {
        Window window = switch (random.nextInt(4)) {
            case 0 -> Window.session();
            case 1 -> Window.rolling(Duration.ofMillis(1_000 + random.nextInt(Integer.MAX_VALUE)));
            case 2 ->
                Window.calendar(
                        CalendarUnit.values()[random.nextInt(3)], ZoneId.of("America/Argentina/ComodRivadavia"));
            default -> Window.lifetime();
        };
        return new Limit(
                Meter.values()[random.nextInt(5)],
                window,
                ModelPattern.of(random.nextBoolean() ? "*" : "gpt-*\"é"),
                random.nextLong() >>> 1,
                Enforcement.values()[random.nextInt(2)],
                random.nextBoolean() ? List.of() : List.of(1, 500_000, 10_000_000));
    }

    private List<Long> longs() {
        List<Long> longs = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            longs.add(random.nextLong());
        }
        return longs;
    }
}
