package dev.tomp3.notification;

import dev.tomp3.platform.InvalidConfiguration;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.catalina.util.NetMask;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Keeps webhooks out of networks that only this machine reaches. A host is resolved once for each
 * connection, all of its addresses are checked, and the connection is made to one of those: an
 * answer of DNS that changes afterwards changes nothing.
 */
final class EgressGuard implements DnsResolver {
    /** The connection to each of them may take a while. */
    private static final int MAX_ADDRESSES = 2;

    private static final Pattern BLOCK =
            Pattern.compile("[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]*/[0-9]{1,3}");
    private static final Pattern HOST =
            Pattern.compile(
                    "(?i)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*");

    /** Finds the addresses of a host. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** The host has an address that is not allowed. */
    static final class RefusedException extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        RefusedException(String host) {
            super(host + " has an address that is not public");
        }
    }

    private final Lookup lookup;
    private final List<NetMask> blocks = new ArrayList<>();
    private final Set<String> hosts = new HashSet<>();

    /**
     * @param allow addresses, CIDR blocks and host names that need not be public
     */
    EgressGuard(List<String> allow, Lookup lookup) {
        this.lookup = lookup;
        for (String part : allow) {
            String entry = part.strip();
            if (entry.isEmpty()) continue;
            if (!addBlock(entry)) addHost(entry);
        }
    }

    private boolean addBlock(String entry) {
        try {
            if (BLOCK.matcher(entry).matches()) return blocks.add(new NetMask(entry));
            // Java takes the number 1 for the address 0.0.0.1
            if (entry.indexOf('.') < 0 && entry.indexOf(':') < 0) return false;
            return blocks.add(new NetMask(InetAddress.ofLiteral(entry).getHostAddress()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void addHost(String entry) {
        if (!HOST.matcher(entry).matches()) {
            throw new InvalidConfiguration(
                    "WEBHOOK_ALLOW has a part that is no address, CIDR block or host name: "
                            + entry);
        }
        hosts.add(entry.toLowerCase(Locale.ROOT));
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] addresses = lookup.addresses(host);
        boolean named = hosts.contains(host.toLowerCase(Locale.ROOT));
        List<InetAddress> checked = new ArrayList<>();
        for (InetAddress address : addresses) {
            if (!named && !isAllowed(address)) throw new RefusedException(host);
            if (checked.size() < MAX_ADDRESSES) checked.add(address);
        }
        return checked.toArray(InetAddress[]::new);
    }

    private boolean isAllowed(InetAddress address) {
        return PublicAddresses.contains(address)
                || blocks.stream().anyMatch(block -> block.matches(address));
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
