package io.holdfast.evidence.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("I1, I2, I4, I6, I7: the checker of histories")
class CheckerTest {
    private static Event at(long invoked, long returned, String ask, String answer) {
        return new Event(0, Ask.parse(ask), answer, invoked, returned);
    }

    private static Event unknown(long invoked, String ask) {
        return Event.unknown(1, Ask.parse(ask), invoked);
    }

    static Stream<Arguments> legal() {
        return Stream.of(
                Arguments.of("nothing at all", List.of()),
                Arguments.of(
                        "two at once, seen in the other order",
                        List.of(
                                at(0, 10, "RESERVE ann a1 15", "denied"),
                                at(1, 9, "RESERVE ann a2 15", "held"),
                                at(20, 21, "INSPECT ann - 0", "0+15/18 0+15/30"))),
                Arguments.of(
                        "an unknown one that took effect late",
                        List.of(
                                unknown(0, "BOOK ann a1 5"),
                                at(1, 2, "INSPECT ann - 0", "0+0/18 0+0/30"),
                                at(3, 4, "INSPECT ann - 0", "5+0/18 5+0/30"))),
                Arguments.of(
                        "an unknown one that never took effect",
                        List.of(unknown(0, "BOOK ann a1 5"), at(3, 4, "BOOK ann a1 5", "booked"))),
                Arguments.of(
                        "an unknown one that is asked again and had taken effect",
                        List.of(unknown(0, "RESERVE ann a1 5"), at(3, 4, "RESERVE ann a1 5", "held before"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("legal")
    @DisplayName("accepts what one after the other explains")
    void accepts(String what, List<Event> history) {
        assertThat(Checker.accepts(history)).as(what).isTrue();
    }

    static Stream<Arguments> illegal() {
        return Stream.of(
                Arguments.of(
                        "a lost update",
                        List.of(
                                at(0, 1, "BOOK ann a1 5", "booked"),
                                at(2, 3, "BOOK ann a2 5", "booked"),
                                at(4, 5, "INSPECT ann - 0", "5+0/18 5+0/30"))),
                Arguments.of(
                        "two that fit only one by one, admitted at once",
                        List.of(at(0, 10, "RESERVE ann a1 10", "held"), at(1, 9, "RESERVE ann a2 10", "held"))),
                Arguments.of(
                        "two users that pass their team's limit",
                        List.of(at(0, 10, "RESERVE ann a1 16", "held"), at(1, 9, "RESERVE bob b1 16", "held"))),
                Arguments.of(
                        "half a path",
                        List.of(at(0, 1, "RESERVE ann a1 5", "held"), at(2, 3, "INSPECT ann - 0", "0+5/18 0+0/30"))),
                Arguments.of(
                        "a refusal although there was room all the time",
                        List.of(
                                at(0, 1, "RESERVE ann a1 5", "held"),
                                at(2, 3, "RELEASE ann a1 0", "RELEASED 0"),
                                at(4, 5, "RESERVE ann a2 18", "denied"))),
                Arguments.of(
                        "a reading of the past",
                        List.of(at(0, 1, "BOOK ann a1 5", "booked"), at(2, 3, "INSPECT bob - 0", "0+0/18 0+0/30"))),
                Arguments.of(
                        "the same id twice for new",
                        List.of(at(0, 9, "BOOK ann a1 5", "booked"), at(1, 8, "BOOK ann a1 5", "booked"))),
                Arguments.of(
                        "a hold that is settled twice",
                        List.of(
                                at(0, 1, "RESERVE ann a1 5", "held"),
                                at(2, 9, "COMMIT ann a1 5", "COMMITTED 5"),
                                at(3, 8, "RELEASE ann a1 0", "RELEASED 0"))),
                Arguments.of(
                        "an effect before it was asked for",
                        List.of(at(0, 1, "INSPECT ann - 0", "5+0/18 5+0/30"), at(2, 3, "BOOK ann a1 5", "booked"))),
                Arguments.of(
                        "an unknown one that took effect and did not",
                        List.of(
                                unknown(0, "BOOK ann a1 5"),
                                at(1, 2, "INSPECT ann - 0", "5+0/18 5+0/30"),
                                at(3, 4, "INSPECT ann - 0", "0+0/18 0+0/30"))),
                Arguments.of(
                        "an unknown one that took effect twice",
                        List.of(
                                unknown(0, "BOOK ann a1 5"),
                                at(1, 2, "BOOK ann a1 5", "booked"),
                                at(3, 4, "INSPECT ann - 0", "10+0/18 10+0/30"))),
                Arguments.of(
                        "a lowered limit that is not heeded",
                        List.of(at(0, 1, "SET_LIMIT team - 10", "done"), at(2, 3, "RESERVE ann a1 15", "held"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("illegal")
    @DisplayName("rejects what nothing explains")
    void rejects(String what, List<Event> history) {
        assertThat(Checker.accepts(history)).as(what).isFalse();
    }
}
