package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("back-end")
class RetentionTest {
    private final Store store = new Store();
    private final Retention retention = store.retention;

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void forgets_an_idempotency_key_after_a_day() {
        Job first = store.uploads.accept(store.uploading(ADA), 1000, "key").orElseThrow();
        store.clock.advance(Timing.PRODUCTION.idempotencyKey());
        retention.removeOldKeys();
        assertThat(store.jobs.findByKey(ADA.id(), "key")).contains(store.now(first));
        store.clock.advance(Duration.ofSeconds(1));
        retention.removeOldKeys();
        assertThat(store.jobs.findByKey(ADA.id(), "key")).isEmpty();
        assertThat(store.uploads.accept(store.uploading(ADA), 1000, "key"))
                .isNotEmpty()
                .get()
                .extracting(Job::id)
                .isNotEqualTo(first.id());
    }

    @Test
    void knows_which_files_a_job_needs() {
        Job uploading = store.uploading(ADA);
        assertThat(retention.isNeeded(uploading.id())).isTrue();
        store.uploads.discard(uploading.id());
        assertThat(retention.isNeeded(uploading.id())).isFalse();

        Job early = store.offered(ADA);
        assertThat(retention.isNeeded(early.id())).isTrue();
        assertThat(retention.isNeeded(early.id() + "-1")).isFalse();
        Job claimedEarly = store.claimed();
        assertThat(retention.isNeeded(claimedEarly.attemptFile())).isTrue();
        store.jobs.cancel(early.id());
        assertThat(retention.isNeeded(early.id())).isFalse();
        assertThat(retention.isNeeded(claimedEarly.attemptFile())).isFalse();

        Job job = store.converting(ADA);
        assertThat(retention.isNeeded(job.id())).isTrue();
        assertThat(retention.isNeeded(job.attemptFile())).isTrue();
        assertThat(retention.isNeeded(job.id() + "-2")).isFalse();
        store.attempts.release(job, Duration.ZERO);
        assertThat(retention.isNeeded(job.id())).isTrue();
        assertThat(retention.isNeeded(job.attemptFile())).isFalse();

        Job second = store.claimed();
        assertThat(retention.isNeeded(job.attemptFile())).isFalse();
        store.attempts.succeed(second, RESULT);
        assertThat(retention.isNeeded(second.attemptFile())).isTrue();
        assertThat(retention.isNeeded(job.attemptFile())).isFalse();
        assertThat(retention.isNeeded(job.id())).isTrue();
        retention.videoDeleted(job.id());
        assertThat(retention.isNeeded(job.id())).isFalse();
        store.jobs.cancel(job.id());
        assertThat(retention.isNeeded(second.attemptFile())).isFalse();

        Job failed = store.failed(ADA);
        assertThat(retention.isNeeded(failed.id())).isTrue();
        assertThat(retention.isNeeded(failed.attemptFile())).isFalse();

        Job cancelled = store.converting(ADA);
        store.jobs.cancel(cancelled.id());
        assertThat(retention.isNeeded(cancelled.id())).isFalse();
        assertThat(retention.isNeeded(cancelled.attemptFile())).isFalse();

        for (String stranger : List.of("", "x", "readme", "ffffffffffffffffffffffff-1"))
            assertThat(retention.isNeeded(stranger)).isFalse();
    }
}
