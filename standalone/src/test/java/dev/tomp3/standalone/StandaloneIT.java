package dev.tomp3.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.web.SecurityFilterChain;

/** All four services in one JVM, each configured as if it were alone. */
class StandaloneIT {
    @TempDir static Path directory;
    private static DataDirectory data;
    private static Ports ports;
    private static Administrator administrator;
    private static Tomp3 tomp3;

    @BeforeAll
    static void start() throws Exception {
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        data = DataDirectory.open(directory);
        ports = Ports.free();
        Map<String, String> environment = Map.of("SMTP_HOST", "");
        administrator = Administrator.of(environment, data);
        tomp3 = Tomp3.startServers(data, ports, true);
        tomp3.start(
                new ServiceSettings(
                        environment, Map.of("SMTP_HOST", "127.0.0.1"), data, ports, administrator),
                status -> {},
                part -> {});
    }

    @AfterAll
    static void stop() throws Exception {
        tomp3.close();
        data.close();
        System.clearProperty("org.springframework.boot.logging.LoggingSystem");
    }

    @Test
    void each_context_has_the_beans_of_the_libraries_it_uses_and_no_others() {
        Map<Service, Set<String>> table =
                Map.of(
                        Service.AUTH, Set.of("security", "users"),
                        Service.GATEWAY, Set.of("documents", "queues", "security"),
                        Service.CONVERTER, Set.of("documents", "queues"),
                        Service.NOTIFICATION, Set.of("documents", "queues"));
        table.forEach((service, owned) ->
                assertThat(owned(tomp3.context(service)))
                        .as(service.toString())
                        .isEqualTo(new TreeSet<>(owned)));
    }

    @Test
    void each_context_reads_its_own_configuration() {
        for (Service service : Service.values()) {
            assertThat(
                            tomp3.context(service)
                                    .getEnvironment()
                                    .getProperty("spring.application.name"))
                    .isEqualTo(service.toString());
        }
    }

    @Test
    void each_service_answers_on_its_own_port_and_is_ready() throws Exception {
        for (Service service : Service.values()) {
            assertThat(get("http://" + ports.authority(service) + "/health/ready").statusCode())
                    .as(service.toString())
                    .isEqualTo(200);
        }
    }

    @Test
    void the_workers_do_not_serve_the_pages_of_the_gateway() throws Exception {
        for (Service service : Set.of(Service.CONVERTER, Service.NOTIFICATION)) {
            for (String path : new String[] {"/", "/index.html", "/swagger-ui.html", "/jobs"}) {
                assertThat(get("http://" + ports.authority(service) + path).statusCode())
                        .as("%s of %s", path, service)
                        .isEqualTo(404);
            }
        }
    }

    /** OneFileJourneyTest has a conversion that fails, and how the process ends then. */
    @Test
    void rejects_a_file_that_is_not_a_video_and_keeps_the_existing_mp3() throws Exception {
        Path place = Files.createTempDirectory(directory, "text");
        Path text = Files.writeString(place.resolve("text.mp4"), "no video at all\n".repeat(50));
        Path out = Files.writeString(place.resolve("text.mp3"), "older");
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        try (HttpClient http = HttpClient.newHttpClient()) {
            Progress progress =
                    new Progress(new PrintStream(shown, true, StandardCharsets.UTF_8), 0);
            Conversion conversion = new Conversion(tomp3.gateway(), http, progress, _ -> {});
            assertThatThrownBy(() ->
                            conversion.run(
                                    text,
                                    out,
                                    administrator.email(),
                                    String.valueOf(administrator.password())))
                    .isInstanceOf(CommandException.class)
                    .message()
                    .hasLineCount(1)
                    .isNotBlank();
        }
        assertThat(shown.toString(StandardCharsets.UTF_8)).isEqualTo("uploading\n");
        assertThat(out).hasContent("older");
        try (Stream<Path> left = Files.list(place)) {
            assertThat(left).containsExactlyInAnyOrder(text, out);
        }
    }

    @Test
    void a_local_user_cannot_invent_addresses_to_guess_passwords_from() throws Exception {
        List<Integer> statuses = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 1; i <= 7; i++) {
                String login =
                        Base64.getEncoder()
                                .encodeToString(
                                        ("eve@example.org:guess " + i)
                                                .getBytes(StandardCharsets.UTF_8));
                HttpRequest guess =
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://"
                                                        + ports.authority(Service.AUTH)
                                                        + "/login"))
                                .header("X-Forwarded-For", "192.0.2." + i)
                                .header("Authorization", "Basic " + login)
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build();
                statuses.add(http.send(guess, HttpResponse.BodyHandlers.discarding()).statusCode());
            }
        }
        assertThat(statuses).startsWith(401, 401, 401, 401, 401).contains(429);
    }

    private static Set<String> owned(ConfigurableApplicationContext context) {
        Set<String> owned = new TreeSet<>();
        Map.of(
                        "users", DataSource.class,
                        "documents", MongoClient.class,
                        "queues", ConnectionFactory.class,
                        "security", SecurityFilterChain.class)
                .forEach((name, type) -> {
                    if (context.getBeanNamesForType(type).length > 0) {
                        owned.add(name);
                    }
                });
        assertThat(context.getBeanNamesForType(DeclarableCustomizer.class))
                .hasSize(owned.contains("queues") ? 1 : 0);
        return owned;
    }

    private static HttpResponse<String> get(String url) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create(url)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
