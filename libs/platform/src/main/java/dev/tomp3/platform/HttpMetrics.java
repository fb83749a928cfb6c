package dev.tomp3.platform;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.http.server.PathContainer;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.pattern.PathPattern;

/**
 * Records {@code http_requests_total{method,path,status}} and {@code
 * http_request_duration_seconds{method,path}}. The path is the route's template, so that ids do not
 * create new series. Every route starts at 0.
 */
final class HttpMetrics extends OncePerRequestFilter implements SmartInitializingSingleton {
    private static final String UNMATCHED = "unmatched";
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final NanoClock clock;
    private final ObjectProvider<RequestMappingHandlerMapping> routes;
    private final MeterProvider<Counter> requests;
    private final MeterProvider<Timer> durations;
    private volatile List<PathPattern> patterns = List.of();

    HttpMetrics(
            MeterRegistry registry,
            NanoClock clock,
            ObjectProvider<RequestMappingHandlerMapping> routes) {
        this.clock = clock;
        this.routes = routes;
        this.requests =
                Counter.builder("http.requests")
                        .description("HTTP requests by method, route and status")
                        .withRegistry(registry);
        this.durations =
                Timer.builder("http.request.duration")
                        .description("Time from the start of a request to the end of its response")
                        .serviceLevelObjectives(
                                Duration.ofMillis(5),
                                Duration.ofMillis(10),
                                Duration.ofMillis(25),
                                Duration.ofMillis(50),
                                Duration.ofMillis(100),
                                Duration.ofMillis(250),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(1),
                                Duration.ofMillis(2500),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(600))
                        .withRegistry(registry);
    }

    @Override
    public void afterSingletonsInstantiated() {
        patterns =
                routes.orderedStream()
                        .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                        .map(RequestMappingInfo::getPathPatternsCondition)
                        .filter(Objects::nonNull)
                        .flatMap(condition -> condition.getPatterns().stream())
                        .toList();
        routes.orderedStream()
                .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                .forEach(route -> {
                    for (String path : route.getPatternValues()) {
                        for (RequestMethod method : route.getMethodsCondition().getMethods()) {
                            requests.withTags(
                                    "method", method.name(), "path", path, "status", "200");
                            durations.withTags("method", method.name(), "path", path);
                        }
                    }
                });
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long start = clock.nanoTime();
        int status = 500;
        boolean async = false;
        try {
            chain.doFilter(request, response);
            status = response.getStatus();
            async = request.isAsyncStarted();
        } finally {
            if (!async) record(request, status, start);
        }
        if (async) request.getAsyncContext().addListener(atTheEnd(request, response, start));
    }

    private AsyncListener atTheEnd(
            HttpServletRequest request, HttpServletResponse response, long start) {
        return new AsyncListener() {
            @Override
            public void onComplete(AsyncEvent event) {
                record(request, response.getStatus(), start);
            }

            @Override
            public void onTimeout(AsyncEvent event) {}

            @Override
            public void onError(AsyncEvent event) {}

            @Override
            public void onStartAsync(AsyncEvent event) {
                event.getAsyncContext().addListener(this);
            }
        };
    }

    private void record(HttpServletRequest request, int status, long start) {
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
        String path = path(request);
        requests.withTags("method", method, "path", path, "status", Integer.toString(status))
                .increment();
        durations.withTags("method", method, "path", path).record(clock.since(start));
    }

    private String path(HttpServletRequest request) {
        Object matched = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        if (matched != null) return matched.equals("/**") ? UNMATCHED : matched.toString();
        PathContainer path =
                PathContainer.parsePath(request.getRequestURI()); // rejected before routing
        for (PathPattern pattern : patterns) {
            if (pattern.matches(path)) return pattern.getPatternString();
        }
        return UNMATCHED;
    }
}
