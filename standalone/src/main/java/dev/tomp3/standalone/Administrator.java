package dev.tomp3.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The administrator's account. If the environment names none, it is {@code admin@localhost} with a
 * random password.
 *
 * <p>The generated password is shown once, at the first start that becomes ready. Until then it is
 * kept in DATA_DIR, so that a start that was killed before it could show the password loses
 * nothing; afterwards it is stored nowhere in plain text.
 *
 * @param password null if the account was created by an earlier start
 */
record Administrator(
        String email, @Nullable String password, boolean named, Path pending, Path shown) {
    static final String DEFAULT_EMAIL = "admin@localhost";

    static Administrator of(Map<String, String> environment, DataDirectory data)
            throws IOException {
        Path pending = data.resolve("admin.password");
        Path shown = data.resolve("admin.shown");
        String email = environment.getOrDefault("ADMIN_EMAIL", "");
        String password = environment.getOrDefault("ADMIN_PASSWORD", "");
        if (!email.isEmpty() || !password.isEmpty()) {
            return new Administrator(
                    email.isEmpty() ? DEFAULT_EMAIL : email, password, true, pending, shown);
        }
        return new Administrator(
                DEFAULT_EMAIL,
                Files.exists(shown) ? null : data.password("admin"),
                false,
                pending,
                shown);
    }

    /** The line for the terminal once all services are ready. */
    String message() {
        if (named) {
            return "administrator "
                    + email
                    + ", with the password in ADMIN_PASSWORD if this start made the account";
        }
        if (password == null) {
            return "administrator "
                    + email
                    + ", whose password was shown at the first start; to choose another one:"
                    + " ADMIN_EMAIL=... ADMIN_PASSWORD=... ./run";
        }
        return "export USER_PASSWORD='" + email + ":" + password + "'";
    }

    /** Deletes the generated password after it has been shown. */
    void markShown() throws IOException {
        if (!named && password != null) {
            DataDirectory.write(shown, email);
            Files.deleteIfExists(pending);
        }
    }

    /** Omits the password. */
    @Override
    public String toString() {
        return email;
    }
}
