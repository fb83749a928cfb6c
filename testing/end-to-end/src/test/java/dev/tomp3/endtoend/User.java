package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A user with a token, who knows only the HTTP interface. */
final class User {
    static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private static final String BOUNDARY = "----tomp3-journey";

    private final URI gateway;
    private final String token;

    private User(URI gateway, String token) {
        this.gateway = gateway;
        this.token = token;
    }

    /** With NAME:PASSWORD. */
    static User login(URI gateway, String nameAndPassword) {
        HttpResponse<String> answer = tryLogin(gateway, nameAndPassword);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return new User(gateway, answer.body());
    }

    static HttpResponse<String> tryLogin(URI gateway, String nameAndPassword) {
        String basic =
                Base64.getEncoder()
                        .encodeToString(nameAndPassword.getBytes(StandardCharsets.UTF_8));
        return send(
                HttpRequest.newBuilder(gateway.resolve("/login"))
                        .header("Authorization", "Basic " + basic)
                        .POST(BodyPublishers.noBody()));
    }

    static User register(URI gateway, String email, String password) {
        HttpResponse<String> answer =
                send(
                        HttpRequest.newBuilder(gateway.resolve("/register"))
                                .header("Content-Type", "application/json")
                                .POST(json(Map.of("email", email, "password", password))));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return login(gateway, email + ":" + password);
    }

    static BodyPublisher json(Object body) {
        return BodyPublishers.ofString(JSON.writeValueAsString(body));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(gateway.resolve(path))
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofMinutes(2));
    }

    String token() {
        return token;
    }

    CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest.Builder request) {
        return http.sendAsync(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) {
        return send(request(path));
    }

    HttpResponse<String> delete(String path) {
        return send(request(path).DELETE());
    }

    HttpResponse<String> send(String method, String path, Object body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .method(method, json(body)));
    }

    /** Options are NAME=VALUE. */
    HttpResponse<String> tryUpload(Path file, String... options) {
        return tryUpload(file, Map.of(), options);
    }

    /** Under another name than the file's. */
    String uploadAs(String name, Path file) {
        HttpResponse<String> answer = tryUpload(name, file, Map.of());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JSON.readTree(answer.body()).get("id").asString();
    }

    HttpResponse<String> tryUpload(Path file, Map<String, String> headers, String... options) {
        return tryUpload(file.getFileName().toString(), file, headers, options);
    }

    private HttpResponse<String> tryUpload(
            String name, Path file, Map<String, String> headers, String... options) {
        StringBuilder head = new StringBuilder();
        for (String option : options) {
            String[] parts = option.split("=", 2);
            head.append(
                    "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                            .formatted(BOUNDARY, parts[0], parts[1]));
        }
        head.append(
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                        .formatted(BOUNDARY, name));
        HttpRequest.Builder request = request("/upload");
        headers.forEach(request::header);
        try {
            return send(
                    request.header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                            .POST(
                                    BodyPublishers.concat(
                                            BodyPublishers.ofString(head.toString()),
                                            BodyPublishers.ofFile(file),
                                            BodyPublishers.ofString(
                                                    "\r\n--" + BOUNDARY + "--\r\n"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts an upload that ends with its stream. */
    CompletableFuture<HttpResponse<String>> beginUpload(String name, InputStream bytes) {
        String head =
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                        .formatted(BOUNDARY, name);
        return http.sendAsync(
                request("/upload")
                        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                        .POST(
                                BodyPublishers.concat(
                                        BodyPublishers.ofString(head),
                                        BodyPublishers.ofInputStream(() -> bytes),
                                        BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Uploads a file that must be accepted, and returns the id of its job. */
    String upload(Path file, String... options) {
        HttpResponse<String> answer = tryUpload(file, options);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JSON.readTree(answer.body()).get("id").asString();
    }

    JsonNode job(String id) {
        HttpResponse<String> answer = get("/jobs/" + id);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    /** Waits for the job to end, and returns it. */
    JsonNode settled(String id) {
        return await("job " + id)
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> job(id),
                        job ->
                                !java.util.Set.of("queued", "converting")
                                        .contains(job.get("status").asString()));
    }

    /** The job when it is settled, or as many seconds later. */
    CompletableFuture<JsonNode> settledWithin(String id, int seconds) {
        return http.sendAsync(
                        request("/jobs/" + id).header("Prefer", "wait=" + seconds).build(),
                        BodyHandlers.ofString())
                .thenApply(answer -> {
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                    return JSON.readTree(answer.body());
                });
    }

    /** Converts a file that can be converted. */
    String convert(Path file, String... options) {
        String id = upload(file, options);
        assertThat(settled(id).get("status").asString())
                .as(() -> file.getFileName() + ": " + job(id))
                .isEqualTo("done");
        return id;
    }

    /** Uploads a file that cannot be converted, and returns the failure code. */
    String failure(Path file, String... options) {
        JsonNode job = settled(upload(file, options));
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("failed");
        return job.get("failure").get("code").asString();
    }

    Path download(String id, Path to) {
        try {
            HttpResponse<Path> answer =
                    http.send(request("/download?fid=" + id).build(), BodyHandlers.ofFile(to));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type")).contains("audio/mpeg");
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request, BodyHandlers.ofString());
    }

    static <T> HttpResponse<T> send(
            HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request.build(), handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
