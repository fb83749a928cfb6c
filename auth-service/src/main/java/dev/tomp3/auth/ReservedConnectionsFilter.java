package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps database connections for {@code POST /validate}, which the gateway needs for every user.
 * All other requests that use the database share the rest of the pool, however many logins there
 * are. Each request has a virtual thread of its own, so that there are no threads to run out of.
 */
final class ReservedConnectionsFilter extends OncePerRequestFilter {
    /** A validation takes about a millisecond, so that few connections suffice. */
    static final int RESERVED = 3;

    private static final Duration MAX_WAIT = Duration.ofSeconds(2);
    private static final Set<String> LIMITED =
            Set.of("/login", "/logout", "/sessions", "/register", "/password");

    private final Semaphore others;
    private final Duration maxWait;

    /**
     * @param connections of the pool
     */
    ReservedConnectionsFilter(int connections) {
        this(connections, MAX_WAIT);
    }

    ReservedConnectionsFilter(int connections, Duration maxWait) {
        this.others = new Semaphore(Math.max(1, connections - RESERVED), true);
        this.maxWait = maxWait;
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
        if (!acquired()) {
            Problems.write(
                    response,
                    new ProblemException(
                            Problem.UNAVAILABLE,
                            "Too many simultaneous requests. Try again.",
                            maxWait));
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            others.release();
        }
    }

    private boolean acquired() {
        try {
            return others.tryAcquire(maxWait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
