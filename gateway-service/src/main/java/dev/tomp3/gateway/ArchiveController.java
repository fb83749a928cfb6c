package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.gateway.Archives.Archive;
import dev.tomp3.jobs.DownloadLinks;
import dev.tomp3.jobs.Job;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Many MP3s as one ZIP, without a temporary file. */
@RestController
@Tag(name = "media")
class ArchiveController {
    private static final Logger log = LoggerFactory.getLogger(ArchiveController.class);

    private final Archives archives;
    private final Mp3Delivery mp3s;
    private final Transfers transfers;
    private final DownloadLinks links;
    private final Clock clock;

    ArchiveController(
            Archives archives,
            Mp3Delivery mp3s,
            Transfers transfers,
            DownloadLinks links,
            Clock clock) {
        this.archives = archives;
        this.mp3s = mp3s;
        this.transfers = transfers;
        this.links = links;
        this.clock = clock;
    }

    record NewArchive(
            @Schema(
                            requiredMode = Schema.RequiredMode.REQUIRED,
                            description = "ids of jobs that are done, at most 1000",
                            example = "[\"665f1c2ab3d4e5f60718293a\"]")
                    @Nullable List<@Nullable String> jobs) {}

    @Schema(name = "Archive")
    record ArchiveView(
            String url,
            @JsonProperty("expires_at") Instant expiresAt,
            @Schema(description = "the length of the ZIP") long bytes,
            int files) {
        /** Without the signature. */
        @Override
        public String toString() {
            return "ArchiveView[" + expiresAt + "]";
        }
    }

    @PostMapping(path = "/archives", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @RequiredScope(Scope.DOWNLOAD)
    @Operation(
            operationId = "createArchive",
            summary = "Make a link that downloads many MP3s as a ZIP without a login",
            security = @SecurityRequirement(name = ApiDescription.BEARER))
    @ApiResponse(responseCode = "201", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "404", description = "not-found")
    @ApiResponse(responseCode = "409", description = "not-ready; job names it")
    ArchiveView create(
            @RequestBody NewArchive wanted,
            @AuthenticationPrincipal CurrentUser caller,
            HttpServletRequest request) {
        Archive archive = archives.create(wanted.jobs(), caller);
        return new ArchiveView(
                SignedRequest.address(request, links.toArchive(archive.id(), archive.expiresAt())),
                archive.expiresAt(),
                archive.zip().length(),
                archive.jobs().size());
    }

    @GetMapping("/archives/{id}")
    @Operation(
            operationId = "downloadArchive",
            summary = "Download the ZIP that a link leads to",
            description = "The parameters are part of the link.")
    @ApiResponse(
            responseCode = "200",
            description = "The ZIP",
            content =
                    @Content(
                            mediaType = "application/zip",
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(responseCode = "403", description = "bad-link")
    @ApiResponse(responseCode = "410", description = "link-expired, gone")
    @ApiResponse(responseCode = "429", description = "too-many-requests")
    void download(
            @PathVariable String id,
            @Parameter(description = "the expiry, in seconds since 1970")
                    @RequestParam(name = "e", required = false)
                    @Nullable String expiry,
            @Parameter(description = "the signature") @RequestParam(name = "s", required = false)
                    @Nullable String signature,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        SignedRequest.protect(response);
        long seconds = SignedRequest.expiry(expiry);
        if (signature == null
                || !JobAccess.isId(id)
                || !links.isToArchive(id, seconds, signature)) {
            throw SignedRequest.badLink();
        }
        SignedRequest.requireValidAt(clock.instant(), seconds);
        Archive archive = archives.find(id).orElseThrow(SignedRequest::expired);
        StoredZip zip = archive.zip();
        List<Job> jobs = archive.jobs();
        // before the response begins, so that an outage can still be told
        try (Transfers.Transfer _ = transfers.begin(jobs.getFirst().owner().id());
                InputStream first = mp3s.open(jobs.getFirst().mp3File(), 0)) {
            response.setContentType("application/zip");
            response.setContentLengthLong(zip.length());
            response.setHeader(HttpHeaders.ACCEPT_RANGES, "none");
            response.setHeader(HttpHeaders.CACHE_CONTROL, "private, no-store");
            response.setHeader(
                    HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"tomp3.zip\"");
            if (request.getMethod().equals("HEAD")) return;
            zip.write(
                    response.getOutputStream(),
                    (entry, out) -> {
                        if (entry == 0) copy(first, jobs.getFirst(), out);
                        else copy(jobs.get(entry), out);
                    });
            log.info("Sent an archive of {} MP3s, {} bytes", jobs.size(), zip.length());
        }
    }

    private void copy(Job job, OutputStream out) throws IOException {
        InputStream in;
        try {
            in = mp3s.open(job.mp3File(), 0);
        } catch (ProblemException e) {
            throw Mp3Delivery.brokenOff(out, job.id(), e);
        }
        try (in) {
            copy(in, job, out);
        }
    }

    private void copy(InputStream in, Job job, OutputStream out) throws IOException {
        mp3s.copy(in, out, Mp3Delivery.ready(job).bytes(), job.id());
    }
}
