package dev.tomp3.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Kind;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Accepted jobs are not lost by a stop or a power failure: three starts on one data directory. */
class RestartJourneyTest {
    private static final Map<String, String> ONE_WORKER =
            Map.of("WORKERS", "1", "SHUTDOWN_GRACE", "1s");

    @TempDir Path directory;

    @Test
    void accepted_jobs_survive_stops_and_kills() throws Exception {
        TestMedia media = TestMedia.in(Files.createDirectory(directory.resolve("media")));
        String account;
        String before;
        String interrupted;
        List<String> waiting;
        CompletableFuture<JsonNode> asked;
        EventReader events;
        String unfinished;
        long told;
        int safe;
        // the job tells of each 4 MB that arrive
        byte[] video = Files.readAllBytes(media.tone(Kind.WAV, 660, 120));
        int half = video.length / 2;
        List<Path> brief =
                Stream.of(500, 600, 700, 800).map(hertz -> media.tone(Kind.M4A, hertz, 1)).toList();

        try (RunningSystem first = RunningSystem.start(directory, ONE_WORKER)) {
            account = first.administrator();
            User user = User.login(first.gateway(), account);
            before = user.convert(media.tone(Kind.MP4, 440, 2));

            RunningSystem.Ended second = RunningSystem.run(directory, Map.of());
            assertThat(second.status()).isEqualTo(1);
            assertThat(second.errors()).hasSize(1).first().asString().contains("data");

            interrupted = user.upload(SlowFile.in(directory, 40), SlowFile.OPTIONS);
            await().atMost(Duration.ofMinutes(1))
                    .until(() ->
                            user.job(interrupted).get("status").asString().equals("converting"));
            asked = user.settledWithin(interrupted, 100);
            events = EventReader.open(user, null);
            waiting = brief.subList(0, 3).stream().map(file -> user.upload(file)).toList();
            events.await(waiting.getLast(), "queued");
            Tus tus = new Tus(user);
            unfinished = tus.create("unfinished.wav", video.length);
            PipedOutputStream out = new PipedOutputStream();
            var _ = tus.begin(unfinished, 0, new PipedInputStream(out, 1 << 16));
            out.write(video, 0, half);
            await("bytes have arrived")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> user.job(unfinished).path("received_bytes").asLong() > 0);
            told = user.job(unfinished).path("received_bytes").asLong();
            assertThat(first.stop()).isZero();
            // the stop ends all waiting, and before the grace period does
            assertThat(asked.join().get("status").asString()).isIn("converting", "queued");
            events.awaitEnd();
        }

        String last;
        try (RunningSystem second = RunningSystem.start(directory, ONE_WORKER)) {
            // the password is shown once
            assertThat(second.output())
                    .noneMatch(line -> line.contains(account))
                    .anyMatch(line -> line.contains("first start"));
            User user = User.login(second.gateway(), account);
            Tus tus = new Tus(user);
            user.download(before, directory.resolve("before.mp3"));
            try (EventReader resumed = EventReader.open(user, events.last())) {
                resumed.await(interrupted, "converting");
                assertThat(resumed.names()).doesNotContain("snapshot");
            }
            await().atMost(Duration.ofMinutes(1))
                    .until(() ->
                            user.job(interrupted).get("status").asString().equals("converting"));
            safe = Math.toIntExact(tus.offset(unfinished));
            assertThat(safe).as("nothing that arrived is lost").isBetween((int) told, half);
            PipedOutputStream out = new PipedOutputStream();
            var _ = tus.begin(unfinished, safe, new PipedInputStream(out, 1 << 16));
            out.write(video, safe, (video.length - safe) / 2);
            // a 202, and the power goes
            last = user.upload(brief.getLast());
            second.kill();
        }

        try (RunningSystem third = RunningSystem.start(directory, ONE_WORKER)) {
            User user = User.login(third.gateway(), account);
            Tus tus = new Tus(user);
            long offset = tus.offset(unfinished);
            assertThat(offset).isBetween((long) safe, (long) video.length);
            int left = (int) (video.length - offset);
            tus.patch(unfinished, offset, BodyPublishers.ofByteArray(video, (int) offset, left));
            for (String id : waiting) {
                assertThat(user.settled(id).get("status").asString()).isEqualTo("done");
            }
            assertThat(user.settled(last).get("status").asString()).isEqualTo("done");
            MediaStoreSuite.assertTone(
                    media.listen(user.download(last, directory.resolve("last.mp3"))), 800, 1);
            assertThat(user.settled(unfinished).get("status").asString()).isEqualTo("done");
            MediaStoreSuite.assertTone(
                    media.listen(user.download(unfinished, directory.resolve("resumed.mp3"))),
                    660,
                    120);
            var job = user.settled(interrupted);
            assertThat(job.get("status").asString()).isEqualTo("done");
            assertThat(job.get("attempt").asInt()).isGreaterThanOrEqualTo(3);
            assertThat(job.get("duration_ms").asLong()).isEqualTo(2_400_000L);
            user.download(before, directory.resolve("before.mp3"));
        }
    }
}
