package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobView;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.ApiKey.Scope;
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
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /upload}. A request that can be rejected without its body is rejected before the
 * client sends it.
 */
@RestController
@Tag(name = "media")
class UploadController {
    /** Boundaries, heads of parts and options. */
    private static final int FORM_OVERHEAD = 64 * 1024;

    /** Describes the form in OpenAPI, together with {@link UploadOptions#fields()}. */
    record Form(
            @Schema(
                            type = "string",
                            format = "binary",
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            description = "the video, after the options")
                    String file) {}

    private final Jobs jobs;
    private final UploadReceiver receiver;
    private final Quota quota;
    private final Transfers transfers;
    private final JobWaiting waiting;
    private final UploadOptions options;
    private final JobViews views;
    private final long maxUpload;

    UploadController(
            Jobs jobs,
            UploadReceiver receiver,
            Quota quota,
            Transfers transfers,
            JobWaiting waiting,
            UploadOptions options,
            JobViews views,
            GatewayProperties properties) {
        this.jobs = jobs;
        this.receiver = receiver;
        this.quota = quota;
        this.transfers = transfers;
        this.waiting = waiting;
        this.options = options;
        this.views = views;
        this.maxUpload = properties.maxUpload().toBytes();
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @PostMapping(
            path = "/upload",
            consumes = MediaType.MULTIPART_FORM_DATA_VALUE,
            produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "upload",
            summary = "Send a video to be converted",
            description =
                    "One file part, the options before it. A file that is recognisably not audio or"
                            + " video (text, a document, an archive, a picture, a program, a"
                            + " database, a font) is rejected with 415. Every other file is"
                            + " accepted; if nothing in it can be decoded, the job fails.",
            security = @SecurityRequirement(name = "bearer"),
            responses = {
                @ApiResponse(
                        responseCode = "202",
                        content = @Content(schema = @Schema(implementation = JobView.class))),
                @ApiResponse(
                        responseCode = "200",
                        description = "After waiting: the job failed, or was deleted meanwhile",
                        content = @Content(schema = @Schema(implementation = JobView.class))),
                @ApiResponse(
                        responseCode = "303",
                        description = "After waiting: the job is done, and Location is its MP3",
                        content = @Content),
                @ApiResponse(
                        responseCode = "400",
                        description =
                                "malformed-request, invalid-options, option-after-file,"
                                        + " not-one-file, empty-file"),
                @ApiResponse(responseCode = "409", description = "upload-cancelled"),
                @ApiResponse(responseCode = "413", description = "too-large"),
                @ApiResponse(responseCode = "415", description = "unsupported-type, not-media"),
                @ApiResponse(responseCode = "422", description = "idempotency-key-reused"),
                @ApiResponse(
                        responseCode = "429",
                        description = "too-many-jobs, too-many-requests"),
                @ApiResponse(responseCode = "507", description = "quota-exceeded, disk-full")
            },
            parameters = {
                @Parameter(
                        name = "Idempotency-Key",
                        in = ParameterIn.HEADER,
                        schema = @Schema(type = "string"),
                        description =
                                "for 24 hours, the same upload with the same key answers the same"
                                        + " job"),
                @Parameter(
                        name = "Prefer",
                        in = ParameterIn.HEADER,
                        schema = @Schema(type = "string", example = "wait=300"),
                        description =
                                "wait=N: after the upload, answer when the job is settled, or"
                                        + " after N seconds, at most 300")
            },
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = MediaType.MULTIPART_FORM_DATA_VALUE,
                                            schema = @Schema(implementation = Form.class))))
    Object upload(
            HttpServletRequest request,
            HttpServletResponse response,
            @AuthenticationPrincipal CurrentUser caller,
            @Parameter(hidden = true) @RequestHeader(name = "Idempotency-Key", required = false)
                    @Nullable String sent)
            throws IOException {
        if (request.getContentLengthLong() > maxUpload + FORM_OVERHEAD) throw quota.tooLarge();
        String key = sent == null ? null : IdempotencyKey.parse(sent);
        Job job;
        try (Transfers.Transfer _ = transfers.begin(caller.id())) {
            job = receive(request, caller, key);
        }
        return waiting.answer(job, caller.id(), request, response, this::accepted, this::settled);
    }

    private Job receive(HttpServletRequest request, CurrentUser caller, @Nullable String key)
            throws IOException {
        // the receiver stops at the limit; the form may hold skipped parts besides the file
        UploadForm form =
                new UploadForm(
                        request.getInputStream(),
                        request.getContentType(),
                        maxUpload + 2 * FORM_OVERHEAD,
                        options);
        Optional<Job> earlier = key == null ? Optional.empty() : jobs.findByKey(caller.id(), key);
        if (earlier.isPresent()) return receiver.receiveAgain(earlier.get(), form);
        long announced = Math.max(0, request.getContentLengthLong());
        return receiver.receive(caller.asOwner(), announced, key, form);
    }

    /** A client that follows redirects downloads the MP3. */
    private ResponseEntity<JobView> settled(Job job) {
        return switch (job.status()) {
            case DONE ->
                    ResponseEntity.status(HttpStatus.SEE_OTHER)
                            .location(URI.create("/download?fid=" + job.id()))
                            .build();
            case FAILED, CANCELLED, EXPIRED -> ResponseEntity.ok(views.of(job));
            case UPLOADING, QUEUED, CONVERTING -> accepted(job);
        };
    }

    private ResponseEntity<JobView> accepted(Job job) {
        return ResponseEntity.accepted()
                .location(URI.create("/jobs/" + job.id()))
                .body(views.of(job));
    }
}
