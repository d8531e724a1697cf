package io.holdfast.cli;

import java.util.List;
import java.util.Map;

/** A part of a YAML file, and the line it begins on. */
sealed interface YamlNode {
    /** Returns the line, from 1. */
    int line();

    /** Says what it is, for messages. */
    String kind();

    /**
     * Anything that is written as one word or text.
     *
     * @param text as it is written, without quotes
     * @param type what YAML takes it for
     * @param line where it begins
     */
    record Scalar(String text, Type type, int line) implements YamlNode {
        /** What YAML takes a scalar for. */
        enum Type {
            TEXT,
            NUMBER,
            FLAG,
            NOTHING
        }

        @Override
        public String kind() {
            return switch (type) {
                case TEXT -> "text";
                case NUMBER -> "a number";
                case FLAG -> "true or false";
                case NOTHING -> "nothing";
            };
        }
    }

    /**
     * A list.
     *
     * @param items its items
     * @param line where it begins
     */
    record Sequence(List<YamlNode> items, int line) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /**
     * Keys with values.
     *
     * @param fields in the order of the file
     * @param line where it begins
     */
    record Mapping(Map<String, YamlNode> fields, int line) implements YamlNode {
        @Override
        public String kind() {
            return "keys with values";
        }
    }
}
