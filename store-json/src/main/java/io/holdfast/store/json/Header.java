package io.holdfast.store.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.holdfast.spi.CorruptLedgerException;
import io.holdfast.spi.StoreException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The first line of a journal segment or a snapshot. Its frame and the members {@code type} and {@code format} stay as
 * they are in every version of the format, so that any version can tell that a file is too new for it.
 *
 * @param type what the file is
 * @param ledger the id of the ledger, made when it was
 * @param segment the number of the segment, for a snapshot of the one that goes on from it
 * @param time the time of the last change before, or for a new ledger when it was made
 * @param after the checksum of the last line of the segment before, or {@link Line#FIRST}
 * @param remembers how long ids that callers chose are remembered, in milliseconds, for snapshots
 */
record Header(String type, String ledger, long segment, long time, int after, long remembers) {
    /** The type of a journal segment. */
    static final String JOURNAL = "ledger";

    /** The type of a snapshot. */
    static final String SNAPSHOT = "snapshot";

    /** The format that this version writes, and the newest it reads. */
    static final long FORMAT = 1;

    /** The longest first line that is looked for. */
    static final int LONGEST = 4_096;

    private static final JsonFactory FACTORY = new JsonFactory();

    /** Writes the header as a line. */
    void write(LineWriter line) {
        line.begin(type)
                .number("format", FORMAT)
                .text("ledger", ledger)
                .number("segment", segment)
                .time("time", time)
                .text("after", Texts.hex(after))
                .numberUnlessZero("remembers_ms", remembers)
                .end();
    }

    /** Reads the first line of a file; it must be for the segment that the file's name says. */
    static Header read(Path file, String type, long segment, byte[] bytes, int length) {
        int end = Line.end(bytes, 0, length);
        if (end < 0 || new Line().check(Line.FIRST, bytes, 0, end) == Line.DAMAGED) {
            throw new CorruptLedgerException(file + " is damaged at byte 0: its first line is not whole", null);
        }
        Header header;
        try (JsonParser json = FACTORY.createParser(bytes, 0, end)) {
            header = read(file, json);
        } catch (StoreException newerFormat) {
            throw newerFormat;
        } catch (IOException | RuntimeException unreadable) {
            throw new CorruptLedgerException(file + " is damaged at byte 0: " + unreadable.getMessage(), unreadable);
        }
        if (!header.type.equals(type) || header.segment != segment) {
            throw new CorruptLedgerException(
                    file + " is damaged at byte 0: it says it is " + header.type + " " + header.segment, null);
        }
        return header;
    }

    private static Header read(Path file, JsonParser json) throws IOException {
        String type = null;
        String ledger = null;
        long format = 0;
        long segment = 0;
        long time = 0;
        int after = 0;
        long remembers = 0;
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new IllegalArgumentException("there is no JSON object");
        }
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "type" -> type = json.getText();
                case "format" -> {
                    format = json.getLongValue();
                    if (format > FORMAT) {
                        throw new StoreException(
                                file + " has format " + format + " of a newer version; this one reads up to " + FORMAT,
                                null);
                    }
                }
                case "ledger" -> ledger = json.getText();
                case "segment" -> segment = json.getLongValue();
                case "time" -> time = Parts.time(json);
                case "after" -> after = Integer.parseUnsignedInt(json.getText(), 16);
                case "remembers_ms" -> remembers = json.getLongValue();
                default -> json.skipChildren();
            }
        }
        if (format < 1) {
            throw new IllegalArgumentException("there is no format");
        }
        return new Header(
                Parts.required("type", type), Parts.required("ledger", ledger), segment, time, after, remembers);
    }
}
