package io.holdfast.gate;

import org.jspecify.annotations.Nullable;

/** Takes the length of what may be null. */
final class Null {
    private Null() {}

    static int length(@Nullable String text) {
        return text.length();
    }
}
