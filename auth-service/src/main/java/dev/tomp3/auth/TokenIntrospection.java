package dev.tomp3.auth;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The user behind a valid token or API key.
 *
 * @param generation the user's {@link User#tokenGeneration()}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TokenIntrospection(
        @Schema(description = "The user's id", example = "0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11")
                String sub,
        @Schema(example = "ann@example.org") String email,
        @Schema(example = "[\"user\"]", description = "Of an API key always [\"user\"]")
                List<String> roles,
        boolean admin,
        @Schema(description = "The id of the token or API key") String jti,
        @Schema(
                        description = "When the token was issued, in seconds since 1970",
                        example = "1767139200")
                long iat,
        @Schema(
                        description =
                                "When the token expires, in seconds since 1970; absent if the API"
                                        + " key does not expire",
                        example = "1767225600")
                @Nullable Long exp,
        @Schema(description = "Whether the address is confirmed, so that mail may be sent to it")
                boolean confirmed,
        @Schema(description = "Of an API key; absent for a token", example = "[\"jobs:read\"]")
                @Nullable List<String> scopes,
        @JsonProperty("registration_open") @Schema(description = "Whether anyone may register")
                boolean registrationOpen,
        @JsonIgnore int generation) {
    private static final Duration RECENT = Duration.ofMinutes(10);

    static TokenIntrospection of(
            User user, String jti, Instant issued, Instant end, boolean registrationOpen) {
        return new TokenIntrospection(
                user.id(),
                user.email(),
                user.roles(),
                user.admin(),
                jti,
                issued.getEpochSecond(),
                end.getEpochSecond(),
                user.confirmed(),
                null,
                registrationOpen,
                user.tokenGeneration());
    }

    @JsonIgnore
    boolean isKey() {
        return scopes != null;
    }

    /**
     * A stolen token must be of little use for changes that outlive it.
     *
     * @throws ProblemException when the token was not issued within the last ten minutes
     */
    void requireRecent(Clock clock) {
        if (Duration.between(Instant.ofEpochSecond(iat), clock.instant()).compareTo(RECENT) > 0) {
            throw new ProblemException(
                    Problem.TOKEN_TOO_OLD,
                    "This requires a token of the last ten minutes: get one from POST /login.");
        }
    }
}
