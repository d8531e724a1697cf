package io.holdfast.pricing;

import java.time.YearMonth;
import java.util.List;
import java.util.Map;

/**
 * How a model name is taken apart. Names are compared exactly, in lower case; what is removed here is decoration that is
 * known not to change the price. Nothing is ever matched by prefix, substring or similarity.
 */
final class NameRules {
    static final String FREE = ":free";

    /** The providers a plain name is looked up at, the first that knows it wins. */
    static final List<String> PROVIDERS = List.of(
            "openai",
            "anthropic",
            "google",
            "mistral",
            "cohere",
            "deepseek",
            "xai",
            "bedrock",
            "vertex",
            "azure",
            "groq",
            "together");

    /** What a first path part says about the provider; a list is tried in order. */
    private static final Map<String, List<String>> PATH_PARTS = Map.ofEntries(
            Map.entry("openai", List.of("openai")),
            Map.entry("anthropic", List.of("anthropic")),
            Map.entry("google", List.of("google")),
            Map.entry("gemini", List.of("google")),
            Map.entry("vertex_ai", List.of("vertex", "google", "anthropic")),
            Map.entry("mistral", List.of("mistral")),
            Map.entry("mistralai", List.of("mistral")),
            Map.entry("cohere", List.of("cohere")),
            Map.entry("cohere_chat", List.of("cohere")),
            Map.entry("deepseek", List.of("deepseek")),
            Map.entry("xai", List.of("xai")),
            Map.entry("x-ai", List.of("xai")),
            Map.entry("groq", List.of("groq")),
            Map.entry("together_ai", List.of("together")),
            Map.entry("bedrock", List.of("bedrock")),
            Map.entry("azure", List.of("azure")));

    private static final List<String> WORDS_FOR_NEWEST = List.of("@default", "@latest", "-latest");

    private NameRules() {}

    /** Removes a trailing {@code [1m]} and a leading {@code models/} or {@code openrouter/}, however often they stand. */
    static String withoutDecoration(String name) {
        String bare = name;
        while (true) {
            if (bare.endsWith("[1m]")) {
                bare = bare.substring(0, bare.length() - "[1m]".length());
            } else if (bare.startsWith("models/")) {
                bare = bare.substring("models/".length());
            } else if (bare.startsWith("openrouter/")) {
                bare = bare.substring("openrouter/".length());
            } else {
                return bare;
            }
        }
    }

    /**
     * Tells whether the name asks for a free variant. The tail of a fine-tuned model is chosen by its owner, so it never
     * makes the model free.
     */
    static boolean asksForFree(String name) {
        return name.endsWith(FREE) && !isFineTuned(name);
    }

    static List<String> providersOfPathPart(String part) {
        return PATH_PARTS.getOrDefault(part, List.of());
    }

    /** Spells a version of Claude with dashes: {@code claude-sonnet-4.5} is {@code claude-sonnet-4-5}. */
    static String withDashedVersion(String name) {
        if (!name.startsWith("claude")) {
            return name;
        }
        StringBuilder dashed = new StringBuilder(name);
        for (int i = 1; i < name.length() - 1; i++) {
            if (name.charAt(i) == '.' && isDigit(name.charAt(i - 1)) && isDigit(name.charAt(i + 1))) {
                dashed.setCharAt(i, '-');
            }
        }
        return dashed.toString();
    }

    /** Removes one date, or else one word for "the newest", from the end. */
    static String withoutSnapshot(String name) {
        String undated = withoutDate(name);
        return undated.equals(name) ? withoutWordForNewest(name) : undated;
    }

    static boolean isFineTuned(String name) {
        return name.startsWith("ft:") || name.contains("/ft:") || name.contains(":ft:");
    }

    /** The row of a fine-tuned model: {@code ft:<base>} of {@code ft:<base>[-date]:…}, its date removed. */
    static String fineTunedBase(String name) {
        int end = name.indexOf(':', "ft:".length());
        return end < 0 ? name : withoutDate(name.substring(0, end));
    }

    /** Removes {@code -YYYY-MM-DD}, {@code -YYYYMMDD} or {@code @YYYYMMDD} from the end, if it is a day of the calendar. */
    private static String withoutDate(String name) {
        int end = name.length();
        if (end > 11 && name.charAt(end - 11) == '-' && name.charAt(end - 6) == '-' && name.charAt(end - 3) == '-') {
            String digits =
                    name.substring(end - 10, end - 6) + name.substring(end - 5, end - 3) + name.substring(end - 2);
            return isDate(digits) ? name.substring(0, end - 11) : name;
        }
        if (end > 9 && (name.charAt(end - 9) == '-' || name.charAt(end - 9) == '@')) {
            return isDate(name.substring(end - 8)) ? name.substring(0, end - 9) : name;
        }
        return name;
    }

    private static String withoutWordForNewest(String name) {
        for (String word : WORDS_FOR_NEWEST) {
            if (name.endsWith(word)) {
                return name.substring(0, name.length() - word.length());
            }
        }
        return name.startsWith("gemini-") && name.endsWith("-001")
                ? name.substring(0, name.length() - "-001".length())
                : name;
    }

    private static boolean isDate(String yyyymmdd) {
        for (int i = 0; i < yyyymmdd.length(); i++) {
            if (!isDigit(yyyymmdd.charAt(i))) {
                return false;
            }
        }
        int month = Integer.parseInt(yyyymmdd.substring(4, 6));
        int day = Integer.parseInt(yyyymmdd.substring(6));
        return month >= 1
                && month <= 12
                && day >= 1
                && day
                        <= YearMonth.of(Integer.parseInt(yyyymmdd.substring(0, 4)), month)
                                .lengthOfMonth();
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
