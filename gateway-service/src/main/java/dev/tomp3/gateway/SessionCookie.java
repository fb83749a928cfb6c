package dev.tomp3.gateway;

import dev.tomp3.platform.BearerTokens;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;

/**
 * The token of a browser, in a cookie that scripts cannot read. Another site can make a browser
 * send a request, but with {@code SameSite=Strict} not the cookie; where a sibling domain or an old
 * browser undermines that, {@link #isForged} rejects the request.
 *
 * <p>Over HTTPS the name has the prefix {@code __Host-}: nobody can plant such a cookie over plain
 * HTTP or from a sibling domain, so that only this one is read there.
 */
final class SessionCookie {
    private static final String NAME = "tomp3_session";
    private static final String SECURE_NAME = "__Host-" + NAME;
    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    private SessionCookie() {}

    /** The token of a request: a bearer token, else the cookie's; null without both. */
    static @Nullable String token(HttpServletRequest request) {
        String bearer = BearerTokens.of(request);
        return bearer == null ? of(request) : bearer;
    }

    /** The cookie's token; null without one. */
    static @Nullable String of(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies == null) return null;
        String name = name(request);
        for (Cookie cookie : cookies) {
            if (cookie.getName().equals(name) && !cookie.getValue().isEmpty())
                return cookie.getValue();
        }
        return null;
    }

    static ResponseCookie containing(String token, Duration lifetime, HttpServletRequest request) {
        return ResponseCookie.from(name(request), token)
                .httpOnly(true)
                .secure(request.isSecure())
                .sameSite("Strict")
                .path("/")
                .maxAge(lifetime)
                .build();
    }

    /** Deletes the cookie. */
    static ResponseCookie none(HttpServletRequest request) {
        return containing("", Duration.ZERO, request);
    }

    private static String name(HttpServletRequest request) {
        return request.isSecure() ? SECURE_NAME : NAME;
    }

    /** Whether a request that the cookie authenticates may have been made by another site. */
    static boolean isForged(HttpServletRequest request) {
        return !SAFE_METHODS.contains(request.getMethod()) && !isSameOrigin(request, false);
    }

    /**
     * Rejects a login that another site started, which would log its user in under an account of
     * the attacker. A client that is not a browser sends neither header.
     *
     * @throws ProblemException 403
     */
    static void requireNoOtherSite(HttpServletRequest request) {
        if (!isSameOrigin(request, true)) throw crossSite();
    }

    static ProblemException crossSite() {
        return new ProblemException(
                Problem.CROSS_SITE,
                "With the session cookie, send this request from a page of the same origin, or use"
                        + " a bearer token.");
    }

    /** A challenge for which a browser does not ask its user for name and password. */
    static final String NO_PROMPT = "Bearer";

    /**
     * The same answer, without a challenge that makes a browser ask for name and password itself:
     * the page has a form for them.
     */
    static ResponseEntity<byte[]> withoutPrompt(ResponseEntity<byte[]> answer) {
        HttpHeaders headers = new HttpHeaders();
        headers.addAll(answer.getHeaders());
        if (headers.containsHeader(HttpHeaders.WWW_AUTHENTICATE))
            headers.set(HttpHeaders.WWW_AUTHENTICATE, NO_PROMPT);
        return ResponseEntity.status(answer.getStatusCode())
                .headers(headers)
                .body(answer.getBody());
    }

    /** Browsers send {@code Sec-Fetch-Site} to HTTPS and localhost only, but always an origin. */
    private static boolean isSameOrigin(HttpServletRequest request, boolean withoutHeaders) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) return site.equals("same-origin");
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin == null) return withoutHeaders;
        String authority;
        try {
            authority = URI.create(origin).getRawAuthority();
        } catch (IllegalArgumentException e) {
            return false;
        }
        return authority != null
                && (authority.equalsIgnoreCase(request.getHeader(HttpHeaders.HOST))
                        || authority.equalsIgnoreCase(forwardedHost(request)));
    }

    /** The host that a trusted proxy was asked for; otherwise the same as in the header. */
    private static String forwardedHost(HttpServletRequest request) {
        int port = request.getServerPort();
        boolean standard = port == (request.isSecure() ? 443 : 80);
        return request.getServerName() + (standard ? "" : ":" + port);
    }
}
