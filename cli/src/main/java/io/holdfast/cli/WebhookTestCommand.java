package io.holdfast.cli;

import io.holdfast.webhooks.Delivery;
import io.holdfast.webhooks.WebhookEndpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends one webhook. */
@Command(
        name = "webhook-test",
        mixinStandardHelpOptions = true,
        description = {
            "Sends one signed test message to an endpoint and shows what came of it.",
            "Ends with 1 when the endpoint did not take it."
        },
        footer = {
            "",
            "JSON: {\"arrived\",\"status\",\"failure\",\"took_ms\",\"webhook-id\",\"webhook-timestamp\",\"webhook-signature\"}",
            "",
            "Examples:",
            "  HOLDFAST_WEBHOOK_SECRET=whsec_… holdfast webhook-test --url https://hooks.example.com/budgets",
            "  holdfast webhook-test --url http://localhost:8080/ --secret whsec_… --allow-loopback"
        })
final class WebhookTestCommand implements Callable<Integer> {
    private static final String VARIABLE = "HOLDFAST_WEBHOOK_SECRET";

    private final Console console;

    @Option(names = "--url", paramLabel = "URL", required = true, description = "The endpoint: an https URL.")
    private String url = "";

    @Option(
            names = "--secret",
            paramLabel = "SECRET",
            description = {
                "Signs the message: whsec_ and base64; may be given twice.",
                "Without: what stands in the variable " + VARIABLE + ", which other users cannot see."
            })
    private List<String> secrets = new ArrayList<>();

    @Option(names = "--allow-loopback", description = "The endpoint may be on this machine, and then without https.")
    private boolean loopback;

    @Mixin
    private FormatOption format = new FormatOption();

    WebhookTestCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        WebhookEndpoint.Builder endpoint = WebhookEndpoint.at(url);
        secrets().forEach(endpoint::secret);
        if (loopback) {
            endpoint.allowLoopback();
        }
        Delivery delivery = endpoint.build().sendTest();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("arrived", delivery.arrived());
        fields.put("status", delivery.status());
        fields.put("failure", delivery.failure());
        fields.put("took_ms", delivery.took().toMillis());
        fields.putAll(delivery.headers());
        new Output(console, format.format()).fields(fields);
        if (!delivery.arrived()) {
            console.err().println(Text.oneLine("holdfast webhook-test: not delivered: " + delivery.describe()));
        }
        return delivery.arrived() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private List<String> secrets() {
        String variable = System.getenv(VARIABLE);
        if (secrets.isEmpty() && variable != null) {
            return List.of(variable);
        }
        if (secrets.isEmpty()) {
            throw new CommandException(ExitCodes.BAD_INPUT, "--secret must be given, or " + VARIABLE + " be set");
        }
        return secrets;
    }
}
