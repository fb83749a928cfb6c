package dev.tomp3.auth;

import java.util.Map;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder.SecretKeyFactoryAlgorithm;

/** Hashes with one iteration, so that tests do not spend their time on it, or like the service. */
final class TestEncoder implements PasswordEncoder {
    private static final int SALT_BYTES = 16;

    private final PasswordEncoder fast =
            new DelegatingPasswordEncoder(
                    "pbkdf2",
                    Map.of(
                            "pbkdf2",
                            new Pbkdf2PasswordEncoder(
                                    "",
                                    SALT_BYTES,
                                    1,
                                    SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA256)));
    private final PasswordEncoder real = new AuthService().passwordEncoder();
    private volatile PasswordEncoder current = fast;

    void slow(boolean slow) {
        current = slow ? real : fast;
    }

    @Override
    public String encode(CharSequence password) {
        return current.encode(password);
    }

    @Override
    public boolean matches(CharSequence password, String hash) {
        return current.matches(password, hash);
    }
}
