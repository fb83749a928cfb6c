package dev.tomp3.auth;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.core.env.Environment;
import org.springframework.util.PlaceholderResolutionException;

/** What {@code application.yml} says about this service. */
@ConfigurationProperties("tomp3")
record Settings(
        Path jwtKeysDir,
        Duration tokenTtl,
        String registration,
        String adminEmail,
        String adminPassword) {
    Settings {
        registration = registration.toLowerCase(Locale.ROOT);
        if (!registration.equals("open") && !registration.equals("closed"))
            throw new StartRefused("REGISTRATION is neither open nor closed: " + registration);
        if (tokenTtl.toSeconds() < 1)
            throw new StartRefused("TOKEN_TTL is not a positive duration such as 24h");
        if (!adminEmail.isEmpty()) {
            if (EmailAddress.parse(adminEmail).isEmpty())
                throw new StartRefused("ADMIN_EMAIL is not an e-mail address: " + adminEmail);
            if (adminPassword.isEmpty())
                throw new StartRefused("ADMIN_EMAIL is set, but ADMIN_PASSWORD is not");
            if (!Passwords.acceptable(adminPassword))
                throw new StartRefused("ADMIN_PASSWORD does not have 8 to 128 characters");
        }
    }

    boolean registrationOpen() {
        return registration.equals("open");
    }

    /**
     * @throws StartRefused naming the environment variable when nothing is set
     */
    static void require(Environment environment, String property, String name) {
        if (value(environment, property).isBlank())
            throw new StartRefused(name + " is not set, and it has no default");
    }

    private static String value(Environment environment, String property) {
        try {
            @Nullable String value = environment.getProperty(property);
            return value == null ? "" : value;
        } catch (PlaceholderResolutionException e) {
            return "";
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Settings[" + jwtKeysDir + ", " + tokenTtl + ", " + registration + "]";
    }
}
