package dev.tomp3.notification;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.catalina.util.NetMask;

/**
 * Which addresses are of the internet: those that IANA calls globally reachable, without multicast,
 * the metadata services of clouds, and tunnels that lead elsewhere.
 *
 * @see <a href="https://www.iana.org/assignments/iana-ipv4-special-registry">IPv4</a>
 * @see <a href="https://www.iana.org/assignments/iana-ipv6-special-registry">IPv6</a>
 */
final class PublicAddresses {
    private static final List<NetMask> NOT_PUBLIC_4 =
            masks(
                    "0.0.0.0/8", // this host
                    "10.0.0.0/8", // private
                    "100.64.0.0/10", // carriers' NAT; metadata of Alibaba Cloud
                    "127.0.0.0/8", // loopback
                    "168.63.129.16/32", // metadata of Azure
                    "169.254.0.0/16", // link-local; metadata of most clouds
                    "172.16.0.0/12", // private
                    "192.0.0.0/24", // protocol assignments; metadata of Oracle Cloud
                    "192.0.2.0/24", // documentation
                    "192.88.99.0/24", // 6to4 relays
                    "192.168.0.0/16", // private
                    "198.18.0.0/15", // benchmarks
                    "198.51.100.0/24", // documentation
                    "203.0.113.0/24", // documentation
                    "224.0.0.0/4", // multicast
                    "240.0.0.0/4"); // reserved, broadcast

    /** The only block of IPv6 that is routed in the internet. */
    private static final NetMask UNICAST_6 = new NetMask("2000::/3");

    private static final List<NetMask> NOT_PUBLIC_6 =
            masks(
                    "2001::/23", // protocol assignments, with Teredo
                    "2001:db8::/32", // documentation
                    "2002::/16", // 6to4
                    "3fff::/20"); // documentation

    /** IPv4 behind a translator: the last four bytes are the address. */
    private static final NetMask NAT64 = new NetMask("64:ff9b::/96");

    private PublicAddresses() {}

    private static List<NetMask> masks(String... blocks) {
        return Stream.of(blocks).map(NetMask::new).toList();
    }

    /** An IPv4 address that is written as IPv6, {@code ::ffff:1.2.3.4}, is one of IPv4 to Java. */
    static boolean contains(InetAddress address) {
        if (address instanceof Inet4Address)
            return NOT_PUBLIC_4.stream().noneMatch(block -> block.matches(address));
        if (NAT64.matches(address)) return contains(lastFourBytes(address));
        return UNICAST_6.matches(address)
                && NOT_PUBLIC_6.stream().noneMatch(block -> block.matches(address));
    }

    private static InetAddress lastFourBytes(InetAddress address) {
        byte[] bytes = address.getAddress();
        try {
            return InetAddress.getByAddress(
                    Arrays.copyOfRange(bytes, bytes.length - 4, bytes.length));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are always an address
        }
    }
}
