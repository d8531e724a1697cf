package io.holdfast.store.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Rows as COPY reads them: a line of UTF-8 each, with tabs between the values. */
final class CopyText {
    private static final int PIECE = 1 << 15;
    private static final char FIRST_BEYOND_ASCII = 0x80;

    private final boolean[] used;
    private final Sink sink;
    private byte[] bytes = new byte[2 * PIECE];
    private int length;

    /** Takes the text piece by piece. */
    interface Sink {
        /** Takes some of the bytes, which change afterwards. */
        void write(byte[] bytes, int from, int length) throws SQLException;
    }

    /**
     * Makes an empty text.
     *
     * @param used which values of a row are in it
     * @param sink takes it
     */
    CopyText(boolean[] used, Sink sink) {
        this.used = used;
        this.sink = sink;
    }

    void add(@Nullable Object[] row) throws SQLException {
        char before = 0;
        for (int i = 0; i < row.length; i++) {
            if (used[i]) {
                if (before != 0) {
                    add(before);
                }
                add(row[i]);
                before = '\t';
            }
        }
        add('\n');
        if (length >= PIECE) {
            end();
        }
    }

    private void add(@Nullable Object value) {
        if (value == null) {
            add('\\');
            add('N');
        } else if (value instanceof Long number) {
            add((long) number);
        } else {
            add(value.toString());
        }
    }

    /** Hands on what is left. */
    void end() throws SQLException {
        sink.write(bytes, 0, length);
        length = 0;
    }

    private void add(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
    }

    private void add(long number) {
        if (number == Long.MIN_VALUE) {
            add(Long.toString(number));
            return;
        }
        if (number < 0) {
            add('-');
        }
        long rest = Math.abs(number);
        int digits = 1;
        for (long more = rest / 10; more != 0; more /= 10) {
            digits++;
        }
        room(digits);
        length += digits;
        int at = length;
        do {
            bytes[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
    }

    private void add(String value) {
        int characters = value.length();
        room(2 * characters);
        for (int i = 0; i < characters; i++) {
            char each = value.charAt(i);
            if (each >= FIRST_BEYOND_ASCII) {
                addEncoded(value.substring(i));
                return;
            }
            addEscaped((byte) each);
        }
    }

    /** No byte of a character beyond ASCII is one of those that have to be escaped. */
    private void addEncoded(String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        room(2 * encoded.length);
        for (byte each : encoded) {
            addEscaped(each);
        }
    }

    private void addEscaped(byte each) {
        char escaped = escaped(each);
        if (escaped == 0) {
            bytes[length++] = each;
        } else {
            bytes[length++] = '\\';
            bytes[length++] = (byte) escaped;
        }
    }

    private static char escaped(byte each) {
        return switch (each) {
            case '\\' -> '\\';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\r' -> 'r';
            default -> 0;
        };
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
