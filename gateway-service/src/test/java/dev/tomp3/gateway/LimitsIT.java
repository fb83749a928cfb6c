package dev.tomp3.gateway;

import static dev.tomp3.gateway.Form.ascii;
import static dev.tomp3.gateway.Form.video;
import static dev.tomp3.gateway.Gateway.assertProblem;
import static dev.tomp3.gateway.Gateway.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.StoreClock;
import dev.tomp3.jobs.Sweeper;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.media.MediaStore.DiskSpace;
import dev.tomp3.jobs.media.MediaStoreDependency;
import dev.tomp3.platform.HttpLimits;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.support.GenericApplicationContext;

/** Every limit of the gateway at its edge, and the retention periods. */
class LimitsIT {
    private static final int QUEUED = 3;
    private static final int STORED = 1_000_000;
    private static final int REQUESTS = 50;
    private static final int STRANGERS = 20;
    private static final double MIN_FREE = 1 << 30;
    private static final Duration REFUSAL_DELAY = Duration.ofMillis(50);
    private static final int OVERHEAD = new Form().file("a.mp4", new byte[0]).bytes().length;

    private static final DiskSpace PLENTY = new DiskSpace(1e15, 1e15);
    private static volatile DiskSpace disk = PLENTY;
    private static volatile Instant now;
    private static final AtomicLong DOWNLOADING = new AtomicLong();
    private static Gateway gateway;

    private Gateway.Someone ann;

    @BeforeAll
    static void start() throws IOException {
        now = Instant.now();
        Path media = Files.createTempDirectory(Path.of("target"), "media");
        gateway =
                Gateway.start(
                        LimitsIT::beans,
                        "files:" + media,
                        "KEEP_ALIVE=1s",
                        "TRUSTED_PROXIES=127.0.0.3",
                        "MIN_UPLOAD_RATE=1MB",
                        "MAX_QUEUED_PER_USER=" + QUEUED,
                        "MAX_STORED_PER_USER=" + STORED + "B",
                        "MAX_REQUESTS_PER_MINUTE=" + REQUESTS,
                        "MAX_REQUESTS_PER_MINUTE_PER_ADDRESS=" + STRANGERS);
        gateway.stopTime();
    }

    private static void beans(GenericApplicationContext beans) {
        beans.registerBean(
                "testClock",
                Clock.class,
                () -> Clock.tick(new Time(), Duration.ofMillis(1)),
                definition -> definition.setPrimary(true));
        beans.registerBean(
                StoreClock.class,
                () -> StoreClock.agreeingWith(Clock.tick(new Time(), Duration.ofMillis(1))));
        beans.registerBean(
                "mp3Delivery",
                Mp3Delivery.class,
                () ->
                        new Mp3Delivery(
                                beans.getBean(MediaStore.class),
                                beans.getBean(Transfers.class),
                                () -> System.nanoTime() + DOWNLOADING.get(),
                                beans.getBean(HttpLimits.class)));
        beans.registerBean(RefusalDelay.class, () -> new RefusalDelay(REFUSAL_DELAY));
        beans.registerBean(
                "disk",
                BeanPostProcessor.class,
                () ->
                        new BeanPostProcessor() {
                            @Override
                            public Object postProcessAfterInitialization(Object bean, String name) {
                                return bean instanceof MediaStore store ? onDisk(store) : bean;
                            }
                        });
    }

    private static final class Time extends Clock {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    }

    /** A store whose free disk space a test sets. */
    private static MediaStore onDisk(MediaStore store) {
        return (MediaStore)
                Proxy.newProxyInstance(
                        LimitsIT.class.getClassLoader(),
                        new Class<?>[] {MediaStore.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("diskSpace")) return disk;
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void ann() throws IOException {
        free(PLENTY.free());
        ann = gateway.someone();
    }

    // ---- MAX_QUEUED_PER_USER

    @Test
    void rejects_one_waiting_job_too_many_before_its_body() throws IOException {
        for (int i = 0; i < QUEUED; i++) ann.uploaded();
        Inventory before = gateway.inventory();

        Wire.Answer refused = announceBody(ann, 5000);

        assertProblem(refused, 429, "too-many-jobs");
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isPositive();
        gateway.assertNothingAddedSince(before);
        gateway.someone().uploaded();
        gateway.claim(first(ann));
        ann.uploaded();
        assertProblem(announceBody(ann, 5000), 429, "too-many-jobs");
    }

    @Test
    void counts_running_uploads() throws IOException {
        ann.uploaded();
        Wire first = uploading(ann, 1000);
        Wire second = uploading(ann, 1000);
        try (first) {
            assertProblem(announceBody(ann, 5000), 429, "too-many-jobs");
            second.vanish();
            await().until(() -> usage(ann).waiting() == 2);
            ann.uploaded();
            assertProblem(announceBody(ann, 5000), 429, "too-many-jobs");
        }
    }

    @Test
    void accepts_no_more_when_many_uploads_start_together() throws Exception {
        int accepted = 0;
        try (var crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++)
                answers.add(crowd.submit(() -> ann.upload(new Form().file("a.mp4", video(5000)))));
            for (var answer : answers) {
                if (answer.get().statusCode() == 202) accepted++;
                else assertProblem(answer.get(), 429, "too-many-jobs");
            }
        }
        assertThat(accepted).isLessThanOrEqualTo(QUEUED);
        while (accepted++ < QUEUED) ann.uploaded();
        assertThat(usage(ann).waiting()).isEqualTo(QUEUED);
        assertProblem(announceBody(ann, 5000), 429, "too-many-jobs");
    }

    @Test
    void answers_with_the_job_of_a_key_though_no_more_may_wait() {
        Form form = new Form().file("a.mp4", video(100));
        String id = json(ann.upload(form, "Idempotency-Key", "k")).get("id").asString();
        for (int i = 1; i < QUEUED; i++) ann.uploaded();
        HttpResponse<String> again =
                ann.upload(new Form().file("a.mp4", video(100)), "Idempotency-Key", "k");
        assertThat(again.statusCode()).isEqualTo(202);
        assertThat(json(again).get("id").asString()).isEqualTo(id);
    }

    // ---- MAX_STORED_PER_USER

    @Test
    void rejects_what_exceeds_the_quota_before_its_body() throws IOException {
        upload(ann, 400_000);
        Inventory before = gateway.inventory();
        assertProblem(announceBody(ann, STORED - 400_000 + 1), 507, "quota-exceeded");
        gateway.assertNothingAddedSince(before);
        upload(ann, STORED - 400_000 - OVERHEAD);
    }

    @Test
    void counts_the_mp3_too_and_nothing_that_was_deleted() throws IOException {
        String id = upload(ann, 300_000);
        gateway.convert(id, new byte[600_000]);
        assertThat(usage(ann).bytes()).isEqualTo(900_000);
        assertProblem(announceBody(ann, 100_001), 507, "quota-exceeded");
        upload(ann, 100_000 - OVERHEAD);
        ann.delete("/jobs/" + id);
        assertThat(usage(ann).bytes()).isEqualTo(100_000 - OVERHEAD);
        upload(ann, 900_000);
    }

    @Test
    void rejects_an_upload_of_unknown_length_at_the_quota() throws IOException {
        upload(ann, 500_000);
        Inventory before = gateway.inventory();
        try (Wire wire = uploading(ann, 500_001)) {
            finish(wire);
            assertProblem(wire.receive(), 507, "quota-exceeded");
        }
        gateway.assertNothingAddedSince(before);
        try (Wire wire = uploading(ann, 500_000)) {
            finish(wire);
            assertThat(wire.receive().status()).isEqualTo(202);
        }
        assertThat(usage(ann).bytes()).isEqualTo(STORED);
    }

    @Test
    void accepts_no_more_when_uploads_of_unknown_length_grow_together() throws IOException {
        try (Wire one = uploading(ann, 600_000);
                Wire other = uploading(ann, 380_000)) {
            finish(one);
            assertThat(one.receive().status()).isEqualTo(202);
            // before its end: the upload is recorded as it grows
            other.chunk(video(60_000));
            assertProblem(other.receive(), 507, "quota-exceeded");
        }
        assertThat(usage(ann)).isEqualTo(new Jobs.Usage(1, 600_000));
    }

    @Test
    void reserves_the_length_of_a_resumable_upload_at_its_creation() {
        assertThat(create(ann, 600_000).statusCode()).isEqualTo(201);
        assertThat(usage(ann)).isEqualTo(new Jobs.Usage(1, 600_000));
        Inventory before = gateway.inventory();
        assertProblem(create(ann, STORED - 600_000 + 1), 507, "quota-exceeded");
        gateway.assertNothingAddedSince(before);
        assertThat(create(ann, STORED - 600_000).statusCode()).isEqualTo(201);
    }

    @Test
    void keeps_a_resumable_upload_within_the_quota_while_its_length_is_not_known() {
        upload(ann, 500_000);
        HttpResponse<String> created =
                gateway.send(
                        tus(ann, "/files")
                                .header("Upload-Defer-Length", "1")
                                .POST(HttpRequest.BodyPublishers.noBody()));
        String upload = created.headers().firstValue("Location").orElseThrow();
        assertThat(patch(ann, upload, 0, 300_000).statusCode()).isEqualTo(204);
        assertThat(usage(ann).bytes()).isEqualTo(800_000);
        assertProblem(patch(ann, upload, 300_000, 200_001), 507, "quota-exceeded");
        String offset =
                gateway.send(tus(ann, upload).method("HEAD", HttpRequest.BodyPublishers.noBody()))
                        .headers()
                        .firstValue("Upload-Offset")
                        .orElseThrow();
        assertProblem(
                gateway.send(
                        tus(ann, upload)
                                .header("Upload-Offset", offset)
                                .header("Upload-Length", Integer.toString(STORED - 500_000 + 1))
                                .header("Content-Type", "application/offset+octet-stream")
                                .method("PATCH", HttpRequest.BodyPublishers.noBody())),
                507,
                "quota-exceeded");
        assertThat(usage(ann).bytes()).isLessThanOrEqualTo(STORED);
    }

    private static HttpRequest.Builder tus(Gateway.Someone someone, String path) {
        return someone.request(path).header("Tus-Resumable", "1.0.0");
    }

    private static HttpResponse<String> create(Gateway.Someone someone, int length) {
        return gateway.send(
                tus(someone, "/files")
                        .header("Upload-Length", Integer.toString(length))
                        .POST(HttpRequest.BodyPublishers.noBody()));
    }

    private static HttpResponse<String> patch(
            Gateway.Someone someone, String upload, int offset, int bytes) {
        return gateway.send(
                tus(someone, upload)
                        .header("Upload-Offset", Integer.toString(offset))
                        .header("Content-Type", "application/offset+octet-stream")
                        .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(video(bytes))));
    }

    // ---- MIN_FREE

    @Test
    void rejects_what_the_disk_has_no_space_for_before_its_body() throws IOException {
        Inventory before = gateway.inventory();
        free(MIN_FREE + 4999);
        assertProblem(announceBody(ann, 5000), 507, "disk-full");
        gateway.assertNothingAddedSince(before);
        free(MIN_FREE + 5000);
        upload(ann, 5000 - OVERHEAD);
        free(MIN_FREE - 1);
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(head(ann, "Transfer-Encoding: chunked") + "Expect: 100-continue\r\n\r\n");
            assertProblem(wire.receive(), 507, "disk-full");
        }
        free(MIN_FREE);
        try (Wire wire = uploading(ann, 3000)) {
            finish(wire);
            assertThat(wire.receive().status()).isEqualTo(202);
        }
    }

    @Test
    void ends_an_upload_of_unknown_length_that_grows_until_the_disk_is_full() throws IOException {
        Inventory before = gateway.inventory();
        try (Wire wire = uploading(ann, 100_000)) {
            free(MIN_FREE - 1);
            wire.chunk(video(100_000));
            assertProblem(wire.receive(), 507, "disk-full");
        }
        gateway.assertNothingAddedSince(before);
    }

    @Test
    void subtracts_what_running_uploads_have_announced_from_the_free_space() throws IOException {
        free(MIN_FREE + 10_000);
        try (Wire wire = new Wire(gateway.port())) {
            Inventory before = gateway.inventory();
            wire.send(head(ann, "Content-Length: 6000") + "\r\n");
            await().until(() -> gateway.hasMoreThan(before));
            assertProblem(announceBody(gateway.someone(), 6000), 507, "disk-full");
            assertThat(announceBody(gateway.someone(), 4000).status()).isEqualTo(100);
        }
    }

    @Test
    void tells_in_its_health_that_the_disk_is_full_and_that_it_has_space_again()
            throws IOException {
        free(MIN_FREE - 1);
        HttpResponse<String> full = gateway.send(gateway.request("/health"));
        assertThat(json(full).at("/components/storage/status").asString())
                .isEqualTo("OUT_OF_SERVICE");
        assertThat(gateway.send(gateway.request("/health/ready")).statusCode()).isEqualTo(200);
        free(MIN_FREE);
        HttpResponse<String> enough = gateway.send(gateway.request("/health"));
        assertThat(json(enough).at("/components/storage/status").asString()).isEqualTo("UP");
    }

    @Test
    void accepts_uploads_when_the_disk_space_is_unknown() throws IOException {
        free(Double.NaN);
        ann.uploaded();
    }

    // ---- MAX_REQUESTS_PER_MINUTE_PER_ADDRESS

    @Test
    void limits_requests_without_a_valid_token_by_address() {
        gateway.pass(Duration.ofMinutes(2));
        ((Logger) LoggerFactory.getLogger(StrangerLimit.class)).setLevel(Level.INFO);
        try (Gateway.Log log = Gateway.Log.from(Level.INFO)) {
            for (int left = STRANGERS - 1; left >= 0; left--) {
                HttpResponse<String> answer = gateway.send(gateway.request("/jobs"));
                assertProblem(answer, 401, "unauthenticated");
                assertThat(header(answer, "RateLimit-Policy")).isEqualTo("\"address\";q=20;w=60");
                assertThat(header(answer, "RateLimit")).startsWith("\"address\";r=" + left);
            }
            HttpRequest.BodyPublisher nothing = HttpRequest.BodyPublishers.noBody();
            List<Duration> delays = new ArrayList<>();
            for (HttpRequest.Builder request :
                    List.of(
                            gateway.request("/jobs"),
                            gateway.request("/jobs").header("Authorization", "Bearer forged"),
                            gateway.request("/login").POST(nothing),
                            gateway.request("/users").header("Authorization", "Bearer forged"),
                            gateway.request("/jobs").header("Cookie", "tomp3_session=forged"),
                            gateway.request("/session")
                                    .header("Cookie", "tomp3_session=forged")
                                    .POST(nothing),
                            gateway.request("/d/665f1c2ab3d4e5f60718293a"),
                            gateway.request("/archives/665f1c2ab3d4e5f60718293a"),
                            gateway.request("/metrics"))) {
                long sent = System.nanoTime();
                HttpResponse<String> answer = gateway.send(request);
                delays.add(Duration.ofNanos(System.nanoTime() - sent));
                assertProblem(answer, 429, "too-many-requests");
                assertThat(header(answer, "Retry-After")).isEqualTo("3");
            }
            // a client that goes on waits
            assertThat(delays.subList(1, delays.size()))
                    .allSatisfy(delay -> assertThat(delay).isGreaterThan(REFUSAL_DELAY));
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("Refusing requests from 127.0.0.1"))
                    .hasSize(1);
        }
        assertThat(gateway.send(gateway.request("/health/live")).statusCode()).isEqualTo(200);
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        HttpResponse<String> browser =
                gateway.send(
                        gateway.request("/jobs").header("Cookie", "tomp3_session=" + ann.token));
        assertThat(browser.statusCode()).isEqualTo(200);
        assertThat(header(browser, "RateLimit-Policy")).startsWith("\"user\"");
        gateway.pass(Duration.ofMinutes(1));
        assertProblem(gateway.send(gateway.request("/jobs")), 401, "unauthenticated");
    }

    @Test
    void delays_the_refusals_of_a_client_in_a_loop_for_a_second() {
        assertThat(RefusalDelay.PRODUCTION.delay()).isEqualTo(Duration.ofSeconds(1));
        assertThat(RefusalDelay.PRODUCTION.places().availablePermits()).isEqualTo(256);
    }

    // ---- MAX_REQUESTS_PER_MINUTE

    @Test
    void answers_the_allowed_requests_and_tells_how_many_remain() throws IOException {
        for (int left = REQUESTS - 1; left >= 0; left--) {
            HttpResponse<String> answer = ann.get("/jobs");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(header(answer, "RateLimit-Limit")).isEqualTo("50");
            assertThat(header(answer, "RateLimit-Remaining")).isEqualTo("" + left);
            int reset = (int) Math.ceil((REQUESTS - left) * 60.0 / REQUESTS);
            assertThat(header(answer, "RateLimit-Reset")).isEqualTo("" + reset);
            assertThat(header(answer, "RateLimit-Policy")).isEqualTo("\"user\";q=50;w=60");
            assertThat(header(answer, "RateLimit"))
                    .isEqualTo("\"user\";r=%d;t=%d".formatted(left, reset));
        }
        HttpResponse<String> refused = ann.get("/jobs");
        assertProblem(refused, 429, "too-many-requests");
        assertThat(header(refused, "RateLimit-Remaining")).isEqualTo("0");
        long sent = System.nanoTime();
        assertProblem(ann.get("/jobs"), 429, "too-many-requests");
        assertThat(Duration.ofNanos(System.nanoTime() - sent)).isGreaterThan(REFUSAL_DELAY);
        assertThat(header(refused, "Retry-After")).isEqualTo("2");
        assertThat(gateway.someone().get("/jobs").statusCode()).isEqualTo(200);
        gateway.pass(Duration.ofMillis(1199));
        assertProblem(ann.get("/jobs"), 429, "too-many-requests");
        gateway.pass(Duration.ofMillis(1));
        assertThat(ann.get("/jobs").statusCode()).isEqualTo(200);
        assertProblem(ann.get("/jobs"), 429, "too-many-requests");
        gateway.pass(Duration.ofMinutes(1));
        assertThat(header(ann.get("/jobs"), "RateLimit-Remaining")).isEqualTo("49");
    }

    @Test
    void counts_an_upload_once_that_is_rejected_before_its_body() throws IOException {
        free(0);
        Wire.Answer refused = announceBody(ann, 5000);
        assertProblem(refused, 507, "disk-full");
        assertThat(refused.header("RateLimit-Remaining")).isEqualTo("49");
        assertThat(header(ann.get("/jobs/x"), "RateLimit-Remaining")).isEqualTo("48");
    }

    @Test
    void counts_no_request_without_a_valid_token() {
        gateway.pass(Duration.ofMinutes(1));
        HttpRequest.Builder request =
                gateway.request("/jobs").header("Authorization", "Bearer " + ann.token + "x");
        for (int i = 0; i < STRANGERS; i++)
            assertProblem(gateway.send(request.copy()), 401, "unauthenticated");
        assertThat(header(ann.get("/jobs"), "RateLimit-Remaining")).isEqualTo("49");
    }

    @Test
    void tells_browsers_to_use_https_only_if_a_trusted_proxy_does() throws Exception {
        HttpRequest request = ann.request("/jobs").header("X-Forwarded-Proto", "https").build();
        for (String address : List.of("127.0.0.1", "127.0.0.3")) {
            try (HttpClient client =
                    HttpClient.newBuilder().localAddress(InetAddress.ofLiteral(address)).build()) {
                HttpResponse<Void> answer =
                        client.send(request, HttpResponse.BodyHandlers.discarding());
                assertThat(answer.headers().firstValue("Strict-Transport-Security").isPresent())
                        .as(address)
                        .isEqualTo(address.equals("127.0.0.3"));
                assertThat(header(answer, "Cache-Control")).contains("no-store");
            }
        }
    }

    @Test
    void logs_who_downloads_or_deletes_what_belongs_to_somebody_else() {
        Gateway.Someone admin = gateway.administrator();
        String id = upload(ann, 5000);
        gateway.convert(id, video(1000));
        for (Class<?> source : List.of(DownloadController.class, JobDeletion.class))
            ((Logger) LoggerFactory.getLogger(source)).setLevel(Level.INFO);
        try (Gateway.Log log = Gateway.Log.from(Level.INFO)) {
            assertThat(ann.get("/download?fid=" + id).statusCode()).isEqualTo(200);
            assertThat(log.lines()).noneMatch(line -> line.contains(id));
            assertThat(admin.get("/download?fid=" + id).statusCode()).isEqualTo(200);
            assertThat(admin.delete("/jobs/" + id).statusCode()).isEqualTo(204);
            assertThat(log.lines())
                    .filteredOn(line -> line.contains(id))
                    .hasSize(2)
                    .allMatch(
                            line -> line.contains(ann.user.id()) && line.contains(admin.user.id()));
        }
    }

    // ---- KEEP_VIDEO, KEEP_MP3, KEEP_JOB

    @Test
    void keeps_a_video_a_day_an_mp3_a_week_and_a_job_ninety_days() throws IOException {
        // a token that stays valid
        ann.token =
                gateway.auth.sign(
                        gateway.auth
                                .unsigned(ann.user, "first")
                                .expiration(Date.from(now.plus(Duration.ofDays(400)))));
        String id = upload(ann, 5000);
        String file = gateway.convert(id, new byte[1000]).attemptFile();
        Instant settled = now;

        sweepAt(settled.plus(Duration.ofDays(1)));
        assertThat(gateway.media(Bucket.VIDEOS)).contains(id);
        sweepAt(settled.plus(Duration.ofDays(1)).plusMillis(1));
        assertThat(gateway.media(Bucket.VIDEOS)).doesNotContain(id);
        assertThat(usage(ann).bytes()).isEqualTo(1000);

        sweepAt(settled.plus(Duration.ofDays(7)));
        assertThat(ann.get("/download?fid=" + id).statusCode()).isEqualTo(200);
        sweepAt(settled.plus(Duration.ofDays(7)).plusMillis(1));
        assertProblem(ann.get("/download?fid=" + id), 410, "gone");
        assertThat(json(ann.get("/jobs/" + id)).get("status").asString()).isEqualTo("expired");
        assertThat(gateway.media(Bucket.MP3S)).doesNotContain(file);
        assertThat(usage(ann).bytes()).isZero();

        sweepAt(settled.plus(Duration.ofDays(90)));
        assertThat(json(ann.get("/jobs/" + id)).get("status").asString()).isEqualTo("expired");
        sweepAt(settled.plus(Duration.ofDays(90)).plusMillis(1));
        assertProblem(ann.get("/jobs/" + id), 404, "not-found");
        assertProblem(ann.get("/download?fid=" + id), 404, "not-found");
        now = settled;
    }

    private static void sweepAt(Instant time) throws IOException {
        now = time;
        gateway.bean(Sweeper.class).enforceRetention();
    }

    // ----

    private static void free(double bytes) throws IOException {
        disk = new DiskSpace(bytes, 1e15);
        gateway.bean(MediaStoreDependency.class).probe();
    }

    private static Jobs.Usage usage(Gateway.Someone someone) {
        return gateway.jobs().usage(someone.user.id());
    }

    private static String first(Gateway.Someone someone) {
        return gateway.jobs().list(someone.user.id(), null, 10).getLast().id();
    }

    private static String upload(Gateway.Someone someone, int bytes) {
        HttpResponse<String> answer = someone.upload(new Form().file("a.mp4", video(bytes)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return json(answer).get("id").asString();
    }

    /** The first answer to a request that announces a body of this length. */
    private static Wire.Answer announceBody(Gateway.Someone someone, long length)
            throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(head(someone, "Content-Length: " + length) + "Expect: 100-continue\r\n\r\n");
            return wire.receive();
        }
    }

    /** Sends a file of this length without the end of its form. */
    @Test
    void a_connection_waits_for_its_next_request_as_long_as_it_is_told() throws IOException {
        try (Wire wire = new Wire(gateway.port())) {
            wire.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(wire.receive().status()).isEqualTo(200);
            long start = System.nanoTime();
            assertThat(wire.closed()).isTrue();
            // 30 s is how long it waits for the first request
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(500), Duration.ofSeconds(15));
        }
    }

    @Test
    void ends_the_download_of_a_client_that_takes_it_too_slowly() throws IOException {
        String id = upload(ann, 1000);
        int length = 40 << 20;
        gateway.convert(id, new byte[length]);
        AtomicInteger taken = new AtomicInteger();
        try (Wire wire = new Wire(gateway.port())) {
            wire.send(
                    "GET /download?fid=%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n"
                            .formatted(id, ann.token));
            Thread client = Thread.startVirtualThread(() -> takeAll(wire, taken));
            // each moment that the gateway waits for the client lasts for minutes on its clock
            while (client.isAlive()) DOWNLOADING.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        assertThat(taken.get()).isBetween(1, length);
    }

    private static void takeAll(Wire wire, AtomicInteger taken) {
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = 0; n >= 0; n = wire.in().read(buffer)) taken.addAndGet(n);
        } catch (IOException e) {
            // a reset ends it as well
        }
    }

    private static Wire uploading(Gateway.Someone someone, int bytes) throws IOException {
        Inventory before = gateway.inventory();
        Wire wire = new Wire(gateway.port());
        wire.send(head(someone, "Transfer-Encoding: chunked") + "\r\n");
        wire.chunk(Form.fileHead("form-data; name=\"file\"; filename=\"a.mp4\""));
        wire.chunk(video(bytes));
        await().until(() -> gateway.hasMoreThan(before));
        return wire;
    }

    private static void finish(Wire wire) throws IOException {
        wire.chunk(ascii("\r\n"));
        wire.chunk(Form.end());
        wire.send("0\r\n\r\n");
    }

    private static String head(Gateway.Someone someone, String length) {
        return "POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + Form.TYPE
                + "\r\nAuthorization: Bearer "
                + someone.token
                + "\r\n"
                + length
                + "\r\n";
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
