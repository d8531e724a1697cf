package io.holdfast.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of this machine that tests use where they are there. */
final class Tools {
    private Tools() {}

    /** What a program printed, and how it ended. */
    record Ran(int code, String output) {}

    /** Returns where a program is: named by a variable of the environment, or on the path. */
    static Optional<Path> find(String program, String variable) {
        String named = System.getenv(variable);
        if (named != null) {
            return Optional.of(Path.of(named));
        }
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Runs a program to its end, for so long at most. */
    static Ran run(Path folder, int seconds, String... command) {
        try {
            Path log = Files.createTempFile("holdfast", ".log");
            try {
                Process process = new ProcessBuilder(List.of(command))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
                process.getOutputStream().close();
                if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    return new Ran(-1, Files.readString(log) + "\nstopped after " + seconds + " s");
                }
                return new Ran(process.exitValue(), Files.readString(log));
            } finally {
                Files.delete(log);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
    }
}
