package io.holdfast.cli;

import io.holdfast.store.jdbc.Engine;
import io.holdfast.store.jdbc.JdbcOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the tables of a ledger. */
@Command(
        name = "schema",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the SQL that creates the tables of a ledger, for whoever may create tables.",
            "For H2 and SQLite the other commands create them by themselves."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast schema --engine postgresql | psql app",
            "  holdfast schema --engine mariadb --prefix billing_ > ledger.sql",
            "  holdfast replay --trace trace.csv --store 'jdbc:mariadb://db/app?user=holdfast&holdfast.prefix=billing_'"
        })
final class SchemaCommand implements Runnable {
    private final Console console;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            required = true,
            description = "h2, sqlite, postgresql or mariadb.")
    private String engine = "";

    @Option(
            names = "--prefix",
            paramLabel = "P",
            description = "What the names of the tables begin with; without: ${DEFAULT-VALUE}.")
    private String prefix = JdbcOptions.ofDefaults().prefix();

    SchemaCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        Engine.named(engine).ddl(prefix).lines().forEach(console::line);
    }
}
