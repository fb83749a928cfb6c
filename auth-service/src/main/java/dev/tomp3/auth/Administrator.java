package dev.tomp3.auth;

import dev.tomp3.platform.InvalidConfiguration;
import dev.tomp3.platform.ProblemException;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Ensures at every start that the account of {@code ADMIN_EMAIL} exists and is an administrator. An
 * existing account keeps its password. An account that somebody registered is never promoted,
 * because its owner may not be the operator: the service does not start. Several replicas may do
 * this at the same time.
 */
@Component
class Administrator implements ApplicationRunner {
    private static final Logger log = LoggerFactory.getLogger(Administrator.class);

    private static final String REGISTERED =
            "ADMIN_EMAIL names an account that somebody registered, and that may not be yours."
                    + " Choose another address; the new administrator can delete that account";

    private final AuthProperties properties;
    private final Users users;
    private final Passwords passwords;
    private final Clock clock;

    Administrator(AuthProperties properties, Users users, Passwords passwords, Clock clock) {
        this.properties = properties;
        this.users = users;
        this.passwords = passwords;
        this.clock = clock;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        EmailAddress.parse(properties.adminEmail()).ifPresent(this::ensure);
    }

    private void ensure(EmailAddress email) {
        Optional<User> existing = users.find(email);
        if (existing.isEmpty()) {
            String hash = passwords.encode(properties.adminPassword());
            try {
                User created = users.add(new User(email, hash, true, true, clock.instant()));
                log.info(
                        "Created the administrator: user={} email={}",
                        created.id(),
                        created.email());
                return;
            } catch (ProblemException e) { // another replica has created it
                existing = users.find(email);
            }
        }
        existing.filter(user -> !user.admin())
                .ifPresent(user -> {
                    if (!user.confirmed()) throw new InvalidConfiguration(REGISTERED);
                    users.update(user.id(), locked -> locked.admin(true));
                    log.warn(
                            "Made the existing account of ADMIN_EMAIL an administrator; its"
                                    + " password is unchanged: user={}",
                            user.id());
                });
    }
}
