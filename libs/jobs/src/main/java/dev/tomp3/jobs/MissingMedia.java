package dev.tomp3.jobs;

import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for jobs whose media are missing, as after a restore of stores that do not belong together:
 * jobs that wait without a video, and jobs that are done without an MP3.
 */
public final class MissingMedia {
    private static final int PAGE = 1000;

    private final Jobs jobs;
    private final MediaStore media;

    public MissingMedia(Jobs jobs, MediaStore media) {
        this.jobs = jobs;
        this.media = media;
    }

    /**
     * Reads the first and the last byte of each file that a job needs.
     *
     * @param line is given a line of text for each job
     * @return the number of these jobs
     * @throws IOException when a store cannot be reached
     */
    public int find(Consumer<String> line) throws IOException {
        int count = 0;
        @Nullable String last = null;
        List<Job> page = jobs.withMedia(last, PAGE);
        while (!page.isEmpty()) {
            for (Job job : page) {
                boolean done = job.status() == Job.Status.DONE;
                if (done ? hasMp3(job) : hasVideo(job)) continue;
                // it may have ended or expired since the page was read
                if (!jobs.find(job.id()).filter(now -> now.status() == job.status()).isPresent())
                    continue;
                count++;
                line.accept(
                        "%s %s of user %s: no %s"
                                .formatted(
                                        job.id(),
                                        done ? "done" : "waiting",
                                        job.owner().id(),
                                        done ? "MP3" : "video"));
            }
            last = page.getLast().id();
            page = jobs.withMedia(last, PAGE);
        }
        return count;
    }

    private boolean hasVideo(Job job) throws IOException {
        return has(Bucket.VIDEOS, job.id(), job.source().bytes());
    }

    private boolean hasMp3(Job job) throws IOException {
        return job.result() != null && has(Bucket.MP3S, job.mp3File(), job.result().bytes());
    }

    private boolean has(Bucket bucket, String id, long bytes) throws IOException {
        try (InputStream first = media.open(bucket, id, 0);
                InputStream last = media.open(bucket, id, Math.max(0, bytes - 1))) {
            return first.read() >= 0 && last.read() >= 0;
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
