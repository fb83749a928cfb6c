package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.conversion.ConversionFailed;
import dev.tomp3.converter.conversion.InFlightConversion;
import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.converter.ffmpeg.WorkDirectory;
import dev.tomp3.converter.source.InFlightSource;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/** Converts the video of a claimed job, and stores the MP3 under the id of the attempt. */
final class JobConverter {
    private static final Logger log = LoggerFactory.getLogger(JobConverter.class);

    private final Jobs jobs;
    private final MediaStore media;
    private final Conversion conversion;
    private final InFlightConversion inFlightConversion;
    private final WorkDirectory work;

    JobConverter(Jobs jobs, MediaStore media, Conversion conversion, WorkDirectory work) {
        this.jobs = jobs;
        this.media = media;
        this.conversion = conversion;
        this.inFlightConversion = new InFlightConversion(conversion);
        this.work = work;
    }

    Source source(Job job) {
        long bytes = job.source().bytes();
        return job.status() == Job.Status.UPLOADING
                ? new InFlightSource(
                        media, job.id(), bytes, () -> completeLength(job), System::nanoTime)
                : Source.stored(media, job.id(), bytes);
    }

    private OptionalLong completeLength(Job job) throws IOException {
        try {
            return jobs.completeLength(job.id());
        } catch (DataAccessException e) {
            throw new IOException("The job store cannot be reached", e);
        }
    }

    Mp3 convert(Job job, Source source, IntConsumer progress)
            throws ConversionFailed, IOException, InterruptedException {
        Path directory = work.newAttempt();
        try {
            String name = job.source().name();
            Mp3 mp3 =
                    source instanceof InFlightSource upload
                            ? inFlightConversion.run(
                                    upload, name, job.options(), directory, progress)
                            : conversion.run(source, name, job.options(), directory, progress);
            store(job, mp3.path());
            return mp3;
        } finally {
            WorkDirectory.delete(directory);
        }
    }

    private void store(Job job, Path mp3) throws IOException {
        try (InputStream in = Files.newInputStream(mp3);
                MediaOutput out = media.create(Bucket.MP3S, job.attemptFile())) {
            in.transferTo(out);
            out.commit();
        }
    }

    /** Deletes the attempt's MP3, if it has stored one. */
    void deleteMp3(Job job) {
        try {
            media.delete(Bucket.MP3S, job.attemptFile());
        } catch (IOException e) {
            log.warn(
                    "The sweeper will delete {}, which could not be deleted now: {}",
                    job.attemptFile(),
                    e.toString());
        }
    }
}
