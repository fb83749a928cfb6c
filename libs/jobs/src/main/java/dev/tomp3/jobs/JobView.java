package dev.tomp3.jobs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tomp3.jobs.Job.Status;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
        Map<String, Object> options,
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
        @JsonProperty("audio_tracks")
                @JsonInclude(JsonInclude.Include.NON_EMPTY)
                @Schema(description = "of the video, once it was converted")
                List<TrackView> audioTracks,
        @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(description = "the number of the audio track that was converted")
                @Nullable Integer track,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Schema(description = "of the MP3")
                List<ChapterView> chapters,
        @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(description = "absent when the MP3 is silent")
                @Nullable LoudnessView loudness,
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
                @Schema(description = "of the MP3, by the names of the options that set them")
                Map<String, String> tags,
        @JsonProperty("expires_at")
                @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(description = "when the MP3 of a done job will be deleted")
                @Nullable Instant expiresAt,
        @JsonInclude(JsonInclude.Include.NON_NULL)
                @Schema(
                        description =
                                "jobs before it, while it is queued; only where one job is shown")
                @Nullable Long position,
        Links links) {

    /** An audio track of the video. */
    @Schema(name = "AudioTrack")
    record TrackView(
            @Schema(minimum = "1") int number,
            @Schema(example = "aac") String codec,
            @Schema(example = "stereo") String channels,
            @Schema(
                            types = {"string", "null"},
                            description = "as the file declares it")
                    @Nullable String language,
            @Schema(types = {"string", "null"}) @Nullable String title,
            @JsonProperty("default") boolean byDefault) {
        static TrackView of(Sound.Track track) {
            return new TrackView(
                    track.number(),
                    track.codec(),
                    track.channels(),
                    track.language(),
                    track.title(),
                    track.byDefault());
        }
    }

    @Schema(name = "Chapter")
    record ChapterView(@JsonProperty("start_ms") long startMs, String title) {
        static ChapterView of(Sound.Chapter chapter) {
            return new ChapterView(chapter.startMs(), chapter.title());
        }
    }

    @Schema(name = "Loudness")
    record LoudnessView(
            @JsonProperty("measured_lufs")
                    @Schema(description = "integrated loudness (BS.1770) before the gain")
                    double lufs,
            @JsonProperty("true_peak_dbtp") @Schema(description = "before the gain")
                    double truePeak,
            @JsonProperty("gain_db") @Schema(description = "that was applied") double gain) {
        static @Nullable LoudnessView of(Sound.@Nullable Loudness loudness) {
            return loudness == null
                    ? null
                    : new LoudnessView(loudness.lufs(), loudness.truePeak(), loudness.gain());
        }
    }

    record FailureView(
            @Schema(
                            allowableValues = {
                                "not-media",
                                "no-audio-track",
                                "no-such-track",
                                "too-long",
                                "too-large",
                                "nothing-left",
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

    /** The same with when its MP3 will be deleted, if it has one, and its place in the queue. */
    public JobView with(Duration keepMp3, @Nullable Long before) {
        Instant finished = status.equals(Status.DONE.wire()) ? finishedAt : null;
        return new JobView(
                id,
                status,
                progress,
                filename,
                sizeBytes,
                receivedBytes,
                options,
                createdAt,
                startedAt,
                finishedAt,
                durationMs,
                mp3Bytes,
                attempt,
                failure,
                warnings,
                audioTracks,
                track,
                chapters,
                loudness,
                tags,
                finished == null ? null : finished.plus(keepMp3),
                before,
                links);
    }

    public static JobView of(Job job) {
        Job.Result result = job.result();
        Sound sound =
                job.status() == Status.DONE && result != null && result.sound() != null
                        ? result.sound()
                        : null;
        List<Sound.Track> tracks =
                sound == null && job.status() == Status.FAILED && job.failure() != null
                        ? job.failure().audioTracks()
                        : sound == null ? List.of() : sound.tracks();
        return new JobView(
                job.id(),
                job.status().wire(),
                job.status() == Status.DONE ? 100 : job.progress(),
                job.source().name(),
                job.source().bytes(),
                job.upload() == null ? null : job.upload().received(),
                job.options().json(),
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
                tracks.stream().map(TrackView::of).toList(),
                sound == null ? null : Integer.valueOf(sound.track()),
                sound == null ? List.of() : sound.chapters().stream().map(ChapterView::of).toList(),
                sound == null ? null : LoudnessView.of(sound.loudness()),
                sound == null ? Map.of() : sound.tags(),
                null,
                null,
                new Links(
                        "/jobs/" + job.id(),
                        job.status() == Status.DONE ? "/download?fid=" + job.id() : null));
    }
}
