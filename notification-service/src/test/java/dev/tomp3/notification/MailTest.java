package dev.tomp3.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetupTest;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Source;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Options;
import dev.tomp3.notification.MailProperties.StartTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

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
    void leaves_without_tls_when_the_server_has_none_and_there_is_no_password() throws Exception {
        mail("", "", StartTls.TRUE).send(job());
        assertThat(server.getReceivedMessages()).hasSize(1);
    }

    @Test
    void does_not_leave_without_tls_when_it_is_required() {
        assertNotSent(mail("", "", StartTls.REQUIRED), "STARTTLS");
    }

    @Test
    void does_not_show_the_password_to_a_server_without_tls() {
        assertNotSent(mail("tomp3", "swordfish", StartTls.TRUE), "STARTTLS");
    }

    @Test
    void logs_in_without_tls_when_told_so() throws Exception {
        mail("tomp3", "swordfish", StartTls.FALSE).send(job());
        assertThat(server.getReceivedMessages()).hasSize(1);
    }

    @Test
    void waits_for_a_person_when_the_login_is_refused() {
        assertNotSent(mail("tomp3", "sardine", StartTls.FALSE), "535");
    }

    @Test
    void does_not_wait_for_ever_for_a_server_that_says_nothing() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Mail mail = mail(silent.getLocalPort(), "", "", StartTls.TRUE);
            long begun = System.nanoTime();
            assertThatThrownBy(() -> mail.send(job()))
                    .isInstanceOfSatisfying(
                            Mail.NotSent.class, e -> assertThat(e.forGood()).isFalse());
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(15));
        }
    }

    @Test
    void leaves_a_server_alone_for_as_long_as_it_kept_a_mail_waiting_for_nothing()
            throws Exception {
        AtomicLong nanos = new AtomicLong();
        AtomicInteger asked = new AtomicInteger();
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual()
                    .start(() -> {
                        while (true) {
                            try (Socket _ = silent.accept()) {
                                asked.incrementAndGet();
                                nanos.addAndGet(Duration.ofSeconds(5).toNanos());
                            } catch (IOException e) {
                                return; // the test is over
                            }
                        }
                    });
            Mail mail =
                    new Mail(
                            new MailProperties(
                                    "127.0.0.1",
                                    silent.getLocalPort(),
                                    "",
                                    "",
                                    "tomp3@localhost",
                                    StartTls.TRUE),
                            URI.create("http://localhost:8080"),
                            Clock.systemUTC(),
                            nanos::get);
            for (int i = 0; i < 10; i++) assertNotSent(mail, "");
            assertThat(asked).hasValue(1);
            nanos.addAndGet(Duration.ofSeconds(5).toNanos());
            for (int i = 0; i < 10; i++) assertNotSent(mail, "");
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void does_not_leave_a_server_alone_that_said_no() {
        Mail mail = mail("tomp3", "sardine", StartTls.FALSE);
        assertNotSent(mail, "535");
        assertNotSent(mail, "535");
    }

    @Test
    void reaches_nobody_without_a_server() {
        Mail none = mail(new MailProperties("", 25, "", "", "tomp3@localhost", StartTls.TRUE));
        assertThat(none.reaches(job().owner())).isFalse();
        assertThat(mail("", "", StartTls.TRUE).reaches(job().owner())).isTrue();
        assertThat(mail("", "", StartTls.TRUE).reaches(new Owner("a", "a@x.org", false))).isFalse();
    }

    private void assertNotSent(Mail mail, String reason) {
        assertThatThrownBy(() -> mail.send(job()))
                .isInstanceOfSatisfying(Mail.NotSent.class, e -> assertThat(e.forGood()).isFalse())
                .hasMessageContaining(reason)
                .message()
                .doesNotContain("swordfish", "sardine");
        assertThat(server.getReceivedMessages()).isEmpty();
    }

    private Mail mail(String user, String password, StartTls startTls) {
        return mail(server.getSmtp().getPort(), user, password, startTls);
    }

    private static Mail mail(int port, String user, String password, StartTls startTls) {
        return mail(
                new MailProperties(
                        "127.0.0.1",
                        port,
                        user,
                        password,
                        "tomp3 <noreply@example.org>",
                        startTls));
    }

    private static Mail mail(MailProperties properties) {
        return new Mail(properties, URI.create("http://localhost:8080"), Clock.systemUTC());
    }

    private static Job job() {
        return new Job(
                "652f1b2c3d4e5f6071829304",
                new Owner("ada", "ada@example.org", true),
                new Source("a.mp4", 1000, true, 0, true, false),
                Options.NONE,
                Status.DONE,
                100,
                0,
                1,
                0,
                NOW,
                null,
                new Job.Result("652f1b2c3d4e5f6071829304-1", 100, 1000),
                null,
                new Job.Announcement(false, 0, NOW),
                NOW,
                NOW,
                NOW,
                null);
    }
}
