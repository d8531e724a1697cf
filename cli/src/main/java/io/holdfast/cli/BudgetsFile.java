package io.holdfast.cli;

import io.holdfast.BudgetScope;
import io.holdfast.error.InvalidInputException;
import io.holdfast.limit.Enforcement;
import io.holdfast.limit.Limit;
import io.holdfast.limit.ModelPattern;
import io.holdfast.limit.Steps;
import io.holdfast.limit.Window;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads scopes, templates and their limits from a YAML file. The file is good as a whole or refused as a whole; every
 * message names the line, the value and the rule.
 */
final class BudgetsFile {
    private static final Pattern DIGITS = Pattern.compile("0|[1-9][0-9]{0,18}");
    private static final Pattern LEADING_ZERO = Pattern.compile("0[0-9].*");
    private static final Pattern FRACTION = Pattern.compile("[0-9]{1,2}(\\.[0-9]{1,6})?");
    private static final Set<String> FILE_KEYS = Set.of("scopes", "templates");
    private static final Set<String> SCOPE_KEYS = Set.of("name", "parent", "limits", "ladders");
    private static final Set<String> LIMIT_KEYS = Set.of(
            "meter",
            "amount",
            "window",
            "models",
            "enforcement",
            "alerts",
            "downgrade-at",
            "throttle-at",
            "throttle-delay",
            "final-reserve");
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}(\\.[0-9]{1,4})?)%");
    private static final Pattern DELAY = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    private final Path file;
    private final Map<String, BudgetScope> scopes = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new HashMap<>();

    private BudgetsFile(Path file) {
        this.file = file;
    }

    /** Returns the scopes and templates of a file, parents before their children. */
    static List<BudgetScope> read(Path file) {
        return new BudgetsFile(file).read();
    }

    private List<BudgetScope> read() {
        YamlNode.Mapping root = mapping("the file", YamlReader.read(file), FILE_KEYS);
        if (root.fields().isEmpty()) {
            throw wrong(root, "must have 'scopes' or 'templates'");
        }
        scopes("scopes", root.fields().get("scopes"), false);
        scopes("templates", root.fields().get("templates"), true);
        return parentsFirst();
    }

    private void scopes(String key, @Nullable YamlNode list, boolean templates) {
        for (YamlNode item : items(key, list)) {
            YamlNode.Mapping fields = mapping("each of '" + key + "'", item, SCOPE_KEYS);
            BudgetScope scope = scope(fields, templates);
            if (scopes.putIfAbsent(scope.name(), scope) != null) {
                throw wrong(
                        fields, "scope '" + scope.name() + "' stands twice, first on line " + lines.get(scope.name()));
            }
            lines.put(scope.name(), fields.line());
        }
    }

    private BudgetScope scope(YamlNode.Mapping fields, boolean template) {
        String name = text(fields, "name");
        YamlNode parent = fields.fields().get("parent");
        List<Limit> limits = new ArrayList<>();
        for (YamlNode limit : items("limits", fields.fields().get("limits"))) {
            limits.add(limit(mapping("each of 'limits'", limit, LIMIT_KEYS)));
        }
        List<YamlNode> ladders = items("ladders", fields.fields().get("ladders"));
        return placed(fields, () -> {
            BudgetScope.Builder scope = template ? BudgetScope.template(name) : BudgetScope.named(name);
            if (parent != null) {
                scope.parent(text("parent", parent));
            }
            limits.forEach(scope::limit);
            ladders.forEach(ladder -> placed(ladder, () -> scope.ladder(models(ladder))));
            return scope.build();
        });
    }

    private String[] models(YamlNode ladder) {
        return items("each of 'ladders'", ladder).stream()
                .map(model -> text("each model of a ladder", model))
                .toArray(String[]::new);
    }

    private Limit limit(YamlNode.Mapping fields) {
        Meter meter = placed(field(fields, "meter"), () -> meter(text(fields, "meter")));
        YamlNode amount = field(fields, "amount");
        long units = placed(amount, () -> amount(meter, amount));
        Window window = placed(field(fields, "window"), () -> Window.parse(text(fields, "window")));
        YamlNode models = fields.fields().get("models");
        ModelPattern pattern =
                models == null ? ModelPattern.ANY : placed(models, () -> ModelPattern.of(text("models", models)));
        YamlNode enforcement = fields.fields().get("enforcement");
        Enforcement hardness = enforcement == null
                ? Enforcement.HARD
                : placed(enforcement, () -> enforcement(text("enforcement", enforcement)));
        List<Integer> alerts = new ArrayList<>();
        for (YamlNode alert : items("alerts", fields.fields().get("alerts"))) {
            alerts.add(placed(alert, () -> alert(alert)));
        }
        Limit plain = placed(fields, () -> new Limit(meter, window, pattern, units, hardness, alerts));
        return placed(fields, () -> withSteps(plain, fields));
    }

    private Limit withSteps(Limit plain, YamlNode.Mapping fields) {
        YamlNode downgrade = fields.fields().get("downgrade-at");
        YamlNode throttle = fields.fields().get("throttle-at");
        YamlNode delay = fields.fields().get("throttle-delay");
        YamlNode reserve = fields.fields().get("final-reserve");
        if ((throttle == null) != (delay == null)) {
            throw wrong(fields, "'throttle-at' and 'throttle-delay' must stand together");
        }
        Steps steps = new Steps(
                step("downgrade-at", plain, downgrade),
                step("throttle-at", plain, throttle),
                delay == null ? 0 : placed(delay, () -> delay(delay)).toMillis(),
                step("final-reserve", plain, reserve));
        return new Limit(
                plain.meter(),
                plain.window(),
                plain.models(),
                plain.amount(),
                plain.enforcement(),
                plain.alerts(),
                steps);
    }

    /** Returns the amount of a step: as it stands, or a percentage of the limit rounded up. */
    private long step(String key, Limit limit, @Nullable YamlNode node) {
        return node == null
                ? 0
                : placed(node, () -> {
                    String text = number(key, node);
                    Matcher percent = PERCENT.matcher(text);
                    BigDecimal amount = percent.matches()
                            ? BigDecimal.valueOf(limit.amount())
                                    .multiply(new BigDecimal(percent.group(1)).movePointLeft(2))
                                    .setScale(0, RoundingMode.CEILING)
                            : BigDecimal.valueOf(amount(limit.meter(), node));
                    if (amount.signum() == 0) {
                        throw new InvalidInputException(key, text, "must be above 0");
                    }
                    if (amount.compareTo(BigDecimal.valueOf(limit.amount())) > 0) {
                        throw new InvalidInputException(
                                key, text, "must be at most the limit of " + limit.format(limit.amount()));
                    }
                    return amount.longValueExact();
                });
    }

    private Duration delay(YamlNode node) {
        String text = text("throttle-delay", node);
        Matcher brief = DELAY.matcher(text);
        if (!brief.matches()) {
            throw new InvalidInputException("throttle-delay", text, "must be a time such as 500ms, 2s or 1m");
        }
        long count = Long.parseLong(brief.group(1));
        return switch (brief.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
        };
    }

    private static Meter meter(String text) {
        for (Meter meter : Meter.values()) {
            if (word(meter).equals(text)) {
                return meter;
            }
        }
        throw new InvalidInputException("meter", text, "must be cost, tokens, input-tokens, output-tokens or calls");
    }

    private static Enforcement enforcement(String text) {
        for (Enforcement enforcement : Enforcement.values()) {
            if (word(enforcement).equals(text)) {
                return enforcement;
            }
        }
        throw new InvalidInputException("enforcement", text, "must be hard, alert-only or loop-guard");
    }

    private long amount(Meter meter, YamlNode node) {
        String text = number("amount", node);
        if (meter == Meter.COST) {
            return Usd.of(text).nanos();
        }
        try {
            if (DIGITS.matcher(text).matches()) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException tooLarge) {
            // told below
        }
        throw new InvalidInputException("amount", text, "must be a whole number from 0 to " + Long.MAX_VALUE);
    }

    private int alert(YamlNode node) {
        String text = number("alerts", node);
        if (!FRACTION.matcher(text).matches()) {
            throw new InvalidInputException(
                    "alert",
                    text,
                    "must be a plain decimal fraction above 0 and at most 10, with at most six decimals");
        }
        return new BigDecimal(text).movePointRight(6).intValueExact();
    }

    /** Returns a number as it is written, so that none goes through floating point. */
    private String number(String key, YamlNode node) {
        if (!(node instanceof YamlNode.Scalar scalar)
                || (scalar.type() != YamlNode.Scalar.Type.TEXT && scalar.type() != YamlNode.Scalar.Type.NUMBER)) {
            throw wrong(node, "'" + key + "' must be a number, not " + shown(node));
        }
        if (LEADING_ZERO.matcher(scalar.text()).matches()) {
            throw new InvalidInputException(
                    key, scalar.text(), "must not begin with a zero, which means octal in YAML");
        }
        return scalar.text();
    }

    private String text(YamlNode.Mapping fields, String key) {
        return text(key, field(fields, key));
    }

    private String text(String key, YamlNode node) {
        if (node instanceof YamlNode.Scalar scalar && scalar.type() == YamlNode.Scalar.Type.TEXT) {
            return scalar.text();
        }
        throw wrong(node, "'" + key + "' must be text, not " + shown(node));
    }

    private YamlNode field(YamlNode.Mapping fields, String key) {
        YamlNode node = fields.fields().get(key);
        if (node == null) {
            throw wrong(fields, "'" + key + "' is missing");
        }
        return node;
    }

    private List<YamlNode> items(String key, @Nullable YamlNode node) {
        if (node == null) {
            return List.of();
        }
        if (node instanceof YamlNode.Sequence list) {
            return list.items();
        }
        throw wrong(node, "'" + key + "' must be a list, not " + shown(node));
    }

    private YamlNode.Mapping mapping(String what, YamlNode node, Set<String> allowed) {
        if (!(node instanceof YamlNode.Mapping fields)) {
            throw wrong(node, what + " must have keys with values, not " + shown(node));
        }
        fields.fields().forEach((key, value) -> {
            if (!allowed.contains(key)) {
                throw wrong(
                        value,
                        "unknown key '" + key + "'; " + what + " may have "
                                + String.join(", ", allowed.stream().sorted().toList()));
            }
        });
        return fields;
    }

    private List<BudgetScope> parentsFirst() {
        Map<String, BudgetScope> ordered = new LinkedHashMap<>();
        for (BudgetScope scope : scopes.values()) {
            List<BudgetScope> path = new ArrayList<>();
            BudgetScope at = scope;
            while (at != null && !ordered.containsKey(at.name())) {
                if (path.contains(at)) {
                    throw CommandException.inFile(
                            file.toString(),
                            lines.getOrDefault(at.name(), 0),
                            "scope '" + at.name() + "' must not be its own ancestor (a cycle)",
                            null);
                }
                path.add(0, at);
                at = at.parent().map(scopes::get).orElse(null);
            }
            path.forEach(each -> ordered.put(each.name(), each));
        }
        return List.copyOf(ordered.values());
    }

    /** Adds file and line to what is said about a value. */
    private <T> T placed(YamlNode node, Supplier<T> step) {
        try {
            return step.get();
        } catch (InvalidInputException wrong) {
            throw CommandException.inFile(file.toString(), node.line(), String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private CommandException wrong(YamlNode node, String rule) {
        return CommandException.inFile(file.toString(), node.line(), rule, null);
    }

    private static String shown(YamlNode node) {
        return node instanceof YamlNode.Scalar scalar && scalar.type() != YamlNode.Scalar.Type.NOTHING
                ? node.kind() + " ('" + scalar.text() + "')"
                : node.kind();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
