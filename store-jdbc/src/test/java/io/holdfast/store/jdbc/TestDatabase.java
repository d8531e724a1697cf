package io.holdfast.store.jdbc;

/**
 * A database of one test.
 *
 * @param url opens it
 * @param dropper takes it away
 */
record TestDatabase(String url, Runnable dropper) {
    void drop() {
        dropper.run();
    }
}
