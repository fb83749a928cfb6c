package dev.tomp3.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.platform.InvalidConfiguration;
import io.jsonwebtoken.security.Jwks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeysTest {
    private static final Instant T = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir Path directory;

    @Test
    void the_last_modified_signs_and_all_are_published() {
        KeyPair older = TestKeys.write(directory, "z.pem", T);
        KeyPair newer = TestKeys.write(directory, "a.pem", T.plusSeconds(1));
        assertThat(ids(keys())).containsExactly(id(newer), id(older));
    }

    @Test
    void of_files_written_together_the_last_by_name_signs() {
        KeyPair second = TestKeys.write(directory, "2026-02.pem", T.plusMillis(1));
        KeyPair first = TestKeys.write(directory, "2026-01.pem", T.plusMillis(2));
        assertThat(ids(keys())).containsExactly(id(second), id(first));
    }

    @Test
    void keys_are_added_and_removed_with_their_files() throws IOException {
        KeyPair first = TestKeys.write(directory, "1.pem", T);
        SigningKeys keys = keys();
        KeyPair second = TestKeys.write(directory, "2.pem", T.plusSeconds(10));
        assertThat(ids(keys)).containsExactly(id(second), id(first));
        assertThat(keys.publicKey(id(first))).isEqualTo(first.getPublic());
        Files.delete(directory.resolve("1.pem"));
        assertThat(ids(keys)).containsExactly(id(second));
        assertThat(keys.publicKey(id(first))).isNull();
    }

    @Test
    void reads_the_directory_again_only_after_a_while() {
        TestKeys.write(directory, "1.pem", T);
        SigningKeys keys = new SigningKeys(directory, Duration.ofHours(1), System::nanoTime);
        TestKeys.write(directory, "2.pem", T.plusSeconds(10));
        assertThat(keys.all()).hasSize(1);
    }

    @Test
    void an_invalid_file_does_not_affect_the_others() throws Exception {
        KeyPair good = TestKeys.write(directory, "good.pem", T);
        SigningKeys keys = keys();
        TestKeys.write(directory, "empty.pem", T.plusSeconds(1), "");
        TestKeys.write(directory, "text.pem", T.plusSeconds(2), "no key");
        TestKeys.write(
                directory,
                "cut.pem",
                T.plusSeconds(3),
                TestKeys.pem(good).substring(0, 600) + "\n-----END PRIVATE KEY-----\n");
        TestKeys.write(directory, "public.pem", T.plusSeconds(4), publicPem(good));
        TestKeys.write(directory, "elliptic.pem", T.plusSeconds(5), TestKeys.pem(pair("EC", 256)));
        TestKeys.write(directory, "short.pem", T.plusSeconds(6), TestKeys.pem(pair("RSA", 1024)));
        Files.write(directory.resolve("noise.pem"), new byte[] {(byte) 0xff, 0, (byte) 0xfe});
        Files.createDirectory(directory.resolve("directory.pem"));
        Files.createSymbolicLink(directory.resolve("dangling.pem"), directory.resolve("nowhere"));
        TestKeys.write(
                directory, "other.key", T.plusSeconds(7), TestKeys.pem(TestKeys.pair("other.key")));
        assertThat(ids(keys)).containsExactly(id(good));
    }

    @Test
    void a_file_that_other_users_may_write_is_not_used() throws IOException {
        KeyPair good = TestKeys.write(directory, "good.pem", T);
        TestKeys.write(directory, "open.pem", T.plusSeconds(1));
        Files.setPosixFilePermissions(
                directory.resolve("open.pem"), PosixFilePermissions.fromString("rw-r--rw-"));
        assertThat(ids(keys())).containsExactly(id(good));
    }

    @Test
    void the_same_key_in_two_files_is_one() {
        KeyPair pair = TestKeys.write(directory, "1.pem", T);
        TestKeys.write(directory, "2.pem", T.plusSeconds(1), TestKeys.pem(pair));
        assertThat(ids(keys())).containsExactly(id(pair));
    }

    @Test
    void the_last_known_keys_stay_in_use_without_files() throws IOException {
        KeyPair pair = TestKeys.write(directory, "1.pem", T);
        SigningKeys keys = keys();
        Files.delete(directory.resolve("1.pem"));
        assertThat(ids(keys)).containsExactly(id(pair));
        Files.delete(directory);
        assertThat(ids(keys)).containsExactly(id(pair));
    }

    @Test
    void does_not_start_without_a_usable_key() {
        assertThatThrownBy(this::keys)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("JWT_KEYS_DIR")
                .hasMessageContaining(directory.toString());
        assertThatThrownBy(() ->
                        new SigningKeys(
                                directory.resolve("missing"), Duration.ZERO, System::nanoTime))
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("JWT_KEYS_DIR");
        TestKeys.write(directory, "text.pem", T, "no key");
        assertThatThrownBy(this::keys)
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageContaining("JWT_KEYS_DIR");
    }

    private SigningKeys keys() {
        return new SigningKeys(directory, Duration.ZERO, System::nanoTime);
    }

    private static List<String> ids(SigningKeys keys) {
        return keys.all().stream().map(SigningKeys.SigningKey::id).toList();
    }

    private static String id(KeyPair pair) {
        return Jwks.builder().key((RSAPublicKey) pair.getPublic()).build().thumbprint().toString();
    }

    private static KeyPair pair(String algorithm, int size) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(size);
        return generator.generateKeyPair();
    }

    private static String publicPem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }
}
