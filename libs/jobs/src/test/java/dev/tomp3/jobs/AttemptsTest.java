package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.CORRUPT;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Job.Status;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("back-end")
class AttemptsTest {
    private final Store store = new Store();
    private final Attempts attempts = store.attempts;
    private final ClaimQueue queue = store.queue;

    @AfterEach
    void close() {
        store.close();
    }

    @Nested
    class Settling {
        @Test
        void as_done_records_the_mp3_and_ends_the_lease() {
            Job job = store.converting(ADA);
            assertThat(attempts.heartbeat(job, 50)).isTrue();
            assertThat(store.now(job).progress()).isEqualTo(50);
            store.clock.advance(Duration.ofSeconds(5));
            assertThat(attempts.succeed(job, RESULT)).isTrue();
            Job done = store.now(job);
            assertThat(done.status()).isEqualTo(Status.DONE);
            assertThat(done.result()).isEqualTo(RESULT);
            assertThat(done.finishedAt()).isEqualTo(store.clock.instant());
            assertThat(done.lease()).isNull();
            assertThat(Objects.requireNonNull(done.notification()).sent()).isFalse();
        }

        @Test
        void as_failed_records_the_reason_and_ends_the_lease() {
            Job failed = store.failed(ADA);
            assertThat(failed.status()).isEqualTo(Status.FAILED);
            assertThat(failed.failure()).isEqualTo(CORRUPT);
            assertThat(failed.result()).isNull();
            assertThat(failed.lease()).isNull();
            assertThat(Objects.requireNonNull(failed.notification()).sent()).isFalse();
        }

        @Test
        void succeeds_for_one_of_two() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.converting(ADA);
                List<Boolean> won =
                        Race.between(
                                () -> attempts.succeed(job, RESULT),
                                () -> attempts.fail(job, CORRUPT));
                assertThat(won).containsOnlyOnce(true);
                assertThat(store.now(job).status())
                        .isEqualTo(won.getFirst() ? Status.DONE : Status.FAILED);
            }
        }

        @Test
        void and_reclaiming_do_not_both_succeed() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.converting(ADA);
                List<Boolean> won =
                        Race.between(
                                () -> attempts.succeed(job, RESULT), () -> attempts.reclaim(job));
                assertThat(won).containsOnlyOnce(true);
                assertThat(store.now(job).status())
                        .isEqualTo(won.getFirst() ? Status.DONE : Status.QUEUED);
                store.jobs.cancel(job.id());
            }
        }

        @Test
        void by_an_attempt_that_no_longer_holds_the_job_changes_nothing() {
            Job zombie = store.converting(ADA);
            assertThat(attempts.release(zombie, Duration.ZERO)).isTrue();
            assertThat(allRefused(zombie)).isTrue();
            Job job = store.claimed();
            assertThat(job.attempt()).isEqualTo(2);
            assertThat(allRefused(zombie)).isTrue();
            assertThat(store.now(job)).isEqualTo(job);
            assertThat(attempts.succeed(job, RESULT)).isTrue();
            assertThat(allRefused(zombie)).isTrue();
            assertThat(allRefused(job)).isTrue();
            assertThat(store.now(job).result()).isEqualTo(RESULT);
        }
    }

    @Nested
    class The_failure_count {
        @Test
        void requeues_the_job_four_times_and_fails_it_the_fifth_time() {
            store.queued(ADA);
            for (int failure = 1; failure < Attempts.MAX_FAILURES; failure++) {
                Job job = exclusive();
                assertThat(attempts.reclaim(job)).isTrue();
                Job failed = store.now(job);
                assertThat(failed.status()).isEqualTo(Status.QUEUED);
                assertThat(failed.failureCount()).isEqualTo(failure);
                assertThat(failed.lease()).isNull();
                store.clock.advance(Duration.ofMinutes(10));
            }
            Job last = exclusive();
            assertThat(attempts.countFailure(last)).isTrue();
            Job failed = store.now(last);
            assertThat(failed.status()).isEqualTo(Status.FAILED);
            assertThat(failed.failure()).isEqualTo(new Failure(Failure.Code.INTERNAL));
            assertThat(failed.failureCount()).isEqualTo(5);
            assertThat(Objects.requireNonNull(failed.notification()).sent()).isFalse();
            assertThat(queue.claim("worker")).isEmpty();
        }

        private Job exclusive() {
            Job job = store.claimed();
            assertThat(attempts.begin(job)).isTrue();
            return store.now(job);
        }

        @Test
        void does_not_count_releases() {
            store.queued(ADA);
            for (int i = 0; i < 10; i++) attempts.release(store.claimed(), Duration.ZERO);
            Job failed = store.claimed();
            attempts.countFailure(failed);
            store.clock.advance(Duration.ofMinutes(10));
            Job job = store.claimed();
            attempts.release(job, Duration.ZERO);
            assertThat(store.now(job).failureCount()).isEqualTo(1);
            assertThat(store.now(job).status()).isEqualTo(Status.QUEUED);
        }

        @Test
        void does_not_count_a_worker_that_sent_a_heartbeat() {
            Job job = store.converting(ADA);
            attempts.heartbeat(job, 1);
            assertThat(attempts.reclaim(job)).isFalse();
            assertThat(store.now(job).status()).isEqualTo(Status.CONVERTING);
        }

        @Test
        void counts_a_loss_once_that_two_observers_see() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.begun(store.converting(ADA));
                Callable<Boolean> observer = () -> attempts.reclaim(job);
                assertThat(Race.between(observer, observer)).containsOnlyOnce(true);
                assertThat(store.now(job).failureCount()).isEqualTo(1);
                store.jobs.cancel(job.id());
            }
        }

        @Test
        void is_not_incremented_when_a_heartbeat_comes_at_the_same_time() throws Exception {
            for (int i = 0; i < Race.ROUNDS; i++) {
                Job job = store.converting(ADA);
                List<Boolean> won =
                        Race.between(() -> attempts.heartbeat(job, 1), () -> attempts.reclaim(job));
                assertThat(won).containsOnlyOnce(true);
                store.jobs.cancel(job.id());
            }
        }
    }

    private boolean allRefused(Job job) {
        Job before = store.now(job);
        boolean accepted =
                attempts.heartbeat(job, 99)
                        || attempts.begin(job)
                        || attempts.succeed(job, RESULT)
                        || attempts.fail(job, CORRUPT)
                        || attempts.release(job, Duration.ZERO)
                        || attempts.countFailure(job)
                        || attempts.reclaim(job);
        return !accepted && store.now(job).equals(before);
    }
}
