package dev.tomp3.auth;

import dev.tomp3.platform.InvalidConfiguration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.Environment;
import org.springframework.security.web.util.matcher.IpAddressMatcher;

/** What {@code application.yml} says about this service. */
@ConfigurationProperties("tomp3")
record AuthProperties(
        Path jwtKeysDir,
        Duration tokenTtl,
        String registration,
        int maxRegistrationsPerHour,
        String adminEmail,
        String adminPassword) {
    AuthProperties {
        registration = registration.toLowerCase(Locale.ROOT);
        if (!registration.equals("open") && !registration.equals("closed"))
            throw new InvalidConfiguration(
                    "REGISTRATION is neither open nor closed: " + registration);
        if (maxRegistrationsPerHour < 0)
            throw new InvalidConfiguration("MAX_REGISTRATIONS_PER_HOUR is negative");
        if (!adminEmail.isEmpty()) {
            if (EmailAddress.parse(adminEmail).isEmpty())
                throw new InvalidConfiguration(
                        "ADMIN_EMAIL is not an e-mail address: " + adminEmail);
            if (adminPassword.isEmpty())
                throw new InvalidConfiguration("ADMIN_EMAIL is set, but ADMIN_PASSWORD is not");
            if (!Passwords.acceptable(adminPassword))
                throw new InvalidConfiguration("ADMIN_PASSWORD does not have 8 to 128 characters");
        }
    }

    boolean registrationOpen() {
        return registration.equals("open");
    }

    /** Anything else would be taken for a regular expression, and trust whatever matches. */
    static void requireBlocks(Environment environment, String property, String name) {
        for (String block : environment.getProperty(property, "").split(",", -1)) {
            try {
                if (!block.isBlank()) new IpAddressMatcher(block.strip());
            } catch (IllegalArgumentException e) {
                throw new InvalidConfiguration(
                        name + " has what is no address or CIDR block: " + block);
            }
        }
    }

    static void requireDuration(Environment environment, String property, String name) {
        String value = environment.getProperty(property, "");
        try {
            if (DurationStyle.detectAndParse(value).toSeconds() >= 1) return;
        } catch (IllegalArgumentException e) {
            throw new InvalidConfiguration(name + " is not a duration such as 24h: " + value);
        }
        throw new InvalidConfiguration(name + " is less than a second: " + value);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "AuthProperties[" + jwtKeysDir + ", " + tokenTtl + ", " + registration + "]";
    }
}
