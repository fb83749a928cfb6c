package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.ResumableUploads;
import dev.tomp3.jobs.media.MediaFormat;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Streams a video from several requests into the media store, and makes a job of it, as {@link
 * VideoIntake} tells. The requests may come to different gateways; {@link UploadTurns} lets one
 * after the other write. A failure leaves what the media store has safe, to be continued.
 */
@Component
final class ResumableReceiver {
    private static final Logger log = LoggerFactory.getLogger(ResumableReceiver.class);

    /**
     * What a request brings.
     *
     * @param offset where it begins
     * @param length of the whole video, if the request declares it
     * @param bytes the length of the request's body; -1 when it is unknown
     */
    record Part(
            long offset,
            @Nullable Long length,
            long bytes,
            @Nullable Checksum checksum,
            InputStream body) {
        /** Bytes of the video that are not there yet, as far as that is known. */
        long expected(@Nullable Long total) {
            return total == null ? Math.max(0, bytes) : total - offset;
        }
    }

    private final ResumableUploads uploads;
    private final UploadTurns turns;
    private final VideoIntake intake;
    private final Jobs jobs;
    private final MediaStore media;
    private final UploadHeartbeats heartbeats;
    private final Quota quota;
    private final JobDeletion deletion;
    private final NanoClock clock;
    private final long maxUpload;

    ResumableReceiver(
            ResumableUploads uploads,
            UploadTurns turns,
            VideoIntake intake,
            Jobs jobs,
            MediaStore media,
            UploadHeartbeats heartbeats,
            Quota quota,
            JobDeletion deletion,
            NanoClock clock,
            GatewayProperties properties) {
        this.uploads = uploads;
        this.turns = turns;
        this.intake = intake;
        this.jobs = jobs;
        this.media = media;
        this.heartbeats = heartbeats;
        this.quota = quota;
        this.deletion = deletion;
        this.clock = clock;
        this.maxUpload = properties.maxUpload().toBytes();
    }

    /**
     * The upload as it is, for a client that wants to go on. It ends a request that still brings
     * bytes, so that the offset stays what it is.
     *
     * @throws ProblemException 404 or 410 when there is none
     */
    Job find(String id, CurrentUser user) {
        Job job = turns.require(id, user);
        Resumable upload = job.resumable();
        if (upload == null) return job;
        if (upload.open()) job = turns.awaitEnd(job, user);
        upload = job.resumable();
        boolean full = upload != null && Objects.equals(upload.length(), upload.offset());
        if (!full || upload == null) return job;
        // its gateway was lost between the last byte and the acceptance
        Part nothing = new Part(upload.offset(), null, 0, null, InputStream.nullInputStream());
        return receive(id, user, nothing, () -> {});
    }

    /** Deletes the upload, or what became of it. */
    void terminate(String id, CurrentUser user) {
        deletion.delete(turns.require(id, user), user.id());
        turns.revoke(id);
    }

    /**
     * Receives a part of the video, and accepts the upload if it is the last one.
     *
     * @param transfer is closed when the part has ended, perhaps before this returns
     * @return the job afterwards
     */
    Job receive(String id, CurrentUser user, Part part, Transfers.Transfer transfer) {
        UploadTurns.Turn turn = turns.await(turns.require(id, user), user);
        Job job = turn.job();
        Resumable upload = job.resumable();
        if (upload == null) {
            requireOffset(part, job.source().bytes());
            requireEnd(part, job.source().bytes());
            return job;
        }
        requireOffset(part, upload.offset());
        Long length = length(job, upload, part);
        long end = part.offset() + Math.max(0, part.bytes());
        if (length != null && end > length) throw tooLong(length);
        if (end > maxUpload) throw quota.tooLarge();
        quota.requireDisk(part.expected(length));
        if (!Objects.equals(length, upload.length())) declare(job, Objects.requireNonNull(length));
        Job opened = uploads.open(job, turn.request()).orElseThrow(VideoIntake::superseded);
        return receive(begin(opened, upload.clean(), part, transfer), length, part);
    }

    private static void requireOffset(Part part, long offset) {
        if (part.offset() != offset) {
            throw new ProblemException(
                    Problem.OFFSET_MISMATCH,
                    "The upload is at offset " + offset + ", not at " + part.offset() + ".");
        }
    }

    /** A client may send an empty body in chunks when it learns that all bytes are there. */
    private static void requireEnd(Part part, long length) {
        try {
            if (part.bytes() != 0 && part.body().read() >= 0) throw tooLong(length);
        } catch (IOException e) {
            throw new ProblemException(Problem.MALFORMED_REQUEST, "The body cannot be read.");
        }
    }

    private static ProblemException tooLong(long length) {
        return new ProblemException(
                Problem.TOO_LARGE,
                "The body exceeds the declared Upload-Length of " + length + " bytes.");
    }

    private @Nullable Long length(Job job, Resumable upload, Part part) {
        Long declared = part.length();
        if (declared == null || declared.equals(upload.length())) return upload.length();
        if (upload.length() != null) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST,
                    "Upload-Length differs from the length declared earlier.");
        }
        if (declared < upload.offset()) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST,
                    "The Upload-Length is less than the offset, " + upload.offset() + ".");
        }
        try {
            quota.requireLength(declared);
        } catch (ProblemException e) {
            if (declared == 0) intake.discard(job);
            throw e;
        }
        return declared;
    }

    private void declare(Job job, long length) {
        uploads.reserve(job.id(), length);
        try {
            long _ = quota.reserve(job, length);
        } catch (ProblemException e) {
            uploads.reserve(job.id(), job.source().bytes());
            throw e;
        }
        uploads.declareLength(job.id(), length);
    }

    private ResumablePart begin(Job job, boolean clean, Part part, Transfers.Transfer transfer) {
        long offset = part.offset();
        long writer = Objects.requireNonNull(job.resumable()).writer();
        try {
            if (!turns.isRunning()) throw VideoIntake.unavailable("The gateway stops.");
            if (!clean) media.truncate(Bucket.VIDEOS, job.id(), offset);
            MediaOutput out = media.append(Bucket.VIDEOS, job.id(), offset, writer);
            return new ResumablePart(job, uploads, out, part.checksum() != null, transfer);
        } catch (NoSuchFileException e) {
            log.error("The media store has lost bytes of upload {}", job.id(), e);
            intake.discard(job);
            throw new ProblemException(Problem.UPLOAD_GONE);
        } catch (IOException e) {
            log.warn("Upload {} cannot go on: {}", job.id(), e.toString());
            boolean _ = uploads.release(job, offset, false);
            throw VideoIntake.unavailable("The media store cannot be reached.");
        } catch (ProblemException e) {
            boolean _ = uploads.release(job, offset, clean);
            throw e;
        }
    }

    private Job receive(ResumablePart part, @Nullable Long length, Part sent) {
        long start = clock.nanoTime();
        turns.begin(part);
        heartbeats.start(part);
        try {
            VideoHead head = head(part);
            copy(part, head, length, sent);
            if (length == null || part.received() < length) {
                if (!part.end()) throw intake.ended(part);
                return recorded(part);
            }
            head.end();
            Job accepted = VideoIntake.stored(() -> part.complete(() -> intake.accept(part, null)));
            intake.accepted(accepted, clock.since(start));
            return accepted;
        } catch (IOException e) {
            // the media store's failures are ProblemExceptions, so this is the client's
            log.debug("A part of upload {} broke off", part.id(), e);
            throw new ProblemException(Problem.MALFORMED_REQUEST, "The body cannot be read.");
        } catch (ProblemException e) {
            if (e.problem() == Problem.NOT_MEDIA) {
                part.drop();
                intake.discard(part.job());
            }
            throw e;
        } finally {
            heartbeats.stop(part);
            if (!part.end()) deleteIfGone(part.id());
            turns.end(part);
        }
    }

    /** The job, once it says what the part has brought. */
    private Job recorded(ResumablePart part) {
        Job job = jobs.find(part.id()).orElseThrow(() -> intake.ended(part));
        Resumable upload = job.resumable();
        if (upload == null || upload.offset() < part.received())
            throw VideoIntake.unavailable("Some bytes are not stored.");
        return job;
    }

    /** The first bytes, if it is not known yet what they say. */
    private VideoHead head(ResumablePart part) {
        long offset = part.received();
        if (offset == 0) return new VideoHead(new byte[0]);
        if (offset >= Job.EARLY_CLAIM_BYTES) return VideoHead.judged();
        return VideoIntake.stored(() -> {
            try (InputStream in = media.openInProgress(Bucket.VIDEOS, part.id(), 0)) {
                int length = (int) Math.min(offset, MediaFormat.HEAD_BYTES);
                return new VideoHead(in.readNBytes(length));
            }
        });
    }

    private void copy(ResumablePart part, VideoHead head, @Nullable Long length, Part sent)
            throws IOException {
        Job job = part.job();
        // a known length is reserved already
        long allowed = Long.MAX_VALUE;
        if (length == null) allowed = quota.reserve(job, job.source().bytes());
        else quota.requireDisk();
        Checksum checksum = sent.checksum();
        InputStream body = checksum == null ? sent.body() : checksum.of(sent.body());
        intake.copy(
                part,
                head,
                body,
                allowed,
                (bytes, count) -> {
                    if (length != null && part.received() + count > length) throw tooLong(length);
                    part.write(bytes, count);
                });
        if (checksum == null) return;
        if (!checksum.isRight()) {
            throw new ProblemException(
                    Problem.CHECKSUM_MISMATCH,
                    "The bytes do not have this checksum. None of them is kept; send them again.");
        }
        part.verified();
    }

    /** A job that was deleted meanwhile has no video, and the sweeper may have passed already. */
    private void deleteIfGone(String id) {
        try {
            Optional<Job> job = jobs.find(id);
            boolean gone =
                    job.isEmpty()
                            || job.get().status() == Status.CANCELLED
                            || job.get().status() == Status.EXPIRED;
            if (gone) media.delete(Bucket.VIDEOS, id);
        } catch (IOException | DataAccessException e) {
            log.warn("Upload {} is left to the sweeper: {}", id, e.toString());
        }
    }
}
