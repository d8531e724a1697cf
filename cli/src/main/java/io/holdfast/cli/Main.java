package io.holdfast.cli;

import java.io.PrintWriter;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program. */
@Command(
        name = "holdfast",
        mixinStandardHelpOptions = true,
        description = "Budgets for LLM calls that cannot be overshot.",
        footer = {
            "",
            "Examples:",
            "  holdfast demo",
            "  holdfast price --model claude-sonnet-4-5 --input 812 --output 143",
            "  holdfast report --store json:./ledger --by model",
            "  holdfast verify --store 'jdbc:postgresql://db/app?user=holdfast'",
            "",
            "Money is US dollars. In JSON it is text, such as \"9.98\": an exact decimal number.",
            "'holdfast COMMAND --help' tells more of each command."
        })
public final class Main implements Runnable {
    private static final int HELP_WIDTH = 110;

    /** Kept, because the logging framework lets go of loggers nobody holds. */
    private static final Logger LOGGERS = Logger.getLogger("io.holdfast");

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "After an error, also print where in the program it arose.")
    private boolean verbose;

    private Main() {}

    @Override
    public void run() {
        throw new CommandException(ExitCodes.BAD_INPUT, "a command must be given; see 'holdfast --help'");
    }

    /**
     * Runs the program and ends the process.
     *
     * @param args what the user typed
     */
    public static void main(String[] args) {
        LOGGERS.setLevel(Level.WARNING);
        System.exit(run(Console.system(), args));
    }

    /** Runs the program and returns its exit code. */
    static int run(Console console, String... args) {
        Main main = new Main();
        ErrorHandler errors = new ErrorHandler(console, () -> main.verbose);
        CommandLine root = commandLine(main, console, errors);
        if (args.length == 0) {
            root.usage(console.err());
            return ExitCodes.BAD_INPUT;
        }
        int code = root.execute(args);
        try {
            console.flush();
        } catch (OutputException failed) {
            int late = errors.handle(failed, "holdfast");
            code = code == ExitCodes.OK ? late : code;
        }
        return code;
    }

    private static CommandLine commandLine(Main main, Console console, ErrorHandler errors) {
        CommandLine root = new CommandLine(main)
                .addSubcommand(new DemoCommand(console))
                .addSubcommand(new ReportCommand(console))
                .addSubcommand(new EntriesCommand(console))
                .addSubcommand(new ExplainCommand(console))
                .addSubcommand(new VerifyCommand(console))
                .addSubcommand(new ReplayCommand(console))
                .addSubcommand(new PriceCommand(console))
                .addSubcommand(new BacktestCommand(console))
                .addSubcommand(new CopyCommand(console))
                .addSubcommand(new SchemaCommand(console))
                .addSubcommand(new WebhookTestCommand(console));
        root.setOut(new PrintWriter(console.out()))
                .setErr(console.err())
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(HELP_WIDTH)
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors);
        describe(root.getCommandSpec());
        root.getSubcommands().values().forEach(command -> describe(command.getCommandSpec()));
        return root;
    }

    private static void describe(CommandSpec command) {
        command.versionProvider(() -> new String[] {"holdfast " + version()});
        command.usageMessage()
                .sortOptions(false)
                .synopsisHeading("Usage: ")
                .exitCodeListHeading("%nExit codes:%n")
                .exitCodeList(ExitCodes.described());
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
