package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tomp3.jobs.DownloadLinks;
import dev.tomp3.jobs.DownloadLinks.Disposition;
import dev.tomp3.jobs.Job;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Links that work without a login, to an MP3 and to an archive of many. */
class LinkIT {
    private static final String UNKNOWN = "0123456789abcdef01234567";

    private Gateway gateway;
    private Gateway.Someone ann;

    @BeforeEach
    void ann() throws IOException {
        gateway = Gateway.onFiles();
        ann = gateway.someone();
    }

    private String done(String name, byte[] mp3) {
        String id = json(ann.upload(new Form().file(name, Form.video(100)))).get("id").asString();
        gateway.convert(id, mp3);
        return id;
    }

    private static byte[] mp3(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private HttpResponse<String> post(String path, Object body) {
        return gateway.send(
                ann.request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(new JsonMapper().writeValueAsString(body))));
    }

    private String link(String id) {
        HttpResponse<String> answer = post("/jobs/" + id + "/links", Map.of());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return json(answer).get("url").asString();
    }

    private static HttpRequest.Builder anyone(String url) {
        return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30));
    }

    private HttpResponse<String> follow(String url) {
        return gateway.send(anyone(url));
    }

    @Test
    void a_link_downloads_the_mp3_without_a_login() {
        byte[] mp3 = mp3(3000);
        String id = done("talk.mp4", mp3);
        JsonNode made = json(post("/jobs/" + id + "/links", Map.of()));
        assertThat(
                        Duration.between(
                                Instant.now(), Instant.parse(made.get("expires_at").asString())))
                .isBetween(Duration.ofDays(7).minusMinutes(1), Duration.ofDays(7));
        String url = made.get("url").asString();
        assertThat(url).startsWith("http://127.0.0.1:" + gateway.port() + "/d/" + id + "?e=");
        HttpResponse<byte[]> whole = gateway.send(anyone(url), BodyHandlers.ofByteArray());
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(mp3);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        whole.headers().map().forEach((name, values) -> headers.put(name, values.getFirst()));
        assertThat(headers)
                .containsEntry("Content-Type", "audio/mpeg")
                .containsEntry("Content-Disposition", "attachment; filename=\"talk.mp3\"")
                .containsEntry("Referrer-Policy", "no-referrer")
                .containsEntry("X-Robots-Tag", "noindex")
                .containsEntry("X-Content-Type-Options", "nosniff")
                .containsEntry("Cache-Control", "private, no-store")
                .containsEntry("Accept-Ranges", "bytes");
        HttpResponse<byte[]> part =
                gateway.send(
                        anyone(url).header("Range", "bytes=100-199"), BodyHandlers.ofByteArray());
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).hasSize(100);
        HttpResponse<String> head =
                gateway.send(anyone(url).method("HEAD", BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Length")).contains("3000");
        // neither an old cookie nor a wrong token matters
        assertThat(
                        gateway.send(
                                        anyone(url)
                                                .header("Authorization", "Bearer x")
                                                .header("Cookie", "tomp3_session=x"))
                                .statusCode())
                .isEqualTo(200);
    }

    @Test
    void a_link_may_let_a_browser_play_the_mp3_and_end_earlier() {
        String id = done("talk.mp4", mp3(30));
        JsonNode made =
                json(
                        post(
                                "/jobs/" + id + "/links",
                                Map.of("expires_in", 60, "disposition", "inline")));
        assertThat(
                        Duration.between(
                                Instant.now(), Instant.parse(made.get("expires_at").asString())))
                .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
        assertThat(follow(made.get("url").asString()).headers().firstValue("Content-Disposition"))
                .contains("inline; filename=\"talk.mp3\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"expires_in\":0}",
                "{\"expires_in\":2592001}",
                "{\"expires_in\":\"soon\"}",
                "{\"disposition\":\"evil\"}",
                "[]"
            })
    void rejects_other_lifetimes_and_dispositions(String body) {
        String id = done("talk.mp4", mp3(30));
        assertProblem(
                gateway.send(
                        ann.request("/jobs/" + id + "/links")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(body))),
                400,
                "malformed-request");
    }

    @Test
    void only_the_owner_makes_links_and_only_to_an_mp3_that_exists() {
        String id = done("talk.mp4", mp3(30));
        assertProblem(
                gateway.send(
                        gateway.someone()
                                .request("/jobs/" + id + "/links")
                                .POST(BodyPublishers.noBody())),
                404,
                "not-found");
        assertProblem(post("/jobs/x/links", Map.of()), 404, "not-found");
        assertProblem(post("/jobs/" + ann.uploaded() + "/links", Map.of()), 409, "not-ready");
        ann.delete("/jobs/" + id);
        assertProblem(post("/jobs/" + id + "/links", Map.of()), 410, "gone");
    }

    @Test
    void rejects_a_link_that_was_changed() {
        String id = done("talk.mp4", mp3(30));
        String url = link(id);
        String other = link(done("other.mp4", mp3(30)));
        String e = parameter(url, "e");
        String s = parameter(url, "s");
        for (String changed :
                List.of(
                        url.replace("e=" + e, "e=" + (Long.parseLong(e) + 1)),
                        url.replace("k=attachment", "k=inline"),
                        url.replace("k=attachment", "k=other"),
                        url.replace("e=" + e + "&", ""),
                        url.replace("&k=attachment", ""),
                        url.replace("&s=" + s, ""),
                        url.replace("s=" + s, "s="),
                        url.replace("s=" + s, "s=" + s + "A"),
                        url.replace("s=" + s, "s=" + s.substring(1)),
                        url.replace("s=" + s, "s=" + parameter(other, "s")),
                        url.replace(id, UNKNOWN),
                        url.replace(id, "x"),
                        url.replace("e=" + e, "e=99999999999999999999"),
                        url.replace("e=" + e, "e=-1"),
                        url.replace("/d/", "/archives/"))) {
            HttpResponse<String> answer = follow(changed);
            assertProblem(answer, 403, "bad-link");
            assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
            assertThat(answer.headers().firstValue("X-Robots-Tag")).contains("noindex");
            assertThat(answer.body()).doesNotContain(s);
        }
        assertThat(follow(url).statusCode()).isEqualTo(200);
    }

    private static String parameter(String url, String name) {
        return url.replaceFirst(".*[?&]" + name + "=([^&]*).*", "$1");
    }

    @Test
    void tells_when_a_link_has_expired_or_its_mp3_was_deleted() {
        String id = done("talk.mp4", mp3(30));
        Job job = gateway.jobs().find(id).orElseThrow();
        String expired =
                gateway.bean(DownloadLinks.class)
                        .toMp3(job, Instant.now().minusSeconds(1), Disposition.ATTACHMENT);
        assertProblem(gateway.send(gateway.request(expired)), 410, "link-expired");
        String url = link(id);
        ann.delete("/jobs/" + id);
        assertProblem(follow(url), 410, "gone");
    }

    @Test
    void no_line_of_the_log_shows_a_signature() throws IOException {
        String id = done("talk.mp4", mp3(30));
        String archive = json(post("/archives", Map.of("jobs", List.of(id)))).get("url").asString();
        Logger ours = (Logger) LoggerFactory.getLogger("dev.tomp3");
        ours.setLevel(Level.TRACE);
        try (Gateway.Log log = Gateway.Log.from(Level.TRACE)) {
            for (String url : List.of(link(id), archive)) {
                String signature = parameter(url, "s");
                follow(url);
                follow(url.replace("e=", "e=1"));
                follow(url + "&%zz".replace("%", "%25"));
                try (Wire wire = new Wire(gateway.port())) {
                    String target = url.replaceFirst("http://[^/]*", "");
                    wire.send("GET " + target + "{ HTTP/1.1\r\nHost: x\r\n\r\n");
                    assertProblem(wire.receive(), 400, "malformed-request");
                }
                ann.delete("/jobs/" + id);
                follow(url);
                assertThat(log.lines()).noneMatch(line -> line.contains(signature));
            }
            assertThat(log.lines()).isNotEmpty();
        } finally {
            ours.setLevel(null);
        }
    }

    // ---- archives

    @Test
    void an_archive_has_all_mp3s_under_names_of_their_own(@TempDir Path directory)
            throws IOException {
        Map<String, byte[]> expected = new TreeMap<>();
        expected.put("talk.mp3", mp3(200_000));
        expected.put("TALK (2).mp3", mp3(3));
        expected.put("\u65e5\u672c_ \ud83c\udfac.mp3", mp3(4));
        List<String> ids =
                List.of(
                        done("talk.mp4", expected.get("talk.mp3")),
                        done("TALK.webm", expected.get("TALK (2).mp3")),
                        done(
                                "\u65e5\u672c? \ud83c\udfac.mp4",
                                expected.get("\u65e5\u672c_ \ud83c\udfac.mp3")));
        JsonNode made = json(post("/archives", Map.of("jobs", ids)));
        assertThat(made.get("files").asInt()).isEqualTo(3);
        HttpResponse<Path> answer =
                gateway.send(
                        anyone(made.get("url").asString()),
                        BodyHandlers.ofFile(directory.resolve("a.zip")));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/zip");
        assertThat(answer.headers().firstValueAsLong("Content-Length").orElseThrow())
                .isEqualTo(made.get("bytes").asLong())
                .isEqualTo(Files.size(answer.body()));
        assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        try (ZipFile zip = new ZipFile(answer.body().toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName))
                    .containsExactlyInAnyOrderElementsOf(expected.keySet());
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream content = zip.getInputStream(entry)) {
                    assertThat(content.readAllBytes()).isEqualTo(expected.get(entry.getName()));
                }
            }
        }
        HttpResponse<String> head =
                gateway.send(
                        anyone(made.get("url").asString()).method("HEAD", BodyPublishers.noBody()));
        assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow())
                .isEqualTo(made.get("bytes").asLong());
    }

    @Test
    void an_archive_needs_mp3s_of_the_caller_and_names_the_job_without_one() {
        String id = done("talk.mp4", mp3(30));
        String waiting = ann.uploaded();
        HttpResponse<String> early = post("/archives", Map.of("jobs", List.of(id, waiting)));
        assertProblem(early, 409, "not-ready");
        assertThat(json(early).get("job").asString()).isEqualTo(waiting);
        assertThat(json(early).get("job_status").asString()).isEqualTo("queued");
        for (String unknown : List.of(UNKNOWN, "x", gateway.someone().uploaded()))
            assertProblem(
                    post("/archives", Map.of("jobs", List.of(id, unknown))), 404, "not-found");
        List<String> many = IntStream.range(0, 1001).mapToObj("%024x"::formatted).toList();
        for (Object wrong : List.of(Map.of(), Map.of("jobs", List.of()), Map.of("jobs", many)))
            assertProblem(post("/archives", wrong), 400, "malformed-request");
        assertProblem(
                post("/archives", Map.of("jobs", List.of("x".repeat(65 * 1024)))),
                413,
                "too-large");
        // the same job twice is there once
        assertThat(json(post("/archives", Map.of("jobs", List.of(id, id)))).get("files").asInt())
                .isEqualTo(1);
    }

    @Test
    void a_thousand_mp3s_fit_in_an_archive() {
        String id = done("talk.mp4", mp3(30));
        List<String> ids = IntStream.range(0, 999).mapToObj("%024x"::formatted).toList();
        List<String> all = new java.util.ArrayList<>(ids);
        all.addFirst(id);
        // all are looked up; the first that is missing is told
        HttpResponse<String> answer = post("/archives", Map.of("jobs", all));
        assertProblem(answer, 404, "not-found");
        assertThat(json(answer).get("detail").asString()).contains("position 2");
    }

    @Test
    void rejects_another_archive_and_tells_when_it_has_expired_or_an_mp3_was_deleted() {
        String id = done("talk.mp4", mp3(30));
        String url = json(post("/archives", Map.of("jobs", List.of(id)))).get("url").asString();
        String second = json(post("/archives", Map.of("jobs", List.of(id)))).get("url").asString();
        for (String changed :
                List.of(
                        url.replaceFirst("s=.*", "s=" + parameter(second, "s")),
                        url.replaceFirst("e=\\d+", "e=99999999999"),
                        url.replaceFirst("[?].*", "")))
            assertProblem(follow(changed), 403, "bad-link");
        DownloadLinks links = gateway.bean(DownloadLinks.class);
        String old = url.replaceFirst(".*/archives/([0-9a-f]+).*", "$1");
        assertProblem(
                gateway.send(gateway.request(links.toArchive(old, Instant.now().minusSeconds(1)))),
                410,
                "link-expired");
        assertProblem(
                gateway.send(
                        gateway.request(links.toArchive(UNKNOWN, Instant.now().plusSeconds(60)))),
                410,
                "link-expired");
        assertThat(follow(url).statusCode()).isEqualTo(200);
        ann.delete("/jobs/" + id);
        HttpResponse<String> answer = follow(url);
        assertProblem(answer, 410, "gone");
        assertThat(json(answer).get("job").asString()).isEqualTo(id);
    }

    @Test
    void keeps_the_latest_hundred_archives_of_a_user() {
        String id = done("talk.mp4", mp3(30));
        String first = json(post("/archives", Map.of("jobs", List.of(id)))).get("url").asString();
        for (int i = 1; i < 100; i++) post("/archives", Map.of("jobs", List.of(id)));
        assertThat(follow(first).statusCode()).isEqualTo(200);
        post("/archives", Map.of("jobs", List.of(id)));
        assertProblem(follow(first), 410, "link-expired");
    }
}
