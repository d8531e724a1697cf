package io.holdfast.webhooks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends one POST over one connection and reads the head of the answer. The host is resolved once, every address it has is
 * checked, and the connection goes to one of those and nowhere else: no proxy, no redirect, no second look-up. Nothing is
 * read beyond the head, and all of it ends by a deadline.
 */
final class Wire {
    private static final int LONGEST_HEAD = 16 * 1024;
    private static final int MOST_ADDRESSES = 3;
    private static final int MOST_INTERIM_ANSWERS = 10;
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Resolver resolver;
    private final Connector connector;
    private final SSLSocketFactory tls;
    private final boolean loopback;

    /**
     * Makes a wire.
     *
     * @param loopback whether it may lead to this machine itself
     */
    Wire(Resolver resolver, Connector connector, SSLSocketFactory tls, boolean loopback) {
        this.resolver = resolver;
        this.connector = connector;
        this.tls = tls;
        this.loopback = loopback;
    }

    /**
     * What a receiver answered.
     *
     * @param status its status, 200 to 599 if it is any known one
     * @param retryAfter what stands in its header of that name, if it is there
     */
    record Answer(int status, @Nullable String retryAfter) {}

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "holdfast-webhooks-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /**
     * Sends a request.
     *
     * @param headers goes into the request beside what it needs anyway
     * @param timeout for everything from here on
     * @return the head of the answer
     * @throws RefusedAddressException if the host leads where no webhook may go
     * @throws IOException if there was no answer in time
     */
    Answer post(Url url, Map<String, String> headers, byte[] body, Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        InetAddress[] addresses = addresses(url.host(), deadline, timeout);
        check(url, addresses);
        try (Socket socket = connected(url, addresses, deadline, timeout)) {
            return exchange(socket, url, request(url, headers, body), deadline, timeout);
        }
    }

    /** Looks a host up on a thread of its own, as nothing else ends a look-up that hangs. */
    private InetAddress[] addresses(String host, long deadline, Duration timeout) throws IOException {
        FutureTask<InetAddress[]> lookUp = new FutureTask<>(() -> resolver.resolve(host));
        Thread thread = new Thread(lookUp, "holdfast-webhooks-lookup");
        thread.setDaemon(true);
        thread.start();
        try {
            return lookUp.get(remaining(deadline, timeout), TimeUnit.MILLISECONDS);
        } catch (TimeoutException hangs) {
            throw late(timeout);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while host '" + host + "' was looked up");
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof IOException known) {
                throw known;
            }
            throw new IOException("host '" + host + "' could not be looked up: " + failure.getCause(), failure);
        }
    }

    /** Connects to the first address that can be reached; each has its part of the time. */
    private Socket connected(Url url, InetAddress[] addresses, long deadline, Duration timeout) throws IOException {
        IOException failure = new IOException("host '" + url.host() + "' has no address");
        int most = Math.min(addresses.length, MOST_ADDRESSES);
        for (int i = 0; i < most; i++) {
            int part = Math.max(1, remaining(deadline, timeout) / (most - i));
            try {
                return connector.connect(new InetSocketAddress(addresses[i], url.port()), part);
            } catch (IOException next) {
                failure = next;
            }
        }
        throw failure;
    }

    private void check(Url url, InetAddress[] addresses) throws RefusedAddressException {
        for (InetAddress address : addresses) {
            boolean own = loopback && address.isLoopbackAddress();
            String objection = AddressRules.objection(address);
            if (objection != null && !own) {
                throw new RefusedAddressException("host '" + url.host() + "' leads to " + address.getHostAddress()
                        + ", which is " + objection + ": nothing was sent");
            }
            if (!url.secure() && !own) {
                throw new RefusedAddressException("host '" + url.host() + "' leads to " + address.getHostAddress()
                        + ", where only https may go: nothing was sent");
            }
        }
    }

    private static int remaining(long deadline, Duration timeout) throws IOException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
            throw late(timeout);
        }
        return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    private static IOException late(Duration timeout) {
        return new IOException("no answer within " + timeout.toMillis() + " ms");
    }

    /** A receiver that sends a byte now and then passes every timeout of a socket: the whole is ended by a timer. */
    private Answer exchange(Socket socket, Url url, byte[] request, long deadline, Duration timeout)
            throws IOException {
        AtomicBoolean timedOut = new AtomicBoolean();
        Future<?> timer = TIMER.schedule(
                () -> {
                    timedOut.set(true);
                    try {
                        socket.close();
                    } catch (IOException closed) {
                        // It is as good as closed.
                    }
                },
                remaining(deadline, timeout),
                TimeUnit.MILLISECONDS);
        try {
            Socket stream = url.secure() ? secured(socket, url) : socket;
            OutputStream out = stream.getOutputStream();
            out.write(request);
            out.flush();
            return answer(stream.getInputStream());
        } catch (IOException | RuntimeException failure) {
            if (timedOut.get()) {
                throw late(timeout);
            }
            throw failure;
        } finally {
            timer.cancel(false);
        }
    }

    private SSLSocket secured(Socket socket, Url url) throws IOException {
        SSLSocket secured = (SSLSocket) tls.createSocket(socket, url.host(), url.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private static byte[] request(Url url, Map<String, String> headers, byte[] body) {
        StringBuilder head = new StringBuilder("POST ").append(url.target()).append(" HTTP/1.1\r\n");
        header(head, "Host", url.authority());
        header(head, "Content-Type", "application/json");
        header(head, "Content-Length", Integer.toString(body.length));
        header(head, "User-Agent", "holdfast-webhooks");
        header(head, "Connection", "close");
        headers.forEach((name, value) -> header(head, name, value));
        head.append("\r\n");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static void header(StringBuilder head, String name, String value) {
        head.append(name).append(": ").append(value).append("\r\n");
    }

    private static Answer answer(InputStream in) throws IOException {
        Head head = new Head(in);
        for (int i = 0; i < MOST_INTERIM_ANSWERS; i++) {
            int status = status(head.line());
            String retryAfter = null;
            for (String line = head.line(); !line.isEmpty(); line = head.line()) {
                int colon = line.indexOf(':');
                if (colon > 0
                        && line.substring(0, colon).toLowerCase(Locale.ROOT).equals("retry-after")) {
                    retryAfter = line.substring(colon + 1).strip();
                }
            }
            if (status >= 200) {
                return new Answer(status, retryAfter);
            }
        }
        throw new IOException("the answer does not get to its point");
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?")) {
            throw new IOException("the answer is not HTTP/1.1");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    /** The lines before the body. */
    private static final class Head {
        private final InputStream in;
        private final byte[] buffer = new byte[1_024];
        private int at;
        private int end;
        private int total;

        Head(InputStream in) {
            this.in = in;
        }

        String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = next(); next != '\n'; next = next()) {
                line.append((char) next);
            }
            int length = line.length();
            return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
        }

        private int next() throws IOException {
            if (at == end) {
                at = 0;
                end = in.read(buffer);
                if (end <= 0) {
                    end = 0;
                    throw new IOException("the connection ended before the answer did");
                }
            }
            if (++total > LONGEST_HEAD) {
                throw new IOException("the head of the answer is longer than " + LONGEST_HEAD + " bytes");
            }
            return buffer[at++] & 0xff;
        }
    }
}
