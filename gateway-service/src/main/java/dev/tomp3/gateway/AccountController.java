package dev.tomp3.gateway;

import static io.swagger.v3.oas.annotations.media.Schema.RequiredMode.REQUIRED;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Users and logins: auth's business, passed on to it with the caller's address. */
@RestController
@Tag(name = "accounts")
class AccountController {
    private static final int LONGEST_BODY = 16 * 1024;

    // what auth takes and gives, for the API's description

    record Registration(
            @Schema(requiredMode = REQUIRED, example = "ann@example.org") String email,
            @Schema(requiredMode = REQUIRED, minLength = 8, maxLength = 128) String password) {}

    record Registered(String id, String email) {}

    record NewUser(
            @Schema(requiredMode = REQUIRED, example = "ann@example.org") String email,
            @Schema(requiredMode = REQUIRED, minLength = 8, maxLength = 128) String password,
            @Schema(example = "[\"user\"]") List<String> roles) {}

    record Account(
            String id,
            String email,
            List<String> roles,
            boolean disabled,
            boolean confirmed,
            @JsonProperty("created_at") Instant createdAt) {}

    @Schema(name = "Users")
    record Page(List<Account> items, @Schema(types = {"string", "null"}) @Nullable String next) {}

    record UserChange(
            @Nullable Boolean disabled,
            @Schema(example = "[\"user\"]") @Nullable List<String> roles) {}

    record PasswordChange(
            @Schema(name = "old", requiredMode = REQUIRED) String old,
            @Schema(name = "new", requiredMode = REQUIRED, minLength = 8, maxLength = 128)
                    String fresh) {}

    record Token(String token, String type, @JsonProperty("expires_at") Instant expiresAt) {}

    private final AuthClient auth;
    private final Tokens tokens;
    private final Deletion deletion;

    AccountController(AuthClient auth, Tokens tokens, Deletion deletion) {
        this.auth = auth;
        this.tokens = tokens;
        this.deletion = deletion;
    }

    @PostMapping(
            path = "/login",
            produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.APPLICATION_JSON_VALUE})
    @Operation(
            summary = "Get a token with e-mail address and password (Basic)",
            description =
                    "As text; with Accept: application/json as"
                            + " {\"token\",\"type\",\"expires_at\"}.",
            security = @SecurityRequirement(name = "basic"))
    @ApiResponse(
            responseCode = "200",
            description = "The token",
            content = {
                @Content(mediaType = "text/plain", schema = @Schema(implementation = String.class)),
                @Content(
                        mediaType = MediaType.APPLICATION_JSON_VALUE,
                        schema = @Schema(implementation = Token.class))
            })
    @ApiResponse(responseCode = "401", description = "bad-credentials")
    ResponseEntity<byte[]> login(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @PostMapping("/register")
    @Operation(
            summary = "Make an account, where registration is open",
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(implementation = Registration.class))))
    @ApiResponse(
            responseCode = "201",
            description = "Made",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = Registered.class)))
    @ApiResponse(
            responseCode = "400",
            description = "malformed-request, invalid-email, invalid-password")
    @ApiResponse(responseCode = "403", description = "registration-closed")
    @ApiResponse(responseCode = "409", description = "email-taken")
    ResponseEntity<byte[]> register(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @PostMapping("/password")
    @Operation(
            summary = "Change one's own password",
            description = "Ends every token given before.",
            security = @SecurityRequirement(name = "bearer"),
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema =
                                                    @Schema(
                                                            implementation =
                                                                    PasswordChange.class))))
    @ApiResponse(responseCode = "204", description = "Changed", content = @Content)
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-password")
    @ApiResponse(
            responseCode = "401",
            description = "unauthenticated; bad-credentials: the old password is wrong")
    ResponseEntity<byte[]> password(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @GetMapping("/users")
    @Operation(
            summary = "List users (administrators)",
            security = @SecurityRequirement(name = "bearer"))
    @ApiResponse(
            responseCode = "200",
            description = "A page of them",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = Page.class)))
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-cursor")
    @ApiResponse(responseCode = "403", description = "forbidden")
    ResponseEntity<byte[]> users(
            HttpServletRequest request,
            @Parameter(
                            schema =
                                    @Schema(
                                            type = "integer",
                                            minimum = "1",
                                            maximum = "100",
                                            defaultValue = "20"))
                    @RequestParam(required = false)
                    @Nullable String limit,
            @RequestParam(required = false) @Nullable String cursor)
            throws IOException {
        return relay(request);
    }

    @PostMapping("/users")
    @Operation(
            summary = "Make a user (administrators)",
            security = @SecurityRequirement(name = "bearer"),
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(implementation = NewUser.class))))
    @ApiResponse(
            responseCode = "201",
            description = "Made",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = Account.class)))
    @ApiResponse(
            responseCode = "400",
            description = "malformed-request, invalid-email, invalid-password, invalid-roles")
    @ApiResponse(responseCode = "403", description = "forbidden")
    @ApiResponse(responseCode = "409", description = "email-taken")
    ResponseEntity<byte[]> create(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @PatchMapping("/users/{id}")
    @Operation(
            summary = "Disable, enable, or change the roles of a user (administrators)",
            security = @SecurityRequirement(name = "bearer"),
            requestBody =
                    @RequestBody(
                            required = true,
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(implementation = UserChange.class))))
    @ApiResponse(
            responseCode = "200",
            description = "The user as it is now",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = Account.class)))
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-roles")
    @ApiResponse(responseCode = "403", description = "forbidden")
    @ApiResponse(responseCode = "409", description = "last-administrator")
    ResponseEntity<byte[]> change(HttpServletRequest request, @PathVariable String id)
            throws IOException {
        return relay(request);
    }

    @DeleteMapping("/users/{id}")
    @Operation(
            summary = "Delete a user with all jobs and files (administrators)",
            security = @SecurityRequirement(name = "bearer"))
    @ApiResponse(responseCode = "204", description = "Deleted", content = @Content)
    @ApiResponse(responseCode = "403", description = "forbidden")
    @ApiResponse(responseCode = "409", description = "last-administrator")
    ResponseEntity<byte[]> delete(HttpServletRequest request, @PathVariable String id)
            throws IOException {
        ResponseEntity<byte[]> answer = relay(request);
        // 404: of a user whom an earlier request deleted, something may be left
        if (answer.getStatusCode().is2xxSuccessful()
                || (answer.getStatusCode().value() == 404 && fromAdministrator(request)))
            deletion.deleteAllOf(id);
        return answer;
    }

    private boolean fromAdministrator(HttpServletRequest request) {
        String token = SecurityConfiguration.bearer(request);
        try {
            return token != null && tokens.check(token, false).admin();
        } catch (ProblemException e) {
            return false;
        }
    }

    private ResponseEntity<byte[]> relay(HttpServletRequest request) throws IOException {
        String query = request.getQueryString();
        URI address;
        try {
            address = new URI(request.getRequestURI() + (query == null ? "" : "?" + query));
        } catch (URISyntaxException e) {
            throw new ProblemException(Problem.NOT_FOUND, "There is nothing at that address.");
        }
        byte[] body = request.getInputStream().readNBytes(LONGEST_BODY + 1);
        if (body.length > LONGEST_BODY) {
            throw new ProblemException(Problem.TOO_LARGE, "At most 16 KB are taken here.");
        }
        HttpHeaders headers = new HttpHeaders();
        Collections.list(request.getHeaderNames())
                .forEach(name -> headers.set(name, request.getHeader(name)));
        return auth.relay(
                HttpMethod.valueOf(request.getMethod()),
                address,
                headers,
                request.getRemoteAddr(),
                body);
    }
}
