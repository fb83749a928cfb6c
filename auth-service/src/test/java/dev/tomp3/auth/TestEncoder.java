package dev.tomp3.auth;

import java.util.Map;
import org.springframework.security.crypto.argon2.Argon2PasswordEncoder;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/** Hashes with one iteration, so that tests do not spend their time on it, or like the service. */
final class TestEncoder implements PasswordEncoder {
    private final PasswordEncoder fast =
            new DelegatingPasswordEncoder(
                    "argon2", Map.of("argon2", new Argon2PasswordEncoder(16, 32, 1, 8, 1)));
    private final PasswordEncoder real = new AuthService().passwordEncoder();
    private volatile boolean slow;

    void slow(boolean yes) {
        slow = yes;
    }

    @Override
    public String encode(CharSequence password) {
        return (slow ? real : fast).encode(password);
    }

    @Override
    public boolean matches(CharSequence password, String hash) {
        boolean dear = !slow && hash.equals(Passwords.UNMATCHABLE_HASH);
        return !dear && real.matches(password, hash);
    }

    @Override
    public boolean upgradeEncoding(String hash) {
        return !hash.startsWith("{argon2}");
    }
}
