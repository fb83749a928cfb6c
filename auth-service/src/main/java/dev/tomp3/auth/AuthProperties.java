package dev.tomp3.auth;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import java.nio.file.Path;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of this service; their names and defaults are in {@code application.yml}. They are
 * checked so early that Spring could not resolve the default messages of the constraints.
 */
@Validated
@ConfigurationProperties("tomp3")
record AuthProperties(
        Path jwtKeysDir,
        @Pattern(
                        regexp = "disabled|preferred|required|verify_ca|verify_identity",
                        message =
                                "is not one of disabled, preferred, required, verify_ca,"
                                        + " verify_identity")
                String mysqlTls,
        @NotNull(message = "is empty")
                @DurationMin(seconds = 1, message = "is less than a second")
                @DurationMax(days = 30, message = "is more than 30 days")
                Duration tokenTtl,
        @NotNull(message = "is neither open nor closed") Registration registration,
        @PositiveOrZero(message = "is negative") int maxRegistrationsPerHour,
        @PositiveOrZero(message = "is negative") int maxLoginsPerMinute,
        String adminEmail,
        String adminPassword) {
    enum Registration {
        OPEN,
        CLOSED
    }

    @AssertTrue(message = "ADMIN_EMAIL is not an e-mail address")
    boolean isAdminEmailValid() {
        return adminEmail.isEmpty() || EmailAddress.parse(adminEmail).isPresent();
    }

    @AssertTrue(message = "ADMIN_EMAIL is set, but ADMIN_PASSWORD is not")
    boolean isAdminPasswordPresent() {
        return adminEmail.isEmpty() || !adminPassword.isEmpty();
    }

    @AssertTrue(message = "ADMIN_PASSWORD is too short, too long or too common")
    boolean isAdminPasswordAcceptable() {
        return adminEmail.isEmpty()
                || adminPassword.isEmpty()
                || Passwords.acceptable(adminPassword);
    }

    boolean registrationOpen() {
        return registration == Registration.OPEN;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "AuthProperties[" + jwtKeysDir + ", " + tokenTtl + ", " + registration + "]";
    }
}
