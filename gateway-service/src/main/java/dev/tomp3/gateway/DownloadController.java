package dev.tomp3.gateway;

import dev.tomp3.jobs.DownloadLinks.Disposition;
import dev.tomp3.jobs.Job;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET|HEAD /download}. */
@RestController
@Tag(name = "media")
class DownloadController {
    private static final Logger log = LoggerFactory.getLogger(DownloadController.class);

    private final JobAccess access;
    private final Mp3Delivery mp3s;

    DownloadController(JobAccess access, Mp3Delivery mp3s) {
        this.access = access;
        this.mp3s = mp3s;
    }

    @GetMapping("/download")
    @RequiredScope(Scope.DOWNLOAD)
    @Operation(
            operationId = "download",
            summary = "Download the MP3",
            security = @SecurityRequirement(name = "bearer"))
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
    @ApiResponse(responseCode = "400", description = "missing-parameter")
    @ApiResponse(responseCode = "404", description = "not-found")
    @ApiResponse(responseCode = "409", description = "not-ready")
    @ApiResponse(responseCode = "410", description = "gone")
    @ApiResponse(responseCode = "412", description = "precondition-failed")
    @ApiResponse(responseCode = "416", description = "range-not-satisfiable")
    @ApiResponse(responseCode = "429", description = "too-many-requests")
    void download(
            @RequestParam(required = false) @Nullable String fid,
            @AuthenticationPrincipal CurrentUser caller,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        if (fid == null || fid.isEmpty()) {
            throw new ProblemException(Problem.MISSING_PARAMETER, "Name the MP3: /download?fid=ID");
        }
        Job job = access.find(fid, caller);
        if (!caller.id().equals(job.owner().id())) {
            log.info(
                    "Download of job {} of user {} by administrator {} from {}",
                    job.id(),
                    job.owner().id(),
                    caller.id(),
                    request.getRemoteAddr());
        }
        mp3s.send(job, caller.id(), Disposition.ATTACHMENT, request, response);
    }
}
