package dev.tomp3.gateway;

import static dev.tomp3.gateway.Form.ascii;
import static dev.tomp3.gateway.Form.video;
import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.queue.Event;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import tools.jackson.databind.JsonNode;

/** {@code POST /upload}, on any media store. */
abstract class UploadSuite {
    private Gateway gateway;
    private Gateway.Someone ann;

    abstract Gateway gateway() throws IOException;

    @BeforeEach
    void ann() throws IOException {
        gateway = gateway();
        ann = gateway.someone();
    }

    @Test
    void answers_an_upload_with_its_job_and_keeps_every_byte() throws IOException {
        byte[] video = video(700_001);
        Instant before = Instant.now().minusSeconds(1);
        HttpResponse<String> answer =
                ann.upload(
                        new Form()
                                .field("bitrate", "128")
                                .field("mono", "true")
                                .field("sample_rate", "44100")
                                .field("damaged", "fail")
                                .file("holiday.mp4", video));
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        JsonNode job = json(answer);
        String id = job.get("id").asString();
        assertThat(id).matches("[0-9a-f]{24}");
        assertThat(answer.headers().firstValue("Location")).contains("/jobs/" + id);
        String created = job.get("created_at").asString();
        assertThat(created).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z");
        assertThat(Instant.parse(created)).isBetween(before, Instant.now().plusSeconds(1));
        assertThat(answer.body())
                .isEqualTo(
                        """
                        {"id":"%1$s","status":"queued","progress":0,"filename":"holiday.mp4",\
                        "size_bytes":700001,\
                        "options":{"bitrate":128,"mono":true,"sample_rate":44100,"damaged":"fail"},\
                        "created_at":"%2$s","started_at":null,"finished_at":null,\
                        "duration_ms":null,"mp3_bytes":null,"attempt":0,\
                        "links":{"self":"/jobs/%1$s"}}\
                        """
                                .formatted(id, created));
        String shown = ann.get("/jobs/" + id).body();
        assertThat(shown).containsPattern("\"position\":\\d+,");
        assertThat(shown.replaceFirst("\"position\":\\d+,", "")).isEqualTo(answer.body());
        try (InputStream stored = gateway.bean(MediaStore.class).open(Bucket.VIDEOS, id, 0)) {
            assertThat(stored).hasBinaryContent(video);
        }
    }

    @Test
    void shows_the_default_options() {
        JsonNode none = json(ann.upload(new Form().file("a.mp4", video(100))));
        assertThat(none.get("options").toString())
                .isEqualTo("{\"bitrate\":192,\"mono\":false,\"damaged\":\"keep\"}");
        JsonNode quality =
                json(
                        ann.upload(
                                new Form()
                                        .field("quality", "2")
                                        .field("bitrate", "")
                                        .file("a.mp4", video(100))));
        assertThat(quality.get("options").toString())
                .isEqualTo("{\"quality\":2,\"mono\":false,\"damaged\":\"keep\"}");
    }

    static Stream<Form> illegal_options() {
        return Stream.of(
                new Form().field("bitrate", "128").field("quality", "2"),
                new Form().field("bitrate", "31"),
                new Form().field("bitrate", "321"),
                new Form().field("bitrate", "100"),
                new Form().field("bitrate", "320").field("sample_rate", "22050"),
                new Form().field("bitrate", "144").field("sample_rate", "44100"),
                new Form().field("bitrate", "96").field("sample_rate", "8000"),
                new Form().field("quality", "10"),
                new Form().field("quality", "-1"),
                new Form().field("sample_rate", "96000"),
                new Form().field("sample_rate", "44.1"),
                new Form().field("bitrate", "many"),
                new Form().field("bitrate", "99999999999"),
                new Form().field("mono", "yes"),
                new Form().field("callback", "http://example.org/"),
                new Form().field("BITRATE", "128"),
                new Form().field("bitrate", "128").field("bitrate", "128"),
                new Form().field("bitrate", "1".repeat(2000)));
    }

    @ParameterizedTest
    @MethodSource("illegal_options")
    void rejects_illegal_options_before_the_file(Form form) {
        Inventory before = gateway.inventory();
        assertProblem(ann.upload(form.file("a.mp4", video(100))), 400, "invalid-options");
        gateway.assertNothingAddedSince(before);
    }

    @Test
    void names_the_legal_combinations() {
        String detail =
                json(ann.upload(new Form().field("bitrate", "100").file("a.mp4", video(100))))
                        .get("detail")
                        .asString();
        assertThat(detail).contains("44100", "22050", "11025", "320", "160", "64");
        detail =
                json(ann.upload(new Form().field("codec", "x").file("a.mp4", video(100))))
                        .get("detail")
                        .asString();
        assertThat(detail).contains("bitrate", "quality", "mono", "sample_rate", "damaged");
    }

    @Test
    void rejects_an_option_after_the_file_a_second_file_and_no_file() {
        Inventory before = gateway.inventory();
        assertProblem(
                ann.upload(new Form().file("a.mp4", video(9000)).field("mono", "true")),
                400,
                "option-after-file");
        assertProblem(
                ann.upload(new Form().file("a.mp4", video(9000)).file("b.mp4", video(9000))),
                400,
                "not-one-file");
        assertProblem(ann.upload(new Form().field("mono", "true")), 400, "not-one-file");
        assertProblem(ann.upload(new Form()), 400, "not-one-file");
        Form many = new Form();
        IntStream.range(0, 100).forEach(i -> many.field("o" + i, ""));
        assertProblem(ann.upload(many.file("a.mp4", video(100))), 400, "malformed-request");
        gateway.assertNothingAddedSince(before);
    }

    static Stream<byte[]> rubbish() {
        return Stream.of(
                        "just text, with a sync byte G here and there GGGGGG".repeat(50),
                        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n",
                        "ffconcat version 1.0\nfile /etc/passwd\n",
                        "<?xml version=\"1.0\"?><MPD/>",
                        "PK\003\004 and so on, for a while",
                        "<!DOCTYPE html><html><body>404</body></html>",
                        "a",
                        "GIF89a and a picture")
                .map(text -> text.getBytes(UTF_8));
    }

    @ParameterizedTest
    @MethodSource("rubbish")
    void rejects_what_is_not_media(byte[] rubbish) {
        Inventory before = gateway.inventory();
        HttpResponse<String> answer = ann.upload(new Form().file("video.mp4", rubbish));
        assertProblem(answer, 415, "not-media");
        assertThat(json(answer).get("detail").asString())
                .startsWith("It is ")
                .contains("not audio or video. Accepted are MP4, ");
        gateway.assertNothingAddedSince(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5000, 100_000})
    void leaves_to_the_converter_what_may_be_media(int zeros) {
        byte[] frames = new byte[20_000];
        new Random(zeros).nextBytes(frames);
        byte[] file = concat(new byte[zeros], frames);
        HttpResponse<String> answer = ann.upload(new Form().file("a.mp3", file));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }

    @Test
    void rejects_an_empty_file() {
        Inventory before = gateway.inventory();
        assertProblem(ann.upload(new Form().file("a.mp4", new byte[0])), 400, "empty-file");
        assertProblem(ann.upload(new Form().file("", new byte[0])), 400, "empty-file");
        gateway.assertNothingAddedSince(before);
    }

    @Test
    void accepts_a_file_of_exactly_the_limit_and_not_one_byte_more() {
        HttpResponse<String> answer =
                ann.upload(new Form().file("a.mp4", video(Gateway.MAX_UPLOAD)));
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(json(answer).get("size_bytes").asInt()).isEqualTo(Gateway.MAX_UPLOAD);
        Inventory before = gateway.inventory();
        assertProblem(
                ann.upload(new Form().file("a.mp4", video(Gateway.MAX_UPLOAD + 1))),
                413,
                "too-large");
        gateway.assertNothingAddedSince(before);
    }

    @Test
    void accepts_a_file_of_exactly_the_limit_and_unknown_length() throws IOException {
        byte[] video = video(Gateway.MAX_UPLOAD);
        for (boolean more : new boolean[] {false, true}) {
            Inventory before = gateway.inventory();
            try (Wire wire = chunked(ann.token)) {
                wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
                wire.chunk(video);
                if (more) wire.chunk(new byte[1]);
                wire.chunk(concat(ascii("\r\n"), Form.end()));
                wire.send("0\r\n\r\n");
                Wire.Answer answer = wire.receive();
                if (more) {
                    assertProblem(answer, 413, "too-large");
                    gateway.assertNothingAddedSince(before);
                } else {
                    assertThat(json(answer.body()).get("size_bytes").asInt())
                            .isEqualTo(Gateway.MAX_UPLOAD);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rejects_by_length_and_by_token_before_the_body_is_sent(boolean expecting)
            throws IOException {
        String expect = expecting ? "Expect: 100-continue\r\n" : "";
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    head(ann.token, "Content-Length: " + (Gateway.MAX_UPLOAD + 1_000_000))
                            + expect
                            + "\r\n");
            assertProblem(wire.receive(), 413, "too-large");
            if (expecting) assertThat(wire.closed()).isTrue();
        }
        for (String token : List.of("", "rubbish")) {
            try (Wire wire = new Wire(gateway.port())) {
                wire.send(head(token, "Content-Length: 100000") + expect + "\r\n");
                assertProblem(wire.receive(), 401, "unauthenticated");
                if (expecting) assertThat(wire.closed()).isTrue();
            }
        }
    }

    @Test
    void asks_for_the_body_of_an_acceptable_request() throws IOException {
        byte[] body = new Form().file("a.mp4", video(3000)).bytes();
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    head(ann.token, "Content-Length: " + body.length)
                            + "Expect: 100-continue\r\n\r\n");
            assertThat(wire.receive().status()).isEqualTo(100);
            wire.send(body);
            assertThat(wire.receive().status()).isEqualTo(202);
            // and the connection stays open
            wire.send(
                    "GET /jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + ann.token
                            + "\r\n\r\n");
            assertThat(wire.receive().status()).isEqualTo(200);
        }
    }

    @Test
    void rejects_an_upload_of_unknown_length_at_the_limit() throws IOException {
        Inventory before = gateway.inventory();
        try (Wire wire = chunked(ann.token)) {
            wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
            byte[] video = video(64 * 1024);
            for (int sent = 0; sent <= Gateway.MAX_UPLOAD; sent += video.length) wire.chunk(video);
            assertProblem(wire.receive(), 413, "too-large");
        }
        gateway.assertNothingAddedSince(before);
    }

    @Test
    void lets_a_client_that_sends_without_end_read_the_rejection() throws IOException {
        try (Wire wire = chunked(ann.token)) {
            wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.txt\""));
            wire.chunk("text and more of it\n".repeat(100).getBytes(UTF_8));
            // and, like curl, stops when there is an answer
            byte[] more = new byte[64 * 1024];
            for (int i = 0; i < 400 && wire.in().available() == 0; i++) wire.chunk(more);
            assertProblem(wire.receive(), 415, "not-media");
        }
    }

    @Test
    void leaves_nothing_of_a_client_that_disconnects() throws IOException {
        Inventory before = gateway.inventory();
        try (Gateway.Log log = Gateway.Log.from(Level.WARN)) {
            for (boolean abruptly : new boolean[] {true, false}) {
                Wire wire = chunked(ann.token);
                wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
                wire.chunk(video(600_000));
                await().until(() -> gateway.hasMoreThan(before));
                if (abruptly) wire.vanish();
                else wire.close();
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> gateway.assertNothingAddedSince(before));
            }
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void does_not_take_a_truncated_body_for_a_complete_one() throws IOException {
        Inventory before = gateway.inventory();
        byte[] unfinished = new Form().file("a.mp4", video(20_000)).unfinished();
        for (byte[] body :
                List.of(unfinished, concat(unfinished, ascii("--" + Form.BOUNDARY.substring(5))))) {
            HttpResponse<String> answer =
                    gateway.send(
                            ann.request("/upload")
                                    .header("Content-Type", Form.TYPE)
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
            assertProblem(answer, 400, "malformed-request");
            gateway.assertNothingAddedSince(before);
        }
    }

    @Test
    void rejects_malformed_chunks() throws IOException {
        Inventory before = gateway.inventory();
        try (Gateway.Log log = Gateway.Log.from(Level.WARN);
                Wire wire = chunked(ann.token)) {
            wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
            wire.chunk(video(100_000));
            wire.send("not a length\r\n");
            assertProblem(wire.receive(), 400, "malformed-request");
            assertThat(log.lines()).isEmpty();
        }
        gateway.assertNothingAddedSince(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/octet-stream",
                "application/x-www-form-urlencoded",
                "multipart/mixed; boundary=x",
                "video/mp4",
                "nonsense"
            })
    void rejects_other_content_types(String type) {
        HttpResponse<String> answer =
                gateway.send(
                        ann.request("/upload")
                                .header("Content-Type", type)
                                .POST(HttpRequest.BodyPublishers.ofString("a=b")));
        assertProblem(answer, 415, "unsupported-type");
    }

    @Test
    void rejects_a_form_without_boundary_and_a_request_without_type() {
        assertProblem(
                gateway.send(
                        ann.request("/upload")
                                .header("Content-Type", "multipart/form-data")
                                .POST(HttpRequest.BodyPublishers.ofString("a=b"))),
                400,
                "malformed-request");
        assertProblem(
                gateway.send(
                        ann.request("/upload").POST(HttpRequest.BodyPublishers.ofString("a=b"))),
                415,
                "unsupported-type");
    }

    @Test
    void stores_nothing_for_a_client_that_cannot_read_the_answer() {
        Inventory before = gateway.inventory();
        assertProblem(
                ann.upload(new Form().file("a.mp4", video(100)), "Accept", "text/html"),
                406,
                "not-acceptable");
        gateway.assertNothingAddedSince(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"=?utf-8?B?A?=", "=?utf-8?B?====?=", "=?utf-8?Q?=ZZ?="})
    void rejects_a_name_with_a_broken_encoding(String name) {
        HttpResponse<String> answer =
                ann.upload(new Form().field(name, "1").file("a.mp4", Form.video(100)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    }

    static Stream<List<String>> names() {
        return Stream.of(
                List.of("filename=\"Übung für Ελένη 日本 🎬.mp4\"", "Übung für Ελένη 日本 🎬.mp4"),
                List.of("filename*=UTF-8''%C3%9Cbung%20%F0%9F%8E%AC.mp4", "Übung 🎬.mp4"),
                List.of("filename=\"C:\\\\Users\\\\ann\\\\my film.mov\"", "my film.mov"),
                List.of("filename=\"../../etc/passwd\"", "passwd"),
                List.of("filename=\"/abs/olute.mkv\"", "olute.mkv"),
                List.of("filename=\"..\"", "video"),
                List.of("filename=\"a\tb.mp4\"", "ab.mp4"),
                List.of("filename=\"שלום.mp4\"", "שלום.mp4"),
                List.of("filename=\"a\u202egpj.mp4\"", "agpj.mp4"),
                List.of("filename=\"" + "n".repeat(10_000) + ".mp4\"", "n".repeat(255)),
                List.of("filename=\"   \"", "video"),
                List.of("filename=plain.mp4", "plain.mp4"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void keeps_the_name_without_its_dangerous_parts(List<String> name) {
        HttpResponse<String> answer =
                ann.upload(
                        new Form()
                                .part("form-data; name=\"file\"; " + name.getFirst(), video(100)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        assertThat(json(answer).get("filename").asString()).isEqualTo(name.getLast());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\0b.mp4", "a\rb.mp4", "a\nb.mp4", "a\r\nX-Header: y\r\nb.mp4"})
    void tolerates_control_characters_in_a_name(String name) {
        HttpResponse<String> answer = ann.upload(new Form().file(name, video(100)));
        if (answer.statusCode() == 202) {
            assertThat(json(answer).get("filename").asString()).doesNotMatch("(?s).*\\p{Cc}.*");
        } else {
            assertProblem(answer, 400, "malformed-request");
        }
    }

    @Test
    void answers_with_the_same_job_to_the_same_key_of_the_same_owner() {
        String key = "key-" + ann.user.id();
        Form form = new Form().file("a.mp4", video(100));
        JsonNode first = json(ann.upload(form, "Idempotency-Key", key));
        // in quotes, as a structured field
        HttpResponse<String> again =
                ann.upload(
                        new Form().file("a.mp4", video(100)), "Idempotency-Key", "\"" + key + "\"");
        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(json(again)).isEqualTo(first);
        assertThat(again.headers().firstValue("Location"))
                .contains("/jobs/" + first.get("id").asString());
        JsonNode others =
                json(
                        gateway.someone()
                                .upload(
                                        new Form().file("a.mp4", video(100)),
                                        "Idempotency-Key",
                                        key));
        assertThat(others.get("id")).isNotEqualTo(first.get("id"));
        for (String wrong : List.of(" ", "\"\"", "k".repeat(256))) {
            assertProblem(
                    ann.upload(new Form().file("a.mp4", video(100)), "Idempotency-Key", wrong),
                    400,
                    "malformed-request");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "b.mp4, 100, 128",
        "a.mp4, 101, 128",
        "a.mp4, 99, 128",
        "a.mp4, 100, 192",
        "a.mp4, 100,"
    })
    void rejects_another_upload_with_the_key_of_a_job(String name, int bytes, String bitrate) {
        String key = "reused-" + ann.user.id();
        Form first = new Form().field("bitrate", "128").file("a.mp4", video(100));
        String id = json(ann.upload(first, "Idempotency-Key", key)).get("id").asString();
        Form other = new Form();
        if (bitrate != null) other.field("bitrate", bitrate);
        assertProblem(
                ann.upload(other.file(name, video(bytes)), "Idempotency-Key", key),
                422,
                "idempotency-key-reused");
        assertThat(json(ann.get("/jobs")).get("items")).hasSize(1);
        Form same = new Form().field("bitrate", "128").file("a.mp4", video(100));
        assertThat(json(ann.upload(same, "Idempotency-Key", key)).get("id").asString())
                .isEqualTo(id);
    }

    @Test
    void accepts_one_of_two_different_uploads_that_use_a_key_at_the_same_time() throws IOException {
        String key = "raced-" + ann.user.id();
        byte[] body = new Form().file("a.mp4", video(100)).bytes();
        try (Wire slow = new Wire(gateway.port())) {
            slow.send(
                    head(ann.token, "Content-Length: " + body.length)
                            + "Idempotency-Key: "
                            + key
                            + "\r\n\r\n");
            slow.send(Arrays.copyOf(body, body.length - 10));
            await().until(() -> json(ann.get("/jobs")).get("items").size() == 1);
            Form faster = new Form().file("b.mp4", video(100));
            assertThat(ann.upload(faster, "Idempotency-Key", key).statusCode()).isEqualTo(202);
            slow.send(Arrays.copyOfRange(body, body.length - 10, body.length));
            assertProblem(slow.receive(), 422, "idempotency-key-reused");
        }
        assertThat(json(ann.get("/jobs")).get("items")).hasSize(1);
    }

    @Test
    void answers_with_one_job_to_concurrent_uploads_of_one_key_and_keeps_one_file() {
        String key = "race-" + ann.user.id();
        Inventory before = gateway.inventory();
        List<CompletableFuture<String>> answers =
                IntStream.range(0, 6)
                        .mapToObj(i ->
                                CompletableFuture.supplyAsync(() -> {
                                    HttpResponse<String> answer =
                                            ann.upload(
                                                    new Form().file("a.mp4", video(50_000)),
                                                    "Idempotency-Key",
                                                    key);
                                    assertThat(answer.statusCode())
                                            .as(answer.body())
                                            .isEqualTo(202);
                                    return json(answer).get("id").asString();
                                }))
                        .toList();
        assertThat(answers.stream().map(CompletableFuture::join).distinct()).hasSize(1);
        assertThat(gateway.inventory().since(before).videos()).hasSize(1);
        assertThat(json(ann.get("/jobs")).get("items")).hasSize(1);
    }

    @Test
    void accepts_forty_uploads_eight_at_a_time_and_wakes_a_worker_for_each() {
        RabbitTemplate rabbit = gateway.bean(RabbitTemplate.class);
        Set<String> ids = ConcurrentHashMap.newKeySet();
        try (ExecutorService eight = Executors.newFixedThreadPool(8)) {
            List<CompletableFuture<Boolean>> uploads =
                    Stream.generate(() ->
                                    CompletableFuture.supplyAsync(
                                            () -> ids.add(ann.uploaded()), eight))
                            .limit(40)
                            .toList();
            assertThat(uploads).allMatch(CompletableFuture::join);
        }
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> {
                    for (Message message = rabbit.receive("video");
                            message != null;
                            message = rabbit.receive("video")) {
                        ids.remove(Event.read(message, Event.VideoUploaded.class).job());
                    }
                    return ids.isEmpty();
                });
    }

    @Test
    void answers_a_repeated_upload_with_the_job_as_it_is_by_then() {
        String key = "done-" + ann.user.id();
        Form form = new Form().file("a.mp4", video(100));
        String id = json(ann.upload(form, "Idempotency-Key", key)).get("id").asString();
        gateway.convert(id, new byte[100]);
        HttpResponse<String> again =
                ann.upload(new Form().file("a.mp4", video(100)), "Idempotency-Key", key);
        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(json(again)).isEqualTo(json(ann.get("/jobs/" + id)));
        assertThat(json(again).get("expires_at").asString()).isNotBlank();
    }

    @Test
    void lets_a_repeated_upload_be_sent_completely() throws IOException {
        String key = "long-" + ann.user.id();
        Form form = new Form().file("a.mp4", video(Gateway.MAX_UPLOAD));
        ann.upload(form, "Idempotency-Key", key);
        byte[] body = new Form().file("a.mp4", video(Gateway.MAX_UPLOAD)).bytes();
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    head(ann.token, "Content-Length: " + body.length)
                            + "Idempotency-Key: "
                            + key
                            + "\r\n\r\n");
            wire.send(body);
            assertThat(wire.receive().status()).isEqualTo(202);
            wire.send(
                    "GET /jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + ann.token
                            + "\r\n\r\n");
            assertThat(wire.receive().status()).isEqualTo(200);
        }
    }

    @Nested
    class A_running_upload {
        @Test
        void is_shown_to_its_owner_with_the_bytes_that_have_arrived() throws IOException {
            try (Wire wire = running()) {
                String id = running(ann);
                await().untilAsserted(() -> {
                    JsonNode job = json(ann.get("/jobs/" + id));
                    assertThat(job.get("received_bytes").asLong()).isPositive();
                    assertThat(job.get("filename").asString()).isEqualTo("a.mp4");
                });
                JsonNode job = json(ann.get("/jobs/" + id));
                assertThat(job.get("status").asString()).isEqualTo("uploading");
                assertThat(job.get("received_bytes").asLong()).isLessThanOrEqualTo(300_000);
                assertThat(job.get("finished_at").isNull()).isTrue();
                assertThat(job.get("links").has("download")).isFalse();
                HttpResponse<String> download = ann.get("/download?fid=" + id);
                assertProblem(download, 409, "not-ready");
                assertThat(json(download).get("job_status").asString()).isEqualTo("uploading");
                Gateway.Someone other = gateway.someone();
                assertProblem(other.get("/jobs/" + id), 404, "not-found");
                assertProblem(other.delete("/jobs/" + id), 404, "not-found");
                finish(wire);
                assertThat(wire.receive().status()).isEqualTo(202);
                job = json(ann.get("/jobs/" + id));
                assertThat(job.get("status").asString()).isEqualTo("queued");
                assertThat(job.has("received_bytes")).isFalse();
                assertThat(job.get("size_bytes").asLong()).isEqualTo(300_000);
            }
        }

        @Test
        void that_is_deleted_is_rejected_at_its_end_and_leaves_no_file() throws IOException {
            try (Wire wire = running()) {
                String id = running(ann);
                assertThat(ann.delete("/jobs/" + id).statusCode()).isEqualTo(204);
                assertThat(ann.delete("/jobs/" + id).statusCode()).isEqualTo(204);
                finish(wire);
                assertProblem(wire.receive(), 409, "upload-cancelled");
                assertCancelled(id);
            }
        }

        @Test
        void that_is_deleted_ends_before_its_last_byte() throws IOException {
            try (Wire wire = running()) {
                String id = running(ann);
                assertThat(ann.delete("/jobs/" + id).statusCode()).isEqualTo(204);
                byte[] more = video(20_000);
                await().pollInterval(Duration.ofMillis(600))
                        .until(() -> {
                            wire.chunk(more);
                            return wire.in().available() > 0;
                        });
                assertProblem(wire.receive(), 409, "upload-cancelled");
                assertCancelled(id);
            }
        }

        @Test
        void is_cancelled_when_its_user_is_deleted() throws IOException {
            try (Wire wire = running()) {
                String id = running(ann);
                gateway.auth.relayStatus = 204;
                assertThat(gateway.administrator().delete("/users/" + ann.user.id()).statusCode())
                        .isEqualTo(204);
                finish(wire);
                assertProblem(wire.receive(), 409, "upload-cancelled");
                assertThat(gateway.media(Bucket.VIDEOS)).doesNotContain(id);
            } finally {
                gateway.auth.relayStatus = 200;
            }
        }

        private void assertCancelled(String id) {
            JsonNode job = json(ann.get("/jobs/" + id));
            assertThat(job.get("status").asString()).isEqualTo("cancelled");
            assertThat(job.has("received_bytes")).isFalse();
            assertProblem(ann.get("/download?fid=" + id), 410, "gone");
            assertThat(gateway.media(Bucket.VIDEOS)).doesNotContain(id);
        }

        /** A file of 300,000 bytes without the end of its form. */
        private Wire running() throws IOException {
            Wire wire = chunked(ann.token);
            wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
            wire.chunk(video(300_000));
            return wire;
        }

        private static String running(Gateway.Someone owner) {
            JsonNode items =
                    await().until(
                                    () -> json(owner.get("/jobs")).get("items"),
                                    found -> !found.isEmpty());
            return items.get(0).get("id").asString();
        }

        private static void finish(Wire wire) throws IOException {
            wire.chunk(concat(ascii("\r\n"), Form.end()));
            wire.send("0\r\n\r\n");
        }
    }

    @Test
    void a_user_has_at_most_sixteen_transfers_at_the_same_time() throws IOException {
        String done = ann.uploaded();
        gateway.convert(done, Form.video(2000));
        List<Wire> wires = new ArrayList<>();
        try {
            Inventory before = gateway.inventory();
            for (int i = 0; i < 16; i++) {
                Wire wire = chunked(ann.token);
                wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
                wires.add(wire);
            }
            await().until(() -> running(before) == 16);
            HttpResponse<String> refused = ann.upload(new Form().file("a.mp4", Form.video(100)));
            assertProblem(refused, 429, "too-many-requests");
            assertThat(refused.headers().firstValue("Retry-After")).contains("5");
            assertProblem(ann.get("/download?fid=" + done), 429, "too-many-requests");
            assertThat(ann.get("/jobs/" + done).statusCode()).isEqualTo(200);
            gateway.someone().uploaded();
        } finally {
            for (Wire wire : wires) wire.close();
        }
        await().untilAsserted(() ->
                assertThat(ann.get("/download?fid=" + done).statusCode()).isEqualTo(200));
    }

    private int running(Inventory before) {
        return gateway.inventory().since(before).jobs().size();
    }

    @Test
    void ends_an_upload_that_sends_nothing_more() throws IOException {
        // the real timeout is 30 s; closing the connection raises the same exception
        Inventory before = gateway.inventory();
        try (Wire wire = new Wire(gateway.port())) {
            byte[] body = new Form().file("a.mp4", video(50_000)).unfinished();
            wire.send(head(ann.token, "Content-Length: 100000") + "\r\n");
            wire.send(body);
            await().until(() -> gateway.hasMoreThan(before));
            wire.halfClose();
            assertProblem(wire.receive(), 400, "malformed-request");
            assertThat(wire.closed()).isTrue();
        }
        gateway.assertNothingAddedSince(before);
    }

    private Wire chunked(String token) throws IOException {
        return new Wire(gateway.port()).send(head(token, "Transfer-Encoding: chunked") + "\r\n");
    }

    private static String head(String token, String length) {
        return "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + Form.TYPE
                + "\r\nAuthorization: Bearer "
                + token
                + "\r\n"
                + length
                + "\r\n";
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
