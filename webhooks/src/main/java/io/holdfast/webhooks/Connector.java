package io.holdfast.webhooks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;

/** Opens connections. */
@FunctionalInterface
interface Connector {
    /** Connects straight to the address, whatever proxies the process may be told to use. */
    Connector DIRECT = (address, timeoutMillis) -> {
        Socket socket = new Socket(Proxy.NO_PROXY);
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, timeoutMillis);
            return socket;
        } catch (IOException | RuntimeException failure) {
            socket.close();
            throw failure;
        }
    };

    /**
     * Opens a connection.
     *
     * @param address the address, which is not resolved again
     * @param timeoutMillis how long it may take, at least 1
     * @return an open connection
     * @throws IOException if there is none
     */
    Socket connect(InetSocketAddress address, int timeoutMillis) throws IOException;
}
