package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An e-mail address in the form in which it is stored and compared: lower case, composed Unicode. A
 * domain may be a single label, as in {@code admin@localhost}; quoted local parts and literal IP
 * addresses are not accepted.
 */
record EmailAddress(String value) {
    private static final int MAX_LENGTH = 254;
    private static final String ATOM = "[\\p{L}\\p{N}\\p{M}!#$%&'*+/=?^_`{|}~-]+";
    private static final String LABEL =
            "[\\p{L}\\p{N}](?:[\\p{L}\\p{N}\\p{M}-]{0,61}[\\p{L}\\p{N}\\p{M}])?";
    private static final Pattern ADDRESS =
            Pattern.compile(
                    "(?=[^@]{1,64}@)%s(?:\\.%s)*@%s(?:\\.%s)*".formatted(ATOM, ATOM, LABEL, LABEL));

    static Optional<EmailAddress> parse(String text) {
        if (text.length() > MAX_LENGTH) return Optional.empty();
        String value = normal(text);
        return value.length() <= MAX_LENGTH && ADDRESS.matcher(value).matches()
                ? Optional.of(new EmailAddress(value))
                : Optional.empty();
    }

    /**
     * The address of a request.
     *
     * @throws ProblemException if the text is not an e-mail address
     */
    static EmailAddress require(@Nullable String text) {
        return parse(Objects.requireNonNullElse(text, ""))
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.INVALID_EMAIL,
                                "An e-mail address looks like ann@example.org and has at most"
                                        + " 254 characters."));
    }

    /** The form in which addresses are compared; also for text that is not an address. */
    static String normal(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }
}
