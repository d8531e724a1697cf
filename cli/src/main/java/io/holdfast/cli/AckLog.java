package io.holdfast.cli;

import io.holdfast.unit.Usd;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A line for each commit the ledger acknowledged: operation id, space, cost in dollars. Each line is handed to the system
 * by itself and whole, so it outlives the process however that ends.
 */
final class AckLog implements AutoCloseable {
    private final String file;
    private final @Nullable FileOutputStream out;

    private AckLog(String file, @Nullable FileOutputStream out) {
        this.file = file;
        this.out = out;
    }

    static AckLog none() {
        return new AckLog("", null);
    }

    /** Opens a log for more lines at its end. */
    static AckLog append(Path path) {
        String file = path.toString();
        try {
            return new AckLog(file, new FileOutputStream(path.toFile(), true));
        } catch (IOException unwritable) {
            throw new CommandException(
                    ExitCodes.BAD_INPUT, "--ack-log '" + file + "' cannot be written: " + unwritable.getMessage());
        }
    }

    void acknowledged(String operationId, Usd cost) {
        if (out == null) {
            return;
        }
        byte[] line = (operationId + " " + cost + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            synchronized (this) {
                out.write(line);
            }
        } catch (IOException failed) {
            throw new CommandException(
                    ExitCodes.FAILED, "--ack-log '" + file + "' cannot be written: " + failed.getMessage(), failed);
        }
    }

    @Override
    public void close() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException failed) {
                throw new CommandException(
                        ExitCodes.FAILED, "--ack-log '" + file + "' cannot be closed: " + failed.getMessage(), failed);
            }
        }
    }
}
