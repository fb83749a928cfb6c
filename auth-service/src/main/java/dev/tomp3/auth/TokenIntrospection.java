package dev.tomp3.auth;

import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;

/** The user behind a valid token. */
record TokenIntrospection(
        @Schema(description = "The user's id", example = "0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11")
                String sub,
        @Schema(example = "ann@example.org") String email,
        @Schema(example = "[\"user\"]") List<String> roles,
        boolean admin,
        @Schema(description = "The token's id") String jti,
        @Schema(
                        description = "When the token was issued, in seconds since 1970",
                        example = "1767139200")
                long iat,
        @Schema(
                        description = "When the token expires, in seconds since 1970",
                        example = "1767225600")
                long exp,
        @Schema(description = "Whether the address is confirmed, so that mail may be sent to it")
                boolean confirmed) {
    static TokenIntrospection of(User user, String jti, Instant issued, Instant end) {
        return new TokenIntrospection(
                user.id(),
                user.email(),
                user.roles(),
                user.admin(),
                jti,
                issued.getEpochSecond(),
                end.getEpochSecond(),
                user.confirmed());
    }
}
