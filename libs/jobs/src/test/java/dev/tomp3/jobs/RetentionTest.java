package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
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
        assertThat(isNeeded(uploading.id())).isTrue();
        store.uploads.discard(uploading.id());
        assertThat(isNeeded(uploading.id())).isFalse();

        Job early = store.offered(ADA);
        assertThat(isNeeded(early.id())).isTrue();
        assertThat(isNeeded(early.id() + "-1")).isFalse();
        Job claimedEarly = store.claimed();
        assertThat(isNeeded(claimedEarly.attemptFile())).isTrue();
        store.jobs.cancel(early.id());
        assertThat(isNeeded(early.id())).isFalse();
        assertThat(isNeeded(claimedEarly.attemptFile())).isFalse();

        Job job = store.converting(ADA);
        assertThat(isNeeded(job.id())).isTrue();
        assertThat(isNeeded(job.attemptFile())).isTrue();
        assertThat(isNeeded(job.id() + "-2")).isFalse();
        store.attempts.release(job, Duration.ZERO);
        assertThat(isNeeded(job.id())).isTrue();
        assertThat(isNeeded(job.attemptFile())).isFalse();

        Job second = store.claimed();
        assertThat(isNeeded(job.attemptFile())).isFalse();
        store.attempts.succeed(second, RESULT);
        assertThat(isNeeded(second.attemptFile())).isTrue();
        assertThat(isNeeded(job.attemptFile())).isFalse();
        assertThat(isNeeded(job.id())).isTrue();
        retention.videoDeleted(job.id());
        assertThat(isNeeded(job.id())).isFalse();
        store.jobs.cancel(job.id());
        assertThat(isNeeded(second.attemptFile())).isFalse();

        Job failed = store.failed(ADA);
        assertThat(isNeeded(failed.id())).isTrue();
        assertThat(isNeeded(failed.attemptFile())).isFalse();

        Job cancelled = store.converting(ADA);
        store.jobs.cancel(cancelled.id());
        assertThat(isNeeded(cancelled.id())).isFalse();
        assertThat(isNeeded(cancelled.attemptFile())).isFalse();

        assertThat(isNeeded("ffffffffffffffffffffffff-1")).isFalse();
    }

    @Test
    void leaves_files_of_other_tools_alone() {
        List<String> others =
                List.of("", "x", "readme", "652f1b2c3d4e5f6071829304.mp4", "f".repeat(24) + "-");
        assertThat(retention.orphans(others)).isEmpty();
    }

    @Test
    void removes_any_number_of_old_jobs_and_keys() {
        Job kept = store.queued(ADA);
        List<Document> old = new ArrayList<>();
        for (int i = 0; i < 2100; i++) {
            Instant day = store.clock.instant();
            old.add(
                    new Document("status", i % 2 == 0 ? "FAILED" : "QUEUED")
                            .append("owner", new Document("_id", ADA.id()))
                            .append("source", new Document("stored", false))
                            .append("idempotencyKey", "key-" + i)
                            .append("createdAt", day)
                            .append("finishedAt", day));
        }
        store.mongo.getCollection("jobs").insertMany(old);
        store.clock.advance(Store.PERIODS.job().plusSeconds(1));
        retention.removeOldJobs();
        retention.removeOldKeys();
        assertThat(store.mongo.getCollection("jobs").countDocuments()).isEqualTo(1051);
        assertThat(
                        store.mongo
                                .getCollection("jobs")
                                .countDocuments(
                                        new Document(
                                                "idempotencyKey", new Document("$exists", true))))
                .isZero();
        assertThat(store.now(kept).status()).isEqualTo(Job.Status.QUEUED);
    }

    private boolean isNeeded(String file) {
        return !retention.orphans(List.of(file)).contains(file);
    }
}
