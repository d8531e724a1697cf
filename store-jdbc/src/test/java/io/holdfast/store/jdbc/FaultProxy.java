package io.holdfast.store.jdbc;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between a driver and its server and fails once, as told, at the next message of the driver that commits.
 * Recognises such a message by its text, which is enough for tests.
 */
final class FaultProxy implements Closeable {
    /** What goes wrong. */
    enum Fault {
        /** The commit never reaches the server. */
        CUT_BEFORE,
        /** The server commits, and its answer is lost. */
        CUT_AFTER,
        /** Half of the answer arrives. */
        CUT_WITHIN,
        /** The commit arrives, and nothing is ever heard again. */
        BLACK_HOLE,
        /** Nothing is ever heard again, and the commit does not arrive either. */
        BLACK_HOLE_BEFORE,
        /** The commit arrives long after the driver has given up. */
        DELAY
    }

    private final ServerSocket listening;
    private final InetSocketAddress server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Fault> next = new AtomicReference<>();
    private final AtomicInteger fired = new AtomicInteger();
    private final AtomicInteger delayed = new AtomicInteger();
    private final byte[] mark;
    private final Duration delay;

    /** Begins to listen on loopback. */
    FaultProxy(String host, int port, String mark, Duration delay) {
        this.delay = delay;
        try {
            server = new InetSocketAddress(host, port);
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        this.mark = mark.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Lets the next commit fail. */
    void fail(Fault fault) {
        next.set(fault);
    }

    /** Waits until what was delayed has reached the server. */
    void awaitDelayed() {
        while (delayed.get() > 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** How many faults there were. */
    int fired() {
        return fired.get();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "fault-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket upstream = new Socket();
                upstream.connect(server, 5_000);
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(upstream);
                AtomicReference<Fault> fault = new AtomicReference<>();
                start(() -> requests(client, upstream, fault));
                start(() -> answers(client, upstream, fault));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void requests(Socket client, Socket upstream, AtomicReference<Fault> mine) {
        byte[] buffer = new byte[1 << 20];
        try (client;
                upstream) {
            InputStream in = client.getInputStream();
            OutputStream out = upstream.getOutputStream();
            int read;
            while ((read = in.read(buffer)) > 0) {
                if (mine.get() == Fault.BLACK_HOLE_BEFORE) {
                    continue;
                }
                if (next.get() != null && contains(buffer, read)) {
                    Fault fault = next.getAndSet(null);
                    mine.set(fault);
                    if (fault != null) {
                        fired.incrementAndGet();
                    }
                    if (fault == Fault.CUT_BEFORE) {
                        return;
                    }
                    if (fault == Fault.BLACK_HOLE_BEFORE) {
                        continue;
                    }
                    if (fault == Fault.DELAY) {
                        passOnLate(buffer, read, out);
                        continue;
                    }
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException cut) {
            // Either end has gone.
        }
    }

    private void passOnLate(byte[] buffer, int length, OutputStream out) throws IOException {
        delayed.incrementAndGet();
        try {
            long end = System.nanoTime() + delay.toNanos();
            for (long left = delay.toNanos(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            out.write(buffer, 0, length);
            out.flush();
        } finally {
            delayed.decrementAndGet();
        }
    }

    private void answers(Socket client, Socket upstream, AtomicReference<Fault> mine) {
        byte[] buffer = new byte[1 << 20];
        try (client;
                upstream) {
            InputStream in = upstream.getInputStream();
            OutputStream out = client.getOutputStream();
            int read;
            while ((read = in.read(buffer)) > 0) {
                Fault fault = mine.get();
                if (fault == Fault.CUT_AFTER) {
                    return;
                }
                if (fault == Fault.CUT_WITHIN) {
                    out.write(buffer, 0, read / 2);
                    out.flush();
                    return;
                }
                if (fault == Fault.BLACK_HOLE) {
                    continue;
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException cut) {
            // Either end has gone.
        }
    }

    private boolean contains(byte[] buffer, int length) {
        for (int at = 0; at + mark.length <= length; at++) {
            int same = 0;
            while (same < mark.length && buffer[at + same] == mark[same]) {
                same++;
            }
            if (same == mark.length) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
