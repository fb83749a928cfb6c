package dev.tomp3.jobs;

import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Job.Status;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Update;

/**
 * The end of an upload whose bytes are safely stored. When an answer of the store is lost, it is
 * asked until it is known whether the job was accepted, so that no client is told the opposite of
 * what happened.
 */
final class UploadAcceptance {
    /** A job in one of these was not accepted. */
    private static final Set<Status> ENDED =
            Set.of(Status.UPLOADING, Status.CANCELLED, Status.EXPIRED);

    private final JobDocuments documents;
    private final FairShare fairShare;

    /**
     * Accepts uploads.
     *
     * @param documents that wait for another primary
     */
    UploadAcceptance(JobDocuments documents, FairShare fairShare) {
        this.documents = documents;
        this.fairShare = fairShare;
    }

    /** Accepts an upload, as {@link IncomingUploads#accept} describes it. */
    Optional<Job> accept(Job job, long bytes, @Nullable String idempotencyKey) {
        return UntilKnown.ask(() -> {
            boolean offered = job.due() != null;
            long startTag = offered ? job.startTag() : fairShare.nextStartTag(job.owner().id());
            try {
                return acceptOnce(job, bytes, startTag, idempotencyKey);
            } catch (DuplicateKeyException e) {
                Optional<Job> earlier =
                        documents.findByKey(job.owner().id(), String.valueOf(idempotencyKey));
                // not confirmed by a majority yet, or gone by now
                if (earlier.isEmpty())
                    throw new TransientDataAccessResourceException("The key is in doubt", e);
                return earlier;
            }
        });
    }

    private Optional<Job> acceptOnce(
            Job job, long bytes, long startTag, @Nullable String idempotencyKey) {
        Optional<Job> current;
        // a worker may claim or release the upload between the two updates, if it is large
        do {
            Optional<Job> accepted =
                    documents.applyToFirst(
                            Transition.ACCEPT,
                            written(job).and("lease").exists(false),
                            accepted(job, bytes, idempotencyKey)
                                    .set("startTag", startTag)
                                    .set("due", JobDocuments.IMMEDIATELY));
            if (accepted.isEmpty())
                accepted =
                        documents.applyToFirst(
                                Transition.ACCEPT_CLAIMED,
                                written(job).and("lease").exists(true),
                                accepted(job, bytes, idempotencyKey));
            if (accepted.isPresent()) return accepted;
            current = documents.find(job.id());
        } while (current.filter(now -> isWrittenBy(job, now)).isPresent());
        // what is no upload any more was accepted: an earlier try was carried out, and its answer
        // lost, or another request has sent the rest of a resumable upload
        return current.filter(now -> !ENDED.contains(now.status()));
    }

    /** Matches the job unless another request writes its video by now. */
    private static Criteria written(Job job) {
        Resumable resumable = job.resumable();
        Criteria id = JobDocuments.id(job.id());
        return resumable == null ? id : id.and(ResumableUploads.WRITER).is(resumable.writer());
    }

    private static boolean isWrittenBy(Job job, Job now) {
        Resumable before = job.resumable();
        Resumable after = now.resumable();
        return now.status() == Status.UPLOADING
                && (before == null || (after != null && after.writer() == before.writer()));
    }

    private static Update accepted(Job job, long bytes, @Nullable String idempotencyKey) {
        Update update = JobDocuments.described(job).set("source.bytes", bytes).unset("upload");
        Resumable resumable = job.resumable();
        if (resumable != null) update.set(ResumableUploads.METADATA, resumable.metadata());
        return idempotencyKey == null
                ? update
                : update.set("idempotencyKey", JobDocuments.key(job.owner().id(), idempotencyKey));
    }
}
