package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lets the bearer of a good token be its user. What a bad token may not do is decided later. */
final class BearerFilter extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(BearerFilter.class);
    private static final String SCHEME = "bearer ";

    private final Tokens tokens;

    BearerFilter(Tokens tokens) {
        this.tokens = tokens;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header != null && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            Optional<TokenIntrospection> verdict;
            try {
                verdict = tokens.verify(header.substring(SCHEME.length()).strip());
            } catch (DataAccessException e) {
                log.warn("MySQL did not answer: {}", e.toString());
                Problems.write(
                        response,
                        Problem.UNAVAILABLE,
                        "The users cannot be reached. Try again.",
                        null);
                return;
            }
            verdict.ifPresent(BearerFilter::authenticate);
        }
        chain.doFilter(request, response);
    }

    private static void authenticate(TokenIntrospection verdict) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(
                new PreAuthenticatedAuthenticationToken(
                        verdict,
                        "",
                        AuthorityUtils.createAuthorityList(
                                verdict.roles().stream().map(role -> "ROLE_" + role).toList())));
        SecurityContextHolder.setContext(context);
    }
}
