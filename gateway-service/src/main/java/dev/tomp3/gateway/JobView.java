package dev.tomp3.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.Job.Status;
import dev.tomp3.jobs.Options;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A job as its owner sees it. */
@Schema(name = "Job")
record JobView(
        @Schema(
                        description = "24 hexadecimal digits",
                        pattern = "[0-9a-f]{24}",
                        example = "665f1c2ab3d4e5f60718293a")
                String id,
        @Schema(
                        allowableValues = {
                            "uploading",
                            "queued",
                            "converting",
                            "done",
                            "failed",
                            "cancelled",
                            "expired"
                        })
                String status,
        @Schema(description = "per cent", minimum = "0", maximum = "100") int progress,
        String filename,
        @JsonProperty("size_bytes")
                @Schema(description = "while uploading the length of the request, 0 if unknown")
                long sizeBytes,
        @JsonProperty("received_bytes")
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(description = "while uploading, a few seconds old")
                @Nullable Long receivedBytes,
        OptionsView options,
        @JsonProperty("created_at") Instant createdAt,
        @JsonProperty("started_at")
                @Schema(
                        types = {"string", "null"},
                        format = "date-time")
                @Nullable Instant startedAt,
        @JsonProperty("finished_at")
                @Schema(
                        types = {"string", "null"},
                        format = "date-time")
                @Nullable Instant finishedAt,
        @JsonProperty("duration_ms")
                @Schema(
                        types = {"integer", "null"},
                        format = "int64")
                @Nullable Long durationMs,
        @JsonProperty("mp3_bytes")
                @Schema(
                        types = {"integer", "null"},
                        format = "int64")
                @Nullable Long mp3Bytes,
        int attempt,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable FailureView failure,
        Links links) {

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record OptionsView(
            @Nullable Integer bitrate,
            @Nullable Integer quality,
            boolean mono,
            @JsonProperty("sample_rate") @Nullable Integer sampleRate) {
        static OptionsView of(Options options) {
            return new OptionsView(
                    options.quality() == null ? options.effectiveBitrate() : null,
                    options.quality(),
                    options.mono(),
                    options.sampleRate());
        }
    }

    record FailureView(String code, String message) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Links(String self, @Nullable String download) {}

    static JobView of(Job job) {
        Job.Result result = job.result();
        return new JobView(
                job.id(),
                job.status().wire(),
                job.status() == Status.DONE ? 100 : job.progress(),
                job.source().name(),
                job.source().bytes(),
                job.upload() == null ? null : job.upload().received(),
                OptionsView.of(job.options()),
                job.createdAt(),
                job.startedAt(),
                job.finishedAt(),
                result == null ? null : result.durationMs(),
                result == null ? null : result.bytes(),
                job.attempt(),
                job.status() == Status.FAILED && job.failure() != null
                        ? new FailureView(job.failure().code().wire(), job.failure().message())
                        : null,
                new Links(
                        "/jobs/" + job.id(),
                        job.status() == Status.DONE ? "/download?fid=" + job.id() : null));
    }
}
