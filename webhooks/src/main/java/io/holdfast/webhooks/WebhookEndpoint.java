package io.holdfast.webhooks;

import io.holdfast.error.InvalidInputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Where webhooks go, and how they are signed. Messages go to https addresses on the public internet only, by a connection to
 * an address that was checked; redirects are not followed. Safe for use by several threads.
 */
public final class WebhookEndpoint {
    private final Url url;
    private final Signer signer;
    private final Wire wire;
    private final Duration timeout;
    private final InstantSource clock;

    WebhookEndpoint(Url url, Signer signer, Wire wire, Duration timeout, InstantSource clock) {
        this.url = url;
        this.signer = signer;
        this.wire = wire;
        this.timeout = timeout;
        this.clock = clock;
    }

    /**
     * Begins an endpoint.
     *
     * @param url an https URL whose host is a full name or an address, without user, password and fragment; its port is 443 or
     *     1,024 and above
     * @return a builder
     */
    public static Builder at(String url) {
        return new Builder(url);
    }

    /**
     * Sends a message that tells nothing but that it arrived.
     *
     * @return what came of it
     */
    public Delivery sendTest() {
        byte[] name = new byte[13];
        new SecureRandom().nextBytes(name);
        Instant now = clock.instant();
        return send("msg_" + HexFormat.of().formatHex(name), EventJson.test(now));
    }

    /** Sends a message once. */
    Delivery send(String id, String body) {
        Instant start = clock.instant();
        long began = System.nanoTime();
        Map<String, String> headers = signer.headers(id, start.getEpochSecond(), body);
        try {
            Wire.Answer answer = wire.post(url, headers, body.getBytes(StandardCharsets.UTF_8), timeout);
            Duration retryAfter = answer.retryAfter() == null ? null : wait(answer.retryAfter(), start);
            return new Delivery(answer.status(), null, since(began), headers, retryAfter);
        } catch (UnknownHostException unknown) {
            return new Delivery(0, "host '" + url.host() + "' is unknown", since(began), headers, null);
        } catch (IOException | RuntimeException failure) {
            String message = failure.getMessage();
            return new Delivery(0, message == null ? failure.toString() : message, since(began), headers, null);
        }
    }

    private static Duration since(long began) {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    /** Reads seconds or a date; what is neither does not count. */
    private static @Nullable Duration wait(String text, Instant now) {
        try {
            if (text.matches("[0-9]{1,9}")) {
                return Duration.ofSeconds(Long.parseLong(text));
            }
            Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            return Duration.between(now, until);
        } catch (DateTimeParseException neither) {
            return null;
        }
    }

    /** How long one message may take. */
    Duration timeout() {
        return timeout;
    }

    /**
     * Returns where messages go, without path and query, which may be secret.
     *
     * @return host and port
     */
    @Override
    public String toString() {
        return url.authority();
    }

    /** Gathers what an endpoint needs. */
    public static final class Builder {
        private static final Duration LONGEST = Duration.ofSeconds(60);

        private final String url;
        private final List<String> secrets = new ArrayList<>();
        private boolean loopback;
        private Duration timeout = Duration.ofSeconds(10);
        private Resolver resolver = InetAddress::getAllByName;
        private Connector connector = Connector.DIRECT;
        private SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
        private InstantSource clock = InstantSource.system();

        private Builder(String url) {
            this.url = url;
        }

        /**
         * Adds a secret that messages are signed with. To change it, add the new one, let the receiver take it over, and
         * drop the old one.
         *
         * @param secret {@code whsec_} and 24 to 64 bytes in base64
         * @return this builder
         */
        public Builder secret(String secret) {
            secrets.add(secret);
            return this;
        }

        /**
         * Lets messages go to this machine itself, also by plain http, for tests and development.
         *
         * @return this builder
         */
        public Builder allowLoopback() {
            loopback = true;
            return this;
        }

        /**
         * Sets how long a message may take from the look-up of its host to the answer; without, 10 seconds.
         *
         * @param longest 1 millisecond to 60 seconds
         * @return this builder
         * @throws InvalidInputException if it is out of range
         */
        public Builder timeout(Duration longest) {
            if (longest.compareTo(Duration.ofMillis(1)) < 0 || longest.compareTo(LONGEST) > 0) {
                throw new InvalidInputException("webhook timeout", longest.toString(), "must be 1 ms to " + LONGEST);
            }
            timeout = longest;
            return this;
        }

        Builder resolver(Resolver other) {
            resolver = other;
            return this;
        }

        Builder connector(Connector other) {
            connector = other;
            return this;
        }

        Builder tls(SSLSocketFactory other) {
            tls = other;
            return this;
        }

        Builder clock(InstantSource other) {
            clock = other;
            return this;
        }

        /**
         * Returns the endpoint; nothing is connected to yet.
         *
         * @return an endpoint
         * @throws InvalidInputException if the URL is not a plain https URL, or a secret is missing or none
         */
        public WebhookEndpoint build() {
            return new WebhookEndpoint(
                    Url.parse(url, loopback),
                    new Signer(secrets),
                    new Wire(resolver, connector, tls, loopback),
                    timeout,
                    clock);
        }
    }
}
