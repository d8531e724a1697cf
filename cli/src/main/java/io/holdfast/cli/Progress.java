package io.holdfast.cli;

import java.io.PrintWriter;
import java.util.concurrent.atomic.AtomicLong;

/** A line on the error stream that says how far long work has come; it appears after half a second. */
final class Progress implements AutoCloseable {
    private static final long FIRST_NANOS = 500_000_000L;
    private static final long EVERY_NANOS = 250_000_000L;
    private static final long EVERY_NANOS_IN_A_FILE = 5_000_000_000L;

    private final PrintWriter err;
    private final boolean terminal;
    private final boolean shown;
    private final String doing;
    private final long total;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong next = new AtomicLong(System.nanoTime() + FIRST_NANOS);
    private volatile int width;

    /**
     * Begins.
     *
     * @param console where to show it
     * @param asked whether to show it where nobody may be watching
     * @param doing what is done, for people
     * @param total how many steps there are
     */
    Progress(Console console, boolean asked, String doing, long total) {
        this.err = console.err();
        this.terminal = console.terminal();
        this.shown = asked || terminal;
        this.doing = doing;
        this.total = total;
    }

    void step() {
        long now = done.incrementAndGet();
        if (!shown) {
            return;
        }
        long due = next.get();
        long time = System.nanoTime();
        if (time - due >= 0 && next.compareAndSet(due, time + (terminal ? EVERY_NANOS : EVERY_NANOS_IN_A_FILE))) {
            show(now);
        }
    }

    @Override
    public void close() {
        if (terminal && width > 0) {
            err.print("\r" + " ".repeat(width) + "\r");
            err.flush();
        }
    }

    private synchronized void show(long now) {
        String line = doing + ": " + now + " of " + total + " (" + now * 100 / Math.max(1, total) + " %)";
        if (terminal) {
            err.print("\r" + line);
            width = Math.max(width, line.length());
        } else {
            err.println(line);
        }
        err.flush();
    }
}
