package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.JobChanges.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.query.Update;

@Tag("back-end")
class JobChangesTest {
    private static final Instant LONG_AGO = Instant.EPOCH.plusSeconds(1);

    private final Store store = new Store();
    private Instant before = LONG_AGO;

    @AfterEach
    void close() {
        store.close();
    }

    /** Sets back the dates of all jobs, so that only what is changed afterwards is new. */
    private void settle() {
        store.mongo.updateMulti(
                query(where("_id").exists(true)),
                Update.update(JobDocuments.CHANGED, Date.from(Instant.EPOCH)),
                Job.class);
        before = LONG_AGO;
    }

    private List<Change> changes() {
        return store.changes.since(before, List.of(ADA.id()));
    }

    private Job changed() {
        List<Change> changes = changes();
        assertThat(changes).hasSize(1);
        assertThat(Duration.between(changes.getFirst().at(), Instant.now()).abs())
                .isLessThan(Duration.ofMinutes(1));
        settle();
        return Objects.requireNonNull(changes.getFirst().job());
    }

    @Test
    void tell_every_step_of_a_job() {
        Job upload = store.uploading(ADA);
        assertThat(changed().status()).isEqualTo(Status.UPLOADING);
        assertThat(store.continues(upload, 70)).isTrue();
        assertThat(Objects.requireNonNull(changed().upload()).received()).isEqualTo(70);
        store.uploads.recordSize(upload.id(), 80);
        assertThat(changed().source().bytes()).isEqualTo(80);
        store.uploads.accept(upload, 80, null);
        assertThat(changed().status()).isEqualTo(Status.QUEUED);
        Job job = store.claimed();
        assertThat(changed().status()).isEqualTo(Status.CONVERTING);
        store.attempts.heartbeat(job, 42);
        assertThat(changed().progress()).isEqualTo(42);
        store.attempts.release(job, Duration.ZERO);
        assertThat(changed().status()).isEqualTo(Status.QUEUED);
        job = store.claimed();
        settle();
        store.attempts.succeed(job, Store.RESULT);
        assertThat(changed().status()).isEqualTo(Status.DONE);
        store.jobs.cancel(job.id());
        assertThat(changed().status()).isEqualTo(Status.EXPIRED);
        store.queued(ADA);
        settle();
        store.jobs.cancelAllOf(ADA.id());
        assertThat(changed().status()).isEqualTo(Status.CANCELLED);
    }

    @Test
    void belong_to_the_owners_who_are_asked_for_and_come_in_order() {
        Job first = store.queued(BOB);
        Job second = store.queued(ADA);
        store.uploads.recordSize(first.id(), 1);
        store.jobs.cancel(first.id());
        assertThat(changes()).extracting(Change::id).containsExactly(second.id());
        assertThat(store.changes.since(before, List.of(ADA.id(), BOB.id())))
                .extracting(Change::id)
                .containsExactly(second.id(), first.id());
        assertThat(store.changes.since(Instant.now().plusSeconds(600), List.of(ADA.id())))
                .isEmpty();
    }

    @Test
    void are_found_in_any_number() {
        for (int i = 0; i < 120; i++) store.uploading(ADA);
        assertThat(changes()).hasSize(120);
    }

    @Test
    void tell_what_was_removed_for_an_hour() {
        Job failed = store.uploading(ADA);
        Job lost = store.uploading(ADA);
        Job kept = store.uploading(ADA);
        settle();
        assertThat(store.uploads.discard(failed.id())).isTrue();
        assertThat(store.uploads.abandon(lost)).isTrue();
        assertThat(changes())
                .extracting(Change::id)
                .containsExactlyInAnyOrder(failed.id(), lost.id());
        assertThat(changes()).extracting(Change::job).containsOnlyNulls();
        assertThat(store.changes.since(before, List.of(BOB.id()))).isEmpty();
        // a crash after the record, or the upload was accepted in between
        store.documents.recordRemoval(query(where("_id").is(kept.id())));
        assertThat(changes()).extracting(Change::id).doesNotContain(kept.id());
        store.clock.advance(Duration.between(store.clock.instant(), Instant.now()));
        store.retention.removeOldJobs();
        assertThat(changes()).hasSize(2);
        store.clock.advance(JobChanges.KEPT.plusMinutes(1));
        store.retention.removeOldJobs();
        assertThat(changes()).isEmpty();
    }

    @Test
    void tell_what_retention_removes() {
        Job job = store.failed(ADA);
        store.retention.videoDeleted(job.id());
        settle();
        store.clock.advance(Duration.ofDays(40));
        store.retention.removeOldJobs();
        assertThat(store.all()).isEmpty();
        assertThat(store.mongo.getCollection(JobDocuments.REMOVED).countDocuments()).isEqualTo(1);
        assertThat(changes()).extracting(Change::id).containsExactly(job.id());
    }
}
