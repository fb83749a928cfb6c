package dev.tomp3.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Webhook;
import dev.tomp3.jobs.Webhook.Secret;
import dev.tomp3.jobs.WebhookDeliveries.Claimed;
import dev.tomp3.jobs.WebhookDelivery;
import dev.tomp3.jobs.WebhookDelivery.Status;
import dev.tomp3.notification.Receiver.Received;
import dev.tomp3.notification.WebhookSender.Outcome;
import dev.tomp3.servers.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContexts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One attempt against receivers of every kind, over real connections. */
class WebhookSenderTest {
    /** Standard Webhooks rejects what is older than five minutes. */
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    /** For receivers that do not answer; others have more time, on a busy machine. */
    private static final Duration SHORT = Duration.ofMillis(700);

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String CURRENT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String REPLACED = "whsec_c2VjcmV0IHRoYXQgd2FzIHJlcGxhY2VkIQ==";
    private static final String ENDED = "whsec_c2VjcmV0IHRoYXQgaGFzIGVuZGVkIGFscmVhZHk=";
    private static final String BODY = "{\"type\":\"job.done\",\"data\":{\"filename\":\"ä.mp4\"}}";

    /** What the name server answers, one after the other; the last one from then on. */
    private final List<String> answers = new CopyOnWriteArrayList<>(List.of("127.0.0.1"));

    private final List<String> lookups = new CopyOnWriteArrayList<>();
    private Receiver receiver;
    private WebhookSender sender;

    @BeforeEach
    void start() throws IOException {
        receiver = new Receiver();
        sender = sender("127.0.0.1");
    }

    @AfterEach
    void stop() throws IOException {
        sender.close();
        receiver.close();
    }

    private WebhookSender sender(String... allow) {
        return sender(SSLContexts.createDefault(), LONG, allow);
    }

    private WebhookSender sender(SSLContext tls, Duration limit, String... allow) {
        return new WebhookSender(
                new EgressGuard(List.of(allow), this::lookup),
                tls,
                Clock.fixed(now, ZoneOffset.UTC),
                limit,
                2);
    }

    private InetAddress[] lookup(String host) throws UnknownHostException {
        lookups.add(host);
        if (host.startsWith("unknown")) throw new UnknownHostException(host);
        String answer = answers.size() > 1 ? answers.removeFirst() : answers.getFirst();
        return new InetAddress[] {InetAddress.ofLiteral(answer)};
    }

    private Claimed claimed(String url) {
        return new Claimed(
                new WebhookDelivery(
                        "msg_1-2",
                        "2",
                        Webhook.Event.JOB_DONE,
                        BODY,
                        Status.PENDING,
                        1,
                        1,
                        now,
                        null,
                        now),
                new Webhook(
                        "2",
                        new Owner("a1", "ada@example.org", true),
                        url,
                        List.of(Webhook.Event.JOB_DONE),
                        null,
                        List.of(
                                new Secret(CURRENT, null),
                                new Secret(REPLACED, now.plusSeconds(1)),
                                new Secret(ENDED, now)),
                        null,
                        null,
                        null,
                        0,
                        now));
    }

    private String url() {
        return "http://hooks.example:" + receiver.port() + "/tomp3?token=x";
    }

    private Outcome send() {
        return sender.send(claimed(url()));
    }

    @Test
    void sends_what_standard_webhooks_verifies_with_both_secrets() throws Exception {
        assertThat(send()).isEqualTo(new Outcome(204, null, null));
        Received request = receiver.received.getFirst();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/tomp3?token=x");
        assertThat(request.host()).isEqualTo("hooks.example:" + receiver.port());
        assertThat(request.body()).isEqualTo(BODY);
        assertThat(request.header("content-type")).startsWith("application/json");
        assertThat(request.header("webhook-id")).isEqualTo("msg_1-2");
        assertThat(request.header("webhook-timestamp")).isEqualTo("" + now.getEpochSecond());
        for (String secret : List.of(CURRENT, REPLACED))
            new com.standardwebhooks.Webhook(secret).verify(BODY, request.headers());
        assertThat(request.header("webhook-signature").split(" ")).hasSize(2);
        assertThat(lookups).containsExactly("hooks.example");
    }

    @Test
    void does_not_follow_a_redirect() {
        receiver.answer = Receiver.status(307, "Location", "/elsewhere");
        Outcome outcome = send();
        assertThat(outcome.status()).isEqualTo(307);
        assertThat(outcome.accepted()).isFalse();
        assertThat(receiver.received).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 204, 299})
    void accepts_2xx(int status) {
        receiver.answer = Receiver.status(status);
        assertThat(send().accepted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 301, 304, 400, 401, 404, 410, 429, 500, 503})
    void accepts_nothing_else_and_repeats_nothing(int status) {
        receiver.answer = Receiver.status(status);
        Outcome outcome = send();
        assertThat(outcome.accepted()).isFalse();
        assertThat(outcome.gone()).isEqualTo(status == 410);
        assertThat(receiver.received).hasSize(1);
    }

    @Test
    void tells_when_the_receiver_wants_the_next_attempt() {
        receiver.answer = Receiver.status(429, "Retry-After", "120");
        assertThat(send()).isEqualTo(new Outcome(429, null, Duration.ofMinutes(2)));
        String date =
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        now.plusSeconds(90).atOffset(ZoneOffset.UTC));
        receiver.answer = Receiver.status(503, "Retry-After", date);
        assertThat(send().retryAfter()).isEqualTo(Duration.ofSeconds(90));
        for (String nonsense : List.of("soon", "-1", "99999999999999", "")) {
            receiver.answer = Receiver.status(503, "Retry-After", nonsense);
            assertThat(send()).as(nonsense).isEqualTo(new Outcome(503, null, null));
        }
    }

    @Test
    void waits_for_a_slow_receiver_within_the_limit() {
        receiver.answer =
                exchange -> {
                    exchange.sendResponseHeaders(200, 2);
                    exchange.getResponseBody().write('o');
                    exchange.getResponseBody().flush();
                    exchange.getResponseBody().write('k');
                };
        assertThat(send().accepted()).isTrue();
    }

    @Test
    void a_receiver_that_answers_nothing_times_out() throws IOException {
        receiver.answer = receiver.hang();
        assertTimesOut();
    }

    @Test
    void so_does_one_whose_body_does_not_end() throws IOException {
        receiver.answer = receiver.trickle();
        assertTimesOut();
    }

    private void assertTimesOut() throws IOException {
        try (WebhookSender impatient = sender(SSLContexts.createDefault(), SHORT, "127.0.0.1")) {
            long start = System.nanoTime();
            assertThat(impatient.send(claimed(url()))).isEqualTo(Outcome.failed("timed-out"));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(SHORT, LONG);
        }
    }

    @Test
    void reads_a_part_of_a_body_without_an_end_and_hangs_up() {
        receiver.answer = Receiver.flood();
        long start = System.nanoTime();
        assertThat(send()).isEqualTo(new Outcome(200, null, null));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "10.0.0.1",
                "169.254.169.254"
            })
    void connects_to_no_address_that_is_not_public_under_a_public_name(String address)
            throws IOException {
        answers.set(0, address);
        try (WebhookSender strict = sender()) {
            assertThat(strict.send(claimed(url()))).isEqualTo(Outcome.failed("address-not-public"));
        }
        assertThat(receiver.received).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1"})
    void nor_to_one_that_the_url_itself_names(String host) throws IOException {
        try (WebhookSender strict =
                new WebhookSender(
                        new EgressGuard(List.of(), InetAddress::getAllByName),
                        SSLContexts.createDefault(),
                        Clock.systemUTC(),
                        LONG,
                        1)) {
            Outcome outcome = strict.send(claimed("http://" + host + ":" + receiver.port() + "/"));
            assertThat(outcome.error()).isIn("address-not-public", "unknown-host");
        }
        assertThat(receiver.received).isEmpty();
    }

    @Test
    void connects_to_the_address_that_was_checked_even_if_its_name_has_another_one_by_now()
            throws IOException {
        answers.clear();
        answers.addAll(List.of("127.0.0.2", "127.0.0.1"));
        try (Receiver elsewhere = new Receiver("127.0.0.2", null);
                WebhookSender strict = sender("127.0.0.2")) {
            String url = "http://hooks.example:" + elsewhere.port() + "/";
            assertThat(strict.send(claimed(url)).accepted()).isTrue();
            assertThat(elsewhere.received).hasSize(1);
            assertThat(lookups).hasSize(1);
            assertThat(strict.send(claimed(url))).isEqualTo(Outcome.failed("address-not-public"));
            assertThat(elsewhere.received).hasSize(1);
        }
    }

    @Test
    void says_why_there_was_no_response() throws IOException {
        assertThat(sender.send(claimed("http://unknown.example/")))
                .isEqualTo(Outcome.failed("unknown-host"));
        int closed = receiver.port();
        receiver.close();
        assertThat(sender.send(claimed("http://hooks.example:" + closed + "/")))
                .isEqualTo(Outcome.failed("connection-failed"));
    }

    @Test
    void verifies_the_certificate_of_the_host_that_the_url_names(@TempDir Path directory)
            throws Exception {
        SSLContext tls =
                TestCertificate.context(List.of(TestCertificate.in(directory, "receiver")));
        try (Receiver secure = new Receiver("127.0.0.1", tls);
                WebhookSender trusting = sender(tls, LONG, "127.0.0.1")) {
            assertThat(trusting.send(claimed("https://localhost:" + secure.port() + "/")))
                    .isEqualTo(new Outcome(204, null, null));
            assertThat(trusting.send(claimed("https://hooks.example:" + secure.port() + "/")))
                    .isEqualTo(Outcome.failed("tls-failed"));
            assertThat(sender.send(claimed("https://localhost:" + secure.port() + "/")).accepted())
                    .isFalse();
            assertThat(secure.received).hasSize(1);
        }
    }
}
