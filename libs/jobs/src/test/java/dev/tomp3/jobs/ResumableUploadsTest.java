package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.IncomingUploads.Progress;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Job.Status;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("back-end")
class ResumableUploadsTest {
    private final Store store = new Store();
    private final ResumableUploads uploads = store.resumables;

    @AfterEach
    void close() {
        store.close();
    }

    @Nested
    class Of_two_requests {
        @Test
        void the_newer_one_learns_when_the_older_one_has_ended() {
            Job first = opened(begun(1000L, null));
            Job second = requested(first);
            assertThat(state(second).open()).isTrue();
            assertThat(uploads.release(first, 400, true)).isTrue();
            Job now = store.now(first);
            assertThat(state(now).open()).isFalse();
            assertThat(state(now).offset()).isEqualTo(400);
            Job opened = uploads.open(now, state(second).requests()).orElseThrow();
            assertThat(state(opened).writer()).isEqualTo(2);
        }

        @Test
        void the_older_one_learns_of_the_newer_one_from_its_heartbeat() {
            Job first = opened(begun(1000L, null));
            assertThat(heartbeat(first, 500, 300)).isEmpty();
            assertThat(state(store.now(first)).offset()).isEqualTo(300);
            requested(first);
            Job other = store.uploading(BOB);
            assertThat(
                            store.uploads.heartbeat(
                                    List.of(
                                            new Progress(first, 600, 600),
                                            new Progress(other, 1, 0))))
                    .containsExactly(first.id());
            assertThat(state(store.now(first)).offset()).isEqualTo(300);
        }

        @Test
        void the_older_one_writes_nothing_any_more_once_it_is_fenced() {
            Job first = opened(begun(1000L, null));
            Job second = requested(first);
            Job fenced = uploads.fence(first.id(), state(second).requests()).orElseThrow();
            assertThat(state(fenced).clean()).isFalse();
            assertThat(uploads.release(first, 900, true)).isFalse();
            assertThat(heartbeat(first, 900, 900)).containsExactly(first.id());
            assertThat(store.uploads.accept(first, 1000, null)).isEmpty();
            assertThat(state(store.now(first)).offset()).isZero();
            Job opened = uploads.open(fenced, state(second).requests()).orElseThrow();
            Job accepted = store.uploads.accept(opened, 1000, null).orElseThrow();
            assertThat(accepted.status()).isEqualTo(Status.QUEUED);
            assertThat(uploads.metadata(accepted.id())).isEqualTo("filename eA==");
        }

        @Test
        void a_heartbeat_that_comes_late_takes_no_byte_back() {
            Job first = opened(begun(1000L, null));
            assertThat(uploads.release(first, 800, true)).isTrue();
            heartbeat(first, 900, 300); // sent before the end, carried out after it
            Job now = store.now(first);
            assertThat(state(now).offset()).isEqualTo(800);
            assertThat(now.upload().received()).isEqualTo(800);
            Job second = opened(now);
            assertThat(heartbeat(second, 900, 900)).isEmpty();
            assertThat(heartbeat(second, 850, 850)).isEmpty();
            assertThat(state(store.now(first)).offset()).isEqualTo(900);
        }

        @Test
        void the_older_one_neither_opens_nor_fences() {
            Job older = requested(begun(1000L, null));
            Job newer = requested(older);
            assertThat(uploads.open(older, state(older).requests())).isEmpty();
            assertThat(uploads.fence(older.id(), state(older).requests())).isEmpty();
            assertThat(uploads.open(newer, state(newer).requests())).isPresent();
        }
    }

    @Test
    void a_worker_that_may_have_read_other_bytes_loses_the_job() {
        Job first = opened(begun(10_000L, null));
        assertThat(store.uploads.offer(first)).isPresent();
        Job claimed = store.claimed();
        assertThat(uploads.release(first, 500, true)).isTrue();
        Job second = opened(store.now(first));
        assertThat(store.attempts.heartbeat(claimed, 1)).as("nothing is wrong").isTrue();
        assertThat(uploads.release(second, 500, false)).isTrue();
        opened(store.now(first));
        assertThat(store.attempts.heartbeat(claimed, 1)).isFalse();
        assertThat(store.queue.claim("worker")).isEmpty();
    }

    @Test
    void the_declared_length_counts_towards_the_quota_from_the_beginning() {
        Job upload = begun(5000L, null);
        assertThat(store.jobs.usage(ADA.id())).isEqualTo(new Jobs.Usage(1, 5000));
        Job later = begun(null, null);
        assertThat(uploads.countOf(ADA.id())).isEqualTo(2);
        store.uploading(ADA);
        assertThat(uploads.countOf(ADA.id())).isEqualTo(2);
        uploads.reserve(later.id(), 700);
        uploads.declareLength(later.id(), 700);
        assertThat(state(store.now(later)).length()).isEqualTo(700);
        assertThat(store.jobs.usage(ADA.id()).bytes()).isEqualTo(5700);
        store.jobs.cancel(upload.id());
        assertThat(store.jobs.usage(ADA.id()).bytes()).isEqualTo(700);
    }

    @Test
    void the_declared_length_takes_the_disk_from_others_only_while_bytes_come() {
        Job upload = begun(5000L, null);
        assertThat(store.uploads.pendingBytes()).isZero();
        Job opened = opened(upload);
        assertThat(store.uploads.pendingBytes()).isEqualTo(5000);
        assertThat(uploads.release(opened, 1000, true)).isTrue();
        assertThat(store.uploads.pendingBytes()).isZero();
        store.uploads.begin(BOB, "", Options.NONE, 300);
        opened(upload);
        assertThat(store.uploads.pendingBytes()).isEqualTo(4300);
    }

    @Test
    void an_idempotency_key_names_one_upload() {
        Job upload = begun(1000L, "key");
        assertThat(uploads.begin(ADA, "b", Options.NONE, 1000L, "", "key")).isEmpty();
        assertThat(store.jobs.findByKey(ADA.id(), "key")).contains(store.now(upload));
        Job accepted = store.uploads.accept(opened(upload), 1000, null).orElseThrow();
        assertThat(store.jobs.findByKey(ADA.id(), "key")).contains(accepted);
    }

    @Test
    void an_upload_expires_when_no_byte_came_for_long_enough() {
        Job upload = opened(begun(1000L, null));
        Job other = store.uploading(ADA);
        store.clock.advance(Store.KEEP_UPLOAD.minusMinutes(1));
        assertThat(uploads.release(upload, 10, true)).isTrue();
        store.clock.advance(Duration.ofMinutes(2));
        store.retention.expireUploads();
        assertThat(store.now(upload).status()).isEqualTo(Status.UPLOADING);
        Job again = opened(store.now(upload));
        assertThat(uploads.release(again, 10, true)).as("without a byte").isTrue();
        store.clock.advance(Store.KEEP_UPLOAD);
        assertThat(uploads.isExpired(state(store.now(upload)))).isTrue();
        store.retention.expireUploads();
        assertThat(store.now(upload).status()).isEqualTo(Status.EXPIRED);
        assertThat(store.now(other).status()).isEqualTo(Status.UPLOADING);
        assertThat(store.retention.withFilesToDelete(null, 10))
                .extracting(Job::id)
                .containsExactly(upload.id());
        assertThat(uploads.request(upload.id())).isEmpty();
    }

    @Test
    void an_upload_outlives_its_gateway() {
        Job upload = opened(begun(1000L, null));
        Job other = store.uploading(ADA);
        assertThat(store.uploads.running()).extracting(Job::id).containsExactly(other.id());
        assertThat(store.now(upload).status()).isEqualTo(Status.UPLOADING);
    }

    private Job begun(@Nullable Long length, @Nullable String key) {
        return uploads.begin(ADA, "a.mp4", Options.NONE, length, "filename eA==", key)
                .orElseThrow();
    }

    private Job requested(Job job) {
        return uploads.request(job.id()).orElseThrow();
    }

    private Job opened(Job job) {
        Job requested = requested(job);
        return uploads.open(requested, state(requested).requests()).orElseThrow();
    }

    private List<String> heartbeat(Job job, long received, long safe) {
        return List.copyOf(store.uploads.heartbeat(List.of(new Progress(job, received, safe))));
    }

    private static Resumable state(Job job) {
        return Objects.requireNonNull(job.resumable());
    }
}
