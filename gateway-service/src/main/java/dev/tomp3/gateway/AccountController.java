package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Relays requests about accounts to auth, with the client's address. Their description is auth's
 * too: it is the second OpenAPI document of the gateway.
 */
@Hidden
@RestController
class AccountController {
    /** As OpenAPI and Spring Security write them. */
    static final String[] PATHS = {
        "/login",
        "/logout",
        "/sessions",
        "/register",
        "/password",
        "/keys",
        "/keys/{id}",
        "/keys/{id}/rotate",
        "/users",
        "/users/{id}",
        "/users/{id}/one-time-password"
    };

    private static final int MAX_BODY = 16 * 1024;

    private final AuthClient auth;
    private final TokenVerifier tokens;
    private final JobDeletion deletion;

    AccountController(AuthClient auth, TokenVerifier tokens, JobDeletion deletion) {
        this.auth = auth;
        this.tokens = tokens;
        this.deletion = deletion;
    }

    @GetMapping(path = "/v3/api-docs/accounts", produces = MediaType.APPLICATION_JSON_VALUE)
    ObjectNode description() {
        ObjectNode description = auth.apiDescription();
        description.withObjectProperty("paths").retain(List.of(PATHS));
        description
                .withObject("/components/securitySchemes/" + ApiDescription.SESSION)
                .put("type", "apiKey")
                .put("in", "cookie")
                .put("name", "tomp3_session");
        for (JsonNode security : description.get("paths").findValues("security"))
            if (security.valueStream().anyMatch(any -> any.has(ApiDescription.BEARER)))
                ((ArrayNode) security).addObject().putArray(ApiDescription.SESSION);
        return description;
    }

    @PostMapping({
        "/login",
        "/register",
        "/password",
        "/keys",
        "/keys/{id}/rotate",
        "/users",
        "/users/{id}/one-time-password"
    })
    ResponseEntity<byte[]> post(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @GetMapping({"/keys", "/users", "/register"})
    ResponseEntity<byte[]> list(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @PatchMapping("/users/{id}")
    ResponseEntity<byte[]> change(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    @DeleteMapping("/keys/{id}")
    ResponseEntity<byte[]> deleteKey(HttpServletRequest request) throws IOException {
        return relay(request);
    }

    /** This gateway forgets the token at once, others within {@link TokenVerifier#FRESH}. */
    @PostMapping("/logout")
    ResponseEntity<byte[]> logout(HttpServletRequest request) throws IOException {
        return forgetting(request);
    }

    @DeleteMapping("/sessions")
    ResponseEntity<byte[]> logoutEverywhere(HttpServletRequest request) throws IOException {
        return forgetting(request);
    }

    private ResponseEntity<byte[]> forgetting(HttpServletRequest request) throws IOException {
        ResponseEntity<byte[]> response = relay(request);
        String token = SessionCookie.token(request);
        if (token != null) tokens.forget(token);
        return response;
    }

    /** Deletes the user's jobs and files as well, running uploads included. */
    @DeleteMapping("/users/{id}")
    ResponseEntity<byte[]> delete(HttpServletRequest request, @PathVariable("id") String sent)
            throws IOException {
        ResponseEntity<byte[]> response = relay(request);
        // as auth writes it: the owner of a job is compared letter by letter
        String id = sent.toLowerCase(Locale.ROOT);
        Optional<CurrentUser> actor = user(request);
        boolean administrator = actor.filter(CurrentUser::admin).isPresent();
        // 404: an earlier request deleted the user, but perhaps not all jobs
        if (response.getStatusCode().is2xxSuccessful()
                || (response.getStatusCode().value() == 404 && administrator))
            deletion.deleteAllOf(id, actor.map(CurrentUser::id).orElse("unknown"));
        return response;
    }

    private Optional<CurrentUser> user(HttpServletRequest request) {
        String token = SessionCookie.token(request);
        try {
            return token == null ? Optional.empty() : Optional.of(tokens.verify(token, false));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    private ResponseEntity<byte[]> relay(HttpServletRequest request) throws IOException {
        String query = request.getQueryString();
        URI address;
        try {
            address = new URI(request.getRequestURI() + (query == null ? "" : "?" + query));
        } catch (URISyntaxException e) {
            throw new ProblemException(Problem.NOT_FOUND);
        }
        byte[] body = request.getInputStream().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            throw new ProblemException(
                    Problem.TOO_LARGE, "The request body must not be larger than 16 KB.");
        }
        HttpHeaders headers = new HttpHeaders();
        Collections.list(request.getHeaderNames())
                .forEach(name -> headers.set(name, request.getHeader(name)));
        String session = SessionCookie.of(request);
        if (session == null || headers.containsHeader(HttpHeaders.AUTHORIZATION))
            return relay(request, address, headers, body);
        if (SessionCookie.isForged(request)) throw SessionCookie.crossSite();
        headers.setBearerAuth(session);
        return SessionCookie.withoutPrompt(relay(request, address, headers, body));
    }

    private ResponseEntity<byte[]> relay(
            HttpServletRequest request, URI address, HttpHeaders headers, byte[] body) {
        return auth.relay(
                HttpMethod.valueOf(request.getMethod()),
                address,
                headers,
                request.getRemoteAddr(),
                body);
    }
}
