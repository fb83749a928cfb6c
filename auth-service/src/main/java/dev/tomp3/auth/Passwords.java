package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords, as many at a time as there are processors. A request that has no permit after
 * two seconds gets 503, so that many simultaneous logins neither take over the machine nor queue up
 * without limit.
 *
 * <p>Hashes are computed on platform threads, because on a virtual thread they would block other
 * requests on the same carrier.
 */
@Component
class Passwords {
    private static final Duration MAX_WAIT = Duration.ofSeconds(2);

    /** No password has this hash. Comparing with it takes as long as with that of an account. */
    private static final String UNMATCHABLE_HASH = "{pbkdf2}" + "00".repeat(16 + 32);

    private final PasswordEncoder encoder;
    private final Semaphore permits =
            new Semaphore(Runtime.getRuntime().availableProcessors(), true);
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().name("password-", 0).daemon().factory());

    Passwords(PasswordEncoder encoder) {
        this.encoder = encoder;
    }

    /** Any 8 to 128 characters. */
    static boolean acceptable(String password) {
        long characters = password.codePoints().count();
        return characters >= 8
                && characters <= 128
                // unpaired surrogates all become the same byte, so that different passwords would
                // match
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
                    Problem.INVALID_PASSWORD, "A password must have 8 to 128 characters.");
        }
    }

    /**
     * @throws ProblemException when it is too short or too long, or there is no permit
     */
    String hash(String password) {
        requireAcceptable(password);
        return withPermit(() -> encode(password));
    }

    /** Takes the same time without a hash to compare with. Needs {@link #withPermit}. */
    boolean matches(String password, @Nullable String hash) {
        return encoder.matches(password, hash == null ? UNMATCHABLE_HASH : hash) && hash != null;
    }

    /**
     * Runs the work once there is a permit.
     *
     * @throws ProblemException 503 when there is none within two seconds
     */
    <T> T withPermit(Callable<T> work) {
        try {
            if (!permits.tryAcquire(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)) throw busy();
            try {
                return threads.submit(work).get();
            } finally {
                permits.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Without a permit: for the start, before there are requests. */
    String encode(String password) {
        String hash = encoder.encode(password);
        if (hash == null) throw new IllegalStateException("No hash");
        return hash;
    }

    private static ProblemException busy() {
        return new ProblemException(
                Problem.UNAVAILABLE,
                "Too many simultaneous logins. Try again.",
                Duration.ofSeconds(2));
    }

    @PreDestroy
    void close() {
        threads.shutdown();
    }
}
