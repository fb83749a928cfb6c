package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.ClaimQueue;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestMongo;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** The service as a process of its own, with little memory, and stopped for a while. */
@Tag("back-end")
class OwnProcessIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int HEAP_MEGABYTES = 64;

    @TempDir static Path directory;

    private static TestBroker broker;
    private static TestMongo mongo;
    private static TestMedia media;
    private static ConfigurableApplicationContext observer;
    private static Process converter;
    private static Jobs jobs;
    private static MediaStore store;

    @BeforeAll
    static void start() throws IOException {
        broker = TestBroker.empty();
        mongo = TestMongo.empty();
        media = new TestMedia(directory, Ffmpegs.bundled().binary());
        converter = ConverterProcess.start(broker, HEAP_MEGABYTES, settings("converter"));
        observer = ConverterProcess.observer(broker, settings("observer"));
        jobs = observer.getBean(Jobs.class);
        store = observer.getBean(MediaStore.class);
    }

    private static List<String> settings(String name) {
        return List.of(
                "--METRICS_PORT=0",
                "--BIND=127.0.0.1",
                "--FFMPEG_OLD=allow",
                "--MONGODB_URI=" + mongo.uri(),
                "--WORKERS=1",
                "--MEDIA_STORE=files:" + directory.resolve("media"),
                "--WORK_DIR=" + directory.resolve(name));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        converter.destroyForcibly();
        converter.waitFor();
        observer.close();
        mongo.close();
        broker.close();
    }

    @Test
    void converts_what_does_not_fit_into_its_memory() throws Exception {
        // without tags, so that the pieces make one MP3, whose frames are copied
        Path piece =
                media.make(
                        "piece.mp3",
                        Stream.concat(
                                        TestMedia.sine(440, 60, 48_000).stream(),
                                        Stream.of(
                                                "-b:a",
                                                "320k",
                                                "-write_xing",
                                                "0",
                                                "-id3v2_version",
                                                "0"))
                                .toList());
        Path video = directory.resolve("long.mp3");
        try (OutputStream out = Files.newOutputStream(video)) {
            for (int i = 0; i < 50; i++) Files.copy(piece, out);
        }
        long most = HEAP_MEGABYTES << 20;
        assertThat(Files.size(video)).isGreaterThan(most);

        String id = WorkerIT.upload(observer, video, "anna");

        await().atMost(LONG).until(() -> job(id).status() == Status.DONE);
        assertThat(job(id).failureCount()).isZero();
        assertThat(job(id).result().bytes()).isGreaterThan(most);
    }

    @Test
    void a_worker_that_was_stopped_beyond_its_lease_changes_nothing_when_it_goes_on()
            throws Exception {
        String id = WorkerIT.upload(observer, media.longTone(3600), "anna");
        await().atMost(LONG).until(() -> job(id).progress() > 0);
        signal("STOP");
        try {
            await().atMost(LONG).until(() -> job(id).status() == Status.QUEUED);
            assertThat(job(id).failureCount()).isEqualTo(1);
            Job other = observer.getBean(ClaimQueue.class).claim("another").orElseThrow();
            assertThat(other.id()).isEqualTo(id);
            try (MediaOutput out = store.create(Bucket.MP3S, other.attemptFile())) {
                out.write(new byte[100]);
                out.commit();
            }
            assertThat(
                            observer.getBean(Attempts.class)
                                    .succeed(other, new Job.Result(100, 1000, List.of())))
                    .isTrue();
        } finally {
            signal("CONT");
        }
        await().atMost(LONG).until(() -> converter.descendants().findAny().isEmpty());
        // and it is of use again
        String next = WorkerIT.upload(observer, media.tone(TestMedia.Kind.MP4, 440, 1), "anna");
        await().atMost(LONG).until(() -> job(next).status() == Status.DONE);

        Job done = job(id);
        assertThat(done.status()).isEqualTo(Status.DONE);
        assertThat(done.attemptFile()).isEqualTo(id + "-2");
        assertThat(done.failureCount()).isEqualTo(1);
        Set<String> files = new HashSet<>();
        store.forEachId(Bucket.MP3S, files::add);
        assertThat(files).contains(id + "-2").doesNotContain(id + "-1");
        try (Stream<Path> left = Files.walk(directory.resolve("converter"), 2)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("attempt-"));
        }
    }

    private static Job job(String id) {
        return jobs.find(id).orElseThrow();
    }

    private static void signal(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-" + name, Long.toString(converter.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }
}
