package dev.tomp3.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.filter.RequestContextFilter;

/** What is open, and who is let in: decided before any handler runs, and before a body is read. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    private static final String SCHEME = "Bearer ";

    /** Auth decides about these itself; the rest describes the service. */
    private static final String[] OPEN = {
        "/",
        "/login",
        "/register",
        "/password",
        "/users",
        "/users/*",
        "/health",
        "/health/*",
        "/metrics",
        "/error",
        "/swagger-ui.html",
        "/swagger-ui/**",
        "/v3/api-docs",
        "/v3/api-docs/**"
    };

    @Bean
    SecurityFilterChain filters(HttpSecurity http, Tokens tokens, RateLimiter pace) {
        return http.csrf(AbstractHttpConfigurer::disable) // no cookies, so nothing to forge
                .sessionManagement(AbstractHttpConfigurer::disable)
                .securityContext(context ->
                        context.securityContextRepository(new NullSecurityContextRepository()))
                .servletApi(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .anonymous(anonymous -> {})
                .authorizeHttpRequests(requests ->
                        requests.requestMatchers(OPEN).permitAll().anyRequest().authenticated())
                .exceptionHandling(handling ->
                        handling.authenticationEntryPoint((request, response, e) ->
                                        Problems.write(
                                                response,
                                                Problem.UNAUTHENTICATED,
                                                "Send a token from POST /login as \"Authorization:"
                                                        + " Bearer TOKEN\".",
                                                null))
                                .accessDeniedHandler((request, response, e) ->
                                        Problems.write(
                                                response,
                                                Problem.FORBIDDEN,
                                                Problem.FORBIDDEN.title() + ".",
                                                null)))
                .addFilterBefore(new BearerFilter(tokens, pace), AuthorizationFilter.class)
                .build();
    }

    /** Nobody looks at them, and one around each filter costs more than what the filters do. */
    @Bean
    SecurityObservationSettings noObservations() {
        return SecurityObservationSettings.noObservations();
    }

    /** The dispatcher does the same for handlers, and no filter needs it. */
    @Bean
    FilterRegistrationBean<RequestContextFilter> noRequestContextFilter() {
        FilterRegistrationBean<RequestContextFilter> none =
                new FilterRegistrationBean<>(new RequestContextFilter());
        none.setEnabled(false);
        return none;
    }

    /** The firewall's own rule for what a header may hold, without its regular expression. */
    @Bean
    HttpFirewall firewall() {
        StrictHttpFirewall firewall = new StrictHttpFirewall();
        firewall.setAllowedHeaderValues(value -> {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (Character.isISOControl(c) && c != '\t') return false;
            }
            return true;
        });
        return firewall;
    }

    /** There are no users here, and no default one. */
    @Bean
    UserDetailsService noUsers() {
        return name -> {
            throw new UsernameNotFoundException(name);
        };
    }

    @Bean
    Ticker ticker() {
        return Ticker.systemTicker();
    }

    /** The token that came with the request; null when none did. */
    static @Nullable String bearer(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).strip()
                : null;
    }

    private static final class BearerFilter extends OncePerRequestFilter {
        private static final Set<String> RELAYED =
                Set.of("/login", "/register", "/password", "/users");
        private static final String ONE_USER = "/users/";
        private static final Set<String> READING = Set.of("GET", "HEAD");

        private final Tokens tokens;
        private final RateLimiter pace;

        BearerFilter(Tokens tokens, RateLimiter pace) {
            this.tokens = tokens;
            this.pace = pace;
        }

        @Override
        protected boolean shouldNotFilter(HttpServletRequest request) {
            String path = request.getRequestURI();
            return RELAYED.contains(path)
                    || (path.startsWith(ONE_USER) && path.indexOf('/', ONE_USER.length()) < 0);
        }

        @Override
        protected void doFilterInternal(
                HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            String token = bearer(request);
            if (token != null) {
                try {
                    CurrentUser caller = tokens.check(token, READING.contains(request.getMethod()));
                    pace.count(caller, response);
                    SecurityContextHolder.getContext()
                            .setAuthentication(
                                    new PreAuthenticatedAuthenticationToken(caller, "", List.of()));
                } catch (ProblemException e) {
                    Problems.write(response, e.problem(), e.detail(), e.retryAfter());
                    return;
                }
            }
            chain.doFilter(request, response);
        }
    }
}
