package io.holdfast.store.jdbc;

import io.holdfast.tck.LedgerLocation;
import java.time.InstantSource;

/** Empty ledgers in every kind of database, for tests of other modules. Their tables are made once, and their clock is the test's. */
public final class TestLedgers {
    private TestLedgers() {}

    /**
     * Returns the names of the engines.
     *
     * @return those that {@link #location} takes
     */
    public static String[] engines() {
        return new String[] {"H2", "SQLITE", "POSTGRESQL", "MARIADB"};
    }

    /**
     * Returns a place for a ledger.
     *
     * @param engine the database
     * @return one without anything in it
     */
    public static LedgerLocation location(String engine) {
        return Spec.of(TestServer.valueOf(engine)).onManualClock().location();
    }

    /**
     * Returns a database of its own.
     *
     * @param engine the database
     * @return the URL that opens an empty ledger whose tables are there, also from other processes where the engine is shared by them
     */
    public static String url(String engine) {
        TestServer server = TestServer.valueOf(engine);
        TestDatabase database = server.fresh();
        Spec.of(server).open(database, InstantSource.system()).close();
        return database.url();
    }
}
