package io.holdfast.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One run of the program in this process, with what it wrote. */
record Run(int code, String out, String err) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Run of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new Console(out, new PrintWriter(err), false), args);
        return new Run(code, out.toString(), err.toString());
    }

    JsonNode json() {
        return parse(out);
    }

    List<JsonNode> jsonLines() {
        return out.lines().map(Run::parse).toList();
    }

    BigDecimal usd(String field) {
        JsonNode node = json().get(field);
        if (!node.isTextual()) {
            throw new AssertionError(field + " is no text: " + node);
        }
        return new BigDecimal(node.asText());
    }

    static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException noJson) {
            throw new AssertionError("no JSON: " + text, noJson);
        }
    }

    static Path file(Path directory, String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
