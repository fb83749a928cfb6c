package dev.tomp3.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.Job.Status;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job as its owner sees it: in answers of the gateway and in webhooks. */
@Schema(name = "Job")
public record JobView(
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
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
                @Schema(
                        description =
                                "what the owner of a done job should know about its MP3; absent"
                                        + " when there is nothing")
                List<WarningView> warnings,
        Links links) {

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record OptionsView(
            @Nullable Integer bitrate,
            @Nullable Integer quality,
            boolean mono,
            @JsonProperty("sample_rate") @Nullable Integer sampleRate,
            @Schema(allowableValues = {"keep", "fail"}) String damaged) {
        static OptionsView of(Options options) {
            return new OptionsView(
                    options.quality() == null ? options.effectiveBitrate() : null,
                    options.quality(),
                    options.mono(),
                    options.sampleRate(),
                    options.strict() ? "fail" : "keep");
        }
    }

    record FailureView(
            @Schema(
                            allowableValues = {
                                "not-media",
                                "no-audio-track",
                                "too-long",
                                "too-large",
                                "corrupt",
                                "encrypted",
                                "unsupported-codec",
                                "timed-out",
                                "internal"
                            })
                    String code,
            @Schema(description = "for people, in English") String message) {}

    @Schema(name = "Warning")
    record WarningView(
            @Schema(
                            allowableValues = {
                                "truncated",
                                "damaged",
                                "gaps-filled",
                                "discontinuity",
                                "other-track"
                            })
                    String code,
            @Schema(description = "for people, in English") String message,
            @JsonProperty("at_ms")
                    @Schema(
                            types = {"integer", "null"},
                            format = "int64",
                            description = "where in the MP3 it begins; null when it has no place")
                    @Nullable Long atMs) {
        static WarningView of(Warning warning) {
            return new WarningView(warning.code().wire(), warning.message(), warning.atMs());
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Links(String self, @Nullable String download) {}

    public static JobView of(Job job) {
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
                job.status() == Status.DONE && result != null
                        ? result.warnings().stream().map(WarningView::of).toList()
                        : List.of(),
                new Links(
                        "/jobs/" + job.id(),
                        job.status() == Status.DONE ? "/download?fid=" + job.id() : null));
    }
}
