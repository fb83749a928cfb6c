package dev.tomp3.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.servers.TestBroker;
import dev.tomp3.servers.TestMongo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Update;

/**
 * A file that kills the JVM of every converter that takes it: the service is a process of its own,
 * started anew whenever it dies, and its ffmpeg is a script that kills it when it sees the file.
 */
@Tag("back-end")
class PoisonIT {
    /** By which the script knows the job, in kbit/s. */
    private static final int POISON = 320;

    /**
     * How many JVMs the file kills. In nightly runs, each death counts as a failure; in others, the
     * first one counts as four, so that the second one, which runs exclusively, is the last.
     */
    private static final int DEATHS = Ffmpegs.NIGHTLY ? 5 : 2;

    @TempDir Path directory;

    private final TestBroker broker = TestBroker.empty();
    private final TestMongo mongo = TestMongo.empty();
    private final AtomicInteger deaths = new AtomicInteger();
    private volatile boolean over;
    private volatile Process converter;
    private volatile MongoTemplate store;

    @AfterEach
    void stop() throws InterruptedException {
        over = true;
        if (converter != null) {
            converter.destroyForcibly();
            converter.waitFor();
        }
        mongo.close();
        broker.close();
    }

    @Test
    void fails_its_job_after_the_fifth_death_and_takes_no_other_job_along() throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        try (ConfigurableApplicationContext observer =
                ConverterProcess.observer(broker, settings("observer", ""))) {
            Jobs jobs = observer.getBean(Jobs.class);
            store = observer.getBean(MongoTemplate.class);
            Path video = media.tone(TestMedia.Kind.MP4, 440, 2);
            String poison =
                    WorkerIT.upload(
                            observer,
                            video,
                            "poison.mp4",
                            "eve",
                            new Options(POISON, null, false, null, false));
            converter = start();
            List<String> good = new ArrayList<>();
            for (int i = 0; i < 3; i++)
                good.add(WorkerIT.upload(observer, video, "good.mp4", "ann" + i));

            await().atMost(Duration.ofMinutes(5))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> jobs.find(poison).orElseThrow().status() == Status.FAILED);

            Job failed = jobs.find(poison).orElseThrow();
            assertThat(failed.failure().code()).isEqualTo(Failure.Code.INTERNAL);
            assertThat(failed.failureCount()).isEqualTo(5);
            // a suspicious job may be put back while it waits for the others to end
            assertThat(failed.attempt()).isGreaterThanOrEqualTo(DEATHS);
            assertThat(deaths).hasValue(DEATHS);
            for (String id : good) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> jobs.find(id).orElseThrow().status() == Status.DONE);
                // those that it was converted with before it became suspicious
                assertThat(jobs.find(id).orElseThrow().failureCount()).isLessThanOrEqualTo(2);
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> observer.getBean(Publisher.class).waitingVideos() == 0);
            assertThat(converter.isAlive()).isTrue();
            assertThat(deaths).hasValue(DEATHS);
        }
    }

    private List<String> settings(String name, String ffmpeg) {
        return List.of(
                "--METRICS_PORT=0",
                "--BIND=127.0.0.1",
                "--FFMPEG_OLD=allow",
                "--MONGODB_URI=" + mongo.uri(),
                "--WORKERS=2",
                "--GRIDFS_CHUNK=255KB",
                "--FFMPEG=" + ffmpeg,
                "--SANDBOX=off",
                "--WORK_DIR=" + directory.resolve(name));
    }

    private Process start() throws IOException {
        Process process =
                ConverterProcess.start(broker, 256, settings("converter", script().toString()));
        var _ =
                process.onExit()
                        .thenAccept(dead -> {
                            if (over) return;
                            if (deaths.incrementAndGet() == 1 && DEATHS < 5) countThreeMore();
                            try {
                                converter = start();
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        return process;
    }

    /** Before the observer counts the first death, which takes it some seconds. */
    private void countThreeMore() {
        store.updateFirst(
                query(where("options.bitrate").is(POISON)),
                new Update().set("failureCount", 3),
                Job.class);
    }

    /** Its parent is the JVM: prlimit becomes what it starts. */
    private Path script() throws IOException {
        Path script = directory.resolve("ffmpeg");
        if (Files.exists(script)) return script;
        Files.writeString(
                script,
                """
                #!/bin/sh
                case "$*" in *"-b:a %dk"*) kill -KILL $PPID; exit 1 ;; esac
                exec %s "$@"
                """
                        .formatted(POISON, Ffmpegs.bundled().binary()));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }
}
