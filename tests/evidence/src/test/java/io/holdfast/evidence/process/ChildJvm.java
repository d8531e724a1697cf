package io.holdfast.evidence.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A Java process of its own, with this process's class path. Killed when closed. */
final class ChildJvm implements AutoCloseable {
    private static final long LONGEST_MINUTES = 5;

    final Process process;
    private final Path out;
    private final Path err;

    private ChildJvm(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    static ChildJvm cli(Path scratch, String... arguments) {
        return start(scratch, List.of("-Xmx256m"), "io.holdfast.cli.Main", arguments);
    }

    static ChildJvm start(Path scratch, List<String> options, String main, String... arguments) {
        try {
            Path out = Files.createTempFile(scratch, "child-", ".out");
            Path err = Files.createTempFile(scratch, "child-", ".err");
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.add("-XX:TieredStopAtLevel=1");
            command.addAll(options);
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            return new ChildJvm(process, out, err);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Waits for the end and returns what it printed; fails unless it ended well. */
    String output() throws IOException, InterruptedException {
        if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("a child did not end within " + LONGEST_MINUTES + " minutes: " + errors());
        }
        if (process.exitValue() != 0) {
            throw new AssertionError("a child ended with " + process.exitValue() + ": " + errors());
        }
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    String errors() throws IOException {
        return Files.readString(err, StandardCharsets.UTF_8);
    }

    /** {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Returns the text of a field in one line of JSON. */
    static String field(String json, String name) {
        java.util.regex.Matcher matcher = java.util.regex.Pattern.compile("\"" + name + "\":\"?([^\",}]*)\"?")
                .matcher(json);
        if (!matcher.find()) {
            throw new AssertionError("no field " + name + " in " + json);
        }
        @Nullable String value = matcher.group(1);
        return value == null ? "" : value;
    }
}
