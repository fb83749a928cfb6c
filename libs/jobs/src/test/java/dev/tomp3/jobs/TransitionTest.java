package dev.tomp3.jobs;

import static dev.tomp3.jobs.Store.ADA;
import static dev.tomp3.jobs.Store.CORRUPT;
import static dev.tomp3.jobs.Store.RESULT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.jobs.Job.Lease;
import dev.tomp3.jobs.Job.Notification;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Job.Upload;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every transition leaves the statuses of its row in the table, and no other. */
@Tag("back-end")
class TransitionTest {
    private static final Resumable EXPIRED =
            new Resumable(null, 0, 0, 0, false, true, Instant.EPOCH, "");

    private final Store store = new Store();
    private final Map<Transition, Consumer<Job>> actions = new EnumMap<>(Transition.class);

    TransitionTest() {
        actions.put(Transition.ACCEPT, job -> store.uploads.accept(job, 1, null));
        actions.put(Transition.ACCEPT_CLAIMED, job -> store.uploads.accept(job, 1, null));
        actions.put(Transition.CLAIM, _ -> store.queue.claim("another"));
        actions.put(Transition.RELEASE, job -> store.attempts.release(job, Duration.ZERO));
        actions.put(Transition.SUCCEED, job -> store.attempts.succeed(job, RESULT));
        actions.put(Transition.FAIL, job -> store.attempts.fail(job, CORRUPT));
        actions.put(Transition.CANCEL_UPLOAD, job -> store.jobs.cancel(job.id()));
        actions.put(
                Transition.EXPIRE_UPLOAD,
                job -> {
                    store.set(job, "upload", new Upload(0, 0, EXPIRED));
                    store.retention.expireUploads();
                });
        actions.put(Transition.CANCEL, job -> store.jobs.cancel(job.id()));
        actions.put(Transition.EXPIRE, job -> store.retention.expire(job));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @ParameterizedTest
    @EnumSource
    void leaves_the_statuses_of_its_row_only(Transition transition) {
        // other transitions follow in the same method: a job that is deleted expires if settled
        boolean deletes = transition == Transition.CANCEL || transition == Transition.CANCEL_UPLOAD;
        for (Status from : Status.values()) {
            Job job = in(from, transition != Transition.ACCEPT);
            actions.get(transition).accept(job);
            Status after = store.now(job).status();
            if (transition.from().contains(from)) assertThat(after).isEqualTo(transition.to());
            else if (deletes && Transition.EXPIRE.from().contains(from))
                assertThat(after).isEqualTo(Status.EXPIRED);
            else if (deletes) assertThat(after).isIn(Status.CANCELLED, Status.EXPIRED);
            else assertThat(after).isEqualTo(from);
            store.mongo.remove(store.now(job));
        }
    }

    /** A job in this status, whose document matches every writer in everything but the status. */
    private Job in(Status status, boolean leased) {
        Job job = store.uploading(ADA);
        store.set(job, "status", status);
        if (leased) store.set(job, "lease", new Lease("worker", 0, false));
        if (status != Status.UPLOADING) store.set(job, "due", Instant.EPOCH);
        if (Transition.EXPIRE.from().contains(status))
            store.set(job, "notification", new Notification(false, 0, Instant.EPOCH, null));
        return store.now(job);
    }
}
