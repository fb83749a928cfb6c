package dev.tomp3.gateway;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.filter.CorsFilter;

/**
 * Lets pages of other web sites use the API, if the operator names these sites. They need a bearer
 * token: browsers send the session cookie to pages of this site only.
 */
@Configuration(proxyBeanMethods = false)
class CrossOriginConfiguration {
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS");

    private static final List<String> EXPOSED =
            List.of(
                    "Location",
                    "Tus-Version",
                    "Tus-Resumable",
                    "Tus-Max-Size",
                    "Tus-Extension",
                    "Tus-Checksum-Algorithm",
                    "Upload-Offset",
                    "Upload-Length",
                    "Upload-Defer-Length",
                    "Upload-Metadata",
                    "Upload-Expires",
                    "Content-Disposition",
                    "ETag",
                    "Retry-After",
                    "RateLimit",
                    "RateLimit-Policy",
                    "WWW-Authenticate");

    /** A request of an origin that is not named is handled as if it had none. */
    @Bean
    FilterRegistrationBean<CorsFilter> corsFilter(GatewayProperties properties) {
        List<String> origins = properties.corsOrigins();
        CorsConfiguration allowed = new CorsConfiguration();
        allowed.setAllowedOrigins(origins);
        allowed.setAllowedMethods(METHODS);
        allowed.setAllowedHeaders(List.of(CorsConfiguration.ALL));
        allowed.setExposedHeaders(EXPOSED);
        allowed.setMaxAge(Duration.ofHours(1));
        CorsFilter filter =
                new CorsFilter(_ -> allowed) {
                    @Override
                    protected boolean shouldNotFilter(HttpServletRequest request) {
                        String origin = request.getHeader(HttpHeaders.ORIGIN);
                        return origin == null || !origins.contains(origin);
                    }
                };
        FilterRegistrationBean<CorsFilter> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(!origins.isEmpty());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
        return registration;
    }
}
