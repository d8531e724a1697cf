package io.holdfast.metrics;

import java.util.regex.Pattern;

/**
 * Who bills a model, and its name without its version, so that a new version makes no new series.
 *
 * @param provider such as {@code openai}
 * @param family such as {@code gpt-mini} for {@code gpt-4o-mini}
 */
record ModelFamily(String provider, String family) {
    static final ModelFamily OTHER = new ModelFamily("other", "other");
    private static final Pattern VERSION = Pattern.compile(".*\\d.*|latest|preview");

    /** Returns the family of a model that is named as a ledger names it. */
    static ModelFamily of(String model) {
        int colon = model.indexOf(':');
        String provider = colon < 0 ? "unknown" : model.substring(0, colon);
        String[] parts =
                model.substring(Math.max(colon, model.lastIndexOf('/')) + 1).split("[-:@ ]", -1);
        StringBuilder family = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            if (!parts[i].isEmpty() && !VERSION.matcher(parts[i]).matches()) {
                family.append('-').append(parts[i]);
            }
        }
        return new ModelFamily(provider, family.toString());
    }
}
