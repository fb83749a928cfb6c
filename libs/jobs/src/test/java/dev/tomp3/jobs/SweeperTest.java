package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static dev.tomp3.jobs.Store.PERIODS;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.MongoCollection;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.media.Stores;
import dev.tomp3.jobs.queue.Broker;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Event.ConversionFailed;
import dev.tomp3.jobs.queue.Event.Mp3Ready;
import dev.tomp3.jobs.queue.Event.VideoUploaded;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.Dependency.UnusableException;
import dev.tomp3.servers.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("back-end")
class SweeperTest {
    private static Broker broker;

    @TempDir private Path directory;
    private final Store store = new Store();
    private final Jobs jobs = store.jobs;
    private final Attempts attempts = store.attempts;
    private final AtomicLong nanos = new AtomicLong();
    private MediaStore media;
    private Sweeper sweeper;

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
        sweeper = sweeper();
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Nested
    class Reclaiming_leases {
        @Test
        void a_lease_without_a_heartbeat_for_eight_seconds_is_reclaimed() throws IOException {
            Job job = store.begun(store.converting(ADA));
            write(Bucket.MP3S, job.attemptFile());
            write(Bucket.VIDEOS, job.id());
            sweeper.reclaimLeases();
            seconds(7);
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
            seconds(1);
            Job lost = store.now(job);
            assertThat(lost.status()).isEqualTo(Status.QUEUED);
            assertThat(lost.failureCount()).isEqualTo(1);
            sweeper.deleteFiles();
            assertThat(files()).containsExactly(job.id());
            await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
            assertThat(broker.take("video")).isEqualTo(new VideoUploaded(job.id()));
        }

        /** The file of a lost upload may be large, and the disk slow. */
        @Test
        void a_file_that_cannot_be_deleted_delays_no_other_job() throws IOException {
            Job dead = store.uploading(ADA);
            write(Bucket.VIDEOS, dead.id());
            Job lost = store.begun(store.converting(BOB));
            write(Bucket.MP3S, lost.attemptFile());
            media = undeletable(media, lost.attemptFile());
            sweeper = sweeper();
            sweeper.reclaimLeases();
            seconds(30);
            assertThat(store.now(lost).status()).isEqualTo(Status.QUEUED);
            assertThat(jobs.find(dead.id())).isEmpty();
            assertThatThrownBy(sweeper::deleteFiles).hasStackTraceContaining("a bad sector");
            assertThat(files()).containsExactly(lost.attemptFile());
        }

        @Test
        void a_lease_with_heartbeats_is_kept() throws IOException {
            Job job = store.converting(ADA);
            for (int i = 0; i < 10; i++) {
                seconds(7);
                assertThat(attempts.heartbeat(job, i)).isTrue();
            }
            seconds(7);
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        }

        @Test
        void a_lease_is_not_reclaimed_because_the_observer_was_suspended() throws IOException {
            Job job = store.converting(ADA);
            sweeper.reclaimLeases();
            nanos.addAndGet(Duration.ofHours(1).toNanos());
            sweeper.reclaimLeases();
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
            seconds(5);
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
            seconds(1);
            assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
        }

        @Test
        void wall_clocks_do_not_matter_to_a_lease() throws IOException {
            Job job = store.converting(ADA);
            sweeper.reclaimLeases();
            store.clock.advance(Duration.ofDays(1));
            sweeper.reclaimLeases();
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        }

        /** MongoDB's listings may miss what changes meanwhile. */
        @Test
        void a_lease_is_not_watched_anew_because_one_listing_missed_it() throws IOException {
            Job job = store.begun(store.converting(ADA));
            sweeper.reclaimLeases();
            seconds(7);
            rename(job, "lease", "unlisted");
            sweeper.reclaimLeases();
            rename(job, "unlisted", "lease");
            seconds(1);
            assertThat(store.now(job).failureCount()).isEqualTo(1);
        }

        private void rename(Job job, String field, String name) {
            store.mongo
                    .getCollection("jobs")
                    .updateOne(
                            new Document("_id", new ObjectId(job.id())),
                            new Document("$rename", new Document(field, name)));
        }

        @Test
        void another_attempt_by_the_same_worker_is_watched_from_its_start() throws IOException {
            Job job = store.converting(ADA);
            sweeper.reclaimLeases();
            seconds(7);
            attempts.release(job, Duration.ZERO);
            assertThat(store.begun(store.claimed()).id()).isEqualTo(job.id());
            seconds(7);
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
            seconds(1);
            assertThat(store.now(job).failureCount()).isZero();
            seconds(1);
            assertThat(store.now(job).failureCount()).isEqualTo(1);
        }

        @Test
        void a_job_that_waits_for_others_of_its_worker_is_not_charged_with_the_lost_worker()
                throws IOException {
            Job job = store.converting(ADA);
            for (int i = 0; i < 3; i++) assertThat(attempts.heartbeat(job, 0)).isTrue();
            sweeper.reclaimLeases();
            seconds(8);
            assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
            assertThat(store.now(job).failureCount()).isZero();
            job = store.begun(store.claimed());
            for (int failure = 1; failure <= 2; failure++) {
                assertThat(store.now(job).mayBePoison()).isFalse();
                sweeper.reclaimLeases();
                seconds(8);
                assertThat(store.now(job).failureCount()).isEqualTo(failure);
                job = store.claimed();
                assertThat(failure == 1 ? attempts.begin(job) : attempts.heartbeat(job, 0))
                        .isTrue();
            }
            job = store.now(job);
            assertThat(job.mayBePoison()).isTrue();
            sweeper.reclaimLeases();
            seconds(8);
            assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
            assertThat(store.now(job).failureCount()).isEqualTo(2);
            job = store.claimed();
            assertThat(attempts.begin(job)).isTrue();
            sweeper.reclaimLeases();
            seconds(8);
            assertThat(store.now(job).failureCount()).isEqualTo(3);
            assertThat(attempts.begin(job)).isFalse();
        }

        @Test
        void a_broker_that_hangs_does_not_delay_it() throws Exception {
            Job job = store.begun(store.converting(ADA));
            try (Wire wire = broker.wire()) {
                Broker hanging = broker.through(wire);
                assertThat(hanging.publisher.waitingVideos()).isZero();
                wire.hang();
                SweepSchedule schedule =
                        new SweepSchedule(
                                sweeper(hanging.publisher), Duration.ofHours(1), Duration.ZERO);
                schedule.start();
                try {
                    // the broker has been asked by then
                    await().pollDelay(Duration.ofMillis(2500)).until(() -> true);
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> {
                                nanos.addAndGet(Duration.ofSeconds(1).toNanos());
                                return store.now(job).failureCount() == 1;
                            });
                } finally {
                    schedule.stop();
                    wire.cut();
                    hanging.disconnect();
                }
            }
        }

        @Test
        void the_fifth_lost_worker_fails_the_job() throws IOException {
            store.queued(ADA);
            Job job = store.claimed();
            for (int failure = 1; failure < Attempts.MAX_FAILURES; failure++) {
                attempts.countFailure(job);
                store.clock.advance(Duration.ofMinutes(10));
                job = store.claimed();
            }
            attempts.begin(job);
            sweeper.reclaimLeases();
            seconds(8);
            assertThat(store.now(job).status()).isEqualTo(Status.FAILED);
            await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(1));
            assertThat(broker.take("mp3")).isEqualTo(new ConversionFailed(job.id(), ADA.id()));
        }
    }

    @Nested
    class Abandoning_uploads {
        @Test
        void an_upload_without_a_heartbeat_for_half_a_minute_is_deleted() throws IOException {
            Job dead = store.uploading(ADA);
            Job alive = store.uploading(ADA);
            MediaOutput half = media.create(Bucket.VIDEOS, dead.id());
            half.write(new byte[1000]);
            write(Bucket.VIDEOS, alive.id());
            sweeper.reclaimLeases();
            for (int i = 0; i < 29; i++) {
                seconds(1);
                assertThat(store.continues(alive, 100)).isTrue();
            }
            assertThat(jobs.find(dead.id())).isPresent();
            seconds(1);
            assertThat(jobs.find(dead.id())).isEmpty();
            assertThat(store.continues(dead, 100)).isFalse();
            sweeper.deleteFiles();
            assertThat(files()).containsExactly(alive.id());
            assertThat(store.uploads.accept(alive, 1000, null)).isPresent();
            half.close();
        }

        @Test
        void an_upload_and_its_early_conversion_are_watched_separately() throws IOException {
            Job upload = store.offered(ADA);
            write(Bucket.VIDEOS, upload.id());
            store.begun(store.claimed());
            sweeper.reclaimLeases();
            seconds(7);
            assertThat(store.now(upload).failureCount()).isZero();
            seconds(1);
            assertThat(store.now(upload).failureCount()).isEqualTo(1);
            for (int i = 0; i < 3; i++) seconds(7);
            assertThat(files()).containsExactly(upload.id());
            seconds(1);
            assertThat(jobs.find(upload.id())).isEmpty();
            sweeper.deleteFiles();
            assertThat(files()).isEmpty();
        }
    }

    @Nested
    class Electing_a_leader {
        @Test
        void one_sweeper_works_and_another_takes_over_when_it_is_lost() throws IOException {
            sweeper.reclaimLeases();
            Sweeper other = sweeper();
            Job job = store.converting(ADA);
            for (int i = 0; i < 30; i++) {
                sweeper.republish(); // leads, but reclaims nothing
                other.reclaimLeases();
                nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            }
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
            // it has watched before it leads: a leader may be lost together with a worker
            for (int i = 0; i < 9; i++) {
                other.reclaimLeases();
                nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            }
            assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
            // a leader that comes back finds itself replaced
            Job next = store.claimed();
            for (int i = 0; i < 20; i++) {
                other.republish();
                sweeper.reclaimLeases();
                nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            }
            assertThat(store.now(next).status()).isEqualTo(Status.CONVERTING);
        }
    }

    @Nested
    class Republishing {
        @Test
        void as_many_wake_ups_are_published_as_jobs_are_due_minus_those_that_wait() {
            Set<Event> all = new HashSet<>();
            for (int i = 0; i < 5; i++) all.add(new VideoUploaded(store.queued(ADA).id()));
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(5));
            sweeper.republish();
            assertThat(List.of(take("video"), take("video"))).isSubsetOf(all);
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(5));
            for (int i = 0; i < 5; i++) store.claimed();
            while (broker.take("video") != null) {}
            sweeper.republish();
            Job later = store.queued(BOB);
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
            assertThat(take("video")).isEqualTo(new VideoUploaded(later.id()));
        }

        /**
         * The embedded broker counts messages that are held, too, and the sweeper publishes fewer.
         */
        @Test
        @Tag("rabbitmq")
        void a_message_that_a_worker_holds_does_not_count_as_waiting() {
            for (int i = 0; i < 5; i++) store.queued(ADA);
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(5));
            broker.holding(
                    "video",
                    5,
                    () -> {
                        store.claimed();
                        store.claimed();
                        await().untilAsserted(() -> assertThat(broker.count("video")).isZero());
                        sweeper.republish();
                        await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(3));
                        sweeper.republish();
                    });
            await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(8));
        }

        @Test
        void no_wake_up_is_published_for_a_job_that_is_not_due() {
            Job job = store.converting(ADA);
            attempts.release(job, Duration.ofMinutes(2));
            sweeper.republish();
            store.clock.advance(Duration.ofMinutes(2));
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("video")).isEqualTo(1));
        }

        @Test
        void an_outcome_that_its_owner_was_not_told_is_published_again() {
            Job done = store.done(ADA);
            Job failed = store.failed(BOB);
            sweeper.republish();
            store.clock.advance(Duration.ofSeconds(30));
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(2));
            assertThat(List.of(take("mp3"), take("mp3")))
                    .containsExactlyInAnyOrder(
                            new Mp3Ready(done.id(), ADA.id()),
                            new ConversionFailed(failed.id(), BOB.id()));
            store.notifications.sent(done.id());
            store.notifications.sent(failed.id());
            store.clock.advance(Duration.ofDays(1));
            sweeper.republish();
            Job witness = store.done(ADA);
            store.clock.advance(Duration.ofSeconds(30));
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(1));
            assertThat(take("mp3")).isEqualTo(new Mp3Ready(witness.id(), ADA.id()));
        }

        @Test
        void outcomes_do_not_pile_up_while_the_notifier_is_down() {
            for (int i = 0; i < 120; i++) store.done(ADA);
            for (int i = 0; i < 10; i++) {
                store.clock.advance(Duration.ofMinutes(1));
                sweeper.republish();
                await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(100));
            }
            Set<Event> sent = new HashSet<>();
            for (int i = 0; i < 100; i++) sent.add(broker.take("mp3"));
            store.clock.advance(Duration.ofMinutes(1));
            sweeper.republish();
            await().untilAsserted(() -> assertThat(broker.count("mp3")).isEqualTo(100));
            assertThat(sent).hasSize(100);
        }
    }

    @Nested
    class Deleting_files {
        @Test
        void of_deleted_jobs_although_one_file_cannot_be_deleted() throws IOException {
            Job stuck = store.done(ADA);
            Job done = store.done(ADA);
            Job cancelled = store.converting(ADA);
            Job kept = store.done(ADA);
            for (Job job : List.of(stuck, done, cancelled, kept)) {
                write(Bucket.VIDEOS, job.id());
                write(Bucket.MP3S, job.attemptFile());
            }
            for (Job job : List.of(stuck, done, cancelled)) jobs.cancel(job.id());
            media = undeletable(media, stuck.id());
            sweeper = sweeper();

            assertThatThrownBy(sweeper::deleteFiles).hasStackTraceContaining("a bad sector");
            assertThat(files())
                    .containsExactlyInAnyOrder(
                            stuck.id(), stuck.attemptFile(), kept.id(), kept.attemptFile());
            assertThat(store.now(cancelled).source().stored()).isFalse();

            media = ((Interrupted) media).others();
            sweeper = sweeper();
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            for (int i = 0; i < 4; i++) {
                sweeper.deleteFiles();
                nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            }
            assertThat(files()).containsExactlyInAnyOrder(kept.id(), kept.attemptFile());
            assertThat(store.retention.withFilesToDelete(null, 10)).isEmpty();
        }

        @Test
        void leaves_the_video_of_a_running_upload_to_the_upload() throws IOException {
            Job upload = store.uploading(ADA);
            write(Bucket.VIDEOS, upload.id());
            jobs.cancel(upload.id());
            sweeper.deleteFiles();
            assertThat(files()).containsExactly(upload.id());
        }
    }

    /** Deletes in the order of the ids, and runs something before one file is deleted. */
    private record Interrupted(MediaStore others, String file, Runnable before)
            implements MediaStore {
        @Override
        public MediaOutput create(Bucket bucket, String id) throws IOException {
            return others.create(bucket, id);
        }

        @Override
        public MediaOutput append(Bucket bucket, String id, long offset, long writer)
                throws IOException {
            return others.append(bucket, id, offset, writer);
        }

        @Override
        public void truncate(Bucket bucket, String id, long offset) throws IOException {
            others.truncate(bucket, id, offset);
        }

        @Override
        public InputStream open(Bucket bucket, String id, long offset) throws IOException {
            return others.open(bucket, id, offset);
        }

        @Override
        public InputStream openInProgress(Bucket bucket, String id, long offset)
                throws IOException {
            return others.openInProgress(bucket, id, offset);
        }

        @Override
        public void delete(Bucket bucket, String id) throws IOException {
            try {
                if (id.equals(file)) before.run();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            others.delete(bucket, id);
        }

        @Override
        public void forEachId(Bucket bucket, Consumer<String> action) throws IOException {
            Set<String> sorted = new TreeSet<>();
            others.forEachId(bucket, sorted::add);
            sorted.forEach(action);
        }

        @Override
        public void prepare() throws IOException, UnusableException {
            others.prepare();
        }

        @Override
        public DiskSpace diskSpace() throws IOException {
            return others.diskSpace();
        }
    }

    private static MediaStore undeletable(MediaStore others, String file) {
        return new Interrupted(
                others,
                file,
                () -> {
                    throw new UncheckedIOException(new IOException("a bad sector"));
                });
    }

    @Nested
    class Enforcing_retention {
        @Test
        void videos_then_mp3s_then_jobs_are_deleted_when_their_period_is_over() throws IOException {
            Job done = store.done(ADA);
            Job failed = store.failed(ADA);
            Job waiting = store.queued(ADA);
            for (Job job : List.of(done, failed, waiting)) write(Bucket.VIDEOS, job.id());
            write(Bucket.MP3S, done.attemptFile());

            store.clock.advance(PERIODS.video());
            sweeper.enforceRetention();
            assertThat(files()).hasSize(4);
            store.clock.advance(Duration.ofSeconds(1));
            sweeper.enforceRetention();
            assertThat(files()).containsExactlyInAnyOrder(waiting.id(), done.attemptFile());

            store.clock.advance(PERIODS.mp3().minus(PERIODS.video()));
            sweeper.enforceRetention();
            assertThat(files()).containsExactly(waiting.id());
            assertThat(store.now(done).status()).isEqualTo(Status.EXPIRED);
            assertThat(store.now(failed).status()).isEqualTo(Status.FAILED);

            store.clock.advance(PERIODS.job().minus(PERIODS.mp3()));
            sweeper.enforceRetention();
            assertThat(store.all()).extracting(Job::id).containsExactly(waiting.id());
            assertThat(store.claimed().id()).isEqualTo(waiting.id());
        }

        @Test
        void nothing_is_deleted_by_age_while_the_store_and_this_machine_disagree()
                throws IOException {
            Job done = store.done(ADA);
            write(Bucket.MP3S, done.attemptFile());
            write(Bucket.VIDEOS, "ffffffffffffffffffffffff");
            store.clock.advance(PERIODS.mp3().plusSeconds(1));
            StoreClock storeClock = new StoreClock(store.clock, nanos::get);
            sweeper = sweeper(storeClock);
            storeClock.answered(store.clock.instant().plusSeconds(301), nanos.get());
            sweep();
            assertThat(files()).hasSize(2);
            storeClock.answered(store.clock.instant().plusSeconds(299), nanos.get());
            sweep();
            assertThat(files()).isEmpty();
        }

        @Test
        void nothing_is_deleted_by_age_for_a_day_after_a_restore() throws IOException {
            Job done = store.done(ADA);
            write(Bucket.MP3S, done.attemptFile());
            write(Bucket.VIDEOS, "ffffffffffffffffffffffff");
            store.clock.advance(PERIODS.mp3().plusSeconds(1));
            store.mongo.dropCollection("retention");
            sweep();
            store.clock.advance(Duration.ofDays(1).minusSeconds(1));
            sweep();
            assertThat(files()).hasSize(2);
            store.clock.advance(Duration.ofSeconds(1));
            sweep();
            assertThat(files()).isEmpty();
        }

        private void sweep() throws IOException {
            sweeper.enforceRetention();
            sweeper.deleteOrphans();
        }

        @Test
        void everything_whose_period_is_over_is_deleted_in_one_run() throws IOException {
            for (int i = 0; i < 250; i++) store.done(ADA);
            store.clock.advance(PERIODS.mp3().plusSeconds(1));
            sweeper.enforceRetention();
            assertThat(store.all())
                    .hasSize(250)
                    .allSatisfy(job -> {
                        assertThat(job.status()).isEqualTo(Status.EXPIRED);
                        assertThat(job.source().stored()).isFalse();
                    });
        }
    }

    @Test
    void a_cover_goes_with_its_video() throws IOException {
        List<Job> jobs = List.of(store.done(ADA), store.done(ADA));
        for (Job job : jobs) {
            store.set(job, "options", Options.NONE.withCover("00"));
            write(Bucket.VIDEOS, job.id());
            write(Bucket.VIDEOS, job.coverFile());
        }
        store.jobs.cancel(jobs.getFirst().id());
        sweeper.deleteFiles();
        assertThat(files())
                .containsExactlyInAnyOrder(jobs.getLast().id(), jobs.getLast().coverFile());
        store.clock.advance(PERIODS.video().plusSeconds(1));
        sweeper.enforceRetention();
        assertThat(files()).isEmpty();
    }

    @Test
    void a_file_that_cannot_be_deleted_stops_nothing_else() throws IOException {
        Job obstinate = store.done(ADA);
        Job next = store.done(ADA);
        Job old = store.failed(ADA);
        store.retention.videoDeleted(old.id());
        write(Bucket.VIDEOS, next.id());
        List<Path> obstacles = new ArrayList<>();
        String first = "0".repeat(24);
        for (String id : List.of(obstinate.id(), first)) {
            Path inside = directory.resolve(Path.of("videos", id.substring(22), id, "inside"));
            Files.createDirectories(inside.getParent());
            obstacles.add(Files.createFile(inside));
        }
        write(Bucket.VIDEOS, "f".repeat(24));

        store.clock.advance(PERIODS.job().plusSeconds(1));
        assertThatThrownBy(sweeper::enforceRetention).hasMessageContaining("1 files");
        assertThat(store.now(obstinate).source().stored()).isTrue();
        assertThat(jobs.find(next.id())).isEmpty();
        assertThat(jobs.find(old.id())).isEmpty();

        sweeper.deleteOrphans();
        assertThat(files()).doesNotContain("f".repeat(24));

        for (Path obstacle : obstacles) Files.delete(obstacle);
        sweeper.enforceRetention();
        assertThat(store.all()).isEmpty();
    }

    @Nested
    class Deleting_orphans {
        @Test
        void a_cover_stays_whose_upload_does_not_say_yet_that_it_has_one() throws IOException {
            Job uploading = store.uploading(ADA);
            write(Bucket.VIDEOS, uploading.coverFile());
            sweeper.deleteOrphans();
            assertThat(files()).contains(uploading.coverFile());
        }

        @Test
        void files_that_no_job_needs_are_deleted_and_the_others_stay() throws IOException {
            Job done = store.done(ADA);
            Job cancelled = store.converting(ADA);
            jobs.cancel(cancelled.id());
            Job taken = store.converting(ADA);
            attempts.release(taken, Duration.ZERO);
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

            sweeper.deleteOrphans();
            assertThat(files()).containsExactlyInAnyOrderElementsOf(needed);
            sweeper.deleteOrphans();
            assertThat(files()).containsExactlyInAnyOrderElementsOf(needed);
            assertThat(attempts.succeed(converting, RESULT)).isTrue();
            half.close();
        }
    }

    /** MongoDB may answer with an old state, and a page of files takes a while. */
    @Test
    void a_file_is_judged_again_right_before_it_is_deleted() throws IOException {
        Job unseen = store.queued(ADA);
        MongoCollection<Document> all = store.mongo.getCollection("jobs");
        Document record =
                Objects.requireNonNull(
                        all.findOneAndDelete(new Document("_id", new ObjectId(unseen.id()))));
        String orphan = "000000000000000000000000";
        write(Bucket.VIDEOS, orphan);
        write(Bucket.VIDEOS, unseen.id());
        media = new Interrupted(media, orphan, () -> all.insertOne(record));
        sweeper = sweeper();
        sweeper.deleteOrphans();
        assertThat(files()).containsExactly(unseen.id());
    }

    @Test
    void strays_that_no_job_needs_are_deleted_and_the_others_stay() throws IOException {
        Job converting = store.converting(BOB);
        Job cancelled = store.converting(ADA);
        jobs.cancel(cancelled.id());
        media = Stores.gridFs(store.mongo.getDb());
        sweeper = sweeper();
        for (Job job : List.of(converting, cancelled)) {
            store.mongo
                    .getCollection("mp3s.chunks")
                    .insertOne(
                            new Document("files_id", job.attemptFile())
                                    .append("n", 2)
                                    .append("data", new Binary(new byte[10])));
        }
        sweeper.deleteOrphans();
        assertThat(strays()).hasSize(2);
        sweeper.deleteStrays();
        assertThat(strays()).containsExactly(converting.attemptFile());
    }

    private List<String> strays() throws IOException {
        List<String> ids = new ArrayList<>();
        for (Bucket bucket : Bucket.values()) media.forEachStray(bucket, ids::add);
        return ids;
    }

    @Test
    void jobs_without_their_media_are_found() throws IOException {
        Job failed = store.failed(BOB);
        Job noMp3 = store.done(BOB);
        List<Job> complete = List.of(store.done(ADA), store.queued(ADA));
        write(Bucket.MP3S, complete.getFirst().attemptFile(), RESULT.bytes());
        write(Bucket.VIDEOS, complete.getLast().id(), 1000);
        Job noVideo = store.queued(ADA);
        Job half = store.queued(BOB);
        write(Bucket.VIDEOS, half.id(), 500);
        List<String> found = new ArrayList<>();
        assertThat(new MissingMedia(jobs, media).find(found::add)).isEqualTo(3);
        assertThat(found)
                .containsExactly(
                        noMp3.id() + " done of user bob: no MP3",
                        noVideo.id() + " waiting of user ada: no video",
                        half.id() + " waiting of user bob: no video");
        assertThat(found.toString()).doesNotContain(failed.id());
    }

    private Sweeper sweeper() {
        return sweeper(broker.publisher);
    }

    private Sweeper sweeper(Publisher publisher) {
        return sweeper(publisher, StoreClock.agreeingWith(store.clock));
    }

    private Sweeper sweeper(StoreClock storeClock) {
        return sweeper(broker.publisher, storeClock);
    }

    private Sweeper sweeper(Publisher publisher, StoreClock storeClock) {
        return new Sweeper(
                new LeaderLease(store.mongo, Timing.PRODUCTION, nanos::get),
                new Sweeper.Parts(
                        jobs,
                        store.uploads,
                        store.queue,
                        attempts,
                        store.notifications,
                        store.retention,
                        new DeletionGuard(storeClock, store.restores, Duration.ofDays(1))),
                media,
                publisher,
                Timing.PRODUCTION,
                nanos::get);
    }

    /** Lets seconds pass, with a run at the end of each. */
    private void seconds(int seconds) throws IOException {
        for (int i = 0; i < seconds; i++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            sweeper.reclaimLeases();
        }
    }

    private Event take(String queue) {
        return await().until(() -> broker.take(queue), event -> event != null);
    }

    private void write(Bucket bucket, String id) throws IOException {
        write(bucket, id, 100);
    }

    private void write(Bucket bucket, String id, long bytes) throws IOException {
        try (MediaOutput out = media.create(bucket, id)) {
            out.write(new byte[Math.toIntExact(bytes)]);
            out.commit();
        }
    }

    private List<String> files() throws IOException {
        List<String> ids = new ArrayList<>();
        for (Bucket bucket : Bucket.values()) media.forEachId(bucket, ids::add);
        return ids;
    }
}
