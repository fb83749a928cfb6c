package dev.tomp3.gateway;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;

/** The header {@code Idempotency-Key}. */
final class IdempotencyKey {
    static final String HEADER = "Idempotency-Key";
    private static final int MAX_LENGTH = 255;

    private IdempotencyKey() {}

    /** A key in quotes, as a structured field (RFC 9651), is the same as without. */
    static String parse(String sent) {
        String key = sent.strip();
        if (key.length() >= 2 && key.startsWith("\"") && key.endsWith("\""))
            key = key.substring(1, key.length() - 1).replaceAll("\\\\([\"\\\\])", "$1");
        if (key.isBlank() || key.length() > MAX_LENGTH) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST,
                    "An Idempotency-Key has 1 to " + MAX_LENGTH + " characters.");
        }
        return key;
    }
}
