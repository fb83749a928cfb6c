package dev.tomp3.auth;

import dev.tomp3.platform.ProblemException;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Sees to it at every start that the account of {@code ADMIN_EMAIL} exists and is an administrator.
 * An existing one keeps its password. Replicas that start together do it together without harm.
 */
@Component
class Administrator implements ApplicationRunner {
    private static final Logger log = LoggerFactory.getLogger(Administrator.class);

    private final AuthProperties settings;
    private final Users users;
    private final Passwords passwords;
    private final Clock clock;

    Administrator(AuthProperties settings, Users users, Passwords passwords, Clock clock) {
        this.settings = settings;
        this.users = users;
        this.passwords = passwords;
        this.clock = clock;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        EmailAddress.parse(settings.adminEmail()).ifPresent(this::ensure);
    }

    private void ensure(EmailAddress email) {
        Optional<User> existing = users.find(email);
        if (existing.isEmpty()) {
            String hash = passwords.encode(settings.adminPassword());
            try {
                User made = users.add(new User(email, hash, true, true, clock.instant()));
                log.info("administrator made user={} email={}", made.id(), made.email());
                return;
            } catch (ProblemException e) { // another replica was faster
                existing = users.find(email);
            }
        }
        existing.filter(user -> !user.admin())
                .ifPresent(user -> {
                    users.update(user.id(), locked -> locked.admin(true));
                    log.warn(
                            "the existing account of ADMIN_EMAIL is an administrator now,"
                                    + " with the password it has: user={}",
                            user.id());
                });
    }
}
