package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static dev.tomp3.jobs.Store.CORRUPT;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Job.Status;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("back-end")
class IncomingUploadsTest {
    private final Store store = new Store();
    private final IncomingUploads uploads = store.uploads;

    @AfterEach
    void close() {
        store.close();
    }

    @Nested
    class A_running_upload {
        @Test
        void tells_how_much_of_what_was_announced_did_not_arrive_yet() {
            assertThat(uploads.pendingBytes()).isZero();
            Job first = uploads.begin(ADA, "", Options.NONE, 1000);
            Job second = uploads.begin(ADA, "", Options.NONE, 500);
            uploads.begin(ADA, "", Options.NONE, 0);
            assertThat(uploads.pendingBytes()).isEqualTo(1500);
            assertThat(store.continues(first, 300)).isTrue();
            assertThat(uploads.pendingBytes()).isEqualTo(1200);
            uploads.recordSize(second.id(), 700);
            assertThat(uploads.pendingBytes()).isEqualTo(700);
            uploads.accept(first, 1000, null);
            assertThat(uploads.pendingBytes()).isZero();
        }

        @Test
        void is_a_job_that_its_owner_sees_with_the_bytes_that_have_arrived() {
            Job upload = uploads.begin(ADA, "", Options.NONE, 5000);
            assertThat(store.now(upload)).isEqualTo(upload);
            assertThat(upload.status()).isEqualTo(Status.UPLOADING);
            assertThat(upload.upload()).isEqualTo(new Job.Upload(0, 0, null));
            assertThat(store.jobs.list(ADA.id(), null, 10)).containsExactly(upload);
            Options mono = new Options(128, null, true, null, false);
            assertThat(store.continues(upload.as("b.mp4", mono), 1234)).isTrue();
            Job later = store.now(upload);
            assertThat(later.upload()).isEqualTo(new Job.Upload(1, 1234, null));
            assertThat(later.source().name()).isEqualTo("b.mp4");
            assertThat(later.source().bytes()).isEqualTo(5000);
            assertThat(later.options()).isEqualTo(mono);
        }

        @Test
        void waits_for_no_worker() {
            store.uploading(ADA);
            assertThat(store.queue.claim("worker")).isEmpty();
            assertThat(store.queue.due(10)).isEmpty();
            assertThat(store.queue.hasWaitingJob()).isFalse();
        }

        @Test
        void becomes_a_queued_job_once_it_is_accepted() {
            Job job = uploads.accept(store.uploading(ADA), 1234, null).orElseThrow();
            assertThat(store.now(job)).isEqualTo(job);
            assertThat(job.status()).isEqualTo(Status.QUEUED);
            assertThat(job.source().bytes()).isEqualTo(1234);
            assertThat(job.upload()).isNull();
            assertThat(job.owner()).isEqualTo(ADA);
            assertThat(job.attempt()).isZero();
            assertThat(job.createdAt()).isEqualTo(store.clock.instant());
        }

        @Test
        void leaves_no_document_when_it_fails() {
            Job upload = store.uploading(ADA);
            uploads.discard(upload.id());
            assertThat(store.all()).isEmpty();
            assertThat(store.continues(upload, 1)).isFalse();
            assertThat(uploads.offer(upload)).isEmpty();
            assertThat(uploads.accept(upload, 1000, null)).isEmpty();
        }

        @Test
        void is_abandoned_only_when_no_heartbeat_came() {
            Job upload = store.uploading(ADA);
            store.continues(upload, 0);
            assertThat(uploads.abandon(upload)).isFalse();
            assertThat(uploads.abandon(store.now(upload))).isTrue();
            assertThat(store.all()).isEmpty();
        }

        @Test
        void is_either_accepted_or_abandoned() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job upload = store.uploading(ADA);
                List<Boolean> won =
                        Race.between(
                                () -> uploads.accept(upload, 1000, null).isPresent(),
                                () -> uploads.abandon(upload));
                assertThat(won).containsOnlyOnce(true);
                assertThat(store.jobs.find(upload.id()).isPresent()).isEqualTo(won.getFirst());
            }
        }
    }

    @Test
    void an_accepted_job_is_neither_discarded_nor_abandoned_nor_accepted_again() {
        Job upload = store.uploading(ADA);
        Job job = uploads.accept(upload, 1000, null).orElseThrow();
        assertThat(uploads.discard(job.id())).isFalse();
        uploads.recordSize(job.id(), 5);
        assertThat(uploads.abandon(upload)).isFalse();
        assertThat(uploads.accept(upload, 5, null)).contains(job);
        assertThat(store.continues(upload, 5)).isFalse();
        assertThat(store.now(job)).isEqualTo(job);
    }

    @Nested
    class A_cancelled_upload {
        @Test
        void ends_and_stays_cancelled() {
            Job upload = store.uploading(ADA);
            store.jobs.cancel(upload.id());
            assertThat(store.continues(upload, 1)).isFalse();
            assertThat(uploads.offer(upload)).isEmpty();
            assertThat(uploads.accept(upload, 1000, null)).isEmpty();
            uploads.discard(upload.id());
            Job cancelled = store.now(upload);
            assertThat(cancelled.status()).isEqualTo(Status.CANCELLED);
            assertThat(cancelled.upload()).isNull();
            assertThat(cancelled.finishedAt()).isEqualTo(store.clock.instant());
        }

        @Test
        void ends_its_conversion_too() {
            Job upload = store.offered(ADA);
            Job claimed = store.claimed();
            store.jobs.cancel(upload.id());
            assertThat(store.attempts.heartbeat(claimed, 1)).isFalse();
            assertThat(store.attempts.release(claimed, Duration.ZERO)).isFalse();
            assertThat(store.now(upload).status()).isEqualTo(Status.CANCELLED);
        }

        @Test
        void is_either_accepted_or_cancelled_and_cancelled_in_the_end() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job upload = store.uploading(ADA);
                Race.between(
                        () -> uploads.accept(upload, 1000, null),
                        () -> store.jobs.cancel(upload.id()));
                assertThat(store.now(upload).status()).isEqualTo(Status.CANCELLED);
            }
        }
    }

    /** An upload that a worker may claim before it is complete. */
    @Nested
    class An_offered_upload {
        @Test
        void is_claimed_only_when_no_complete_job_waits() {
            Job early = store.offered(ADA);
            Job complete = store.queued(BOB);
            assertThat(store.claimed().id()).isEqualTo(complete.id());
            Job claimed = store.claimed();
            assertThat(claimed.id()).isEqualTo(early.id());
            assertThat(claimed.status()).isEqualTo(Status.UPLOADING);
            assertThat(claimed.attempt()).isEqualTo(1);
            assertThat(claimed.lease()).isNotNull();
            assertThat(claimed.options().bitrate()).isEqualTo(64);
            assertThat(store.queue.claim("worker")).isEmpty();
        }

        @Test
        void is_not_settled_before_it_is_accepted() {
            Job early = store.offered(ADA);
            assertThat(store.queue.due(10)).isEmpty();
            Job claimed = store.claimed();
            assertThat(store.attempts.succeed(claimed, RESULT)).isFalse();
            assertThat(store.attempts.fail(claimed, CORRUPT)).isFalse();
            assertThat(store.jobs.completeLength(early.id())).isEmpty();
            assertThat(store.attempts.heartbeat(claimed, 40)).isTrue();
            assertThat(store.jobs.load()).isEqualTo(new Jobs.Load(1, 0, 0, null));

            Job accepted = uploads.accept(early, 1234, null).orElseThrow();

            assertThat(accepted.status()).isEqualTo(Status.CONVERTING);
            assertThat(accepted.progress()).isEqualTo(40);
            assertThat(accepted.upload()).isNull();
            assertThat(accepted.source().name()).isEqualTo("early.mkv");
            assertThat(store.jobs.completeLength(early.id())).hasValue(1234);
            assertThat(store.attempts.heartbeat(claimed, 50)).isTrue();
            assertThat(store.attempts.succeed(claimed, RESULT)).isTrue();
        }

        @Test
        void takes_its_conversion_with_it_when_it_fails() {
            Job early = store.offered(ADA);
            Job claimed = store.claimed();
            uploads.discard(early.id());
            assertThat(store.attempts.heartbeat(claimed, 1)).isFalse();
            assertThat(uploads.accept(early, 1000, null)).isEmpty();
        }

        @Test
        void that_was_released_waits_until_it_is_accepted() {
            Job early = store.offered(ADA);
            Job claimed = store.claimed();
            assertThat(store.queue.hasWaitingJob()).isFalse();
            assertThat(store.attempts.release(claimed, Duration.ZERO)).isTrue();
            assertThat(store.attempts.heartbeat(claimed, 1)).isFalse();
            assertThat(store.queue.claim("worker")).isEmpty();
            Job released = store.now(early);
            assertThat(released.status()).isEqualTo(Status.UPLOADING);
            assertThat(released.lease()).isNull();
            assertThat(released.failureCount()).isZero();
            assertThat(store.continues(early, 900)).isTrue();
            assertThat(uploads.accept(early, 1000, null))
                    .get()
                    .extracting(Job::status)
                    .isEqualTo(Status.QUEUED);
            assertThat(store.queue.hasWaitingJob()).isTrue();
            assertThat(store.claimed().id()).isEqualTo(early.id());
        }

        @Test
        void counts_the_loss_of_its_worker_and_is_not_offered_again() {
            Job early = store.offered(ADA);
            assertThat(store.attempts.reclaim(store.begun(store.claimed()))).isTrue();
            Job lost = store.now(early);
            assertThat(lost.status()).isEqualTo(Status.UPLOADING);
            assertThat(lost.lease()).isNull();
            assertThat(lost.failureCount()).isEqualTo(1);
            assertThat(store.queue.claim("worker")).isEmpty();
        }

        @Test
        void does_not_fail_before_it_is_accepted_however_many_failures_it_has() {
            Job early = store.offered(ADA);
            store.set(early, "failureCount", Attempts.MAX_FAILURES - 1);
            assertThat(store.attempts.countFailure(store.claimed())).isTrue();
            assertThat(store.now(early).status()).isEqualTo(Status.UPLOADING);
            assertThat(uploads.accept(early, 1000, null)).isPresent();
            assertThat(store.attempts.countFailure(store.claimed())).isTrue();
            assertThat(store.now(early).status()).isEqualTo(Status.FAILED);
        }

        @Test
        void keeps_the_start_tag_that_it_got_when_it_was_offered() {
            Job early = store.offered(ADA);
            Job later = store.queued(ADA);
            Job accepted = uploads.accept(early, 1000, null).orElseThrow();
            assertThat(accepted.startTag())
                    .isEqualTo(early.startTag())
                    .isLessThan(later.startTag());
        }

        @Test
        void that_is_claimed_and_accepted_at_the_same_time_is_converting_once() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job early = store.offered(ADA);
                List<Optional<Job>> both =
                        Race.between(
                                () -> store.queue.claim("worker"),
                                () -> uploads.accept(early, 1000, null));
                assertThat(both.getLast()).isPresent();
                Job claimed = both.getFirst().orElseGet(store::claimed);
                assertThat(store.now(early).status()).isEqualTo(Status.CONVERTING);
                assertThat(store.now(early).attempt()).isEqualTo(1);
                assertThat(store.attempts.succeed(claimed, RESULT)).isTrue();
            }
        }

        @Test
        void that_is_released_and_accepted_at_the_same_time_is_queued() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job early = store.offered(ADA);
                Job claimed = store.claimed();
                List<Boolean> both =
                        Race.between(
                                () -> store.attempts.release(claimed, Duration.ZERO),
                                () -> uploads.accept(early, 1000, null).isPresent());
                assertThat(both).containsOnly(true);
                Job queued = store.now(early);
                assertThat(queued.status()).isEqualTo(Status.QUEUED);
                assertThat(queued.lease()).isNull();
                assertThat(store.attempts.succeed(store.claimed(), RESULT)).isTrue();
            }
        }
    }

    @Nested
    class An_idempotency_key {
        @Test
        void names_the_same_job_again() {
            Job first = uploads.accept(store.uploading(ADA), 1000, "key").orElseThrow();
            Job second = store.uploading(ADA);
            assertThat(uploads.accept(second, 1000, "key")).contains(first);
            assertThat(store.jobs.findByKey(ADA.id(), "key")).contains(first);
            assertThat(store.now(second).status()).isEqualTo(Status.UPLOADING);
        }

        @Test
        void names_no_job_while_its_upload_is_running() {
            store.uploading(ADA);
            assertThat(store.jobs.findByKey(ADA.id(), "key")).isEmpty();
        }

        @Test
        void belongs_to_one_owner() {
            Job ada = uploads.accept(store.uploading(ADA), 1000, "key").orElseThrow();
            Job bob = uploads.accept(store.uploading(BOB), 1000, "key").orElseThrow();
            assertThat(bob.id()).isNotEqualTo(ada.id());
            assertThat(store.jobs.findByKey("eve", "key")).isEmpty();
        }

        @Test
        void makes_one_job_of_uploads_that_end_at_the_same_time() throws Exception {
            for (int i = 0; i < 5; i++) {
                String key = "key " + i;
                List<Job> accepted =
                        Race.of(
                                Collections.nCopies(
                                        4,
                                        () ->
                                                uploads.accept(store.uploading(ADA), 1000, key)
                                                        .orElseThrow()));
                assertThat(accepted).extracting(Job::id).containsOnly(accepted.getFirst().id());
            }
            assertThat(store.in(Status.QUEUED)).hasSize(5);
        }
    }
}
