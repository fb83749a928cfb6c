package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Status;
import dev.tomp3.servers.MongoProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bson.BsonDocument;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.query.Update;

@Tag("back-end")
class JobsTest {
    private final Store store = new Store();
    private final Jobs jobs = store.jobs;

    @AfterEach
    void close() {
        store.close();
    }

    @Nested
    class The_usage_of_an_owner {
        @Test
        void counts_waiting_jobs_and_stored_bytes() {
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 0));
            Job upload = store.uploads.begin(ADA, "", Options.NONE, 70);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 70));
            store.uploads.recordSize(upload.id(), 80);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 80));
            Job job =
                    store.uploads
                            .accept(
                                    upload.as("b.mp4", new Options(128, null, true, null, false)),
                                    75,
                                    null)
                            .orElseThrow();
            assertThat(job.source().name()).isEqualTo("b.mp4");
            assertThat(job.options().bitrate()).isEqualTo(128);
            store.uploads.recordSize(upload.id(), 99);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 75));
            Job converting = store.claimed();
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 75));
            assertThat(jobs.outputInProgress().getOrDefault(ADA.id(), 0L)).isZero();
            assertThat(store.attempts.recordOutput(converting, 100)).isTrue();
            assertThat(jobs.outputInProgress()).containsEntry(ADA.id(), 100L);
            assertThat(jobs.outputInProgress().getOrDefault(BOB.id(), 0L)).isZero();
            Job ofBob = store.converting(BOB);
            assertThat(store.attempts.recordOutput(ofBob, 30)).isTrue();
            assertThat(jobs.outputInProgress())
                    .containsOnly(Map.entry(ADA.id(), 100L), Map.entry(BOB.id(), 30L));
            store.attempts.succeed(converting, RESULT);
            assertThat(jobs.outputInProgress().getOrDefault(ADA.id(), 0L)).isZero();
            assertThat(jobs.outputInProgress()).containsOnly(Map.entry(BOB.id(), 30L));
            assertThat(store.attempts.recordOutput(converting, 100)).isFalse();
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 175));
            store.failed(ADA);
            store.queued(ADA);
            store.queued(BOB);
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 2175));
            store.retention.videoDeleted(converting.id());
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 2100));
            for (Job each : jobs.list(ADA.id(), null, 10)) jobs.cancel(each.id());
            assertThat(jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(0, 0));
        }
    }

    /** By its id a job is read by the driver, in a list by Spring Data. */
    @Nested
    class Reading_a_job {
        /** Both mappings, of the driver and of Spring Data, read all that is known of a sound. */
        @Test
        void keeps_the_options_and_what_is_known_of_the_sound() {
            Options options =
                    Options.of(
                            Map.of(
                                    "loudness",
                                    "-16",
                                    "title",
                                    "",
                                    "track",
                                    "language=de",
                                    "start",
                                    "1:30"));
            Sound sound =
                    new Sound(
                            List.of(new Sound.Track(1, "aac", "stereo", "ger", null, true)),
                            1,
                            List.of(new Sound.Chapter(0, "Einführung")),
                            new Sound.Loudness(-20.25, -1.5, 4.25),
                            Map.of("title", "A.B", "album_artist", "C"));
            Job.Result result = new Job.Result(100, 1000, List.of(), sound);
            Job upload = store.uploading(ADA).as("a.mp4", options);
            store.uploads.accept(upload, 1000, null);
            Job claimed = store.claimed();
            assertThat(claimed.options()).isEqualTo(options);
            store.attempts.succeed(claimed, result);
            Job done = jobs.find(claimed.id()).orElseThrow();
            assertThat(done.options()).isEqualTo(options);
            assertThat(done.result()).isEqualTo(result);
            assertThat(jobs.list(ADA.id(), null, 1)).containsExactly(done);
            assertThat(Options.NONE.others()).isEmpty();

            Job.Result changed = new Job.Result(90, 1000, List.of(), sound, 7L);
            assertThat(jobs.replaceMp3(done, changed)).isTrue();
            assertThat(jobs.replaceMp3(done, changed)).isFalse();
            Job now = jobs.find(claimed.id()).orElseThrow();
            assertThat(now.result()).isEqualTo(changed);
            assertThat(now.mp3File()).isEqualTo(done.attemptFile() + "-7");
            assertThat(
                            store.retention.orphans(
                                    List.of(
                                            done.attemptFile(),
                                            now.mp3File(),
                                            now.revisionFile(6),
                                            now.revisionFile(8))))
                    .containsExactly(done.attemptFile(), now.revisionFile(6));

            Job first = store.queued(ADA);
            Job second = store.queued(ADA);
            assertThat(jobs.position(first)).isZero();
            assertThat(jobs.position(second)).isOne();
            jobs.cancel(first.id());
            jobs.cancel(second.id());

            Job failed = store.converting(ADA);
            Failure failure =
                    new Failure(Failure.Code.NO_SUCH_TRACK, "Its tracks are 1.", sound.tracks());
            store.attempts.fail(failed, failure);
            assertThat(jobs.find(failed.id()).orElseThrow().failure()).isEqualTo(failure);
        }

        @Test
        void by_its_id_gives_what_a_list_gives() {
            List<Job> all =
                    List.of(
                            store.uploading(ADA),
                            store.done(ADA),
                            store.failed(BOB),
                            store.uploads
                                    .accept(
                                            store.uploads.begin(
                                                    BOB,
                                                    "b \u00fc \ud83c\udfb5.mkv",
                                                    new Options(128, null, true, 44_100, false),
                                                    0),
                                            1L << 40,
                                            "a key")
                                    .orElseThrow(),
                            store.uploads
                                    .accept(
                                            store.uploads.begin(
                                                    BOB,
                                                    "c",
                                                    new Options(null, 4, false, null, false),
                                                    0),
                                            5,
                                            null)
                                    .orElseThrow(),
                            store.claimed());
            for (Job job : all) {
                Job listed = store.mongo.findOne(query(where("_id").is(job.id())), Job.class);
                assertThat(store.now(job)).isEqualTo(listed);
            }
            assertThat(all).extracting(job -> store.now(job).status()).contains(Status.CONVERTING);
        }

        @Test
        void that_an_earlier_version_wrote_gives_a_job_without_warnings() {
            Job done = store.done(ADA);
            store.mongo.updateFirst(
                    query(where("_id").is(done.id())),
                    new Update().unset("options.strict").unset("result.warnings"),
                    Job.class);
            Job listed = store.mongo.findOne(query(where("_id").is(done.id())), Job.class);
            for (Job job : List.of(store.now(done), listed)) {
                assertThat(job.options()).isEqualTo(Options.NONE);
                assertThat(job.result().warnings()).isEmpty();
            }
        }
    }

    @Test
    void a_restore_is_recognised_by_the_identity_of_the_collection() throws IOException {
        try (Store proxied = Store.behindProxy()) {
            MongoProxy proxy = Objects.requireNonNull(proxied.proxy);
            Duration day = Duration.ofDays(1);
            collectionIs(proxy, "6d2f0c9e-0000-4000-8000-000000000001");
            boolean _ = proxied.restores.isWithin(day); // an old database learns its identity
            proxied.clock.advance(day);
            collectionIs(proxy, "6d2f0c9e-0000-4000-8000-000000000001");
            assertThat(proxied.restores.isWithin(day)).isFalse();
            collectionIs(proxy, "6d2f0c9e-0000-4000-8000-000000000002");
            assertThat(proxied.restores.isWithin(day)).isTrue();
            collectionIs(proxy, "6d2f0c9e-0000-4000-8000-000000000002");
            assertThat(proxied.restores.isWithin(Duration.ZERO)).isFalse();
            proxied.clock.advance(day);
            collectionIs(proxy, "6d2f0c9e-0000-4000-8000-000000000002");
            assertThat(proxied.restores.isWithin(day)).isFalse();
        }
    }

    private static void collectionIs(MongoProxy proxy, String uuid) {
        proxy.treat(
                new MongoProxy.Treatment.Replaced(
                        BsonDocument.parse(
                                "{ok: 1, cursor: {id: {$numberLong: '0'}, ns: 'a.b', firstBatch:"
                                        + " [{name: 'jobs', info: {uuid: '%s'}}]}}"
                                                .formatted(uuid))),
                1,
                command -> command.getFirstKey().equals("listCollections"));
    }

    @Nested
    class Cancelling {
        @Test
        void cancels_what_waits_or_is_converted() {
            Job queued = store.queued(ADA);
            assertThat(jobs.cancel(queued.id())).isTrue();
            assertThat(jobs.cancel(queued.id())).isFalse();
            assertThat(store.now(queued).status()).isEqualTo(Status.CANCELLED);
            assertThat(store.queue.claim("worker")).isEmpty();
            Job converting = store.converting(ADA);
            jobs.cancel(converting.id());
            jobs.cancel(converting.id());
            Job cancelled = store.now(converting);
            assertThat(cancelled.status()).isEqualTo(Status.CANCELLED);
            assertThat(cancelled.lease()).isNull();
            assertThat(cancelled.finishedAt()).isNotNull();
            assertThat(store.attempts.heartbeat(converting, 1)).isFalse();
        }

        @Test
        void expires_what_is_settled() {
            for (Job job : List.of(store.done(ADA), store.failed(ADA))) {
                jobs.cancel(job.id());
                jobs.cancel(job.id());
                assertThat(store.now(job).status()).isEqualTo(Status.EXPIRED);
            }
        }

        @Test
        void ends_all_jobs_of_an_owner_and_no_other() {
            Job failed = store.failed(ADA);
            Job converting = store.converting(ADA);
            List<Job> ended = List.of(failed, converting, store.queued(ADA), store.offered(ADA));
            Job other = store.queued(BOB);
            assertThat(jobs.cancelAllOf(ADA.id())).isEqualTo(4);
            assertThat(jobs.cancelAllOf(ADA.id())).isZero();
            assertThat(ended)
                    .extracting(job -> store.now(job).status())
                    .containsExactly(
                            Status.EXPIRED, Status.CANCELLED, Status.CANCELLED, Status.CANCELLED);
            assertThat(store.now(other)).isEqualTo(other);
        }

        @Test
        void and_an_accept_at_the_same_time_leave_no_job() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.uploading(ADA);
                Race.between(
                        () -> store.uploads.accept(job, 1000, null).isPresent(),
                        () -> jobs.cancel(job.id()));
                assertThat(store.now(job).status()).isEqualTo(Status.CANCELLED);
            }
        }

        @Test
        void and_a_success_at_the_same_time_end_in_one_state() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.converting(ADA);
                boolean succeeded =
                        Race.between(
                                        () -> store.attempts.succeed(job, RESULT),
                                        () -> {
                                            jobs.cancel(job.id());
                                            return false;
                                        })
                                .getFirst();
                Job after = store.now(job);
                assertThat(after.status()).isEqualTo(succeeded ? Status.EXPIRED : Status.CANCELLED);
                assertThat(after.result() != null).isEqualTo(succeeded);
            }
        }

        @Test
        void and_a_claim_at_the_same_time_leave_no_worker_with_a_lease() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.queued(ADA);
                List<Optional<Job>> claimed =
                        Race.between(
                                () -> store.queue.claim("worker"),
                                () -> {
                                    jobs.cancel(job.id());
                                    return Optional.empty();
                                });
                assertThat(store.now(job).status()).isEqualTo(Status.CANCELLED);
                claimed.getFirst()
                        .ifPresent(held -> assertThat(store.attempts.heartbeat(held, 1)).isFalse());
            }
        }

        @Test
        void and_a_release_at_the_same_time_do_not_revive_the_job() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.converting(ADA);
                Race.between(
                        () -> store.attempts.release(job, Duration.ZERO),
                        () -> {
                            jobs.cancel(job.id());
                            return true;
                        });
                assertThat(store.now(job).status()).isEqualTo(Status.CANCELLED);
            }
        }
    }

    @Test
    void a_list_has_the_owners_jobs_newest_first_page_by_page() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ids.addFirst(store.queued(ADA).id());
            store.queued(BOB);
            if (i == 3) ids.addFirst(store.uploading(ADA).id());
        }
        List<String> seen = new ArrayList<>();
        String before = null;
        for (int size : new int[] {3, 3, 2, 0}) {
            List<Job> page = jobs.list(ADA.id(), before, 3);
            assertThat(page).hasSize(size);
            page.forEach(job -> seen.add(job.id()));
            if (!page.isEmpty()) before = page.getLast().id();
        }
        assertThat(seen).isEqualTo(ids);
    }

    @Test
    void a_malformed_id_is_an_unknown_job() {
        store.queued(ADA);
        for (String id : List.of("", "x", "../..", "ffffffffffffffffffffffff"))
            assertThat(jobs.find(id)).isEmpty();
    }

    @Test
    void the_load_counts_unsettled_jobs_and_names_the_oldest_queued_one() {
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(0, 0, 0, null));
        store.uploading(ADA);
        store.clock.advance(Duration.ofMinutes(1));
        store.done(ADA);
        store.failed(ADA);
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(1, 0, 0, null));
        Job oldest = store.queued(ADA);
        store.clock.advance(Duration.ofMinutes(1));
        store.queued(ADA);
        store.queued(BOB); // before ADA's second in the queue, and not older
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(1, 3, 0, oldest.createdAt()));
        Job claimed = store.claimed();
        assertThat(jobs.load().converting()).isEqualTo(1);
        // a job that is not due yet waits, too
        store.attempts.release(claimed, Duration.ofHours(1));
        assertThat(jobs.load()).isEqualTo(new Jobs.Load(1, 3, 0, oldest.createdAt()));
    }
}
