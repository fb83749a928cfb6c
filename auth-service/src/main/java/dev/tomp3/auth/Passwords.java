package dev.tomp3.auth;

import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import jakarta.annotation.PreDestroy;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords, as many at a time as there are processors. A request that has no permit after
 * two seconds gets 503, so that many simultaneous logins neither take over the machine nor queue up
 * without limit. One address has at most all but one of them, see {@link SharedPermits}.
 *
 * <p>Hashes are computed on platform threads, because on a virtual thread they would block other
 * requests on the same carrier.
 */
@Component
class Passwords {
    private static final Duration MAX_WAIT = Duration.ofSeconds(2);

    /** No password has this hash. Comparing with it takes as long as with that of an account. */
    static final String UNMATCHABLE_HASH =
            "{argon2}$argon2id$v=19$m=19456,t=2,p=1$" + "A".repeat(22) + "$" + "A".repeat(43);

    private static final int RANDOM_BYTES = 15;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final PasswordEncoder encoder;
    private final SharedPermits permits;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofPlatform().name("password-", 0).daemon().factory());

    @Autowired
    Passwords(PasswordEncoder encoder) {
        this(encoder, Runtime.getRuntime().availableProcessors());
    }

    Passwords(PasswordEncoder encoder, int processors) {
        this.encoder = encoder;
        this.permits =
                new SharedPermits(
                        processors, Math.max(1, processors - 1), MAX_WAIT, NanoClock.system());
    }

    /** A password of 20 characters that nobody can guess. */
    static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Any 8 to 128 characters that are not a common password. */
    static boolean acceptable(String password) {
        return hasAcceptableLength(password) && !CommonPasswords.contains(password);
    }

    private static boolean hasAcceptableLength(String password) {
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
     * @throws ProblemException when it is too short, too long or too common
     */
    static void requireAcceptable(String password) {
        if (!hasAcceptableLength(password)) {
            throw new ProblemException(
                    Problem.INVALID_PASSWORD, "A password must have 8 to 128 characters.");
        }
        if (CommonPasswords.contains(password)) {
            throw new ProblemException(
                    Problem.INVALID_PASSWORD,
                    "This is one of the passwords that attackers try first. Choose another one.");
        }
    }

    /**
     * @throws ProblemException when it is not acceptable, or there is no permit
     */
    String hash(String password) {
        requireAcceptable(password);
        return withPermit(() -> encode(password));
    }

    /**
     * The same within the share of the client's address.
     *
     * @throws ProblemException when it is not acceptable, or there is no permit
     */
    String hash(String password, String address) {
        requireAcceptable(password);
        return withPermit(address, () -> encode(password));
    }

    /** Takes the same time without a hash to compare with. Needs {@link #withPermit}. */
    boolean matches(String password, @Nullable String hash) {
        return encoder.matches(password, hash == null ? UNMATCHABLE_HASH : hash) && hash != null;
    }

    /** Whether the hash was made in a way that is no longer used for new ones. */
    boolean isOutdated(String hash) {
        return encoder.upgradeEncoding(hash);
    }

    /**
     * Runs the work once there is a permit.
     *
     * @throws ProblemException 503 when there is none within two seconds
     */
    <T> T withPermit(Callable<T> work) {
        return withPermit(permits.acquire(), work);
    }

    /**
     * Runs the work once there is a permit for this address.
     *
     * @throws ProblemException 503 when there is none within two seconds
     */
    <T> T withPermit(String address, Callable<T> work) {
        return withPermit(permits.acquire(address), work);
    }

    private <T> T withPermit(Optional<SharedPermits.Permit> acquired, Callable<T> work) {
        try (SharedPermits.Permit _ = acquired.orElseThrow(Passwords::busy)) {
            return threads.submit(work).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) throw cause;
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Without asking for a permit. */
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
