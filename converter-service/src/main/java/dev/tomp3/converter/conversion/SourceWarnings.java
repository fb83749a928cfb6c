package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.CodecName;
import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.jobs.Warning;
import dev.tomp3.jobs.Warning.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the owner of an MP3 should know about its source. */
final class SourceWarnings {
    /** Less is lost where a recording begins or ends within a frame. */
    private static final Duration AUDIBLE = Duration.ofMillis(100);

    private SourceWarnings() {}

    /**
     * Returns the warnings of a run that made an MP3.
     *
     * @param made the length of the MP3
     */
    static List<Warning> of(FinishedRun run, Duration made) {
        List<Warning> warnings = new ArrayList<>();
        FinishedRun.Edit edit = run.edit();
        if (edit == null || !edit.ended())
            TruncationCheck.check(run, made).ifPresent(warnings::add);
        damaged(run, made).ifPresent(warnings::add);
        warnings.addAll(run.report().timeline().warnings());
        otherTrack(run.report().probe(), run.command()).ifPresent(warnings::add);
        return edit == null ? List.copyOf(warnings) : placed(warnings, edit.begin());
    }

    /** The warnings of a source with their places in an MP3 that begins later than the source. */
    private static List<Warning> placed(List<Warning> warnings, Duration begin) {
        return warnings.stream()
                .map(warning -> {
                    Long at = warning.atMs();
                    return at == null
                            ? warning
                            : new Warning(
                                    warning.code(),
                                    warning.message(),
                                    Math.max(0, at - begin.toMillis()));
                })
                .toList();
    }

    private static Optional<Warning> damaged(FinishedRun run, Duration made) {
        FfmpegReport.Faults faults = run.report().faults();
        Duration lost = lost(faults, made);
        if (lost.compareTo(AUDIBLE) < 0) {
            return run.partLost()
                    ? Optional.of(
                            new Warning(
                                    Code.DAMAGED,
                                    "A part of the recording cannot be decoded; it is left out.",
                                    null))
                    : Optional.empty();
        }
        return Optional.of(
                new Warning(
                        Code.DAMAGED,
                        "Parts of the sound are damaged: %d of %d packets could not be decoded, about %s."
                                .formatted(
                                        faults.damaged(),
                                        faults.undecoded() + faults.decoded(),
                                        TruncationCheck.seconds(lost)),
                        null));
    }

    /** How much could not be decoded; nothing when it is a single packet. */
    private static Duration lost(FfmpegReport.Faults faults, Duration made) {
        return faults.decoded() == 0 || faults.damaged() < 2
                ? Duration.ZERO
                : Duration.ofMillis(
                        Math.round((double) made.toMillis() / faults.decoded() * faults.damaged()));
    }

    private static Optional<Warning> otherTrack(@Nullable Probe probe, TranscodeCommand command) {
        if (probe == null) return Optional.empty();
        return probe.audio().stream()
                .filter(track -> command.passedOver().contains(track.index()))
                .findFirst()
                .map(missed ->
                        new Warning(
                                Code.OTHER_TRACK,
                                "Track %d (%s) cannot be decoded; track %d was taken."
                                        .formatted(
                                                number(probe, missed),
                                                CodecName.of(missed),
                                                number(probe, command.audio(probe))),
                                null));
    }

    private static int number(Probe probe, Probe.Audio track) {
        return probe.audio().indexOf(track) + 1;
    }
}
