package io.holdfast.cli;

import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that pick a time. */
final class TimeOptions {
    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "The first day (2026-01-31) or time (2026-01-31T06:00:00Z) wanted; without: all.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "The first day or time no longer wanted.")
    private @Nullable String to;

    @Option(
            names = "--zone",
            paramLabel = "ZONE",
            defaultValue = "UTC",
            description = "The time zone whose midnight begins a day; without: ${DEFAULT-VALUE}.")
    private String zone = "UTC";

    ZoneId zone() {
        return Arguments.zone("--zone", zone);
    }

    Instant from() {
        return from == null ? Instant.EPOCH : Arguments.time("--from", from, zone());
    }

    Instant to() {
        if (to == null) {
            return Report.END;
        }
        Instant end = Arguments.time("--to", to, zone());
        if (end.isBefore(from())) {
            throw new io.holdfast.error.InvalidInputException("--to", to, "must not be before --from");
        }
        return end;
    }
}
