package dev.tomp3.converter;

import dev.tomp3.converter.conversion.ConversionFailed;
import dev.tomp3.jobs.Attempts;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaStoreDependency;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;

/**
 * Keeps MP3s from exceeding their owner's quota and from filling the disk of the media store, so
 * that a small file with hours of silence costs its owner what it takes.
 *
 * <ol>
 *   <li>Before a conversion, {@link #check} tells how large the MP3 may become. An MP3 may always
 *       take the place of its own video, so that a quota that is full of videos can be converted.
 *   <li>Before the MP3 is stored, {@link #reserve} records its size and then checks again, so that
 *       attempts that end at the same time count each other.
 *   <li>A job that exceeds the quota by itself fails. Without space on the disk, or while other
 *       attempts of its owner may still be given up, it is tried again later.
 * </ol>
 */
final class OutputRoom {
    private final Jobs jobs;
    private final Attempts attempts;
    private final MediaStoreDependency store;
    private final OutputLimits limits;

    OutputRoom(Jobs jobs, Attempts attempts, MediaStoreDependency store, OutputLimits limits) {
        this.jobs = jobs;
        this.attempts = attempts;
        this.store = store;
        this.limits = limits;
    }

    /**
     * The bytes that an MP3 may have.
     *
     * @param quota that its owner's quota has room for
     * @param disk that the disk has room for
     */
    record Room(long quota, long disk) {
        long bytes() {
            return Math.min(quota, disk);
        }

        /** Why an MP3 was not finished that would have become larger. */
        ConversionFailed exceeded() throws IOException {
            if (disk < quota) throw full();
            return overQuota();
        }
    }

    Room check(Job job) throws ConversionFailed, IOException {
        long quota = ofQuota(job);
        if (quota <= 0) throw overQuota();
        return new Room(quota, ofDisk(stored(jobs::outputInProgress)));
    }

    /** Records the size of a complete MP3 until the job is settled. */
    void reserve(Job job, long bytes) throws ConversionFailed, IOException {
        if (!stored(() -> attempts.recordOutput(job, bytes)))
            throw new IOException("The job is no longer held");
        // before the disk and the usage: one that ends in between counts in both, not in neither
        Map<String, Long> inProgress = stored(jobs::outputInProgress);
        long _ = ofDisk(inProgress);
        if (limits.bytesPerUser() == Long.MAX_VALUE) return;
        long room = ofQuota(job);
        if (bytes > room) throw overQuota();
        if (inProgress.getOrDefault(job.owner().id(), 0L) > room)
            throw new IOException("Other MP3s of the user are being stored");
    }

    private long ofQuota(Job job) throws IOException {
        if (limits.bytesPerUser() == Long.MAX_VALUE) return Long.MAX_VALUE;
        long used = stored(() -> jobs.usage(job.owner().id())).bytes();
        return limits.bytesPerUser() - used + videoBytes(job);
    }

    /** What the usage counts of the job: an upload may have grown since it was claimed. */
    private long videoBytes(Job job) throws IOException {
        if (job.status() != Job.Status.UPLOADING) return job.source().bytes();
        return stored(() -> jobs.find(job.id())).orElse(job).source().bytes();
    }

    /**
     * The room beside the MP3s of all converters that are being stored. What is stored of them
     * already counts twice.
     */
    private long ofDisk(Map<String, Long> inProgress) throws IOException {
        long others = inProgress.values().stream().mapToLong(Long::longValue).sum();
        double free = store.currentDiskSpace().free();
        if (Double.isNaN(free)) return Long.MAX_VALUE;
        long room = (long) free - limits.reservedBytes() - others;
        if (room <= 0) throw full();
        return room;
    }

    private static <T> T stored(Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (DataAccessException e) {
            throw new IOException("The job store cannot be reached", e);
        }
    }

    private static IOException full() {
        return new IOException("The disk of the media store has no room for the MP3");
    }

    private static ConversionFailed overQuota() {
        return new ConversionFailed(
                new Failure(
                        Failure.Code.TOO_LARGE,
                        "The MP3 does not fit into the user's storage quota. Delete jobs, or wait"
                                + " until they expire."));
    }
}
