package io.holdfast.survival;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What people, files and programs give where an amount, a count or a name is wanted; all of it has to be refused. */
public final class BadValues {
    private static final List<String> NUMBERS =
            List.of("0", "1", "5", "12.50", "0.000001", "9007199254740993", "100", "3.14159", "1000000000000", "7");

    private BadValues() {}

    /**
     * Returns texts that are no plain decimal amount of dollars that is zero or more, at most 9,223,372,036.854775807 and no
     * finer than a nano-dollar.
     *
     * @return more than 300 texts, each once
     */
    public static List<String> money() {
        Set<String> bad = new LinkedHashSet<>(List.of(
                "",
                " ",
                "\t",
                ".",
                "-",
                "+",
                ",",
                "e",
                "NaN",
                "nan",
                "NAN",
                "-NaN",
                "sNaN",
                "Inf",
                "inf",
                "Infinity",
                "-Infinity",
                "+Infinity",
                "infinity",
                "∞",
                "null",
                "nil",
                "none",
                "None",
                "undefined",
                "true",
                "false",
                "unlimited",
                "-0",
                "-0.0",
                "+0",
                "1e400",
                "-1e400",
                "1e-400",
                "1E5",
                "1e1",
                "1e+1",
                "1e-9",
                "0x10",
                "0x",
                "0b1",
                "0o7",
                "1_000",
                "1,5",
                "1.000,00",
                "1,000.00",
                "1'000",
                "1 000",
                "1\u00a0000",
                "$1",
                "1$",
                "€1",
                "£1",
                "1USD",
                "USD 1",
                "1 USD",
                "1/2",
                "1%",
                "1;2",
                "1..2",
                "1.",
                ".5",
                "1.2.3",
                "--1",
                "+-1",
                "-+1",
                "1-",
                "1+1",
                "(1)",
                "[1]",
                "{}",
                "{\"a\":1}",
                "[1,2]",
                "\"1\"",
                "'1'",
                "١٢",
                "１２",
                "²",
                "½",
                "Ⅷ",
                "一",
                "1\u0000",
                "\u00001",
                "\u20281",
                "1\u2029",
                "\ufeff1",
                "1\u200b",
                "−1",
                "\u001b[31m1",
                "1f",
                "1d",
                "1L",
                "1D",
                "0x1p3",
                "9223372036.854775808",
                "9223372037",
                "9223372036854775807",
                "9223372036854775808",
                "18446744073709551616",
                "99999999999",
                "0.0000000001",
                "0.1234567891",
                "1.00000000000000000001",
                "9".repeat(41),
                "9".repeat(10_000),
                "0." + "1".repeat(10_000),
                "0".repeat(10_000) + "1",
                "1e" + "9".repeat(1_000),
                "SELECT 1",
                "${1}",
                "#{1}",
                "%31",
                "&#49;",
                "one",
                "..",
                "../1",
                "1\\0",
                "1;DROP TABLE",
                "=1",
                "=1+1",
                "@1",
                "`1`",
                "~1",
                "!1",
                "1!"));
        for (String number : NUMBERS) {
            for (String before : List.of("-", "+", " ", "--", "−", "\t", "$", "0x", "~", "e", ".-", "\u200e")) {
                bad.add(before + number);
            }
            for (String after : List.of(
                    " ", "\t", "e0", "E1", "e400", "e-1", "f", "d", "L", "%", "$", ",0", "..", "_0", "'0", "x",
                    "\u0000", "\u200b", ".0.0", "-", "/1")) {
                bad.add(number + after);
            }
        }
        return List.copyOf(bad);
    }

    /**
     * Returns texts that are no whole number of tokens from 0 to 1,000,000,000,000.
     *
     * @return more than 300 texts, each once
     */
    public static List<String> counts() {
        Set<String> bad = new LinkedHashSet<>(money());
        bad.removeIf(text -> text.matches("[0-9]{1,12}")); // too many dollars, and not too many tokens
        bad.addAll(List.of("0.5", "1.0", "1000000000001", "9007199254740993", "1e3", "00.1", "1.5", "2.", "0.0"));
        return List.copyOf(bad);
    }

    /**
     * Returns texts that are no name: empty, too long, with control or invisible characters, half a character, or a space at
     * an end.
     *
     * @return more than 300 texts, each once
     */
    public static List<String> names() {
        Set<String> bad = new LinkedHashSet<>(List.of(
                "",
                " ",
                "  ",
                " a",
                "a ",
                "\ta",
                "a\n",
                "a\r\nb",
                "n".repeat(257),
                "n".repeat(8_192),
                "é".repeat(257),
                "a\u2028b",
                "a\u2029b",
                "\ud800",
                "\udc00",
                "a\ud83d",
                "\ude00a",
                "\ud83d\ud83d\ude00",
                "\u001b[31mred"));
        List<Integer> hidden = new ArrayList<>(List.of(
                0xad, 0x61c, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e,
                0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff, 0xfff9, 0xfffa, 0xfffb,
                0xe0001, 0xe0020, 0xe0041, 0x1d173));
        for (int control = 0; control < 0x20; control++) {
            hidden.add(control);
        }
        for (int control = 0x7f; control < 0xa0; control++) {
            hidden.add(control);
        }
        for (int point : hidden) {
            String character = Character.toString(point);
            bad.add(character);
            bad.add(character + "user");
            bad.add("us" + character + "er");
            bad.add("user" + character);
        }
        return List.copyOf(bad);
    }
}
