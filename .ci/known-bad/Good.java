package io.holdfast.gate;

import org.jspecify.annotations.Nullable;

/** Breaks no rule. */
final class Good {
    private Good() {}

    static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
