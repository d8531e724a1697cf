package io.holdfast.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a budgets file that is any bytes. */
public final class BudgetsFileFuzz {
    private static final Path FILE = file();

    private BudgetsFileFuzz() {}

    private static Path file() {
        try {
            Path file = Files.createTempFile("budgets-fuzz-", ".yaml");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Decodes.
     *
     * @param bytes a budgets file
     */
    public static void fuzzerTestOneInput(byte[] bytes) {
        try {
            Files.write(FILE, bytes);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        try {
            BudgetsFile.read(FILE);
        } catch (CommandException refused) {
            String message = String.valueOf(refused.getMessage());
            if (!message.contains(FILE.getFileName().toString())) {
                throw new AssertionError("the refusal names no file: " + message, refused);
            }
        }
    }
}
