package io.holdfast.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that serves meters. */
final class MetricsOption {
    private static final String NAME = "--metrics-port";
    private static final int HIGHEST_PORT = 65_535;

    @Option(
            names = NAME,
            paramLabel = "PORT",
            description =
                    "Serves the meters for Prometheus at http://127.0.0.1:PORT/metrics while this runs; 0 takes a free"
                            + " port and says which.")
    private @Nullable String port;

    /** Begins to serve, or returns a server that serves nothing where the option was not given. */
    MetricsServer start(Console console) {
        return port == null
                ? MetricsServer.none()
                : MetricsServer.start(NAME, (int) Arguments.whole(NAME, port, 0, HIGHEST_PORT), console);
    }
}
