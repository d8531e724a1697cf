package io.holdfast.webhooks;

import io.holdfast.error.InvalidInputException;
import java.net.Inet6Address;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of an endpoint, in the one spelling that nobody reads in two ways: what browsers, libraries and resolvers
 * may understand differently is refused.
 *
 * @param secure whether it is https
 * @param host a name in lower case, an IPv4 address as four numbers, or an IPv6 address without brackets
 * @param port 1 to 65,535
 * @param target path and query, at least a slash
 */
record Url(boolean secure, String host, int port, String target) {
    private static final int LONGEST = 2_048;
    private static final int LONGEST_NAME = 253;
    private static final int HTTPS = 443;
    private static final int HTTP = 80;
    private static final int FIRST_FREE_PORT = 1_024;
    private static final int LAST_PORT = 65_535;

    private static final Pattern WHOLE =
            Pattern.compile("(?i)(https?)://(\\[[^\\]/?#@]*\\]|[^:\\[\\]/?#@%]*)(:[^/?#@]*)?([/?].*)?");
    private static final String BYTE = "(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:]*:[0-9a-f:]*");
    private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    private static final Pattern NAME = Pattern.compile("(" + LABEL + "\\.)+(?=[a-z])" + LABEL);

    /**
     * Reads a URL.
     *
     * @param text the URL
     * @param loopback whether this machine may be meant: then plain http, the name localhost and any port will do
     * @return its parts
     * @throws InvalidInputException if it is anything but a plain absolute URL
     */
    static Url parse(String text, boolean loopback) {
        if (text.length() > LONGEST) {
            throw bad(text.substring(0, LONGEST), "must have at most " + LONGEST + " characters");
        }
        if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f && "\\\"<>^`{|}".indexOf(c) < 0)) {
            throw bad(text, "must be plain ASCII, an international name in its xn-- spelling");
        }
        if (text.indexOf('#') >= 0 || text.indexOf('@') >= 0) {
            throw bad(text, "must have no fragment, user or password");
        }
        Matcher whole = WHOLE.matcher(text);
        if (!whole.matches()) {
            throw bad(text, "must be an absolute https URL");
        }
        boolean secure = whole.group(1).equalsIgnoreCase("https");
        if (!secure && !loopback) {
            throw bad(text, "must be https");
        }
        String target = whole.group(4) == null ? "/" : whole.group(4);
        return new Url(
                secure,
                host(text, whole.group(2).toLowerCase(Locale.ROOT), loopback),
                port(text, whole.group(3), secure, loopback),
                target.startsWith("/") ? target : "/" + target);
    }

    private static String host(String text, String host, boolean loopback) {
        if (host.startsWith("[")) {
            return ipv6(text, host.substring(1, host.length() - 1));
        }
        boolean known = IPV4.matcher(host).matches()
                || (host.length() <= LONGEST_NAME && NAME.matcher(host).matches())
                || (loopback && host.equals("localhost"));
        if (!known) {
            throw bad(text, "must name its host in full, or as four decimal numbers");
        }
        return host;
    }

    private static String ipv6(String text, String address) {
        try {
            if (IPV6.matcher(address).matches() && AddressRules.literal("[" + address + "]") instanceof Inet6Address) {
                return address;
            }
        } catch (IllegalArgumentException unknown) {
            throw bad(text, "must have an address between the brackets");
        }
        throw bad(text, "must have a plain IPv6 address between the brackets, without zone or IPv4 part");
    }

    private static int port(String text, String given, boolean secure, boolean loopback) {
        int usual = secure ? HTTPS : HTTP;
        if (given == null) {
            return usual;
        }
        if (!given.matches(":[1-9][0-9]{0,4}") || Integer.parseInt(given.substring(1)) > LAST_PORT) {
            throw bad(text, "must have a port of 1 to " + LAST_PORT);
        }
        int port = Integer.parseInt(given.substring(1));
        if (port != usual && port < FIRST_FREE_PORT && !loopback) {
            throw bad(text, "must have port " + usual + ", or one from " + FIRST_FREE_PORT);
        }
        return port;
    }

    private static InvalidInputException bad(String text, String rule) {
        return new InvalidInputException("webhook URL", shown(text), rule);
    }

    /** Leaves out what may be secret: user and password, path and query. */
    private static String shown(String text) {
        int start = text.indexOf("://");
        int authority = start < 0 ? 0 : start + 3;
        int end = authority;
        while (end < text.length() && "/?#\\".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        int user = text.lastIndexOf('@', end);
        String scheme = text.substring(0, authority);
        return scheme
                + (user >= authority ? "…@" + text.substring(user + 1, end) : text.substring(authority, end))
                + (end < text.length() ? "…" : "");
    }

    /** Returns the host and, where it is not the usual one, the port, as the header of a request has them. */
    String authority() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == (secure ? HTTPS : HTTP) ? name : name + ":" + port;
    }
}
