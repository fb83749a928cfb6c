package dev.tomp3.platform;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * The format of an API key: {@code tomp3_}, 32 random characters of base62 (190 bits), and 6 of
 * their CRC32. The prefix lets secret scanners find keys in source code; the checksum lets a
 * service reject a mistyped key without a look-up.
 */
public final class ApiKey {
    public static final String PREFIX = "tomp3_";

    private static final String DIGITS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int RANDOM_LENGTH = 32;
    private static final int CHECKSUM_LENGTH = 6;

    private ApiKey() {}

    /** What a key may be used for. A key without a scope for an operation cannot call it. */
    public enum Scope {
        JOBS_READ("jobs:read"),
        JOBS_WRITE("jobs:write"),
        DOWNLOAD("download"),
        WEBHOOKS("webhooks");

        private final String wire;

        Scope(String wire) {
            this.wire = wire;
        }

        /** As the API shows it. */
        public String wire() {
            return wire;
        }

        public static Optional<Scope> of(String wire) {
            return Arrays.stream(values()).filter(scope -> scope.wire.equals(wire)).findFirst();
        }
    }

    /**
     * A new key.
     *
     * @param source cryptographically strong
     */
    public static String random(RandomGenerator source) {
        StringBuilder random = new StringBuilder();
        for (int i = 0; i < RANDOM_LENGTH; i++)
            random.append(DIGITS.charAt(source.nextInt(DIGITS.length())));
        return PREFIX + random + checksum(random.toString());
    }

    /** Whether a bearer token is an API key, right or wrong. */
    public static boolean is(String token) {
        return token.startsWith(PREFIX);
    }

    /** Whether a key has the right length and checksum. */
    public static boolean isWellFormed(String key) {
        if (!is(key) || key.length() != PREFIX.length() + RANDOM_LENGTH + CHECKSUM_LENGTH)
            return false;
        int end = PREFIX.length() + RANDOM_LENGTH;
        return key.substring(end).equals(checksum(key.substring(PREFIX.length(), end)));
    }

    /**
     * The rejection of a key that lacks a scope.
     *
     * @param needed empty if no scope is enough
     */
    public static ProblemException insufficientScope(Optional<Scope> needed) {
        String detail =
                needed.map(scope -> "The API key needs the scope " + scope.wire() + ".")
                        .orElse("An API key cannot do this: send a token from POST /login.");
        ProblemException e = new ProblemException(Problem.INSUFFICIENT_SCOPE, detail);
        e.getHeaders()
                .set(
                        "WWW-Authenticate", // RFC 6750, 3.1
                        "Bearer error=\"insufficient_scope\""
                                + needed.map(scope -> ", scope=\"" + scope.wire() + "\"")
                                        .orElse(""));
        return e;
    }

    private static String checksum(String random) {
        CRC32 crc = new CRC32();
        crc.update(random.getBytes(StandardCharsets.UTF_8));
        char[] digits = new char[CHECKSUM_LENGTH];
        long rest = crc.getValue();
        for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
            digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
            rest /= DIGITS.length();
        }
        return new String(digits);
    }
}
