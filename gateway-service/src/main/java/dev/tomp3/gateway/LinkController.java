package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.DownloadLinks;
import dev.tomp3.jobs.DownloadLinks.Disposition;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

/**
 * Links to an MP3 that work without a login. A link with a wrong signature is rejected in the same
 * way whether its job exists or not.
 */
@RestController
@Tag(name = "media")
class LinkController {
    private static final long DEFAULT_LIFETIME = Duration.ofDays(7).toSeconds();
    private static final long MAX_LIFETIME = Duration.ofDays(30).toSeconds();

    private final JobAccess access;
    private final Jobs jobs;
    private final Mp3Delivery mp3s;
    private final DownloadLinks links;
    private final Clock clock;

    LinkController(
            JobAccess access, Jobs jobs, Mp3Delivery mp3s, DownloadLinks links, Clock clock) {
        this.access = access;
        this.jobs = jobs;
        this.mp3s = mp3s;
        this.links = links;
        this.clock = clock;
    }

    record NewLink(
            @JsonProperty("expires_in")
                    @Schema(
                            description = "in seconds; default: 7 days",
                            minimum = "1",
                            maximum = "2592000",
                            example = "604800")
                    @Nullable Long expiresIn,
            @Schema(
                            description =
                                    "attachment (default): a browser saves the MP3; inline: it"
                                            + " plays the MP3",
                            example = "inline")
                    @Nullable String disposition) {}

    record Link(String url, @JsonProperty("expires_at") Instant expiresAt) {
        /** Without the signature. */
        @Override
        public String toString() {
            return "Link[" + expiresAt + "]";
        }
    }

    @PostMapping(path = "/jobs/{id}/links", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @RequiredScope(Scope.DOWNLOAD)
    @Operation(
            operationId = "createLink",
            summary = "Make a link that downloads the MP3 without a login",
            security = @SecurityRequirement(name = ApiDescription.BEARER))
    @ApiResponse(responseCode = "201", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "404", description = "not-found")
    @ApiResponse(responseCode = "409", description = "not-ready")
    @ApiResponse(responseCode = "410", description = "gone")
    Link create(
            @PathVariable String id,
            @RequestBody(required = false) @Nullable NewLink wanted,
            @AuthenticationPrincipal CurrentUser caller,
            HttpServletRequest request) {
        Job job = access.find(id, caller);
        long seconds =
                wanted == null || wanted.expiresIn() == null
                        ? DEFAULT_LIFETIME
                        : wanted.expiresIn();
        if (seconds < 1 || seconds > MAX_LIFETIME) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "expires_in is 1 to " + MAX_LIFETIME + ".");
        }
        Disposition disposition =
                wanted == null || wanted.disposition() == null
                        ? Disposition.ATTACHMENT
                        : disposition(wanted.disposition())
                                .orElseThrow(() ->
                                        new ProblemException(
                                                Problem.MALFORMED_REQUEST,
                                                "disposition is attachment or inline."));
        Mp3Delivery.ready(job);
        Instant expiry = clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(seconds);
        return new Link(
                SignedRequest.address(request, links.toMp3(job, expiry, disposition)), expiry);
    }

    private static Optional<Disposition> disposition(String text) {
        for (Disposition disposition : Disposition.values()) {
            if (disposition.wire().equals(text)) return Optional.of(disposition);
        }
        return Optional.empty();
    }

    @GetMapping("/d/{id}")
    @Operation(
            operationId = "followLink",
            summary = "Download the MP3 that a link leads to",
            description = "The parameters are part of the link.")
    @ApiResponse(
            responseCode = "200",
            description = "The MP3",
            content =
                    @Content(
                            mediaType = "audio/mpeg",
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "206",
            description = "A part of it",
            content =
                    @Content(
                            mediaType = "audio/mpeg",
                            schema = @Schema(type = "string", format = "binary")))
    @ApiResponse(
            responseCode = "304",
            description = "The caller has this MP3 already",
            content = @Content)
    @ApiResponse(responseCode = "403", description = "bad-link")
    @ApiResponse(responseCode = "409", description = "not-ready")
    @ApiResponse(responseCode = "410", description = "link-expired, gone")
    @ApiResponse(responseCode = "412", description = "precondition-failed")
    @ApiResponse(responseCode = "416", description = "range-not-satisfiable")
    void follow(
            @PathVariable String id,
            @Parameter(description = "the expiry, in seconds since 1970")
                    @RequestParam(name = "e", required = false)
                    @Nullable String expiry,
            @Parameter(description = "the disposition") @RequestParam(name = "k", required = false)
                    @Nullable String kind,
            @Parameter(description = "the signature") @RequestParam(name = "s", required = false)
                    @Nullable String signature,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        SignedRequest.protect(response);
        long seconds = SignedRequest.expiry(expiry);
        Optional<Disposition> disposition = disposition(kind == null ? "" : kind);
        Optional<Job> job = JobAccess.isId(id) ? jobs.find(id) : Optional.empty();
        if (disposition.isEmpty()
                || signature == null
                || job.isEmpty()
                || !links.isToMp3(job.get(), seconds, disposition.get().wire(), signature)) {
            throw SignedRequest.badLink();
        }
        SignedRequest.requireValidAt(clock.instant(), seconds);
        mp3s.send(job.get(), job.get().owner().id(), disposition.get(), request, response);
    }
}
