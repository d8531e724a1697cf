package io.holdfast.webhooks;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses a webhook must not go to: all that lead to this machine, its network, a cloud's inner services, or from
 * IPv6 back into IPv4. Of IPv6 nothing but global unicast is left.
 */
final class AddressRules {
    private static final List<Block> IPV4 = blocks(
            "0.0.0.0/8 unspecified",
            "10.0.0.0/8 private",
            "100.64.0.0/10 shared by a carrier",
            "127.0.0.0/8 loopback",
            "169.254.0.0/16 link-local",
            "172.16.0.0/12 private",
            "192.0.0.0/24 for protocols",
            "192.0.2.0/24 for documentation",
            "192.31.196.0/24 for protocols",
            "192.52.193.0/24 for protocols",
            "192.88.99.0/24 a relay to IPv6",
            "192.168.0.0/16 private",
            "192.175.48.0/24 for protocols",
            "198.18.0.0/15 for benchmarks",
            "198.51.100.0/24 for documentation",
            "203.0.113.0/24 for documentation",
            "168.63.129.16/32 a cloud's inner service",
            "224.0.0.0/4 multicast",
            "240.0.0.0/4 reserved");

    private static final Block GLOBAL = Block.of("2000::/3 global");

    private static final List<Block> IPV6 = blocks(
            "2001::/23 for protocols, Teredo among them",
            "2001:db8::/32 for documentation",
            "2002::/16 a way back into IPv4 (6to4)",
            "2620:4f:8000::/48 for protocols",
            "3fff::/20 for documentation");

    private AddressRules() {}

    /** Some addresses and what they are for. */
    private record Block(BigInteger first, int prefix, int bits, String what) {
        static Block of(String text) {
            String[] parts = text.split("[/ ]", 3);
            byte[] address = literal(parts[0]).getAddress();
            return new Block(new BigInteger(1, address), Integer.parseInt(parts[1]), address.length * 8, parts[2]);
        }

        boolean has(byte[] address) {
            return address.length * 8 == bits
                    && new BigInteger(1, address)
                                    .xor(first)
                                    .shiftRight(bits - prefix)
                                    .signum()
                            == 0;
        }
    }

    private static List<Block> blocks(String... texts) {
        List<Block> blocks = new ArrayList<>();
        for (String text : texts) {
            blocks.add(Block.of(text));
        }
        return List.copyOf(blocks);
    }

    /** Returns the address that a canonical literal stands for, without asking anybody. */
    static InetAddress literal(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(text, impossible);
        }
    }

    /** Returns what makes an address one that must not be connected to, or nothing. */
    static @Nullable String objection(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return what(IPV4, bytes);
        }
        if (!GLOBAL.has(bytes)) {
            return address.isLoopbackAddress() ? "loopback" : "not global";
        }
        return isatap(bytes) ? "a way back into IPv4 (ISATAP)" : what(IPV6, bytes);
    }

    private static @Nullable String what(List<Block> blocks, byte[] address) {
        for (Block block : blocks) {
            if (block.has(address)) {
                return block.what;
            }
        }
        return null;
    }

    /** The second half of such an address is 0000:5efe or 0200:5efe and an address of IPv4. */
    private static boolean isatap(byte[] address) {
        return (address[8] & ~2) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == (byte) 0xfe;
    }
}
