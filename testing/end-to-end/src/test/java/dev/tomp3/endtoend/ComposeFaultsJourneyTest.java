package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Kind;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Accepted jobs are not lost when any container dies. */
@Tag("compose")
@Tag("faults")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ComposeFaultsJourneyTest {
    private static final Set<String> SERVICES =
            Set.of("auth", "gateway", "converter", "notification");

    private Path directory;
    private TestMedia media;
    private Path slow;
    private ComposedSystem system;
    private User user;

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        directory = temporary;
        media = TestMedia.in(Files.createDirectory(directory.resolve("media")));
        slow = SlowFile.in(directory, 40);
        system = ComposedSystem.start(directory, Map.of("WORKERS", "1", "SHUTDOWN_GRACE", "3s"));
    }

    @BeforeEach
    void login() {
        user = User.login(system.gateway(), system.administrator());
    }

    @AfterAll
    void end() {
        if (system != null) system.close();
    }

    @Test
    void the_commands_of_the_readme_work() throws Exception {
        Readme.follow(system.gateway(), system.administrator(), directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"converter", "mysql", "mongodb", "rabbitmq"})
    void a_conversion_survives_the_kill_of_a_container(String victim) {
        String interrupted = converting();
        system.compose("kill", victim);
        String meanwhile = null;
        switch (victim) {
            case "mongodb" -> {
                HttpResponse<String> answer = user.tryUpload(media.tone(Kind.M4A, 500, 1));
                MediaStoreSuite.assertProblem(answer, 503, "unavailable");
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            }
            default -> meanwhile = user.upload(media.tone(Kind.M4A, 500, 1));
        }
        system.up();
        // as a client that honours Retry-After sees it
        await().atMost(Duration.ofSeconds(10)).until(() -> user.get("/jobs").statusCode() == 200);
        assertDone(interrupted, 2400);
        if (meanwhile != null) assertDone(meanwhile, 1);
        assertDone(user.upload(media.tone(Kind.M4A, 600, 1)), 1);
    }

    @Test
    void the_queues_are_refilled_when_the_broker_lost_its_disk() {
        String running = converting();
        List<String> waiting =
                IntStream.range(0, 5)
                        .mapToObj(_ -> user.upload(media.tone(Kind.M4A, 700, 1)))
                        .toList();
        system.compose("rm", "--stop", "--force", "--volumes", "rabbitmq");
        system.removeVolume("rabbitmq");
        system.up();
        assertDone(running, 2400);
        waiting.forEach(id -> assertDone(id, 1));
    }

    /**
     * The only converter runs a program in the place of ffmpeg that tries what an attacker would.
     * It is in the image's sandbox, under Docker's rules.
     */
    @Test
    void a_program_that_was_taken_over_reaches_nothing() throws Exception {
        List<String> targets = new ArrayList<>(List.of("ffmpeg /usr/local/bin/ffmpeg"));
        Map<String, Integer> ports =
                Map.of(
                        "mongodb",
                        27017,
                        "rabbitmq",
                        5672,
                        "mysql",
                        3306,
                        "auth",
                        5000,
                        "gateway",
                        8080);
        ports.forEach((service, port) -> {
            String addresses =
                    system.inspect(
                            system.containers(service).getFirst(),
                            "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}");
            for (String address : addresses.strip().split(" +", -1))
                targets.add("port " + address + " " + port);
        });
        targets.addAll(
                List.of(
                        "port 127.0.0.1 9100",
                        "file /app/app.jar",
                        "directory /app",
                        "directory /work"));
        Path attacker = directory.resolve("attacker");
        Files.writeString(
                attacker,
                Files.readString(Path.of("../../converter-service/src/test/resources/attacker.pl"))
                        + String.join("\n", targets));
        Files.setPosixFilePermissions(attacker, PosixFilePermissions.fromString("rwxr-xr-x"));
        system.compose("stop", "converter");
        String container =
                system.compose(
                                "run",
                                "--detach",
                                "--volume",
                                attacker + ":/attack/ffmpeg:ro",
                                "--env",
                                "FFMPEG=/attack/ffmpeg",
                                "--env",
                                "LOGGING_LEVEL_DEV_TOMP3=debug",
                                "converter")
                        .lines()
                        .toList()
                        .getLast();
        try {
            String id = user.upload(media.tone(Kind.M4A, 440, 1));
            await().atMost(Duration.ofMinutes(2)).until(() -> status(id).equals("failed"));
            String said = system.logOf(container);
            assertThat(said)
                    .contains("ffmpeg runs in a sandbox", "own output: yes", "own source: yes")
                    .containsPattern("attacks: \\d{3}")
                    .doesNotContain("reached: ");
        } finally {
            system.remove(container);
            system.up();
        }
    }

    @Test
    void the_jobs_of_a_stopped_converter_are_taken_over_at_once() throws Exception {
        Path slower = SlowFile.in(directory, 60);
        system.up("--scale", "converter=3");
        assertThat(system.containers("converter")).hasSize(3);
        List<String> ids =
                IntStream.range(0, 3).mapToObj(_ -> user.upload(slower, SlowFile.OPTIONS)).toList();
        for (String id : ids) {
            await().atMost(Duration.ofSeconds(30)).until(() -> status(id).equals("converting"));
        }
        // all of them are busy: this hands back two jobs, which the third takes one after the other
        system.up("--scale", "converter=1");
        ids.forEach(id -> assertDone(id, 3600));
        assertThat(ids.stream().map(id -> user.job(id).get("attempt").asInt()))
                .containsExactlyInAnyOrder(1, 2, 2);
    }

    @Test
    void a_stopping_gateway_completes_its_uploads() throws Exception {
        byte[] video = Files.readAllBytes(media.tone(Kind.MP4, 440, 2));
        int half = video.length / 2;
        PipedOutputStream out = new PipedOutputStream();
        CompletableFuture<HttpResponse<String>> answer =
                user.beginUpload("half.mp4", new PipedInputStream(out, video.length));
        out.write(video, 0, half);
        CompletableFuture<String> stopped =
                CompletableFuture.supplyAsync(() -> system.compose("stop", "gateway"));
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        system.compose("logs", "--tail", "20", "gateway")
                                .contains("Commencing graceful shutdown"));
        out.write(video, half, video.length - half);
        out.close();
        assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(202);
        stopped.get(1, TimeUnit.MINUTES);
        system.up();
        assertDone(User.JSON.readTree(answer.get().body()).get("id").asString(), 2);
    }

    @Test
    void a_second_up_finds_users_and_jobs() {
        User.register(system.gateway(), "ada@example.org", "correct horse");
        String done = user.convert(media.tone(Kind.MP4, 440, 2));
        String interrupted = converting();
        system.compose("down");
        system.up();
        user.download(done, directory.resolve("before.mp3"));
        // all have just started on few cores, and a job takes those: the first answer may be to try
        // again
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> User.login(system.gateway(), "ada@example.org:correct horse"));
        assertDone(interrupted, 2400);
    }

    @Test
    void containers_have_no_more_privileges_than_they_need() {
        for (String service : SERVICES) {
            String container = system.containers(service).getFirst();
            assertThat(
                            system.inspect(
                                    container,
                                    "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}"
                                            + " {{.HostConfig.CapDrop}}"
                                            + " {{.HostConfig.SecurityOpt}}"))
                    .as(service)
                    .isEqualTo("10001:10001 true [ALL] [no-new-privileges:true]");
            assertThat(system.inspect(container, "{{.HostConfig.Memory}}")).isNotEqualTo("0");
        }
    }

    @Test
    void a_service_reaches_what_it_needs_and_nothing_else() {
        String reached =
                system.compose(
                        "exec",
                        "--no-TTY",
                        "converter",
                        "bash",
                        "-c",
                        """
                        for to in mongodb/27017 rabbitmq/5672 mysql/3306 auth/5000 auth/9100 gateway/8080 \
                            gateway/9100 notification/9100 %s.2/8080 %s.1/22 1.1.1.1/443; do
                          timeout 3 bash -c "exec 3<>/dev/tcp/$to" 2>/dev/null && echo "$to"
                        done; true
                        """
                                .formatted(system.edge(), system.edge()));
        assertThat(reached.lines()).containsExactly("mongodb/27017", "rabbitmq/5672");
    }

    @Test
    void the_users_of_the_services_are_no_administrators_of_the_stores() throws Exception {
        String answer =
                system.compose(
                        "exec",
                        "--no-TTY",
                        "-e",
                        "MYSQL_PWD=" + system.setting("MYSQL_PASSWORD"),
                        "mysql",
                        "bash",
                        "-c",
                        "mysql --user=auth auth -e 'SELECT COUNT(*) FROM users; DROP TABLE users'"
                                + " 2>&1 || true");
        assertThat(answer).contains("DROP command denied").contains("COUNT(*)");
        assertThat(
                        system.compose(
                                "exec", "--no-TTY", "rabbitmq", "rabbitmqctl", "-q", "list_users"))
                .contains("gateway\t[]", "converter\t[]", "notification\t[]");
        ConnectionFactory connections = new ConnectionFactory();
        connections.setHost(system.unpublished("rabbitmq", 5672).getHost());
        connections.setUsername("converter");
        connections.setPassword(system.setting("RABBITMQ_CONVERTER_PASSWORD"));
        try (Connection connection = connections.newConnection()) {
            assertThat(connection.createChannel().queueDeclarePassive("video").getQueue())
                    .isEqualTo("video");
            assertThatThrownBy(() ->
                            connection
                                    .createChannel()
                                    .queueDeclare("other", true, false, false, Map.of()))
                    .hasStackTraceContaining("ACCESS_REFUSED");
            assertThatThrownBy(
                            () -> connection.createChannel().queueBind("video", "amq.topic", "#"))
                    .hasStackTraceContaining("ACCESS_REFUSED");
        }
    }

    /** Otherwise it would be counted by an address that the client invents. */
    @Test
    void auth_does_not_believe_the_address_that_a_client_of_its_own_port_names() {
        List<Integer> statuses = new ArrayList<>();
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < 12; i++) {
                HttpRequest request =
                        HttpRequest.newBuilder(system.auth().resolve("/login"))
                                .header("X-Forwarded-For", "198.51.100." + i)
                                .header(
                                        "Authorization",
                                        "Basic "
                                                + Base64.getEncoder()
                                                        .encodeToString(
                                                                "nobody@example.org:wrong password"
                                                                        .getBytes(
                                                                                StandardCharsets
                                                                                        .UTF_8)))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build();
                statuses.add(status(client, request));
            }
        }
        assertThat(statuses).startsWith(401).endsWith(429);
    }

    /** Docker's proxy accepts connections for a service that another test has just restarted. */
    private static int status(HttpClient client, HttpRequest request) {
        HttpResponse.BodyHandler<Void> nothing = HttpResponse.BodyHandlers.discarding();
        return await().ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> client.send(request, nothing).statusCode(), _ -> true);
    }

    @Test
    void prometheus_reaches_every_service_and_finds_every_metric_of_the_queries() throws Exception {
        user.convert(media.tone(Kind.M4A, 440, 1));
        system.compose("--profile", "monitoring", "up", "--detach", "--wait", "prometheus");
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> {
                    JsonNode targets =
                            User.JSON.readTree(
                                    Http.get(system.prometheus().resolve("/api/v1/targets"))
                                            .body());
                    assertThat(targets.at("/data/activeTargets"))
                            .hasSize(6)
                            .allSatisfy(target ->
                                    assertThat(target.get("health").asString())
                                            .as(target.toString())
                                            .isEqualTo("up"));
                });
        URI broker = system.unpublished("rabbitmq", 15692);
        List<URI> metrics =
                new ArrayList<>(
                        MonitoringTest.services(
                                system.gatewayMetrics(),
                                system.authMetrics(),
                                system.converter(),
                                system.notification(),
                                broker));
        metrics.add(broker.resolve("/metrics/detailed?family=queue_coarse_metrics"));
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> MonitoringTest.assertAllThere(metrics));
    }

    @Test
    void no_secret_is_in_the_logs() {
        user.convert(media.tone(Kind.M4A, 440, 1));
        String log = String.join("\n", system.log());
        assertThat(log).contains("Converted job");
        for (String name :
                List.of(
                        "MYSQL_PASSWORD",
                        "MYSQL_MIGRATION_PASSWORD",
                        "MONGODB_GATEWAY_PASSWORD",
                        "RABBITMQ_CONVERTER_PASSWORD",
                        "MYSQL_ROOT_PASSWORD",
                        "MONGODB_PASSWORD",
                        "RABBITMQ_PASSWORD",
                        "ADMIN_PASSWORD")) {
            assertThat(log.contains(system.setting(name))).as(name).isFalse();
        }
    }

    @Test
    void does_not_start_without_secrets_and_says_how_to_make_them() {
        List<String> command = List.of("docker", "compose", "--env-file", "/dev/null", "config");
        assertThatThrownBy(() -> Shell.run(directory, Map.of(), command))
                .hasMessageContaining("run ./make-env first");
    }

    private String converting() {
        String id = user.upload(slow, SlowFile.OPTIONS);
        await().atMost(Duration.ofMinutes(1)).until(() -> status(id).equals("converting"));
        return id;
    }

    private String status(String id) {
        return user.job(id).get("status").asString();
    }

    private void assertDone(String id, int seconds) {
        JsonNode job = user.settled(id);
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("done");
        assertThat(job.get("duration_ms").asLong()).isCloseTo(1000L * seconds, within(50L));
        assertThat(user.download(id, directory.resolve(id + ".mp3")))
                .hasSize(job.get("mp3_bytes").asLong());
        await("announcement of " + id)
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        system.log().stream()
                                .anyMatch(line -> line.contains("mp3 ready fid=" + id)));
    }
}
