package io.holdfast.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads one YAML document strictly: no key twice, no aliases, nothing after its end. */
final class YamlReader {
    private static final int DEEPEST = 16;

    private final Path file;
    private final YAMLParser yaml;

    private YamlReader(Path file, YAMLParser yaml) {
        this.file = file;
        this.yaml = yaml;
    }

    static YamlNode read(Path file) {
        if (Files.isDirectory(file)) {
            throw CommandException.inFile(file.toString(), 0, "is a directory, not a file", null);
        }
        try (YAMLParser yaml = new YAMLFactory().createParser(Files.readString(file))) {
            return new YamlReader(file, yaml).document();
        } catch (NoSuchFileException missing) {
            throw CommandException.inFile(file.toString(), 0, "there is no such file", missing);
        } catch (CharacterCodingException notText) {
            throw CommandException.inFile(file.toString(), 0, "is not UTF-8", notText);
        } catch (JsonProcessingException notYaml) {
            throw notYaml(file, notYaml);
        } catch (IOException unreadable) {
            throw CommandException.inFile(file.toString(), 0, "cannot be read: " + unreadable, unreadable);
        }
    }

    private YamlNode document() throws IOException {
        JsonToken first = yaml.nextToken();
        if (first == null) {
            throw wrong(1, "is empty");
        }
        YamlNode root = node(first, 0);
        if (yaml.nextToken() != null) {
            throw wrong(line(), "a second document begins here; there may be only one");
        }
        return root;
    }

    private YamlNode node(@Nullable JsonToken token, int depth) throws IOException {
        int line = line();
        if (depth > DEEPEST) {
            throw wrong(line, "is nested deeper than " + DEEPEST + " levels");
        }
        if (yaml.isCurrentAlias()) {
            throw wrong(line, "the alias '*" + yaml.getText() + "' must be written out or quoted");
        }
        if (token == JsonToken.START_OBJECT) {
            return mapping(line, depth);
        }
        if (token == JsonToken.START_ARRAY) {
            List<YamlNode> items = new ArrayList<>();
            for (JsonToken item = yaml.nextToken(); item != JsonToken.END_ARRAY; item = yaml.nextToken()) {
                items.add(node(item, depth + 1));
            }
            return new YamlNode.Sequence(items, line);
        }
        String text = yaml.getText();
        return new YamlNode.Scalar(text == null ? "" : text, type(token), line);
    }

    private YamlNode mapping(int line, int depth) throws IOException {
        Map<String, YamlNode> fields = new LinkedHashMap<>();
        while (yaml.nextToken() == JsonToken.FIELD_NAME) {
            String key = yaml.currentName();
            int keyLine = line();
            if (fields.containsKey(key)) {
                throw wrong(keyLine, "the key '" + key + "' stands twice");
            }
            fields.put(key, node(yaml.nextToken(), depth + 1));
        }
        return new YamlNode.Mapping(fields, line);
    }

    private static YamlNode.Scalar.Type type(@Nullable JsonToken token) {
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
            return YamlNode.Scalar.Type.NUMBER;
        }
        if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
            return YamlNode.Scalar.Type.FLAG;
        }
        return token == JsonToken.VALUE_NULL ? YamlNode.Scalar.Type.NOTHING : YamlNode.Scalar.Type.TEXT;
    }

    private int line() {
        return Math.max(1, yaml.currentTokenLocation().getLineNr());
    }

    private CommandException wrong(int line, String rule) {
        return CommandException.inFile(file.toString(), line, rule, null);
    }

    /** Says what the parser found, where it can: it tells of the place where the broken part began. */
    private static CommandException notYaml(Path file, JsonProcessingException failure) {
        String rule = failure.getOriginalMessage();
        long line = failure.getLocation() == null ? 0 : failure.getLocation().getLineNr();
        if (failure.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            rule = marked.getProblem();
            line = marked.getProblemMark().getLine() + 1L;
        }
        String first = rule == null ? "" : ": " + rule.lines().findFirst().orElse("");
        return CommandException.inFile(file.toString(), line, "is no YAML" + first, failure);
    }
}
