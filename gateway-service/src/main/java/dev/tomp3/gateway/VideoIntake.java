package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * What all uploads have in common, whether one request brings the video ({@link UploadReceiver}) or
 * several do ({@link ResumableReceiver}).
 *
 * <ol>
 *   <li>The upload is recorded before the quota is checked, so that concurrent uploads count each
 *       other. Both happen before the body is read.
 *   <li>A file whose first bytes are recognisably not media is rejected.
 *   <li>While the rest arrives, heartbeats tell how far it is. A video that can be converted from
 *       its beginning is offered to a worker as soon as enough of it is stored.
 *   <li>The media store has the whole file safe; then the job is accepted, in one update; then the
 *       client gets its answer.
 *   <li>A worker is woken. If that fails, the sweeper does it.
 * </ol>
 */
@Component
final class VideoIntake {
    private static final Logger log = LoggerFactory.getLogger(VideoIntake.class);
    private static final int BUFFER = 64 * 1024;

    /** An upload of unknown length is recorded again each time that it has grown by this much. */
    private static final long MAX_STEP = 4 << 20;

    private static final int MIN_STEPS = 16;

    /** Where the bytes go. */
    interface Sink {
        void write(byte[] bytes, int length) throws IOException;
    }

    private final IncomingUploads uploads;
    private final Jobs jobs;
    private final MediaStore media;
    private final Publisher publisher;
    private final Quota quota;
    private final long maxUpload;

    VideoIntake(
            IncomingUploads uploads,
            Jobs jobs,
            MediaStore media,
            Publisher publisher,
            Quota quota,
            GatewayProperties properties) {
        this.uploads = uploads;
        this.jobs = jobs;
        this.media = media;
        this.publisher = publisher;
        this.quota = quota;
        this.maxUpload = properties.maxUpload().toBytes();
    }

    /**
     * Reserves what a recorded upload has announced; removes the upload when that is refused.
     *
     * @return how long it may become
     */
    long reserve(Job upload) {
        try {
            // a gateway may accept a token for some seconds after the user was deleted
            if (uploads.isOwnerDeleted(upload)) {
                throw new ProblemException(
                        Problem.UNAUTHENTICATED, "The user of this token was deleted.");
            }
            return quota.reserve(upload, upload.source().bytes());
        } catch (ProblemException e) {
            boolean _ = uploads.discard(upload.id());
            throw e;
        }
    }

    /**
     * Copies what the client sends. Bytes that arrived before the connection broke are copied, too.
     *
     * @param allowed how long the video may become
     * @throws IOException of the connection; the media store's failures are {@link
     *     ProblemException}s
     */
    void copy(InFlightUpload upload, VideoHead head, InputStream in, long allowed, Sink sink)
            throws IOException {
        long recorded = upload.job().source().bytes();
        long step = Math.min(MAX_STEP, maxUpload / MIN_STEPS);
        long next = recorded + step;
        long bytes = upload.received();
        boolean toOffer = bytes < Job.EARLY_CLAIM_BYTES;
        byte[] buffer = new byte[BUFFER];
        Client client = new Client(in);
        for (int length = client.read(buffer); length > 0; length = client.read(buffer)) {
            bytes += length;
            requireAllowed(bytes, allowed);
            if (upload.isRevoked()) throw ended(upload);
            head.add(buffer, length);
            int count = length;
            stored(() -> {
                sink.write(buffer, count);
                return count;
            });
            upload.received(bytes);
            if (bytes >= next) {
                allowed = record(upload, bytes, allowed);
                recorded = bytes;
                next = bytes + step;
            }
            if (toOffer && bytes >= Job.EARLY_CLAIM_BYTES) {
                toOffer = false;
                if (head.isStreamable()) offer(upload);
            }
        }
        client.requireEnd();
        requireAllowed(bytes, allowed);
        if (bytes > recorded) {
            long _ = record(upload, bytes, allowed);
        }
    }

    /** Reads without losing bytes that precede a failure. */
    private static final class Client {
        private final InputStream in;
        private @Nullable IOException failure;

        Client(InputStream in) {
            this.in = in;
        }

        /** Fills the buffer with what has arrived, one byte at least; returns 0 at the end. */
        int read(byte[] buffer) {
            int filled = 0;
            if (failure != null) return 0;
            try {
                do {
                    int read = in.read(buffer, filled, buffer.length - filled);
                    if (read < 0) break;
                    filled += read;
                } while (filled < buffer.length && in.available() > 0);
            } catch (IOException e) {
                failure = e;
            }
            return filled;
        }

        void requireEnd() throws IOException {
            if (failure != null) throw failure;
        }
    }

    /**
     * Records that the upload is longer than it announced; returns how long it may become. An
     * upload does not fail with the job store: it goes on as far as it may, and the next step is
     * recorded instead.
     */
    private long record(InFlightUpload upload, long bytes, long allowed) {
        try {
            uploads.recordSize(upload.id(), bytes);
            return quota.reserve(upload.job(), bytes);
        } catch (DataAccessException e) {
            log.debug("The size of upload {} is recorded later", upload.id(), e);
            return allowed;
        }
    }

    private void offer(InFlightUpload upload) {
        Optional<Job> offered;
        try {
            offered = uploads.offer(upload.job());
        } catch (DataAccessException e) {
            log.debug("Upload {} is not offered before it is complete", upload.id(), e);
            return;
        }
        upload.update(offered.orElseThrow(() -> ended(upload)));
        publisher.publish(new Event.VideoUploaded(upload.id()));
    }

    private void requireAllowed(long bytes, long allowed) {
        if (bytes > maxUpload) throw quota.tooLarge();
        if (bytes > allowed) throw quota.exceeded();
    }

    /** Accepts an upload whose bytes are safe. */
    Job accept(InFlightUpload upload, @Nullable String idempotencyKey) {
        return uploads.accept(upload.job(), upload.received(), idempotencyKey)
                .orElseThrow(() -> ended(upload));
    }

    /** Wakes a worker for an upload that was accepted. */
    void accepted(Job job, Duration elapsed) {
        // a job that a worker claimed early needs no wake-up
        if (job.status() == Status.QUEUED) publisher.publish(new Event.VideoUploaded(job.id()));
        log.info(
                "Accepted job {}: {} bytes from user {} in {} ms",
                job.id(),
                job.source().bytes(),
                job.owner().id(),
                elapsed.toMillis());
    }

    /** Why an upload cannot go on, whose job is no longer there or no longer this request's. */
    ProblemException ended(InFlightUpload upload) {
        Optional<Job> job = jobs.find(upload.id());
        if (job.filter(now -> now.status() == Status.CANCELLED).isPresent())
            return new ProblemException(
                    Problem.UPLOAD_CANCELLED, "The job of this upload was cancelled.");
        return job.filter(now -> now.resumable() != null).isPresent()
                ? superseded()
                : unavailable("The upload stalled for too long and was discarded.");
    }

    static ProblemException superseded() {
        return new ProblemException(
                Problem.UPLOAD_SUPERSEDED,
                "A newer request continues the upload. Ask for the offset before you go on.");
    }

    void discard(Job job) {
        try {
            if (!uploads.discard(job.id())) return;
            media.delete(Bucket.VIDEOS, job.id());
            if (job.options().bringsCover()) media.delete(Bucket.VIDEOS, job.coverFile());
        } catch (IOException | DataAccessException e) {
            log.warn("Upload {} is left to the sweeper: {}", job.id(), e.toString());
        }
    }

    interface StoreCall<T> {
        T run() throws IOException;
    }

    /** Tells the media store's failures from those of the client's connection. */
    static <T> T stored(StoreCall<T> call) {
        try {
            return call.run();
        } catch (IOException e) {
            log.warn(
                    "The media store refused a part of an upload: {}: {}",
                    e.getMessage(),
                    NestedExceptionUtils.getMostSpecificCause(e).toString());
            throw unavailable("The media store cannot be reached, or has no room.");
        }
    }

    static ProblemException unavailable(String detail) {
        return new ProblemException(Problem.UNAVAILABLE, detail + " Try again.");
    }
}
