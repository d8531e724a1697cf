package io.holdfast.store.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.holdfast.internal.StateItem;
import io.holdfast.limit.CalendarUnit;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Ladder;
import io.holdfast.limit.Limit;
import io.holdfast.limit.LimitState;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Steps;
import io.holdfast.limit.Window;
import io.holdfast.spi.Change;
import io.holdfast.spi.Detail;
import io.holdfast.spi.EntryKind;
import io.holdfast.spi.HoldState;
import io.holdfast.spi.Notice;
import io.holdfast.spi.NoticeKind;
import io.holdfast.spi.OnExpiry;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.PassedStep;
import io.holdfast.spi.QueuedNotice;
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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
        "", "\u0000\u0001\n\r\t\u007f\u0085", "\uD83D\uDE00 at an end \uD83D\uDE00", "x".repeat(1_000), " \uFFFF ",
    };

    private final Random random = new Random(20261122);

    @Test
    void everyChangeIsReadAsItWasWritten() throws IOException {
        for (int round = 0; round < 400; round++) {
            List<Change> batch = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                batch.add(change(random.nextInt(16)));
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
            StateItem item = item(random.nextInt(10));
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
                        random.nextBoolean() ? 0 : time(),
                        time(),
                        onExpiry(),
                        steps(),
                        maybe(),
                        maybe(),
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
            case 7 ->
                new Change.Booked(
                        time(),
                        id(),
                        text(),
                        maybe(),
                        text(),
                        amounts(),
                        maybe(),
                        maybe(),
                        random.nextLong(),
                        detail());
            case 8 ->
                new Change.Allotted(
                        time(),
                        id(),
                        text(),
                        text(),
                        maybe(),
                        text(),
                        random.nextLong() >>> 1,
                        time(),
                        random.nextLong());
            case 15 -> new Change.SessionReset(time(), id(), text(), text());
            case 9 -> new Change.Subscribed(time(), text(), kinds());
            case 10 -> new Change.Unsubscribed(time(), text(), random.nextBoolean());
            case 11 -> new Change.Queued(time(), text(), text(), notice());
            case 12 -> new Change.Dropped(time(), text());
            case 13 -> new Change.Claimed(time(), text(), text(), time());
            default -> new Change.Dequeued(time(), text(), text(), random.nextBoolean());
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
                        text(),
                        maybe(),
                        maybe(),
                        maybe(),
                        limit(),
                        longs(),
                        longs(),
                        longs(),
                        longs(),
                        random.nextInt(5));
            case 5 ->
                new StateItem.Held(
                        text(),
                        random.nextBoolean(),
                        text(),
                        maybe(),
                        text(),
                        amounts(),
                        time(),
                        random.nextBoolean() ? 0 : time(),
                        time(),
                        onExpiry(),
                        steps(),
                        random.nextLong(),
                        detail(),
                        random.nextBoolean()
                                ? List.of()
                                : List.of(
                                        new StateItem.CounterRef(text(), limit(), maybe()),
                                        new StateItem.CounterRef(text(), limit(), maybe())),
                        HoldState.values()[random.nextInt(5)],
                        random.nextBoolean() ? 0 : time(),
                        random.nextBoolean() ? Amounts.NONE : amounts(),
                        random.nextInt(3),
                        maybe(),
                        random.nextBoolean()
                                ? null
                                : new StateItem.Allotted(text(), random.nextLong() >>> 1, random.nextLong() >>> 1));
            case 6 -> new StateItem.Answered(text(), text(), random.nextBoolean(), random.nextLong(), time());
            case 7 ->
                new StateItem.Subscription(
                        text(),
                        kinds(),
                        random.nextBoolean(),
                        random.nextLong(),
                        random.nextLong(),
                        maybe(),
                        random.nextLong());
            case 8 -> new StateItem.Queued(text(), new QueuedNotice(text(), time(), notice()));
            default -> new StateItem.Refusal("scope\n" + maybe() + "\n" + text(), time());
        };
    }

    private Set<NoticeKind> kinds() {
        return EnumSet.of(NoticeKind.ALERT_REACHED, NoticeKind.values()[random.nextInt(NoticeKind.values().length)]);
    }

    private Notice notice() {
        List<LimitState> states = random.nextBoolean() ? List.of() : List.of(state(List.of()), state(List.of(1)));
        NoticeKind kind = NoticeKind.values()[random.nextInt(NoticeKind.values().length)];
        return switch (kind) {
            case ALERT_REACHED -> new Notice.Crossed(state(List.of(1, 500_000)), random.nextInt(2));
            case CALL_REFUSED -> new Notice.Refused(text(), maybe(), text(), states);
            case LOOP_DETECTED -> new Notice.Looped(text(), maybe(), text(), state(List.of()));
            case CALL_OVERSHOT -> new Notice.Overshot(text(), text(), maybe(), amounts(), amounts(), states);
            case HOLD_EXPIRED -> new Notice.Expired(text(), text(), maybe(), text(), amounts(), onExpiry(), states);
            case COMMITTED_LATE -> new Notice.CommittedLate(text(), text(), maybe(), amounts(), amounts(), states);
        };
    }

    private LimitState state(List<Integer> alerts) {
        Limit any = limit();
        Limit limit = new Limit(
                any.meter(),
                any.window(),
                any.models(),
                any.amount(),
                any.guardsLoops() ? Enforcement.HARD : any.enforcement(),
                alerts);
        long frees = random.nextBoolean() ? Window.NEVER : time();
        return new LimitState(
                text(),
                maybe(),
                maybe(),
                limit,
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                random.nextLong(),
                frees);
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
                random.nextBoolean() ? List.of() : List.of(limit()),
                random.nextBoolean() ? List.of() : List.of(Ladder.of("a-*", "b"), Ladder.of("é", "d", "e")));
    }

    private List<PassedStep> steps() {
        List<PassedStep> steps = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            steps.add(new PassedStep(
                    PassedStep.Kind.values()[random.nextInt(PassedStep.Kind.values().length)],
                    text(),
                    maybe(),
                    text(),
                    random.nextLong(),
                    random.nextLong()));
        }
        return steps;
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
        long amount = random.nextLong() >>> 1 + random.nextInt(3);
        if (random.nextInt(5) == 0) {
            return Limit.loopGuard(random.nextInt(9), Window.rolling(Duration.ofMinutes(1 + random.nextInt(9))));
        }
        Enforcement enforcement = Enforcement.values()[random.nextInt(2)];
        boolean delays = random.nextBoolean();
        boolean reserves = enforcement == Enforcement.HARD && random.nextBoolean();
        return new Limit(
                Meter.values()[random.nextInt(5)],
                window,
                ModelPattern.of(random.nextBoolean() ? "*" : "gpt-*\"é"),
                amount,
                enforcement,
                random.nextBoolean() ? List.of() : List.of(1, 500_000, 10_000_000),
                new Steps(
                        random.nextBoolean() ? 0 : amount / 2,
                        delays ? amount / 3 : 0,
                        delays && amount / 3 > 0 ? 1 + random.nextInt(86_400_000) : 0,
                        reserves ? amount / 4 : 0));
    }

    private List<Long> longs() {
        List<Long> longs = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            longs.add(random.nextLong());
        }
        return longs;
    }
}
