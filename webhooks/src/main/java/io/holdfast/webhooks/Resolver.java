package io.holdfast.webhooks;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a host. */
@FunctionalInterface
interface Resolver {
    /**
     * Returns the addresses of a host.
     *
     * @param host a name or an address
     * @return at least one
     * @throws UnknownHostException if there is none
     */
    InetAddress[] resolve(String host) throws UnknownHostException;
}
