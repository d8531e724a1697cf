package io.holdfast.cli;

import io.holdfast.unit.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trace of requests row by row: a header, then {@code TIMESTAMP,ContextTokens,GeneratedTokens}. The timestamp is
 * not looked at.
 */
final class TraceReader implements AutoCloseable {
    static final String HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";

    private static final int LONGEST_LINE = 1_000;
    private static final Pattern TOKENS = Pattern.compile("[0-9]{1,13}");

    private final Path file;
    private final BufferedReader reader;
    private final StringBuilder line = new StringBuilder();
    private long lineNumber;
    private long rows;

    private TraceReader(Path file, BufferedReader reader) {
        this.file = file;
        this.reader = reader;
    }

    /** Opens a trace and reads its header. */
    static TraceReader open(Path file) {
        if (Files.isDirectory(file)) {
            throw CommandException.inFile(file.toString(), 0, "is a directory, not a trace", null);
        }
        try {
            // A byte that is no text becomes a character that is no digit.
            TraceReader trace = new TraceReader(
                    file,
                    new BufferedReader(
                            new java.io.InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)));
            trace.header();
            return trace;
        } catch (NoSuchFileException missing) {
            throw CommandException.inFile(file.toString(), 0, "there is no such trace", missing);
        } catch (IOException unreadable) {
            throw CommandException.inFile(file.toString(), 0, "cannot be read: " + unreadable, unreadable);
        }
    }

    /** Reads a whole trace, so that a mistake at its end is found before anything is done. */
    static long check(Path file, long mostRows) {
        try (TraceReader trace = open(file)) {
            while (trace.rows < mostRows && trace.next() != null) {
                // only to see that it can be read
            }
            return trace.rows;
        }
    }

    /** Returns the next row, or null at the end. */
    @Nullable
    TraceRow next() {
        String text;
        try {
            do {
                text = nextLine();
                if (text == null) {
                    return null;
                }
            } while (text.isBlank());
        } catch (IOException unreadable) {
            throw wrong("cannot be read: " + unreadable);
        }
        String[] fields = text.split(",", -1);
        if (fields.length != 3) {
            throw wrong("'" + text + "' must have the 3 fields " + HEADER);
        }
        return new TraceRow(rows++, tokens("ContextTokens", fields[1]), tokens("GeneratedTokens", fields[2]));
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException nothingLost) {
            // it was only read
        }
    }

    private void header() throws IOException {
        String header;
        try {
            header = nextLine();
        } catch (CommandException wrong) {
            close();
            throw wrong;
        }
        if (header == null || !header.equals(HEADER)) {
            close();
            throw wrong("the header '" + (header == null ? "" : header) + "' must be '" + HEADER + "'");
        }
    }

    private long tokens(String field, String text) {
        if (TOKENS.matcher(text).matches()) {
            long tokens = Long.parseLong(text);
            if (tokens <= Usage.MAX_TOKENS) {
                return tokens;
            }
        }
        throw wrong(field + " '" + text + "' must be a whole number from 0 to " + Usage.MAX_TOKENS);
    }

    /** Returns a line without its end, or null at the end of the file; no line can fill the memory. */
    private @Nullable String nextLine() throws IOException {
        lineNumber++;
        line.setLength(0);
        int c = reader.read();
        if (c < 0) {
            return null;
        }
        while (c >= 0 && c != '\n') {
            if (line.length() == LONGEST_LINE) {
                throw wrong("the line must have at most " + LONGEST_LINE + " characters");
            }
            line.append((char) c);
            c = reader.read();
        }
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
    }

    private CommandException wrong(String rule) {
        return CommandException.inFile(file.toString(), lineNumber, rule, null);
    }
}
