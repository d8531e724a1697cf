package io.holdfast.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SkippedCase {
    @Test
    void lengthOfNothingIsZero() {
        assertEquals(0, Good.length(null));
    }
}
