package dev.tomp3.platform;

import java.net.InetAddress;
import java.util.List;
import org.apache.catalina.util.NetMask;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The proxies whose {@code X-Forwarded-*} headers Tomcat trusts, for a check: Tomcat takes anything
 * but addresses and CIDR blocks for a regular expression, and trusts every address that matches it.
 */
@ConfigurationProperties("server.tomcat.remoteip")
record TrustedProxies(@Nullable List<String> internalProxies) {
    TrustedProxies {
        if (internalProxies != null) {
            for (String proxy : internalProxies) {
                if (!isAddressBlock(proxy.strip()))
                    throw new InvalidConfiguration(
                            "TRUSTED_PROXIES has a part that is not an address or CIDR block: "
                                    + proxy);
            }
        }
    }

    private static boolean isAddressBlock(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        // Java takes the number 1 for the address 0.0.0.1
        if (address.indexOf('.') < 0 && address.indexOf(':') < 0) return false;
        try {
            int bits = InetAddress.ofLiteral(address).getAddress().length * Byte.SIZE;
            return slash < 0
                    || Integer.parseUnsignedInt(text, slash + 1, text.length(), 10) <= bits;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    List<NetMask> masks() {
        return internalProxies == null
                ? List.of()
                : internalProxies.stream().map(proxy -> new NetMask(proxy.strip())).toList();
    }
}
