package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobView;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.ApiKey.Scope;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code /jobs}: the state of a user's jobs, and their deletion. */
@RestController
@Tag(name = "jobs")
@SecurityRequirement(name = "bearer")
class JobController {
    private static final int MAX_PAGE = 100;

    @Schema(name = "Jobs")
    record Page(List<JobView> items, @Schema(types = {"string", "null"}) @Nullable String next) {
        /** The first jobs of a list that may have more. */
        static Page of(List<Job> jobs, int limit, Function<Job, JobView> view) {
            boolean more = jobs.size() > limit;
            List<Job> items = more ? jobs.subList(0, limit) : jobs;
            return new Page(items.stream().map(view).toList(), more ? items.getLast().id() : null);
        }
    }

    private final Jobs jobs;
    private final JobAccess access;
    private final JobDeletion deletion;
    private final JobWaiting waiting;
    private final JobViews views;

    JobController(
            Jobs jobs, JobAccess access, JobDeletion deletion, JobWaiting waiting, JobViews views) {
        this.jobs = jobs;
        this.access = access;
        this.deletion = deletion;
        this.waiting = waiting;
        this.views = views;
    }

    @ApiResponse(
            responseCode = "200",
            headers =
                    @Header(
                            name = "Preference-Applied",
                            schema = @Schema(type = "string"),
                            description = "wait=N, if the client preferred to wait"),
            content = @Content(schema = @Schema(implementation = JobView.class)))
    @RequiredScope(Scope.JOBS_READ)
    @GetMapping(path = "/jobs/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "showJob",
            summary = "Show a job",
            parameters =
                    @Parameter(
                            name = "Prefer",
                            in = ParameterIn.HEADER,
                            schema = @Schema(type = "string", example = "wait=60"),
                            description =
                                    "wait=N: answer when the job is settled (done, failed,"
                                            + " cancelled or expired), or after N seconds, at most"
                                            + " 300"))
    Object show(
            @PathVariable String id,
            @AuthenticationPrincipal CurrentUser caller,
            HttpServletRequest request,
            HttpServletResponse response) {
        Function<Job, ResponseEntity<JobView>> shown = this::shown;
        return waiting.answer(
                access.find(id, caller), caller.id(), request, response, shown, shown);
    }

    private ResponseEntity<JobView> shown(Job job) {
        return ResponseEntity.ok(views.withPosition(job));
    }

    @ApiResponse(responseCode = "200", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-cursor")
    @ApiResponse(responseCode = "403", description = "forbidden: another owner")
    @RequiredScope(Scope.JOBS_READ)
    @GetMapping(path = "/jobs", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "listJobs",
            summary = "List jobs, newest first",
            description = "The caller's own jobs; administrators may name another owner.")
    Page list(
            @Parameter(
                            schema =
                                    @Schema(
                                            type = "integer",
                                            minimum = "1",
                                            maximum = "100",
                                            defaultValue = "20"))
                    @RequestParam(defaultValue = "20")
                    int limit,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable String owner,
            @AuthenticationPrincipal CurrentUser caller) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "limit is 1 to " + MAX_PAGE + ".");
        }
        if (cursor != null && !JobAccess.isId(cursor)) {
            throw new ProblemException(
                    Problem.INVALID_CURSOR,
                    "Take the cursor from the field next of the previous page.");
        }
        if (owner != null && !owner.equals(caller.id()) && !caller.admin()) {
            throw new ProblemException(
                    Problem.FORBIDDEN, "Only administrators may name another owner.");
        }
        List<Job> found = jobs.list(owner == null ? caller.id() : owner, cursor, limit + 1);
        return Page.of(found, limit, views::of);
    }

    @ApiResponse(responseCode = "204", description = "The job is deleted, also the second time")
    @RequiredScope(Scope.JOBS_WRITE)
    @DeleteMapping("/jobs/{id}")
    @Operation(
            operationId = "deleteJob",
            summary = "Cancel a job, or delete its MP3",
            description = "A running upload ends with the problem upload-cancelled.")
    ResponseEntity<Void> delete(
            @PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        deletion.delete(access.find(id, caller), caller.id());
        return ResponseEntity.noContent().build();
    }
}
