package io.holdfast.store.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes lines that a fuzzer has changed fit each other again. */
final class Checksums {
    private static final byte[] MEMBER = ",\"crc\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int FRAME = MEMBER.length + Line.TAIL;

    private Checksums() {}

    /** Returns the bytes after the first, where that is odd with the checksum of each line put right. */
    static byte[] putRight(byte[] bytes) {
        byte[] lines = bytes.length == 0 ? bytes : Arrays.copyOfRange(bytes, 1, bytes.length);
        if (bytes.length == 0 || bytes[0] % 2 == 0) {
            return lines;
        }
        Line line = new Line();
        int seed = Line.FIRST;
        int from = 0;
        for (int end = Line.end(lines, 0, lines.length); end > 0; end = Line.end(lines, from, lines.length)) {
            int member = end - FRAME;
            if (member > from) {
                seed = line.checksum(seed, lines, from, member);
                System.arraycopy(MEMBER, 0, lines, member, MEMBER.length);
                byte[] tail = (Texts.hex(seed) + "\"}\n").getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(tail, 0, lines, member + MEMBER.length, tail.length);
            }
            from = end;
        }
        return lines;
    }
}
