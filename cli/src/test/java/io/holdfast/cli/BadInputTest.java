package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.BudgetManager;
import io.holdfast.BudgetScope;
import io.holdfast.Call;
import io.holdfast.unit.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user can get wrong: each ends with its exit code and one line that names value and rule, and nothing changes. */
class BadInputTest {
    private static final String DIGITS = "9".repeat(10_000);
    private static final String LONG_NAME = "n".repeat(8_192);

    @TempDir
    Path directory;

    private final String store = SharedStoreProvider.fresh();

    @BeforeEach
    void fill() throws IOException {
        try (BudgetManager budgets =
                BudgetManager.builder().store(SharedStoreProvider.at(store)).build()) {
            budgets.register(BudgetScope.named("a").maxCostPerSession("5.00").build());
            budgets.budget("a").record(Call.of("s", "gpt-4o").id("one"), Usage.of(1_000, 100));
        }
        Traces.of(directory, 3);
        trace("header.csv", "time,in,out\n1,2,3\n");
        trace("empty.csv", "");
        trace("negative.csv", TraceReader.HEADER + "\nt,1,2\nt,-5,2\n");
        trace("word.csv", TraceReader.HEADER + "\nt,1,2\nt,2,3\nt,1,many\n");
        trace("point.csv", TraceReader.HEADER + "\nt,1.5,2\n");
        trace("huge.csv", TraceReader.HEADER + "\nt,1,1000000000001\n");
        trace("fields.csv", TraceReader.HEADER + "\nt,1\n");
        trace("long.csv", TraceReader.HEADER + "\nt," + DIGITS + ",1\n");
        trace("nan.csv", TraceReader.HEADER + "\nt,NaN,1\n");
        Files.write(directory.resolve("binary.csv"), new byte[] {0, (byte) 0xff, 10, 7});
        trace("prices.csv", "provider,model,input_usd_per_mtok,output_usd_per_mtok\nacme,rocket,-1,2\n");
        trace("a-file", "I am a file\n");
        trace(
                "bad.yaml",
                "scopes:\n  - name: b\n  - name: c\n    limits: [{meter: cost, amount: -1, window: session}]\n");
        Files.createDirectory(directory.resolve("a-directory"));
        Files.write(
                directory.resolve("latin.yaml"), "scopes: [{name: caf\u00e9}]\n".getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void saysWhatIsWrongAndChangesNothing(String what, int code, List<String> args, List<String> said)
            throws IOException {
        String before = SharedStoreProvider.at(store).contents();
        Map<String, Long> files = files();
        Run run = Run.of(args.stream().map(this::placed).toArray(String[]::new));
        assertThat(run.code()).as(run.err()).isEqualTo(code);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .hasLineCount(1)
                .startsWith("holdfast")
                .contains(said.stream().map(this::placed).toList());
        assertThat(run.err().length()).isLessThan(2_200);
        assertThat(run.err().strip().chars()).noneMatch(Character::isISOControl);
        assertThat(SharedStoreProvider.at(store).contents()).isEqualTo(before);
        assertThat(files()).isEqualTo(files);
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                // the program
                bad("no such command", 2, "fly", "Unmatched argument", "'fly'"),
                bad("no such option", 2, "price --model gpt-4o --colour", "--colour"),
                bad("an option without its value", 2, "price --model", "--model"),
                bad("an option twice", 2, "price --model gpt-4o --model gpt-4o", "--model", "only once"),
                bad("a missing option", 2, "report", "--store"),
                bad("an option but no command", 2, "--verbose=false", "a command must be given"),
                bad("a format that is none", 2, "price --model gpt-4o --format xml", "--format", "'xml'", "JSON"),

                // price
                bad("tokens negative", 2, "price --model gpt-4o --input -1", "--input '-1'", "whole number"),
                bad("tokens NaN", 2, "price --model gpt-4o --input NaN", "--input 'NaN'", "whole number"),
                bad("tokens 1e400", 2, "price --model gpt-4o --output 1e400", "--output '1e400'", "whole number"),
                bad("tokens with a comma", 2, "price --model gpt-4o --input 1,5", "--input '1,5'", "whole number"),
                bad("tokens in hex", 2, "price --model gpt-4o --input 0x10", "--input '0x10'", "whole number"),
                bad("tokens of 10,000 digits", 2, "price --model gpt-4o --input " + DIGITS, "(10000 characters)"),
                bad("tokens above the most", 2, "price --model gpt-4o --input 1000000000001", "1000000000000"),
                bad("tokens empty", 2, "price --model gpt-4o --input <empty>", "--input ''", "whole number"),
                bad("tokens in other digits", 2, "price --model gpt-4o --input ١٢", "whole number"),
                bad("a model with an empty name", 2, "price --model <empty>", "model name ''", "must not be empty"),
                bad("a model with a bell in its name", 2, "price --model gpt\u0007", "gpt\\u0007", "control"),
                bad("a model with a long name", 2, "price --model " + LONG_NAME, "256 characters"),
                bad("an unknown model", 3, "price --model gpt-4oo", "'gpt-4oo'", "did you mean gpt-4o"),
                bad("a date that is none", 2, "price --model gpt-4o --at 2026-02-30", "--at '2026-02-30'", "date"),
                bad("a date in words", 2, "price --model gpt-4o --at tomorrow", "--at 'tomorrow'", "date"),
                bad("a multiplier of zero", 2, "price --model gpt-4o --multiplier 0", "multiplier", "above 0"),
                bad("a multiplier below zero", 2, "price --model gpt-4o --multiplier -1", "multiplier '-1'", "decimal"),
                bad("a tier that is none", 2, "price --model gpt-4o --service-tier gold", "'gold'"),
                bad("two tiers", 2, "price --model gpt-4o --batch --service-tier flex", "--batch", "exclude"),
                bad("a price below zero", 2, "price --model rocket --prices <dir>/prices.csv", "prices.csv:2", "-1"),
                bad("prices that are missing", 2, "price --model rocket --prices <dir>/none.csv", "none.csv"),
                bad("prices that are a directory", 2, "price --model x --prices <dir>/a-directory", "a-directory"),
                bad("prices without a name", 2, "price --model x --prices <empty>", "--prices ''", "not be empty"),

                // replay
                bad("a missing trace", 2, "replay --trace <dir>/none.csv <store>", "none.csv", "no such trace"),
                bad("a trace that is a directory", 2, "replay --trace <dir>/a-directory <store>", "is a directory"),
                bad("an empty trace", 2, "replay --trace <dir>/empty.csv <store>", "empty.csv:1", "header ''"),
                bad("another header", 2, "replay --trace <dir>/header.csv <store>", "header.csv:1", "time,in,out"),
                bad("negative tokens", 2, "replay --trace <dir>/negative.csv <store>", "negative.csv:3", "'-5'"),
                bad("tokens in words", 2, "replay --trace <dir>/word.csv <store>", "word.csv:4", "'many'", "whole"),
                bad("half a token", 2, "replay --trace <dir>/point.csv <store>", "point.csv:2", "'1.5'"),
                bad("too many tokens", 2, "replay --trace <dir>/huge.csv <store>", "huge.csv:2", "1000000000001"),
                bad("a row with two fields", 2, "replay --trace <dir>/fields.csv <store>", "fields.csv:2", "3 fields"),
                bad("a line without end", 2, "replay --trace <dir>/long.csv <store>", "long.csv:2", "1000 characters"),
                bad("tokens that are NaN", 2, "replay --trace <dir>/nan.csv <store>", "nan.csv:2", "'NaN'"),
                bad("a trace that is no text", 2, "replay --trace <dir>/binary.csv <store>", "binary.csv:1", "\\u0000"),
                bad("no tenants", 2, replay("--tenants 0"), "--tenants '0'", "from 1 to"),
                bad("too many tenants", 2, replay("--tenants 100001"), "--tenants '100001'", "100000"),
                bad("no threads", 2, replay("--threads 0"), "--threads '0'", "from 1 to 1024"),
                bad("threads in words", 2, replay("--threads many"), "--threads 'many'"),
                bad("no rows", 2, replay("--limit-rows 0"), "--limit-rows '0'"),
                bad("repeated never", 2, replay("--repeat 0"), "--repeat '0'"),
                bad("a cap below zero", 2, replay("--cap-per-day -1"), "--cap-per-day '-1'", "plain decimal"),
                bad("a cap that is NaN", 2, replay("--cap-per-day NaN"), "--cap-per-day 'NaN'", "plain decimal"),
                bad("a cap without end", 2, replay("--cap-per-day Infinity"), "'Infinity'", "plain decimal"),
                bad("a cap of 1e400", 2, replay("--cap-per-day 1e400"), "'1e400'", "plain decimal"),
                bad("a cap with a comma", 2, replay("--cap-per-day 1,5"), "'1,5'", "plain decimal"),
                bad("a cap of 10,000 digits", 2, replay("--cap-per-day " + DIGITS), "(10000 characters)"),
                bad("a cap above the most", 2, replay("--cap-per-day 9223372037"), "9223372037", "at most"),
                bad("a cap finer than a nano", 2, replay("--cap-per-day 0.0000000001"), "nine decimals"),
                bad("an unknown model", 3, replay("--models gpt-4o,nobody-1"), "'nobody-1'", "has no price"),
                bad("an empty model", 2, replay("--models gpt-4o,"), "must not be empty"),
                bad("a hold that is none", 2, replay("--hold most"), "--hold", "'most'"),
                bad("a log that is a directory", 2, replay("--ack-log <dir>/a-directory"), "--ack-log", "a-directory"),
                bad("bad budgets", 2, replay("--budgets <dir>/bad.yaml"), "bad.yaml:4", "'-1'", "plain decimal"),
                bad("budgets that are missing", 2, replay("--budgets <dir>/none.yaml"), "none.yaml", "no such file"),
                bad("budgets that are a directory", 2, replay("--budgets <dir>/a-directory"), "is a directory"),
                bad("budgets not in UTF-8", 2, replay("--budgets <dir>/latin.yaml"), "latin.yaml", "UTF-8"),

                // a ledger
                bad("a store of no known kind", 2, "report --store tape:x", "store 'tape:x'", "must begin with"),
                bad("a store without a kind", 2, "verify --store ledger", "store 'ledger'", "must begin with"),
                bad("an empty store", 2, "entries --store <empty>", "store ''", "must begin with"),
                bad("a ledger without a directory", 2, "verify --store json:", "'json:'", "must name a directory"),
                bad("a missing ledger", 1, "verify --store json:<dir>/none", "there is no ledger", "<dir>/none"),
                bad("a missing ledger for a report", 1, "report --store json:<dir>/none", "there is no ledger"),
                bad("a missing ledger for entries", 1, "entries --store json:<dir>/none", "there is no ledger"),
                bad("a missing ledger for explain", 1, "explain --scope a --store json:<dir>/none", "no ledger"),
                bad("a directory without a ledger", 1, "report --store json:<dir>/a-directory", "there is no ledger"),
                bad("a ledger that is a file", 2, "report --store json:<dir>/a-file", "a-file", "must be a directory"),
                bad("a NUL in a path", 2, "report --store json:a\u0000b", "a\\u0000b"),

                // report, entries, explain
                bad("a grouping that is none", 2, "report <store> --by hour", "--by", "'hour'"),
                bad("a from that is no time", 2, "report <store> --from 2026-13-01", "--from '2026-13-01'", "date"),
                bad("a to that is no time", 2, "entries <store> --to noon", "--to 'noon'", "date"),
                bad("a time before 1970", 2, "report <store> --from 1969-12-31", "1969", "1970"),
                bad("a time too far", 2, "report <store> --to +999999-01-01T00:00:00Z", "+999999", "9999"),
                bad("to before from", 2, "entries <store> --from 2026-02-02 --to 2026-02-01", "--to", "before"),
                bad("a zone that is none", 2, "report <store> --zone Mars/Phobos", "--zone 'Mars/Phobos'", "zone"),
                bad("entries of an unknown scope", 2, "entries <store> --scope ghost", "'ghost'", "not registered"),
                bad("an unknown scope", 2, "explain <store> --scope ghost", "'ghost'"),
                bad("an empty scope", 2, "explain <store> --scope <empty>", "scope ''", "must not be empty"),
                bad("a scope of 8 KiB", 2, "explain <store> --scope " + LONG_NAME, "256 characters"),
                bad("a scope with a line end", 2, "explain <store> --scope a\nb", "a\\u000ab", "control"),
                bad("a scope with an escape", 2, "entries <store> --scope \u001b[31mred", "\\u001b", "control"),
                bad("a scope with a star", 2, "explain <store> --scope a*", "'a*'", "star"),
                bad("an empty session", 2, "explain <store> --scope a --session <empty>", "session ''"),
                bad("a session needed", 2, "explain <store> --scope a --model gpt-4o", "session must be named"),
                bad(
                        "an unknown model to explain",
                        3,
                        "explain <store> --scope a --session s --model nobody-1 --max-output 1",
                        "nobody-1' has no price."),
                bad("input without a model", 2, "explain <store> --scope a --input 5", "--input", "--model"),
                bad("output in words", 2, "explain <store> --scope a --session s --model gpt-4o --max-output x", "'x'"),

                // demo
                bad("a seed below zero", 2, "demo --seed -1", "--seed '-1'", "whole number"),
                bad("a demo on no store", 2, "demo --store tape:", "'tape:'", "must begin with"));
    }

    private static String replay(String more) {
        return "replay --trace <dir>/trace-3.csv <store> " + more;
    }

    private static Arguments bad(String what, int code, String line, String... said) {
        List<String> args = new ArrayList<>();
        for (String arg : line.split(" ")) {
            if (arg.equals("<store>")) {
                args.add("--store");
            }
            args.add(arg);
        }
        return Arguments.of(what, code, args, Arrays.asList(said));
    }

    private String placed(String arg) {
        return arg.replace("<dir>", directory.toString())
                .replace("<store>", store)
                .replace("<empty>", "");
    }

    private void trace(String name, String text) {
        Run.file(directory, name, text);
    }

    private Map<String, Long> files() throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.toList()) {
                sizes.put(path.toString(), Files.isDirectory(path) ? -1 : Files.size(path));
            }
        }
        return sizes;
    }
}
