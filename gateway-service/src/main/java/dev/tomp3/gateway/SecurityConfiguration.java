package dev.tomp3.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.tomp3.platform.BearerTokens;
import dev.tomp3.platform.BodyLimitFilter;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import dev.tomp3.platform.Problems;
import dev.tomp3.platform.RateLimiter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationManagerResolver;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.header.HeaderWriter;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter;
import org.springframework.security.web.header.writers.DelegatingRequestMatcherHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.filter.RequestContextFilter;

/** Decides who may send a request, before any handler runs and before a body is read. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    private static final Set<String> READ_METHODS = Set.of("GET", "HEAD");

    /** Descriptions of the service and its state. */
    private static final String[] PUBLIC = {
        "/health",
        "/health/*",
        "/metrics",
        "/error",
        "/swagger-ui.html",
        "/swagger-ui/**",
        "/v3/api-docs",
        "/v3/api-docs/**"
    };

    /** Auth decides about these requests, and gets their tokens as they are. */
    @Bean
    @Order(1)
    SecurityFilterChain relayed(HttpSecurity http, StrangerLimit strangers) {
        return stateless(http)
                .securityMatcher(AccountController.PATHS)
                .addFilterBefore(
                        new StrangerLimit.Filter(strangers, _ -> null), AuthorizationFilter.class)
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    /** The signature of the link decides, and no token is looked at. */
    @Bean
    @Order(2)
    SecurityFilterChain links(HttpSecurity http, StrangerLimit strangers) {
        return stateless(http)
                .securityMatcher(SignedRequest.PATHS)
                .addFilterBefore(
                        new StrangerLimit.Filter(strangers, _ -> null), AuthorizationFilter.class)
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    /** Files from memory: to limit their requests would cost more than to answer them. */
    @Bean
    @Order(3)
    SecurityFilterChain page(HttpSecurity http) {
        return stateless(http)
                .securityMatcher(PageController.PATHS)
                .headers(headers ->
                        headers.cacheControl(HeadersConfigurer.CacheControlConfig::disable)
                                .addHeaderWriter(policy(PageController.POLICY))
                                .referrerPolicy(policy ->
                                        policy.policy(
                                                ReferrerPolicyHeaderWriter.ReferrerPolicy
                                                        .NO_REFERRER))
                                .crossOriginOpenerPolicy(policy ->
                                        policy.policy(
                                                CrossOriginOpenerPolicyHeaderWriter
                                                        .CrossOriginOpenerPolicy.SAME_ORIGIN))
                                .crossOriginResourcePolicy(policy ->
                                        policy.policy(
                                                CrossOriginResourcePolicyHeaderWriter
                                                        .CrossOriginResourcePolicy.SAME_ORIGIN)))
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    @Bean
    @Order(4)
    SecurityFilterChain own(
            HttpSecurity http,
            AuthenticationManagerResolver<HttpServletRequest> tokens,
            StrangerLimit strangers,
            GatewayProperties properties,
            Ticker ticker,
            RefusalDelay refusalDelay) {
        RequestMatcher open = open();
        // an old cookie must not prevent a login
        Function<HttpServletRequest, @Nullable String> token =
                request ->
                        open.matches(request)
                                ? BearerTokens.of(request)
                                : SessionCookie.token(request);
        BearerTokenAuthenticationFilter bearer = BearerTokens.filter(tokens, token);
        bearer.setAuthenticationEntryPoint(strangers::rejected);
        return stateless(http)
                .headers(headers -> headers.addHeaderWriter(swaggerPolicy()))
                .authorizeHttpRequests(requests ->
                        requests
                                // the request was authenticated before it began to wait
                                .dispatcherTypeMatchers(DispatcherType.ASYNC)
                                .permitAll()
                                .requestMatchers(open)
                                .permitAll()
                                .anyRequest()
                                .authenticated())
                .addFilter(bearer)
                .addFilterBefore(
                        new StrangerLimit.Filter(strangers, token),
                        BearerTokenAuthenticationFilter.class)
                .addFilterAfter(
                        new RateLimitFilter(
                                properties.maxRequestsPerMinute(),
                                new RateLimiter(properties.maxRequestsPerMinute(), ticker::read),
                                refusalDelay),
                        BearerTokenAuthenticationFilter.class)
                .exceptionHandling(handling ->
                        handling.authenticationEntryPoint(BearerTokens::unauthenticated)
                                .accessDeniedHandler((request, response, e) ->
                                        Problems.write(response, Problem.FORBIDDEN)))
                .build();
    }

    @Bean
    @ConditionalOnMissingBean
    RefusalDelay refusalDelay() {
        return RefusalDelay.PRODUCTION;
    }

    @Bean
    StrangerLimit strangerLimit(
            GatewayProperties properties, Ticker ticker, RefusalDelay refusalDelay) {
        int perMinute = properties.maxRequestsPerMinutePerAddress();
        return new StrangerLimit(perMinute, new RateLimiter(perMinute, ticker::read), refusalDelay);
    }

    private static RequestMatcher open() {
        PathPatternRequestMatcher.Builder paths = PathPatternRequestMatcher.withDefaults();
        List<RequestMatcher> open = new ArrayList<>();
        for (String path : PUBLIC) open.add(paths.matcher(path));
        open.add(paths.matcher(HttpMethod.POST, SessionController.PATH));
        open.add(paths.matcher(HttpMethod.OPTIONS, TusFilter.PATH + "/**"));
        return new OrRequestMatcher(open);
    }

    /** Swagger UI writes its styles into the page. */
    private static HeaderWriter swaggerPolicy() {
        PathPatternRequestMatcher swagger =
                PathPatternRequestMatcher.withDefaults().matcher("/swagger-ui/**");
        return new DelegatingRequestMatcherHeaderWriter(
                swagger,
                policy(
                        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
                                + " img-src 'self' data:; font-src 'self'; connect-src 'self';"
                                + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"));
    }

    /** Instead of the policy that every response has; Spring's own writer keeps that one. */
    private static HeaderWriter policy(String directives) {
        return (_, response) -> response.setHeader("Content-Security-Policy", directives);
    }

    private static HttpSecurity stateless(HttpSecurity http) {
        return http.csrf(AbstractHttpConfigurer::disable) // SessionCookie detects forged requests
                .sessionManagement(AbstractHttpConfigurer::disable)
                .securityContext(context ->
                        context.securityContextRepository(new NullSecurityContextRepository()))
                .servletApi(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable);
    }

    /** While auth is unavailable, read requests are allowed for longer than others. */
    @Bean
    AuthenticationManagerResolver<HttpServletRequest> tokenAuthentication(TokenVerifier tokens) {
        AuthenticationManager read = bearer -> authenticate(tokens, bearer, true);
        AuthenticationManager write = bearer -> authenticate(tokens, bearer, false);
        AuthenticationManager forged =
                _ -> {
                    throw new BearerTokens.Rejected(SessionCookie.crossSite());
                };
        return request -> {
            if (BearerTokens.of(request) == null && SessionCookie.isForged(request)) return forged;
            return READ_METHODS.contains(request.getMethod()) ? read : write;
        };
    }

    private static Authentication authenticate(
            TokenVerifier tokens, Authentication bearer, boolean read) {
        try {
            CurrentUser user =
                    tokens.verify(((BearerTokenAuthenticationToken) bearer).getToken(), read);
            return new PreAuthenticatedAuthenticationToken(user, "", List.of());
        } catch (ProblemException e) {
            throw new BearerTokens.Rejected(e);
        }
    }

    /** For JSON; an upload has limits of its own. After the security filters. */
    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit() {
        FilterRegistrationBean<BodyLimitFilter> registration =
                new FilterRegistrationBean<>(new BodyLimitFilter(64));
        registration.setUrlPatterns(
                List.of(
                        SessionController.PATH,
                        "/jobs/*",
                        "/archives",
                        "/webhooks",
                        "/webhooks/*"));
        return registration;
    }

    /** After the check of the host, which is the first of all filters. */
    @Bean
    FilterRegistrationBean<TusFilter> tusFilter() {
        FilterRegistrationBean<TusFilter> registration =
                new FilterRegistrationBean<>(new TusFilter());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 3);
        return registration;
    }

    /** An observation of each filter would cost more than the filters do. */
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

    /** The firewall's own rule for header values, without its regular expression. */
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

    @Bean
    Ticker ticker(NanoClock clock) {
        return clock::nanoTime;
    }
}
