package dev.tomp3.gateway;

import dev.tomp3.platform.BearerTokens;
import dev.tomp3.platform.ClientNetwork;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import dev.tomp3.platform.RateLimiter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.AuthenticationException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Limits the requests of an address that no valid token covers: those without a token, those with
 * an invalid one, and those that auth decides about. Users of the same address are not affected,
 * because a request with a valid token never counts here.
 *
 * <p>An address is an IPv4 address, or the first 64 bits of an IPv6 address. Health checks do not
 * count: a response to them costs no more than a rejection.
 */
final class StrangerLimit {
    private static final Logger log = LoggerFactory.getLogger(StrangerLimit.class);

    private final int perMinute;
    private final RateLimitHeaders headers;
    private final RateLimiter limiter;
    private final RefusalDelay delay;

    StrangerLimit(int perMinute, RateLimiter limiter, RefusalDelay delay) {
        this.perMinute = perMinute;
        this.headers = new RateLimitHeaders("address", perMinute);
        this.limiter = limiter;
        this.delay = delay;
    }

    /**
     * Counts a request.
     *
     * @return false when it was one too many; it has its response then
     */
    private boolean allows(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (limiter.unlimited() || request.getRequestURI().startsWith("/health")) return true;
        RateLimiter.Consumption consumption =
                limiter.consume(ClientNetwork.of(request.getRemoteAddr()));
        headers.write(response, consumption);
        if (consumption.allowed()) return true;
        if (consumption.first())
            log.info(
                    "Refusing requests from {}: too many without a token", request.getRemoteAddr());
        delay.await(consumption);
        Problems.write(
                response,
                new ProblemException(
                        Problem.TOO_MANY_REQUESTS,
                        "The limit is " + perMinute + " requests per minute without a valid token.",
                        consumption.retryAfter().orElseThrow()));
        return false;
    }

    /** An {@code AuthenticationEntryPoint} for requests whose token was rejected. */
    void rejected(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException {
        // while auth is unavailable, users are no strangers
        boolean unknown = e instanceof BearerTokens.Rejected token && !token.isInvalid();
        if (!unknown && !allows(request, response)) return;
        log.info(
                "Refused {} {} from {}: {}",
                request.getMethod(),
                request.getRequestURI(),
                request.getRemoteAddr(),
                e.getMessage());
        BearerTokens.unauthenticated(request, response, e);
    }

    /** Counts requests before they are handled. */
    static final class Filter extends OncePerRequestFilter {
        private final StrangerLimit limit;
        private final Function<HttpServletRequest, @Nullable String> token;

        /**
         * @param token the token of a request that will be verified; null if there is none, and the
         *     request counts here
         */
        Filter(StrangerLimit limit, Function<HttpServletRequest, @Nullable String> token) {
            this.limit = limit;
            this.token = token;
        }

        @Override
        protected void doFilterInternal(
                HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            boolean counts = token.apply(request) == null;
            if (!counts || limit.allows(request, response)) chain.doFilter(request, response);
        }
    }
}
