package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;

/** The hashes that the service stores; the other tests use faster ones. */
class PasswordsTest {
    @Test
    void hashes_with_310000_iterations_of_pbkdf2_and_a_salt() throws Exception {
        Passwords passwords = new Passwords(new AuthService().passwordEncoder());
        String hash = passwords.encode("correct horse");
        assertThat(hash).startsWith("{pbkdf2}").isNotEqualTo(passwords.encode("correct horse"));
        byte[] saltAndKey = HexFormat.of().parseHex(hash.substring("{pbkdf2}".length()));
        byte[] salt = java.util.Arrays.copyOf(saltAndKey, 16);
        byte[] key =
                SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                        .generateSecret(
                                new PBEKeySpec("correct horse".toCharArray(), salt, 310_000, 256))
                        .getEncoded();
        assertThat(saltAndKey).endsWith(key).hasSize(16 + 32);
        assertThat(passwords.matches("correct horse", hash)).isTrue();
        assertThat(passwords.matches("correct horsf", hash)).isFalse();
    }
}
