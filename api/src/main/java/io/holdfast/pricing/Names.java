package io.holdfast.pricing;

import io.holdfast.error.InvalidInputException;
import java.util.regex.Pattern;

/** What is a name at all, whatever it names. */
final class Names {
    /** The provider of names that no row and no path part gives one. */
    static final String NO_PROVIDER = "unknown";

    private static final int LONGEST = 256;
    private static final String UNKNOWN_PREFIX = NO_PROVIDER + ':';
    private static final Pattern PROVIDER = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

    private Names() {}

    /** Returns the name, in lower case; only A to Z are changed, so that look-alike letters stay different. */
    static String key(String name) {
        return lower(checked("model name", name, name.startsWith(UNKNOWN_PREFIX) ? UNKNOWN_PREFIX.length() : 0));
    }

    private static String checked(String field, String name, int longer) {
        if (name.isEmpty()) {
            throw new InvalidInputException(field, name, "must not be empty");
        }
        if (name.length() > LONGEST + longer) {
            throw new InvalidInputException(field, name, "must be at most " + (LONGEST + longer) + " characters");
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                throw new InvalidInputException(field, name, "must not contain control characters");
            }
        }
        return name;
    }

    static String provider(String name) {
        String provider = lower(name);
        if (!PROVIDER.matcher(provider).matches()) {
            throw new InvalidInputException(
                    "provider",
                    name,
                    "must be 1 to 64 letters, digits, '.', '-' or '_', beginning with a letter or digit");
        }
        if (provider.equals(NO_PROVIDER) || provider.equals("ft")) {
            throw new InvalidInputException("provider", name, "is a word with another meaning");
        }
        return provider;
    }

    /** Returns a name that resolution can reach: not too long with its provider, and without what resolution removes. */
    static String model(String field, String provider, String name) {
        String key = lower(checked(field, name, -provider.length() - 1));
        if (!key.equals(NameRules.withoutDecoration(key)) || key.endsWith(NameRules.FREE)) {
            throw new InvalidInputException(
                    field, name, "must not begin with 'models/' or 'openrouter/' or end with ':free' or '[1m]'");
        }
        return name;
    }

    static String lower(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                return lowerFrom(i, name);
            }
        }
        return name;
    }

    private static String lowerFrom(int first, String name) {
        char[] letters = name.toCharArray();
        for (int i = first; i < letters.length; i++) {
            if (letters[i] >= 'A' && letters[i] <= 'Z') {
                letters[i] = (char) (letters[i] + ('a' - 'A'));
            }
        }
        return new String(letters);
    }
}
