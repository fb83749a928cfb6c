package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdministratorTest {
    @TempDir Path directory;
    private DataDirectory data;

    @BeforeEach
    void open() throws Exception {
        data = DataDirectory.open(directory);
    }

    @AfterEach
    void close() throws Exception {
        data.close();
    }

    @Test
    void shows_a_generated_password_once_as_a_shell_command_and_stores_it_nowhere()
            throws Exception {
        Administrator first = Administrator.of(Map.of(), data);
        assertThat(first.message())
                .matches("export USER_PASSWORD='admin@localhost:[A-Za-z0-9_-]{24}'");
        assertThat(first.toString()).doesNotContain(first.password());
        first.markShown();

        Administrator second = Administrator.of(Map.of(), data);
        assertThat(second.password()).isNull();
        assertThat(second.message())
                .contains("admin@localhost", "first start")
                .doesNotContain(first.password());
        try (var files = Files.list(directory)) {
            assertThat(files)
                    .allSatisfy(
                            file -> assertThat(file).content().doesNotContain(first.password()));
        }
    }

    @Test
    void keeps_a_password_that_was_never_shown_for_the_next_start() throws Exception {
        Administrator killed = Administrator.of(Map.of(), data);
        assertThat(Administrator.of(Map.of(), data).password()).isEqualTo(killed.password());
    }

    @Test
    void takes_the_account_that_the_environment_names() throws Exception {
        Map<String, String> environment =
                Map.of("ADMIN_EMAIL", "root@example.org", "ADMIN_PASSWORD", "long enough");
        Administrator named = Administrator.of(environment, data);
        assertThat(named.email()).isEqualTo("root@example.org");
        assertThat(named.password()).isEqualTo("long enough");
        assertThat(named.message()).doesNotContain("long enough");
        named.markShown();
        assertThat(Administrator.of(Map.of(), data).password()).isNotNull();
    }
}
