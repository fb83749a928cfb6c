package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.TestMedia.Heard;
import dev.tomp3.converter.TestMedia.Kind;
import jakarta.mail.internet.MimeMessage;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Everything that a user and an administrator do, from the login to the mail about an MP3. */
abstract class JourneySuite extends MediaStoreSuite {
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
    void applies_the_options() {
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
    void converts_the_audio_track_with_the_default_flag() {
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
    void keeps_the_cover_and_the_title() {
        Path sample = Path.of("..", "..", "samples", "test.mp4");
        String id = ada.convert(sample);
        String description = media.describe(ada.download(id, directory.resolve("sample.mp3")));
        assertThat(description).contains("attached pic").containsPattern("title +: ");
    }

    @Test
    void a_webhook_reaches_nothing_that_is_not_public() throws Exception {
        try (ServerSocket inside = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HttpResponse<String> added =
                    eve.send(
                            "POST",
                            "/webhooks",
                            Map.of("url", "http://127.0.0.1:" + inside.getLocalPort() + "/"));
            assertThat(added.statusCode()).as(added.body()).isEqualTo(201);
            String webhook = "/webhooks/" + User.JSON.readTree(added.body()).get("id").asString();
            assertThat(eve.send("POST", webhook + "/test", Map.of()).statusCode()).isEqualTo(202);
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(eve.get(webhook + "/deliveries").body())
                                    .contains(
                                            "\"status\":\"failed\"",
                                            "\"error\":\"address-not-public\""));
            inside.setSoTimeout(1);
            assertThatThrownBy(inside::accept).isInstanceOf(SocketTimeoutException.class);
            assertThat(eve.delete(webhook).statusCode()).isEqualTo(204);
        }
    }

    @Test
    void rejects_a_file_that_is_not_media_without_creating_a_job() throws Exception {
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
    void a_file_that_cannot_be_converted_fails_with_its_reason() throws Exception {
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
        Path index = media.truncated(media.tone(Kind.MP4_MOOV_LAST, HERTZ, 20), 0.5);
        assertThat(ada.failure(index)).isEqualTo("corrupt");
        Path truncated = media.truncated(media.tone(Kind.MKV, HERTZ, 20), 0.5);
        assertThat(ada.failure(truncated, "damaged=fail")).isEqualTo("corrupt");
        assertThat(ada.job(ada.convert(truncated)).at("/warnings/0/code").asString())
                .isEqualTo("truncated");
        // the first bytes of a container, and then nothing of it
        Path rubbish = media.text("rubbish.mp4", "\0\0\0\30ftypisom" + "rubbish ".repeat(1000));
        assertThat(ada.failure(rubbish)).isIn("not-media", "corrupt");
        // and the next good one is none the worse
        assertTone(heard(ada.convert(media.tone(Kind.MP4, 770, SECONDS))), 770, SECONDS);
    }

    @Test
    void notifies_the_owner_once_and_sends_no_mail_to_an_unconfirmed_address() throws Exception {
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
    void a_disabled_user_is_locked_out_within_30_seconds_until_enabled() {
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
    void a_user_changes_the_password_and_is_deleted_with_all_jobs() {
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
    void every_service_serves_its_health_and_its_metrics() {
        ada.convert(media.tone(Kind.M4A, 390, 1));
        for (URI service :
                List.of(
                        system.gatewayMetrics(),
                        system.authMetrics(),
                        system.converter(),
                        system.notification())) {
            for (String path : List.of("/health/live", "/health/ready", "/metrics")) {
                assertThat(Http.get(service.resolve(path)).statusCode())
                        .as(service + path)
                        .isEqualTo(200);
            }
        }
        assertThat(Http.get(system.gatewayMetrics().resolve("/metrics")).body())
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
        assertThat(Http.page(system.auth().resolve("/apidocs/"))).contains("swagger-ui");
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
}
