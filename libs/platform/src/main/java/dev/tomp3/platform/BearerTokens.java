package dev.tomp3.platform;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationManagerResolver;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.server.resource.InvalidBearerTokenException;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthenticationToken;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;

/**
 * Bearer tokens (RFC 6750) for a service that knows how to verify them. A token is read from the
 * {@code Authorization} header only, never from a query string or a form; every rejection is a
 * {@link Problem}.
 */
public final class BearerTokens {
    private static final String SCHEME = "Bearer ";

    private BearerTokens() {}

    /** The token of a request, empty if only the scheme was sent; null without a token. */
    public static @Nullable String of(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).strip()
                : null;
    }

    /**
     * Spring Security's filter with our reading of the header, which needs no regular expression.
     *
     * @param managers give the manager that verifies the {@link BearerTokenAuthenticationToken} of
     *     a request; it throws {@link Rejected}
     */
    public static BearerTokenAuthenticationFilter filter(
            AuthenticationManagerResolver<HttpServletRequest> managers) {
        return filter(managers, BearerTokens::of);
    }

    /**
     * The same for tokens that may also come from elsewhere.
     *
     * @param token reads the token of a request, as {@link #of} does
     */
    public static BearerTokenAuthenticationFilter filter(
            AuthenticationManagerResolver<HttpServletRequest> managers,
            Function<HttpServletRequest, @Nullable String> token) {
        BearerTokenAuthenticationFilter filter =
                new BearerTokenAuthenticationFilter(
                        managers, request -> convert(token.apply(request)));
        filter.setAuthenticationEntryPoint(BearerTokens::unauthenticated);
        return filter;
    }

    private static @Nullable BearerTokenAuthenticationToken convert(@Nullable String token) {
        if (token == null) return null;
        if (token.isEmpty()) throw new InvalidBearerTokenException("The token is empty");
        return new BearerTokenAuthenticationToken(token);
    }

    /** Answers a request without a valid token; an {@code AuthenticationEntryPoint}. */
    public static void unauthenticated(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException {
        if (e instanceof Rejected rejected) Problems.write(response, rejected.problem);
        else Problems.write(response, Problem.UNAUTHENTICATED);
    }

    /** A token that is not accepted, or cannot be verified at the moment. */
    public static final class Rejected extends AuthenticationException {
        private static final long serialVersionUID = 1L;

        private final ProblemException problem;

        public Rejected(ProblemException problem) {
            super(problem.problem().title(), problem);
            this.problem = problem;
        }

        /** Whether the token is invalid; it may also be that it cannot be verified now. */
        public boolean isInvalid() {
            return problem.problem() == Problem.UNAUTHENTICATED;
        }

        /** A rejected token must cost little, and its stack trace is of no interest. */
        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}
