package dev.tomp3.jobs;

import static org.springframework.data.mongodb.core.query.Criteria.where;
import static org.springframework.data.mongodb.core.query.Query.query;

import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Job.Source;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Job.Upload;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Uploads that several requests bring, one after the other, on any gateways. The recorded offset is
 * never larger than what the media store has safe, and of two requests only the newer one writes.
 *
 * <ol>
 *   <li>Each request gets a number from {@link #request}, which the heartbeat of an older one
 *       learns: it makes its bytes safe, and says with {@link #release} that it has ended.
 *   <li>When an older one does not do so in time, its gateway is lost, suspended or cut off: {@link
 *       #fence} takes the right to write from it. Its bytes after the recorded offset do not count.
 *   <li>{@link #open} gives the right to write to a request, if there is no newer one.
 *   <li>What was not released cleanly may have left bytes after the offset, which the next request
 *       may send otherwise. {@link #open} takes the job from a worker that may have read them.
 *   <li>{@link IncomingUploads#accept} ends the upload, if the request still has the right to
 *       write. An upload expires when no byte came for as long as uploads are kept.
 * </ol>
 */
public final class ResumableUploads {
    static final String OFFSET = "upload.resumable.offset";
    static final String REQUESTS = "upload.resumable.requests";
    static final String WRITER = "upload.resumable.writer";
    static final String EXPIRES = "upload.resumable.expires";

    /** Where the metadata are kept of an upload that was accepted. */
    static final String METADATA = "uploadMetadata";

    private static final String LENGTH = "upload.resumable.length";
    static final String OPEN = "upload.resumable.open";
    private static final String CLEAN = "upload.resumable.clean";

    private final JobDocuments documents;
    private final IncomingUploads uploads;
    private final Clock clock;
    private final Duration keep;

    ResumableUploads(JobDocuments documents, IncomingUploads uploads, Clock clock, Duration keep) {
        this.documents = documents;
        this.uploads = uploads;
        this.clock = clock;
        this.keep = keep;
    }

    /**
     * Records an upload that begins.
     *
     * @param length the declared length, which counts towards the owner's quota from now on; null
     *     when it is not known yet
     * @param metadata as the client sent them
     * @return empty when the idempotency key names a job already
     */
    public Optional<Job> begin(
            Owner owner,
            String name,
            Options options,
            @Nullable Long length,
            String metadata,
            @Nullable String idempotencyKey) {
        Resumable resumable =
                new Resumable(length, 0, 0, 0, false, true, clock.instant().plus(keep), metadata);
        Source source = new Source(name, length == null ? 0 : length, true);
        Upload upload = new Upload(0, 0, resumable);
        try {
            return Optional.of(uploads.begin(owner, source, options, upload, idempotencyKey));
        } catch (DuplicateKeyException e) {
            return Optional.empty();
        }
    }

    /** How many uploads of this owner are not complete. */
    public long countOf(String owner) {
        Criteria open = where("owner.id").is(owner).and("status").is(Status.UPLOADING);
        return documents.mongo().count(query(open.and(EXPIRES).exists(true)), Job.class);
    }

    /** Whether the time for which an upload is kept is over. */
    public boolean isExpired(Resumable upload) {
        return upload.expires().isBefore(clock.instant());
    }

    /** What the client sent as metadata of an upload that was accepted. */
    public String metadata(String id) {
        Query query = query(JobDocuments.id(id));
        query.fields().include(METADATA);
        Document job = documents.mongo().findOne(query, Document.class, documents.collection());
        return job == null ? "" : Objects.requireNonNullElse(job.getString(METADATA), "");
    }

    /**
     * Registers a request, which is newer than all others.
     *
     * @return the job with the number of the request; empty when it is no upload any more
     */
    public Optional<Job> request(String id) {
        return documents.updateFirstWithin(
                Status.UPLOADING, resumable(id), new Update().inc(REQUESTS, 1));
    }

    /**
     * Takes the right to write from a request that does not end.
     *
     * @param request the number of a newer request
     * @return the job; empty when there is an even newer request, or no upload any more
     */
    public Optional<Job> fence(String id, long request) {
        return documents.updateFirstWithin(
                Status.UPLOADING,
                newest(id, request),
                new Update().set(WRITER, request).set(OPEN, false).set(CLEAN, false));
    }

    /**
     * Gives the right to write to a request.
     *
     * @param job as the request has read it, when no other one was writing any more
     * @param request its number
     * @return the job; empty when there is a newer request, or no upload any more
     */
    public Optional<Job> open(Job job, long request) {
        Update update = new Update().set(WRITER, request).set(OPEN, true).set(CLEAN, false);
        if (!Objects.requireNonNull(job.resumable()).clean())
            update.set("progress", 0).unset("due").unset("lease");
        return documents.updateFirstWithin(Status.UPLOADING, newest(job.id(), request), update);
    }

    /**
     * Reserves space in the quota of the owner, without a declaration of the client.
     *
     * @param bytes the length, as far as it is known
     */
    public void reserve(String id, long bytes) {
        documents.updateWithin(
                Status.UPLOADING, resumable(id), new Update().set("source.bytes", bytes));
    }

    /** Records the length that the client has declared after the upload began. */
    public void declareLength(String id, long length) {
        documents.updateWithin(Status.UPLOADING, resumable(id), new Update().set(LENGTH, length));
    }

    /**
     * Says that a request has ended, and all bytes before this offset are safe.
     *
     * @param job as {@link #open} returned it
     * @param clean whether the media store has no byte after the offset
     * @return false when the upload is no longer this request's
     */
    public boolean release(Job job, long offset, boolean clean) {
        Resumable opened = Objects.requireNonNull(job.resumable());
        Update update =
                new Update()
                        .set(OPEN, false)
                        .set(CLEAN, clean)
                        .set(OFFSET, offset)
                        .set("upload.received", offset);
        if (offset > opened.offset()) update.set(EXPIRES, clock.instant().plus(keep));
        return documents.updateWithin(
                Status.UPLOADING, resumable(job.id()).and(WRITER).is(opened.writer()), update);
    }

    private static Criteria resumable(String id) {
        return JobDocuments.id(id).and(EXPIRES).exists(true);
    }

    private static Criteria newest(String id, long request) {
        return resumable(id).and(REQUESTS).is(request);
    }
}
