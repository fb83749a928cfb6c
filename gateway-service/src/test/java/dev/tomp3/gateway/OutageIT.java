package dev.tomp3.gateway;

import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.tomp3.jobs.queue.Event;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoublePredicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** Outages of the dependencies: what clients see, and that the gateway recovers. */
class OutageIT {
    private static Gateway gateway;

    /** The kinds of outages of MongoDB. */
    enum Outage {
        REFUSES,
        HANGS;

        void begin() {
            if (this == REFUSES) gateway.stopMongo();
            else gateway.hangMongo();
        }

        void end() {
            if (this == REFUSES) gateway.startMongo();
            else gateway.wakeMongo();
        }
    }

    @BeforeAll
    static void start() throws IOException {
        gateway = Gateway.start("gridfs", "TRUSTED_PROXIES=127.0.0.0/8,::1");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void accepts_uploads_while_the_broker_is_down_and_publishes_them_afterwards() {
        Gateway.Someone ann = gateway.someone();
        awaitReady();
        gateway.stopBroker();
        Set<String> ids = new HashSet<>();
        try {
            for (int i = 0; i < 3; i++) ids.add(ann.uploaded());
            assertThat(status("/health/ready")).isEqualTo(200);
            assertThat(status("/health/live")).isEqualTo(200);
            assertThat(status("/health")).isEqualTo(503);
        } finally {
            gateway.startBroker();
        }
        awaitMessages(ids);
    }

    @Test
    void accepts_uploads_while_the_broker_hangs_and_publishes_them_afterwards() {
        Gateway.Someone ann = gateway.someone();
        awaitReady();
        Set<String> ids = new HashSet<>();
        gateway.hangBroker();
        try {
            for (int i = 0; i < 3; i++) {
                long start = System.nanoTime();
                ids.add(ann.uploaded());
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .isLessThan(Duration.ofSeconds(5));
            }
            assertThat(status("/health/ready")).isEqualTo(200);
        } finally {
            gateway.wakeBroker();
        }
        awaitMessages(ids);
    }

    /** Waits for the messages about these jobs; there may be others. */
    private static void awaitMessages(Set<String> ids) {
        RabbitTemplate rabbit = gateway.bean(RabbitTemplate.class);
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> {
                    Message message = rabbit.receive("video");
                    if (message != null)
                        ids.remove(Event.read(message, Event.VideoUploaded.class).job());
                    return ids.isEmpty();
                });
    }

    /** A message that the broker does not confirm or cannot route is logged. */
    @Test
    void logs_a_message_that_the_broker_did_not_accept() {
        AmqpAdmin broker = gateway.bean(AmqpAdmin.class);
        awaitReady();
        broker.deleteQueue("video");
        try (Gateway.Log log = Gateway.Log.from(Level.WARN)) {
            String id = gateway.someone().uploaded();
            await().untilAsserted(() ->
                    assertThat(log.lines())
                            .anyMatch(line ->
                                    line.contains("Not confirmed, left to the sweeper")
                                            && line.contains(id)));
        } finally {
            broker.initialize();
        }
    }

    @ParameterizedTest
    @EnumSource
    void sends_retry_after_while_mongodb_is_down(Outage outage) {
        Gateway.Someone ann = gateway.someone();
        String id = ann.uploaded();
        outage.begin();
        try {
            Form form = new Form().file("a.mp4", Form.video(100));
            long start = System.nanoTime();
            Stream.<Supplier<HttpResponse<String>>>of(
                            () -> ann.get("/jobs"),
                            () -> ann.get("/jobs/" + id),
                            () -> ann.delete("/jobs/" + id),
                            () -> ann.get("/download?fid=" + id),
                            () -> ann.upload(form),
                            () -> ann.upload(form, "Idempotency-Key", "key"))
                    .map(CompletableFuture::supplyAsync)
                    .toList() // all at once
                    .forEach(request -> {
                        HttpResponse<String> answer = request.join();
                        assertProblem(answer, 503, "unavailable");
                        assertThat(answer.headers().firstValueAsLong("Retry-After").orElseThrow())
                                .isBetween(1L, 10L);
                    });
            // three seconds are promised; one more is for a busy test machine
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(4));
            assertThat(status("/health/ready")).isEqualTo(200);
            assertThat(status("/health/live")).isEqualTo(200);
            assertThat(status("/health")).isEqualTo(503);
        } finally {
            outage.end();
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> ann.get("/jobs/" + id).statusCode() == 200);
        assertThat(ann.uploaded()).isNotEmpty();
    }

    @Test
    void serves_metrics_at_once_while_the_dependencies_are_down() {
        gateway.someone().uploaded();
        awaitMetrics(1, queued -> queued > 0);
        gateway.stopMongo();
        try {
            gateway.stopBroker();
            try {
                awaitMetrics(0, queued -> Double.isNaN(queued));
                // both outages have been logged by now, and another health check does not log them
                // again
                try (Gateway.Log log = Gateway.Log.from(Level.WARN)) {
                    assertThat(gateway.send(gateway.request("/health")).statusCode())
                            .isEqualTo(503);
                    assertThat(log.lines()).noneMatch(line -> line.contains("ealth"));
                }
            } finally {
                gateway.startBroker();
            }
        } finally {
            gateway.startMongo();
        }
        awaitMetrics(1, queued -> queued > 0);
    }

    /**
     * Waits for this state of the dependencies and number of jobs; each scrape responds at once.
     */
    private static void awaitMetrics(double up, DoublePredicate queued) {
        await().atMost(Duration.ofSeconds(40))
                .until(() -> {
                    long start = System.nanoTime();
                    HttpResponse<String> answer = gateway.send(gateway.request("/metrics"));
                    assertThat(answer.statusCode()).isEqualTo(200);
                    assertThat(Duration.ofNanos(System.nanoTime() - start))
                            .isLessThan(Duration.ofSeconds(2));
                    String metrics = answer.body();
                    return Gateway.metric(metrics, "back_end_up{back_end=\"mongodb\"}") == up
                            && Gateway.metric(metrics, "back_end_up{back_end=\"rabbitmq\"}") == up
                            && Gateway.metric(metrics, "back_end_up{back_end=\"media\"}") == up
                            && queued.test(
                                    Gateway.metric(metrics, "jobs_unsettled{status=\"queued\"}"));
                });
    }

    /** The election of another primary takes ten seconds; the client has sent gigabytes. */
    @ParameterizedTest
    @EnumSource
    void an_upload_survives_a_store_that_is_away_for_a_while(Outage outage)
            throws IOException, InterruptedException {
        Gateway.Someone ann = gateway.someone();
        Inventory before = gateway.inventory();
        try (Gateway.Log log = Gateway.Log.from(Level.ERROR);
                Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                            + "Content-Type: "
                            + Form.TYPE
                            + "\r\nAuthorization: Bearer "
                            + ann.token
                            + "\r\n\r\n");
            wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
            wire.chunk(Form.video(400_000));
            // an upload that is only recorded is not admitted yet, and would rightly be refused
            await().until(() -> !gateway.inventory().since(before).chunks().isEmpty());
            outage.begin();
            try {
                long start = System.nanoTime();
                wire.chunk(new byte[200_000]);
                // the store is written to while more comes, for longer than a request waits
                while (System.nanoTime() - start < 4_000_000_000L) {
                    assertThat(wire.in().available()).isZero();
                    wire.chunk(new byte[500]);
                    Thread.sleep(50);
                }
            } finally {
                outage.end();
            }
            wire.chunk(Form.ascii("\r\n"));
            wire.chunk(Form.end());
            wire.chunk(new byte[0]);
            assertThat(wire.receive().status()).isEqualTo(202);
            assertThat(log.lines()).isEmpty();
        }
        assertThat(acceptedJobs(ann)).hasSize(1);
    }

    @Test
    void rejects_uploads_when_the_disk_fails() throws IOException {
        Gateway files = Gateway.onFiles();
        Gateway.Someone ann = files.someone();
        String id = ann.uploaded();
        files.convert(id, new byte[10]);
        Path videos = files.mediaDirectory().resolve("videos");
        Path aside = files.mediaDirectory().resolve("aside");
        Files.move(videos, aside);
        Files.createFile(videos);
        try {
            HttpResponse<String> answer = ann.upload(new Form().file("a.mp4", Form.video(100)));
            assertProblem(answer, 503, "unavailable");
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(ann.get("/download?fid=" + id).statusCode()).isEqualTo(200);
        } finally {
            Files.delete(videos);
            Files.move(aside, videos);
        }
        assertThat(ann.uploaded()).isNotEmpty();
        assertThat(acceptedJobs(ann)).hasSize(2);
    }

    /** All jobs but uploads: one that failed while a store was away stays until it is swept. */
    private static List<JsonNode> acceptedJobs(Gateway.Someone owner) throws IOException {
        return json(owner.get("/jobs"))
                .get("items")
                .valueStream()
                .filter(job -> !job.get("status").asString().equals("uploading"))
                .toList();
    }

    @Test
    void is_not_ready_before_its_dependencies_are_initialized() throws IOException {
        Gateway gateway = Gateway.start("gridfs");
        gateway.stop();
        try (gateway;
                AuthStub auth = new AuthStub();
                ConfigurableApplicationContext context =
                        Gateway.run(
                                gateway.settings(),
                                gateway.declarables(),
                                auth,
                                System::nanoTime)) {
            int port = Gateway.port(context);
            assertThat(status(port, "/health/live")).isEqualTo(200);
            assertThat(status(port, "/health/ready")).isEqualTo(503);
            try (Wire wire = new Wire(port)) {
                assertThat(
                                wire.send("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                        .receive()
                                        .body())
                        .contains("\"mongodb\":\"connecting\"");
            }
            gateway.startMongo();
            try {
                await().pollDelay(Duration.ofSeconds(1))
                        .until(() -> status(port, "/health/ready") == 503);
                gateway.startBroker();
                try {
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> status(port, "/health/ready") == 200);
                } finally {
                    gateway.stopBroker();
                }
            } finally {
                gateway.stopMongo();
            }
            assertThat(status(port, "/health/ready")).isEqualTo(200);
        }
    }

    @Test
    void trusts_forwarded_addresses_from_trusted_proxies_only() {
        for (String forwarded : List.of("6.6.6.6", "9.9.9.9, 6.6.6.6", "6.6.6.6, 127.0.0.1")) {
            gateway.send(
                    gateway.request("/login")
                            .header("X-Forwarded-For", forwarded)
                            .POST(HttpRequest.BodyPublishers.noBody()));
            assertThat(gateway.auth.relayed.getLast().header("X-Forwarded-For"))
                    .isEqualTo("6.6.6.6");
        }
    }

    private static void awaitReady() {
        await().atMost(Duration.ofSeconds(30)).until(() -> status("/health/ready") == 200);
    }

    private static int status(String path) {
        return gateway.send(gateway.request(path)).statusCode();
    }

    private static int status(int port, String path) {
        try (Wire wire = new Wire(port)) {
            return wire.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .receive()
                    .status();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
