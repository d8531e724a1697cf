package io.holdfast.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import io.holdfast.unit.Usage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What an operation is told by")
class OperationIdTest {
    @Test
    @DisplayName("is an id that no other call has, where the library makes it")
    void made() {
        Set<OperationId> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            assertThat(ids.add(OperationId.made())).isTrue();
        }
        assertThat(ids).noneMatch(OperationId::given);
    }

    @Test
    @DisplayName("is an id that sorts after those of its process before it, and never comes again")
    void order() {
        long[] numbers = {1, 9, 10, 31, 32, 33, 999, 1_000, 1L << 40, (1L << 50) - 1};
        for (int i = 1; i < numbers.length; i++) {
            assertThat(OperationId.made(numbers[i])).isGreaterThan(OperationId.made(numbers[i - 1]));
        }
        Set<String> ids = new HashSet<>();
        for (long number : new long[] {0, 1, 1L << 45, (1L << 50) - 1, 1L << 50, (1L << 50) + 1, Long.MAX_VALUE}) {
            assertThat(ids.add(OperationId.made(number))).isTrue();
        }
    }

    @Test
    @DisplayName("is the caller's own id to the character, of at most 256")
    void given() {
        String longest = "x".repeat(256);
        assertThat(OperationId.given(longest).value()).isEqualTo(longest);
        assertThat(OperationId.given(longest).given()).isTrue();
        assertThat(OperationId.given("A")).isNotEqualTo(OperationId.given("a")).hasToString("A");
    }

    @Test
    @DisplayName("is a detail of at most 32 tags with values of at most 1024 characters, which nobody can change")
    void details() {
        Map<String, String> tags = new HashMap<>();
        for (int i = 0; i < 32; i++) {
            tags.put("tag" + i, "x".repeat(1_024));
        }
        Detail detail = new Detail(Usage.NONE, tags);
        tags.put("one too many", "");
        assertThat(detail.tags()).hasSize(32);
        assertThatThrownBy(() -> new Detail(Usage.NONE, tags)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Detail(Usage.NONE, Map.of("a", "x".repeat(1_025))))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> detail.tags().put("a", "b")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    @DisplayName("is a store that its URL names")
    void stores() {
        try (LedgerStore store = LedgerStores.open("memory:")) {
            assertThat(store.traits().name()).isEqualTo("memory");
            assertThat(store.traits().durability()).isEqualTo(Durability.NONE);
        }
        for (String url :
                new String[] {"", ":", "memory", "memory:/x", "nothing:", "Memory:", "file:///etc", "\u0000"}) {
            assertThatThrownBy(() -> LedgerStores.open(url)).isInstanceOf(InvalidInputException.class);
        }
    }
}
