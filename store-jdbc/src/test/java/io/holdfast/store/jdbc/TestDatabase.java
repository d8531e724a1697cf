package io.holdfast.store.jdbc;

/**
 * A database of one test.
 *
 * @param url opens it
 * @param dropper takes it away
 */
public record TestDatabase(String url, Runnable dropper) {
    /** Takes the database away. */
    public void drop() {
        dropper.run();
    }
}
