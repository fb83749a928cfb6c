package dev.tomp3.gateway;

import dev.tomp3.jobs.IncomingUploads;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Jobs.Usage;
import dev.tomp3.jobs.media.MediaStore.DiskSpace;
import dev.tomp3.jobs.media.MediaStoreDependency;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.time.Duration;
import org.springframework.stereotype.Component;

/**
 * Limits what one user may store, and keeps the disk from filling up.
 *
 * <p>An upload is recorded before the quota is checked, so that concurrent uploads count each other
 * on any number of gateways and do not exceed a limit together. The last free place may then be
 * refused to all of them: we prefer a rare false rejection to exceeding a limit. The same holds for
 * the disk.
 *
 * <p>A count is no snapshot: a job whose status changes in that moment may be missed, so that a
 * limit is exceeded by that job once. It counts again with the next upload.
 */
@Component
class Quota {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

    private final Jobs jobs;
    private final IncomingUploads uploads;
    private final MediaStoreDependency store;
    private final long maxUpload;
    private final int maxWaiting;
    private final long maxBytes;
    private final long minFree;

    Quota(
            Jobs jobs,
            IncomingUploads uploads,
            MediaStoreDependency store,
            GatewayProperties properties) {
        this.jobs = jobs;
        this.uploads = uploads;
        this.store = store;
        this.maxUpload = properties.maxUpload().toBytes();
        this.maxWaiting = properties.maxQueuedPerUser();
        long bytes = properties.maxStoredPerUser().toBytes();
        this.maxBytes = bytes == 0 ? Long.MAX_VALUE : bytes;
        this.minFree = properties.minFree().toBytes();
    }

    /**
     * Checks the disk before anything is recorded, without asking the store, which may be away.
     *
     * @param bytes the announced length; 0 when it is unknown
     * @throws ProblemException 507 when less than the reserve would be free afterwards
     */
    void requireDisk(long bytes) {
        require(store.diskSpace(), bytes);
    }

    /**
     * Checks that what all running uploads have announced fits on the disk.
     *
     * @throws ProblemException 507 when it does not
     */
    void requireDisk() {
        require(store.recentDiskSpace(), uploads.pendingBytes());
    }

    private void require(DiskSpace disk, long bytes) {
        // false for NaN, which stands for a store that does not tell
        if (disk.free() - bytes < minFree) {
            throw new ProblemException(
                    Problem.DISK_FULL, "The disk of this server is full. Try again later.");
        }
    }

    /**
     * Checks the quota of an upload that is recorded, and the disk: what all running uploads have
     * announced must fit. Both are checked again while an upload becomes longer than it announced.
     *
     * @return how long the upload may become, the bytes given here included
     * @throws ProblemException 429 or 507 when its owner exceeds a limit with it
     */
    long reserve(Job upload, long bytes) {
        Usage usage = jobs.usage(upload.owner().id());
        if (maxWaiting > 0 && usage.waiting() > maxWaiting) {
            throw new ProblemException(
                    Problem.TOO_MANY_JOBS,
                    "At most " + maxWaiting + " jobs of one user wait or are being uploaded.",
                    RETRY_AFTER);
        }
        long allowed = maxBytes - (usage.bytes() - bytes);
        if (allowed < bytes) throw exceeded();
        requireDisk();
        return allowed;
    }

    /**
     * Checks the length of a video.
     *
     * @throws ProblemException 400 or 413
     */
    void requireLength(long length) {
        if (length == 0) throw new ProblemException(Problem.EMPTY_FILE, "The file has no bytes.");
        if (length > maxUpload) throw tooLarge();
    }

    ProblemException tooLarge() {
        return new ProblemException(
                Problem.TOO_LARGE, "A file has at most " + maxUpload + " bytes here.");
    }

    ProblemException exceeded() {
        return new ProblemException(
                Problem.QUOTA_EXCEEDED,
                "Videos and MP3s of one user have at most "
                        + maxBytes
                        + " bytes here. Delete jobs, or wait until they expire.");
    }
}
