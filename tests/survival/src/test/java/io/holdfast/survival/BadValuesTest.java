package io.holdfast.survival;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Bad values")
class BadValuesTest {
    @Test
    @DisplayName("are at least 300 of each kind")
    void enough() {
        assertThat(BadValues.money()).hasSizeGreaterThanOrEqualTo(300);
        assertThat(BadValues.counts()).hasSizeGreaterThanOrEqualTo(300);
        assertThat(BadValues.names()).hasSizeGreaterThanOrEqualTo(300);
    }
}
