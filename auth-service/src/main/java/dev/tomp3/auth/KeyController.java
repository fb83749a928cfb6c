package dev.tomp3.auth;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The API keys of the current user. Making one requires a token of the last ten minutes, because a
 * key outlives the token.
 */
@RestController
@RequestMapping("/keys")
@Tag(name = "Keys", description = "API keys, for scripts")
@SecurityRequirement(name = ApiDescription.BEARER)
@ApiResponse(responseCode = "403", description = "insufficient-scope: sent with an API key")
class KeyController {
    private static final int MAX_NAME = 100;
    private static final Duration MAX_LIFETIME = Duration.ofDays(36_500);
    private static final Logger log = LoggerFactory.getLogger(KeyController.class);

    private final ApiKeys keys;
    private final Clock clock;

    KeyController(ApiKeys keys, Clock clock) {
        this.keys = keys;
        this.clock = clock;
    }

    record NewKey(
            @Schema(
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            minLength = 1,
                            maxLength = MAX_NAME,
                            example = "backup script")
                    @Nullable String name,
            @Schema(
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            description = "jobs:read, jobs:write, download, webhooks",
                            example = "[\"jobs:read\",\"jobs:write\",\"download\"]")
                    @Nullable List<@Nullable String> scopes,
            @JsonProperty("expires_at")
                    @Schema(description = "default: never", example = "2099-12-31T00:00:00Z")
                    @Nullable Instant expiresAt) {}

    record Rotation(
            @JsonProperty("overlap_seconds")
                    @Schema(
                            description = "for which the old key stays valid; default: 0",
                            minimum = "0",
                            maximum = "604800",
                            example = "3600")
                    @Nullable Long overlapSeconds) {}

    record Key(
            String id,
            String name,
            @Schema(description = "the first characters of the key", example = "tomp3_Zk1v")
                    String prefix,
            @Schema(example = "[\"jobs:read\"]") List<String> scopes,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("expires_at")
                    @Schema(
                            types = {"string", "null"},
                            format = "date-time")
                    @Nullable Instant expiresAt,
            @JsonProperty("last_used_at")
                    @Schema(
                            types = {"string", "null"},
                            format = "date-time",
                            description = "exact to a minute")
                    @Nullable Instant lastUsedAt) {
        static Key of(ApiKeys.Stored key) {
            return new Key(
                    key.id(),
                    key.name(),
                    key.prefix(),
                    key.scopes().stream().map(Scope::wire).toList(),
                    key.createdAt(),
                    key.expiresAt(),
                    key.lastUsedAt());
        }
    }

    record CreatedKey(
            String id,
            String name,
            String prefix,
            @Schema(example = "[\"jobs:read\"]") List<String> scopes,
            @JsonProperty("created_at") Instant createdAt,
            @JsonProperty("expires_at")
                    @Schema(
                            types = {"string", "null"},
                            format = "date-time")
                    @Nullable Instant expiresAt,
            @Schema(
                            description = "shown only here",
                            example = "tomp3_1cOqMhDGCZlQPpRLS3VxJaT5b8sWnE0k2YEx9A")
                    String key) {
        static CreatedKey of(ApiKeys.Created created) {
            Key stored = Key.of(created.stored());
            return new CreatedKey(
                    stored.id(),
                    stored.name(),
                    stored.prefix(),
                    stored.scopes(),
                    stored.createdAt(),
                    stored.expiresAt(),
                    created.key());
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "CreatedKey[" + id + "]";
        }
    }

    record Keys(List<Key> items) {}

    @Operation(operationId = "createKey", summary = "Make an API key")
    @ApiResponse(responseCode = "201", description = "Made; the key is shown only here")
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-key")
    @ApiResponse(responseCode = "401", description = "unauthenticated, token-too-old")
    @ApiResponse(responseCode = "409", description = "too-many-keys")
    @PostMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    CreatedKey create(
            @AuthenticationPrincipal TokenIntrospection current, @RequestBody NewKey wanted) {
        current.requireRecent(clock);
        String name = wanted.name() == null ? "" : wanted.name().strip();
        if (name.isEmpty()
                || name.length() > MAX_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw new ProblemException(
                    Problem.INVALID_KEY,
                    "A name has 1 to " + MAX_NAME + " characters, and no control characters.");
        }
        Set<Scope> scopes = scopes(wanted.scopes());
        Instant end = wanted.expiresAt();
        Instant now = clock.instant();
        if (end != null && (!end.isAfter(now) || end.isAfter(now.plus(MAX_LIFETIME)))) {
            throw new ProblemException(
                    Problem.INVALID_KEY, "expires_at must be within the next 100 years.");
        }
        ApiKeys.Created created = keys.create(current, name, scopes, end);
        log.info("Made key={} of user={} scopes={}", created.stored().id(), current.sub(), scopes);
        return CreatedKey.of(created);
    }

    private static Set<Scope> scopes(@Nullable List<@Nullable String> wanted) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String scope : wanted == null ? List.<@Nullable String>of() : wanted)
            scopes.add(
                    Scope.of(scope == null ? "" : scope)
                            .orElseThrow(() ->
                                    new ProblemException(
                                            Problem.INVALID_KEY,
                                            "A scope is jobs:read, jobs:write, download or"
                                                    + " webhooks.")));
        if (scopes.isEmpty())
            throw new ProblemException(Problem.INVALID_KEY, "A key needs at least one scope.");
        return scopes;
    }

    @Operation(
            operationId = "listKeys",
            summary = "List the API keys, newest first",
            description = "Expired keys are listed for a week.")
    @ApiResponse(responseCode = "200", description = "The keys, without their secret part")
    @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    Keys list(@AuthenticationPrincipal TokenIntrospection current) {
        return new Keys(keys.list(current.sub()).stream().map(Key::of).toList());
    }

    @Operation(
            operationId = "deleteKey",
            summary = "Delete an API key",
            description = "It is rejected within 20 seconds.")
    @ApiResponse(responseCode = "204", description = "Deleted")
    @ApiResponse(responseCode = "404", description = "not-found")
    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@AuthenticationPrincipal TokenIntrospection current, @PathVariable String id) {
        keys.delete(current.sub(), id);
        log.info("Deleted key={} of user={}", id, current.sub());
    }

    @Operation(
            operationId = "rotateKey",
            summary = "Replace an API key",
            description =
                    "The new key has another id, and the name, scopes and lifetime of the old"
                            + " one.")
    @ApiResponse(responseCode = "201", description = "The new key, which is shown only here")
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-key")
    @ApiResponse(responseCode = "401", description = "unauthenticated, token-too-old")
    @ApiResponse(responseCode = "404", description = "not-found")
    @PostMapping(path = "/{id}/rotate", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    CreatedKey rotate(
            @AuthenticationPrincipal TokenIntrospection current,
            @PathVariable String id,
            @RequestBody(required = false) @Nullable Rotation rotation) {
        current.requireRecent(clock);
        long seconds =
                rotation == null || rotation.overlapSeconds() == null
                        ? 0
                        : rotation.overlapSeconds();
        if (seconds < 0 || seconds > ApiKeys.MAX_OVERLAP.toSeconds()) {
            throw new ProblemException(
                    Problem.INVALID_KEY,
                    "overlap_seconds is 0 to " + ApiKeys.MAX_OVERLAP.toSeconds() + ".");
        }
        ApiKeys.Created created = keys.rotate(current.sub(), id, Duration.ofSeconds(seconds));
        log.info("Rotated key={} of user={}: now key={}", id, current.sub(), created.stored().id());
        return CreatedKey.of(created);
    }
}
