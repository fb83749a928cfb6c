package dev.tomp3.bench;

import dev.tomp3.bench.Connection.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A user with a token who uploads, waits and downloads. */
final class User {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String BOUNDARY = "----tomp3-bench";

    private final URI gateway;
    private final String login;
    private volatile String token = "";

    User(URI gateway, String email, String password) {
        this.gateway = gateway;
        this.login =
                Base64.getEncoder()
                        .encodeToString((email + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The stages of a conversion, in seconds since the first byte was sent.
     *
     * @param accepted when the 202 was received
     * @param done when the job was found to be done
     * @param wall when the last byte of the MP3 was received
     * @param converting the duration of the conversion by the clock of the converter
     */
    record Trip(String job, double accepted, double done, double wall, double converting) {}

    void login() throws IOException {
        token = call(loginRequest(), 200).body();
    }

    String loginRequest() {
        return head("POST", "/login", "Basic " + login, "Content-Length: 0\r\n");
    }

    String request(String method, String path) {
        return head(method, path, "Bearer " + token, "");
    }

    String refusedRequest(String path) {
        return head(
                "GET", path, "Bearer " + token.substring(0, token.length() - 8) + "AAAAAAAA", "");
    }

    private String head(String method, String path, String authorization, String more) {
        return "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n%s\r\n"
                .formatted(method, path, gateway.getAuthority(), authorization, more);
    }

    private Answer call(String request, int expected) throws IOException {
        try (Connection connection = new Connection(gateway)) {
            connection.send(request);
            return check(connection.answer(true), expected);
        }
    }

    private static Answer check(Answer answer, int expected) throws IOException {
        if (answer.status() != expected)
            throw new IOException(
                    "unexpected answer %d %s".formatted(answer.status(), answer.body()));
        return answer;
    }

    /** Uploads a video and returns the id of the job. */
    String upload(Path video) throws IOException {
        try (Connection connection = new Connection(gateway)) {
            return upload(connection, video);
        }
    }

    private String upload(Connection connection, Path video) throws IOException {
        byte[] before =
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                        .formatted(BOUNDARY, video.getFileName())
                        .getBytes(StandardCharsets.UTF_8);
        byte[] after = "\r\n--%s--\r\n".formatted(BOUNDARY).getBytes(StandardCharsets.ISO_8859_1);
        connection.send(
                head(
                        "POST",
                        "/upload",
                        "Bearer " + token,
                        "Content-Type: multipart/form-data; boundary=%s\r\nContent-Length: %d\r\n"
                                .formatted(
                                        BOUNDARY,
                                        before.length + Files.size(video) + after.length)));
        try {
            connection.send(before);
            connection.send(video);
            connection.send(after);
        } catch (IOException e) {
            // rejected during the upload: the response has the reason
            Answer _ = check(connection.answer(true), 202);
            throw e;
        }
        return JSON.readTree(check(connection.answer(true), 202).body()).path("id").asString();
    }

    /** Creates an account and logs in; this user must be an administrator. */
    User create(String email, String password) throws IOException {
        byte[] body =
                JSON.writeValueAsBytes(
                        Map.of("email", email, "password", password, "roles", List.of("user")));
        try (Connection connection = new Connection(gateway)) {
            connection.send(
                    head(
                            "POST",
                            "/users",
                            "Bearer " + token,
                            "Content-Type: application/json\r\nContent-Length: %d\r\n"
                                    .formatted(body.length)));
            connection.send(body);
            Answer _ = check(connection.answer(true), 201);
        }
        User user = new User(gateway, email, password);
        user.login();
        return user;
    }

    JsonNode job(String id) throws IOException {
        return JSON.readTree(call(request("GET", "/jobs/" + id), 200).body());
    }

    void delete(String id) throws IOException {
        Answer _ = call(request("DELETE", "/jobs/" + id), 204);
    }

    /** Downloads an MP3 and returns its size. */
    long download(Connection connection, String id) throws IOException {
        connection.send(request("GET", "/download?fid=" + id));
        return check(connection.answer(false), 200).length();
    }

    /**
     * Uploads a video, waits for the conversion and downloads the MP3.
     *
     * @param least the minimum poll interval; it is longer while the end is far
     */
    Trip trip(Path video, Duration least) throws IOException, InterruptedException {
        try (Connection connection = new Connection(gateway)) {
            long start = System.nanoTime();
            String id = upload(connection, video);
            double accepted = since(start);
            JsonNode job = awaitEnd(connection, id, least, start);
            double done = since(start);
            if (download(connection, id) != job.path("mp3_bytes").asLong())
                throw new IOException("the MP3 of " + video + " is incomplete");
            double wall = since(start);
            return new Trip(id, accepted, done, wall, between(job, "started_at", "finished_at"));
        }
    }

    private JsonNode awaitEnd(Connection connection, String id, Duration least, long start)
            throws IOException, InterruptedException {
        String look = request("GET", "/jobs/" + id);
        while (true) {
            connection.send(look);
            JsonNode job = JSON.readTree(check(connection.answer(true), 200).body());
            switch (job.path("status").asString()) {
                case "done" -> {
                    return job;
                }
                case "queued", "converting" ->
                        Thread.sleep(pause(job.path("progress").asInt(), start, least.toMillis()));
                default -> throw new IOException("the job did not succeed: " + job);
            }
        }
    }

    /** Half of the estimated rest of the conversion, at most 250 ms. */
    private static long pause(int progress, long start, long least) {
        long spent = (System.nanoTime() - start) / 1_000_000;
        long left = progress == 0 ? 0 : spent * (100 - progress) / progress;
        return Math.clamp(left / 2, least, Math.max(250, least));
    }

    /** Seconds between two times of a job. */
    static double between(JsonNode job, String from, String to) {
        return Duration.between(
                                Instant.parse(job.path(from).asString()),
                                Instant.parse(job.path(to).asString()))
                        .toMillis()
                / 1e3;
    }

    static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
