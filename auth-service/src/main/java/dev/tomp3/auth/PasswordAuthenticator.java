package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Authenticates a user with a password. An unknown or disabled user gets the same response as a
 * wrong password, after the same time.
 */
@Component
class PasswordAuthenticator {
    private static final Logger log = LoggerFactory.getLogger(PasswordAuthenticator.class);

    private final Users users;
    private final Passwords passwords;
    private final LoginThrottle throttle;
    private final PasswordBudget budget;

    PasswordAuthenticator(
            Users users, Passwords passwords, LoginThrottle throttle, PasswordBudget budget) {
        this.users = users;
        this.passwords = passwords;
        this.throttle = throttle;
        this.budget = budget;
    }

    /**
     * @throws ProblemException 401 if the password is wrong, 429 while the pair of account and
     *     address is blocked or has no budget
     */
    User authenticate(String email, String password, String address) {
        Optional<String> found = EmailAddress.parse(email).flatMap(users::findId);
        // the account and not the text, because a database may take several texts for one address
        String account = found.orElseGet(() -> EmailAddress.normal(email));
        LoginThrottle.Pair pair = LoginThrottle.Pair.of(account, address);
        try {
            throttle.check(pair);
            budget.consume(pair);
        } catch (ProblemException e) {
            log.info("Login refused: user={} from={}", found.orElse("unknown"), address);
            throw e;
        }
        return passwords.withPermit(
                pair.network(),
                () -> {
                    throttle.check(pair); // again, or all requests that waited together could guess
                    Optional<User> user = found.flatMap(users::find);
                    boolean right =
                            passwords.matches(password, user.map(User::passwordHash).orElse(null));
                    if (user.isEmpty() || !right || user.get().disabled()) {
                        throttle.failed(pair);
                        log.info(
                                "Login failed: user={} from={}",
                                user.map(User::id).orElse("unknown"),
                                address);
                        throw new ProblemException(Problem.BAD_CREDENTIALS);
                    }
                    throttle.succeeded(pair);
                    if (!passwords.isOutdated(user.get().passwordHash())) return user.get();
                    users.rehash(
                            user.get().id(), user.get().passwordHash(), passwords.encode(password));
                    // with the new hash, which a change of the password compares
                    return users.find(user.get().id())
                            .orElseThrow(() -> new ProblemException(Problem.BAD_CREDENTIALS));
                });
    }
}
