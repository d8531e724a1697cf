package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The value of a tag")
class DetailTest {
    @ParameterizedTest
    @ValueSource(strings = {"\uD83D", "\uDE00", "cut \uD83D", "\uDE00\uD83D"})
    @DisplayName("must be whole characters, or what is read back would be another text")
    void halfCharacters(String value) {
        Map<String, String> tags = Map.of("team", value);
        assertThatThrownBy(() -> new Detail(Usage.NONE, tags))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("tag 'team'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uD83D\uDE00", "\u0000", "é漢"})
    @DisplayName("may be any text otherwise")
    void anyText(String value) {
        assertThat(new Detail(Usage.NONE, Map.of("team", value)).tags()).containsEntry("team", value);
    }
}
