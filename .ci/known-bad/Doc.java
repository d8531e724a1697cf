package io.holdfast.gate;

/** Refers to {@link NoSuchClass}. */
final class Doc {
    private Doc() {}
}
