package io.holdfast.survival;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks for bytes that a decoder trips over, guided by the code they reach: Jazzer in a process of its own. What it finds is
 * left under {@code target/fuzz}, to be copied to the module's {@code src/test/resources/fuzz}, where {@link #replay} tries
 * it in every run.
 *
 * <p>The target is a class with {@code public static void fuzzerTestOneInput(byte[])}, which throws when the decoder does
 * anything but take its input or refuse it in its own way.
 */
public final class Fuzzer {
    private static final Pattern EXECUTED = Pattern.compile("stat::number_of_executed_units: *([0-9]+)");
    private static final int SECONDS =
            Integer.getInteger("holdfast.fuzzer.seconds", Boolean.getBoolean("holdfast.full") ? 600 : 4);
    private static final long SEED = 20261125;

    private final Class<?> target;
    private final Path directory;

    private Fuzzer(Class<?> target) {
        this.target = target;
        this.directory = Path.of("target", "fuzz", target.getSimpleName());
    }

    /** One input to a decoder. */
    public interface Input {
        /**
         * Gives the bytes to the decoder.
         *
         * @param bytes what it shall read
         */
        void decode(byte[] bytes);
    }

    /**
     * Fuzzes a decoder for some seconds, or with {@code -Dholdfast.full=true} for ten minutes, or for as many seconds as
     * {@code holdfast.fuzzer.seconds} says, and keeps a row.
     *
     * @param decoder its name, for the row
     * @param target the class with the entry point
     * @param test the test that asks
     * @param examples good inputs to begin with
     * @throws IOException if the fuzzer cannot be run
     * @throws InterruptedException if the thread is interrupted
     */
    public static void fuzz(String decoder, Class<?> target, Class<?> test, List<byte[]> examples)
            throws IOException, InterruptedException {
        long executed = new Fuzzer(target).run(examples);
        Survival.of("bytes made by a fuzzer that the coverage guides", decoder, test)
                .seed(SEED)
                .tried(executed)
                .wrong(0)
                .keep();
    }

    /**
     * Gives a decoder all inputs that were found before.
     *
     * @param target the class whose simple name the folder below {@code src/test/resources/fuzz} has
     * @param decoder takes them
     * @return how many there were
     * @throws IOException if they cannot be read
     */
    public static int replay(Class<?> target, Input decoder) throws IOException {
        Path kept = kept(target);
        int count = 0;
        try (Stream<Path> files = Files.list(kept)) {
            for (Path file : files.sorted().toList()) {
                try {
                    decoder.decode(Files.readAllBytes(file));
                } catch (RuntimeException | Error tripped) {
                    throw new AssertionError("the decoder trips over " + file, tripped);
                }
                count++;
            }
        }
        return count;
    }

    private static Path kept(Class<?> target) {
        return Path.of("src", "test", "resources", "fuzz", target.getSimpleName());
    }

    private long run(List<byte[]> examples) throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(directory.resolve("corpus"));
        for (int i = 0; i < examples.size(); i++) {
            Files.write(corpus.resolve("example-" + i), examples.get(i));
        }
        Path log = directory.resolve("log.txt");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx512m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", "")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=io.holdfast.**",
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory + "/",
                "-max_total_time=" + SECONDS,
                "-max_len=8192",
                "-timeout=10",
                "-rss_limit_mb=2000",
                "-seed=" + SEED,
                "-print_final_stats=1",
                corpus.toString()));
        if (Files.isDirectory(kept(target))) {
            command.add(kept(target).toString());
        }
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(SECONDS + 120L, TimeUnit.SECONDS)) {
                throw new AssertionError("the fuzzer did not end: " + log.toAbsolutePath());
            }
        } finally {
            process.destroyForcibly();
        }
        String said = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        Matcher executed = EXECUTED.matcher(said);
        if (process.exitValue() != 0 || !executed.find()) {
            throw new AssertionError("the fuzzer ended with " + process.exitValue() + "; inputs are in "
                    + directory.toAbsolutePath() + "; it said: " + said);
        }
        return Long.parseLong(executed.group(1));
    }
}
