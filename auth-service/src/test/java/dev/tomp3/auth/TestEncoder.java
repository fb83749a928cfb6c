package dev.tomp3.auth;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
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
    private volatile CountDownLatch end = new CountDownLatch(0);
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger made = new AtomicInteger();

    void slow(boolean yes) {
        slow = yes;
    }

    /** Passwords that begin with "held" are not hashed until this is called with false. */
    void hold(boolean yes) {
        end.countDown();
        if (yes) end = new CountDownLatch(1);
    }

    /** How many hashes are being held. */
    int held() {
        return held.get();
    }

    /** How many hashes have been made. */
    int made() {
        return made.get();
    }

    @Override
    public String encode(CharSequence password) {
        made.incrementAndGet();
        if (password.toString().startsWith("held")) {
            held.incrementAndGet();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            held.decrementAndGet();
        }
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
