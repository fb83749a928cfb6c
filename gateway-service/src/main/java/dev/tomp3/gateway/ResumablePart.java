package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.ResumableUploads;
import dev.tomp3.jobs.media.MediaOutput;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * What one request brings of a resumable upload. It ends with its request, or earlier: when a newer
 * request wants to go on, or the gateway stops, another thread ends it, as the request may wait for
 * a client that is gone. However it ends, what it has written is made safe first, and nothing is
 * written afterwards.
 *
 * <p>The bytes of a request with a checksum count only once all of them are there and right.
 */
final class ResumablePart extends InFlightUpload {
    private static final Logger log = LoggerFactory.getLogger(ResumablePart.class);

    private final ResumableUploads uploads;
    private final MediaOutput out;
    private final Transfers.Transfer transfer;
    private final long begin;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile boolean counts;
    private boolean complete;
    private boolean ended;
    private boolean lost;

    /**
     * Begins at the offset of the job.
     *
     * @param job as {@link ResumableUploads#open} returned it
     * @param out to which this request alone writes
     * @param hasChecksum whether the bytes do not count yet
     * @param transfer ends with this
     */
    ResumablePart(
            Job job,
            ResumableUploads uploads,
            MediaOutput out,
            boolean hasChecksum,
            Transfers.Transfer transfer) {
        super(job);
        this.uploads = uploads;
        this.out = out;
        this.transfer = transfer;
        this.begin = resumable().offset();
        this.counts = !hasChecksum;
        received(begin);
    }

    private Resumable resumable() {
        return Objects.requireNonNull(job().resumable());
    }

    /** Says that the checksum is right. */
    void verified() {
        counts = true;
    }

    @Override
    long safe() {
        return counts ? out.safe() : begin;
    }

    void write(byte[] bytes, int length) throws IOException {
        writing.lock();
        try {
            if (ended) throw VideoIntake.superseded();
            out.write(bytes, 0, length);
        } finally {
            writing.unlock();
        }
    }

    /** Completes the video, and accepts the upload. */
    Job complete(Supplier<Job> accept) throws IOException {
        writing.lock();
        try {
            if (ended) throw VideoIntake.superseded();
            out.commit();
            complete = true;
            Job accepted = accept.get();
            ended = true;
            return accepted;
        } finally {
            writing.unlock();
        }
    }

    /** A newer request wants to go on; returns before this one has ended. */
    @Override
    void revoke() {
        super.revoke();
        Thread.startVirtualThread(() -> {
            boolean _ = end();
        });
    }

    /**
     * Ends the request, if it has not ended, and says so.
     *
     * @return false when the upload was no longer this request's
     */
    boolean end() {
        writing.lock();
        try (transfer;
                out) {
            if (ended) return !lost;
            ended = true;
            boolean clean = complete || makeSafe();
            lost = !uploads.release(job(), clean ? received() : safe(), clean);
            return !lost;
        } catch (IOException | DataAccessException e) {
            // a newer request waits for this one, and takes its right to write then
            log.warn("An end of upload {} is not recorded: {}", id(), e.toString());
            return true;
        } finally {
            writing.unlock();
        }
    }

    /** Returns whether all that was written counts. */
    private boolean makeSafe() {
        if (!counts) return received() == begin;
        try {
            out.suspend();
            return true;
        } catch (IOException e) {
            log.warn("The end of upload {} must be sent again: {}", id(), e.toString());
            return false;
        }
    }

    /** Ends the request, whose upload is given up. */
    void drop() {
        writing.lock();
        try (transfer;
                out) {
            ended = true;
        } catch (IOException e) {
            log.warn("An output of upload {} cannot be closed: {}", id(), e.toString());
        } finally {
            writing.unlock();
        }
    }
}
