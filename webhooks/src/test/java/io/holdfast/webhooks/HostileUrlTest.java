package io.holdfast.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.error.InvalidInputException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * URLs that lead inside, or may be read as if they did: none is connected to. Connections are counted where they are
 * opened, and at a listener of this machine that most of the URLs aim at.
 */
class HostileUrlTest {
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /** Addresses by which this machine, its network or a cloud's inner services can be meant. */
    private static final List<String> INSIDE = List.of(
            "127.0.0.1",
            "127.0.0.2",
            "127.1.1.1",
            "127.255.255.255",
            "0.0.0.0",
            "0.0.0.1",
            "10.0.0.1",
            "10.255.0.1",
            "172.16.0.1",
            "172.31.255.254",
            "192.168.0.1",
            "192.168.1.254",
            "169.254.169.254",
            "169.254.170.2",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "168.63.129.16",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255");

    private static final List<String> INSIDE_V6 = List.of(
            "::1",
            "::",
            "0:0:0:0:0:0:0:1",
            "::0:1",
            "0000:0000:0000:0000:0000:0000:0000:0001",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2001:0:7f00:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "2002:a9fe:a9fe::1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::7f00:1",
            "64:ff9b:1:fffe::1",
            "100::1",
            "3fff::1",
            "5f00::1",
            "2001:2::1",
            "2001:20::1",
            "2600::5efe:7f00:1",
            "2600::200:5efe:a00:1");

    /** Spellings that some reader takes for an address inside, or for another host than another reader. */
    private static final List<String> ODD_HOSTS = List.of(
            "2130706433",
            "017700000001",
            "0x7f000001",
            "0x7F.0x0.0x0.0x1",
            "0177.0.0.1",
            "0177.0000.0000.0001",
            "127.1",
            "127.0.1",
            "127.0.0.01",
            "127.0.0.1.",
            "127.00.0.1",
            "127.0.0.0x1",
            "0x7f.1",
            "0",
            "0.0",
            "0x0",
            "00",
            "1",
            "10.1",
            "192.168.257",
            "3232235777",
            "0xC0A80101",
            "030052000401",
            "2852039166",
            "0xA9FEA9FE",
            "0251.0376.0251.0376",
            "169.254.43518",
            "0xa9.0xfe.0xa9.0xfe",
            "169.16689662",
            "127.0.0.1.0",
            "256.0.0.1",
            "127.0.0.1%00",
            "127.0.0.1%2e",
            "127%2e0%2e0%2e1",
            "%31%32%37.0.0.1",
            "localhost",
            "localhost.",
            "LOCALHOST",
            "localhost.localdomain.",
            "intranet",
            "metadata",
            "metadata.google.internal.",
            "kubernetes",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[::7f00:1]",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[64:ff9b::127.0.0.1]",
            "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
            "[::1%lo]",
            "[::1%251]",
            "[v1.fe80::1]",
            "[127.0.0.1]",
            "[localhost]",
            "[]",
            "[::1",
            "::1",
            "[::1]]",
            "[[::1]]",
            "[:::1]",
            "[1:2:3]",
            "[g::1]",
            "a..example.com",
            ".example.com",
            "example.com.",
            "-a.example.com",
            "a-.example.com",
            "a_b.example.com",
            "exa mple.com",
            "example.com\t",
            "127。0。0。1",
            "127．0．0．1",
            "127｡0｡0｡1",
            "①②⑦.⓪.⓪.①",
            "ⓛocalhost.com",
            "localhoſt.com",
            "еxample.com",
            "example.123",
            "example.0x7f",
            "*.example.com",
            "example.com,127.0.0.1",
            "example.com;127.0.0.1",
            "example.com&@127.0.0.1",
            "$(id).example.com",
            "a".repeat(64) + ".com",
            "a.".repeat(127) + "com",
            "");

    private Receiver inside;
    private final AtomicInteger connected = new AtomicInteger();
    private final List<InetSocketAddress> targets = new CopyOnWriteArrayList<>();
    private int sent;

    @BeforeEach
    void listen() throws IOException {
        inside = new Receiver(Receiver.status(200));
    }

    @AfterEach
    void close() throws IOException {
        inside.close();
    }

    private Connector counting() {
        return (address, timeout) -> {
            connected.incrementAndGet();
            targets.add(address);
            return Connector.DIRECT.connect(address, timeout);
        };
    }

    /** Names that a hostile domain gives addresses inside; everything else is read as the JDK reads it. */
    private static InetAddress[] resolve(String host) throws UnknownHostException {
        if (host.endsWith(".attacker.example")) {
            String label = host.substring(0, host.indexOf('.'));
            String address = label.startsWith("v6-") ? label.substring(3).replace('-', ':') : label.replace('-', '.');
            return new InetAddress[] {InetAddress.getByName(address)};
        }
        if (host.equals("localhost") || host.matches("[0-9a-fA-FxX.:]+")) {
            return InetAddress.getAllByName(host);
        }
        throw new UnknownHostException(host);
    }

    private Set<String> hostile() {
        Set<String> urls = new LinkedHashSet<>();
        String port = ":" + inside.port();
        for (String address : INSIDE) {
            urls.add("https://" + address + port + "/");
            urls.add("https://" + address + "/");
            urls.add("https://" + address.replace('.', '-') + ".attacker.example" + port + "/");
        }
        for (String address : INSIDE_V6) {
            urls.add("https://[" + address + "]" + port + "/");
            urls.add("https://[" + address + "]");
            String label = "v6-" + address.replace(':', '-');
            urls.add("https://" + (label.endsWith("-") ? label + "0" : label) + ".attacker.example" + port + "/");
        }
        for (String host : ODD_HOSTS) {
            urls.add("https://" + host + port + "/");
        }
        for (String scheme : List.of(
                "http",
                "HTTP",
                "ftp",
                "file",
                "gopher",
                "dict",
                "ldap",
                "jar:https",
                "ws",
                "wss",
                "data",
                "tftp",
                "")) {
            urls.add(scheme + "://127.0.0.1" + port + "/");
            urls.add(scheme + "://8.8.8.8" + port + "/");
        }
        String own = "127.0.0.1" + port;
        urls.addAll(List.of(
                "https://user@" + own + "/",
                "https://user:s3cret@" + own + "/",
                "https://8.8.8.8@" + own + "/",
                "https://8.8.8.8:443@" + own + "/",
                "https://" + own + "@8.8.8.8/",
                "https://8.8.8.8%40" + own + "/",
                "https://8.8.8.8#@" + own + "/",
                "https://" + own + "#@8.8.8.8/",
                "https://8.8.8.8\\@" + own + "/",
                "https://" + own + "\\@8.8.8.8/",
                "https:\\\\" + own + "/",
                "https:/" + own + "/",
                "https:" + own + "/",
                "https:///" + own + "/",
                "https:////" + own + "/",
                "//" + own + "/",
                "/\\" + own,
                own,
                "https://",
                "https:///",
                "https://:443/",
                "https://?",
                "https://8.8.8.8:0/",
                "https://8.8.8.8:-1/",
                "https://8.8.8.8:+443/",
                "https://8.8.8.8:0443/",
                "https://8.8.8.8:65536/",
                "https://8.8.8.8:99999999999/",
                "https://8.8.8.8:443:80/",
                "https://8.8.8.8:/",
                "https://8.8.8.8:4a/",
                "https://8.8.8.8: 443/",
                "https://8.8.8.8:22/",
                "https://8.8.8.8:25/",
                "https://8.8.8.8:80/",
                "https://8.8.8.8:१२३/",
                " https://" + own + "/",
                "https://" + own + "/ ",
                "https://" + own + "/\r\nHost: x",
                "https://8.8.8.8/\r\nX: y",
                "https://8.8.8.8/\u0000",
                "https://8.8.8.8/a b",
                "https://8.8.8.8/\u00e4",
                "https://8.8.8.8/<script>",
                "https://8.8.8.8/" + "a".repeat(3_000)));
        return urls;
    }

    @Test
    @DisplayName("at least 300 hostile URLs, one after the other: no connection at all")
    void noConnection() {
        Set<String> urls = hostile();
        assertThat(urls).hasSizeGreaterThanOrEqualTo(300);
        List<String> wrong = new ArrayList<>();
        for (String url : urls) {
            try {
                Delivery delivery = endpoint(url, HostileUrlTest::resolve).sendTest();
                sent++;
                boolean refused = delivery.status() == 0
                        && (delivery.describe().contains("nothing was sent")
                                || delivery.describe().contains("is unknown"));
                if (!refused) {
                    wrong.add(url + ": " + delivery.describe());
                }
            } catch (InvalidInputException refused) {
                assertThat(refused).hasMessageContaining("webhook URL").hasMessageNotContaining("s3cret");
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(sent).as("URLs refused for their address only").isGreaterThan(100);
        assertThat(connected).hasValue(0);
        assertThat(inside.connections).hasValue(0);
    }

    @Test
    @DisplayName("as built for use, with its own resolver and connector: no connection to the listener here")
    void asBuilt() {
        int sentTo = 0;
        for (String url : hostile()) {
            if (url.contains(":" + inside.port()) && !url.contains(".attacker.example")) {
                try {
                    Delivery delivery =
                            WebhookEndpoint.at(url).secret(SECRET).build().sendTest();
                    assertThat(delivery.describe()).as(url).contains("nothing was sent");
                    sentTo++;
                } catch (InvalidInputException refused) {
                    assertThat(refused).hasMessageContaining("webhook URL");
                }
            }
        }
        assertThat(sentTo).as("URLs refused for their address only").isGreaterThan(40);
        assertThat(inside.connections).hasValue(0);
    }

    @Test
    @DisplayName("a connection would have been counted")
    void counted() {
        Delivery delivery = WebhookEndpoint.at(inside.url())
                .secret(SECRET)
                .allowLoopback()
                .connector(counting())
                .build()
                .sendTest();
        assertThat(delivery.arrived()).isTrue();
        assertThat(connected).hasValue(1);
        assertThat(inside.connections).hasValue(1);
    }

    @Test
    @DisplayName("a host that also has an address inside is not connected to at all")
    void mixed() throws UnknownHostException {
        InetAddress[] both = {InetAddress.getByName("8.8.8.8"), InetAddress.getByName("10.0.0.1")};
        assertThat(endpoint("https://both.example.com/", host -> both)
                        .sendTest()
                        .describe())
                .contains("10.0.0.1", "private", "nothing was sent");
        assertThat(connected).hasValue(0);
    }

    @Test
    @DisplayName("a name that changes its address is looked up once, and the connection goes to what was checked")
    void rebinding() throws UnknownHostException {
        AtomicInteger asked = new AtomicInteger();
        InetAddress outside = InetAddress.getByName("8.8.8.8");
        InetAddress own = InetAddress.getByName("127.0.0.1");
        Resolver turncoat = host -> new InetAddress[] {asked.getAndIncrement() == 0 ? outside : own};
        WebhookEndpoint endpoint = WebhookEndpoint.at("https://turncoat.example.com:" + inside.port() + "/")
                .secret(SECRET)
                .resolver(turncoat)
                .connector((address, timeout) -> {
                    targets.add(address);
                    throw new IOException("no further");
                })
                .build();
        assertThat(endpoint.sendTest().describe()).isEqualTo("no further");
        assertThat(asked).hasValue(1);
        assertThat(targets)
                .singleElement()
                .satisfies(target -> assertThat(target.getAddress()).isEqualTo(outside));
        assertThat(endpoint.sendTest().describe()).contains("nothing was sent");
        assertThat(asked).hasValue(2);
        assertThat(targets).hasSize(1);
        assertThat(inside.connections).hasValue(0);
    }

    @Test
    @DisplayName("leave to go to this machine is no leave to go anywhere else without https")
    void loopbackOnly() {
        for (String url : List.of("http://8.8.8.8/", "http://10-0-0-1.attacker.example/", "https://192.168.0.1/")) {
            Delivery delivery = WebhookEndpoint.at(url)
                    .secret(SECRET)
                    .allowLoopback()
                    .resolver(HostileUrlTest::resolve)
                    .connector(counting())
                    .build()
                    .sendTest();
            assertThat(delivery.describe()).contains("nothing was sent");
        }
        assertThat(connected).hasValue(0);
    }

    @Test
    @DisplayName("plain URLs are read as they are meant")
    void good() {
        assertThat(Url.parse("https://Hooks.Example.com/a/b?c=%20d", false))
                .isEqualTo(new Url(true, "hooks.example.com", 443, "/a/b?c=%20d"));
        assertThat(Url.parse("HTTPS://xn--bcher-kva.example:8443?q", false))
                .isEqualTo(new Url(true, "xn--bcher-kva.example", 8443, "/?q"));
        assertThat(Url.parse("https://8.8.8.8", false).authority()).isEqualTo("8.8.8.8");
        assertThat(Url.parse("https://[2606:4700::1111]:8443/", false).authority())
                .isEqualTo("[2606:4700::1111]:8443");
        assertThat(Url.parse("http://localhost:80/", true)).isEqualTo(new Url(false, "localhost", 80, "/"));
        assertThatThrownBy(() -> Url.parse("https://u:secret@example.com/token", false))
                .hasMessageNotContaining("secret")
                .hasMessageNotContaining("token");
    }

    private WebhookEndpoint endpoint(String url, Resolver resolver) {
        return WebhookEndpoint.at(url)
                .secret(SECRET)
                .resolver(resolver)
                .connector(counting())
                .build();
    }
}
