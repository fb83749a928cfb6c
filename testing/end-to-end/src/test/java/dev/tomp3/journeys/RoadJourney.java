package dev.tomp3.journeys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Heard;
import dev.tomp3.converter.TestMedia.Kind;
import jakarta.mail.internet.MimeMessage;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** From the login to an MP3 that can be heard, on one media store. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RoadJourney {
    private static final int HERTZ = 440;
    private static final double SECONDS = 3;

    private Path directory;
    private Deployment system;
    private GreenMail mail;
    private TestMedia media;
    private User admin;
    private User ada;
    private User eve;

    /**
     * Starts the system.
     *
     * @param environment what its services are told beyond what they need
     */
    abstract Deployment start(Path directory, Map<String, String> environment);

    /** Where mails are listened for. */
    String mailAddress() {
        return "127.0.0.1";
    }

    /** The name by which the notifier reaches this machine. */
    String mailHost() {
        return "127.0.0.1";
    }

    @BeforeAll
    void begin(@TempDir Path temporary) throws Exception {
        directory = temporary;
        mail = new GreenMail(new ServerSetup(0, mailAddress(), ServerSetup.PROTOCOL_SMTP));
        mail.start();
        Map<String, String> all = new HashMap<>();
        all.put("SMTP_HOST", mailHost());
        all.put("SMTP_PORT", Integer.toString(mail.getSmtp().getPort()));
        all.put("SMTP_STARTTLS", "false");
        all.put("MAX_UPLOAD", "60MB");
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
        PipedOutputStream out = new PipedOutputStream();
        CompletableFuture<HttpResponse<String>> answer =
                ada.beginUpload("long.wav", new PipedInputStream(out, 1 << 16));
        out.write(video, 0, half);
        await().atMost(Duration.ofSeconds(30)).until(() -> busy() > 0);
        Instant begun = Instant.now();
        out.write(video, half, video.length - half);
        out.close();
        assertThat(answer.get(1, TimeUnit.MINUTES).statusCode()).isEqualTo(202);
        String id = User.JSON.readTree(answer.get().body()).get("id").asString();
        JsonNode job = ada.settled(id);
        assertThat(Instant.parse(job.get("started_at").asString())).isBefore(begun);
        assertThat(job.get("attempt").asInt()).isEqualTo(1);
        assertTone(heard(id), HERTZ, 125);
    }

    @Test
    void an_upload_that_fails_takes_its_conversion_with_it() throws Exception {
        byte[] video = Files.readAllBytes(media.tone(Kind.WAV, HERTZ, 125));
        String before = ada.get("/jobs").body();
        PipedOutputStream out = new PipedOutputStream();
        CompletableFuture<HttpResponse<String>> answer =
                ada.beginUpload("long.wav", new PipedInputStream(out, 1 << 16));
        out.write(video, 0, video.length / 2);
        await().atMost(Duration.ofSeconds(30)).until(() -> busy() > 0);
        answer.cancel(true);
        await().atMost(Duration.ofSeconds(30)).until(() -> busy() == 0);
        assertThat(ada.get("/jobs").body()).isEqualTo(before);
    }

    private int busy() {
        return Http.get(system.converter().resolve("/metrics"))
                .body()
                .lines()
                .filter(line -> line.startsWith("converter_workers_busy "))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    @Test
    void audio_that_is_mp3_already_is_copied_unless_something_else_is_asked_for() {
        Path source = media.tone(Kind.MP3, 550, SECONDS);
        Heard copied = heard(ada.convert(source));
        assertTone(copied, 550, SECONDS);
        Heard encoded = heard(ada.convert(source, "bitrate=64", "mono=true"));
        assertTone(encoded, 550, SECONDS);
        assertThat(encoded.channels()).isEqualTo(1);
        assertThat(copied.channels()).isEqualTo(2);
    }

    @Test
    void options_are_obeyed() {
        Path source = media.tone(Kind.MP4, 660, SECONDS);
        Heard low = heard(ada.convert(source, "sample_rate=16000", "bitrate=32", "mono=true"));
        assertTone(low, 660, SECONDS);
        assertThat(low.sampleRate()).isEqualTo(16_000);
        Heard variable = heard(ada.convert(source, "quality=2"));
        assertTone(variable, 660, SECONDS);
        HttpResponse<String> refused = ada.tryUpload(source, "bitrate=320", "sample_rate=8000");
        assertProblem(refused, 400, "invalid-options");
        assertThat(refused.body()).contains("32000");
    }

    @Test
    void the_track_with_the_default_flag_is_taken() {
        Path two =
                media.make(
                        "two-tracks.mkv",
                        List.of(
                                "-f",
                                "lavfi",
                                "-i",
                                "sine=frequency=300:duration=3",
                                "-f",
                                "lavfi",
                                "-i",
                                "sine=frequency=900:duration=3",
                                "-map",
                                "0:a",
                                "-map",
                                "1:a",
                                "-c:a",
                                "aac",
                                "-disposition:a:0",
                                "0",
                                "-disposition:a:1",
                                "default"));
        assertTone(heard(ada.convert(two)), 900, 3);
    }

    @Test
    void surround_becomes_stereo() {
        Path surround =
                media.make(
                        "surround.mkv",
                        List.of(
                                "-f",
                                "lavfi",
                                "-i",
                                "sine=frequency=500:duration=3,pan=5.1|FL=0*c0|FC=c0",
                                "-c:a",
                                "ac3"));
        Heard heard = heard(ada.convert(surround));
        assertTone(heard, 500, 3);
        assertThat(heard.channels()).isEqualTo(2);
    }

    @Test
    void a_cover_and_a_title_come_along() {
        Path sample = Path.of("..", "..", "samples", "test.mp4");
        String id = ada.convert(sample);
        String description = media.describe(ada.download(id, directory.resolve("sample.mp3")));
        assertThat(description).contains("attached pic").containsPattern("title +: ");
    }

    @Test
    void what_is_no_media_is_refused_before_there_is_a_job() throws Exception {
        Path canary = media.tone(Kind.WAV, 1000, 1);
        int before = jobs(eve).size();
        for (Path file :
                List.of(
                        media.text("text.mp4", "Not a video at all. ".repeat(100)),
                        media.playlist("playlist.mp4", canary),
                        media.concatenation("list.mp4", canary),
                        media.text("page.mp4", "<html><body>hello</body></html>"),
                        media.text("drawing.mp4", "<?xml version=\"1.0\"?><svg/>"))) {
            assertProblem(eve.tryUpload(file), 415, "not-media");
        }
        assertProblem(eve.tryUpload(media.text("empty.mp4", "")), 400, "empty-file");
        assertThat(jobs(eve)).hasSize(before);
    }

    @Test
    void what_cannot_be_converted_fails_with_its_reason() throws Exception {
        Path silent =
                media.make(
                        "no-audio.mp4",
                        List.of(
                                "-f",
                                "lavfi",
                                "-i",
                                "testsrc=size=176x144:rate=25:duration=2",
                                "-c:v",
                                "mpeg4"));
        assertThat(ada.failure(silent)).isEqualTo("no-audio-track");
        assertThat(ada.failure(media.truncated(media.tone(Kind.MP4, HERTZ, 20), 0.5)))
                .isEqualTo("corrupt");
        assertThat(ada.failure(media.truncated(media.tone(Kind.MP4_MOOV_LAST, HERTZ, 20), 0.5)))
                .isEqualTo("corrupt");
        assertThat(ada.failure(media.truncated(media.tone(Kind.MKV, HERTZ, 20), 0.5)))
                .isEqualTo("corrupt");
        // the first bytes of a container, and then nothing of it
        Path rubbish = media.text("rubbish.mp4", "\0\0\0\30ftypisom" + "rubbish ".repeat(1000));
        assertThat(ada.failure(rubbish)).isIn("not-media", "corrupt");
        // and the next good one is none the worse
        assertTone(heard(ada.convert(media.tone(Kind.MP4, 770, SECONDS))), 770, SECONDS);
    }

    @Test
    void one_sees_only_what_is_ones_own_and_an_administrator_everything() {
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
    void an_mp3_is_fetched_in_parts_and_under_its_own_name() throws Exception {
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

    @Test
    void the_owner_is_told_once_and_an_unconfirmed_address_gets_no_mail() throws Exception {
        String id = admin.convert(media.tone(Kind.M4A, 360, 1));
        await().atMost(Duration.ofSeconds(30)).until(() -> mailsAbout(id).size() == 1);
        MimeMessage told = mailsAbout(id).getFirst();
        assertThat(told.getAllRecipients()[0]).hasToString("admin@localhost");
        String adas = ada.convert(media.tone(Kind.M4A, 370, 1));
        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        system.log().stream()
                                .anyMatch(line ->
                                        line.contains(
                                                "mp3 ready fid="
                                                        + adas
                                                        + " user=ada@example.org")));
        assertThat(mailsAbout(adas)).isEmpty();
        assertThat(mailsAbout(id)).hasSize(1);
    }

    @Test
    void a_disabled_user_is_out_within_half_a_minute_and_back_when_enabled() {
        User mallory = User.register(system.gateway(), "mallory@example.org", "let me in please");
        String id = subject(mallory);
        assertThat(mallory.get("/jobs").statusCode()).isEqualTo(200);
        assertThat(admin.send("PATCH", "/users/" + id, Map.of("disabled", true)).statusCode())
                .isEqualTo(200);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> mallory.get("/jobs").statusCode() == 401);
        String account = "mallory@example.org:let me in please";
        assertThat(User.tryLogin(system.gateway(), account).statusCode()).isEqualTo(401);
        assertThat(admin.send("PATCH", "/users/" + id, Map.of("disabled", false)).statusCode())
                .isEqualTo(200);
        assertThat(User.tryLogin(system.gateway(), account).statusCode()).isEqualTo(200);
    }

    @Test
    void a_password_is_changed_and_a_user_deleted_with_all_that_is_the_users() {
        User bob = User.register(system.gateway(), "bob@example.org", "first password");
        String id = bob.convert(media.tone(Kind.M4A, 380, 1));
        var changed =
                bob.send(
                        "POST",
                        "/password",
                        Map.of("old", "first password", "new", "second password"));
        assertThat(changed.statusCode()).as(changed.body()).isEqualTo(204);
        assertThat(User.tryLogin(system.gateway(), "bob@example.org:first password").statusCode())
                .isEqualTo(401);
        User again = User.login(system.gateway(), "bob@example.org:second password");
        assertThat(admin.delete("/users/" + subject(again)).statusCode()).isEqualTo(204);
        assertThat(admin.job(id).get("status").asString()).isEqualTo("expired");
        assertThat(User.tryLogin(system.gateway(), "bob@example.org:second password").statusCode())
                .isEqualTo(401);
    }

    @Test
    void every_service_tells_its_health_and_its_metrics() {
        ada.convert(media.tone(Kind.M4A, 390, 1));
        for (URI service :
                List.of(
                        system.gateway(),
                        system.auth(),
                        system.converter(),
                        system.notification())) {
            for (String path : List.of("/health/live", "/health/ready", "/metrics")) {
                assertThat(Http.get(service.resolve(path)).statusCode())
                        .as(service + path)
                        .isEqualTo(200);
            }
        }
        assertThat(Http.get(system.gateway().resolve("/metrics")).body())
                .containsPattern(
                        "http_requests_total\\{method=\"POST\",path=\"/upload\",status=\"202\"\\}"
                                + " [1-9]");
        assertThat(Http.get(system.converter().resolve("/metrics")).body())
                .containsPattern("converter_jobs_total\\{result=\"success\"\\} [1-9]")
                .contains("converter_jobs_total{result=\"error\"}")
                .contains("converter_job_duration_seconds_bucket");
        assertThat(Http.get(system.notification().resolve("/metrics")).body())
                .contains("notification_jobs_total{result=\"success\"}")
                .contains("notification_jobs_total{result=\"error\"}");
        assertThat(Http.get(system.gateway().resolve("/v3/api-docs")).body())
                .contains("/upload", "/download");
        assertThat(Http.get(system.gateway().resolve("/v3/api-docs/accounts")).body())
                .contains("/login", "/register", "\"url\":\"/\"")
                .doesNotContain("/validate");
        assertThat(Http.get(system.gateway().resolve("/swagger-ui/index.html")).statusCode())
                .isEqualTo(200);
        HttpResponse<String> redirect = Http.get(system.auth().resolve("/apidocs/"));
        assertThat(redirect.statusCode()).isEqualTo(302);
        URI page = system.auth().resolve(redirect.headers().firstValue("Location").orElseThrow());
        assertThat(Http.get(page).body()).contains("swagger-ui");
    }

    private List<MimeMessage> mailsAbout(String id) {
        return Stream.of(mail.getReceivedMessages())
                .filter(message -> {
                    try {
                        return message.getMessageID().contains(id);
                    } catch (jakarta.mail.MessagingException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    private String subject(User user) {
        HttpRequest.Builder request = user.request("/validate");
        URI there = system.auth().resolve("/validate");
        HttpResponse<String> answer =
                User.send(request.uri(there).POST(HttpRequest.BodyPublishers.noBody()));
        return User.JSON.readTree(answer.body()).get("sub").asString();
    }

    private Heard heard(String id) {
        return media.listen(ada.download(id, directory.resolve(id + ".mp3")));
    }

    private static List<String> jobs(User user) {
        return ids(user.get("/jobs?limit=100"));
    }

    private static List<String> ids(HttpResponse<String> page) {
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
