package dev.tomp3.auth;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * For administrators only, as {@link SecurityConfiguration} ensures. Changes require a token of the
 * last ten minutes, so that a stolen token is of little use for them.
 */
@RestController
@RequestMapping("/users")
@Tag(name = "Users", description = "For administrators")
@SecurityRequirement(name = ApiDescription.BEARER)
@ApiResponse(
        responseCode = "403",
        description = "forbidden, or insufficient-scope: sent with an API key")
class UserController {
    private static final Logger log = LoggerFactory.getLogger(UserController.class);
    private static final int MAX_PAGE = 100;

    private final Users users;
    private final Passwords passwords;
    private final Clock clock;

    UserController(Users users, Passwords passwords, Clock clock) {
        this.users = users;
        this.passwords = passwords;
        this.clock = clock;
    }

    record Account(
            String id,
            String email,
            @Schema(example = "[\"user\"]") List<String> roles,
            boolean disabled,
            @Schema(description = "Whether the address is confirmed") boolean confirmed,
            @JsonProperty("created_at") Instant createdAt) {
        static Account of(User user) {
            return new Account(
                    user.id(),
                    user.email(),
                    user.roles(),
                    user.disabled(),
                    user.confirmed(),
                    user.createdAt());
        }
    }

    /**
     * @param next the cursor of the next page, null on the last one
     */
    record Page(
            List<Account> items,
            @Schema(
                            types = {"string", "null"},
                            description = "The cursor of the next page, null on the last one")
                    @Nullable String next) {}

    record NewUser(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "ann@example.org")
                    @Nullable String email,
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED, minLength = 8, maxLength = 128)
                    @Nullable String password,
            @Schema(description = "user, admin; default: user", example = "[\"user\"]")
                    @Nullable List<@Nullable String> roles) {
        /** Without the password. */
        @Override
        public String toString() {
            return "NewUser[" + email + ", " + roles + "]";
        }
    }

    record Change(
            @Schema(description = "true ends the user's access within half a minute")
                    @Nullable Boolean disabled,
            @Schema(
                            description =
                                    "user, admin; replaces the roles, and revokes the user's"
                                            + " tokens if they differ",
                            example = "[\"user\"]")
                    @Nullable List<@Nullable String> roles,
            @JsonProperty("end_tokens") @Schema(description = "true revokes the user's tokens")
                    @Nullable Boolean endTokens) {}

    record OneTimePassword(
            @Schema(description = "For POST /password, and shown only here") String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "OneTimePassword";
        }
    }

    @Operation(operationId = "listUsers", summary = "List users", description = "Newest first.")
    @ApiResponse(responseCode = "200", description = "A page of users")
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-cursor")
    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    Page list(
            @Parameter(
                            schema =
                                    @Schema(
                                            type = "integer",
                                            minimum = "1",
                                            maximum = "100",
                                            defaultValue = "20"))
                    @RequestParam(defaultValue = "20")
                    int limit,
            @Parameter(description = "The value of next of the previous page")
                    @RequestParam(required = false)
                    @Nullable String cursor,
            @Parameter(description = "only users whose address contains this text")
                    @RequestParam(defaultValue = "")
                    String email) {
        if (limit < 1 || limit > MAX_PAGE)
            throw new ProblemException(Problem.MALFORMED_REQUEST, "limit must be 1 to 100.");
        List<User> found;
        if (cursor == null) {
            found = users.newest(email, limit + 1);
        } else {
            Cursor last = Cursor.parse(cursor);
            found = users.newestAfter(last.createdAt(), last.id(), email, limit + 1);
        }
        boolean more = found.size() > limit;
        List<User> page = more ? found.subList(0, limit) : found;
        return new Page(
                page.stream().map(Account::of).toList(),
                more ? Cursor.after(page.getLast()).toString() : null);
    }

    @Operation(
            operationId = "createUser",
            summary = "Create a user",
            description = "The address counts as confirmed.")
    @ApiResponse(responseCode = "201", description = "Created")
    @ApiResponse(
            responseCode = "400",
            description = "invalid-email, invalid-password, invalid-roles")
    @ApiResponse(responseCode = "409", description = "email-taken")
    @PostMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Account> add(
            @AuthenticationPrincipal TokenIntrospection current, @RequestBody NewUser request) {
        current.requireRecent(clock);
        EmailAddress email = EmailAddress.require(request.email());
        boolean admin = request.roles() != null && admin(request.roles());
        String password = Objects.requireNonNullElse(request.password(), "");
        Passwords.requireAcceptable(password);
        users.requireFree(email);
        String hash = passwords.hash(password);
        User user = users.add(new User(email, hash, admin, true, clock.instant()));
        log.info("Created user={} email={} by={}", user.id(), user.email(), current.sub());
        return ResponseEntity.created(URI.create("/users/" + user.id())).body(Account.of(user));
    }

    @Operation(
            operationId = "changeUser",
            summary = "Disable or enable a user, change the roles, or revoke the tokens",
            description = "Omitted members stay unchanged.")
    @ApiResponse(responseCode = "200", description = "The changed user")
    @ApiResponse(responseCode = "400", description = "invalid-roles")
    @ApiResponse(responseCode = "404", description = "not-found")
    @ApiResponse(responseCode = "409", description = "last-administrator")
    @PatchMapping(path = "/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    Account change(
            @AuthenticationPrincipal TokenIntrospection current,
            @PathVariable String id,
            @RequestBody Change change) {
        current.requireRecent(clock);
        @Nullable Boolean admin = change.roles() == null ? null : admin(change.roles());
        User user =
                users.update(
                        canonical(id),
                        locked -> {
                            if (change.disabled() != null) locked.disabled(change.disabled());
                            if (admin != null) locked.admin(admin);
                            if (Boolean.TRUE.equals(change.endTokens())) locked.endTokens();
                        });
        log.info(
                "Changed user={} disabled={} roles={} tokens={} by={}",
                user.id(),
                user.disabled(),
                user.roles(),
                user.tokenGeneration(),
                current.sub());
        return Account.of(user);
    }

    @Operation(
            operationId = "setOneTimePassword",
            summary = "Set a one-time password",
            description =
                    "For a user who has lost the password. Revokes the user's tokens and old"
                            + " password. The new one serves only to choose another one with POST"
                            + " /password.")
    @ApiResponse(responseCode = "201", description = "Set")
    @ApiResponse(responseCode = "404", description = "not-found")
    @PostMapping(path = "/{id}/one-time-password", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    OneTimePassword setOneTimePassword(
            @AuthenticationPrincipal TokenIntrospection current, @PathVariable String id) {
        current.requireRecent(clock);
        String known = users.requireKnown(canonical(id)).id();
        String password = Passwords.random();
        String hash = passwords.hash(password);
        User user = users.update(known, locked -> locked.oneTimePasswordHash(hash));
        log.info("Set a one-time password of user={} by={}", user.id(), current.sub());
        return new OneTimePassword(password);
    }

    @Operation(
            operationId = "deleteUser",
            summary = "Delete a user",
            description = "The gateway also deletes the user's jobs and files.")
    @ApiResponse(responseCode = "204", description = "Deleted")
    @ApiResponse(responseCode = "404", description = "not-found")
    @ApiResponse(responseCode = "409", description = "last-administrator")
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@AuthenticationPrincipal TokenIntrospection current, @PathVariable String id) {
        current.requireRecent(clock);
        users.remove(canonical(id));
        log.info("Deleted user={} by={}", canonical(id), current.sub());
    }

    /** Every account has the role user, whether or not it is listed. */
    private static boolean admin(List<@Nullable String> roles) {
        if (roles.isEmpty()
                || !roles.stream()
                        .allMatch(role -> User.USER.equals(role) || User.ADMIN.equals(role))) {
            throw new ProblemException(
                    Problem.INVALID_ROLES,
                    "Roles must be \"user\" or \"admin\", and at least one.");
        }
        return Set.copyOf(roles).contains(User.ADMIN);
    }

    /**
     * @throws ProblemException when it is not an id, which looks like an unknown id to the client
     */
    private static String canonical(String id) {
        try {
            if (id.length() == 36) return UUID.fromString(id).toString();
        } catch (IllegalArgumentException e) {
            log.debug("Not an id: {}", e.getMessage());
        }
        throw new ProblemException(Problem.NOT_FOUND, "User not found.");
    }

    private record Cursor(Instant createdAt, String id) {
        static Cursor after(User user) {
            return new Cursor(user.createdAt(), user.id());
        }

        static Cursor parse(String text) {
            try {
                String[] parts =
                        new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII)
                                .split("/", -1);
                if (parts.length == 2) {
                    return new Cursor(
                            Instant.ofEpochMilli(Long.parseLong(parts[0])),
                            UUID.fromString(parts[1]).toString());
                }
            } catch (IllegalArgumentException e) {
                log.debug("Not a cursor: {}", e.getMessage());
            }
            throw new ProblemException(
                    Problem.INVALID_CURSOR, "A cursor must be the value of \"next\" of a page.");
        }

        @Override
        public String toString() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(
                            (createdAt.toEpochMilli() + "/" + id)
                                    .getBytes(StandardCharsets.US_ASCII));
        }
    }
}
