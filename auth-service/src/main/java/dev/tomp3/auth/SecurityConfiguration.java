package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.Problems;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;

/** Who may ask for what. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    @Bean
    SecurityFilterChain chain(HttpSecurity http, Tokens tokens) {
        return http.csrf(AbstractHttpConfigurer::disable) // no cookies
                .logout(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(
                        sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .authorizeHttpRequests(requests ->
                        requests.requestMatchers("/users", "/users/**")
                                .hasRole(User.ADMIN)
                                .requestMatchers(HttpMethod.POST, "/password", "/validate")
                                .authenticated()
                                // the rest is for all, or is not there
                                .anyRequest()
                                .permitAll())
                .addFilterBefore(new BearerFilter(tokens), AnonymousAuthenticationFilter.class)
                .exceptionHandling(refusals ->
                        refusals.authenticationEntryPoint((request, response, e) ->
                                        Problems.write(
                                                response,
                                                Problem.UNAUTHENTICATED,
                                                "Send a token from POST /login as"
                                                        + " \"Authorization: Bearer"
                                                        + " TOKEN\".",
                                                null))
                                .accessDeniedHandler((request, response, e) ->
                                        Problems.write(
                                                response,
                                                Problem.FORBIDDEN,
                                                "Only administrators may do this.",
                                                null)))
                .build();
    }

    /** After the metrics, before all that might read a body. */
    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit() {
        FilterRegistrationBean<BodyLimitFilter> registration =
                new FilterRegistrationBean<>(new BodyLimitFilter());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
        return registration;
    }
}
