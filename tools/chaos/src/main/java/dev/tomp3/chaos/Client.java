package dev.tomp3.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A user with a token. Every response is checked: an error that the API does not document is a
 * violation.
 */
final class Client {
    static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String BOUNDARY = "----tomp3-chaos";

    final String email;
    final String password;
    private final HttpClient http;
    private final Ledger ledger;
    private volatile @Nullable String token;

    Client(HttpClient http, Ledger ledger, String email, String password) {
        this.http = http;
        this.ledger = ledger;
        this.email = email;
        this.password = password;
    }

    /** A response. The body is a text, or the digest of an MP3. */
    record Answer(int status, HttpHeaders headers, String body, Duration took) {
        JsonNode json() {
            return JSON.readTree(body);
        }

        boolean in(int... statuses) {
            for (int one : statuses) if (status == one) return true;
            return false;
        }
    }

    /** Requests a token, and keeps it if the answer is 200. */
    Answer login(URI gateway) throws IOException, InterruptedException {
        String basic = base64(email + ":" + password);
        Answer answer =
                send(
                        HttpRequest.newBuilder(gateway.resolve("/login"))
                                .header("Authorization", "Basic " + basic)
                                .POST(BodyPublishers.noBody()));
        if (answer.status() == 200) token = answer.body();
        return answer;
    }

    Answer get(URI gateway, String path) throws IOException, InterruptedException {
        return send(request(gateway, path));
    }

    Answer delete(URI gateway, String path) throws IOException, InterruptedException {
        return send(request(gateway, path).DELETE());
    }

    Answer post(URI gateway, String path, Object body) throws IOException, InterruptedException {
        return send(
                request(gateway, path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    Answer upload(URI gateway, Sample sample, @Nullable String key)
            throws IOException, InterruptedException {
        return upload(gateway, sample, key, BodyPublishers.ofFile(sample.file()));
    }

    /**
     * Uploads.
     *
     * @param bytes the content of the file, possibly slowed down or cut
     * @param key the idempotency key, if any
     */
    Answer upload(URI gateway, Sample sample, @Nullable String key, BodyPublisher bytes)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                request(gateway, "/upload")
                        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                        .POST(
                                BodyPublishers.concat(
                                        BodyPublishers.ofString(head(sample)),
                                        bytes,
                                        BodyPublishers.ofString("\r\n--" + BOUNDARY + "--\r\n")));
        if (key != null) request.header("Idempotency-Key", key);
        return send(request);
    }

    /** Begins a resumable upload. */
    Answer createUpload(URI gateway, Sample sample, long length, String key)
            throws IOException, InterruptedException {
        StringJoiner metadata = new StringJoiner(",");
        metadata.add("filename " + base64(sample.name()));
        sample.options().forEach((name, value) -> metadata.add(name + " " + base64(value)));
        return send(
                resumable(gateway, "/files")
                        .header("Upload-Length", Long.toString(length))
                        .header("Upload-Metadata", metadata.toString())
                        .header("Idempotency-Key", key)
                        .POST(BodyPublishers.noBody()));
    }

    /** Asks how far a resumable upload is. */
    Answer showUpload(URI gateway, String id) throws IOException, InterruptedException {
        return send(resumable(gateway, "/files/" + id).method("HEAD", BodyPublishers.noBody()));
    }

    /** Sends bytes of a resumable upload. */
    Answer continueUpload(URI gateway, String id, long offset, BodyPublisher bytes)
            throws IOException, InterruptedException {
        return send(
                resumable(gateway, "/files/" + id)
                        .header("Upload-Offset", Long.toString(offset))
                        .header("Content-Type", "application/offset+octet-stream")
                        .method("PATCH", bytes));
    }

    Answer terminateUpload(URI gateway, String id) throws IOException, InterruptedException {
        return send(resumable(gateway, "/files/" + id).DELETE());
    }

    private HttpRequest.Builder resumable(URI gateway, String path) {
        return request(gateway, path).header("Tus-Resumable", "1.0.0");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String head(Sample sample) {
        StringBuilder head = new StringBuilder();
        for (Map.Entry<String, String> option : sample.options().entrySet()) {
            head.append(
                    "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                            .formatted(BOUNDARY, option.getKey(), option.getValue()));
        }
        head.append(
                "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\n\r\n"
                        .formatted(BOUNDARY, sample.name()));
        return head.toString();
    }

    /** Starts a download without reading the body. */
    HttpResponse<InputStream> open(URI gateway, String id)
            throws IOException, InterruptedException {
        return http.send(
                request(gateway, "/download?fid=" + id).build(), BodyHandlers.ofInputStream());
    }

    /** Downloads an MP3; the body of the answer is its digest. */
    Answer download(URI gateway, String id) throws IOException, InterruptedException {
        long start = System.nanoTime();
        HttpResponse<InputStream> response = open(gateway, id);
        try (InputStream in = response.body()) {
            String body;
            if (response.statusCode() == 200) {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                try (var digesting = new DigestInputStream(in, digest)) {
                    digesting.transferTo(OutputStream.nullOutputStream());
                }
                body = HexFormat.of().formatHex(digest.digest());
            } else {
                body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
            return checked(
                    new Answer(response.statusCode(), response.headers(), body, since(start)),
                    "GET /download");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private HttpRequest.Builder request(URI gateway, String path) {
        return HttpRequest.newBuilder(gateway.resolve(path))
                .header("Authorization", "Bearer " + token)
                .timeout(TIMEOUT);
    }

    private Answer send(HttpRequest.Builder builder) throws IOException, InterruptedException {
        long start = System.nanoTime();
        HttpRequest request = builder.build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        return checked(
                new Answer(
                        response.statusCode(), response.headers(), response.body(), since(start)),
                request.method() + " " + request.uri().getPath());
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private Answer checked(Answer answer, String request) {
        String type = answer.headers().firstValue("Content-Type").orElse("");
        if (answer.status() >= 400 && !type.startsWith("application/problem+json")) {
            ledger.report(
                    Violation.Kind.WRONG,
                    "%s: %d has the content type %s".formatted(request, answer.status(), type));
        }
        if (answer.status() >= 500 && !ledger.isExpected(answer.status())) {
            ledger.report(
                    Violation.Kind.WRONG,
                    "%s: %d %s".formatted(request, answer.status(), answer.body()));
        }
        if (answer.status() == 503 && answer.headers().firstValue("Retry-After").isEmpty()) {
            ledger.report(Violation.Kind.WRONG, request + ": 503 without Retry-After");
        }
        return answer;
    }
}
