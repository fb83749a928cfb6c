package dev.tomp3.gateway;

import dev.tomp3.gateway.ResumableCreator.Creation;
import dev.tomp3.gateway.ResumableReceiver.Part;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Resumable;
import dev.tomp3.jobs.ResumableUploads;
import dev.tomp3.platform.ApiKey.Scope;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
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
    /** RFC 9110 wants two digits of the day, unlike the constant for RFC 1123. */
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final ResumableCreator creator;
    private final ResumableReceiver receiver;
    private final ResumableUploads uploads;
    private final Transfers transfers;
    private final UploadOptions options;
    private final long maxUpload;

    TusController(
            ResumableCreator creator,
            ResumableReceiver receiver,
            ResumableUploads uploads,
            Transfers transfers,
            UploadOptions options,
            GatewayProperties properties) {
        this.creator = creator;
        this.receiver = receiver;
        this.uploads = uploads;
        this.transfers = transfers;
        this.options = options;
        this.maxUpload = properties.maxUpload().toBytes();
    }

    @RequestMapping(path = "/files", method = RequestMethod.OPTIONS)
    @TusDescription.Options
    ResponseEntity<Void> options() {
        return ResponseEntity.noContent()
                .header(TusHeaders.PROTOCOL_VERSION, TusFilter.VERSION)
                .header(TusHeaders.EXTENSION, TusHeaders.EXTENSIONS)
                .header(TusHeaders.MAX_SIZE, Long.toString(maxUpload))
                .header(TusHeaders.CHECKSUM_ALGORITHM, Checksum.NAMES)
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
    @TusDescription.Create
    ResponseEntity<Void> create(
            HttpServletRequest request, @AuthenticationPrincipal CurrentUser caller)
            throws IOException {
        String metadata = Objects.requireNonNullElse(request.getHeader(TusHeaders.METADATA), "");
        UploadMetadata parsed = UploadMetadata.parse(metadata, options::parse);
        Long length = TusHeaders.length(request);
        String key = request.getHeader(IdempotencyKey.HEADER);
        Part part = TusHeaders.firstPart(request, length);
        Creation creation =
                new Creation(
                        parsed.name(),
                        parsed.options(),
                        length,
                        metadata,
                        key == null ? null : IdempotencyKey.parse(key));
        Job job = create(caller, creation, part);
        return headers(ResponseEntity.created(URI.create("/files/" + job.id())), job).build();
    }

    private Job create(CurrentUser caller, Creation creation, @Nullable Part part) {
        if (part == null) return creator.create(caller, creation);
        try (Transfers.Transfer transfer = transfers.begin(caller.id())) {
            return creator.create(caller, creation, part, transfer);
        }
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @RequestMapping(path = "/files/{id}", method = RequestMethod.HEAD)
    @TusDescription.Show
    ResponseEntity<Void> show(
            @PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        Job job = receiver.find(id, caller);
        Resumable upload = job.resumable();
        ResponseEntity.BodyBuilder response = headers(ResponseEntity.ok(), job);
        response.cacheControl(CacheControl.noStore());
        Long length = upload == null ? Long.valueOf(job.source().bytes()) : upload.length();
        if (length == null) response.header(TusHeaders.DEFER_LENGTH, "1");
        else response.header(TusHeaders.LENGTH, Long.toString(length));
        String metadata = upload == null ? uploads.metadata(id) : upload.metadata();
        if (!metadata.isEmpty()) response.header(TusHeaders.METADATA, metadata);
        return response.build();
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @PatchMapping("/files/{id}")
    @TusDescription.Append
    ResponseEntity<Void> append(
            @PathVariable String id,
            HttpServletRequest request,
            @AuthenticationPrincipal CurrentUser caller)
            throws IOException {
        Part part = TusHeaders.nextPart(request);
        try (Transfers.Transfer transfer = transfers.begin(caller.id())) {
            Job job = receiver.receive(id, caller, part, transfer);
            return headers(ResponseEntity.noContent(), job).build();
        }
    }

    @RequiredScope(Scope.JOBS_WRITE)
    @DeleteMapping("/files/{id}")
    @TusDescription.Terminate
    ResponseEntity<Void> terminate(
            @PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        receiver.terminate(id, caller);
        return ResponseEntity.noContent().build();
    }

    /** The headers of every response that tells of an upload. */
    private static <B extends ResponseEntity.HeadersBuilder<?>> B headers(B response, Job job) {
        Resumable upload = job.resumable();
        long offset = upload == null ? job.source().bytes() : upload.offset();
        response.header(TusHeaders.OFFSET, Long.toString(offset));
        if (upload != null) response.header(TusHeaders.EXPIRES, httpDate(upload.expires()));
        return response;
    }

    private static String httpDate(Instant time) {
        return HTTP_DATE.format(time);
    }
}
