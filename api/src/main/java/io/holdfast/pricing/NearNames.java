package io.holdfast.pricing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Finds known names that are a few typing errors away from a given one. For messages only, never to find a price. */
final class NearNames {
    private static final int MOST_NAMES = 3;
    private static final int MOST_ERRORS = 3;

    private NearNames() {}

    /** At most three names, nearest first, each of another row. */
    static List<String> of(String name, Map<String, Timeline> known) {
        int allowed = Math.max(1, Math.min(MOST_ERRORS, name.length() / 4));
        List<Near> near = new ArrayList<>();
        known.forEach((other, row) -> {
            if (Math.abs(other.length() - name.length()) <= allowed) {
                int errors = errors(name, other);
                if (errors > 0 && errors <= allowed) {
                    near.add(new Near(other, errors, row));
                }
            }
        });
        near.sort(Comparator.comparingInt(Near::errors).thenComparing(Near::name));
        List<String> names = new ArrayList<>();
        List<Timeline> rows = new ArrayList<>();
        for (Near candidate : near) {
            if (names.size() < MOST_NAMES && !rows.contains(candidate.row)) {
                names.add(candidate.name);
                rows.add(candidate.row);
            }
        }
        return names;
    }

    /** How many letters must be put in, left out or changed to get from one name to the other. */
    private static int errors(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] line = new int[other.length() + 1];
            line[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                line[j] = Math.min(changed, Math.min(above[j], line[j - 1]) + 1);
            }
            above = line;
        }
        return above[other.length()];
    }

    private record Near(String name, int errors, Timeline row) {}
}
