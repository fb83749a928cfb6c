package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.ffmpeg.Sandbox;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.UploadConfiguration;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.Dependency.UnusableException;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestMongo;
import dev.tomp3.servers.Wire;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.DeclarableCustomizer;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The whole service on a broker and a document store: what holds when workers stop, die or compete.
 *
 * <p>Most tests share one service. It is idle, and its queues and stores are empty, when a test
 * begins. A test that stops a service, or needs other settings, starts one of its own.
 */
@Tag("back-end")
@ExtendWith(OutputCaptureExtension.class)
class WorkerIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Set<Status> SETTLED = EnumSet.of(Status.DONE, Status.FAILED);
    private static final WorkerTiming FREQUENT_HEARTBEATS =
            new WorkerTiming(
                    Duration.ofMillis(100),
                    WorkerTiming.PRODUCTION.uploadStall(),
                    WorkerTiming.PRODUCTION.uploadStallWhenJobsWait());
    private static final String SHARED = "shared";

    @TempDir static Path shared;

    private static TestBroker broker;
    private static TestMongo mongo;
    private static TestMedia media;
    private static ConfigurableApplicationContext service;

    @TempDir Path directory;

    private final List<ConfigurableApplicationContext> services = new ArrayList<>();
    private final String database = "t" + UUID.randomUUID().toString().replace("-", "");

    @BeforeAll
    static void serve() {
        broker = TestBroker.empty();
        mongo = TestMongo.empty();
        media = new TestMedia(shared, Ffmpegs.bundled().binary());
        service = start(mongo.uri(SHARED), SHARED, FREQUENT_HEARTBEATS);
    }

    @AfterAll
    static void close() {
        service.close();
        broker.close();
        mongo.close();
    }

    @AfterEach
    void stop() throws IOException {
        Trouble.FAILURES.set(0);
        Trouble.free = Double.NaN;
        Trouble.holding = false;
        services.forEach(ConfigurableApplicationContext::close);
        service.getBean(MongoTemplate.class).remove(new Query(), Job.class);
        Worker worker = service.getBean(Worker.class);
        await().atMost(LONG).until(() -> worker.running() == 0);
        MediaStore store = service.getBean(MediaStore.class);
        for (Bucket bucket : Bucket.values())
            for (String id : stored(service, bucket)) store.delete(bucket, id);
        AmqpAdmin admin = service.getBean(AmqpAdmin.class);
        for (String queue : List.of(videos(service), mp3s(service))) admin.purgeQueue(queue);
    }

    /** What standalone adds, and a store that can be made to fail. */
    @Configuration(proxyBeanMethods = false)
    static class Embedded {
        @Bean
        static DeclarableCustomizer declarables() {
            return broker.declarables();
        }

        @Bean
        static BeanPostProcessor trouble() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof MediaStore store ? new Trouble(store) : bean;
                }
            };
        }
    }

    /** A service of the test's own; several of one test have the same stores and queues. */
    private ConfigurableApplicationContext ownService(String... settings) {
        return ownService(mongo.uri(database), FREQUENT_HEARTBEATS, settings);
    }

    private ConfigurableApplicationContext ownService(
            String documents, WorkerTiming timing, String... settings) {
        ConfigurableApplicationContext own = start(documents, database, timing, settings);
        services.add(own);
        return own;
    }

    private static ConfigurableApplicationContext start(
            String documents, String queues, WorkerTiming timing, String... more) {
        ConfigurableApplicationContext started = launch(documents, queues, timing, more);
        awaitReady(started);
        return started;
    }

    private static ConfigurableApplicationContext launch(
            String documents, String queues, WorkerTiming timing, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--METRICS_PORT=0",
                                "--BIND=127.0.0.1",
                                "--FFMPEG_OLD=allow",
                                "--MONGODB_URI=" + documents,
                                "--VIDEO_QUEUE=video-" + queues,
                                "--MP3_QUEUE=mp3-" + queues,
                                "--WORKERS=1",
                                "--GRIDFS_CHUNK=255KB",
                                "--WORK_DIR=" + shared.resolve("work")));
        arguments.addAll(broker.settings());
        arguments.addAll(List.of(more));
        return new SpringApplicationBuilder(
                        ConverterService.class, UploadConfiguration.class, Embedded.class)
                .initializers((GenericApplicationContext beans) ->
                        beans.registerBean(WorkerTiming.class, () -> timing))
                .run(arguments.toArray(String[]::new));
    }

    private static String videos(ConfigurableApplicationContext service) {
        return service.getEnvironment().getRequiredProperty("tomp3.queues.video");
    }

    private static String mp3s(ConfigurableApplicationContext service) {
        return service.getEnvironment().getRequiredProperty("tomp3.queues.mp3");
    }

    static void awaitReady(ConfigurableApplicationContext service) {
        await().atMost(LONG).until(() -> get(service, "/health/ready").statusCode() == 200);
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext service, String path)
            throws IOException, InterruptedException {
        int port = ((ServletWebServerApplicationContext) service).getWebServer().getPort();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    /** As the gateway would take it. */
    static String upload(ConfigurableApplicationContext service, Path video, String owner)
            throws IOException {
        return upload(service, video, video.getFileName().toString(), owner);
    }

    static String upload(
            ConfigurableApplicationContext service, Path video, String name, String owner)
            throws IOException {
        return upload(service, video, name, owner, Options.NONE);
    }

    static String upload(
            ConfigurableApplicationContext service,
            Path video,
            String name,
            String owner,
            Options options)
            throws IOException {
        String id = accepted(service, video, name, owner, options);
        service.getBean(Publisher.class).publish(new Event.VideoUploaded(id));
        return id;
    }

    /** Nobody is woken. */
    private static String accepted(
            ConfigurableApplicationContext service,
            Path video,
            String name,
            String owner,
            Options options)
            throws IOException {
        IncomingUploads uploads = service.getBean(IncomingUploads.class);
        Job job =
                uploads.begin(new Job.Owner(owner, owner + "@example.org", true), name, options, 0);
        try (MediaOutput out = service.getBean(MediaStore.class).create(Bucket.VIDEOS, job.id())) {
            Files.copy(video, out);
            out.commit();
        }
        assertThat(uploads.accept(job, Files.size(video), null)).isPresent();
        return job.id();
    }

    private static Job job(ConfigurableApplicationContext service, String id) {
        return service.getBean(Jobs.class).find(id).orElseThrow();
    }

    private static Job awaitStatus(
            ConfigurableApplicationContext service, String id, Status status) {
        await().atMost(LONG).until(() -> job(service, id).status() == status);
        return job(service, id);
    }

    private static Set<String> stored(ConfigurableApplicationContext service) {
        return stored(service, Bucket.MP3S);
    }

    private static Set<String> stored(ConfigurableApplicationContext service, Bucket bucket) {
        Set<String> ids = new HashSet<>();
        try {
            service.getBean(MediaStore.class).forEachId(bucket, ids::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ids;
    }

    private static <E extends Event> E next(ConfigurableApplicationContext service, Class<E> type) {
        Message message =
                service.getBean(RabbitTemplate.class).receive(mp3s(service), LONG.toMillis());
        assertThat(message).as("a message in the mp3 queue").isNotNull();
        return Event.read(message, type);
    }

    @Test
    void its_health_shows_what_the_sandbox_of_ffmpeg_consists_of() throws Exception {
        HttpResponse<String> isolation = get(service, "/health/isolation");

        assertThat(isolation.statusCode()).isEqualTo(200);
        assertThat(isolation.body())
                .contains(
                        service.getBean(Sandbox.class).layers().stream()
                                .map(layer -> '"' + layer.name() + '"')
                                .collect(Collectors.joining(",", "\"layers\":[", "]")));
    }

    @Test
    void converts_a_job_stores_the_mp3_and_publishes_the_event() throws Exception {
        String id = upload(service, media.tone(TestMedia.Kind.MP4, 440, 3), "anna");

        Job done = awaitStatus(service, id, Status.DONE);

        assertThat(done.attempt()).isEqualTo(1);
        assertThat(done.attemptFile()).isEqualTo(id + "-1");
        assertThat(done.result().durationMs()).isBetween(2950L, 3080L);
        Path mp3 = directory.resolve("out.mp3");
        try (InputStream in = service.getBean(MediaStore.class).open(Bucket.MP3S, id + "-1", 0)) {
            Files.copy(in, mp3, StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(Files.size(mp3)).isEqualTo(done.result().bytes());
        assertThat(media.listen(mp3).hertz()).isBetween(430, 450);
        assertThat(next(service, Event.Mp3Ready.class)).isEqualTo(new Event.Mp3Ready(id, "anna"));
        assertThat(emptyDirectories()).isTrue();
    }

    @Test
    void stores_no_mp3_that_exceeds_the_quota_of_its_owner() throws Exception {
        String full = alreadyStored("full", (20L << 30) - 300_000);
        Path small = media.tone(TestMedia.Kind.FLAC, 440, 30, 8000);
        String refused =
                upload(
                        service,
                        small,
                        "a.flac",
                        "full",
                        new Options(320, null, false, null, false));
        Job failed = awaitStatus(service, refused, Status.FAILED);
        assertThat(failed.failure().code()).isEqualTo(Failure.Code.TOO_LARGE);
        assertThat(failed.failure().message()).contains("quota");
        assertThat(stored(service)).isEmpty();
        service.getBean(Jobs.class).cancel(refused);
        // an MP3 may take the place of its own video
        Path large = media.tone(TestMedia.Kind.WAV, 440, 3);
        awaitStatus(service, upload(service, large, "full"), Status.DONE);
        // and other owners are not concerned
        awaitStatus(service, upload(service, small, "anna"), Status.DONE);
        service.getBean(Jobs.class).cancel(full);
        awaitStatus(service, upload(service, small, "full"), Status.DONE);
    }

    @Test
    void mp3s_that_are_stored_at_the_same_time_count_each_other_on_the_disk() throws Exception {
        // room for one, and half of another one
        Trouble.free = (512L << 20) + 90_000;
        Trouble.holding = true;
        ConfigurableApplicationContext one = ownService();
        ConfigurableApplicationContext other = ownService();
        Path video = media.tone(TestMedia.Kind.WAV, 440, 2.5);
        String first = upload(one, video, "anna");
        await().atMost(LONG)
                .until(() ->
                        one.getBean(Jobs.class).outputInProgress().values().stream()
                                .anyMatch(bytes -> bytes > 0));
        String second = upload(one, video, "bob");
        await().atMost(LONG)
                .until(() -> job(one, second).attempt() > 0 && job(one, second).lease() == null);
        assertThat(job(one, second).status()).isEqualTo(Status.QUEUED);
        assertThat(job(one, second).failureCount()).isZero();

        Trouble.holding = false;
        awaitStatus(other, first, Status.DONE);
        awaitStatus(other, second, Status.DONE);
    }

    /** A job that is done, with an MP3 of this size. */
    private static String alreadyStored(String owner, long bytes) {
        IncomingUploads uploads = service.getBean(IncomingUploads.class);
        Job job =
                uploads.begin(
                        new Job.Owner(owner, owner + "@example.org", true), "", Options.NONE, 0);
        service.getBean(MongoTemplate.class)
                .updateFirst(
                        Query.query(Criteria.where("_id").is(job.id())),
                        new Update()
                                .set("status", Status.DONE)
                                .set("result", new Job.Result(bytes, 1000, List.of()))
                                .unset("upload"),
                        Job.class);
        return job.id();
    }

    private static boolean emptyDirectories() throws IOException {
        try (Stream<Path> left = Files.walk(shared.resolve("work"), 2)) {
            return left.noneMatch(path -> path.getFileName().toString().startsWith("attempt-"));
        }
    }

    /** An upload that stops in its middle, and comes on later. */
    private static final class Halting implements AutoCloseable {
        private final ConfigurableApplicationContext service;
        private final byte[] video;
        private final MediaOutput out;
        private Job job;

        Halting(ConfigurableApplicationContext service) throws IOException {
            this.service = service;
            video = Files.readAllBytes(media.tone(TestMedia.Kind.WAV, 440, 130));
            IncomingUploads uploads = service.getBean(IncomingUploads.class);
            job =
                    uploads.begin(
                            new Job.Owner("anna", "anna@example.org", true), "", Options.NONE, 0);
            out = service.getBean(MediaStore.class).create(Bucket.VIDEOS, job.id());
            out.write(video, 0, video.length / 2);
            job = uploads.offer(job.as("long.wav", Options.NONE)).orElseThrow();
            service.getBean(Publisher.class).publish(new Event.VideoUploaded(job.id()));
            awaitLease(true);
        }

        Job inside() {
            return service.getBean(MongoTemplate.class).findById(job.id(), Job.class);
        }

        void awaitLease(boolean held) {
            await().atMost(LONG).until(() -> (inside().lease() != null) == held);
        }

        void ends() throws IOException {
            out.write(video, video.length / 2, video.length - video.length / 2);
            out.commit();
            Job accepted =
                    service.getBean(IncomingUploads.class)
                            .accept(job, video.length, null)
                            .orElseThrow();
            if (accepted.status() == Status.QUEUED)
                service.getBean(Publisher.class).publish(new Event.VideoUploaded(job.id()));
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    @Test
    void starts_to_convert_an_upload_in_progress_and_settles_it_when_it_is_complete()
            throws Exception {
        try (Halting upload = new Halting(service)) {
            assertThat(upload.inside().status()).isEqualTo(Status.UPLOADING);
            upload.ends();
            Job done = awaitStatus(service, upload.job.id(), Status.DONE);
            assertThat(done.attempt()).isEqualTo(1);
            assertThat(done.result().durationMs()).isEqualTo(130_000);
            assertThat(next(service, Event.Mp3Ready.class).job()).isEqualTo(done.id());
        }
    }

    @Test
    void releases_a_stalled_upload_early_when_another_job_waits() throws Exception {
        try (Halting upload = new Halting(service)) {
            String other = upload(service, media.tone(TestMedia.Kind.MP4, 440, 1), "bob");
            awaitStatus(service, other, Status.DONE);
            assertThat(upload.inside().status()).isEqualTo(Status.UPLOADING);
            assertThat(upload.inside().lease()).isNull();
            upload.ends();
            Job done = awaitStatus(service, upload.job.id(), Status.DONE);
            assertThat(done.failureCount()).isZero();
            assertThat(done.attempt()).isEqualTo(2);
        }
    }

    @Test
    void releases_a_stalled_upload() throws Exception {
        ConfigurableApplicationContext own =
                ownService(
                        mongo.uri(database),
                        new WorkerTiming(
                                FREQUENT_HEARTBEATS.heartbeat(),
                                Duration.ofSeconds(1),
                                FREQUENT_HEARTBEATS.uploadStallWhenJobsWait()));
        try (Halting upload = new Halting(own)) {
            upload.awaitLease(false);
            assertThat(upload.inside().due()).isNull();
            await().until(() -> ffmpegs().isEmpty());
            assertThat(emptyDirectories()).isTrue();
        }
    }

    @Test
    void stops_when_the_upload_that_it_converts_fails() throws Exception {
        try (Halting upload = new Halting(service)) {
            service.getBean(MediaStore.class).delete(Bucket.VIDEOS, upload.job.id());
            service.getBean(IncomingUploads.class).discard(upload.job.id());
            await().atMost(Duration.ofSeconds(3)).until(() -> ffmpegs().isEmpty());
            String other = upload(service, media.tone(TestMedia.Kind.MP4, 440, 1), "bob");
            awaitStatus(service, other, Status.DONE);
            assertThat(stored(service)).containsExactly(other + "-1");
            assertThat(emptyDirectories()).isTrue();
        }
    }

    @Test
    void fails_a_job_whose_file_is_not_a_video() throws Exception {
        String id =
                upload(
                        service,
                        media.text("notes.mp4", "These are my notes. ".repeat(500)),
                        "anna");

        Job failed = awaitStatus(service, id, Status.FAILED);

        assertThat(failed.failure().code()).isEqualTo(Failure.Code.NOT_MEDIA);
        assertThat(next(service, Event.ConversionFailed.class))
                .isEqualTo(new Event.ConversionFailed(id, "anna"));
        assertThat(stored(service)).isEmpty();
    }

    @Test
    void dead_letters_a_malformed_message_and_continues() throws Exception {
        RabbitTemplate rabbit = service.getBean(RabbitTemplate.class);
        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> {
                    rabbit.send(
                            "tomp3.work",
                            videos(service),
                            MessageBuilder.withBody(
                                            "{\"type\":\"Rubbish".getBytes(StandardCharsets.UTF_8))
                                    .build());
                    return true;
                });
        String id = upload(service, media.tone(TestMedia.Kind.MP4, 440, 1), "anna");

        awaitStatus(service, id, Status.DONE);
        Message dead = rabbit.receive(videos(service) + ".dead", LONG.toMillis());
        assertThat(dead).isNotNull();
        assertThat(new String(dead.getBody(), StandardCharsets.UTF_8)).contains("Rubbish");
    }

    /** The embedded broker does not tell its listeners. */
    @Test
    @Tag("rabbitmq")
    void declares_a_deleted_queue_again() throws Exception {
        ConfigurableApplicationContext own = ownService();
        own.getBean(AmqpAdmin.class).deleteQueue(videos(own));
        await().atMost(Duration.ofSeconds(10))
                .until(() -> own.getBean(AmqpAdmin.class).getQueueInfo(videos(own)) != null);

        String id = upload(own, media.tone(TestMedia.Kind.MP4, 440, 1), "anna");

        awaitStatus(own, id, Status.DONE);
    }

    @Test
    void takes_no_more_messages_than_it_has_workers() throws Exception {
        Path video = media.longTone(3600);
        List<String> ids = new ArrayList<>(List.of(upload(service, video, "anna")));
        awaitStatus(service, ids.getFirst(), Status.CONVERTING);
        for (String owner : List.of("bob", "cleo")) ids.add(upload(service, video, owner));

        RabbitTemplate other = service.getBean(RabbitTemplate.class);
        for (int i = 0; i < 2; i++)
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> other.receive(videos(service)) != null);
        ids.forEach(service.getBean(Jobs.class)::cancel);
        await().atMost(LONG).until(() -> ffmpegs().isEmpty());
    }

    @Test
    void logs_a_message_that_the_broker_did_not_confirm(CapturedOutput output) {
        ConfigurableApplicationContext own = ownService();
        Publisher publisher = own.getBean(Publisher.class);
        // a new connection declares the queues, and publishers have one of their own
        publisher.publish(new Event.Mp3Ready("652f1b2c3d4e5f6071829303", "anna"));
        await().until(() -> publisher.waitingMp3s() == 1);
        own.getBean(AmqpAdmin.class).deleteQueue(mp3s(own));
        Event event = new Event.Mp3Ready("652f1b2c3d4e5f6071829304", "anna");
        publisher.publish(event);
        await().untilAsserted(() ->
                assertThat(output)
                        .containsOnlyOnce("Not confirmed, left to the sweeper: " + event));
    }

    /** The rest of it is read, stored and settled when MongoDB answers again. */
    @Test
    void tells_what_it_waits_for_before_it_is_ready() throws Exception {
        try (ConfigurableApplicationContext waiting =
                launch("mongodb://127.0.0.1:1/tomp3", database, FREQUENT_HEARTBEATS)) {
            HttpResponse<String> ready = get(waiting, "/health/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).contains("mongodb");
        }
    }

    @Test
    void recovers_by_itself_when_mongodb_hangs() throws Exception {
        try (Wire wire = mongo.wire()) {
            ConfigurableApplicationContext own = ownService(mongo.uri(wire), FREQUENT_HEARTBEATS);
            String id = upload(own, media.longTone(600), "anna");
            await().atMost(LONG).until(() -> job(own, id).progress() > 0);

            wire.hang();
            await().atMost(LONG).until(() -> get(own, "/health").statusCode() == 503);
            assertThat(get(own, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(own, "/health/ready").statusCode()).isEqualTo(200);
            wire.goOn();

            await().atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> job(own, id).status() == Status.DONE);
            assertThat(job(own, id).failureCount()).isZero();
            assertThat(stored(own)).containsExactly(id + "-" + job(own, id).attempt());
        }
    }

    @Test
    void two_workers_share_the_jobs_and_convert_none_twice() throws Exception {
        ConfigurableApplicationContext one = ownService();
        ConfigurableApplicationContext two = ownService();
        Path video = media.tone(TestMedia.Kind.MP4, 440, 2);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 8; i++) ids.add(upload(one, video, "user" + i % 3));

        for (String id : ids) assertThat(awaitStatus(one, id, Status.DONE).attempt()).isEqualTo(1);

        assertThat(stored(one)).hasSize(8);
        assertThat(successes(one) + successes(two)).isEqualTo(8);
    }

    @Test
    void respects_the_limit_of_running_jobs_per_owner_and_converts_all() throws Exception {
        ConfigurableApplicationContext own =
                ownService("--tomp3.converter.workers=3", "--MAX_CONCURRENT_JOBS_PER_USER=1");
        Path video = media.tone(TestMedia.Kind.MP4, 440, 1);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) ids.add(upload(own, video, "anna"));

        List<Job> done = new ArrayList<>();
        for (String id : ids) done.add(awaitStatus(own, id, Status.DONE));

        assertThat(done).extracting(Job::attempt).containsOnly(1);
        assertThat(done).extracting(Job::failureCount).containsOnly(0);
        done.sort(Comparator.comparing(Job::startedAt));
        for (int i = 1; i < done.size(); i++)
            assertThat(done.get(i).startedAt()).isAfterOrEqualTo(done.get(i - 1).finishedAt());
    }

    @Test
    void another_owners_job_waits_only_for_the_running_jobs() throws Exception {
        ConfigurableApplicationContext gateway = ownService();
        gateway.getBean(VideoListener.class).stop();
        Path video = media.tone(TestMedia.Kind.MP4, 440, 1);
        List<String> flood = new ArrayList<>();
        for (int i = 0; i < 30; i++) flood.add(upload(gateway, video, "anna"));
        String id = upload(gateway, video, "bob");

        ConfigurableApplicationContext own = ownService("--tomp3.converter.workers=2");

        Job bobs = awaitStatus(own, id, Status.DONE);
        assertThat(flood)
                .filteredOn(anna -> {
                    Job job = job(own, anna);
                    return job.startedAt() != null && job.startedAt().isBefore(bobs.startedAt());
                })
                .hasSizeLessThanOrEqualTo(2);
    }

    private static double successes(ConfigurableApplicationContext service) {
        return service.getBean(MeterRegistry.class)
                .get("converter.jobs")
                .tag("result", "success")
                .counter()
                .count();
    }

    @Test
    void stops_converting_when_the_job_is_cancelled(CapturedOutput output) throws Exception {
        String id = upload(service, media.longTone(3600), "anna");
        await().atMost(LONG).until(() -> job(service, id).progress() > 0);

        service.getBean(Jobs.class).cancel(id);
        service.getBean(MediaStore.class).delete(Bucket.VIDEOS, id); // as the gateway does

        await().atMost(Duration.ofSeconds(5)).until(() -> ffmpegs().isEmpty());
        await().atMost(LONG).untilAsserted(() -> assertThat(emptyDirectories()).isTrue());
        assertThat(job(service, id).status()).isEqualTo(Status.CANCELLED);
        assertThat(stored(service)).isEmpty();
        assertThat(output).doesNotContain("internal error");
        // and it is free for the next
        awaitStatus(
                service,
                upload(service, media.tone(TestMedia.Kind.MP4, 440, 1), "anna"),
                Status.DONE);
        assertThat(output).contains("lost job " + id);
    }

    /** The ffmpegs of this JVM. */
    private static List<ProcessHandle> ffmpegs() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().command().orElse("").contains("ffmpeg"))
                .toList();
    }

    @Test
    void retries_later_when_the_media_store_fails() throws Exception {
        Trouble.FAILURES.set(1);
        String id = upload(service, media.tone(TestMedia.Kind.MP4, 440, 1), "anna");

        await().atMost(LONG).until(() -> Trouble.FAILURES.get() == 0);
        Job waiting = awaitStatus(service, id, Status.QUEUED);
        assertThat(waiting.failureCount()).isZero();

        Job done = awaitStatus(service, id, Status.DONE);
        assertThat(done.attempt()).isEqualTo(2);
        assertThat(done.failureCount()).isZero();
        assertThat(stored(service)).containsExactly(id + "-2");
    }

    /** Some of the files that {@link HostileFilesTest} converts. */
    @Test
    void hostile_files_do_not_affect_the_worker() throws Exception {
        Path good = media.tone(TestMedia.Kind.MP4, 440, Corpus.SECONDS);
        byte[] before = converted(service, upload(service, good, "good.mp4", "anna"));
        try (Canary canary = new Canary(media.tone(TestMedia.Kind.TS, Canary.HERTZ, 3))) {
            Map<String, Corpus.Right> right = new HashMap<>();
            List<Corpus.Case> corpus = Corpus.of(media, canary);
            for (int i = 0; i < corpus.size(); i += 25) {
                Corpus.Case file = corpus.get(i);
                Path path = Files.write(directory.resolve("case"), file.content().bytes());
                right.put(upload(service, path, file.fileName(), "eve"), file.right());
            }
            byte[] after = converted(service, upload(service, good, "good.mp4", "anna"));

            assertThat(after).isEqualTo(before);
            right.forEach((id, expected) -> {
                await().atMost(LONG).until(() -> SETTLED.contains(job(service, id).status()));
                Job job = job(service, id);
                if (job.status() == Status.DONE) assertThat(expected.done()).isTrue();
                else assertThat(expected.codes()).contains(job.failure().code());
                assertThat(job.failureCount()).isZero();
            });
            assertThat(canary.visits()).isEmpty();
        }
        assertThat(ffmpegs()).isEmpty();
        assertThat(emptyDirectories()).isTrue();
    }

    private static byte[] converted(ConfigurableApplicationContext service, String id)
            throws IOException {
        String file = awaitStatus(service, id, Status.DONE).attemptFile();
        try (InputStream in = service.getBean(MediaStore.class).open(Bucket.MP3S, file, 0)) {
            return in.readAllBytes();
        }
    }

    @Test
    void a_full_disk_delays_jobs_and_counts_no_failure() throws Exception {
        Path full = Files.createFile(directory.resolve("full"));
        Path ffmpeg = Ffmpegs.bundled().binary();
        Path script =
                Files.writeString(
                        directory.resolve("ffmpeg"),
                        "#!/bin/sh\nif [ -f %s ]; then\n%s\nfi\nexec %s \"$@\"\n"
                                .formatted(full, ToFullDisk.SCRIPT.formatted(ffmpeg), ffmpeg));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        ConfigurableApplicationContext own = ownService("--FFMPEG=" + script, "--SANDBOX=off");
        String id = upload(own, media.tone(TestMedia.Kind.MP4, 440, 1), "anna");
        await().atMost(LONG)
                .until(() -> job(own, id).attempt() > 0 && job(own, id).status() == Status.QUEUED);

        Files.delete(full);

        Job done = awaitStatus(own, id, Status.DONE);
        assertThat(done.failureCount()).isZero();
        assertThat(done.attempt()).isGreaterThan(1);
        assertThat(stored(own)).containsExactly(id + "-" + done.attempt());
        assertThat(emptyDirectories()).isTrue();
    }

    @Test
    void releases_what_it_cannot_finish_when_it_stops_even_if_the_broker_hangs() throws Exception {
        Wire wire = new Wire(broker.host(), broker.port());
        // the other node of the cluster is down
        ConfigurableApplicationContext own =
                ownService(
                        "--SHUTDOWN_GRACE=3s",
                        "--RABBITMQ_ADDRESSES=127.0.0.1:1,127.0.0.1:" + wire.port());
        ConfigurableApplicationContext observer = ownService();
        // the observer is kept busy, so that it does not take the job at once
        observer.getBean(VideoListener.class).stop();
        String id = upload(own, media.longTone(3600), "anna");
        await().atMost(LONG).until(() -> job(observer, id).status() == Status.CONVERTING);

        wire.hang();
        long before = System.nanoTime();
        own.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        Job waiting = job(observer, id);
        assertThat(waiting.status()).isEqualTo(Status.QUEUED);
        assertThat(waiting.failureCount()).isZero();
        assertThat(stored(observer)).isEmpty();
        assertThat(ffmpegs()).isEmpty();
        wire.close();
        await().until(() -> observer.getBean(Publisher.class).waitingVideos() > 0);
    }

    @Test
    void finishes_a_job_that_is_nearly_done_when_it_stops() throws Exception {
        // its estimated rest is in any case less than two thirds of that
        ConfigurableApplicationContext own = ownService("--SHUTDOWN_GRACE=1d");
        ConfigurableApplicationContext observer = ownService();
        observer.getBean(VideoListener.class).stop();
        String id = upload(own, media.longTone(600), "anna");
        await().atMost(LONG).until(() -> job(observer, id).progress() > 0);

        own.close();

        Job done = job(observer, id);
        assertThat(done.status()).isEqualTo(Status.DONE);
        assertThat(done.attempt()).isEqualTo(1);
    }

    @Test
    void the_result_of_a_worker_that_lost_its_lease_changes_nothing() throws Exception {
        double successes = successes(service);
        String id = upload(service, media.longTone(3600), "anna");
        await().atMost(LONG).until(() -> job(service, id).progress() > 0);

        // another worker has it, as after a lease that ran out
        MongoTemplate template = service.getBean(MongoTemplate.class);
        template.updateFirst(
                Query.query(Criteria.where("_id").is(new ObjectId(id))),
                new Update().inc("attempt", 1),
                Job.class);

        await().atMost(Duration.ofSeconds(5)).until(() -> ffmpegs().isEmpty());
        await().atMost(LONG).untilAsserted(() -> assertThat(emptyDirectories()).isTrue());
        assertThat(stored(service)).isEmpty();
        assertThat(job(service, id).status()).isEqualTo(Status.CONVERTING);
        assertThat(successes(service)).isEqualTo(successes);
    }

    @Test
    void a_job_that_loses_every_worker_fails() throws Exception {
        Trouble.crashing = true;
        try {
            String id = upload(service, media.tone(TestMedia.Kind.MP4, 440, 1), "anna");

            Job failed = awaitFailure(id);

            assertThat(failed.failure().code()).isEqualTo(Failure.Code.INTERNAL);
            assertThat(failed.failureCount()).isEqualTo(5);
            assertThat(failed.attempt()).isEqualTo(5);
            assertThat(next(service, Event.ConversionFailed.class).job()).isEqualTo(id);
        } finally {
            Trouble.crashing = false;
        }
    }

    @Test
    void a_job_whose_video_is_missing_fails() throws Exception {
        IncomingUploads uploads = service.getBean(IncomingUploads.class);
        Job job =
                uploads.begin(
                        new Job.Owner("anna", "anna@example.org", true), "a.mp4", Options.NONE, 0);
        assertThat(uploads.accept(job, 1000, null)).isPresent();
        service.getBean(Publisher.class).publish(new Event.VideoUploaded(job.id()));

        assertThat(awaitFailure(job.id()).failure().code()).isEqualTo(Failure.Code.INTERNAL);
    }

    @Test
    void a_job_whose_video_is_short_or_whose_cover_is_missing_fails() throws Exception {
        Path video = media.tone(TestMedia.Kind.MP4, 440, 2);
        IncomingUploads uploads = service.getBean(IncomingUploads.class);
        Job shortened =
                uploads.begin(
                        new Job.Owner("anna", "anna@example.org", true), "a.mp4", Options.NONE, 0);
        try (MediaOutput out =
                service.getBean(MediaStore.class).create(Bucket.VIDEOS, shortened.id())) {
            out.write(Files.readAllBytes(video), 0, 10_000);
            out.commit();
        }
        assertThat(uploads.accept(shortened, Files.size(video), null)).isPresent();
        service.getBean(Publisher.class).publish(new Event.VideoUploaded(shortened.id()));
        String bare = upload(service, video, "a.mp4", "ada", Options.NONE.withCover("00"));

        for (String id : List.of(shortened.id(), bare))
            assertThat(awaitFailure(id).failure().code()).isEqualTo(Failure.Code.INTERNAL);
    }

    @Test
    void an_mp3_takes_the_place_of_a_video_whose_length_was_not_known() throws Exception {
        long length = Files.size(media.tone(TestMedia.Kind.WAV, 440, 130));
        ConfigurableApplicationContext own =
                ownService("--MAX_STORED_PER_USER=" + (length + 1_000_000) + "B");
        try (Halting upload = new Halting(own)) {
            upload.ends();
            await().atMost(LONG).until(() -> SETTLED.contains(upload.inside().status()));
            assertThat(upload.inside().status()).isEqualTo(Status.DONE);
        }
    }

    @Test
    void no_job_is_claimed_that_would_wait_for_one_that_runs_exclusively() throws Exception {
        ConfigurableApplicationContext own =
                ownService(
                        mongo.uri(database),
                        new WorkerTiming(FREQUENT_HEARTBEATS.heartbeat(), LONG, LONG),
                        "--tomp3.converter.workers=3");
        try (Halting upload = new Halting(own)) {
            Path video = media.tone(TestMedia.Kind.MP4, 440, 2);
            String suspect = accepted(own, video, "a.mp4", "eve", Options.NONE);
            own.getBean(MongoTemplate.class)
                    .updateFirst(
                            Query.query(Criteria.where("_id").is(suspect)),
                            Update.update("failureCount", 2),
                            Job.class);
            own.getBean(Publisher.class).publish(new Event.VideoUploaded(suspect));
            await().atMost(LONG).until(() -> job(own, suspect).lease() != null);
            String other = upload(own, video, "ada");
            await().during(Duration.ofSeconds(1))
                    .atMost(LONG)
                    .until(() -> job(own, other).status() == Status.QUEUED);
            assertThat(job(own, suspect).lease().begun()).isFalse();
            upload.ends();
            for (String id : List.of(upload.job.id(), suspect, other))
                await().atMost(LONG).until(() -> job(own, id).status() == Status.DONE);
        }
    }

    /** Waits for the end of a job that is retried later and later, and lets no time pass. */
    private static Job awaitFailure(String id) {
        MongoTemplate template = service.getBean(MongoTemplate.class);
        Query delayed =
                Query.query(
                        Criteria.where("_id")
                                .is(new ObjectId(id))
                                .and("status")
                                .is(Status.QUEUED)
                                .and("due")
                                .gt(Instant.EPOCH));
        await().atMost(LONG)
                .until(() -> {
                    Update now = new Update().set("due", Instant.EPOCH);
                    if (template.updateFirst(delayed, now, Job.class).getModifiedCount() == 1)
                        service.getBean(Publisher.class).publish(new Event.VideoUploaded(id));
                    return job(service, id).status() == Status.FAILED;
                });
        return job(service, id);
    }

    @Test
    void exports_its_metrics_from_the_start_and_counts_conversions() throws Exception {
        ConfigurableApplicationContext own = ownService();
        await().atMost(LONG)
                .until(() ->
                        metric(own, "back_end_up{back_end=\"mongodb\"}") == 1
                                && metric(own, "back_end_up{back_end=\"rabbitmq\"}") == 1
                                && metric(own, "back_end_up{back_end=\"media\"}") == 1);
        for (Failure.Code code : Failure.Code.values())
            assertThat(metric(own, "converter_failures_total{code=\"" + code.wire() + "\"}"))
                    .isZero();
        assertThat(metric(own, "converter_jobs_total{result=\"success\"}")).isZero();
        assertThat(metric(own, "converter_jobs_total{result=\"error\"}")).isZero();
        assertThat(metric(own, "converter_job_duration_seconds_count")).isZero();
        assertThat(metric(own, "converter_audio_seconds_total")).isZero();
        assertThat(metric(own, "converter_workers")).isEqualTo(1);
        assertThat(metric(own, "converter_workers_busy")).isZero();
        String disk = "{path=\"" + shared.resolve("work").toAbsolutePath() + "\"}";
        assertThat(metric(own, "disk_free_bytes" + disk)).isPositive();
        assertThat(metric(own, "disk_total_bytes" + disk)).isPositive();

        awaitStatus(own, upload(own, media.tone(TestMedia.Kind.MP4, 440, 3), "anna"), Status.DONE);
        awaitStatus(
                own,
                upload(own, media.text("notes.mp4", "My notes. ".repeat(500)), "anna"),
                Status.FAILED);

        await().until(() -> metric(own, "converter_jobs_total{result=\"error\"}") == 1);
        assertThat(metric(own, "converter_failures_total{code=\"not-media\"}")).isEqualTo(1);
        assertThat(metric(own, "converter_jobs_total{result=\"success\"}")).isEqualTo(1);
        assertThat(metric(own, "converter_job_duration_seconds_count")).isEqualTo(2);
        assertThat(metric(own, "converter_audio_seconds_total")).isBetween(2.9, 3.1);
        await().until(() -> metric(own, "converter_workers_busy") == 0);
    }

    private static double metric(ConfigurableApplicationContext service, String series)
            throws Exception {
        String metrics = get(service, "/metrics").body();
        return metrics.lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + series + " in " + metrics));
    }

    /** A store that fails as it is told to. */
    static final class Trouble implements MediaStore {
        static final AtomicInteger FAILURES = new AtomicInteger();
        static volatile boolean crashing;

        /** NaN: of the real disk. */
        static volatile double free = Double.NaN;

        /** While it is true, no MP3 is stored. */
        static volatile boolean holding;

        private final MediaStore store;

        Trouble(MediaStore store) {
            this.store = store;
        }

        @Override
        public InputStream open(Bucket bucket, String id, long offset) throws IOException {
            InputStream in = store.open(bucket, id, offset);
            if (FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) == 0) return in;
            in.close();
            return new FilterInputStream(in) {
                @Override
                public int read(byte[] buffer, int from, int length) throws IOException {
                    throw new IOException("The store is away");
                }
            };
        }

        @Override
        public InputStream openInProgress(Bucket bucket, String id, long offset)
                throws IOException {
            return store.openInProgress(bucket, id, offset);
        }

        @Override
        public MediaOutput create(Bucket bucket, String id) throws IOException {
            if (crashing && bucket == Bucket.MP3S)
                throw new IllegalStateException("An internal error");
            if (bucket == Bucket.MP3S) await().atMost(LONG).until(() -> !holding);
            return store.create(bucket, id);
        }

        @Override
        public MediaOutput append(Bucket bucket, String id, long offset, long writer)
                throws IOException {
            return store.append(bucket, id, offset, writer);
        }

        @Override
        public void truncate(Bucket bucket, String id, long offset) throws IOException {
            store.truncate(bucket, id, offset);
        }

        @Override
        public void delete(Bucket bucket, String id) throws IOException {
            store.delete(bucket, id);
        }

        @Override
        public void forEachId(Bucket bucket, Consumer<String> action) throws IOException {
            store.forEachId(bucket, action);
        }

        @Override
        public void prepare() throws IOException, UnusableException {
            store.prepare();
        }

        @Override
        public DiskSpace diskSpace() throws IOException {
            return Double.isNaN(free) ? store.diskSpace() : new DiskSpace(free, 1L << 40);
        }
    }
}
