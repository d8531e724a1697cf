package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes lines of JSON with their checksums into memory. One that threw has an unfinished line and is not used again.
 */
final class LineWriter {
    private static final JsonFactory FACTORY =
            new JsonFactoryBuilder().rootValueSeparator("").build();
    private static final int ASCII = 127;

    private final Buffer buffer = new Buffer();
    private final JsonGenerator json;
    private final Line frame = new Line();
    private int crc;
    private int lineStart;

    LineWriter() {
        try {
            json = FACTORY.createGenerator(buffer);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Forgets all lines and goes on after one with the given checksum. */
    void restart(int previousCrc) {
        buffer.length = 0;
        lineStart = 0;
        crc = previousCrc;
    }

    /** Returns the checksum of the last line. */
    int crc() {
        return crc;
    }

    /** Returns the lines, up to {@link #length()}, until the next one is begun. */
    byte[] bytes() {
        return buffer.bytes;
    }

    int length() {
        return buffer.length;
    }

    LineWriter begin(String type) {
        return written(() -> {
            json.writeStartObject();
            json.writeStringField("type", type);
        });
    }

    void end() {
        end(0);
    }

    /** Ends the line and fills it with spaces so that its content is at least so long. */
    void end(int contentLength) {
        written(() -> {
            json.flush();
            while (buffer.length - lineStart < contentLength) {
                buffer.write(' ');
            }
            crc = frame.checksum(crc, buffer.bytes, lineStart, buffer.length);
            json.writeStringField("crc", Texts.hex(crc));
            json.writeEndObject();
            json.flush();
            buffer.write('\n');
            lineStart = buffer.length;
        });
    }

    LineWriter text(String name, String value) {
        return written(() -> {
            json.writeFieldName(name);
            string(value);
        });
    }

    LineWriter textIfAny(String name, @Nullable String value) {
        return value == null ? this : text(name, value);
    }

    /** Writes the value of a list. */
    LineWriter text(String value) {
        return written(() -> string(value));
    }

    LineWriter number(String name, long value) {
        return written(() -> json.writeNumberField(name, value));
    }

    LineWriter numberUnlessZero(String name, long value) {
        return value == 0 ? this : number(name, value);
    }

    /** Writes the value of a list. */
    LineWriter number(long value) {
        return written(() -> json.writeNumber(value));
    }

    LineWriter flagIfSet(String name, boolean value) {
        return value ? written(() -> json.writeBooleanField(name, true)) : this;
    }

    LineWriter nothing(String name) {
        return written(() -> json.writeNullField(name));
    }

    /** Writes a time: a usual one as a text, any other as its milliseconds. */
    LineWriter time(String name, long millis) {
        return Texts.usual(millis) ? text(name, Texts.time(millis)) : number(name, millis);
    }

    LineWriter dollars(String name, long nanos) {
        return text(name, Texts.dollars(nanos));
    }

    LineWriter bits(String name, long value) {
        return text(name, Long.toHexString(value));
    }

    LineWriter beginObject(String name) {
        return written(() -> json.writeObjectFieldStart(name));
    }

    /** Begins an object in a list. */
    LineWriter beginObject() {
        return written(json::writeStartObject);
    }

    LineWriter endObject() {
        return written(json::writeEndObject);
    }

    LineWriter beginList(String name) {
        return written(() -> json.writeArrayFieldStart(name));
    }

    /** Begins a list in a list. */
    LineWriter beginList() {
        return written(json::writeStartArray);
    }

    LineWriter endList() {
        return written(json::writeEndArray);
    }

    /** Writes UTF-8, or nothing but ASCII where some tool might take a character for the end of a line or choke on it. */
    private void string(String value) throws IOException {
        if (troublesome(value)) {
            json.setHighestNonEscapedChar(ASCII);
            json.writeString(value);
            json.setHighestNonEscapedChar(0);
        } else {
            json.writeString(value);
        }
    }

    private static boolean troublesome(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= ASCII && (c < '\u00a0' || c == '\u2028' || c == '\u2029' || c == '\ufeff')) {
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

    /** Part of a line. */
    private interface Part {
        void write() throws IOException;
    }

    private LineWriter written(Part part) {
        try {
            part.write();
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory cannot fail", impossible);
        }
        return this;
    }

    /** Bytes in memory that can be had without a copy. */
    private static final class Buffer extends OutputStream {
        private byte[] bytes = new byte[16 * 1024];
        private int length;

        @Override
        public void write(int b) {
            grow(1);
            bytes[length++] = (byte) b;
        }

        @Override
        public void write(byte[] from, int offset, int count) {
            grow(count);
            System.arraycopy(from, offset, bytes, length, count);
            length += count;
        }

        private void grow(int count) {
            int needed = Math.addExact(length, count);
            if (needed > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(needed, (int)
                        Math.min(Integer.MAX_VALUE - 8, bytes.length * 2L)));
            }
        }
    }
}
