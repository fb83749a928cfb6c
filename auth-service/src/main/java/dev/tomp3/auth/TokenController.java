package dev.tomp3.auth;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Token", description = "Getting and verifying tokens")
class TokenController {
    private static final Logger log = LoggerFactory.getLogger(TokenController.class);

    private final PasswordAuthenticator authenticator;
    private final Users users;
    private final Tokens tokens;
    private final RevokedTokens revoked;
    private final SigningKeys keys;
    private final NanoClock clock;

    TokenController(
            PasswordAuthenticator authenticator,
            Users users,
            Tokens tokens,
            RevokedTokens revoked,
            SigningKeys keys,
            NanoClock clock) {
        this.authenticator = authenticator;
        this.users = users;
        this.tokens = tokens;
        this.revoked = revoked;
        this.keys = keys;
        this.clock = clock;
    }

    record Token(
            String token,
            @Schema(allowableValues = "Bearer") String type,
            @JsonProperty("expires_at") Instant expiresAt) {}

    record KeySet(List<Map<String, Object>> keys) {}

    @Operation(
            operationId = "login",
            summary = "Get a token",
            description =
                    "Send e-mail address and password as HTTP Basic, in UTF-8. The response is"
                            + " the token as plain text, or JSON with its expiry if the client"
                            + " accepts JSON.")
    @ApiResponse(
            responseCode = "200",
            description = "The token",
            content = {
                @Content(mediaType = "text/plain", schema = @Schema(implementation = String.class)),
                @Content(
                        mediaType = "application/json",
                        schema = @Schema(implementation = Token.class))
            })
    @ApiResponse(responseCode = "401", description = "bad-credentials")
    @ApiResponse(
            responseCode = "403",
            description =
                    "password-change-required: the password is for one use, choose another one"
                            + " with POST /password")
    @ApiResponse(responseCode = "429", description = "too-many-requests: too many logins")
    @SecurityRequirement(name = ApiDescription.BASIC)
    @PostMapping(
            path = "/login",
            produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.APPLICATION_JSON_VALUE})
    ResponseEntity<Object> login(
            HttpServletRequest request,
            @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.ACCEPT, required = false)
                    @Nullable String accept) {
        long start = clock.nanoTime();
        BasicCredentials sent = BasicCredentials.require(request);
        String address = request.getRemoteAddr();
        User user = authenticator.authenticate(sent.name(), sent.password(), address);
        if (user.hasOneTimePassword()) {
            throw new ProblemException(
                    Problem.PASSWORD_CHANGE_REQUIRED,
                    "Choose a password with POST /password, with this one as HTTP Basic.");
        }
        Tokens.Issued issued = tokens.issue(user);
        log.info(
                "Logged in user={} from={} ms={}",
                user.id(),
                address,
                clock.since(start).toMillis());
        return jsonPreferred(accept)
                ? ResponseEntity.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .body(new Token(issued.token(), "Bearer", issued.expiresAt()))
                : ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(issued.token());
    }

    @Operation(
            operationId = "validate",
            summary = "Verify a token or API key",
            description =
                    "The response describes the user as of now, not as of when the token was"
                            + " issued.")
    @ApiResponse(responseCode = "200", description = "The token or key is valid")
    @ApiResponse(
            responseCode = "401",
            description =
                    "unauthenticated: the token is invalid, or its user is disabled or deleted")
    @SecurityRequirement(name = ApiDescription.BEARER)
    @SecurityRequirement(name = ApiDescription.KEY)
    @PostMapping(path = "/validate", produces = MediaType.APPLICATION_JSON_VALUE)
    TokenIntrospection validate(@AuthenticationPrincipal TokenIntrospection user) {
        return user;
    }

    @Operation(
            operationId = "logout",
            summary = "Log out",
            description = "Revokes the token of this request. It is rejected within 20 seconds.")
    @ApiResponse(responseCode = "204", description = "Revoked")
    @ApiResponse(responseCode = "403", description = "insufficient-scope: sent with an API key")
    @SecurityRequirement(name = ApiDescription.BEARER)
    @PostMapping("/logout")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void logout(@AuthenticationPrincipal TokenIntrospection current) {
        revoked.revoke(current.jti(), Instant.ofEpochSecond(Objects.requireNonNull(current.exp())));
        log.info("Logged out user={} token={}", current.sub(), current.jti());
    }

    @Operation(
            operationId = "logoutEverywhere",
            summary = "Log out everywhere",
            description =
                    "Revokes all tokens of the current user. They are rejected within 20 seconds.")
    @ApiResponse(responseCode = "204", description = "Revoked")
    @ApiResponse(responseCode = "403", description = "insufficient-scope: sent with an API key")
    @SecurityRequirement(name = ApiDescription.BEARER)
    @DeleteMapping("/sessions")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void logoutEverywhere(@AuthenticationPrincipal TokenIntrospection current) {
        users.endTokens(current.sub());
        log.info("Ended all tokens of user={}", current.sub());
    }

    @Operation(
            operationId = "showPublicKeys",
            summary = "Get the public keys",
            description =
                    "A JSON Web Key Set (RFC 7517). Tokens are signed with RS256 and contain"
                            + " the id of their key.")
    @ApiResponse(responseCode = "200", description = "All keys whose tokens are accepted")
    @GetMapping(path = "/.well-known/jwks.json", produces = MediaType.APPLICATION_JSON_VALUE)
    KeySet keys() {
        return new KeySet(
                keys.all().stream().map(key -> Map.<String, Object>copyOf(key.jwk())).toList());
    }

    /** Plain text is the default, so that a script can assign the response to a variable. */
    private static boolean jsonPreferred(@Nullable String accept) {
        if (accept == null) return false;
        List<MediaType> accepted = new ArrayList<>(MediaType.parseMediaTypes(accept));
        MimeTypeUtils.sortBySpecificity(accepted);
        for (MediaType type : accepted) {
            if (type.includes(MediaType.TEXT_PLAIN)) return false;
            if (type.includes(MediaType.APPLICATION_JSON)) return true;
        }
        return false;
    }
}
