package io.holdfast.cli;

/** How a result is written. */
enum Format {
    /** Aligned columns, for people. */
    TABLE,
    /** One JSON document, or one for each line where the command streams. */
    JSON,
    /** RFC 4180 with a header line. */
    CSV;

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
