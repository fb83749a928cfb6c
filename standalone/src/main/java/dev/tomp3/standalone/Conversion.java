package dev.tomp3.standalone;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.Flow;
import java.util.function.DoubleConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One file's way through the system, over the same HTTP interface that everybody uses.
 *
 * <p>The MP3 is written beside its destination under another name, and takes the place of an older
 * file only when it is complete.
 */
final class Conversion {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofMillis(100);

    /** What was written. */
    record Result(Path file, Duration duration, long bytes) {}

    private final URI gateway;
    private final HttpClient http;
    private final Progress progress;
    private final Ending ending;

    Conversion(URI gateway, HttpClient http, Progress progress, Ending ending) {
        this.gateway = gateway;
        this.http = http;
        this.progress = progress;
        this.ending = ending;
    }

    /** Finds out what can be found out before anything is started. */
    static void check(Path video, Path out) throws Refusal {
        if (!Files.exists(video)) {
            throw Refusal.failure("no such file: " + video);
        }
        if (!Files.isRegularFile(video) || !Files.isReadable(video)) {
            throw Refusal.failure("not a file that can be read: " + video);
        }
        Path directory = out.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw Refusal.failure("no directory to write to: " + directory);
        }
        if (Files.exists(out) && !Files.isRegularFile(out)) {
            throw Refusal.failure("not a file: " + out);
        }
        try {
            if (Files.exists(out) && Files.isSameFile(video, out)) {
                throw Refusal.failure(
                        "the MP3 would replace " + video + ": name another file with -o");
            }
        } catch (IOException e) {
            throw Refusal.failure(out + " cannot be read: " + e.getMessage());
        }
    }

    Result run(Path video, Path out, String email, String password)
            throws Refusal, IOException, InterruptedException {
        String login =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (email + ":" + password).getBytes(StandardCharsets.UTF_8));
        String token =
                send(request("/login", login).POST(BodyPublishers.noBody()).build(), 200).body();
        String bearer = "Bearer " + token.strip();
        JsonNode job = upload(video, bearer);
        job = await(job.path("id").asString(), bearer);
        long bytes = download(job.path("id").asString(), bearer, out);
        return new Result(out, Duration.ofMillis(job.path("duration_ms").asLong()), bytes);
    }

    private JsonNode upload(Path video, String bearer)
            throws Refusal, IOException, InterruptedException {
        String boundary = UUID.randomUUID().toString();
        Path last = video.getFileName();
        String name =
                (last == null ? "video" : last.toString())
                        .replace("\"", "%22")
                        .replace("\r", "%0D")
                        .replace("\n", "%0A");
        String head =
                """
                --%s\r
                Content-Disposition: form-data; name="file"; filename="%s"\r
                Content-Type: application/octet-stream\r
                \r
                """
                        .formatted(boundary, name);
        BodyPublisher file;
        try {
            file = BodyPublishers.ofFile(video);
        } catch (FileNotFoundException e) {
            throw Refusal.failure("not a file that can be read: " + video);
        }
        BodyPublisher counted =
                new Counted(file, part -> progress.show(Progress.Step.UPLOADING, part));
        HttpRequest request =
                request("/upload", bearer)
                        .timeout(Duration.ofDays(1))
                        .expectContinue(true)
                        .header("Idempotency-Key", boundary)
                        .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                        .POST(
                                BodyPublishers.concat(
                                        BodyPublishers.ofString(head),
                                        counted,
                                        BodyPublishers.ofString("\r\n--" + boundary + "--\r\n")))
                        .build();
        return json(send(request, 202).body());
    }

    private JsonNode await(String id, String bearer)
            throws Refusal, IOException, InterruptedException {
        HttpRequest request = request("/jobs/" + id, bearer).build();
        while (true) {
            JsonNode job = json(send(request, 200).body());
            progress.show(Progress.Step.CONVERTING, job.path("progress").asInt() / 100.0);
            switch (job.path("status").asString()) {
                case "done" -> {
                    return job;
                }
                case "failed" ->
                        throw Refusal.failure(job.path("failure").path("message").asString());
                case "queued", "converting" -> Thread.sleep(POLL);
                default -> throw Refusal.failure("the job is " + job.path("status").asString());
            }
        }
    }

    private long download(String id, String bearer, Path out)
            throws Refusal, IOException, InterruptedException {
        // through a link, so that the file it leads to is replaced and not the link
        Path destination = Files.exists(out) ? out.toRealPath() : out.toAbsolutePath();
        Path temporary = destination.resolveSibling(".tomp3-" + UUID.randomUUID() + ".part");
        ending.add(() -> Files.deleteIfExists(temporary));
        try {
            HttpRequest request =
                    request("/download?fid=" + id, bearer).timeout(Duration.ofDays(1)).build();
            HttpResponse<Path> response =
                    http.send(
                            request,
                            info ->
                                    info.statusCode() == 200
                                            ? HttpResponse.BodySubscribers.ofFile(temporary)
                                            : HttpResponse.BodySubscribers.replacing(
                                                    temporary)); // dropped
            if (response.statusCode() != 200) {
                throw Refusal.failure("the download answers " + response.statusCode());
            }
            long bytes = Files.size(temporary);
            Files.move(
                    temporary,
                    destination,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return bytes;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private HttpRequest.Builder request(String path, String authorization) {
        return HttpRequest.newBuilder(gateway.resolve(path))
                .timeout(ANSWER_WITHIN)
                .header("Authorization", authorization);
    }

    /** Sends, and again for a while when the answer is to come back later. */
    private HttpResponse<String> send(HttpRequest request, int expected)
            throws Refusal, IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() == expected) {
                return response;
            }
            boolean later = response.statusCode() == 503 || response.statusCode() == 429;
            if (!later || System.nanoTime() - deadline > 0) {
                throw Refusal.failure(explain(response));
            }
            Thread.sleep(
                    Duration.ofSeconds(
                            response.headers().firstValueAsLong("Retry-After").orElse(1)));
        }
    }

    /** A problem's own words, where there are any. */
    private static String explain(HttpResponse<String> response) {
        try {
            JsonNode problem = JSON.readTree(response.body());
            for (String field : new String[] {"detail", "title"}) {
                if (problem.path(field).isString()) {
                    return problem.path(field).asString();
                }
            }
        } catch (JacksonException e) {
            return "unexpected answer " + response.statusCode();
        }
        return "unexpected answer " + response.statusCode();
    }

    private static JsonNode json(String body) throws Refusal {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            throw Refusal.failure("unexpected answer: " + body);
        }
    }

    /** Tells which part of a body has been handed to the network. */
    private record Counted(BodyPublisher body, DoubleConsumer part) implements BodyPublisher {
        @Override
        public long contentLength() {
            return body.contentLength();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> network) {
            body.subscribe(
                    new Flow.Subscriber<>() {
                        private long sent;

                        @Override
                        public void onSubscribe(Flow.Subscription subscription) {
                            network.onSubscribe(subscription);
                        }

                        @Override
                        public void onNext(ByteBuffer bytes) {
                            sent += bytes.remaining();
                            part.accept((double) sent / Math.max(1, contentLength()));
                            network.onNext(bytes);
                        }

                        @Override
                        public void onError(Throwable failure) {
                            network.onError(failure);
                        }

                        @Override
                        public void onComplete() {
                            network.onComplete();
                        }
                    });
        }
    }
}
