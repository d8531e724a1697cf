package io.holdfast.store.json;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The frame of a line: a JSON object whose last member is the checksum of the line. It covers the bytes before that
 * member and the checksum of the line before, so that a line fits in its place only. A line that begins a file has 0
 * before it.
 */
final class Line {
    /** The seed of the first line of a file. */
    static final int FIRST = 0;

    /** What stands for a line that is damaged. */
    static final long DAMAGED = -1;

    /** The checksum's digits, the end of the string and the object, and the end of the line. */
    static final int TAIL = 11;

    private static final int DIGITS = 8;
    private static final byte[] MEMBER = ",\"crc\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int SUFFIX = MEMBER.length + TAIL;

    private final CRC32C crc = new CRC32C();
    private final byte[] seedBytes = new byte[Integer.BYTES];

    /** Returns the checksum of a line's content. */
    int checksum(int seed, byte[] bytes, int from, int to) {
        for (int i = 0; i < Integer.BYTES; i++) {
            seedBytes[i] = (byte) (seed >>> (8 * i));
        }
        crc.reset();
        crc.update(seedBytes, 0, Integer.BYTES);
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }

    /** Returns the checksum of a whole line that ends just before {@code to}, or {@link #DAMAGED}. */
    long check(int seed, byte[] bytes, int from, int to) {
        long written = written(bytes, from, to);
        if (written == DAMAGED) {
            return DAMAGED;
        }
        int actual = checksum(seed, bytes, from, to - SUFFIX);
        return actual == (int) written ? written : DAMAGED;
    }

    /** Returns the checksum that a line says it has, or {@link #DAMAGED} if it says none. */
    static long written(byte[] bytes, int from, int to) {
        int member = to - SUFFIX;
        if (member <= from || bytes[to - 1] != '\n' || bytes[to - 2] != '}' || bytes[to - 3] != '"') {
            return DAMAGED;
        }
        for (int i = 0; i < MEMBER.length; i++) {
            if (bytes[member + i] != MEMBER[i]) {
                return DAMAGED;
            }
        }
        long value = 0;
        for (int i = 0; i < DIGITS; i++) {
            int digit = digit(bytes[to - TAIL + i]);
            if (digit < 0) {
                return DAMAGED;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Tells whether bytes are the end of a line with that checksum. */
    static boolean endsWith(int crc, byte[] bytes, int from) {
        for (int i = 0; i < DIGITS; i++) {
            if (digit(bytes[from + i]) != (crc >>> (28 - 4 * i) & 0xf)) {
                return false;
            }
        }
        return bytes[from + DIGITS] == '"' && bytes[from + DIGITS + 1] == '}' && bytes[from + DIGITS + 2] == '\n';
    }

    /** Returns the index just after the next end of a line, or −1. */
    static int end(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private static int digit(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
    }
}
