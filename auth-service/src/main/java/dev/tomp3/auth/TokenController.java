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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.web.authentication.www.BasicAuthenticationConverter;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Token", description = "Getting and verifying tokens")
class TokenController {
    private static final Logger log = LoggerFactory.getLogger(TokenController.class);

    private final BasicAuthenticationConverter basic = new BasicAuthenticationConverter();
    private final PasswordAuthenticator authenticator;
    private final Tokens tokens;
    private final SigningKeys keys;
    private final NanoClock clock;

    TokenController(
            PasswordAuthenticator authenticator, Tokens tokens, SigningKeys keys, NanoClock clock) {
        this.authenticator = authenticator;
        this.tokens = tokens;
        this.keys = keys;
        this.clock = clock;
    }

    record Token(
            String token,
            @Schema(allowableValues = "Bearer") String type,
            @JsonProperty("expires_at") Instant expiresAt) {}

    record KeySet(List<Map<String, Object>> keys) {}

    @Operation(
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
    @ApiResponse(responseCode = "429", description = "too-many-requests: too many wrong passwords")
    @SecurityRequirement(name = ApiDescription.BASIC)
    @PostMapping(
            path = "/login",
            produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.APPLICATION_JSON_VALUE})
    ResponseEntity<Object> login(
            HttpServletRequest request,
            @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.ACCEPT, required = false)
                    @Nullable String accept) {
        long start = clock.nanoTime();
        var credentials = credentials(request);
        String address = request.getRemoteAddr();
        User user =
                authenticator.authenticate(
                        credentials.getName(),
                        String.valueOf(credentials.getCredentials()),
                        address);
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
            summary = "Verify a token",
            description =
                    "The response describes the user as of now, not as of when the token was"
                            + " issued.")
    @ApiResponse(responseCode = "200", description = "The token is valid")
    @ApiResponse(
            responseCode = "401",
            description =
                    "unauthenticated: the token is invalid, or its user is disabled or deleted")
    @SecurityRequirement(name = ApiDescription.BEARER)
    @PostMapping(path = "/validate", produces = MediaType.APPLICATION_JSON_VALUE)
    TokenIntrospection validate(@AuthenticationPrincipal TokenIntrospection user) {
        return user;
    }

    @Operation(
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

    private Authentication credentials(HttpServletRequest request) {
        try {
            var credentials = basic.convert(request);
            if (credentials != null) return credentials;
        } catch (BadCredentialsException e) {
            log.debug("Malformed Basic credentials: {}", e.getMessage());
        }
        throw new ProblemException(
                Problem.BAD_CREDENTIALS, "Send e-mail address and password as HTTP Basic.");
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
