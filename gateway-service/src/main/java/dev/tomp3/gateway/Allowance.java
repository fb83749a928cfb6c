package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Jobs.Usage;
import dev.tomp3.jobs.media.MediaStoreDependency;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import java.time.Duration;
import org.springframework.stereotype.Component;

/**
 * Whether there is room for an upload: on the disk, and in what its owner may have here.
 *
 * <p>An upload is in the books before it is weighed: of several that begin together in any number
 * of gateways, each sees all that went before it, so that they never exceed a limit. The last place
 * may stay empty then, for who comes next.
 */
@Component
class Allowance {
    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final Jobs jobs;
    private final MediaStoreDependency store;
    private final int mostWaiting;
    private final long mostBytes;
    private final long minFree;

    Allowance(Jobs jobs, MediaStoreDependency store, GatewayProperties properties) {
        this.jobs = jobs;
        this.store = store;
        this.mostWaiting = properties.maxQueuedPerUser();
        long bytes = properties.maxStoredPerUser().toBytes();
        this.mostBytes = bytes == 0 ? Long.MAX_VALUE : bytes;
        this.minFree = properties.minFree().toBytes();
    }

    /**
     * Before anything is written.
     *
     * @param bytes how many will come; 0 when nobody knows
     * @throws ProblemException 507 when the disk would be too full after it
     */
    void requireDisk(long bytes) {
        // not a number, where the store does not tell, is less than nothing
        if (store.room().free() - bytes < minFree) {
            throw new ProblemException(
                    Problem.DISK_FULL, "The disk of this server is full. Try again later.");
        }
    }

    /**
     * When the upload has its job, and again when it has become longer than it said.
     *
     * @return how many bytes there is room for, those that the upload announced included
     * @throws ProblemException 429 or 507 when its owner has too much with it
     */
    long require(Job upload, long bytes) {
        Usage usage = jobs.usage(upload.owner().id());
        if (mostWaiting > 0 && usage.waiting() > mostWaiting) {
            throw new ProblemException(
                    Problem.TOO_MANY_JOBS,
                    "At most " + mostWaiting + " jobs of one user wait or are being uploaded.",
                    PAUSE);
        }
        long room = mostBytes - (usage.bytes() - bytes);
        if (room < bytes) throw exceeded();
        return room;
    }

    ProblemException exceeded() {
        return new ProblemException(
                Problem.QUOTA_EXCEEDED,
                "Videos and MP3s of one user have at most "
                        + mostBytes
                        + " bytes here. Delete jobs, or wait until they expire.");
    }
}
