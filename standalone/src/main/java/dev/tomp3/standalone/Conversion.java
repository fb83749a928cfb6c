package dev.tomp3.standalone;

import dev.tomp3.platform.NanoClock;
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
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Converts one file through the public HTTP interface: login, upload, polling, download.
 *
 * <p>The MP3 is downloaded to a temporary file beside its destination and renamed when it is
 * complete, so that an existing file survives a failure.
 */
final class Conversion {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final Duration RETRY_WITHIN = Duration.ofMinutes(1);
    private static final Duration POLL = Duration.ofMillis(100);

    record Result(Path file, Duration duration, long bytes, List<String> warnings) {}

    private final URI gateway;
    private final HttpClient http;
    private final Progress progress;
    private final Consumer<Shutdown.Action> onShutdown;
    private final NanoClock clock = NanoClock.system();

    /**
     * Converts with a running gateway.
     *
     * @param onShutdown takes what has to be done when the process ends early
     */
    Conversion(
            URI gateway, HttpClient http, Progress progress, Consumer<Shutdown.Action> onShutdown) {
        this.gateway = gateway;
        this.http = http;
        this.progress = progress;
        this.onShutdown = onShutdown;
    }

    /** Checks the two paths, before anything is started. */
    static void check(Path video, Path out) throws CommandException {
        if (!Files.exists(video)) {
            throw CommandException.failure("no such file: " + video);
        }
        if (!Files.isRegularFile(video) || !Files.isReadable(video)) {
            throw CommandException.failure("not a readable file: " + video);
        }
        if (bytes(video) == 0) {
            throw CommandException.failure("the file has no bytes: " + video);
        }
        Path directory = out.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw CommandException.failure("not a writable directory: " + directory);
        }
        if (Files.exists(out) && !Files.isRegularFile(out)) {
            throw CommandException.failure("not a file: " + out);
        }
        try {
            if (Files.exists(out) && Files.isSameFile(video, out)) {
                throw CommandException.failure(
                        "the MP3 would replace " + video + ": name another file with -o");
            }
        } catch (IOException e) {
            throw CommandException.failure(out + " cannot be read: " + CommandException.reason(e));
        }
    }

    /** The length of a file. */
    static long bytes(Path file) throws CommandException {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw CommandException.failure(file + " cannot be read: " + CommandException.reason(e));
        }
    }

    Result run(Path video, Path out, String email, String password)
            throws CommandException, IOException, InterruptedException {
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
        return new Result(
                out,
                Duration.ofMillis(job.path("duration_ms").asLong()),
                bytes,
                job.path("warnings").valueStream().map(Conversion::describe).toList());
    }

    /** For example {@code at 1:01, ...}, without control characters, which terminals obey. */
    private static String describe(JsonNode warning) {
        String message = warning.path("message").asString().replaceAll("\\p{Cntrl}", " ");
        JsonNode at = warning.path("at_ms");
        return at.isNull()
                ? message
                : "at %d:%02d: %s"
                        .formatted(at.asLong() / 60_000, at.asLong() / 1000 % 60, message);
    }

    private JsonNode upload(Path video, String bearer)
            throws CommandException, IOException, InterruptedException {
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
            throw CommandException.failure("not a readable file: " + video);
        }
        BodyPublisher counted =
                new CountingPublisher(file, part -> progress.show(Progress.Step.UPLOADING, part));
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
            throws CommandException, IOException, InterruptedException {
        HttpRequest request = request("/jobs/" + id, bearer).build();
        while (true) {
            JsonNode job = json(send(request, 200).body());
            progress.show(Progress.Step.CONVERTING, job.path("progress").asInt() / 100.0);
            switch (job.path("status").asString()) {
                case "done" -> {
                    return job;
                }
                case "failed" ->
                        throw CommandException.failure(
                                job.path("failure").path("message").asString());
                case "queued", "converting" -> Thread.sleep(POLL);
                default ->
                        throw CommandException.failure(
                                "the job is " + job.path("status").asString());
            }
        }
    }

    private long download(String id, String bearer, Path out)
            throws CommandException, IOException, InterruptedException {
        // if the destination is a symbolic link, replace its target and keep the link
        Path destination = Files.exists(out) ? out.toRealPath() : out.toAbsolutePath();
        Path temporary = destination.resolveSibling(".tomp3-" + UUID.randomUUID() + ".part");
        onShutdown.accept(() -> Files.deleteIfExists(temporary));
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
                                                    temporary)); // the body is discarded
            if (response.statusCode() != 200) {
                throw CommandException.failure(
                        "the download failed with HTTP status " + response.statusCode());
            }
            long bytes = Files.size(temporary);
            Files.move(
                    temporary,
                    destination,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return bytes;
        } catch (IOException e) {
            throw CommandException.failure(
                    out + " cannot be written: " + CommandException.reason(e));
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private HttpRequest.Builder request(String path, String authorization) {
        return HttpRequest.newBuilder(gateway.resolve(path))
                .timeout(ANSWER_WITHIN)
                .header("Authorization", authorization);
    }

    /** Sends a request, and repeats it for a while on 503 and 429. */
    private HttpResponse<String> send(HttpRequest request, int expected)
            throws CommandException, IOException, InterruptedException {
        long start = clock.nanoTime();
        while (true) {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() == expected) {
                return response;
            }
            boolean retryable = response.statusCode() == 503 || response.statusCode() == 429;
            if (!retryable || clock.since(start).compareTo(RETRY_WITHIN) > 0) {
                throw CommandException.failure(explain(response));
            }
            Thread.sleep(
                    Duration.ofSeconds(
                            response.headers().firstValueAsLong("Retry-After").orElse(1)));
        }
    }

    /** The detail or title of a problem, if the body is one. */
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

    private static JsonNode json(String body) throws CommandException {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            throw CommandException.failure("unexpected answer: " + body);
        }
    }

    /** Reports the share of a body that has been handed to the network. */
    private record CountingPublisher(BodyPublisher body, DoubleConsumer part)
            implements BodyPublisher {
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
