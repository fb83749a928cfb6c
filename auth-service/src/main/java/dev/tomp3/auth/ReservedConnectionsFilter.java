package dev.tomp3.auth;

import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps database connections for {@code POST /validate}, which the gateway needs for every user.
 * All other requests that use the database share the rest of the pool, however many logins there
 * are, and one address has about half of it at most. Each request has a virtual thread of its own,
 * so that there are no threads to run out of.
 */
final class ReservedConnectionsFilter extends OncePerRequestFilter {
    /** A validation takes about a millisecond, so that few connections suffice. */
    static final int RESERVED = 3;

    private static final Duration MAX_WAIT = Duration.ofSeconds(2);
    private static final Set<String> LIMITED =
            Set.of("/login", "/logout", "/sessions", "/register", "/password");

    private final SharedPermits others;

    /**
     * @param connections of the pool
     */
    ReservedConnectionsFilter(int connections) {
        this(connections, MAX_WAIT);
    }

    ReservedConnectionsFilter(int connections, Duration maxWait) {
        int count = Math.max(1, connections - RESERVED);
        this.others = new SharedPermits(count, Math.ceilDiv(count, 2), maxWait, NanoClock.system());
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return !LIMITED.contains(path) && !path.startsWith("/users") && !path.startsWith("/keys");
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<SharedPermits.Permit> acquired = others.acquire(request.getRemoteAddr());
        if (acquired.isEmpty()) {
            Problems.write(
                    response,
                    new ProblemException(
                            Problem.UNAVAILABLE,
                            "Too many simultaneous requests. Try again.",
                            others.maxWait()));
            return;
        }
        try (SharedPermits.Permit _ = acquired.get()) {
            chain.doFilter(request, response);
        }
    }
}
