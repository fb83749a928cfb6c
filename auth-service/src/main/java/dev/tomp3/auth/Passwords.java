package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords, a few at a time, so that a crowd at the login neither takes all the processors
 * nor waits without end: who has had no turn after two seconds is told to come back (503).
 *
 * <p>The turns run on threads of their own, because a hash on a virtual thread would hold up the
 * requests that share its carrier.
 */
@Component
class Passwords {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Nobody's: what a guess is compared with when there is no account, at the same cost. */
    private static final String NOBODYS = "{pbkdf2}" + "00".repeat(16 + 32);

    private final PasswordEncoder encoder =
            new DelegatingPasswordEncoder(
                    "pbkdf2",
                    Map.of("pbkdf2", Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8()));
    private final Semaphore turns = new Semaphore(Runtime.getRuntime().availableProcessors(), true);
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().name("password-", 0).daemon().factory());

    /** 8 to 128 characters, whatever they are. */
    static boolean acceptable(String password) {
        long characters = password.codePoints().count();
        return characters >= 8
                && characters <= 128
                // half a surrogate pair has no bytes of its own: all of them would be one password
                && password.codePoints()
                        .noneMatch(
                                c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /**
     * @throws ProblemException when it is too short or too long
     */
    static void requireAcceptable(String password) {
        if (!acceptable(password)) {
            throw new ProblemException(
                    Problem.INVALID_PASSWORD, "A password has 8 to 128 characters, any you like.");
        }
    }

    /**
     * @throws ProblemException when it is too short or too long, or nobody had time
     */
    String hash(String password) {
        requireAcceptable(password);
        return inTurn(() -> encode(password));
    }

    /** Takes the same time without a hash to compare with. To be called in turn. */
    boolean matches(String password, @Nullable String hash) {
        return encoder.matches(password, hash == null ? NOBODYS : hash) && hash != null;
    }

    /**
     * Does the work when its turn comes.
     *
     * @throws ProblemException 503 when that is not soon
     */
    <T> T inTurn(Callable<T> work) {
        try {
            if (!turns.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) throw busy();
            try {
                return threads.submit(work).get();
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Without waiting for a turn: for the start, when nobody else is there. */
    String encode(String password) {
        String hash = encoder.encode(password);
        if (hash == null) throw new IllegalStateException("No hash");
        return hash;
    }

    private static ProblemException busy() {
        return new ProblemException(
                Problem.UNAVAILABLE, "Too many are logging in just now.", Duration.ofSeconds(2));
    }

    @PreDestroy
    void close() {
        threads.shutdown();
    }
}
