package dev.tomp3.gateway;

import dev.tomp3.gateway.ResumableReceiver.Creation;
import dev.tomp3.gateway.ResumableReceiver.Part;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.ResumableUploads;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** {@code /files}: resumable uploads, as tus 1.0.0 describes them (https://tus.io). */
@RestController
@Tag(name = "resumable uploads")
class TusController {
    private static final String EXTENSIONS =
            "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination";
    private static final String PART = "application/offset+octet-stream";
    private static final String OFFSET = "Upload-Offset";
    private static final String LENGTH = "Upload-Length";
    private static final String DEFER_LENGTH = "Upload-Defer-Length";
    private static final String METADATA = "Upload-Metadata";
    private static final String CHECKSUM = "Upload-Checksum";
    private static final String EXPIRES = "Upload-Expires";
    private static final String RESUMABLE = "Tus-Resumable";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");

    /** RFC 9110 wants two digits of the day, unlike the constant for RFC 1123. */
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final ResumableReceiver receiver;
    private final ResumableUploads uploads;
    private final Transfers transfers;
    private final UploadOptions options;
    private final long maxUpload;

    TusController(
            ResumableReceiver receiver,
            ResumableUploads uploads,
            Transfers transfers,
            UploadOptions options,
            GatewayProperties properties) {
        this.receiver = receiver;
        this.uploads = uploads;
        this.transfers = transfers;
        this.options = options;
        this.maxUpload = properties.maxUpload().toBytes();
    }

    @RequestMapping(path = "/files", method = RequestMethod.OPTIONS)
    @Operation(
            operationId = "uploadOptions",
            summary = "Show which parts of tus are supported",
            description = "For everyone.",
            responses =
                    @ApiResponse(
                            responseCode = "204",
                            description = "The supported parts",
                            headers = {
                                @Header(
                                        name = "Tus-Version",
                                        schema = @Schema(type = "string", example = "1.0.0")),
                                @Header(
                                        name = "Tus-Extension",
                                        schema = @Schema(type = "string", example = EXTENSIONS)),
                                @Header(
                                        name = "Tus-Max-Size",
                                        schema = @Schema(type = "integer", format = "int64")),
                                @Header(
                                        name = "Tus-Checksum-Algorithm",
                                        schema = @Schema(type = "string", example = Checksum.NAMES))
                            }))
    ResponseEntity<Void> options() {
        return ResponseEntity.noContent()
                .header("Tus-Version", TusFilter.VERSION)
                .header("Tus-Extension", EXTENSIONS)
                .header("Tus-Max-Size", Long.toString(maxUpload))
                .header("Tus-Checksum-Algorithm", Checksum.NAMES)
                .build();
    }

    /** The same for a client that asks the address of its upload. */
    @RequestMapping(path = "/files/{id}", method = RequestMethod.OPTIONS)
    @Operation(hidden = true)
    ResponseEntity<Void> optionsOfUpload() {
        return options();
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @PostMapping("/files")
    @Operation(
            operationId = "createUpload",
            summary = "Begin a resumable upload",
            description =
                    "The id in Location is that of the job, whose status is uploading until the"
                            + " last byte. The first bytes may come with the request.",
            security = @SecurityRequirement(name = "bearer"),
            parameters = {
                @Parameter(
                        name = RESUMABLE,
                        in = ParameterIn.HEADER,
                        required = true,
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = "1.0.0",
                                        example = "1.0.0")),
                @Parameter(
                        name = LENGTH,
                        in = ParameterIn.HEADER,
                        description = "of the file, in bytes; this or Upload-Defer-Length",
                        schema = @Schema(type = "integer", format = "int64", minimum = "1")),
                @Parameter(
                        name = DEFER_LENGTH,
                        in = ParameterIn.HEADER,
                        description = "1: the length is not known yet",
                        schema = @Schema(type = "string", allowableValues = "1")),
                @Parameter(
                        name = METADATA,
                        in = ParameterIn.HEADER,
                        description = "filename, filetype, and the options of POST /upload",
                        schema =
                                @Schema(
                                        type = "string",
                                        example = "filename aG9saWRheS5tcDQ=,bitrate MTI4")),
                @Parameter(
                        name = CHECKSUM,
                        in = ParameterIn.HEADER,
                        description = "of the body",
                        schema =
                                @Schema(
                                        type = "string",
                                        example = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")),
                @Parameter(
                        name = IdempotencyKey.HEADER,
                        in = ParameterIn.HEADER,
                        description =
                                "for 24 hours, the same upload with the same key answers the same"
                                        + " job",
                        schema = @Schema(type = "string"))
            },
            requestBody =
                    @RequestBody(
                            description = "the first bytes of the file, or nothing",
                            content =
                                    @Content(
                                            mediaType = PART,
                                            schema = @Schema(type = "string", format = "binary"))),
            responses = {
                @ApiResponse(
                        responseCode = "201",
                        description = "The upload has begun",
                        headers = {
                            @Header(
                                    name = HttpHeaders.LOCATION,
                                    schema =
                                            @Schema(
                                                    type = "string",
                                                    example = "/files/665f1c2ab3d4e5f60718293a")),
                            @Header(
                                    name = OFFSET,
                                    schema = @Schema(type = "integer", format = "int64")),
                            @Header(
                                    name = EXPIRES,
                                    schema =
                                            @Schema(
                                                    type = "string",
                                                    example = "Sat, 28 Nov 2026 01:10:00 GMT"))
                        }),
                @ApiResponse(
                        responseCode = "400",
                        description =
                                "malformed-request, invalid-metadata, invalid-options, empty-file"),
                @ApiResponse(
                        responseCode = "409",
                        description = "upload-cancelled, upload-superseded"),
                @ApiResponse(responseCode = "412", description = "unsupported-tus-version"),
                @ApiResponse(responseCode = "413", description = "too-large"),
                @ApiResponse(responseCode = "415", description = "unsupported-type, not-media"),
                @ApiResponse(responseCode = "422", description = "idempotency-key-reused"),
                @ApiResponse(
                        responseCode = "429",
                        description = "too-many-jobs, too-many-uploads, too-many-requests"),
                @ApiResponse(responseCode = "460", description = "checksum-mismatch"),
                @ApiResponse(responseCode = "507", description = "quota-exceeded, disk-full")
            })
    ResponseEntity<Void> create(
            HttpServletRequest request, @AuthenticationPrincipal CurrentUser caller)
            throws IOException {
        String metadata = Objects.requireNonNullElse(request.getHeader(METADATA), "");
        UploadMetadata parsed = UploadMetadata.parse(metadata, options::parse);
        Long length = length(request);
        String key = request.getHeader(IdempotencyKey.HEADER);
        boolean withBytes = hasBody(request);
        if (withBytes) requirePart(request);
        Part part = withBytes ? part(request, 0, null) : null;
        if (part != null && length != null && part.bytes() > length) throw tooLong(length);
        Creation creation =
                new Creation(
                        parsed.name(),
                        parsed.options(),
                        length,
                        metadata,
                        key == null ? null : IdempotencyKey.parse(key));
        Job job = part == null ? receiver.create(caller, creation) : null;
        if (job == null) {
            try (Transfers.Transfer transfer = transfers.begin(caller.id())) {
                job = receiver.create(caller, creation, Objects.requireNonNull(part), transfer);
            }
        }
        return headers(ResponseEntity.created(URI.create("/files/" + job.id())), job).build();
    }

    private static ProblemException tooLong(long length) {
        return new ProblemException(
                Problem.TOO_LARGE, "The body is longer than the declared " + length + " bytes.");
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @RequestMapping(path = "/files/{id}", method = RequestMethod.HEAD)
    @Operation(
            operationId = "showUpload",
            summary = "Show how far an upload is",
            description =
                    "The offset is what the server has stored durably. A request that still sends"
                            + " bytes of the upload ends.",
            security = @SecurityRequirement(name = "bearer"),
            parameters =
                    @Parameter(
                            name = RESUMABLE,
                            in = ParameterIn.HEADER,
                            required = true,
                            schema =
                                    @Schema(
                                            type = "string",
                                            allowableValues = "1.0.0",
                                            example = "1.0.0")),
            responses = {
                @ApiResponse(
                        responseCode = "200",
                        description = "Where to go on",
                        headers = {
                            @Header(
                                    name = OFFSET,
                                    schema = @Schema(type = "integer", format = "int64")),
                            @Header(
                                    name = LENGTH,
                                    schema = @Schema(type = "integer", format = "int64")),
                            @Header(name = DEFER_LENGTH, schema = @Schema(type = "string")),
                            @Header(name = METADATA, schema = @Schema(type = "string")),
                            @Header(name = EXPIRES, schema = @Schema(type = "string"))
                        }),
                @ApiResponse(responseCode = "409", description = "upload-superseded"),
                @ApiResponse(responseCode = "410", description = "upload-gone"),
                @ApiResponse(responseCode = "412", description = "unsupported-tus-version")
            })
    ResponseEntity<Void> show(
            @PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        Job job = receiver.find(id, caller);
        Resumable upload = job.resumable();
        ResponseEntity.BodyBuilder response = headers(ResponseEntity.ok(), job);
        response.cacheControl(CacheControl.noStore());
        Long length = upload == null ? Long.valueOf(job.source().bytes()) : upload.length();
        if (length == null) response.header(DEFER_LENGTH, "1");
        else response.header(LENGTH, Long.toString(length));
        String metadata = upload == null ? uploads.metadata(id) : upload.metadata();
        if (!metadata.isEmpty()) response.header(METADATA, metadata);
        return response.build();
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @PatchMapping("/files/{id}")
    @Operation(
            operationId = "continueUpload",
            summary = "Send the next bytes of an upload",
            description =
                    "The bytes that arrive are kept if the connection breaks, unless the request"
                            + " has a checksum. The job is queued with the last byte.",
            security = @SecurityRequirement(name = "bearer"),
            parameters = {
                @Parameter(
                        name = RESUMABLE,
                        in = ParameterIn.HEADER,
                        required = true,
                        schema =
                                @Schema(
                                        type = "string",
                                        allowableValues = "1.0.0",
                                        example = "1.0.0")),
                @Parameter(
                        name = OFFSET,
                        in = ParameterIn.HEADER,
                        required = true,
                        description = "where the body begins: what HEAD tells",
                        schema =
                                @Schema(
                                        type = "integer",
                                        format = "int64",
                                        minimum = "0",
                                        example = "0")),
                @Parameter(
                        name = LENGTH,
                        in = ParameterIn.HEADER,
                        description = "of the file, if it was not known before",
                        schema = @Schema(type = "integer", format = "int64", minimum = "1")),
                @Parameter(
                        name = CHECKSUM,
                        in = ParameterIn.HEADER,
                        description = "of the body",
                        schema =
                                @Schema(
                                        type = "string",
                                        example = "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="))
            },
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = PART,
                                            schema = @Schema(type = "string", format = "binary"),
                                            examples =
                                                    @ExampleObject(
                                                            name = "bytes",
                                                            value = "the bytes"))),
            responses = {
                @ApiResponse(
                        responseCode = "204",
                        description = "The bytes are stored",
                        headers = {
                            @Header(
                                    name = OFFSET,
                                    schema = @Schema(type = "integer", format = "int64")),
                            @Header(name = EXPIRES, schema = @Schema(type = "string"))
                        }),
                @ApiResponse(responseCode = "400", description = "malformed-request, empty-file"),
                @ApiResponse(
                        responseCode = "409",
                        description = "offset-mismatch, upload-superseded, upload-cancelled"),
                @ApiResponse(responseCode = "410", description = "upload-gone"),
                @ApiResponse(responseCode = "412", description = "unsupported-tus-version"),
                @ApiResponse(responseCode = "413", description = "too-large"),
                @ApiResponse(responseCode = "415", description = "unsupported-type, not-media"),
                @ApiResponse(
                        responseCode = "429",
                        description = "too-many-jobs, too-many-requests"),
                @ApiResponse(responseCode = "460", description = "checksum-mismatch"),
                @ApiResponse(responseCode = "507", description = "quota-exceeded, disk-full")
            })
    ResponseEntity<Void> append(
            @PathVariable String id,
            HttpServletRequest request,
            @AuthenticationPrincipal CurrentUser caller)
            throws IOException {
        requirePart(request);
        Long offset = number(request, OFFSET);
        if (offset == null) throw missing(OFFSET);
        Part part = part(request, offset, number(request, LENGTH));
        try (Transfers.Transfer transfer = transfers.begin(caller.id())) {
            Job job = receiver.receive(id, caller, part, transfer);
            return headers(ResponseEntity.noContent(), job).build();
        }
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @DeleteMapping("/files/{id}")
    @Operation(
            operationId = "terminateUpload",
            summary = "Delete an upload, or the job that it has become",
            security = @SecurityRequirement(name = "bearer"),
            parameters =
                    @Parameter(
                            name = RESUMABLE,
                            in = ParameterIn.HEADER,
                            required = true,
                            schema =
                                    @Schema(
                                            type = "string",
                                            allowableValues = "1.0.0",
                                            example = "1.0.0")),
            responses = {
                @ApiResponse(responseCode = "204", description = "The upload is deleted"),
                @ApiResponse(responseCode = "410", description = "upload-gone"),
                @ApiResponse(responseCode = "412", description = "unsupported-tus-version")
            })
    ResponseEntity<Void> terminate(
            @PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        receiver.terminate(id, caller);
        return ResponseEntity.noContent().build();
    }

    /** The headers of every response that tells of an upload. */
    private static <B extends ResponseEntity.HeadersBuilder<?>> B headers(B response, Job job) {
        Resumable upload = job.resumable();
        long offset = upload == null ? job.source().bytes() : upload.offset();
        response.header(OFFSET, Long.toString(offset));
        if (upload != null) response.header(EXPIRES, httpDate(upload.expires()));
        return response;
    }

    private static String httpDate(Instant time) {
        return HTTP_DATE.format(time);
    }

    private static @Nullable Long length(HttpServletRequest request) {
        Long length = number(request, LENGTH);
        String deferred = request.getHeader(DEFER_LENGTH);
        if (deferred != null && !deferred.equals("1")) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, DEFER_LENGTH + " is 1, or not sent.");
        }
        if ((length == null) == (deferred == null)) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST,
                    "Send either " + LENGTH + " or \"" + DEFER_LENGTH + ": 1\".");
        }
        return length;
    }

    private static @Nullable Long number(HttpServletRequest request, String header) {
        String value = request.getHeader(header);
        if (value == null) return null;
        if (!NUMBER.matcher(value).matches()) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, header + " is a number of bytes.");
        }
        return Long.valueOf(value);
    }

    private static ProblemException missing(String header) {
        return new ProblemException(
                Problem.MALFORMED_REQUEST, "The request has no " + header + ".");
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0
                || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    private static void requirePart(HttpServletRequest request) {
        String type = request.getContentType();
        if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(PART)) {
            throw new ProblemException(
                    Problem.UNSUPPORTED_TYPE, "Bytes of an upload have the type " + PART + ".");
        }
    }

    private static Part part(HttpServletRequest request, long offset, @Nullable Long length)
            throws IOException {
        String checksum = request.getHeader(CHECKSUM);
        return new Part(
                offset,
                length,
                hasBody(request) ? request.getContentLengthLong() : 0,
                checksum == null ? null : Checksum.parse(checksum),
                request.getInputStream());
    }
}
