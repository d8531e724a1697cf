package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.BudgetScope;
import io.holdfast.limit.Limit;
import io.holdfast.limit.Window;
import io.holdfast.unit.Meter;
import io.holdfast.unit.Usd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BudgetsFileTest {
    @TempDir
    Path directory;

    @Test
    void readsScopesTemplatesAndEveryPartOfALimit() {
        List<BudgetScope> scopes = read("""
                # who may spend what
                scopes:
                  - name: team-support
                    parent: acme
                    limits:
                      - {meter: cost, amount: "50.00", window: rolling(24h)}
                      - meter: tokens
                        amount: 2000000
                        window: calendar(day;Europe/Berlin)
                        models: "gpt-4o"
                        enforcement: alert-only
                        alerts: [0.5, "0.8", 1]
                  - name: acme
                templates:
                  - name: user-*
                    parent: team-support
                    limits:
                      - {meter: cost, amount: 1.5, window: session}
                      - {meter: calls, amount: 0, window: lifetime}
                      - {meter: input-tokens, amount: 9223372036854775807, window: rolling(PT1H)}
                      - {meter: output-tokens, amount: 1, window: calendar(month;UTC), enforcement: hard}
                """);
        assertThat(scopes)
                .containsExactly(
                        BudgetScope.named("acme").build(),
                        BudgetScope.named("team-support")
                                .parent("acme")
                                .limit(Limit.cost(Usd.of("50.00"), Window.rolling(Duration.ofHours(24))))
                                .limit(Limit.tokens(2_000_000, Window.parse("calendar(day;Europe/Berlin)"))
                                        .forModels("gpt-4o")
                                        .alertOnly()
                                        .alertAt(0.5, 0.8, 1.0))
                                .build(),
                        BudgetScope.template("user-*")
                                .parent("team-support")
                                .limit(Limit.cost(Usd.of("1.50"), Window.session()))
                                .limit(Limit.calls(0, Window.lifetime()))
                                .limit(Limit.of(Meter.INPUT_TOKENS, Long.MAX_VALUE, Window.parse("rolling(PT1H)")))
                                .limit(Limit.of(Meter.OUTPUT_TOKENS, 1, Window.parse("calendar(month;UTC)")))
                                .build());
    }

    @Test
    void readsStepsAndLadders() {
        List<BudgetScope> scopes = read("""
                templates:
                  - name: agent-*
                    ladders:
                      - [claude-sonnet-*, claude-haiku-4-5]
                      - [gpt-4o, gpt-4o-mini, gpt-4.1-nano]
                    limits:
                      - meter: cost
                        amount: 10
                        window: session
                        downgrade-at: 5.00
                        throttle-at: 80%
                        throttle-delay: 2s
                        final-reserve: 2.5%
                      - {meter: tokens, amount: 7, window: lifetime, downgrade-at: "50%"}
                      - {meter: calls, amount: 7, window: lifetime, throttle-at: 3, throttle-delay: 250ms}
                      - {meter: calls, amount: 20, window: rolling(5m), enforcement: loop-guard}
                """);
        assertThat(scopes)
                .containsExactly(BudgetScope.template("agent-*")
                        .ladder("claude-sonnet-*", "claude-haiku-4-5")
                        .ladder("gpt-4o", "gpt-4o-mini", "gpt-4.1-nano")
                        .limit(Limit.cost(Usd.of("10"), Window.session())
                                .downgradeAt(Usd.of("5"))
                                .throttleAt(0.8, Duration.ofSeconds(2))
                                .finalReserve(0.025))
                        .limit(Limit.tokens(7, Window.lifetime()).downgradeAt(4))
                        .limit(Limit.calls(7, Window.lifetime()).throttleAt(3, Duration.ofMillis(250)))
                        .loopGuard(20, Duration.ofMinutes(5))
                        .build());
    }

    @Test
    void registersTheSameAgainWithoutAWord() {
        String store = SharedStoreProvider.fresh();
        Path file = Run.file(directory, "budgets.yaml", """
                scopes:
                  - name: a
                    limits: [{meter: cost, amount: 5, window: session, models: gpt-4o}]
                    ladders: [[gpt-4o, gpt-4o-mini]]
                """);
        for (int i = 0; i < 2; i++) {
            Run run = Run.of("explain", "--store", store, "--budgets", file.toString(), "--scope", "a");
            assertThat(run.code()).as(run.err()).isZero();
        }
    }

    @Test
    void registersNothingWhereOneScopeContradictsTheLedger() {
        String store = SharedStoreProvider.fresh();
        Path first = Run.file(directory, "first.yaml", "scopes: [{name: b, limits: []}]\n");
        assertThat(Run.of("report", "--store", store, "--budgets", first.toString())
                        .code())
                .isZero();
        String before = SharedStoreProvider.at(store).contents();
        Path second = Run.file(directory, "second.yaml", """
                scopes:
                  - name: a
                  - name: b
                    limits: [{meter: cost, amount: 5, window: session}]
                """);
        Run run = Run.of("report", "--store", store, "--budgets", second.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("second.yaml").contains("scope 'b' is registered otherwise");
        assertThat(SharedStoreProvider.at(store).contents()).isEqualTo(before);

        Path third = Run.file(directory, "third.yaml", "scopes: [{name: 0a}, {name: b, ladders: [[x, y]]}]\n");
        Run ladder = Run.of("report", "--store", store, "--budgets", third.toString());
        assertThat(ladder.code()).isEqualTo(2);
        assertThat(SharedStoreProvider.at(store).contents()).isEqualTo(before);

        Path orphan = Run.file(directory, "orphan.yaml", "scopes: [{name: c}, {name: d, parent: nobody}]\n");
        Run lost = Run.of("report", "--store", store, "--budgets", orphan.toString());
        assertThat(lost.code()).isEqualTo(2);
        assertThat(lost.err()).contains("parent scope 'nobody'");
        assertThat(SharedStoreProvider.at(store).contents()).isEqualTo(before);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bad")
    void refusesWithFileLineValueAndRule(String what, String yaml, int line, List<String> said) {
        Path file = Run.file(directory, "bad.yaml", yaml);
        assertThatThrownBy(() -> BudgetsFile.read(file))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith(file + (line > 0 ? ":" + line : "") + ": ")
                .hasMessageContainingAll(said.toArray(String[]::new))
                .extracting(failure -> ((CommandException) failure).exitCode())
                .isEqualTo(ExitCodes.BAD_INPUT);
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                bad("an empty file", "", 1, "is empty"),
                bad("no keys", "{}\n", 1, "must have 'scopes' or 'templates'"),
                bad("a list instead", "- name: a\n", 1, "the file must have keys", "a list"),
                bad("a word instead", "scopes\n", 1, "the file must have keys", "'scopes'"),
                bad("unknown key", "scope: []\n", 1, "unknown key 'scope'", "scopes, templates"),
                bad("unknown key of a scope", "scopes:\n  - name: a\n    limit: []\n", 3, "unknown key 'limit'"),
                bad("unknown key of a limit", limit("{meter: cost, amount: 1, window: session, max: 2}"), 4, "'max'"),
                bad("a step above its limit", limit(step("downgrade-at: 1.01")), 4, "downgrade-at '1.01'", "at most"),
                bad(
                        "a loop guard on cost",
                        limit("{meter: cost, amount: 1, window: rolling(5m), enforcement: loop-guard}"),
                        4,
                        "must count calls in a rolling window"),
                bad("a step of zero", limit(step("downgrade-at: 0")), 4, "downgrade-at '0'", "above 0"),
                bad("a negative step", limit(step("downgrade-at: -1")), 4, "-1"),
                bad("more than all", limit(step("final-reserve: 100.1%")), 4, "100.1%", "at most"),
                bad("no number", limit(step("downgrade-at: half")), 4, "half"),
                bad("a step without delay", limit(step("throttle-at: 50%")), 4, "must stand together"),
                bad("a delay without step", limit(step("throttle-delay: 2s")), 4, "must stand together"),
                bad("no time", limit(step("throttle-at: 50%, throttle-delay: soon")), 4, "soon", "such as 500ms"),
                bad("too long", limit(step("throttle-at: 50%, throttle-delay: 25h")), 4, "24 hours"),
                bad("no delay", limit(step("throttle-at: 50%, throttle-delay: 0s")), 4, "1 ms"),
                bad("ladder no list", "scopes:\n  - name: a\n    ladders: [x]\n", 3, "must be a list", "'x'"),
                bad("ladder of one", "scopes:\n  - name: a\n    ladders:\n      - [x]\n", 4, "ladder", "2 to 16"),
                bad("ladder of numbers", "scopes:\n  - name: a\n    ladders: [[1, 2]]\n", 3, "must be text"),
                bad("scopes no list", "scopes: {name: a}\n", 1, "'scopes' must be a list", "keys with values"),
                bad("key twice", "scopes:\n  - name: a\n    name: b\n", 3, "the key 'name' stands twice"),
                bad("scopes twice", "scopes: []\nscopes: []\n", 2, "the key 'scopes' stands twice"),
                bad("name missing", "scopes:\n  - limits: []\n", 2, "'name' is missing"),
                bad("name a number", "scopes:\n  - name: 7\n", 2, "'name' must be text", "a number ('7')"),
                bad("name a flag", "scopes:\n  - name: true\n", 2, "'name' must be text", "true or false ('true')"),
                bad("name nothing", "scopes:\n  - name:\n", 2, "'name' must be text", "nothing"),
                bad("name empty", "scopes:\n  - name: \"\"\n", 2, "must"),
                bad("name a pattern", "scopes:\n  - name: a-*\n", 2, "scope 'a-*'", "star"),
                bad("template a name", "templates:\n  - name: a\n", 2, "template 'a'", "must end in a star"),
                bad("control character", "scopes:\n  - name: \"a\\u0007\"\n", 2, "'a\\u0007'", "control"),
                bad("name of 8 KiB", "scopes:\n  - name: " + "x".repeat(8192) + "\n", 2, "256 characters"),
                bad("own parent", "scopes:\n  - name: a\n    parent: a\n", 2, "'a'", "cycle"),
                bad(
                        "a cycle",
                        "scopes:\n  - {name: a, parent: b}\n  - {name: b, parent: c}\n  - {name: c, parent: a}\n",
                        2,
                        "scope 'a'",
                        "cycle"),
                bad("scope twice", "scopes:\n  - name: a\n  - name: a\n", 3, "scope 'a' stands twice", "line 2"),
                bad("meter unknown", limit("{meter: money, amount: 1, window: session}"), 4, "meter 'money'", "cost"),
                bad("meter missing", limit("{amount: 1, window: session}"), 4, "'meter' is missing"),
                bad("amount missing", limit("{meter: cost, window: session}"), 4, "'amount' is missing"),
                bad(
                        "amount nothing",
                        limit("{meter: cost, amount: , window: session}"),
                        4,
                        "'amount' must be a number"),
                bad("amount a list", limit("{meter: cost, amount: [1], window: session}"), 4, "not a list"),
                bad("amount a flag", limit("{meter: cost, amount: true, window: session}"), 4, "'true'"),
                bad("amount negative", cost("-1"), 4, "amount '-1'", "plain decimal"),
                bad("amount NaN", cost(".nan"), 4, "amount '.nan'", "plain decimal"),
                bad("amount the word NaN", cost("NaN"), 4, "amount 'NaN'", "plain decimal"),
                bad("amount infinite", cost(".inf"), 4, "amount '.inf'", "plain decimal"),
                bad("amount 1e400", cost("1e400"), 4, "amount '1e400'", "plain decimal"),
                bad("amount with comma", cost("\"1,5\""), 4, "amount '1,5'", "plain decimal"),
                bad("amount in hex", cost("0x10"), 4, "amount '0x10'", "plain decimal"),
                bad("amount in octal", cost("010"), 4, "'010'", "must not begin with a zero"),
                bad("amount grouped", cost("1_000"), 4, "amount '1_000'", "plain decimal"),
                bad("amount with unit", cost("\"$5\""), 4, "amount '$5'", "plain decimal"),
                bad("amount of 10,000 digits", cost("9".repeat(10_000)), 4, "characters)", "plain decimal"),
                bad("amount too large", cost("9223372037"), 4, "9223372037", "at most"),
                bad("amount too fine", cost("0.0000000001"), 4, "nine decimals"),
                bad("tokens of 2^63", tokens("9223372036854775808"), 4, "'9223372036854775808'", "whole number"),
                bad("tokens with a point", tokens("1.5"), 4, "'1.5'", "whole number"),
                bad("tokens negative", tokens("-1"), 4, "'-1'", "whole number"),
                bad("window unknown", limit("{meter: cost, amount: 1, window: daily}"), 4, "window 'daily'"),
                bad("window zone", limit("{meter: cost, amount: 1, window: calendar(day;Mars)}"), 4, "time zone"),
                bad("window too long", limit("{meter: cost, amount: 1, window: rolling(9999d)}"), 4, "366 days"),
                bad(
                        "enforcement unknown",
                        limit("{meter: cost, amount: 1, window: session, enforcement: soft}"),
                        4,
                        "enforcement 'soft'",
                        "hard, alert-only or loop-guard"),
                bad("alert too high", alert("11"), 4, "at most 10"),
                bad("alert zero", alert("0"), 4, "above 0"),
                bad("alert negative", alert("-0.5"), 4, "'-0.5'"),
                bad("alert too fine", alert("0.0000001"), 4, "six decimals"),
                bad("alert a word", alert("half"), 4, "'half'"),
                bad("models empty", limit("{meter: cost, amount: 1, window: session, models: \"\"}"), 4, "must"),
                bad(
                        "limit twice",
                        limit(
                                "{meter: cost, amount: 1, window: session}\n      - {meter: cost, amount: 2, window: session}"),
                        2,
                        "cost/session",
                        "only once"),
                bad("alias", "scopes: &a []\ntemplates: *a\n", 2, "the alias '*a'"),
                bad("bare star", "templates:\n  - name: *\n", 2, "is no YAML"),
                bad("tab", "scopes:\n\t- name: a\n", 2, "is no YAML"),
                bad("second document", "scopes: []\n---\nscopes: []\n", 3, "second document"),
                bad("too deep", "scopes: " + "[".repeat(100) + "]".repeat(100) + "\n", 1, "nested deeper"));
    }

    private static Arguments bad(String what, String yaml, int line, String... said) {
        return Arguments.of(what, yaml, line, List.of(said));
    }

    /** Puts a limit on line 4. */
    private static String step(String step) {
        return "{meter: cost, amount: 1, window: session, " + step + "}";
    }

    private static String limit(String limit) {
        return "scopes:\n  - name: a\n    limits:\n      - " + limit + "\n";
    }

    private static String cost(String amount) {
        return limit("{meter: cost, amount: " + amount + ", window: session}");
    }

    private static String tokens(String amount) {
        return limit("{meter: tokens, amount: " + amount + ", window: session}");
    }

    private static String alert(String alert) {
        return limit("{meter: cost, amount: 1, window: session, alerts: [" + alert + "]}");
    }

    private List<BudgetScope> read(String yaml) {
        return BudgetsFile.read(Run.file(directory, "budgets.yaml", yaml));
    }
}
