package dev.tomp3.notification;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tomp3.embedded.FreePort;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.ConversionConfiguration;
import dev.tomp3.jobs.DownloadLinks;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Result;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.UploadConfiguration;
import dev.tomp3.jobs.Warning;
import dev.tomp3.jobs.Webhook;
import dev.tomp3.jobs.WebhookConfiguration;
import dev.tomp3.jobs.WebhookDelivery;
import dev.tomp3.jobs.WebhookDelivery.Status;
import dev.tomp3.jobs.Webhooks;
import dev.tomp3.jobs.Webhooks.Change;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.notification.Receiver.Received;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestMongo;
import dev.tomp3.servers.Wire;
import jakarta.mail.BodyPart;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.web.util.UriComponentsBuilder;

/** The whole service with a broker, a document store and a mail server. */
@Tag("back-end")
@ExtendWith(OutputCaptureExtension.class)
class NotificationServiceIT {
    private static final Owner ADA = new Owner("a1", "ada@example.org", true);
    private static final Options AS_IT_IS = Options.NONE;
    private static final Result RESULT = new Result(100, 1000, List.of());

    private static TestBroker broker;
    private static TestMongo mongo;
    private static Wire wire;
    private static int smtpPort;
    private static ConfigurableApplicationContext service;

    private final Lines lines = new Lines();
    private GreenMail mailbox;

    @BeforeAll
    static void start() throws IOException {
        broker = TestBroker.empty();
        mongo = TestMongo.empty();
        wire = mongo.wire();
        smtpPort = FreePort.next();
        service = start("mp3", "127.0.0.1", mongo.uri(wire));
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        wire.close();
        mongo.close();
        broker.close();
    }

    @BeforeEach
    void captureLogAndMails() {
        captureLog();
        ServerSetup setup = new ServerSetup(smtpPort, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
        setup.setServerStartupTimeout(20_000); // the default of 2 s is short for a busy machine
        mailbox = new GreenMail(setup);
        mailbox.start();
    }

    /** Each start of a context configures Logback anew, which removes the appender. */
    private void captureLog() {
        Logger logger = (Logger) LoggerFactory.getLogger(Notifier.class);
        lines.setContext(logger.getLoggerContext());
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stopCapturing() {
        webhooks().deleteAllOf(ADA.id());
        mailbox.stop();
        ((Logger) LoggerFactory.getLogger(Notifier.class)).detachAppender(lines);
    }

    @Test
    void sends_one_mail_and_logs_one_line_when_an_mp3_is_ready() throws Exception {
        double before = count("success");
        Job job = done(ADA, "<b>Ä & \"ö\"</b> \u202e 日本.mp4");
        publish(job);
        awaitNotified(job);
        assertThat(mailbox.getReceivedMessages()).hasSize(1);
        MimeMessage mail = mailbox.getReceivedMessages()[0];
        assertThat(mail.getMessageID()).isEqualTo("<" + job.id() + "@tomp3>");
        assertThat(mail.getRecipients(RecipientType.TO))
                .containsExactly(new InternetAddress("ada@example.org"));
        assertThat(mail.getFrom()).containsExactly(new InternetAddress("tomp3@localhost"));
        assertThat(mail.getSubject()).isEqualTo("Your MP3 is ready: <b>Ä & \"ö\"</b>   日本.mp4");
        String address = link(part(mail, 0, "text/plain"));
        assertThat(address).startsWith("https://tomp3.example.org/d/" + job.id() + "?e=");
        Map<String, String> link =
                UriComponentsBuilder.fromUriString(address)
                        .build()
                        .getQueryParams()
                        .toSingleValueMap();
        long expiry = Long.parseLong(link.get("e"));
        assertThat(Duration.between(Instant.now(), Instant.ofEpochSecond(expiry)))
                .isBetween(Duration.ofDays(7).minusMinutes(1), Duration.ofDays(7));
        assertThat(
                        service.getBean(DownloadLinks.class)
                                .isToMp3(
                                        service.getBean(Jobs.class).find(job.id()).orElseThrow(),
                                        expiry,
                                        link.get("k"),
                                        link.get("s")))
                .isTrue();
        assertThat(part(mail, 0, "text/plain"))
                .contains("<b>Ä & \"ö\"</b>   日本.mp4", job.id(), address);
        assertThat(part(mail, 1, "text/html"))
                .contains(
                        "&lt;b&gt;Ä &amp; &quot;ö&quot;&lt;/b&gt;",
                        "日本",
                        job.id(),
                        "<a href=\"" + address.replace("&", "&amp;") + "\">")
                .doesNotContain("<b>Ä");
        assertThat(lines.of(job, Level.INFO))
                .containsExactly("mp3 ready fid=" + job.id() + " user=ada@example.org");
        await().untilAsserted(() -> assertThat(count("success")).isEqualTo(before + 1));
    }

    private static String link(String text) {
        return text.lines().filter(line -> line.startsWith("https://")).findFirst().orElseThrow();
    }

    @Test
    void the_mail_about_an_mp3_with_warnings_gives_them_in_plain_words() throws Exception {
        Job job = converting(ADA, "a.mp4");
        List<Warning> warnings =
                List.of(
                        new Warning(Warning.Code.GAPS_FILLED, "Silence fills 2 s.", 61_500L),
                        new Warning(
                                Warning.Code.OTHER_TRACK,
                                "Track \"<b>x</b>\r\nBcc: eve@example.org\" was left out.",
                                null));
        service.getBean(Attempts.class).succeed(job, new Result(100, 1000, warnings));
        publish(job);
        awaitNotified(job);
        MimeMessage mail = mailbox.getReceivedMessages()[0];
        assertThat(mail.getSubject()).isEqualTo("Your MP3 is ready: a.mp4");
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(part(mail, 0, "text/plain").lines())
                .contains(
                        "- At 1:01: Silence fills 2 s.",
                        "- Track \"<b>x</b> Bcc: eve@example.org\" was left out.");
        assertThat(part(mail, 1, "text/html"))
                .contains(
                        "<li>At 1:01: Silence fills 2 s.</li>",
                        "<li>Track &quot;&lt;b&gt;x&lt;/b&gt; Bcc: eve@example.org&quot;")
                .doesNotContain("<b>x");
        assertThat(lines.of(job, Level.INFO))
                .containsExactly(
                        "mp3 ready fid="
                                + job.id()
                                + " user=ada@example.org warnings=gaps-filled,other-track");
    }

    @Test
    void the_mail_about_a_failed_job_gives_the_reason() throws Exception {
        Job job = converting(ADA, "a.mp4");
        service.getBean(Attempts.class).fail(job, new Failure(Failure.Code.NO_AUDIO_TRACK));
        publisher().publish(new Event.ConversionFailed(job.id(), ADA.id()));
        awaitNotified(job);
        MimeMessage mail = mailbox.getReceivedMessages()[0];
        assertThat(mail.getSubject()).isEqualTo("No MP3 could be made of a.mp4");
        assertThat(part(mail, 0, "text/plain"))
                .contains("The file has no audio track.", job.id())
                .doesNotContain("download");
        assertThat(part(mail, 1, "text/html")).contains("The file has no audio track.", job.id());
        assertThat(lines.of(job, Level.INFO))
                .containsExactly(
                        "conversion failed fid="
                                + job.id()
                                + " user=ada@example.org code=no-audio-track");
    }

    @Test
    void a_file_name_cannot_add_headers_to_a_mail() throws Exception {
        Job job = done(ADA, "a.mp4\r\nBcc: eve@example.org\r\n\r\nbody " + "x".repeat(2000));
        publish(job);
        awaitNotified(job);
        assertThat(mailbox.getReceivedMessages()).hasSize(1);
        MimeMessage mail = mailbox.getReceivedMessages()[0];
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(mail.getSubject())
                .startsWith("Your MP3 is ready: a.mp4 Bcc: eve@example.org body xxx")
                .endsWith("\u2026")
                .hasSize(150);
    }

    @Test
    void sends_no_mail_to_an_unconfirmed_address_and_logs_one_line() {
        Job job = done(new Owner("e1", "eve@example.org\nmp3 ready fid=0 user=x", false), "a.mp4");
        publish(job);
        awaitNotified(job);
        assertThat(mailbox.getReceivedMessages()).isEmpty();
        assertThat(lines.of(job, Level.INFO))
                .containsExactly(
                        "mp3 ready fid="
                                + job.id()
                                + " user=eve@example.org mp3 ready fid=0 user=x");
    }

    @Test
    void notifies_once_even_if_the_message_is_delivered_again() {
        Job job = done(ADA, "a.mp4");
        publish(job);
        publish(job);
        awaitNotified(job);
        publish(job);
        Job last = done(ADA, "b.mp4");
        publish(last);
        awaitNotified(last);
        assertThat(mailbox.getReceivedMessages()).hasSize(2);
        assertThat(lines.of(job, Level.INFO)).hasSize(1);
    }

    @Test
    void sends_nothing_about_a_deleted_job() {
        Job job = done(ADA, "a.mp4");
        jobs().cancel(job.id());
        publish(job);
        awaitNotified(job);
        assertThat(mailbox.getReceivedMessages()).isEmpty();
        assertThat(lines.of(job, Level.INFO)).isEmpty();
    }

    @Test
    void dead_letters_unreadable_messages_and_handles_the_next_one() {
        rabbit().execute(channel -> channel.queuePurge("mp3.dead"));
        Job first = done(ADA, "a.mp4");
        Job second = done(ADA, "b.mp4");
        publish(first);
        awaitNotified(first);
        for (String unreadable :
                List.of(
                        "rubbish",
                        "",
                        "{\"type\":\"Unheard\",\"job\":\"" + second.id() + "\"}",
                        "{\"type\":\"VideoUploaded\",\"job\":\"" + second.id() + "\"}",
                        "{\"type\":\"Mp3Ready\",\"job\":\"../" + second.id() + "\"}",
                        "{\"type\":\"Mp3Ready\"}")) {
            send(unreadable);
        }
        send("{\"type\":\"Mp3Ready\",\"job\":\"ffffffffffffffffffffffff\",\"owner\":\"x\"}");
        publish(second);
        awaitNotified(second);
        await().untilAsserted(() -> assertThat(ready("mp3.dead")).isEqualTo(6));
        assertThat(ready("mp3")).isZero();
        assertThat(lines.containing("cannot be read")).hasSize(6);
    }

    @Test
    void retries_a_mail_while_the_mail_server_is_unavailable() throws Exception {
        double retries = metric("notification_retries_total");
        mailbox.stop();
        Job job = done(ADA, "a.mp4");
        publish(job);
        await().untilAsserted(() -> assertThat(notificationOf(job).tries()).isEqualTo(1));
        assertThat(notificationOf(job).sent()).isFalse();
        mailbox.start();
        awaitNotified(job);
        assertThat(metric("notification_retries_total")).isEqualTo(retries + 1);
        assertThat(mailbox.getReceivedMessages()).hasSize(1);
        assertThat(lines.of(job, Level.WARN)).hasSize(1);
        assertThat(lines.of(job, Level.INFO)).hasSize(1);
    }

    @Test
    void copies_of_a_message_are_one_attempt() throws Exception {
        mailbox.stop();
        Job job = done(ADA, "a.mp4");
        for (int i = 0; i < 8; i++) publish(job);
        Job next = done(ADA, "b.mp4");
        publish(next);
        await().untilAsserted(() -> assertThat(notificationOf(next).tries()).isEqualTo(1));
        assertThat(notificationOf(job).tries()).isEqualTo(1);
        mailbox.start();
        awaitNotified(job);
        awaitNotified(next);
        assertThat(mailsAbout(job)).isEqualTo(1);
    }

    @Test
    void two_notifiers_send_one_mail() throws Exception {
        try (ConfigurableApplicationContext _ = start("mp3", "127.0.0.1", mongo.uri(wire))) {
            Job job = done(ADA, "a.mp4");
            for (int i = 0; i < 20; i++) publish(job);
            await().until(() -> ready("mp3") == 0);
            awaitNotified(job);
            Job next = done(ADA, "b.mp4");
            publish(next);
            awaitNotified(next);
            assertThat(mailsAbout(job)).isEqualTo(1);
        }
    }

    @Test
    void retries_a_mail_that_the_server_rejects_temporarily() throws Exception {
        mailbox.stop();
        Job job = done(ADA, "a.mp4");
        try (PickySmtp server = new PickySmtp(smtpPort, "451 greylisted", "250 welcome")) {
            publish(job);
            awaitNotified(job);
            assertThat(server.asked()).isEqualTo(2);
            assertThat(server.mails).hasSize(1);
        }
        assertThat(lines.of(job, Level.WARN))
                .singleElement()
                .asString()
                .contains("451 greylisted", "PT5S");
    }

    @Test
    void gives_up_at_once_on_a_permanently_rejected_recipient() throws Exception {
        double before = count("error");
        mailbox.stop();
        Job job = done(ADA, "a.mp4");
        try (PickySmtp server = new PickySmtp(smtpPort, "550 no such user")) {
            publish(job);
            awaitNotified(job);
            assertThat(server.asked()).isEqualTo(1);
        }
        assertThat(lines.of(job, Level.ERROR))
                .singleElement()
                .asString()
                .contains("550 no such user");
        assertThat(lines.of(job, Level.INFO)).as("the log is a channel of its own").hasSize(1);
        await().untilAsserted(() -> assertThat(count("error")).isEqualTo(before + 1));
    }

    @Test
    void gives_up_at_once_on_a_malformed_address() {
        Job job = done(new Owner("e1", "not an address", true), "a.mp4");
        publish(job);
        awaitNotified(job);
        assertThat(lines.of(job, Level.ERROR)).hasSize(1);
    }

    @Test
    void gives_up_after_two_days_of_attempts() {
        mailbox.stop();
        Job job = done(ADA, "a.mp4");
        set(job, "notification.tries", 288);
        publish(job);
        awaitNotified(job);
        assertThat(lines.of(job, Level.ERROR)).hasSize(1);
    }

    @Test
    void an_outage_between_the_mail_and_its_record_does_not_repeat_the_mail() throws Exception {
        Job job = done(ADA, "a.mp4");
        var deliver = mailbox.getUserManager().getMessageDeliveryHandler();
        mailbox.getUserManager()
                .setMessageDeliveryHandler((mail, address) -> {
                    cut();
                    return deliver.handle(mail, address);
                });
        publish(job);
        await().until(() -> mailsAbout(job) == 1);
        mailbox.getUserManager().setMessageDeliveryHandler(deliver);
        wire.mend();
        awaitNotified(job);
        assertThat(mailsAbout(job)).isEqualTo(1);
    }

    /** One about a webhook that was disabled may arrive, too. */
    private long mailsAbout(Job job) {
        return Arrays.stream(mailbox.getReceivedMessages())
                .filter(mail -> GreenMailUtil.getHeaders(mail).contains(job.id()))
                .count();
    }

    @Test
    void a_crash_between_the_mail_and_its_record_repeats_the_mail_with_the_same_message_id()
            throws Exception {
        Job job = done(ADA, "a.mp4");
        publish(job);
        awaitNotified(job);
        set(job, "notification.sent", false); // as the crash leaves it
        publish(job);
        awaitNotified(job);
        MimeMessage[] mails = mailbox.getReceivedMessages();
        assertThat(mails).hasSize(2);
        assertThat(mails[1].getMessageID()).isEqualTo(mails[0].getMessageID());
    }

    @Test
    void recovers_by_itself_from_a_hanging_mongodb() throws Exception {
        Job job = done(ADA, "a.mp4");
        wire.hang();
        try {
            publish(job);
            await().untilAsserted(() ->
                    assertThat(lines.of(job, Level.WARN))
                            .singleElement()
                            .asString()
                            .startsWith("MongoDB does not answer"));
            assertThat(get(service, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(service, "/health/ready").statusCode()).isEqualTo(200);
        } finally {
            wire.goOn();
        }
        awaitNotified(job);
        assertThat(mailbox.getReceivedMessages()).hasSize(1);
        assertThat(lines.of(job, Level.INFO)).hasSize(1);
    }

    @Test
    void logs_a_message_that_the_broker_did_not_confirm(CapturedOutput output) {
        RabbitAdmin admin = service.getBean(RabbitAdmin.class);
        admin.deleteQueue("video");
        Event event = new Event.VideoUploaded("652f1b2c3d4e5f6071829304");
        publisher().publish(event);
        await().untilAsserted(() ->
                assertThat(output)
                        .containsOnlyOnce("Not confirmed, left to the sweeper: " + event));
        admin.initialize();
    }

    @Test
    void declares_its_queues_again_on_a_broker_that_lost_them() {
        broker.wipe();
        Job job = done(ADA, "a.mp4");
        // as the sweep does, which republishes the messages of jobs without a notification
        await().atMost(30, SECONDS)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> {
                    publish(job);
                    assertThat(notificationOf(job).sent()).isTrue();
                });
        assertThat(mailbox.getReceivedMessages()).hasSize(1);
    }

    @Test
    void an_unreadable_job_does_not_delay_other_jobs() {
        Job unreadable = done(ADA, "a.mp4");
        set(unreadable, "status", "MELTED");
        publish(unreadable);
        Job next = done(ADA, "b.mp4");
        publish(next);
        awaitNotified(next);
        await().untilAsserted(() -> assertThat(lines.of(unreadable, Level.ERROR)).hasSize(1));
        assertThat(ready("mp3")).isZero();
        set(unreadable, "status", "EXPIRED");
        assertThat(notificationOf(unreadable).tries()).isEqualTo(1);
    }

    @Test
    void notifies_in_the_log_only_without_a_mail_server_and_uses_the_default_database()
            throws Exception {
        try (ConfigurableApplicationContext quiet = start("quiet", "", mongo.uri(""))) {
            captureLog();
            assertThat(get(quiet, "/metrics").body())
                    .contains(
                            "notification_jobs_total{result=\"error\"} 0.0",
                            "notification_jobs_total{result=\"success\"} 0.0",
                            "notification_retries_total 0.0",
                            "webhook_deliveries_total{result=\"error\"} 0.0",
                            "webhook_deliveries_total{result=\"success\"} 0.0",
                            "webhook_disabled_total 0.0",
                            "webhook_requests 0.0",
                            "webhook_retries_total 0.0");
            assertThat(quiet.getBean(MongoTemplate.class).getDb().getName()).isEqualTo("tomp3");
            Jobs itsJobs = quiet.getBean(Jobs.class);
            Job job = converting(quiet, ADA, "a.mp4");
            assertThat(quiet.getBean(Attempts.class).succeed(job, RESULT)).isTrue();
            quiet.getBean(Publisher.class).publish(new Event.Mp3Ready(job.id(), ADA.id()));
            await().atMost(30, SECONDS)
                    .untilAsserted(() ->
                            assertThat(itsJobs.find(job.id()).orElseThrow().notification().sent())
                                    .isTrue());
            assertThat(mailbox.getReceivedMessages()).isEmpty();
            assertThat(lines.of(job, Level.INFO))
                    .containsExactly("mp3 ready fid=" + job.id() + " user=ada@example.org");
        }
    }

    @Test
    void recovers_by_itself_from_connections_that_break_during_the_login() throws Exception {
        try (BrokenLogins logins = new BrokenLogins(broker.host(), broker.port(), 4);
                ConfigurableApplicationContext late =
                        start(
                                broker.settings("127.0.0.1", logins.port()),
                                "late",
                                "",
                                mongo.uri("late"))) {
            Jobs itsJobs = late.getBean(Jobs.class);
            Job job = converting(late, ADA, "a.mp4");
            assertThat(late.getBean(Attempts.class).succeed(job, RESULT)).isTrue();
            await().atMost(30, SECONDS)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        late.getBean(Publisher.class)
                                .publish(new Event.Mp3Ready(job.id(), ADA.id()));
                        assertThat(itsJobs.find(job.id()).orElseThrow().notification().sent())
                                .isTrue();
                    });
            assertThat(logins.broken()).isEqualTo(4);
        }
    }

    // ---- webhooks

    @Test
    void tells_a_webhook_at_once_and_only_once_while_the_mail_is_retried() throws Exception {
        double before = metric("webhook_deliveries_total{result=\"success\"}");
        mailbox.stop();
        try (Receiver receiver = new Receiver()) {
            Webhook webhook = webhook(ADA, receiver);
            Job job = done(ADA, "a.mp4");
            publish(job);
            await().untilAsserted(() -> assertThat(notificationOf(job).tries()).isEqualTo(1));
            awaitDelivery(webhook, Status.DELIVERED);
            mailbox.start();
            awaitNotified(job);
            publish(job);
            Job next = done(new Owner("b1", "bob@example.org", false), "b.mp4");
            publish(next);
            awaitNotified(next);
            assertThat(mailbox.getReceivedMessages()).hasSize(1);
            assertThat(lines.of(job, Level.INFO)).hasSize(1);
            assertThat(receiver.received).hasSize(1);
            Received request = receiver.received.getFirst();
            new com.standardwebhooks.Webhook(webhook.secrets().getFirst().value())
                    .verify(request.body(), request.headers());
            assertThat(request.header("webhook-id"))
                    .isEqualTo("msg_" + job.id() + "-" + webhook.id());
            assertThat(request.body())
                    .startsWith("{\"type\":\"job.done\",\"timestamp\":\"")
                    .contains("\"data\":{\"id\":\"" + job.id(), "\"filename\":\"a.mp4\"");
            await().untilAsserted(() ->
                    assertThat(metric("webhook_deliveries_total{result=\"success\"}"))
                            .isEqualTo(before + 1));
        }
    }

    @Test
    void a_webhook_that_hangs_delays_neither_mails_nor_other_webhooks() throws Exception {
        try (Receiver hanging = new Receiver();
                Receiver receiver = new Receiver()) {
            hanging.answer = hanging.hang();
            webhook(ADA, hanging);
            Webhook other = webhook(ADA, receiver);
            for (String name : List.of("a.mp4", "b.mp4", "c.mp4")) {
                Job job = done(ADA, name);
                publish(job);
                awaitNotified(job);
                assertThat(mailsAbout(job)).isEqualTo(1);
            }
            await().untilAsserted(() -> assertThat(receiver.received).hasSize(3));
            assertThat(deliveries(other)).hasSize(3);
            assertThat(hanging.received).as("one at a time").hasSize(1);
        }
    }

    @Test
    void retries_a_webhook_and_after_the_last_attempt_disables_it_and_tells_its_owner_by_mail()
            throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answer = Receiver.status(503, "Retry-After", "3600");
            Webhook webhook = webhook(ADA, receiver);
            Job job = done(ADA, "a.mp4");
            publish(job);
            await().until(() ->
                    deliveries(webhook).stream().anyMatch(delivery -> delivery.last() != null));
            WebhookDelivery retried = deliveries(webhook).getFirst();
            assertThat(retried.status()).isEqualTo(Status.PENDING);
            assertThat(retried.last().status()).isEqualTo(503);
            assertThat(Duration.between(Instant.now(), retried.due()))
                    .isBetween(Duration.ofMinutes(59), Duration.ofMinutes(67));
            // nine attempts later
            service.getBean(MongoTemplate.class)
                    .getCollection("webhook_deliveries")
                    .updateOne(
                            new Document("_id", retried.id()),
                            new Document(
                                    "$set", new Document("due", Instant.now()).append("tries", 9)));
            awaitDelivery(webhook, Status.FAILED);
            assertThat(receiver.received).hasSize(2);
            assertThat(receiver.received.getLast().header("webhook-id"))
                    .isEqualTo(receiver.received.getFirst().header("webhook-id"));
            assertThat(webhooks().find(webhook.id(), ADA.id()).orElseThrow().disabled())
                    .isEqualTo(Webhook.Disabled.FAILING);
            MimeMessage mail = mailAboutWebhook();
            assertThat(mailsAbout(job)).isEqualTo(1);
            assertThat(mail.getSubject()).isEqualTo("Your webhook was disabled: 127.0.0.1");
            assertThat(part(mail, 0, "text/plain"))
                    .contains(webhook.id(), "ten attempts")
                    .doesNotContain("token");
        }
    }

    private MimeMessage mailAboutWebhook() {
        return mailsAboutWebhook(1).getFirst();
    }

    /** Waits for them: they would otherwise arrive in the mailbox of the next test. */
    private List<MimeMessage> mailsAboutWebhook(int count) {
        return await().atMost(20, SECONDS)
                .until(
                        () ->
                                Arrays.stream(mailbox.getReceivedMessages())
                                        .filter(mail -> subject(mail).contains("webhook"))
                                        .toList(),
                        mails -> mails.size() == count);
    }

    private static String subject(MimeMessage mail) {
        try {
            return mail.getSubject();
        } catch (MessagingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_webhook_that_is_gone_is_disabled_at_once() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answer = Receiver.status(410);
            Webhook webhook = webhook(ADA, receiver);
            publish(done(ADA, "a.mp4"));
            awaitDelivery(webhook, Status.FAILED);
            await().untilAsserted(() ->
                    assertThat(webhooks().find(webhook.id(), ADA.id()).orElseThrow().disabled())
                            .isEqualTo(Webhook.Disabled.GONE));
            assertThat(receiver.received).hasSize(1);
            assertThat(part(mailAboutWebhook(), 0, "text/plain")).contains(webhook.id());
            webhooks().change(webhook.id(), ADA, new Change(null, null, null, false));
            publish(done(ADA, "b.mp4"));
            List<MimeMessage> mails = mailsAboutWebhook(2);
            assertThat(mails.getLast().getMessageID())
                    .as("of another mail")
                    .isNotEqualTo(mails.getFirst().getMessageID());
        }
    }

    @Test
    void a_delivery_that_ended_its_notifiers_is_given_up() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answer = Receiver.status(500);
            Webhook webhook = webhook(ADA, receiver);
            publish(done(ADA, "a.mp4"));
            await().until(() ->
                    deliveries(webhook).size() == 1
                            && deliveries(webhook).getFirst().last() != null);
            service.getBean(MongoTemplate.class)
                    .getCollection("webhook_deliveries")
                    .updateOne(
                            new Document("_id", deliveries(webhook).getFirst().id()),
                            new Document(
                                    "$set",
                                    new Document("tries", 10).append("due", Instant.now())));
            awaitDelivery(webhook, Status.FAILED);
            assertThat(receiver.received).hasSize(1);
            assertThat(mailAboutWebhook().getSubject()).contains("disabled");
        }
    }

    @Test
    void what_an_ended_notifier_has_left_is_sent_and_a_test_is_sent_once() throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answer = Receiver.status(500);
            Webhook webhook = webhook(ADA, receiver);
            assertThat(webhooks().test(webhook)).isPresent();
            awaitDelivery(webhook, Status.FAILED);
            assertThat(receiver.received).hasSize(1);
            assertThat(webhooks().find(webhook.id(), ADA.id()).orElseThrow().disabled()).isNull();
            receiver.answer = Receiver.status(200);
            WebhookDelivery test = deliveries(webhook).getFirst();
            assertThat(webhooks().replay(webhook, test.id())).isPresent();
            awaitDelivery(webhook, Status.DELIVERED);
            assertThat(receiver.received.getLast().body()).startsWith("{\"type\":\"webhook.test\"");
            // as a notifier leaves it that ends while it sends
            service.getBean(MongoTemplate.class)
                    .getCollection("webhook_deliveries")
                    .updateOne(
                            new Document("_id", test.id()),
                            new Document(
                                    "$set",
                                    new Document("status", "PENDING")
                                            .append("due", Instant.now())));
            awaitDelivery(webhook, Status.DELIVERED);
            assertThat(receiver.received).hasSize(3);
        }
    }

    @Test
    void logs_neither_the_secret_nor_the_url_of_a_webhook(CapturedOutput output) throws Exception {
        try (Receiver receiver = new Receiver()) {
            receiver.answer = Receiver.status(500);
            Webhook webhook = webhook(ADA, receiver);
            publish(done(ADA, "a.mp4"));
            await().untilAsserted(() ->
                    assertThat(output).contains("webhook delivery failed delivery=msg_"));
            assertThat(output).doesNotContain(webhook.secrets().getFirst().value(), "token=sesame");
        }
    }

    private static Webhooks webhooks() {
        return service.getBean(Webhooks.class);
    }

    private static Webhook webhook(Owner owner, Receiver receiver) {
        return webhooks()
                .create(
                        owner,
                        "http://127.0.0.1:" + receiver.port() + "/?token=sesame",
                        List.of(Webhook.Event.JOB_DONE),
                        null)
                .orElseThrow();
    }

    private static List<WebhookDelivery> deliveries(Webhook webhook) {
        return webhooks().deliveries(webhook);
    }

    private static void awaitDelivery(Webhook webhook, Status status) {
        await().atMost(20, SECONDS)
                .untilAsserted(() ->
                        assertThat(deliveries(webhook))
                                .extracting(WebhookDelivery::status)
                                .containsExactly(status));
    }

    @Test
    void reports_its_health() throws Exception {
        assertThat(get(service, "/health/live").statusCode()).isEqualTo(200);
        await().untilAsserted(() ->
                assertThat(get(service, "/health/ready").statusCode()).isEqualTo(200));
        assertThat(get(service, "/health").body())
                .contains("mongo", "rabbit", "dependencies")
                .doesNotContain("version");
        for (String backEnd : List.of("mongodb", "rabbitmq"))
            assertThat(metric("back_end_up{back_end=\"" + backEnd + "\"}")).isEqualTo(1);
        assertThat(get(service, "/env").statusCode()).isEqualTo(404);
    }

    @Test
    void waits_at_most_five_seconds_for_the_mail_server() {
        assertThat(service.getBean(MailProperties.class).timeout())
                .isEqualTo(Duration.ofSeconds(5));
    }

    private static ConfigurableApplicationContext start(
            String queue, String smtpHost, String documents) {
        return start(broker.settings(), queue, smtpHost, documents);
    }

    private static ConfigurableApplicationContext start(
            List<String> brokerSettings, String queue, String smtpHost, String documents) {
        List<String> settings = new ArrayList<>(brokerSettings);
        settings.addAll(
                List.of(
                        "--METRICS_PORT=0",
                        "--BIND=127.0.0.1",
                        "--MONGODB_URI=" + documents,
                        "--MP3_QUEUE=" + queue,
                        "--SMTP_HOST=" + smtpHost,
                        "--SMTP_PORT=" + smtpPort,
                        "--WEBHOOK_ALLOW=127.0.0.1",
                        "--PUBLIC_URL=https://tomp3.example.org/"));
        // the parts of the gateway and the converter, for what they would do
        return new SpringApplicationBuilder(
                        NotificationService.class,
                        UploadConfiguration.class,
                        ConversionConfiguration.class,
                        WebhookConfiguration.class)
                .initializers((GenericApplicationContext beans) ->
                        beans.registerBean(DeclarableCustomizer.class, broker::declarables))
                .run(settings.toArray(String[]::new));
    }

    private static void cut() {
        try {
            wire.cut();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Jobs jobs() {
        return service.getBean(Jobs.class);
    }

    private static Publisher publisher() {
        return service.getBean(Publisher.class);
    }

    private static RabbitTemplate rabbit() {
        return service.getBean(RabbitTemplate.class);
    }

    private static void set(Job job, String field, Object value) {
        service.getBean(MongoTemplate.class)
                .getCollection("jobs")
                .updateOne(
                        new Document("_id", new ObjectId(job.id())),
                        new Document("$set", new Document(field, value)));
    }

    private static Job converting(Owner owner, String name) {
        return converting(service, owner, name);
    }

    private static Job converting(
            ConfigurableApplicationContext service, Owner owner, String name) {
        IncomingUploads uploads = service.getBean(IncomingUploads.class);
        assertThat(uploads.accept(uploads.begin(owner, name, AS_IT_IS, 0), 1000, null)).isPresent();
        return service.getBean(ClaimQueue.class).claim("worker").orElseThrow();
    }

    private static Job done(Owner owner, String name) {
        Job job = converting(owner, name);
        assertThat(service.getBean(Attempts.class).succeed(job, RESULT)).isTrue();
        return job;
    }

    private static void publish(Job job) {
        publisher().publish(new Event.Mp3Ready(job.id(), job.owner().id()));
    }

    private static void send(String body) {
        rabbit().send(
                        "",
                        "mp3",
                        MessageBuilder.withBody(body.getBytes(StandardCharsets.UTF_8)).build());
    }

    private static long ready(String queue) {
        return service.getBean(RabbitAdmin.class).getQueueInfo(queue).getMessageCount();
    }

    private static Job.Notification notificationOf(Job job) {
        return jobs().find(job.id()).orElseThrow().notification();
    }

    private static void awaitNotified(Job job) {
        await().atMost(30, SECONDS)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(notificationOf(job).sent()).isTrue());
    }

    private static double count(String result) throws Exception {
        return metric("notification_jobs_total{result=\"" + result + "\"}");
    }

    private static double metric(String series) throws Exception {
        String name = series + " ";
        return Arrays.stream(get(service, "/metrics").body().split("\n"))
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext service, String path)
            throws Exception {
        String port = service.getEnvironment().getRequiredProperty("local.server.port");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String part(MimeMessage mail, int index, String type) throws Exception {
        MimeMultipart content = (MimeMultipart) mail.getContent();
        assertThat(content.getContentType()).startsWith("multipart/alternative");
        BodyPart part = content.getBodyPart(index);
        assertThat(part.getContentType()).startsWith(type);
        return part.getContent().toString();
    }

    /** The log lines of the service. */
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            event.prepareForDeferredProcessing();
            events.add(event);
        }

        List<ILoggingEvent> containing(String words) {
            return events.stream()
                    .filter(event -> event.getFormattedMessage().contains(words))
                    .toList();
        }

        List<String> of(Job job, Level level) {
            List<String> found = new ArrayList<>();
            for (ILoggingEvent event : events) {
                if (event.getLevel().equals(level)
                        && job.id().equals(event.getMDCPropertyMap().get("job"))) {
                    found.add(event.getFormattedMessage());
                }
            }
            return found;
        }
    }
}
