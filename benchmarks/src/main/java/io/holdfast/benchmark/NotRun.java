package io.holdfast.benchmark;

/**
 * A row of the goal table that is not measured.
 *
 * @param id short name
 * @param what the load
 * @param peerName what it would be compared with
 * @param floor the ratio that will gate a release
 * @param moonshot the ratio aimed for
 * @param why why not
 */
record NotRun(String id, String what, String peerName, double floor, double moonshot, String why) {
    static NotRun of(Row row, String why) {
        return new NotRun(row.id(), row.what(), row.peerName(), row.floor(), row.moonshot(), why);
    }
}
