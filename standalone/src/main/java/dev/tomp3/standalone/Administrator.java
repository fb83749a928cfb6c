package dev.tomp3.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first account. Who names none in the environment gets {@code admin@localhost} with a random
 * password, which is shown at the first start that became ready and kept nowhere in the clear
 * afterwards: until then it lies in DATA_DIR, so that a start that was killed before it could show
 * it loses nothing.
 *
 * @param password null when the account was made at an earlier start
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

    /** What the terminal says once all is ready. */
    String announcement() {
        if (named) {
            return "administrator "
                    + email
                    + ", with the password in ADMIN_PASSWORD if this start made the account";
        }
        if (password == null) {
            return "administrator "
                    + email
                    + ", whose password was shown at the first start; for another one:"
                    + " ADMIN_EMAIL=... ADMIN_PASSWORD=... ./run";
        }
        return "export USER_PASSWORD='" + email + ":" + password + "'";
    }

    /** Forgets the password once it has been shown. */
    void announced() throws IOException {
        if (!named && password != null) {
            DataDirectory.write(shown, email);
            Files.deleteIfExists(pending);
        }
    }

    /** Without the password. */
    @Override
    public String toString() {
        return email;
    }
}
