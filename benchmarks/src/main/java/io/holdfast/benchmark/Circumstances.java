package io.holdfast.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Under which circumstances a report was made, by name. */
final class Circumstances {
    private Circumstances() {}

    static Map<String, String> of(Plan plan, int rounds, Duration time, Duration warmUp) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        all.put("commit", commit());
        all.put("seed", Long.toString(plan.seed()));
        all.put("jdk", System.getProperty("java.vendor") + " " + Runtime.version());
        all.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        all.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        all.put("heap_mib", Long.toString(Runtime.getRuntime().maxMemory() >> 20));
        all.put("rounds", Integer.toString(rounds));
        all.put("round_ms", Long.toString(time.toMillis()));
        all.put("warm_up_ms", Long.toString(warmUp.toMillis()));
        return all;
    }

    /** Returns what git calls the sources here, with a mark if they were changed since. */
    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12")
                    .redirectErrorStream(true)
                    .start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? answer : "unknown";
        } catch (IOException noGit) {
            return "unknown";
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
