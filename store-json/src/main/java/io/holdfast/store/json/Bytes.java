package io.holdfast.store.json;

import java.util.Arrays;

/** Bytes in memory that grow, can be had without a copy, and take text and numbers as JSON writes them. */
final class Bytes {
    private static final int FIRST_UNPRINTED = 0x7f;
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    /** The most bytes that a character or half of a pair takes: a backslash, u and four digits. */
    private static final int LONGEST = 6;

    private static final int LONG_DIGITS = 20;

    private byte[] bytes = new byte[16 * 1024];
    private int length;

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void add(char ascii) {
        grow(1);
        bytes[length++] = (byte) ascii;
    }

    void add(byte[] from) {
        grow(from.length);
        System.arraycopy(from, 0, bytes, length, from.length);
        length += from.length;
    }

    void spaces(int count) {
        grow(count);
        Arrays.fill(bytes, length, length + count, (byte) ' ');
        length += count;
    }

    void number(long value) {
        if (value == Long.MIN_VALUE) {
            ascii(Long.toString(value));
            return;
        }
        grow(LONG_DIGITS);
        long rest = Math.abs(value);
        int digits = 1;
        for (long upTo = 10; digits < LONG_DIGITS - 1 && rest >= upTo; upTo *= 10) {
            digits++;
        }
        if (value < 0) {
            bytes[length++] = '-';
        }
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Adds text that is known to be of printable ASCII, without quotes and backslashes. */
    void ascii(String text) {
        int count = text.length();
        grow(count);
        for (int i = 0; i < count; i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
    }

    /**
     * Adds a string with its quotes: as UTF-8, or with nothing but ASCII where some tool might take a character for the end
     * of a line or choke on it.
     */
    void string(String text) {
        grow(Math.addExact(2, Math.multiplyExact(LONGEST, text.length())));
        int start = length;
        bytes[length++] = '"';
        int i = 0;
        while (i < text.length() && plain(text.charAt(i))) {
            bytes[length++] = (byte) text.charAt(i++);
        }
        if (i < text.length()) {
            length = start + 1;
            characters(text, troublesome(text));
        }
        bytes[length++] = '"';
    }

    private static boolean plain(char c) {
        return c >= ' ' && c < FIRST_UNPRINTED && c != '"' && c != '\\';
    }

    private void characters(String text, boolean onlyAscii) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (plain(c)) {
                bytes[length++] = (byte) c;
            } else if (c < ' ' || c == '"' || c == '\\') {
                escaped(c);
            } else if (onlyAscii) {
                unicode(c);
            } else if (Character.isHighSurrogate(c)) {
                utf8(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                utf8(c);
            }
        }
    }

    private void escaped(char c) {
        int letter = switch (c) {
            case '"', '\\' -> c;
            case '\b' -> 'b';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\f' -> 'f';
            case '\r' -> 'r';
            default -> 0;
        };
        if (letter == 0) {
            unicode(c);
        } else {
            bytes[length++] = '\\';
            bytes[length++] = (byte) letter;
        }
    }

    private void unicode(char c) {
        bytes[length++] = '\\';
        bytes[length++] = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[c >> shift & 0xf];
        }
    }

    private void utf8(int code) {
        if (code < 0x80) {
            bytes[length++] = (byte) code;
        } else if (code < 0x800) {
            bytes[length++] = (byte) (0xc0 | code >> 6);
            continued(code, 0);
        } else if (code < 0x10000) {
            bytes[length++] = (byte) (0xe0 | code >> 12);
            continued(code, 6);
            continued(code, 0);
        } else {
            bytes[length++] = (byte) (0xf0 | code >> 18);
            continued(code, 12);
            continued(code, 6);
            continued(code, 0);
        }
    }

    private void continued(int code, int shift) {
        bytes[length++] = (byte) (0x80 | (code >> shift & 0x3f));
    }

    private static boolean troublesome(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= FIRST_UNPRINTED && (c < '\u00a0' || c == '\u2028' || c == '\u2029' || c == '\ufeff')) {
                return true;
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1));
                if (!pair) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    private void grow(int count) {
        int needed = Math.addExact(length, count);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8, bytes.length * 2L)));
        }
    }
}
