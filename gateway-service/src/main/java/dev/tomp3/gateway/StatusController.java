package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.Backlog;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.JobProperties;
import dev.tomp3.jobs.Jobs;
import dev.tomp3.jobs.media.MediaStoreDependency;
import dev.tomp3.platform.Problem;
import dev.tomp3.platform.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.security.SecurityRequirement;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /status}: what administrators should know about the system. */
@RestController
@Tag(name = "administration")
class StatusController {
    private static final int MAX_OWNERS = 20;

    private final Jobs jobs;
    private final Backlog backlog;
    private final MediaStoreDependency media;
    private final Retention retention;
    private final Limits limits;

    StatusController(
            Jobs jobs,
            Backlog backlog,
            MediaStoreDependency media,
            GatewayProperties properties,
            JobProperties jobProperties) {
        this.jobs = jobs;
        this.backlog = backlog;
        this.media = media;
        JobProperties.Keep keep = jobProperties.keep();
        this.retention =
                new Retention(
                        keep.upload().toSeconds(),
                        keep.video().toSeconds(),
                        keep.mp3().toSeconds(),
                        keep.job().toSeconds());
        this.limits =
                new Limits(
                        properties.maxUpload().toBytes(),
                        properties.maxDuration().toSeconds(),
                        limit(properties.maxStoredPerUser().toBytes()),
                        limit(properties.maxQueuedPerUser()),
                        limit(jobProperties.maxConcurrentJobsPerUser()),
                        limit(properties.maxOpenUploadsPerUser()),
                        limit(properties.maxTransfersPerUser()),
                        limit(properties.maxRequestsPerMinute()));
    }

    private static @Nullable Long limit(long value) {
        return value == 0 ? null : value;
    }

    record Status(
            Counts jobs,
            @Schema(description = "the 20 owners with the most jobs that are not settled")
                    List<OwnerLoad> owners,
            @Schema(description = "the workers that hold a job") List<Worker> workers,
            Disk disk,
            Retention retention,
            Limits limits) {}

    @Schema(description = "capped at 100,000 each")
    record Counts(
            long uploading,
            long queued,
            long converting,
            @JsonProperty("oldest_queued_at")
                    @Schema(
                            types = {"string", "null"},
                            format = "date-time")
                    @Nullable Instant oldestQueuedAt) {}

    record OwnerLoad(
            @Schema(example = "0b0c5b1e-6c1f-4d1a-9a44-0a2f6b8f4e11") String id,
            @Schema(example = "ann@example.org") String email,
            long uploading,
            long queued,
            long converting) {
        static OwnerLoad of(Backlog.Share share) {
            return new OwnerLoad(
                    share.owner().id(),
                    share.owner().email(),
                    share.uploading(),
                    share.queued(),
                    share.converting());
        }
    }

    record Worker(
            @Schema(description = "of its lease; another one for each job") String id,
            @Schema(example = "665f1c2ab3d4e5f60718293a") String job,
            @Schema(example = "ann@example.org") String owner,
            @Schema(description = "per cent", minimum = "0", maximum = "100") int progress,
            @JsonProperty("started_at")
                    @Schema(
                            types = {"string", "null"},
                            format = "date-time")
                    @Nullable Instant startedAt) {
        static Worker of(Job job) {
            return new Worker(
                    Objects.requireNonNull(job.lease()).worker(),
                    job.id(),
                    job.owner().email(),
                    job.progress(),
                    job.startedAt());
        }
    }

    @Schema(description = "of the media store; null while it does not answer")
    record Disk(
            @JsonProperty("free_bytes")
                    @Schema(
                            types = {"integer", "null"},
                            format = "int64")
                    @Nullable Long freeBytes,
            @JsonProperty("total_bytes")
                    @Schema(
                            types = {"integer", "null"},
                            format = "int64")
                    @Nullable Long totalBytes) {
        static Disk of(double free, double total) {
            return new Disk(bytes(free), bytes(total));
        }

        private static @Nullable Long bytes(double value) {
            return Double.isNaN(value) ? null : (long) value;
        }
    }

    record Retention(
            @JsonProperty("upload_seconds") long uploadSeconds,
            @JsonProperty("video_seconds") long videoSeconds,
            @JsonProperty("mp3_seconds") long mp3Seconds,
            @JsonProperty("job_seconds") long jobSeconds) {}

    @Schema(name = "LimitsInForce", description = "null: no limit")
    record Limits(
            @JsonProperty("upload_bytes") long uploadBytes,
            @JsonProperty("duration_seconds") long durationSeconds,
            @JsonProperty("stored_bytes_per_user")
                    @Schema(
                            types = {"integer", "null"},
                            format = "int64")
                    @Nullable Long storedBytesPerUser,
            @JsonProperty("waiting_jobs_per_user") @Schema(types = {"integer", "null"})
                    @Nullable Long waitingJobsPerUser,
            @JsonProperty("converting_jobs_per_user") @Schema(types = {"integer", "null"})
                    @Nullable Long convertingJobsPerUser,
            @JsonProperty("open_uploads_per_user") @Schema(types = {"integer", "null"})
                    @Nullable Long openUploadsPerUser,
            @JsonProperty("transfers_per_user") @Schema(types = {"integer", "null"})
                    @Nullable Long transfersPerUser,
            @JsonProperty("requests_per_minute_per_user") @Schema(types = {"integer", "null"})
                    @Nullable Long requestsPerMinutePerUser) {}

    @GetMapping(path = "/status", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(
            operationId = "showStatus",
            summary = "Show the state of the system",
            description = "For administrators: the queue, busy workers, disk, retention, limits.",
            security = @SecurityRequirement(name = ApiDescription.BEARER))
    @ApiResponse(responseCode = "200", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "403", description = "forbidden: not an administrator")
    Status status(@AuthenticationPrincipal CurrentUser caller) {
        if (!caller.admin()) throw new ProblemException(Problem.FORBIDDEN);
        Jobs.Load load = jobs.load();
        return new Status(
                new Counts(load.uploading(), load.queued(), load.converting(), load.oldest()),
                backlog.shares(MAX_OWNERS).stream().map(OwnerLoad::of).toList(),
                backlog.held().stream()
                        .map(Worker::of)
                        .sorted(Comparator.comparing(Worker::job))
                        .toList(),
                Disk.of(media.diskSpace().free(), media.diskSpace().total()),
                retention,
                limits);
    }
}
