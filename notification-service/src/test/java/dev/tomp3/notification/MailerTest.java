package dev.tomp3.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetupTest;
import dev.tomp3.jobs.DownloadLinks;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Source;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Options;
import dev.tomp3.notification.MailProperties.StartTls;
import dev.tomp3.platform.NanoClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static final Duration TIMEOUT = Duration.ofMillis(500);

    private static final Duration LINK_TTL = Duration.ofDays(7);

    private static final DownloadLinks links =
            new DownloadLinks(() -> new SecretKeySpec(new byte[32], DownloadLinks.ALGORITHM));

    private final GreenMail server = new GreenMail(ServerSetupTest.SMTP.dynamicPort());

    @BeforeEach
    void start() {
        server.start();
        server.setUser("tomp3@example.org", "tomp3", "swordfish");
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void sends_without_tls_if_the_server_has_none_and_there_is_no_password() throws Exception {
        mailer("", "", StartTls.TRUE).send(job());
        assertThat(server.getReceivedMessages()).hasSize(1);
    }

    @Test
    void does_not_send_without_tls_if_it_is_required() {
        assertNotSent(mailer("", "", StartTls.REQUIRED), "STARTTLS");
    }

    @Test
    void does_not_send_the_password_to_a_server_without_tls() {
        assertNotSent(mailer("tomp3", "swordfish", StartTls.TRUE), "STARTTLS");
    }

    @Test
    void logs_in_without_tls_if_starttls_is_false() throws Exception {
        mailer("tomp3", "swordfish", StartTls.FALSE).send(job());
        assertThat(server.getReceivedMessages()).hasSize(1);
    }

    @Test
    void a_rejected_login_is_not_permanent() {
        assertNotSent(mailer("tomp3", "sardine", StartTls.FALSE), "535");
    }

    @Test
    void gives_up_on_a_server_that_does_not_answer_after_the_timeout() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Mailer mailer = mailer(silent.getLocalPort(), "", "", StartTls.TRUE);
            long start = System.nanoTime();
            assertThatThrownBy(() -> mailer.send(job()))
                    .isInstanceOfSatisfying(
                            Mailer.NotSentException.class,
                            e -> assertThat(e.permanent()).isFalse());
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(TIMEOUT)
                    .isLessThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void backs_off_for_as_long_as_a_failed_attempt_took() throws Exception {
        AtomicLong nanos = new AtomicLong();
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        while (true) {
                            try (Socket _ = silent.accept()) {
                                connections.incrementAndGet();
                                nanos.addAndGet(Duration.ofSeconds(5).toNanos());
                            } catch (IOException e) {
                                return; // the test is over
                            }
                        }
                    });
            Mailer mailer =
                    new Mailer(
                            new MailProperties(
                                    "127.0.0.1",
                                    silent.getLocalPort(),
                                    "",
                                    "",
                                    "tomp3@localhost",
                                    StartTls.TRUE,
                                    TIMEOUT,
                                    LINK_TTL),
                            URI.create("http://localhost:8080"),
                            links,
                            Clock.systemUTC(),
                            nanos::get);
            for (int i = 0; i < 10; i++) assertNotSent(mailer, "");
            assertThat(connections).hasValue(1);
            nanos.addAndGet(Duration.ofSeconds(5).toNanos());
            for (int i = 0; i < 10; i++) assertNotSent(mailer, "");
            assertThat(connections).hasValue(2);
        }
    }

    @Test
    void does_not_back_off_from_a_server_that_rejects_a_login() {
        Mailer mailer = mailer("tomp3", "sardine", StartTls.FALSE);
        assertNotSent(mailer, "535");
        assertNotSent(mailer, "535");
    }

    @Test
    void sends_to_nobody_without_a_server() {
        Mailer none =
                mailer(
                        new MailProperties(
                                "",
                                25,
                                "",
                                "",
                                "tomp3@localhost",
                                StartTls.TRUE,
                                TIMEOUT,
                                LINK_TTL));
        assertThat(none.sendsTo(job().owner())).isFalse();
        assertThat(mailer("", "", StartTls.TRUE).sendsTo(job().owner())).isTrue();
        assertThat(mailer("", "", StartTls.TRUE).sendsTo(new Owner("a", "a@x.org", false)))
                .isFalse();
    }

    private void assertNotSent(Mailer mailer, String reason) {
        assertThatThrownBy(() -> mailer.send(job()))
                .isInstanceOfSatisfying(
                        Mailer.NotSentException.class, e -> assertThat(e.permanent()).isFalse())
                .hasMessageContaining(reason)
                .message()
                .doesNotContain("swordfish", "sardine");
        assertThat(server.getReceivedMessages()).isEmpty();
    }

    private Mailer mailer(String user, String password, StartTls startTls) {
        return mailer(server.getSmtp().getPort(), user, password, startTls);
    }

    private static Mailer mailer(int port, String user, String password, StartTls startTls) {
        return mailer(
                new MailProperties(
                        "127.0.0.1",
                        port,
                        user,
                        password,
                        "tomp3 <noreply@example.org>",
                        startTls,
                        TIMEOUT,
                        LINK_TTL));
    }

    private static Mailer mailer(MailProperties properties) {
        return new Mailer(
                properties,
                URI.create("http://localhost:8080"),
                links,
                Clock.systemUTC(),
                NanoClock.system());
    }

    private static Job job() {
        return new Job(
                "652f1b2c3d4e5f6071829304",
                new Owner("ada", "ada@example.org", true),
                new Source("a.mp4", 1000, true),
                Options.NONE,
                Status.DONE,
                100,
                0,
                1,
                0,
                NOW,
                null,
                null,
                new Job.Result(100, 1000, List.of()),
                null,
                new Job.Notification(false, 0, NOW, null),
                NOW,
                NOW,
                NOW,
                null);
    }
}
