package dev.tomp3.gateway;

import dev.tomp3.platform.RateLimiter;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;

/**
 * Tells a client how many requests are left: in the fields of
 * draft-ietf-httpapi-ratelimit-headers-10, and in older ones that many clients read.
 *
 * @param policy the name of the limit
 */
record RateLimitHeaders(String policy, int perMinute) {
    void write(HttpServletResponse response, RateLimiter.Consumption consumption) {
        long reset = seconds(consumption.reset());
        response.setHeader("RateLimit-Policy", "\"%s\";q=%d;w=60".formatted(policy, perMinute));
        response.setHeader(
                "RateLimit", "\"%s\";r=%d;t=%d".formatted(policy, consumption.remaining(), reset));
        response.setIntHeader("RateLimit-Limit", perMinute);
        response.setHeader("RateLimit-Remaining", Long.toString(consumption.remaining()));
        response.setHeader("RateLimit-Reset", Long.toString(reset));
    }

    private static long seconds(Duration duration) {
        return duration.plusMillis(999).toSeconds();
    }
}
