package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static dev.tomp3.jobs.Store.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Sweep.Retention;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.media.Stores;
import dev.tomp3.jobs.queue.Broker;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Event.ConversionFailed;
import dev.tomp3.jobs.queue.Event.Mp3Ready;
import dev.tomp3.jobs.queue.Event.VideoUploaded;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("back-end")
class SweepTest {
    private static final Retention RETENTION =
            new Retention(Duration.ofHours(1), Duration.ofDays(7), Duration.ofDays(30));

    private static Broker broker;

    @TempDir private Path directory;
    private final Store store = new Store();
    private final Jobs jobs = store.jobs;
    private final AtomicLong nanos = new AtomicLong();
    private MediaStore media;
    private Sweep sweep;

    @BeforeAll
    static void startBroker() {
        broker = new Broker();
    }

    @AfterAll
    static void stopBroker() throws InterruptedException {
        broker.stop();
    }

    @BeforeEach
    void start() throws InterruptedException {
        broker.empty();
        media = Stores.files(directory);
        sweep = sweep();
    }

    @AfterEach
    void stop() {
        store.close();
    }

    // ---- leases

    @Test
    void a_lease_that_stands_still_for_eight_seconds_is_lost() throws IOException {
        Job job = store.converting(ADA);
        write(Bucket.MP3S, job.attemptFile());
        write(Bucket.VIDEOS, job.id());
        sweep.lost();
        seconds(7);
        assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        seconds(1);
        Job lost = store.now(job);
        assertThat(lost.status()).isEqualTo(Status.QUEUED);
        assertThat(lost.strikes()).isEqualTo(1);
        assertThat(files()).containsExactly(job.id());
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
        assertThat(broker.take("video")).isEqualTo(new VideoUploaded(job.id()));
    }

    @Test
    void a_lease_that_moves_is_kept() throws IOException {
        Job job = store.converting(ADA);
        for (int i = 0; i < 10; i++) {
            seconds(7);
            assertThat(jobs.beat(job, i)).isTrue();
        }
        seconds(7);
        assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
    }

    @Test
    void a_lease_is_not_lost_because_the_observer_was_stopped() throws IOException {
        Job job = store.converting(ADA);
        sweep.lost();
        nanos.addAndGet(Duration.ofHours(1).toNanos());
        sweep.lost();
        assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        seconds(5);
        assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        seconds(1);
        assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
    }

    @Test
    void clocks_of_machines_do_not_matter_to_a_lease() throws IOException {
        Job job = store.converting(ADA);
        sweep.lost();
        store.clock.advance(Duration.ofDays(1));
        sweep.lost();
        assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
    }

    @Test
    void another_attempt_by_the_same_worker_begins_anew() throws IOException {
        Job job = store.converting(ADA);
        sweep.lost();
        seconds(7);
        jobs.handBack(job, Duration.ZERO);
        assertThat(store.claimed().id()).isEqualTo(job.id());
        seconds(7);
        assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        seconds(1);
        assertThat(store.now(job).strikes()).isZero();
        seconds(1);
        assertThat(store.now(job).strikes()).isEqualTo(1);
    }

    @Test
    void a_suspicious_job_that_waited_to_be_alone_is_not_to_blame_for_a_lost_worker()
            throws IOException {
        Job job = store.converting(ADA);
        for (int strike = 1; strike <= 2; strike++) {
            assertThat(store.now(job).suspicious()).isFalse();
            sweep.lost();
            seconds(8);
            assertThat(store.now(job).strikes()).isEqualTo(strike);
            job = store.claimed();
        }
        assertThat(job.suspicious()).isTrue();
        sweep.lost();
        seconds(8);
        assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
        assertThat(store.now(job).strikes()).isEqualTo(2);
        job = store.claimed();
        assertThat(jobs.beginAlone(job)).isTrue();
        sweep.lost();
        seconds(8);
        assertThat(store.now(job).strikes()).isEqualTo(3);
        assertThat(jobs.beginAlone(job)).isFalse();
    }

    @Test
    void the_fifth_lost_worker_is_the_last() throws IOException {
        store.queued(ADA);
        Job job = store.claimed();
        for (int strike = 1; strike < Jobs.STRIKES; strike++) {
            jobs.strike(job);
            job = store.claimed();
        }
        jobs.beginAlone(job);
        sweep.lost();
        seconds(8);
        assertThat(store.now(job).status()).isEqualTo(Status.FAILED);
        await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(1));
        assertThat(broker.take("mp3")).isEqualTo(new ConversionFailed(job.id(), ADA.id()));
    }

    // ---- uploads

    @Test
    void an_upload_that_stands_still_for_half_a_minute_is_deleted() throws IOException {
        Job dead = store.uploading(ADA);
        Job alive = store.uploading(ADA);
        MediaOutput half = media.create(Bucket.VIDEOS, dead.id());
        half.write(new byte[1000]);
        write(Bucket.VIDEOS, alive.id());
        sweep.lost();
        for (int i = 0; i < 29; i++) {
            seconds(1);
            assertThat(jobs.touchUpload(alive.id())).isTrue();
        }
        assertThat(jobs.findEvenIncomplete(dead.id())).isPresent();
        seconds(1);
        assertThat(jobs.findEvenIncomplete(dead.id())).isEmpty();
        assertThat(jobs.touchUpload(dead.id())).isFalse();
        assertThat(files()).containsExactly(alive.id());
        assertThat(jobs.accept(alive, 1000, null)).isPresent();
        half.close();
    }

    // ---- who sweeps

    @Test
    void an_upload_and_its_conversion_that_both_stand_still_are_told_apart() throws IOException {
        Job upload = store.jobs.offer(store.uploading(ADA)).orElseThrow();
        write(Bucket.VIDEOS, upload.id());
        store.claimed();
        sweep.lost();
        seconds(7);
        assertThat(store.now(upload).strikes()).isZero();
        seconds(1);
        assertThat(store.now(upload).strikes()).isEqualTo(1);
        for (int i = 0; i < 3; i++) seconds(7);
        assertThat(files()).containsExactly(upload.id());
        seconds(1);
        assertThat(jobs.findEvenIncomplete(upload.id())).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void one_sweeps_and_another_takes_over_when_it_stands_still() throws IOException {
        sweep.lost();
        Sweep other = sweep();
        Job job = store.converting(ADA);
        for (int i = 0; i < 30; i++) {
            sweep.signals(); // leads, but looks at no lease
            other.lost();
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        // it has begun to watch before it leads: a leader may die together with a worker
        for (int i = 0; i < 9; i++) {
            other.lost();
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
        // who comes back finds itself replaced
        Job next = store.claimed();
        for (int i = 0; i < 20; i++) {
            other.signals();
            sweep.lost();
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        assertThat(store.now(next).status()).isEqualTo(Status.CONVERTING);
    }

    // ---- signals

    @Test
    void as_many_wake_ups_are_sent_as_jobs_are_due_less_those_that_wait() {
        Set<Event> all = new HashSet<>();
        for (int i = 0; i < 5; i++) all.add(new VideoUploaded(store.queued(ADA).id()));
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(5));
        sweep.signals();
        assertThat(List.of(take("video"), take("video"))).isSubsetOf(all);
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(5));
        for (int i = 0; i < 5; i++) store.claimed();
        while (broker.take("video") != null) {}
        sweep.signals();
        Job later = store.queued(BOB);
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
        assertThat(take("video")).isEqualTo(new VideoUploaded(later.id()));
    }

    /** The embedded broker counts what is held, too, and the sweep sends fewer. */
    @Test
    @Tag("rabbitmq")
    void a_message_that_a_worker_holds_does_not_count_as_waiting() {
        for (int i = 0; i < 5; i++) store.queued(ADA);
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(5));
        broker.holding(
                "video",
                5,
                () -> {
                    store.claimed();
                    store.claimed();
                    await().untilAsserted(() -> assertThat(broker.count("video")).isZero());
                    sweep.signals();
                    await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(3));
                    sweep.signals();
                });
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(8));
    }

    @Test
    void a_job_that_is_not_due_wakes_nobody() {
        Job job = store.converting(ADA);
        jobs.handBack(job, Duration.ofMinutes(2));
        sweep.signals();
        store.clock.advance(Duration.ofMinutes(2));
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
    }

    @Test
    void what_was_not_announced_is_sent_again() {
        Job done = store.done(ADA);
        Job failed = store.failed(BOB);
        sweep.signals();
        store.clock.advance(Duration.ofSeconds(30));
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(2));
        assertThat(List.of(take("mp3"), take("mp3")))
                .containsExactlyInAnyOrder(
                        new Mp3Ready(done.id(), ADA.id()),
                        new ConversionFailed(failed.id(), BOB.id()));
        jobs.announced(done.id());
        jobs.announced(failed.id());
        store.clock.advance(Duration.ofDays(1));
        sweep.signals();
        Job witness = store.done(ADA);
        store.clock.advance(Duration.ofSeconds(30));
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(1));
        assertThat(take("mp3")).isEqualTo(new Mp3Ready(witness.id(), ADA.id()));
    }

    @Test
    void announcements_do_not_pile_up_while_nobody_takes_them() {
        for (int i = 0; i < 120; i++) store.done(ADA);
        for (int i = 0; i < 10; i++) {
            store.clock.advance(Duration.ofMinutes(1));
            sweep.signals();
            await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(100));
        }
        Set<Event> sent = new HashSet<>();
        for (int i = 0; i < 100; i++) sent.add(broker.take("mp3"));
        store.clock.advance(Duration.ofMinutes(1));
        sweep.signals();
        await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(100));
        assertThat(sent).hasSize(100);
    }

    // ---- what has had its time

    @Test
    void videos_then_mp3s_then_jobs_go_when_their_time_is_over() throws IOException {
        Job done = store.done(ADA);
        Job failed = store.failed(ADA);
        Job waiting = store.queued(ADA);
        for (Job job : List.of(done, failed, waiting)) write(Bucket.VIDEOS, job.id());
        write(Bucket.MP3S, done.attemptFile());

        store.clock.advance(RETENTION.video());
        sweep.retire();
        assertThat(files()).hasSize(4);
        store.clock.advance(Duration.ofSeconds(1));
        sweep.retire();
        assertThat(files()).containsExactlyInAnyOrder(waiting.id(), done.attemptFile());

        store.clock.advance(RETENTION.mp3().minus(RETENTION.video()));
        sweep.retire();
        assertThat(files()).containsExactly(waiting.id());
        assertThat(store.now(done).status()).isEqualTo(Status.EXPIRED);
        assertThat(store.now(failed).status()).isEqualTo(Status.FAILED);

        store.clock.advance(RETENTION.job().minus(RETENTION.mp3()));
        sweep.retire();
        assertThat(jobs.list(null, null, 10)).extracting(Job::id).containsExactly(waiting.id());
        assertThat(store.claimed().id()).isEqualTo(waiting.id());
    }

    @Test
    void all_that_has_had_its_time_goes_in_one_pass_however_much_it_is() throws IOException {
        for (int i = 0; i < 250; i++) store.done(ADA);
        store.clock.advance(RETENTION.mp3().plusSeconds(1));
        sweep.retire();
        assertThat(jobs.list(null, null, 300))
                .hasSize(250)
                .allSatisfy(job -> {
                    assertThat(job.status()).isEqualTo(Status.EXPIRED);
                    assertThat(job.source().stored()).isFalse();
                });
    }

    @Test
    void files_that_no_job_needs_go_and_the_others_stay() throws IOException {
        Job done = store.done(ADA);
        Job cancelled = store.converting(ADA);
        jobs.cancel(cancelled.id());
        Job taken = store.converting(ADA);
        jobs.handBack(taken, Duration.ZERO);
        Job converting = store.claimed();
        Job uploading = store.uploading(ADA);
        Job queued = store.queued(BOB);
        List<String> needed =
                List.of(
                        done.id(),
                        done.attemptFile(),
                        converting.id(),
                        converting.attemptFile(),
                        uploading.id(),
                        queued.id());
        for (String id : needed) write(id.contains("-") ? Bucket.MP3S : Bucket.VIDEOS, id);
        write(Bucket.VIDEOS, "ffffffffffffffffffffffff");
        write(Bucket.VIDEOS, cancelled.id());
        write(Bucket.MP3S, cancelled.attemptFile());
        write(Bucket.MP3S, taken.attemptFile());
        write(Bucket.MP3S, done.id() + "-7");
        MediaOutput half = media.create(Bucket.MP3S, "eeeeeeeeeeeeeeeeeeeeeeee-1");
        half.write(1);

        sweep.orphans();
        assertThat(files()).containsExactlyInAnyOrderElementsOf(needed);
        sweep.orphans();
        assertThat(files()).containsExactlyInAnyOrderElementsOf(needed);
        assertThat(jobs.succeed(converting, result(converting))).isTrue();
        half.close();
    }

    // ----

    private Sweep sweep() {
        return new Sweep(
                store.mongo, jobs, media, broker.publisher, RETENTION, store.clock, nanos::get);
    }

    /** Lets seconds pass, with a look at the end of each. */
    private void seconds(int seconds) throws IOException {
        for (int i = 0; i < seconds; i++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            sweep.lost();
        }
    }

    private Event take(String queue) {
        return await().until(() -> broker.take(queue), event -> event != null);
    }

    private void write(Bucket bucket, String id) throws IOException {
        try (MediaOutput out = media.create(bucket, id)) {
            out.write(new byte[100]);
            out.commit();
        }
    }

    private List<String> files() throws IOException {
        List<String> ids = new ArrayList<>();
        for (Bucket bucket : Bucket.values()) media.forEachId(bucket, ids::add);
        return ids;
    }
}
