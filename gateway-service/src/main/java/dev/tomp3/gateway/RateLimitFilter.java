package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import dev.tomp3.platform.RateLimiter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Limits the requests of a user, and tells in {@code RateLimit} headers how many are left. Each
 * gateway counts alone, so that a request needs no network round trip; limits that hold for the
 * whole system are {@link Quota}'s.
 */
final class RateLimitFilter extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(RateLimitFilter.class);

    private final int perMinute;
    private final RateLimitHeaders headers;
    private final RateLimiter limiter;
    private final RefusalDelay delay;

    RateLimitFilter(int perMinute, RateLimiter limiter, RefusalDelay delay) {
        this.perMinute = perMinute;
        this.headers = new RateLimitHeaders("user", perMinute);
        this.limiter = limiter;
        this.delay = delay;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        if (!limiter.unlimited()
                && authentication != null
                && authentication.getPrincipal() instanceof CurrentUser user) {
            RateLimiter.Consumption consumption = limiter.consume(user.id());
            headers.write(response, consumption);
            if (!consumption.allowed()) {
                if (consumption.first())
                    log.info(
                            "Refusing requests of user {} from {}: too many",
                            user.id(),
                            request.getRemoteAddr());
                delay.await(consumption);
                Problems.write(
                        response,
                        new ProblemException(
                                Problem.TOO_MANY_REQUESTS,
                                "The limit is " + perMinute + " requests per minute and user.",
                                consumption.retryAfter().orElseThrow()));
                return;
            }
        }
        chain.doFilter(request, response);
    }
}
