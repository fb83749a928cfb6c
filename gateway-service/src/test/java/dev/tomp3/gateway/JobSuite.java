package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Warning;
import dev.tomp3.jobs.media.Id3Frames;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code /jobs} and {@code /download}, on any media store. */
abstract class JobSuite {
    private static final String UNKNOWN = "0123456789abcdef01234567";

    private Gateway gateway;
    private Gateway.Someone ann;

    abstract Gateway gateway() throws IOException;

    @BeforeEach
    void ann() throws IOException {
        gateway = gateway();
        ann = gateway.someone();
    }

    // ---- jobs

    @Test
    void shows_a_job_until_it_fails() {
        String id = ann.uploaded();
        assertThat(shown(id).get("status").asString()).isEqualTo("queued");
        Job claimed = gateway.claim(id);
        gateway.attempts().heartbeat(claimed, 42);
        JsonNode converting = shown(id);
        assertThat(converting.get("status").asString()).isEqualTo("converting");
        assertThat(converting.get("progress").asInt()).isEqualTo(42);
        assertThat(converting.get("attempt").asInt()).isEqualTo(1);
        assertThat(converting.get("started_at").asString()).endsWith("Z");
        assertThat(converting.get("finished_at").isNull()).isTrue();
        assertThat(converting.has("failure")).isFalse();
        gateway.attempts().fail(claimed, new Failure(Failure.Code.NO_AUDIO_TRACK));
        JsonNode failed = shown(id);
        assertThat(failed.get("status").asString()).isEqualTo("failed");
        assertThat(failed.get("finished_at").asString()).endsWith("Z");
        assertThat(failed.get("failure").toString())
                .isEqualTo(
                        "{\"code\":\"no-audio-track\",\"message\":\"The file has no audio"
                                + " track.\"}");
        assertThat(failed.get("links").has("download")).isFalse();
    }

    @Test
    void shows_the_warnings_of_a_done_job_until_it_expires() {
        String id = ann.uploaded();
        gateway.attempts()
                .succeed(
                        gateway.claim(id),
                        new Job.Result(
                                100,
                                9000,
                                List.of(
                                        new Warning(Warning.Code.GAPS_FILLED, "A gap.", 1500L),
                                        new Warning(Warning.Code.TRUNCATED, "It ends.", null))));
        assertThat(shown(id).get("warnings").toString())
                .isEqualTo(
                        """
                        [{"code":"gaps-filled","message":"A gap.","at_ms":1500},\
                        {"code":"truncated","message":"It ends.","at_ms":null}]\
                        """);
        assertThat(ann.delete("/jobs/" + id).statusCode()).isEqualTo(204);
        assertThat(shown(id).has("warnings")).isFalse();
    }

    @Test
    void shows_the_result_of_a_done_job() {
        String id = ann.uploaded();
        gateway.convert(id, mp3(3000));
        JsonNode done = shown(id);
        assertThat(done.get("status").asString()).isEqualTo("done");
        assertThat(done.get("progress").asInt()).isEqualTo(100);
        assertThat(done.get("duration_ms").asLong()).isEqualTo(61_234);
        assertThat(done.get("mp3_bytes").asLong()).isEqualTo(3000);
        assertThat(done.has("warnings")).isFalse();
        assertThat(done.get("links").toString())
                .isEqualTo(
                        "{\"self\":\"/jobs/%1$s\",\"download\":\"/download?fid=%1$s\"}"
                                .formatted(id));
    }

    @Test
    void pages_through_the_callers_jobs_newest_first() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) ids.add(ann.uploaded());
        gateway.someone().uploaded();
        Collections.reverse(ids);
        List<String> seen = new ArrayList<>();
        String cursor = null;
        int pages = 0;
        do {
            String more = cursor == null ? "" : "&cursor=" + cursor;
            JsonNode page = json(ann.get("/jobs?limit=3" + more));
            page.get("items").forEach(job -> seen.add(job.get("id").asString()));
            cursor = page.get("next").isNull() ? null : page.get("next").asString();
            pages++;
        } while (cursor != null);
        assertThat(seen).isEqualTo(ids);
        assertThat(pages).isEqualTo(3);
        JsonNode exactly = json(ann.get("/jobs?limit=7"));
        assertThat(exactly.get("items")).hasSize(7);
        assertThat(exactly.get("next").isNull()).isTrue();
        assertThat(json(gateway.someone().get("/jobs")).toString())
                .isEqualTo("{\"items\":[],\"next\":null}");
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0, malformed-request",
        "limit=101, malformed-request",
        "limit=-1, malformed-request",
        "limit=many, malformed-request",
        "limit=99999999999, malformed-request",
        "cursor=nonsense, invalid-cursor",
        "cursor=, invalid-cursor",
        "cursor=0123456789ABCDEF01234567, invalid-cursor"
    })
    void rejects_illegal_pages(String query, String code) {
        assertProblem(ann.get("/jobs?" + query), 400, code);
    }

    @Test
    void accepts_the_limits_of_a_page() {
        assertThat(ann.get("/jobs?limit=1").statusCode()).isEqualTo(200);
        assertThat(ann.get("/jobs?limit=100").statusCode()).isEqualTo(200);
        assertThat(ann.get("/jobs?cursor=" + UNKNOWN).statusCode()).isEqualTo(200);
    }

    @Test
    void shows_the_state_of_the_system_to_administrators_only() {
        String converting = ann.uploaded();
        gateway.claim(converting);
        ann.uploaded();
        assertProblem(ann.get("/status"), 403, "forbidden");
        JsonNode status = json(gateway.administrator().get("/status"));
        JsonNode jobs = status.get("jobs");
        assertThat(jobs.get("queued").asInt()).isPositive();
        assertThat(jobs.get("converting").asInt()).isPositive();
        assertThat(Instant.parse(jobs.get("oldest_queued_at").asString())).isNotNull();
        assertThat(status.get("owners").toString())
                .contains(
                        """
                        {"id":"%s","email":"%s","uploading":0,"queued":1,"converting":1}\
                        """
                                .formatted(ann.user.id(), ann.user.email()));
        assertThat(status.get("workers").valueStream())
                .filteredOn(worker -> worker.get("job").asString().equals(converting))
                .singleElement()
                .satisfies(worker ->
                        assertThat(worker.get("owner").asString()).isEqualTo(ann.user.email()));
        assertThat(status.get("retention").toString())
                .isEqualTo(
                        """
                        {"upload_seconds":86400,"video_seconds":86400,"mp3_seconds":604800,\
                        "job_seconds":7776000}\
                        """);
        assertThat(status.get("limits").toString())
                .startsWith("{\"upload_bytes\":1048576,\"duration_seconds\":43200,");
    }

    @Test
    void shows_jobs_of_other_users_to_administrators_only() {
        String id = ann.uploaded();
        gateway.convert(id, mp3(100));
        Gateway.Someone bob = gateway.someone();
        Gateway.Someone root = gateway.administrator();
        assertProblem(bob.get("/jobs?owner=" + ann.user.id()), 403, "forbidden");
        for (String path : List.of("/jobs/" + id, "/download?fid=" + id)) {
            assertProblem(bob.get(path), 404, "not-found");
            assertThat(root.get(path).statusCode()).isEqualTo(200);
        }
        assertProblem(bob.delete("/jobs/" + id), 404, "not-found");
        assertThat(json(root.get("/jobs")).get("items")).isEmpty();
        JsonNode page = json(root.get("/jobs?owner=" + ann.user.id()));
        assertThat(page.get("items").get(0).get("id").asString()).isEqualTo(id);
        assertThat(ann.get("/jobs?owner=" + ann.user.id()).statusCode()).isEqualTo(200);
        assertThat(shown(id).get("status").asString()).isEqualTo("done");
        assertThat(root.delete("/jobs/" + id).statusCode()).isEqualTo(204);
        assertThat(shown(id).get("status").asString()).isEqualTo("expired");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                UNKNOWN,
                "0123456789ABCDEF01234567",
                "0123456789abcdef0123456",
                "0123456789abcdef012345678",
                "x",
                "%24ne",
                "%7B%7D",
                "%20",
                "%C3%A9"
            })
    void answers_404_to_unknown_and_malformed_ids(String id) {
        assertProblem(ann.get("/jobs/" + id), 404, "not-found");
        assertProblem(ann.delete("/jobs/" + id), 404, "not-found");
        assertProblem(ann.get("/download?fid=" + id), 404, "not-found");
    }

    @Test
    void cancels_queued_and_converting_jobs() {
        String waiting = ann.uploaded();
        String converting = ann.uploaded();
        Job claimed = gateway.claim(converting);
        for (String id : List.of(waiting, converting)) {
            assertThat(ann.delete("/jobs/" + id).statusCode()).isEqualTo(204);
            HttpResponse<String> again = ann.delete("/jobs/" + id);
            assertThat(again.statusCode()).isEqualTo(204);
            assertThat(again.body()).isEmpty();
            assertThat(shown(id).get("status").asString()).isEqualTo("cancelled");
            assertThat(shown(id).get("links").has("download")).isFalse();
            assertProblem(ann.get("/download?fid=" + id), 410, "gone");
        }
        await().untilAsserted(() ->
                assertThat(gateway.media(Bucket.VIDEOS)).doesNotContain(waiting, converting));
        assertThat(gateway.attempts().heartbeat(claimed, 50)).isFalse();
        assertThat(gateway.attempts().succeed(claimed, new Job.Result(1, 1, List.of()))).isFalse();
    }

    @Test
    void deletes_settled_jobs() {
        String done = ann.uploaded();
        String file = gateway.convert(done, mp3(100)).attemptFile();
        String failed = ann.uploaded();
        gateway.attempts().fail(gateway.claim(failed), new Failure(Failure.Code.CORRUPT));
        for (String id : List.of(done, failed)) {
            assertThat(ann.delete("/jobs/" + id).statusCode()).isEqualTo(204);
            assertThat(ann.delete("/jobs/" + id).statusCode()).isEqualTo(204);
            assertThat(shown(id).get("status").asString()).isEqualTo("expired");
            assertThat(shown(id).has("failure")).isFalse();
            assertProblem(ann.get("/download?fid=" + id), 410, "gone");
        }
        await().untilAsserted(() -> {
            assertThat(gateway.media(Bucket.VIDEOS)).doesNotContain(done, failed);
            assertThat(gateway.media(Bucket.MP3S)).doesNotContain(file);
        });
    }

    // ---- tags

    @Test
    void keeps_a_cover_until_the_job_is_done() throws IOException {
        byte[] cover = {(byte) 0x89, 'P', 'N', 'G', 1, 2, 3};
        HttpResponse<String> answer =
                ann.upload(
                        new Form()
                                .field("title", "a")
                                .part("form-data; name=\"cover\"; filename=\"c.png\"", cover)
                                .file("song.mp4", Form.video(100)));
        assertThat(answer.statusCode()).isEqualTo(202);
        JsonNode job = json(answer);
        assertThat(job.at("/options/cover").asString()).isEqualTo("file");
        String id = job.get("id").asString();
        Job stored = gateway.bean(Jobs.class).find(id).orElseThrow();
        assertThat(stored.options().bringsCover()).isTrue();
        try (var in =
                gateway.bean(dev.tomp3.jobs.media.MediaStore.class)
                        .open(Bucket.VIDEOS, stored.coverFile(), 0)) {
            assertThat(in.readAllBytes()).isEqualTo(cover);
        }
        assertThat(shown(id).get("position").asInt()).isNotNegative();
        assertProblem(
                ann.upload(
                        new Form()
                                .part(
                                        "form-data; name=\"cover\"; filename=\"c.gif\"",
                                        "GIF89a".getBytes(StandardCharsets.UTF_8))
                                .file("song.mp4", Form.video(100))),
                400,
                "invalid-options");
        gateway.convert(id, mp3(100));
        assertThat(shown(id).has("position")).isFalse();
        assertThat(shown(id).get("expires_at").asString()).isNotBlank();
    }

    private HttpResponse<String> changeTags(Gateway.Someone user, String id, String json) {
        return gateway.send(
                user.request("/jobs/" + id + "/tags")
                        .header("Content-Type", "application/json")
                        .method("PATCH", HttpRequest.BodyPublishers.ofString(json)));
    }

    @Test
    void changes_the_tags_of_an_mp3_and_no_byte_of_its_sound() {
        Id3Frames tag = new Id3Frames();
        tag.add("TIT2", Id3Frames.text("Old"));
        tag.add("TALB", Id3Frames.text("Album"));
        tag.add("TCOM", Id3Frames.text("Composer"));
        tag.add("APIC", new byte[3000]);
        byte[] sound = mp3(300_000);
        ByteArrayOutputStream mp3 = new ByteArrayOutputStream();
        mp3.writeBytes(tag.bytes());
        mp3.writeBytes(sound);
        String id = ann.uploaded();
        String old = gateway.convert(id, mp3.toByteArray()).attemptFile();
        String before = header(download(id), "ETag");

        HttpResponse<String> answer =
                changeTags(ann, id, "{\"title\":\"Größe\",\"album\":\"\",\"year\":\"2026-11-27\"}");

        assertThat(answer.statusCode()).isEqualTo(200);
        HttpResponse<byte[]> changed = download(id);
        assertThat(header(changed, "ETag")).isNotEqualTo(before);
        byte[] body = changed.body();
        assertThat(json(answer).get("mp3_bytes").asInt()).isEqualTo(body.length);
        int head = Id3Frames.length(body);
        assertThat(Arrays.copyOfRange(body, head, body.length)).isEqualTo(sound);
        String text = new String(body, 0, head, StandardCharsets.ISO_8859_1);
        assertThat(text)
                .contains(
                        "TIT2",
                        new String(
                                "Größe".getBytes(StandardCharsets.UTF_16LE),
                                StandardCharsets.ISO_8859_1),
                        "2026",
                        "2711",
                        "Composer",
                        "APIC")
                .doesNotContain("Old", "TALB");
        await().untilAsserted(() -> assertThat(gateway.media(Bucket.MP3S)).doesNotContain(old));

        assertThat(changeTags(ann, id, "{\"tags\":\"none\",\"cover\":\"none\"}").statusCode())
                .isEqualTo(200);
        byte[] bare = download(id).body();
        assertThat(bare).hasSize(10 + 10 + sound.length);
        assertThat(Arrays.copyOfRange(bare, 20, bare.length)).isEqualTo(sound);
    }

    @Test
    void changes_tags_only_of_an_mp3_that_is_there_and_ones_own() {
        String waiting = ann.uploaded();
        assertProblem(changeTags(ann, waiting, "{\"title\":\"a\"}"), 409, "not-ready");
        assertProblem(
                changeTags(gateway.someone(), waiting, "{\"title\":\"a\"}"), 404, "not-found");
        assertProblem(changeTags(ann, waiting, "{\"bitrate\":\"128\"}"), 400, "invalid-options");
        assertProblem(changeTags(ann, waiting, "{\"title\":null}"), 400, "invalid-options");
        assertProblem(changeTags(ann, waiting, "[]"), 400, "malformed-request");
    }

    // ---- downloads

    @Test
    void answers_with_the_mp3_and_every_header_that_a_player_needs() {
        byte[] mp3 = mp3(300_000);
        String id = ann.uploaded();
        String file = gateway.convert(id, mp3).attemptFile();
        HttpResponse<byte[]> answer = download(id);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(mp3);
        assertThat(header(answer, "Content-Type")).isEqualTo("audio/mpeg");
        assertThat(header(answer, "Content-Length")).isEqualTo("300000");
        assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(header(answer, "ETag")).isEqualTo("\"" + file + "\"");
        assertThat(header(answer, "Content-Disposition"))
                .isEqualTo("attachment; filename=\"song.mp3\"");
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(answer, "Cache-Control")).isEqualTo("private, no-store");

        HttpResponse<String> head =
                gateway.send(
                        ann.request("/download?fid=" + id)
                                .method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        for (String name :
                List.of("Content-Type", "Content-Length", "ETag", "Content-Disposition")) {
            assertThat(header(head, name)).isEqualTo(header(answer, name));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-99|0|99",
                "bytes=100-|100|9999",
                "bytes=-1|9999|9999",
                "bytes=-500|9500|9999",
                "bytes=-99999|0|9999",
                "bytes=9999-9999|9999|9999",
                "bytes=5000-99999|5000|9999",
                "bytes=0-|0|9999"
            })
    void answers_with_one_range(String range, int first, int last) {
        byte[] mp3 = mp3(10_000);
        String id = converted(mp3);
        HttpResponse<byte[]> answer = download(id, "Range", range);
        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(header(answer, "Content-Range"))
                .isEqualTo("bytes " + first + "-" + last + "/10000");
        assertThat(header(answer, "Content-Length")).isEqualTo("" + (last - first + 1));
        assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(mp3, first, last + 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes=0-1,5-6",
                "bytes=0-1, 9999999-",
                "pages=1-2",
                "bytes=",
                "bytes=a-b",
                "bytes=5-2",
                "bytes=-",
                "bytes=0-99999999999999999999",
                "nonsense"
            })
    void answers_with_the_whole_mp3_to_any_other_range(String range) {
        byte[] mp3 = mp3(10_000);
        HttpResponse<byte[]> answer = download(converted(mp3), "Range", range);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(mp3);
        assertThat(answer.headers().firstValue("Content-Range")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=10000-", "bytes=10000-10001", "bytes=99999-", "bytes=-0"})
    void rejects_a_range_beyond_the_end(String range) {
        HttpResponse<String> answer =
                ann.get("/download?fid=" + converted(mp3(10_000)), "Range", range);
        assertProblem(answer, 416, "range-not-satisfiable");
        assertThat(header(answer, "Content-Range")).isEqualTo("bytes */10000");
    }

    @Test
    void answers_304_when_the_client_has_the_mp3() {
        byte[] mp3 = mp3(10_000);
        String id = converted(mp3);
        String tag = header(download(id), "ETag");
        for (String known : List.of(tag, "W/" + tag, "\"x\", " + tag)) {
            HttpResponse<byte[]> answer = download(id, "If-None-Match", known);
            assertThat(answer.statusCode()).isEqualTo(304);
            assertThat(answer.body()).isEmpty();
            assertThat(header(answer, "ETag")).isEqualTo(tag);
        }
        assertThat(download(id, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
        assertThat(download(id, "If-None-Match", tag, "Range", "bytes=0-1").statusCode())
                .isEqualTo(304);
    }

    @Test
    void answers_with_a_range_only_of_the_mp3_that_the_client_has() {
        String id = converted(mp3(10_000));
        String tag = header(download(id), "ETag");
        assertThat(download(id, "Range", "bytes=0-1", "If-Range", tag).statusCode()).isEqualTo(206);
        for (String other :
                List.of("\"other\"", "W/" + tag, "Wed, 21 Oct 2015 07:28:00 GMT", "nonsense")) {
            assertThat(download(id, "Range", "bytes=0-1", "If-Range", other).body())
                    .hasSize(10_000);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Übung.mp4|_bung.mp3|%C3%9Cbung.mp3",
                "Ελένη 日本 🎬.mkv|_____ __"
                    + " _.mp3|%CE%95%CE%BB%CE%AD%CE%BD%CE%B7%20%E6%97%A5%E6%9C%AC%20%F0%9F%8E%AC.mp3",
                "say %22hi%22.mp4|say _hi_.mp3|say%20%22hi%22.mp3"
            })
    void names_the_file_in_any_script(String video, String ascii, String full) {
        HttpResponse<String> upload =
                ann.upload(
                        new Form()
                                .part(
                                        "form-data; name=\"file\"; filename=\""
                                                + video.replace("%22", "\\\"")
                                                + "\"",
                                        Form.video(100)));
        String id = json(upload).get("id").asString();
        gateway.convert(id, mp3(10));
        assertThat(header(download(id), "Content-Disposition"))
                .isEqualTo("attachment; filename=\"" + ascii + "\"; filename*=UTF-8''" + full);
    }

    @Test
    void explains_why_there_is_no_mp3() {
        assertProblem(ann.get("/download"), 400, "missing-parameter");
        assertProblem(ann.get("/download?fid="), 400, "missing-parameter");
        String id = ann.uploaded();
        HttpResponse<String> waiting = ann.get("/download?fid=" + id);
        assertProblem(waiting, 409, "not-ready");
        assertThat(json(waiting).get("job_status").asString()).isEqualTo("queued");
        Job claimed = gateway.claim(id);
        gateway.attempts().heartbeat(claimed, 30);
        HttpResponse<String> converting = ann.get("/download?fid=" + id);
        assertThat(json(converting).get("job_status").asString()).isEqualTo("converting");
        assertThat(json(converting).get("progress").asInt()).isEqualTo(30);
        gateway.attempts().fail(claimed, new Failure(Failure.Code.CORRUPT));
        HttpResponse<String> failed = ann.get("/download?fid=" + id);
        assertProblem(failed, 409, "not-ready");
        assertThat(json(failed).get("job_status").asString()).isEqualTo("failed");
    }

    @Test
    void tolerates_a_client_that_disconnects() throws IOException {
        String id = converted(mp3(8 * 1024 * 1024));
        try (Gateway.Log log = Gateway.Log.from(Level.WARN)) {
            for (int i = 0; i < 3; i++) {
                Wire wire = new Wire(gateway.port());
                wire.send(
                        "GET /download?fid="
                                + id
                                + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                                + ann.token
                                + "\r\n\r\n");
                assertThat(wire.in().readNBytes(100_000)).hasSize(100_000);
                wire.vanish();
            }
            assertThat(download(id).body()).hasSize(8 * 1024 * 1024);
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void ends_early_when_the_stored_file_does() throws IOException {
        String id = ann.uploaded();
        Job job = gateway.claim(id);
        byte[] mp3 = mp3(1_000_000);
        try (var out =
                gateway.bean(dev.tomp3.jobs.media.MediaStore.class)
                        .create(Bucket.MP3S, job.attemptFile())) {
            out.write(mp3);
            out.commit();
        }
        gateway.attempts().succeed(job, new Job.Result(2_000_000, 1, List.of()));
        try (Gateway.Log log = Gateway.Log.from(Level.ERROR);
                Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "GET /download?fid="
                            + id
                            + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                            + ann.token
                            + "\r\n\r\n");
            byte[] all = wire.in().readAllBytes();
            String start = new String(all, 0, 1000, StandardCharsets.ISO_8859_1);
            int body = start.indexOf("\r\n\r\n") + 4;
            assertThat(start).startsWith("HTTP/1.1 200").contains("Content-Length: 2000000");
            assertThat(Arrays.copyOfRange(all, body, all.length)).isEqualTo(mp3);
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void answers_410_when_the_mp3_is_missing_in_the_store() throws IOException {
        String id = ann.uploaded();
        Job job = gateway.convert(id, mp3(100));
        gateway.bean(dev.tomp3.jobs.media.MediaStore.class).delete(Bucket.MP3S, job.attemptFile());
        HttpResponse<String> answer = ann.get("/download?fid=" + id, "Range", "bytes=0-1");
        assertProblem(answer, 410, "gone");
        assertThat(answer.headers().firstValue("Content-Range")).isEmpty();
    }

    @Test
    void deletes_a_user_with_all_jobs() {
        List<String> ids = IntStream.range(0, 3).mapToObj(i -> ann.uploaded()).toList();
        gateway.convert(ids.getFirst(), mp3(10));
        gateway.auth.relayStatus = 403;
        try {
            assertThat(gateway.someone().delete("/users/" + ann.user.id()).statusCode())
                    .isEqualTo(403);
            assertThat(shown(ids.getFirst()).get("status").asString()).isEqualTo("done");
            // an earlier request deleted the user, but perhaps not all jobs
            gateway.auth.relayStatus = 404;
            gateway.someone().delete("/users/" + ann.user.id());
            assertThat(shown(ids.get(1)).get("status").asString()).isEqualTo("queued");
            gateway.administrator().delete("/users/" + ann.user.id());
            assertThat(shown(ids.get(1)).get("status").asString()).isEqualTo("cancelled");
        } finally {
            gateway.auth.relayStatus = 200;
        }
        json(ann.get("/jobs"))
                .get("items")
                .forEach(job ->
                        assertThat(job.get("status").asString()).isIn("cancelled", "expired"));
        await().untilAsserted(() ->
                assertThat(gateway.media(Bucket.VIDEOS)).doesNotContainAnyElementsOf(ids));
    }

    @Test
    void a_deleted_user_uploads_no_more_although_the_token_is_still_cached() {
        String id = ann.uploaded();
        gateway.auth.relayStatus = 204;
        try {
            String capitals = ann.user.id().toUpperCase(Locale.ROOT);
            assertThat(gateway.administrator().delete("/users/" + capitals).statusCode())
                    .isEqualTo(204);
        } finally {
            gateway.auth.relayStatus = 200;
        }
        assertThat(shown(id).get("status").asString()).isEqualTo("cancelled");
        assertProblem(
                ann.upload(new Form().file("a.mp4", Form.video(100))), 401, "unauthenticated");
        assertThat(json(ann.get("/jobs")).get("items")).hasSize(1);
    }

    private JsonNode shown(String id) {
        HttpResponse<String> answer = ann.get("/jobs/" + id);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    private String converted(byte[] mp3) {
        String id = ann.uploaded();
        gateway.convert(id, mp3);
        return id;
    }

    private HttpResponse<byte[]> download(String id, String... headers) {
        HttpRequest.Builder request = ann.request("/download?fid=" + id);
        if (headers.length > 0) request.headers(headers);
        return gateway.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static byte[] mp3(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
