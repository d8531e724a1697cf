package io.holdfast.internal;

import io.holdfast.spi.Notice;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/** Makes the names of messages: 128 bits of what is told, when, to whom, and as which message of theirs. */
final class MessageId {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int LETTERS = 26;
    private static final int BITS_PER_LETTER = 5;

    private MessageId() {}

    /**
     * Returns the name of a message.
     *
     * @param subscription to whom it goes
     * @param earlier how many messages it got before
     * @param at when it came about
     * @param notice what it tells
     * @return {@code msg_} and 26 letters and digits, the same for the same message
     */
    static String of(String subscription, long earlier, long at, Notice notice) {
        String text = String.format(Locale.ROOT, "%s\n%d\n%d\n%s", subscription, earlier, at, notice);
        StringBuilder id = new StringBuilder("msg_");
        java.math.BigInteger bits = new java.math.BigInteger(1, digest(text)).shiftRight(128);
        for (int i = 0; i < LETTERS; i++) {
            id.append(ALPHABET.charAt(bits.intValue() & (ALPHABET.length() - 1)));
            bits = bits.shiftRight(BITS_PER_LETTER);
        }
        return id.toString();
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
