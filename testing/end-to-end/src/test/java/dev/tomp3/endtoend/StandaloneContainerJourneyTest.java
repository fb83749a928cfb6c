package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole system in one container, with a volume. */
@Tag("compose")
class StandaloneContainerJourneyTest {
    private static final Pattern ACCOUNT = Pattern.compile("export USER_PASSWORD='([^']+)'");

    private final String name = "tomp3-test-" + UUID.randomUUID().toString().substring(0, 8);
    private final int port = RunningSystem.Ports.free().gateway();

    @TempDir private Path directory;

    @AfterEach
    void remove() {
        docker("rm", "--force", name);
        docker("volume", "rm", name);
    }

    @Test
    void serves_and_keeps_its_data_in_the_volume() throws Exception {
        create();
        awaitHealthy();
        String account = shownAccount();
        URI gateway = URI.create("http://localhost:" + port);
        Readme.follow(gateway, account, directory);
        docker("stop", name);
        assertThat(docker("inspect", "--format", "{{.State.ExitCode}}", name)).isIn("0", "143");

        docker("rm", name);
        create();
        awaitHealthy();
        User user = User.login(gateway, account);
        assertThat(user.get("/jobs").body()).contains("\"status\":\"done\"");
    }

    private void create() {
        docker(
                "run",
                "--detach",
                "--name",
                name,
                "--read-only",
                "--tmpfs",
                "/tmp",
                "--cap-drop",
                "ALL",
                "--volume",
                name + ":/data",
                "--publish",
                "127.0.0.1:" + port + ":8080",
                "tomp3/standalone");
    }

    private void awaitHealthy() {
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofSeconds(1))
                .until(() ->
                        docker("inspect", "--format", "{{.State.Health.Status}}", name)
                                .equals("healthy"));
    }

    /** It is shown when all services are ready, the gateway may be so before. */
    private String shownAccount() {
        return await().atMost(Duration.ofMinutes(1))
                .until(() -> ACCOUNT.matcher(docker("logs", name)), Matcher::find)
                .group(1);
    }

    private String docker(String... arguments) {
        return Shell.run(
                        directory,
                        Map.of(),
                        java.util.stream.Stream.concat(
                                        java.util.stream.Stream.of("docker"),
                                        java.util.stream.Stream.of(arguments))
                                .toList())
                .strip();
    }
}
