package io.holdfast.cli;

/** Makes foreign text safe to show. */
final class Text {
    private static final int LONGEST_MESSAGE = 2_000;

    private Text() {}

    /** Returns one line without control characters, cut where it is absurdly long. */
    static String oneLine(String message) {
        StringBuilder safe = new StringBuilder();
        int shown = Math.min(message.length(), LONGEST_MESSAGE);
        for (int i = 0; i < shown; i++) {
            char c = message.charAt(i);
            if (c == '\n' || c == '\r') {
                safe.append(safe.isEmpty() || safe.charAt(safe.length() - 1) == ' ' ? "" : " ");
            } else if (Character.isISOControl(c)) {
                safe.append(String.format("\\u%04x", (int) c));
            } else {
                safe.append(c);
            }
        }
        if (shown < message.length()) {
            safe.append("… (").append(message.length()).append(" characters)");
        }
        return safe.toString().strip();
    }
}
