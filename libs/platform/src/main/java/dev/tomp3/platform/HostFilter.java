package dev.tomp3.platform;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Rejects requests for other hosts on a service that listens on the loopback address only. A web
 * site that a user of this machine visits could otherwise let its own name point to this machine,
 * and its scripts would have access to the service (DNS rebinding).
 */
final class HostFilter extends OncePerRequestFilter {
    private final boolean onLoopback;
    private final @Nullable String publicHost;

    /**
     * @param bind the address that the service listens on; empty: all
     * @param publicUrl the address under which users reach it, perhaps through a proxy; or empty
     */
    HostFilter(String bind, String publicUrl) {
        this.onLoopback = isLoopback(bind);
        this.publicHost = host(publicUrl);
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !onLoopback;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // not the server name, which X-Forwarded-Host may have replaced. Only HTTP/1.0 clients send
        // none, and browsers are none of these
        String sent = request.getHeader(HttpHeaders.HOST);
        if (sent == null || isAllowed(sent.replaceFirst(":[0-9]*$", "")))
            chain.doFilter(request, response);
        else
            Problems.write(
                    response,
                    new ProblemException(
                            Problem.MISDIRECTED,
                            "This service is reached as localhost, or as the host of PUBLIC_URL."));
    }

    private boolean isAllowed(String name) {
        String host = name.toLowerCase(Locale.ROOT);
        return host.equals("localhost") || host.equals(publicHost) || isLoopback(host);
    }

    private static @Nullable String host(String url) {
        try {
            String host = URI.create(url).getHost();
            return host == null ? null : host.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return null; // the notifier, whose setting it is, explains it
        }
    }

    private static boolean isLoopback(String address) {
        try {
            return address.equals("localhost")
                    // Java takes the number 1 for the address 0.0.0.1
                    || (!address.matches("[0-9]*")
                            && InetAddress.ofLiteral(address.replaceAll("[\\[\\]]", ""))
                                    .isLoopbackAddress());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
