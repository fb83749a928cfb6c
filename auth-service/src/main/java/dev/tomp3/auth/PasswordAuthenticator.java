package dev.tomp3.auth;

import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Finds out whether a password is right. An unknown or disabled user is answered like a wrong
 * password, after the same time.
 */
@Component
class PasswordAuthenticator {
    private static final Logger log = LoggerFactory.getLogger(PasswordAuthenticator.class);

    private final Users users;
    private final Passwords passwords;
    private final LoginThrottle pace;

    PasswordAuthenticator(Users users, Passwords passwords, LoginThrottle pace) {
        this.users = users;
        this.passwords = passwords;
        this.pace = pace;
    }

    /**
     * @throws ProblemException 401 when it is wrong, 429 when the pair of account and address has
     *     to wait
     */
    User verify(String email, String password, String address) {
        LoginThrottle.Pair pair = new LoginThrottle.Pair(EmailAddress.normal(email), address);
        pace.check(pair);
        return passwords.inTurn(() -> {
            pace.check(pair); // again: those who waited together must not all guess
            Optional<User> user = EmailAddress.parse(email).flatMap(users::find);
            boolean right = passwords.matches(password, user.map(User::passwordHash).orElse(null));
            if (user.isEmpty() || !right || user.get().disabled()) {
                pace.failed(pair);
                log.info(
                        "login refused user={} from={}",
                        user.map(User::id).orElse("unknown"),
                        address);
                throw new ProblemException(
                        Problem.BAD_CREDENTIALS, "Wrong e-mail address or password.");
            }
            pace.succeeded(pair);
            return user.get();
        });
    }
}
