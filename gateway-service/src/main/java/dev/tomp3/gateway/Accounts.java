package dev.tomp3.gateway;

import dev.tomp3.contract.http.Problem;
import dev.tomp3.contract.http.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
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
class Accounts {
    private static final int LONGEST_BODY = 16 * 1024;

    record Registration(String email, String password) {}

    record NewUser(String email, String password, List<String> roles) {}

    record UserChange(@Nullable Boolean disabled, @Nullable List<String> roles) {}

    record PasswordChange(@Schema(name = "old") String old, @Schema(name = "new") String fresh) {}

    private final Auth auth;
    private final Tokens tokens;
    private final Deletion deletion;

    Accounts(Auth auth, Tokens tokens, Deletion deletion) {
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
    ResponseEntity<byte[]> login(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @PostMapping("/register")
    @Operation(
            summary = "Make an account, where registration is open",
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = Registration.class))))
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
                            content =
                                    @Content(
                                            schema =
                                                    @Schema(
                                                            implementation =
                                                                    PasswordChange.class))))
    ResponseEntity<byte[]> password(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @GetMapping("/users")
    @Operation(
            summary = "List users (administrators)",
            security = @SecurityRequirement(name = "bearer"))
    ResponseEntity<byte[]> users(
            HttpServletRequest request,
            @RequestParam(required = false) @Nullable String limit,
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
                            content = @Content(schema = @Schema(implementation = NewUser.class))))
    ResponseEntity<byte[]> create(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @PatchMapping("/users/{id}")
    @Operation(
            summary = "Disable, enable, or change the roles of a user (administrators)",
            security = @SecurityRequirement(name = "bearer"),
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(schema = @Schema(implementation = UserChange.class))))
    ResponseEntity<byte[]> change(HttpServletRequest request, @PathVariable String id)
            throws IOException {
        return relay(request);
    }

    @DeleteMapping("/users/{id}")
    @Operation(
            summary = "Delete a user with all jobs and files (administrators)",
            security = @SecurityRequirement(name = "bearer"))
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
        String token = Security.bearer(request);
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
