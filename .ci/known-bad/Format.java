package io.holdfast.gate;

/** Is indented by two. */
final class Format {
  private Format() { }
}
