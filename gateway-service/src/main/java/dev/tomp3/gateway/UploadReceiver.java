package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Owner;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.platform.NanoClock;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Streams a video from one request into the media store, and makes a job of it, as {@link
 * VideoIntake} tells. The video is never complete in memory or on this service's disk.
 *
 * <p>A failure before the job is accepted leaves no file, and no job unless it was cancelled: what
 * this process cannot clean up, the sweeper does.
 */
@Component
class UploadReceiver {
    private static final Logger log = LoggerFactory.getLogger(UploadReceiver.class);
    private static final int BUFFER = 64 * 1024;

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
    private final VideoIntake intake;
    private final MediaStore media;
    private final UploadHeartbeats heartbeats;
    private final Quota quota;
    private final NanoClock clock;
    private final long maxUpload;

    UploadReceiver(
            IncomingUploads uploads,
            VideoIntake intake,
            MediaStore media,
            UploadHeartbeats heartbeats,
            Quota quota,
            NanoClock clock,
            GatewayProperties properties) {
        this.uploads = uploads;
        this.intake = intake;
        this.media = media;
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
        long allowed = intake.reserve(recorded);
        InFlightUpload upload = new InFlightUpload(recorded);
        heartbeats.start(upload);
        Job job;
        try {
            job = store(upload, allowed, idempotencyKey, body);
        } catch (IOException e) {
            intake.discard(upload.job());
            // the media store's failures are ProblemExceptions, so this is the client's
            log.debug("An upload broke off", e);
            throw new ProblemException(Problem.MALFORMED_REQUEST, "The body cannot be read.");
        } catch (RuntimeException e) {
            // the client would wait for a store that cannot be reached; the sweeper cleans up
            if (!isOutage(e)) intake.discard(upload.job());
            throw e;
        } finally {
            heartbeats.stop(upload);
        }
        if (job.id().equals(upload.id())) {
            intake.accepted(job, clock.since(start));
        } else {
            intake.discard(upload.job());
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

    static void requireSame(Job earlier, String name, Options options, long bytes) {
        if (!earlier.source().name().equals(name)
                || !earlier.options().equals(options)
                || earlier.source().bytes() != bytes) {
            throw new ProblemException(
                    Problem.IDEMPOTENCY_KEY_REUSED,
                    "The Idempotency-Key belongs to an upload with another file name, length or"
                            + " options.");
        }
    }

    private Job store(InFlightUpload upload, long allowed, @Nullable String key, Body body)
            throws IOException {
        Video video = body.open();
        upload.update(upload.job().as(video.name(), video.options()));
        storeCover(upload.job(), body.cover());
        VideoHead head = new VideoHead(new byte[0]);
        MediaOutput out = VideoIntake.stored(() -> media.create(Bucket.VIDEOS, upload.id()));
        try (out) {
            intake.copy(
                    upload,
                    head,
                    video.bytes(),
                    allowed,
                    (bytes, length) -> out.write(bytes, 0, length));
            head.end();
            body.end();
            boolean _ =
                    VideoIntake.stored(() -> {
                        out.commit();
                        return true;
                    });
        }
        return intake.accept(upload, key);
    }

    private void storeCover(Job job, byte @Nullable [] cover) {
        if (cover == null) return;
        boolean _ =
                VideoIntake.stored(() -> {
                    try (MediaOutput out = media.create(Bucket.VIDEOS, job.coverFile())) {
                        out.write(cover, 0, cover.length);
                        out.commit();
                    }
                    return true;
                });
    }

    private static boolean isOutage(RuntimeException e) {
        return e instanceof DataAccessException
                || (e instanceof ProblemException problem
                        && problem.problem() == Problem.UNAVAILABLE);
    }
}
