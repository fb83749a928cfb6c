package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.media.MediaFormat;
import dev.tomp3.jobs.media.MediaOutput;
import dev.tomp3.jobs.media.MediaStore;
import dev.tomp3.jobs.media.MediaStore.Bucket;
import dev.tomp3.jobs.queue.Event;
import dev.tomp3.jobs.queue.Publisher;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /upload}: the file goes into the store as it arrives, and is never whole in memory or
 * on this service's disk.
 *
 * <ol>
 *   <li>What can be refused without the body is refused without asking for it. A job names the
 *       upload by then, so that no other takes its room.
 *   <li>The options are read, then the file's first bytes; then the file goes to the store.
 *   <li>The store has the whole file safe; then the job is accepted, in one update; then the client
 *       is answered.
 *   <li>Then a worker is woken. If that fails, the sweep does it.
 *   <li>What can be converted from its beginning on is offered to a worker as soon as there is
 *       enough of it; nobody sees what comes of it before the client is answered, and when the
 *       upload fails, it goes with it.
 * </ol>
 *
 * A failure before the third step leaves nothing behind: what this process cannot clean up any
 * more, the sweep does.
 */
@RestController
@Tag(name = "media")
class Uploads {
    private static final Logger log = LoggerFactory.getLogger(Uploads.class);
    private static final int BUFFER = 64 * 1024;
    private static final int FRAMING = 64 * 1024;
    private static final int MOST_PARTS = 20;
    private static final int LONGEST_OPTION = 1024;
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_KEY = 255;

    /**
     * For the API's description; the body is read as a stream. The options are text, as all fields
     * of a form are, so that the page can leave them empty.
     */
    record Form(
            @Schema(
                            pattern = "[0-9]*",
                            description =
                                    "constant bit rate in kbit/s, 32 to 320; 192 when neither is"
                                            + " given")
                    @Nullable String bitrate,
            @Schema(pattern = "[0-9]*", description = "variable bit rate, 0 (best) to 9")
                    @Nullable String quality,
            @Schema(pattern = "(true|false)?", description = "true or false") @Nullable String mono,
            @Schema(name = "sample_rate", pattern = "[0-9]*", description = "in Hz")
                    @Nullable String sampleRate,
            @Schema(
                            type = "string",
                            format = "binary",
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            description = "the video, after the options")
                    String file) {}

    private final Jobs jobs;
    private final MediaStore media;
    private final Publisher publisher;
    private final UploadBeats beats;
    private final Allowance allowance;
    private final long maxUpload;

    Uploads(
            Jobs jobs,
            MediaStore media,
            Publisher publisher,
            UploadBeats beats,
            Allowance allowance,
            GatewayProperties properties) {
        this.jobs = jobs;
        this.media = media;
        this.publisher = publisher;
        this.beats = beats;
        this.allowance = allowance;
        this.maxUpload = properties.maxUpload().toBytes();
    }

    @PostMapping(
            path = "/upload",
            consumes = MediaType.MULTIPART_FORM_DATA_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "Send a video to be converted",
            description = "One file part, the options before it.",
            security = @SecurityRequirement(name = "bearer"),
            responses = {
                @ApiResponse(responseCode = "202", useReturnTypeSchema = true),
                @ApiResponse(
                        responseCode = "400",
                        description =
                                "malformed-request, invalid-options, option-after-file,"
                                        + " not-one-file, empty-file"),
                @ApiResponse(responseCode = "413", description = "too-large"),
                @ApiResponse(responseCode = "415", description = "unsupported-type, not-media"),
                @ApiResponse(
                        responseCode = "429",
                        description = "too-many-jobs, too-many-requests"),
                @ApiResponse(responseCode = "507", description = "quota-exceeded, disk-full")
            },
            parameters =
                    @Parameter(
                            name = "Idempotency-Key",
                            in = ParameterIn.HEADER,
                            schema = @Schema(type = "string"),
                            description = "the same key answers the same job for 24 hours"),
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = MediaType.MULTIPART_FORM_DATA_VALUE,
                                            schema = @Schema(implementation = Form.class))))
    ResponseEntity<JobView> upload(
            HttpServletRequest request,
            @AuthenticationPrincipal CurrentUser caller,
            @Parameter(hidden = true) @RequestHeader(name = "Idempotency-Key", required = false)
                    @Nullable String key)
            throws IOException {
        if (request.getContentLengthLong() > maxUpload + FRAMING) throw tooLarge();
        if (key != null) {
            if (key.isBlank() || key.length() > LONGEST_KEY) {
                throw new ProblemException(
                        Problem.MALFORMED_REQUEST,
                        "An Idempotency-Key has 1 to " + LONGEST_KEY + " characters.");
            }
            Optional<Job> earlier = jobs.findByKey(caller.id(), key);
            if (earlier.isPresent()) {
                if (request.getHeader(HttpHeaders.EXPECT) == null) drain(request);
                return accepted(earlier.get());
            }
        }
        long start = System.nanoTime();
        long announced = Math.max(0, request.getContentLengthLong());
        allowance.requireDisk(announced);
        Job upload = jobs.begin(caller.asOwner(), "", Options.NONE, announced);
        long room = room(upload);
        beats.began(upload.id());
        Job job;
        try {
            job = receive(request, upload, room, key);
        } catch (Exception e) {
            // a store that is away would make the client wait; the sweep finds a silent upload
            if (!outage(e)) discard(upload);
            if (!(e instanceof IOException)) throw e;
            // what the store throws is a ProblemException by now, so that this is the client's
            log.debug("An upload broke off", e);
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "The multipart body cannot be read.");
        } finally {
            beats.ended(upload.id());
        }
        if (job.id().equals(upload.id())) {
            // or else somebody has begun with it
            if (job.status() == Job.Status.QUEUED)
                publisher.publish(new Event.VideoUploaded(job.id()));
            log.info(
                    "Accepted job {}: {} bytes from user {} in {} ms",
                    job.id(),
                    job.source().bytes(),
                    caller.id(),
                    Duration.ofNanos(System.nanoTime() - start).toMillis());
        } else {
            discard(upload);
        }
        return accepted(job);
    }

    private long room(Job upload) {
        try {
            return allowance.require(upload, upload.source().bytes());
        } catch (ProblemException e) {
            jobs.discard(upload.id());
            throw e;
        }
    }

    private Job receive(HttpServletRequest request, Job upload, long room, @Nullable String key)
            throws IOException {
        // parts without a name are skipped, but not for ever; a file that is too large is told
        // before
        var parts =
                new Multipart(
                        request.getInputStream(),
                        request.getContentType(),
                        maxUpload + 2 * FRAMING);
        Map<String, String> options = new HashMap<>();
        for (Multipart.Part part = parts.next(); part != null; part = parts.next()) {
            if (part.file() != null)
                return store(part, parts, upload, UploadOptions.parse(options), room, key);
            option(part, options);
        }
        throw new ProblemException(Problem.NOT_ONE_FILE, "The upload has no file part.");
    }

    private static void option(Multipart.Part part, Map<String, String> options)
            throws IOException {
        if (options.size() == MOST_PARTS) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "That is more than " + MOST_PARTS + " parts.");
        }
        byte[] value = part.body().readNBytes(LONGEST_OPTION + 1);
        if (value.length > LONGEST_OPTION
                || options.put(part.name(), new String(value, StandardCharsets.UTF_8).strip())
                        != null) {
            throw new ProblemException(
                    Problem.INVALID_OPTIONS, "An option is given once, and is short.");
        }
    }

    private Job store(
            Multipart.Part part,
            Multipart parts,
            Job upload,
            Options options,
            long room,
            @Nullable String key)
            throws IOException {
        String name = name(part.file());
        InputStream in = part.body();
        byte[] head = in.readNBytes(MediaFormat.SIGNATURE_BYTES);
        if (head.length == 0)
            throw new ProblemException(Problem.EMPTY_FILE, "The file has no bytes.");
        MediaFormat format =
                MediaFormat.of(head)
                        .orElseThrow(() ->
                                new ProblemException(
                                        Problem.NOT_MEDIA,
                                        "Accepted are " + MediaFormat.displayNames() + "."));
        Arriving arriving = new Arriving(upload.as(name, options), format.streamable(head));
        long bytes = fill(arriving, head, in, room, parts);
        return jobs.accept(arriving.job, bytes, key)
                .orElseThrow(() -> unavailable("The upload was given up."));
    }

    /** Returns when the store has the whole file safe. */
    private long fill(Arriving arriving, byte[] head, InputStream in, long room, Multipart parts)
            throws IOException {
        Job upload = arriving.job;
        MediaOutput out = stored(() -> media.create(Bucket.VIDEOS, upload.id()));
        try (out) {
            long bytes = copy(head, in, room, out, arriving);
            nothingMore(parts);
            if (bytes > upload.source().bytes()) {
                jobs.weigh(upload.id(), bytes);
                allowance.require(upload, bytes);
            }
            return stored(() -> {
                out.commit();
                return bytes;
            });
        }
    }

    private long copy(byte[] head, InputStream in, long room, MediaOutput out, Arriving arriving)
            throws IOException {
        byte[] buffer = new byte[BUFFER];
        long bytes = head.length;
        write(out, head, head.length);
        for (int length = in.readNBytes(buffer, 0, BUFFER);
                length > 0;
                length = in.readNBytes(buffer, 0, BUFFER)) {
            bytes += length;
            requireSmall(bytes, room);
            write(out, buffer, length);
            arriving.came(bytes);
        }
        requireSmall(bytes, room);
        return bytes;
    }

    /** A job while its file arrives. */
    private final class Arriving {
        private Job job;
        private boolean toOffer;

        Arriving(Job job, boolean toOffer) {
            this.job = job;
            this.toOffer = toOffer;
        }

        /** Lets a worker begin when enough is there. */
        void came(long bytes) {
            if (!toOffer || bytes < Jobs.FIRST_BYTES) return;
            toOffer = false;
            job = jobs.offer(job).orElseThrow(() -> unavailable("The upload was given up."));
            publisher.publish(new Event.VideoUploaded(job.id()));
        }
    }

    private void requireSmall(long bytes, long room) {
        if (bytes > maxUpload) throw tooLarge();
        if (bytes > room) throw allowance.exceeded();
    }

    /**
     * Reads to the end of the body, so that an upload which breaks off after its file is not taken
     * for a whole one.
     */
    private static void nothingMore(Multipart parts) throws IOException {
        Multipart.Part more = parts.next();
        if (more == null) return;
        throw more.file() == null
                ? new ProblemException(
                        Problem.OPTION_AFTER_FILE,
                        "An option follows the file. Give options before the file.")
                : new ProblemException(
                        Problem.NOT_ONE_FILE, "The upload has more than one file part.");
    }

    private static void write(MediaOutput out, byte[] bytes, int length) {
        int _ =
                stored(() -> {
                    out.write(bytes, 0, length);
                    return length;
                });
    }

    private interface Storing<T> {
        T run() throws IOException;
    }

    /** Tells the store's failures, which are ours, from those of the client's connection. */
    private static <T> T stored(Storing<T> storing) {
        try {
            return storing.run();
        } catch (IOException e) {
            log.warn("The media store did not take an upload: {}", e.toString());
            throw unavailable("The media store cannot be reached, or has no room.");
        }
    }

    private static boolean outage(Exception e) {
        return e instanceof DataAccessException
                || (e instanceof ProblemException refusal
                        && refusal.problem() == Problem.UNAVAILABLE);
    }

    private void discard(Job upload) {
        try {
            media.delete(Bucket.VIDEOS, upload.id());
            jobs.discard(upload.id());
        } catch (IOException | DataAccessException e) {
            log.warn("Upload {} is left to the sweep: {}", upload.id(), e.toString());
        }
    }

    /** Clients that send without asking first read an answer only when they have sent it all. */
    private void drain(HttpServletRequest request) throws IOException {
        byte[] buffer = new byte[BUFFER];
        InputStream in = request.getInputStream();
        long bytes = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            bytes += read;
            if (bytes > maxUpload + FRAMING) throw tooLarge();
        }
    }

    private static ResponseEntity<JobView> accepted(Job job) {
        return ResponseEntity.accepted()
                .location(URI.create("/jobs/" + job.id()))
                .body(JobView.of(job));
    }

    /** The last part of what the client calls the file, without what no file name has. */
    static String name(@Nullable String given) {
        String name = given == null ? "" : given.replace("\\\"", "\""); // as curl sends it
        name = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        name =
                name.replaceAll(
                                "[\\p{Cc}\\p{Co}\\p{Cs}\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]",
                                "")
                        .strip();
        if (name.codePointCount(0, name.length()) > LONGEST_NAME) {
            name = name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME));
        }
        return name.isEmpty() || name.equals(".") || name.equals("..") ? "video" : name;
    }

    private ProblemException tooLarge() {
        return new ProblemException(
                Problem.TOO_LARGE, "A file has at most " + maxUpload + " bytes here.");
    }

    private static ProblemException unavailable(String detail) {
        return new ProblemException(Problem.UNAVAILABLE, detail + " Try again.");
    }
}
