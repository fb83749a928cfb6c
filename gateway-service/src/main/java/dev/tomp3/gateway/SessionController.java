package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Sessions of browsers, and the account of the current user. Auth verifies the password. */
@RestController
@Tag(name = "account")
class SessionController {
    static final String PATH = "/session";

    private final AuthClient auth;
    private final TokenVerifier tokens;
    private final AccountView.Source accounts;
    private final Clock clock;
    private final JsonMapper json;

    SessionController(
            AuthClient auth,
            TokenVerifier tokens,
            AccountView.Source accounts,
            Clock clock,
            JsonMapper json) {
        this.auth = auth;
        this.tokens = tokens;
        this.accounts = accounts;
        this.clock = clock;
        this.json = json;
    }

    /** Auth's response to {@code POST /login}. */
    private record Issued(
            @JsonProperty(required = true) String token,
            @JsonProperty(value = "expires_at", required = true) Instant expiresAt) {
        /** Without the token. */
        @Override
        public String toString() {
            return "Issued[" + expiresAt + "]";
        }
    }

    record Credentials(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "ann@example.org")
                    @Nullable String email,
            @Schema(
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            example = "correct horse battery staple")
                    @Nullable String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Credentials[" + email + "]";
        }
    }

    @PostMapping(path = PATH, produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "logIn",
            summary = "Log in a browser",
            description =
                    "With HTTP Basic, or with address and password as JSON. Sets the cookie"
                        + " tomp3_session (over HTTPS __Host-tomp3_session), which is good wherever"
                        + " a bearer token is.",
            security = @SecurityRequirement(name = ApiDescription.BASIC))
    @ApiResponse(
            responseCode = "200",
            description = "Logged in",
            content = @Content(schema = @Schema(implementation = AccountView.class)))
    @ApiResponse(responseCode = "401", description = "bad-credentials")
    @ApiResponse(responseCode = "403", description = "password-change-required, cross-site")
    @ApiResponse(responseCode = "429", description = "too-many-requests: too many logins")
    ResponseEntity<?> logIn(
            @RequestBody(required = false) @Nullable Credentials sent, HttpServletRequest request) {
        SessionCookie.requireNoOtherSite(request);
        ResponseEntity<byte[]> login =
                auth.relay(
                        HttpMethod.POST,
                        URI.create("/login"),
                        credentials(sent, request),
                        request.getRemoteAddr(),
                        new byte[0]);
        if (!login.getStatusCode().is2xxSuccessful())
            return request.getHeader(HttpHeaders.AUTHORIZATION) == null
                    ? SessionCookie.withoutPrompt(login)
                    : login;
        Issued issued = issued(login.getBody());
        Duration lifetime = Duration.between(clock.instant(), issued.expiresAt());
        return ResponseEntity.ok()
                .header(
                        HttpHeaders.SET_COOKIE,
                        SessionCookie.containing(issued.token(), lifetime, request).toString())
                .cacheControl(CacheControl.noStore())
                .body(accounts.of(tokens.verify(issued.token(), true)));
    }

    private Issued issued(byte @Nullable [] body) {
        try {
            return json.readValue(body == null ? new byte[0] : body, Issued.class);
        } catch (JacksonException e) {
            throw new ProblemException(
                    Problem.UNAVAILABLE, "The auth service did not send a token. Try again.");
        }
    }

    private static HttpHeaders credentials(@Nullable Credentials sent, HttpServletRequest request) {
        HttpHeaders headers = new HttpHeaders();
        headers.setAccept(List.of(MediaType.APPLICATION_JSON));
        String basic = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (basic != null) {
            headers.set(HttpHeaders.AUTHORIZATION, basic);
        } else if (sent != null
                && sent.email() != null
                && sent.password() != null
                && sent.email().indexOf(':') < 0) {
            byte[] pair = (sent.email() + ":" + sent.password()).getBytes(StandardCharsets.UTF_8);
            headers.set(
                    HttpHeaders.AUTHORIZATION, "Basic " + Base64.getEncoder().encodeToString(pair));
        } else {
            ProblemException incomplete =
                    new ProblemException(
                            Problem.BAD_CREDENTIALS,
                            "Send e-mail address and password as HTTP Basic or as JSON.");
            incomplete.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, SessionCookie.NO_PROMPT);
            throw incomplete;
        }
        return headers;
    }

    @DeleteMapping(PATH)
    @Operation(
            operationId = "logOut",
            summary = "Log out a browser",
            description =
                    "Revokes the token within 20 seconds on every gateway, and deletes the"
                            + " cookie.",
            security = @SecurityRequirement(name = ApiDescription.BEARER))
    @ApiResponse(responseCode = "204", description = "Logged out", content = @Content)
    ResponseEntity<byte[]> logOut(HttpServletRequest request) {
        String token = Objects.requireNonNull(SessionCookie.token(request));
        HttpHeaders headers = new HttpHeaders();
        headers.setBearerAuth(token);
        ResponseEntity<byte[]> answer =
                auth.relay(
                        HttpMethod.POST,
                        URI.create("/logout"),
                        headers,
                        request.getRemoteAddr(),
                        new byte[0]);
        tokens.forget(token);
        return ResponseEntity.status(answer.getStatusCode())
                .headers(answer.getHeaders())
                .header(HttpHeaders.SET_COOKIE, SessionCookie.none(request).toString())
                .body(answer.getBody());
    }

    @GetMapping(path = "/me", produces = MediaType.APPLICATION_JSON_VALUE)
    @RequiredScope
    @Operation(
            operationId = "showAccount",
            summary = "Show the account of the current user",
            security = @SecurityRequirement(name = ApiDescription.BEARER))
    AccountView me(@AuthenticationPrincipal CurrentUser caller) {
        return accounts.of(caller);
    }
}
