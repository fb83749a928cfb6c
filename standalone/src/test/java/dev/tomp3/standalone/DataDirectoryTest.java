package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.interfaces.RSAPrivateKey;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.pem.PemContent;

class DataDirectoryTest {
    @TempDir Path directory;

    @Test
    void cannot_be_opened_twice_at_a_time() throws Exception {
        try (DataDirectory first = DataDirectory.open(directory)) {
            assertThat(first.path()).isEqualTo(directory);
            assertThatThrownBy(() -> DataDirectory.open(directory))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining(directory.toString())
                    .hasMessageContaining("another ./run");
        }
        DataDirectory.open(directory).close();
    }

    @Test
    void a_full_disk_is_named_before_anything_is_written_to_it() throws Exception {
        Path missing = directory.resolve("missing/data");
        DataDirectory.requireSpace(missing, 1, "DATA_DIR");
        assertThatThrownBy(() -> DataDirectory.requireSpace(missing, 1L << 60, "DATA_DIR"))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("the disk of " + directory + " is full: ")
                .hasMessageEndingWith("set DATA_DIR to another");
    }

    @Test
    void is_accessible_to_its_owner_only_even_if_it_was_open_to_others() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (DataDirectory data = DataDirectory.open(directory)) {
            data.password("amqp");
            data.signingKeys();
        }
        assertThat(mode(directory)).isEqualTo("rwx------");
        assertThat(mode(directory.resolve("amqp.password"))).isEqualTo("rw-------");
        assertThat(mode(directory.resolve("keys/tokens.pem"))).isEqualTo("rw-------");
    }

    @Test
    void keeps_its_passwords_and_generates_another_for_each_use() throws Exception {
        String first;
        try (DataDirectory data = DataDirectory.open(directory)) {
            first = data.password("amqp");
            assertThat(data.password("mongo")).isNotEqualTo(first).hasSizeGreaterThan(20);
        }
        try (DataDirectory data = DataDirectory.open(directory)) {
            assertThat(data.password("amqp")).isEqualTo(first);
        }
    }

    @Test
    void generates_one_signing_key_and_keeps_it() throws Exception {
        try (DataDirectory data = DataDirectory.open(directory)) {
            Path keys = data.signingKeys();
            data.signingKeys();
            List<Path> files;
            try (Stream<Path> all = Files.list(keys)) {
                files = all.toList();
            }
            assertThat(files).hasSize(1);
            PemContent pem = PemContent.load(files.getFirst());
            assertThat(pem.getPrivateKey())
                    .isInstanceOfSatisfying(
                            RSAPrivateKey.class,
                            key -> assertThat(key.getModulus().bitLength()).isEqualTo(2048));
        }
    }

    @Test
    void names_a_path_that_cannot_be_used() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> DataDirectory.open(file))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining(file.toString());
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
