/**
 * The ledger in a database that several nodes share: H2, SQLite, PostgreSQL or MariaDB. Users need {@link
 * io.holdfast.store.jdbc.JdbcStore} and {@link io.holdfast.store.jdbc.JdbcOptions}, or just a URL.
 */
@NullMarked
package io.holdfast.store.jdbc;

import org.jspecify.annotations.NullMarked;
