package dev.tomp3.gateway;

import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * What became of the uploads: {@code /jobs}. Someone else's job is as unknown as one that never
 * was.
 */
@RestController
@Tag(name = "jobs")
@SecurityRequirement(name = "bearer")
class JobPages {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{24}");
    private static final int LONGEST_PAGE = 100;

    @Schema(name = "Jobs")
    record Page(List<JobView> items, @Schema(types = {"string", "null"}) @Nullable String next) {}

    private final Jobs jobs;
    private final Deletion deletion;

    JobPages(Jobs jobs, Deletion deletion) {
        this.jobs = jobs;
        this.deletion = deletion;
    }

    @GetMapping(path = "/jobs/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "How a job stands")
    JobView show(@PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        return JobView.of(find(id, caller));
    }

    @ApiResponse(responseCode = "200", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "malformed-request, invalid-cursor")
    @ApiResponse(responseCode = "403", description = "forbidden: the owner is somebody else")
    @GetMapping(path = "/jobs", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            summary = "One's own jobs, newest first",
            description = "Administrators may name another owner.")
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
        if (limit < 1 || limit > LONGEST_PAGE) {
            throw new ProblemException(
                    Problem.MALFORMED_REQUEST, "limit is 1 to " + LONGEST_PAGE + ".");
        }
        if (cursor != null && !ID.matcher(cursor).matches()) {
            throw new ProblemException(
                    Problem.INVALID_CURSOR, "Take the cursor from the page before, as next.");
        }
        if (owner != null && !owner.equals(caller.id()) && !caller.admin()) {
            throw new ProblemException(
                    Problem.FORBIDDEN, "Only administrators may name another owner.");
        }
        List<Job> page = jobs.list(owner == null ? caller.id() : owner, cursor, limit + 1);
        boolean more = page.size() > limit;
        List<Job> items = more ? page.subList(0, limit) : page;
        return new Page(
                items.stream().map(JobView::of).toList(), more ? items.getLast().id() : null);
    }

    @ApiResponse(responseCode = "204", description = "It is gone, also the second time")
    @DeleteMapping("/jobs/{id}")
    @Operation(summary = "Cancel a job, or delete its MP3")
    ResponseEntity<Void> delete(
            @PathVariable String id, @AuthenticationPrincipal CurrentUser caller) {
        deletion.delete(find(id, caller));
        return ResponseEntity.noContent().build();
    }

    private Job find(String id, CurrentUser caller) {
        return find(jobs, id, caller);
    }

    static Job find(Jobs jobs, String id, CurrentUser caller) {
        if (!ID.matcher(id).matches()) throw unknown();
        return jobs.find(id).filter(caller::mayTouch).orElseThrow(JobPages::unknown);
    }

    private static ProblemException unknown() {
        return new ProblemException(Problem.NOT_FOUND, "You have no job of that id.");
    }
}
