package io.holdfast.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.spi.Detail;
import io.holdfast.spi.OperationId;
import io.holdfast.spi.ScopeDefinition;
import io.holdfast.unit.Usage;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A name")
class NamesTest {
    static Stream<String> notNames() {
        return Stream.of(
                "",
                " ",
                " a",
                "a ",
                "a\nb",
                "a\r\nSet-Cookie: b",
                "a\u0000",
                "\u0000",
                "a\tb",
                "a\u001bb",
                "a\u007fb",
                "a\u0085b",
                "a\u00adb",
                "a\u200bb",
                "a\u200db",
                "\ufeffa",
                "a\u202eb",
                "a\u2066b",
                "a\u2028b",
                "a\u2029b",
                "\ud800",
                "\udc00",
                "a\ud83d",
                "\ude00\ud83d",
                "a\udb40\udc41b",
                "x".repeat(257),
                "x".repeat(8_192),
                "9".repeat(10_000));
    }

    @ParameterizedTest
    @MethodSource("notNames")
    @DisplayName("is refused wherever one is taken, in a message that is safe to print")
    void refused(String name) {
        List<Runnable> takers = List.of(
                () -> Names.check("name", name),
                () -> OperationId.given(name),
                () -> ModelPattern.of(name),
                () -> new ScopeDefinition(name, null, List.of()),
                () -> new ScopeDefinition("s", name, List.of()),
                () -> new Detail(Usage.NONE, Map.of(name, "value")));
        for (Runnable taker : takers) {
            assertThatThrownBy(taker::run)
                    .isInstanceOf(InvalidInputException.class)
                    .satisfies(thrown -> {
                        assertThat(thrown.getMessage()).hasSizeLessThan(800);
                        assertThat(thrown.getMessage().chars()).noneMatch(Character::isISOControl);
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "0",
                "null",
                "a b",
                "ä",
                "a\u0308",
                "数据",
                "\uD83D\uDE00",
                "a/b",
                "a\\b",
                "a:b",
                "a'b",
                "a\"b",
                "../../etc",
                "${x}",
                "-",
                ".",
                "#"
            })
    @DisplayName("may be anything that can be seen")
    void taken(String name) {
        assertThat(Names.check("name", name)).isSameAs(name);
        assertThat(OperationId.given(name).value()).isEqualTo(name);
        assertThat(new ScopeDefinition(name, null, List.of()).name()).isEqualTo(name);
    }
}
