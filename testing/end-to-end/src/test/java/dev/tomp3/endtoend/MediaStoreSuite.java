package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Heard;
import dev.tomp3.converter.TestMedia.Kind;
import dev.tomp3.jobs.Job;
import dev.tomp3.servers.Wire;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * What a user does that depends on the media store: uploads, conversions, downloads and deletion.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MediaStoreSuite {
    private static final long EARLY = Job.EARLY_CLAIM_BYTES;
    static final int HERTZ = 440;
    static final double SECONDS = 3;

    Path directory;
    Deployment system;
    GreenMail mail;
    TestMedia media;
    User admin;
    User ada;
    User eve;

    /**
     * Starts the system.
     *
     * @param environment settings of its services, in addition to the required ones
     */
    abstract Deployment start(Path directory, Map<String, String> environment);

    /** The address at which the mail server of the test listens. */
    String mailAddress() {
        return "127.0.0.1";
    }

    /** The name under which the notifier reaches the mail server of the test. */
    String mailHost() {
        return "127.0.0.1";
    }

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        directory = temporary;
        ServerSetup setup = new ServerSetup(0, mailAddress(), ServerSetup.PROTOCOL_SMTP);
        setup.setServerStartupTimeout(20_000); // the default of 2 s is short for a busy machine
        mail = new GreenMail(setup);
        mail.start();
        Map<String, String> all = new HashMap<>();
        all.put("SMTP_HOST", mailHost());
        all.put("SMTP_PORT", Integer.toString(mail.getSmtp().getPort()));
        all.put("SMTP_STARTTLS", "false");
        all.put("MAX_UPLOAD", "60MB");
        all.put("MAX_LOGINS_PER_MINUTE", "0");
        all.put("MAX_REQUESTS_PER_MINUTE_PER_ADDRESS", "0");
        all.put("MAX_CONNECTIONS_PER_ADDRESS", "1000");
        all.put("MAX_DURATION", "3h");
        media = TestMedia.in(Files.createDirectory(directory.resolve("media")));
        system = start(directory, all);
        admin = User.login(system.gateway(), system.administrator());
        ada = User.register(system.gateway(), "Ada@Example.org", "correct horse");
        eve = User.register(system.gateway(), "eve@example.org", "pässwörter");
    }

    @AfterAll
    void stop() {
        if (system != null) system.close();
        if (mail != null) mail.stop();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"MP4", "MP4_MOOV_LAST", "MP4_FRAGMENTED", "MKV", "WEBM", "MOV", "AVI", "FLAC"})
    void a_video_becomes_an_mp3_that_sounds_like_it(Kind kind) {
        String id = ada.convert(media.tone(kind, HERTZ, SECONDS));
        JsonNode job = ada.job(id);
        Path mp3 = ada.download(id, directory.resolve(id + ".mp3"));
        assertTone(media.listen(mp3), HERTZ, SECONDS);
        assertThat(job.get("progress").asInt()).isEqualTo(100);
        assertThat(job.get("mp3_bytes").asLong()).isEqualTo(mp3.toFile().length());
        assertThat(job.get("duration_ms").asLong()).isCloseTo((long) (SECONDS * 1000), within(50L));
        assertThat(job.get("links").get("download").asString()).isEqualTo("/download?fid=" + id);
    }

    @Test
    void a_long_upload_is_converted_while_it_arrives() throws Exception {
        byte[] video = Files.readAllBytes(media.tone(Kind.WAV, HERTZ, 125));
        int half = video.length / 2;
        List<String> before = jobs(ada);
        awaitIdle();
        PipedOutputStream out = new PipedOutputStream();
        CompletableFuture<HttpResponse<String>> answer =
                ada.beginUpload("long.wav", new PipedInputStream(out, 1 << 16));
        out.write(video, 0, half);
        List<String> uploading = new ArrayList<>(jobs(ada));
        uploading.removeAll(before);
        assertThat(uploading).as("the upload is listed").hasSize(1);
        String id = uploading.getFirst();
        String begun = awaitStart(id);
        out.write(video, half, video.length - half);
        out.close();
        assertThat(answer.get(1, TimeUnit.MINUTES).statusCode()).isEqualTo(202);
        assertThat(User.JSON.readTree(answer.get().body()).get("id").asString()).isEqualTo(id);
        JsonNode job = ada.settled(id);
        assertThat(job.get("started_at").asString()).isEqualTo(begun);
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        assertTone(heard(id), HERTZ, 125);
    }

    @Test
    void an_upload_whose_connection_breaks_in_every_piece_is_converted_while_it_arrives()
            throws Exception {
        Path video = media.tone(Kind.WAV, HERTZ, 62);
        try (Wire wire = new Wire(system.gateway().getHost(), system.gateway().getPort())) {
            URI gateway = URI.create("http://127.0.0.1:" + wire.port());
            AtomicInteger breaks = new AtomicInteger();
            AtomicReference<@Nullable String> begun = new AtomicReference<>();
            awaitIdle();
            String id =
                    new Tus(ada)
                            .upload(
                                    gateway,
                                    video,
                                    upload -> {
                                        wire.cut();
                                        wire.mend();
                                        breaks.incrementAndGet();
                                        if (begun.get() != null || received(upload) < EARLY) return;
                                        begun.set(awaitStart(upload));
                                    });
            assertThat(breaks.get()).isGreaterThan(Math.toIntExact(EARLY / Tus.PIECE));
            JsonNode job = ada.settled(id);
            assertThat(job.get("started_at").asString()).isEqualTo(begun.get());
            assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("done");
            assertThat(job.get("size_bytes").asLong()).isEqualTo(Files.size(video));
            assertTone(heard(id), HERTZ, 62);
        }
    }

    /** When the conversion of an upload began, which has to be before its last byte. */
    private String awaitStart(String id) {
        await().atMost(Duration.ofSeconds(30)).until(() -> !ada.job(id).get("started_at").isNull());
        JsonNode job = ada.job(id);
        assertThat(job.get("status").asString()).isEqualTo("uploading");
        return job.get("started_at").asString();
    }

    /** The end of an earlier test's conversion. */
    private void awaitIdle() {
        await().atMost(Duration.ofSeconds(30)).until(() -> busy() == 0);
    }

    private long received(String id) {
        return ada.job(id).get("received_bytes").asLong();
    }

    @Test
    void a_failed_upload_ends_its_conversion() throws Exception {
        byte[] video = Files.readAllBytes(media.tone(Kind.WAV, HERTZ, 125));
        List<String> before = jobs(ada);
        awaitIdle();
        double converted = metric("converter_jobs_total{result=\"success\"}");
        PipedOutputStream out = new PipedOutputStream();
        CompletableFuture<HttpResponse<String>> answer =
                ada.beginUpload("long.wav", new PipedInputStream(out, 1 << 16));
        int half = video.length / 2;
        out.write(video, 0, half);
        await().atMost(Duration.ofSeconds(30)).until(() -> busy() > 0);
        assertThat(jobs(ada)).as("the upload is listed").hasSize(before.size() + 1);
        // the converter waits 5 seconds for the next byte of an upload, from here on
        out.write(video, half, 200_000);
        answer.cancel(true);
        await("the conversion ends before an upload that stalls would be released")
                .atMost(Duration.ofSeconds(4))
                .until(() -> busy() == 0 && !system.ffmpegRuns());
        assertThat(metric("converter_jobs_total{result=\"success\"}")).isEqualTo(converted);
        await().atMost(Duration.ofSeconds(5)).until(() -> jobs(ada).equals(before));
    }

    @Test
    void users_see_only_their_own_jobs_and_administrators_see_all() {
        String id = ada.convert(media.tone(Kind.M4A, 330, 1));
        for (String path : List.of("/jobs/" + id, "/download?fid=" + id)) {
            assertProblem(eve.get(path), 404, "not-found");
            assertThat(admin.get(path).statusCode()).isEqualTo(200);
        }
        assertProblem(eve.delete("/jobs/" + id), 404, "not-found");
        assertThat(jobs(eve)).doesNotContain(id);
        String owner = subject(ada);
        assertThat(ids(admin.get("/jobs?owner=" + owner))).contains(id);
        assertProblem(eve.get("/jobs?owner=" + owner), 403, "forbidden");

        assertThat(admin.delete("/jobs/" + id).statusCode()).isEqualTo(204);
        assertThat(admin.delete("/jobs/" + id).statusCode()).isEqualTo(204);
        assertThat(ada.job(id).get("status").asString()).isEqualTo("expired");
        assertProblem(ada.get("/download?fid=" + id), 410, "gone");
    }

    @Test
    void a_conversion_is_cancelled() throws Exception {
        String id = ada.upload(SlowFile.in(directory, 60), SlowFile.OPTIONS);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> ada.job(id).get("status").asString().equals("converting"));
        HttpResponse<String> early = ada.get("/download?fid=" + id);
        assertProblem(early, 409, "not-ready");
        assertThat(User.JSON.readTree(early.body()).get("job_status").asString())
                .isEqualTo("converting");
        assertThat(ada.delete("/jobs/" + id).statusCode()).isEqualTo(204);
        assertThat(ada.job(id).get("status").asString()).isEqualTo("cancelled");
        assertProblem(ada.get("/download?fid=" + id), 410, "gone");
        await("ffmpeg has gone").atMost(Duration.ofSeconds(10)).until(() -> !system.ffmpegRuns());
    }

    @Test
    void downloads_ranges_of_an_mp3_under_the_name_of_the_video() throws Exception {
        Path named =
                Files.move(media.tone(Kind.M4A, 350, 2), directory.resolve("Grüße \"aus\" 東京.m4a"));
        String id = ada.convert(named);
        byte[] whole = Files.readAllBytes(ada.download(id, directory.resolve("whole.mp3")));
        var part = Http.bytes(ada.request("/download?fid=" + id).header("Range", "bytes=100-199"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(whole, 100, 200));
        assertThat(part.headers().firstValue("Content-Range"))
                .contains("bytes 100-199/" + whole.length);
        String disposition = part.headers().firstValue("Content-Disposition").orElseThrow();
        assertThat(disposition)
                .contains("filename*=UTF-8''Gr%C3%BC%C3%9Fe")
                .contains("%E6%9D%B1%E4%BA%AC.mp3");
        String tag = part.headers().firstValue("ETag").orElseThrow();
        var same = Http.bytes(ada.request("/download?fid=" + id).header("If-None-Match", tag));
        assertThat(same.statusCode()).isEqualTo(304);
        var head =
                Http.bytes(
                        ada.request("/download?fid=" + id)
                                .method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(whole.length);
        var beyond =
                Http.bytes(ada.request("/download?fid=" + id).header("Range", "bytes=99999999-"));
        assertThat(beyond.statusCode()).isEqualTo(416);
    }

    private double busy() {
        return metric("converter_workers_busy");
    }

    private double metric(String series) {
        return Http.get(system.converter().resolve("/metrics"))
                .body()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
                .sum();
    }

    String subject(User user) {
        HttpRequest.Builder request = user.request("/validate");
        URI there = system.auth().resolve("/validate");
        HttpResponse<String> answer =
                User.send(request.uri(there).POST(HttpRequest.BodyPublishers.noBody()));
        return User.JSON.readTree(answer.body()).get("sub").asString();
    }

    Heard heard(String id) {
        return media.listen(ada.download(id, directory.resolve(id + ".mp3")));
    }

    static List<String> jobs(User user) {
        return ids(user.get("/jobs?limit=100"));
    }

    static List<String> ids(HttpResponse<String> page) {
        return User.JSON
                .readTree(page.body())
                .get("items")
                .valueStream()
                .map(job -> job.get("id").asString())
                .toList();
    }

    static void assertTone(Heard heard, int hertz, double seconds) {
        assertThat(heard.codec()).isEqualTo("mp3");
        assertThat(heard.hertz()).isCloseTo(hertz, within(10));
        assertThat(heard.duration())
                .isCloseTo(Duration.ofMillis((long) (1000 * seconds)), Duration.ofMillis(50));
    }

    static void assertProblem(HttpResponse<String> answer, int status, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        assertThat(User.JSON.readTree(answer.body()).get("type").asString())
                .isEqualTo("urn:tomp3:" + code);
    }
}
