package io.holdfast.cli;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a command writes. Both streams are UTF-8, so that output does not depend on the machine.
 *
 * @param out for results; its failures are seen
 * @param err for errors and progress
 * @param terminal whether {@code err} is read by a person at a terminal
 */
record Console(Writer out, PrintWriter err, boolean terminal) {
    private static final int BUFFER = 1 << 16;

    static Console system() {
        Writer out = new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8);
        Writer err = new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8);
        return new Console(new BufferedWriter(out, BUFFER), new PrintWriter(err, true), errIsTerminal());
    }

    /** Writes a line of the result. */
    void line(String text) {
        try {
            out.write(text);
            out.write('\n');
        } catch (IOException failed) {
            throw new OutputException(failed);
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException failed) {
            throw new OutputException(failed);
        }
    }

    /** Java cannot tell of one stream whether it is a terminal; Linux can. */
    private static boolean errIsTerminal() {
        Path err = Path.of("/proc/self/fd/2");
        try {
            String target = Files.readSymbolicLink(err).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }
}
