package io.holdfast.store.jdbc;

/** What opening a ledger does about its tables. */
public enum SchemaMode {
    /** The tables have to be there; somebody has run the script of {@link Engine#ddl}. */
    EXPECT,
    /** Tables that are missing are created. */
    IF_MISSING
}
