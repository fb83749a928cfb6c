package dev.tomp3.converter;

import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.conversion.ConversionFailed;
import dev.tomp3.converter.conversion.InFlightConversion;
import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.converter.ffmpeg.WorkDirectory;
import dev.tomp3.converter.source.InFlightSource;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Failure;
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
    private final OutputRoom room;
    private final WorkDirectory work;

    JobConverter(
            Jobs jobs,
            MediaStore media,
            Conversion conversion,
            OutputRoom room,
            WorkDirectory work) {
        this.jobs = jobs;
        this.media = media;
        this.conversion = conversion;
        this.room = room;
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
        OutputRoom.Room available = room.check(job);
        Conversion within = conversion.within(available.bytes());
        Path directory = work.newAttempt();
        try {
            if (job.options().bringsCover()) copyCover(job, directory);
            Mp3 mp3 = convert(job, source, within, directory, progress);
            room.reserve(job, mp3.bytes());
            store(job, mp3.path());
            return mp3;
        } catch (ConversionFailed e) {
            boolean tooLarge = e.failure().code() == Failure.Code.TOO_LARGE;
            throw tooLarge && within != conversion ? available.exceeded() : e;
        } finally {
            WorkDirectory.delete(directory);
        }
    }

    private static Mp3 convert(
            Job job, Source source, Conversion within, Path directory, IntConsumer progress)
            throws ConversionFailed, IOException, InterruptedException {
        String name = job.source().name();
        return source instanceof InFlightSource upload
                ? new InFlightConversion(within)
                        .run(upload, name, job.options(), directory, progress)
                : within.run(source, name, job.options(), directory, progress);
    }

    private void copyCover(Job job, Path directory) throws IOException {
        try (InputStream in = media.open(Bucket.VIDEOS, job.coverFile(), 0)) {
            Files.copy(in, Conversion.givenCover(directory));
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
