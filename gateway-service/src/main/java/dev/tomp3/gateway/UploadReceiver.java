package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.media.MediaFormat;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.media.NonMedia;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Streams a video from a client into the media store, and makes a job of it. The video is never
 * complete in memory or on this service's disk.
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
 *
 * A failure before the fourth step leaves nothing behind but a job that was cancelled: what this
 * process cannot clean up, the sweeper does.
 */
@Component
class UploadReceiver {
    private static final Logger log = LoggerFactory.getLogger(UploadReceiver.class);
    private static final int BUFFER = 64 * 1024;

    /** An upload of unknown length is recorded again each time that it has grown by this much. */
    private static final long MAX_STEP = 4 << 20;

    private static final int MIN_STEPS = 16;

    /** What a client sends. Every {@link IOException} means that it cannot be read. */
    interface Body {
        /** Reads up to the first byte of the video. */
        Video open() throws IOException;

        /** The picture that came before the video; null for none. */
        default byte @Nullable [] cover() {
            return null;
        }

        /** Reads what follows the video. */
        void end() throws IOException;
    }

    /** A video that arrives. */
    record Video(String name, Options options, InputStream bytes) {}

    private final IncomingUploads uploads;
    private final Jobs jobs;
    private final MediaStore media;
    private final Publisher publisher;
    private final UploadHeartbeats heartbeats;
    private final Quota quota;
    private final NanoClock clock;
    private final long maxUpload;

    UploadReceiver(
            IncomingUploads uploads,
            Jobs jobs,
            MediaStore media,
            Publisher publisher,
            UploadHeartbeats heartbeats,
            Quota quota,
            NanoClock clock,
            GatewayProperties properties) {
        this.uploads = uploads;
        this.jobs = jobs;
        this.media = media;
        this.publisher = publisher;
        this.heartbeats = heartbeats;
        this.quota = quota;
        this.clock = clock;
        this.maxUpload = properties.maxUpload().toBytes();
    }

    /**
     * Receives one video.
     *
     * @param announced the length of the request, or 0 when the client does not tell
     * @return the new job; the earlier one when the idempotency key names one
     */
    Job receive(Owner owner, long announced, @Nullable String idempotencyKey, Body body) {
        long start = clock.nanoTime();
        quota.requireDisk(announced);
        Job recorded = uploads.begin(owner, "", Options.NONE, announced);
        long allowed = reserve(recorded);
        InFlightUpload upload = new InFlightUpload(recorded);
        heartbeats.start(upload);
        Job job;
        try {
            job = store(upload, allowed, idempotencyKey, body);
        } catch (IOException e) {
            discard(upload);
            // the media store's failures are ProblemExceptions, so this is the client's
            log.debug("An upload broke off", e);
            throw new ProblemException(Problem.MALFORMED_REQUEST, "The body cannot be read.");
        } catch (RuntimeException e) {
            // the client would wait for a store that cannot be reached; the sweeper cleans up
            if (!isOutage(e)) discard(upload);
            throw e;
        } finally {
            heartbeats.stop(upload);
        }
        if (job.id().equals(upload.id())) {
            // a job that a worker claimed early needs no wake-up
            if (job.status() == Status.QUEUED) publisher.publish(new Event.VideoUploaded(job.id()));
            log.info(
                    "Accepted job {}: {} bytes from user {} in {} ms",
                    job.id(),
                    job.source().bytes(),
                    owner.id(),
                    clock.since(start).toMillis());
        } else {
            discard(upload);
            // of another upload that was faster
            Job sent = upload.job();
            requireSame(job, sent.source().name(), sent.options(), upload.received());
        }
        return job;
    }

    /**
     * Reads an upload whose idempotency key belongs to a job already. All of it is read: clients
     * that send the body without asking first read the answer only after it.
     *
     * @return that job
     * @throws ProblemException when it was another upload
     */
    Job receiveAgain(Job earlier, Body body) {
        try {
            Video video = body.open();
            requireSame(earlier, video.name(), video.options(), earlier.source().bytes());
            long bytes = 0;
            byte[] buffer = new byte[BUFFER];
            for (int read = video.bytes().read(buffer);
                    read >= 0;
                    read = video.bytes().read(buffer)) {
                bytes += read;
                if (bytes > maxUpload) throw quota.tooLarge();
            }
            body.end();
            requireSame(earlier, video.name(), video.options(), bytes);
            return earlier;
        } catch (IOException e) {
            log.debug("A repeated upload broke off", e);
            throw new ProblemException(Problem.MALFORMED_REQUEST, "The body cannot be read.");
        }
    }

    private static void requireSame(Job earlier, String name, Options options, long bytes) {
        if (!earlier.source().name().equals(name)
                || !earlier.options().equals(options)
                || earlier.source().bytes() != bytes) {
            throw new ProblemException(
                    Problem.IDEMPOTENCY_KEY_REUSED,
                    "The Idempotency-Key belongs to an upload with another file name, length or"
                            + " options.");
        }
    }

    private long reserve(Job upload) {
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

    private Job store(InFlightUpload upload, long allowed, @Nullable String key, Body body)
            throws IOException {
        Video video = body.open();
        InputStream in = video.bytes();
        byte[] head = in.readNBytes(MediaFormat.HEAD_BYTES);
        if (head.length == 0)
            throw new ProblemException(Problem.EMPTY_FILE, "The file has no bytes.");
        Optional<NonMedia> other = NonMedia.of(head);
        if (other.isPresent()) {
            throw new ProblemException(
                    Problem.NOT_MEDIA,
                    "%s, not audio or video. Accepted are %s."
                            .formatted(other.get().reason(), MediaFormat.displayNames()));
        }
        upload.update(upload.job().as(video.name(), video.options()));
        storeCover(upload.job(), body.cover());
        MediaOutput out = stored(() -> media.create(Bucket.VIDEOS, upload.id()));
        try (out) {
            copy(upload, MediaFormat.isStreamable(head), head, in, allowed, out);
            body.end();
            long bytes = upload.received();
            if (bytes > upload.job().source().bytes()) {
                long _ = record(upload, bytes, allowed);
            }
            stored(() -> {
                out.commit();
                return bytes;
            });
        }
        return uploads.accept(upload.job(), upload.received(), key)
                .orElseThrow(() -> ended(upload));
    }

    private void storeCover(Job job, byte @Nullable [] cover) {
        if (cover == null) return;
        int _ =
                stored(() -> {
                    try (MediaOutput out = media.create(Bucket.VIDEOS, job.coverFile())) {
                        out.write(cover, 0, cover.length);
                        out.commit();
                    }
                    return cover.length;
                });
    }

    private void copy(
            InFlightUpload upload,
            boolean streamable,
            byte[] head,
            InputStream in,
            long allowed,
            MediaOutput out)
            throws IOException {
        boolean toOffer = streamable;
        long announced = upload.job().source().bytes();
        long step = Math.min(MAX_STEP, maxUpload / MIN_STEPS);
        long next = announced + step;
        byte[] buffer = new byte[BUFFER];
        long bytes = head.length;
        write(out, head, head.length);
        for (int length = in.readNBytes(buffer, 0, BUFFER);
                length > 0;
                length = in.readNBytes(buffer, 0, BUFFER)) {
            bytes += length;
            requireAllowed(bytes, allowed);
            if (upload.isRevoked()) throw ended(upload);
            write(out, buffer, length);
            upload.received(bytes);
            if (bytes >= next) {
                allowed = record(upload, bytes, allowed);
                next = bytes + step;
            }
            if (toOffer && bytes >= Job.EARLY_CLAIM_BYTES) {
                toOffer = false;
                offer(upload);
            }
        }
        requireAllowed(bytes, allowed);
        upload.received(bytes);
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

    /** Why an upload cannot go on, whose job is no longer there or no longer an upload. */
    private ProblemException ended(InFlightUpload upload) {
        boolean cancelled =
                jobs.find(upload.id()).filter(job -> job.status() == Status.CANCELLED).isPresent();
        return cancelled
                ? new ProblemException(
                        Problem.UPLOAD_CANCELLED, "The job of this upload was cancelled.")
                : unavailable("The upload stood still for too long and was given up.");
    }

    private void discard(InFlightUpload upload) {
        try {
            if (uploads.discard(upload.id())) media.delete(Bucket.VIDEOS, upload.id());
        } catch (IOException | DataAccessException e) {
            log.warn("Upload {} is left to the sweeper: {}", upload.id(), e.toString());
        }
    }

    private static void write(MediaOutput out, byte[] bytes, int length) {
        int _ =
                stored(() -> {
                    out.write(bytes, 0, length);
                    return length;
                });
    }

    private interface StoreCall<T> {
        T run() throws IOException;
    }

    /** Tells the media store's failures from those of the client's connection. */
    private static <T> T stored(StoreCall<T> call) {
        try {
            return call.run();
        } catch (IOException e) {
            log.warn("The media store refused a part of an upload: {}", e.toString());
            throw unavailable("The media store cannot be reached, or has no room.");
        }
    }

    private static boolean isOutage(RuntimeException e) {
        return e instanceof DataAccessException
                || (e instanceof ProblemException problem
                        && problem.problem() == Problem.UNAVAILABLE);
    }

    private static ProblemException unavailable(String detail) {
        return new ProblemException(Problem.UNAVAILABLE, detail + " Try again.");
    }
}
