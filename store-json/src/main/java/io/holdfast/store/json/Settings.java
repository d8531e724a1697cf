package io.holdfast.store.json;

import java.util.concurrent.Executor;

/**
 * What tests may want otherwise than it is.
 *
 * @param segmentBytes a segment of the journal that has become longer is ended and the next begun
 * @param background runs what nobody waits for: the writing of snapshots
 */
public record Settings(long segmentBytes, Executor background) {
    /** Segments of 16 MiB, and threads of the store's own that do not keep the process alive. */
    public static final Settings DEFAULT = new Settings(16L * 1024 * 1024, Settings::inThread);

    private static void inThread(Runnable task) {
        Thread thread = new Thread(task, "holdfast-json-snapshot");
        thread.setDaemon(true);
        thread.start();
    }
}
