package io.holdfast.limit;

import io.holdfast.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The one rule for names of scopes, sessions, models, operations and tags. */
public final class Names {
    /** The most characters a name may have. */
    public static final int LONGEST = 256;

    private Names() {}

    /**
     * Returns the name if it is 1 to 256 characters without control characters, unpaired surrogates or space at its
     * ends.
     *
     * @param field what is named, for the message
     * @param name the name
     * @return the same name
     * @throws InvalidInputException if it breaks the rule
     */
    public static String check(String field, String name) {
        if (name.isEmpty()) {
            throw new InvalidInputException(field, name, "must not be empty");
        }
        if (name.length() > LONGEST) {
            throw new InvalidInputException(field, name, "must have at most " + LONGEST + " characters");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || (c >= 0x7f && !printable(name, i))) {
                throw new InvalidInputException(field, name, "must not contain control or invisible characters");
            }
        }
        if (name.charAt(0) == ' ' || name.charAt(name.length() - 1) == ' ') {
            throw new InvalidInputException(field, name, "must not begin or end with a space");
        }
        return name;
    }

    /**
     * Returns a text as a name, or the name of its digest where it is none.
     *
     * @param text any text
     * @return the same text, or {@code sha256:} and 64 hexadecimal digits
     */
    public static String orDigest(String text) {
        try {
            return check("name", text);
        } catch (InvalidInputException noName) {
            return digest(text);
        }
    }

    private static String digest(String text) {
        try {
            byte[] bits = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(bits);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static boolean printable(String name, int at) {
        char c = name.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 < name.length()
                    && Character.isLowSurrogate(name.charAt(at + 1))
                    && Character.getType(name.codePointAt(at)) != Character.FORMAT;
        }
        if (Character.isLowSurrogate(c)) {
            return at > 0 && Character.isHighSurrogate(name.charAt(at - 1));
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
