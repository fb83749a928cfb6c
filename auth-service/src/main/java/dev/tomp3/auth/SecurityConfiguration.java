package dev.tomp3.auth;

import dev.tomp3.platform.ApiKey;
import dev.tomp3.platform.BearerTokens;
import dev.tomp3.platform.BodyLimitFilter;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AndRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;

/** Which requests need a token, and which role. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    private static final Logger log = LoggerFactory.getLogger(SecurityConfiguration.class);

    @Bean
    @Order(1)
    SecurityFilterChain tokenRequired(HttpSecurity http, AuthenticationManager tokens) {
        PathPatternRequestMatcher.Builder paths = PathPatternRequestMatcher.withDefaults();
        return stateless(http)
                .securityMatcher(
                        new OrRequestMatcher(
                                paths.matcher("/users"),
                                paths.matcher("/users/**"),
                                paths.matcher("/keys"),
                                paths.matcher("/keys/**"),
                                new AndRequestMatcher(
                                        paths.matcher(HttpMethod.POST, "/password"),
                                        request -> BasicCredentials.of(request).isEmpty()),
                                paths.matcher(HttpMethod.POST, "/validate"),
                                paths.matcher(HttpMethod.POST, "/logout"),
                                paths.matcher(HttpMethod.DELETE, "/sessions")))
                .authorizeHttpRequests(requests ->
                        requests.requestMatchers("/users", "/users/**")
                                .hasRole(User.ADMIN)
                                .requestMatchers("/validate")
                                .authenticated()
                                .anyRequest()
                                .hasRole(User.USER))
                .addFilter(BearerTokens.filter(_ -> tokens))
                .exceptionHandling(handling ->
                        handling.authenticationEntryPoint(BearerTokens::unauthenticated)
                                .accessDeniedHandler(SecurityConfiguration::denied))
                .build();
    }

    private static void denied(
            HttpServletRequest request, HttpServletResponse response, Exception e)
            throws IOException {
        log.info(
                "Refused {} {} of {} from {}: not allowed",
                request.getMethod(),
                request.getRequestURI(),
                actor(),
                request.getRemoteAddr());
        Authentication caller = SecurityContextHolder.getContext().getAuthentication();
        boolean key =
                caller != null
                        && caller.getPrincipal() instanceof TokenIntrospection user
                        && user.isKey();
        Problems.write(
                response,
                key
                        ? ApiKey.insufficientScope(Optional.empty())
                        : new ProblemException(Problem.FORBIDDEN));
    }

    /**
     * Everything else is public, does not exist, or is {@code POST /password} with a password
     * instead of a token.
     */
    @Bean
    @Order(2)
    SecurityFilterChain open(HttpSecurity http) {
        return stateless(http)
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    private static String actor() {
        Authentication current = SecurityContextHolder.getContext().getAuthentication();
        return current != null && current.getPrincipal() instanceof TokenIntrospection user
                ? "user=" + user.sub()
                : "unknown";
    }

    private static HttpSecurity stateless(HttpSecurity http) {
        return http.csrf(AbstractHttpConfigurer::disable) // the gateway alone takes cookies
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(sessions ->
                        sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
    }

    @Bean
    AuthenticationManager tokenAuthentication(Tokens tokens, ApiKeys keys) {
        return authentication ->
                authenticate(tokens, keys, (BearerTokenAuthenticationToken) authentication);
    }

    /** An API key has no role here: it is good for {@code /validate} only. */
    private static Authentication authenticate(
            Tokens tokens, ApiKeys keys, BearerTokenAuthenticationToken bearer) {
        TokenIntrospection user;
        String token = bearer.getToken();
        try {
            user =
                    (ApiKey.is(token) ? keys.verify(token) : tokens.verify(token))
                            .orElseThrow(() ->
                                    new BearerTokens.Rejected(
                                            new ProblemException(
                                                    Problem.UNAUTHENTICATED,
                                                    "The token is not valid. Get a new one from"
                                                            + " POST /login.")));
        } catch (DataAccessException e) {
            log.warn("MySQL did not respond: {}", e.toString());
            throw new BearerTokens.Rejected(
                    new ProblemException(
                            Problem.UNAVAILABLE, "The user database is unavailable. Try again."));
        }
        return new PreAuthenticatedAuthenticationToken(
                user,
                "",
                AuthorityUtils.createAuthorityList(
                        user.isKey()
                                ? List.of()
                                : user.roles().stream().map(role -> "ROLE_" + role).toList()));
    }

    /**
     * No request needs more than a few hundred bytes. After the metrics filter, and before any
     * filter that could read the body.
     */
    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit() {
        FilterRegistrationBean<BodyLimitFilter> registration =
                new FilterRegistrationBean<>(new BodyLimitFilter(16));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
        return registration;
    }

    @Bean
    FilterRegistrationBean<ReservedConnectionsFilter> reservedConnections(
            @Value("${spring.datasource.hikari.maximum-pool-size}") int connections) {
        FilterRegistrationBean<ReservedConnectionsFilter> registration =
                new FilterRegistrationBean<>(new ReservedConnectionsFilter(connections));
        // after the body was read: a slow client must not hold a connection
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
        return registration;
    }
}
