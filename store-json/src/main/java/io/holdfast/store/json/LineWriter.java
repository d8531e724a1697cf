package io.holdfast.store.json;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes lines of JSON with their checksums into memory. One that threw has an unfinished line and is not used again. */
final class LineWriter {
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final Bytes buffer = new Bytes();
    private final Line frame = new Line();
    private int crc;
    private int lineStart;
    /** Whether the next member or value is the first of its object or list. */
    private boolean first;

    /** Forgets all lines and goes on after one with the given checksum. */
    void restart(int previousCrc) {
        buffer.clear();
        lineStart = 0;
        crc = previousCrc;
    }

    /** Returns the checksum of the last line. */
    int crc() {
        return crc;
    }

    /** Returns the lines, up to {@link #length()}, until the next one is begun. */
    byte[] bytes() {
        return buffer.array();
    }

    int length() {
        return buffer.length();
    }

    LineWriter begin(String type) {
        buffer.add('{');
        first = true;
        return text("type", type);
    }

    void end() {
        end(0);
    }

    /** Ends the line and fills it with spaces so that its content is at least so long. */
    void end(int contentLength) {
        buffer.spaces(Math.max(0, contentLength - (buffer.length() - lineStart)));
        crc = frame.checksum(crc, buffer.array(), lineStart, buffer.length());
        member("crc");
        buffer.string(Texts.hex(crc));
        buffer.add('}');
        buffer.add('\n');
        lineStart = buffer.length();
    }

    LineWriter text(String name, String value) {
        member(name);
        buffer.string(value);
        return this;
    }

    LineWriter textIfAny(String name, @Nullable String value) {
        return value == null ? this : text(name, value);
    }

    /** Writes the value of a list. */
    LineWriter text(String value) {
        separate();
        buffer.string(value);
        return this;
    }

    LineWriter number(String name, long value) {
        member(name);
        buffer.number(value);
        return this;
    }

    LineWriter numberUnlessZero(String name, long value) {
        return value == 0 ? this : number(name, value);
    }

    /** Writes the value of a list. */
    LineWriter number(long value) {
        separate();
        buffer.number(value);
        return this;
    }

    LineWriter flagIfSet(String name, boolean value) {
        if (value) {
            member(name);
            buffer.add(TRUE);
        }
        return this;
    }

    LineWriter nothing(String name) {
        member(name);
        buffer.add(NULL);
        return this;
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
        member(name);
        return open('{');
    }

    /** Begins an object in a list. */
    LineWriter beginObject() {
        separate();
        return open('{');
    }

    LineWriter endObject() {
        return close('}');
    }

    LineWriter beginList(String name) {
        member(name);
        return open('[');
    }

    /** Begins a list in a list. */
    LineWriter beginList() {
        separate();
        return open('[');
    }

    LineWriter endList() {
        return close(']');
    }

    private LineWriter open(char bracket) {
        buffer.add(bracket);
        first = true;
        return this;
    }

    private LineWriter close(char bracket) {
        buffer.add(bracket);
        first = false;
        return this;
    }

    private void separate() {
        if (!first) {
            buffer.add(',');
        }
        first = false;
    }

    /** Names are mostly the format's own; tags have names that callers chose. */
    private void member(String name) {
        separate();
        buffer.string(name);
        buffer.add(':');
    }
}
