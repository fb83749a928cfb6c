package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobView;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.media.Id3Frames;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code PATCH /jobs/{id}/tags}. The MP3 with the new tag is a file of its own, with the frames of
 * the old one; one update of the job replaces the one by the other. Of two requests at the same
 * time, the later one begins anew with the tag of the earlier one. A file that a crash leaves
 * behind is deleted by the sweeper.
 */
@RestController
@Tag(name = "media")
class TagController {
    private static final Logger log = LoggerFactory.getLogger(TagController.class);
    private static final int MAX_TAG = 4 << 20;
    private static final int TRIES = 5;
    private static final long REVISIONS_PER_MILLISECOND = 1000;

    private final Jobs jobs;
    private final JobViews views;
    private final JobAccess access;
    private final MediaStore media;
    private final Transfers transfers;
    private final Clock clock;

    TagController(
            Jobs jobs,
            JobViews views,
            JobAccess access,
            MediaStore media,
            Transfers transfers,
            Clock clock) {
        this.jobs = jobs;
        this.views = views;
        this.access = access;
        this.media = media;
        this.transfers = transfers;
        this.clock = clock;
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @PatchMapping(
            path = "/jobs/{id}/tags",
            consumes = MediaType.APPLICATION_JSON_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "changeTags",
            summary = "Change the tags of an MP3",
            description =
                    "The tag options of an upload (title to comment, cover, tags) by their names;"
                            + " an empty text removes a tag, and the others stay. The sound is not"
                            + " touched. The MP3 gets another ETag.",
            security = @SecurityRequirement(name = "bearer"),
            requestBody =
                    @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                                            schema = @Schema(ref = "#/components/schemas/Tags"))))
    @ApiResponse(responseCode = "200", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-options")
    @ApiResponse(responseCode = "404", description = "not-found")
    @ApiResponse(responseCode = "409", description = "not-ready")
    @ApiResponse(responseCode = "410", description = "gone")
    @ApiResponse(responseCode = "429", description = "too-many-requests")
    JobView change(
            @PathVariable String id,
            @RequestBody Map<String, String> texts,
            @AuthenticationPrincipal CurrentUser caller) {
        TagChange change = new TagChange(options(texts));
        Job job = access.find(id, caller);
        try (Transfers.Transfer _ = transfers.begin(caller.id())) {
            for (int i = 0; i < TRIES; i++) {
                boolean replaced = replaced(job, change);
                job = access.find(id, caller);
                if (replaced) return views.of(job);
            }
        } catch (NoSuchFileException e) {
            throw new ProblemException(Problem.GONE, "The MP3 has just been deleted.");
        } catch (IOException e) {
            log.warn("The tags of job {} could not be changed: {}", id, e.toString());
        }
        throw new ProblemException(
                Problem.UNAVAILABLE, "The media store cannot be reached. Try again.");
    }

    private static Options options(Map<String, String> texts) {
        if (!UploadOptions.TAGS.containsAll(texts.keySet()) || texts.containsValue(null)) {
            throw new ProblemException(
                    Problem.INVALID_OPTIONS,
                    "Give texts for options of these names: "
                            + String.join(", ", UploadOptions.TAGS)
                            + ".");
        }
        try {
            return Options.of(texts);
        } catch (IllegalArgumentException e) {
            throw UploadOptions.invalid(e);
        }
    }

    /** Returns false when the tags were changed meanwhile. */
    private boolean replaced(Job job, TagChange change) throws IOException {
        Job.Result old = Mp3Delivery.ready(job);
        long revision =
                clock.millis() * REVISIONS_PER_MILLISECOND
                        + ThreadLocalRandom.current().nextLong(REVISIONS_PER_MILLISECOND);
        String file = job.revisionFile(revision);
        long bytes;
        try (InputStream in = media.open(Bucket.MP3S, job.mp3File(), 0);
                MediaOutput out = media.create(Bucket.MP3S, file)) {
            byte[] tag = changed(in, change);
            out.write(tag, 0, tag.length);
            bytes = tag.length + in.transferTo(out);
            out.commit();
        }
        boolean replaced =
                jobs.replaceMp3(
                        job,
                        new Job.Result(
                                bytes,
                                old.durationMs(),
                                old.warnings(),
                                change.apply(old.sound()),
                                revision));
        delete(replaced ? job.mp3File() : file);
        if (replaced) log.info("Changed the tags of job {}", job.id());
        return replaced;
    }

    private void delete(String file) {
        try {
            media.delete(Bucket.MP3S, file);
        } catch (IOException e) {
            log.warn("The sweeper will delete {}: {}", file, e.toString());
        }
    }

    /** Reads the tag, and leaves the stream at the first byte behind it. */
    private static byte[] changed(InputStream in, TagChange change) throws IOException {
        byte[] header = in.readNBytes(Id3Frames.HEADER);
        int length = Id3Frames.length(header);
        if (length == 0 || length > MAX_TAG)
            throw new IOException("The MP3 does not begin with a tag");
        byte[] tag = Arrays.copyOf(header, length);
        int rest = length - header.length;
        if (in.readNBytes(tag, header.length, rest) < rest)
            throw new IOException("The MP3 ends within its tag");
        Id3Frames frames = Id3Frames.read(tag);
        change.apply(frames);
        return frames.bytes();
    }
}
