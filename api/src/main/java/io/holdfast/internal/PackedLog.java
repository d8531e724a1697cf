package io.holdfast.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Records of bytes, written at one end and removed at the other, in chunks; one that is too long for a usual chunk has its
 * own. A record has a time and then whatever is written, and
 * is named by its position: a chunk's number, which begins anew after {@value #CHUNK_NUMBERS} chunks, and the place in it.
 */
final class PackedLog {
    private static final int PLACE_BITS = 16;
    private static final int CHUNK = 1 << PLACE_BITS;
    private static final int CHUNK_NUMBERS = 1 << 19;
    private static final int LENGTH = Integer.BYTES;
    private static final int HEAD = LENGTH + Long.BYTES;

    private final List<byte[]> chunks = new ArrayList<>();
    private int firstChunk;
    private int firstPlace;
    private int end;
    private byte[] record = new byte[256];
    private int length;
    private byte[] chunk = record;
    private int at;

    boolean isEmpty() {
        return chunks.isEmpty();
    }

    /** Returns the position of the oldest record. */
    long first() {
        return position(0, firstPlace);
    }

    void removeFirst() {
        byte[] first = chunks.get(0);
        firstPlace += length(first, firstPlace);
        if (chunks.size() == 1 ? firstPlace == end : length(first, firstPlace) == 0) {
            chunks.remove(0);
            firstChunk = (firstChunk + 1) % CHUNK_NUMBERS;
            firstPlace = 0;
        }
    }

    /** Gives the position of every record, the oldest first. */
    void forEach(LongConsumer reader) {
        for (int i = 0; i < chunks.size(); i++) {
            byte[] bytes = chunks.get(i);
            for (int place = i == 0 ? firstPlace : 0; length(bytes, place) != 0; place += length(bytes, place)) {
                reader.accept(position(i, place));
            }
        }
    }

    // ---- writing

    void begin(long time) {
        length = LENGTH;
        fixed(time);
    }

    void fixed(long value) {
        room(Long.BYTES);
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            record[length++] = (byte) (value >>> shift);
        }
    }

    /** Writes a number in as few bytes as it needs; a negative one needs ten. */
    void number(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            record[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        record[length++] = (byte) rest;
    }

    /** Writes a number near zero, on either side, in few bytes. */
    void signed(long value) {
        number((value << 1) ^ (value >> 63));
    }

    /** Writes a text, whatever characters it has: one byte for each if all are Latin-1, else two. */
    void text(String text) {
        boolean wide = text.chars().anyMatch(c -> c > 0xff);
        number(text.length() * 2L + (wide ? 1 : 0));
        room(text.length() * 2);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            record[length++] = (byte) c;
            if (wide) {
                record[length++] = (byte) (c >>> Byte.SIZE);
            }
        }
    }

    /** Ends the record and returns its position. */
    long end() {
        if (chunks.isEmpty() || end + length > chunks.get(chunks.size() - 1).length) {
            chunks.add(new byte[Math.max(CHUNK, length)]);
            end = 0;
        }
        for (int i = 0; i < LENGTH; i++) {
            record[i] = (byte) (length >>> (Byte.SIZE * i));
        }
        System.arraycopy(record, 0, chunks.get(chunks.size() - 1), end, length);
        long position = position(chunks.size() - 1, end);
        end += length;
        return position;
    }

    private void room(int more) {
        if (length + more > record.length) {
            record = Arrays.copyOf(record, Math.max(length + more, record.length * 2));
        }
    }

    // ---- reading, one record at a time

    long time(long position) {
        return fixed(chunkOf(position), place(position) + LENGTH);
    }

    /** Goes to what was written after the time of a record. */
    void read(long position) {
        chunk = chunkOf(position);
        at = place(position) + HEAD;
    }

    long fixed() {
        at += Long.BYTES;
        return fixed(chunk, at - Long.BYTES);
    }

    long number() {
        long value = 0;
        int shift = 0;
        byte next = chunk[at++];
        while (next < 0) {
            value |= (next & 0x7fL) << shift;
            shift += 7;
            next = chunk[at++];
        }
        return value | ((long) next << shift);
    }

    long signed() {
        long value = number();
        return (value >>> 1) ^ -(value & 1);
    }

    String text() {
        long coded = number();
        int count = (int) (coded >>> 1);
        if ((coded & 1) == 0) {
            at += count;
            return new String(chunk, at - count, count, StandardCharsets.ISO_8859_1);
        }
        char[] text = new char[count];
        for (int i = 0; i < count; i++) {
            text[i] = (char) ((chunk[at] & 0xff) | ((chunk[at + 1] & 0xff) << Byte.SIZE));
            at += 2;
        }
        return new String(text);
    }

    private static long fixed(byte[] bytes, int from) {
        long value = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            value = (value << Byte.SIZE) | (bytes[from + i] & 0xff);
        }
        return value;
    }

    /** Returns how long the record there is, or 0 if there is none. */
    private static int length(byte[] bytes, int place) {
        if (place > bytes.length - HEAD) {
            return 0;
        }
        int length = 0;
        for (int i = LENGTH - 1; i >= 0; i--) {
            length = (length << Byte.SIZE) | (bytes[place + i] & 0xff);
        }
        return length;
    }

    private long position(int index, int place) {
        return ((long) ((firstChunk + index) % CHUNK_NUMBERS) << PLACE_BITS) | place;
    }

    private byte[] chunkOf(long position) {
        int number = (int) (position >>> PLACE_BITS);
        return chunks.get(Math.floorMod(number - firstChunk, CHUNK_NUMBERS));
    }

    private static int place(long position) {
        return (int) position & (CHUNK - 1);
    }
}
