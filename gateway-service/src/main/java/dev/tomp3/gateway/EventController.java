package dev.tomp3.gateway;

import dev.tomp3.platform.ApiKey.Scope;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /events}: server-sent events about the caller's jobs. */
@RestController
@Tag(name = "jobs")
class EventController {
    private final EventStreams streams;

    EventController(EventStreams streams) {
        this.streams = streams;
    }

    @RequiredScope(Scope.JOBS_READ)
    @GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(
            operationId = "followJobs",
            summary = "Follow the caller's jobs",
            description =
                    "Server-sent events: \"job\" with a job after each change, \"deleted\" with the"
                        + " id of a job that is not there any more, and \"snapshot\" with the"
                        + " newest 100 jobs as GET /jobs shows them: at the beginning, and after an"
                        + " id that is unknown or older than 55 minutes.",
            security = @SecurityRequirement(name = "bearer"))
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                            schema = @Schema(type = "string"),
                            examples =
                                    @ExampleObject(
                                            "id: 1767268800000\n"
                                                + "event: job\n"
                                                + "data:"
                                                + " {\"id\":\"665f1c2ab3d4e5f60718293a\",\"status\":\"done\"}\n\n")))
    @ApiResponse(responseCode = "429", description = "too-many-streams, too-many-requests")
    void events(
            @Parameter(
                            in = ParameterIn.HEADER,
                            description = "the id of the last event that the client has")
                    @RequestHeader(name = "Last-Event-ID", required = false)
                    @Nullable String last,
            @AuthenticationPrincipal CurrentUser caller,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, ServletException {
        response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        // nginx would keep the events until it has a buffer full
        response.setHeader("X-Accel-Buffering", "no");
        if (request.getMethod().equals("HEAD")) return;
        streams.open(
                caller.id(),
                Objects.requireNonNull(SessionCookie.token(request)),
                last,
                request,
                response);
    }
}
