package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.CodecName;
import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Failure.Code;
import dev.tomp3.jobs.Warning;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges the runs of ffmpeg: pure functions of what ffmpeg printed and wrote, of the file's end,
 * and of the limits.
 *
 * <ol>
 *   <li>{@link #ofInput}: as soon as the input is printed, whether it may be converted.
 *   <li>{@link #ofProgress}: while ffmpeg runs, whether the result is within the limits.
 *   <li>{@link #ofExit}: when ffmpeg has ended, whether there is a result, and why not.
 *   <li>{@link #ofResult}: whether the measured MP3 is what it should be.
 * </ol>
 */
final class Judgement {
    static final Duration LENGTH_TOLERANCE = Duration.ofMillis(50);

    /** Less than this of a source that is not complete is not delivered. */
    private static final Duration LEAST = Duration.ofMillis(100);

    private static final Set<Warning.Code> INCOMPLETE =
            Set.of(Warning.Code.TRUNCATED, Warning.Code.DAMAGED);

    /** 128 plus the numbers of SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV. */
    private static final Set<Integer> CRASHES = Set.of(132, 134, 135, 136, 139);

    static final int KILLED = 137;
    private static final int FILE_SIZE_EXCEEDED = 153;

    private final Limits limits;

    Judgement(Limits limits) {
        this.limits = limits;
    }

    long maxOutput() {
        return limits.maxOutput();
    }

    Decision ofInput(Probe probe) {
        return probe.audio().isEmpty()
                ? new Decision.Fail(Code.NO_AUDIO_TRACK)
                : new Decision.Proceed();
    }

    Decision ofProgress(Duration decoded, long bytes) {
        // ffmpeg counts the encoder's padding, too; the exact length is judged at the end
        if (decoded.compareTo(limits.maxDuration().plus(TruncationCheck.TOLERANCE)) > 0)
            return new Decision.Fail(Code.TOO_LONG);
        return bytes > limits.maxOutput()
                ? new Decision.Fail(Code.TOO_LARGE)
                : new Decision.Proceed();
    }

    Decision ofExit(FinishedRun run) {
        FfmpegReport report = run.report();
        Probe probe = report.probe();
        boolean nothingWritten = report.packetsWritten() <= 0;
        // up to 5.1 its exit status is 0 when the disk is full as it closes the file
        if (report.diskFull()) return new Decision.DiskFull();
        if (run.status() != 0 && run.command().cover() != null && nothingWritten) {
            // usually the cover is not a picture
            return new Decision.Retry(run.command().withoutCover());
        }
        if (run.status() != 0 || probe == null) {
            Decision cause = causeOfFailure(run);
            if (!(cause instanceof Decision.Proceed)) return cause;
        }
        if (!nothingWritten || probe == null) return new Decision.Proceed();
        boolean broken =
                report.faults().demuxerError()
                        || report.faults().undecoded() > 0
                        || TruncationCheck.check(run, Duration.ZERO).isPresent();
        return undecodable(
                run, report.packetsRead() == 0 && !broken ? Code.NO_AUDIO_TRACK : Code.CORRUPT);
    }

    /**
     * Nothing of the track became audio: another track is tried.
     *
     * @param reason for a track that is neither encrypted nor of a codec without a decoder
     */
    private static Decision undecodable(FinishedRun run, Code reason) {
        FfmpegReport report = run.report();
        Probe probe = Objects.requireNonNull(report.probe());
        Probe.Audio track = run.command().audio(probe);
        FfmpegReport.Faults faults = report.faults();
        String unsupported = run.end().unsupported();
        if (unsupported == null && faults.noDecoder())
            unsupported =
                    faults.codec() == null ? CodecName.of(track) : CodecName.of(faults.codec());
        Failure failure = new Failure(reason);
        if (run.end().encrypted()) {
            failure = new Failure(Code.ENCRYPTED);
        } else if (unsupported != null) {
            failure = unsupported(unsupported);
        }
        boolean empty = report.packetsRead() == 0 && reason == Code.NO_AUDIO_TRACK;
        return new Decision.NextTrack(probe, track.index(), empty, failure);
    }

    private static Failure unsupported(String codec) {
        return new Failure(
                Code.UNSUPPORTED_CODEC,
                "The audio is in a format that this server cannot decode: %s.".formatted(codec));
    }

    /** Returns {@code Proceed} when ffmpeg failed only because there was no audio to convert. */
    private Decision causeOfFailure(FinishedRun run) {
        FfmpegReport report = run.report();
        if (run.bytes() >= limits.maxOutput() || run.status() == FILE_SIZE_EXCEEDED)
            return new Decision.Fail(Code.TOO_LARGE);
        if (report.outOfCpuTime()) return new Decision.Fail(Code.TIMED_OUT);
        if (run.status() == KILLED) return new Decision.Internal("ffmpeg was killed from outside");
        if (CRASHES.contains(run.status())) return new Decision.Fail(Code.CORRUPT);
        Probe probe = report.probe();
        String unsupported = run.end().unsupported();
        if (probe == null && unsupported != null)
            return new Decision.Fail(unsupported(unsupported));
        if (probe == null) {
            boolean media = report.recognized() || run.end().withinPart();
            return new Decision.Fail(media ? Code.CORRUPT : Code.NOT_MEDIA);
        }
        return report.packetsRead() == 0 ? new Decision.Proceed() : undecodable(run, Code.CORRUPT);
    }

    /**
     * Judges a result.
     *
     * @param mp3 null when the file is not an MP3, or a copy of other sound than was decoded
     */
    Decision ofResult(FinishedRun run, @Nullable Mp3File mp3) {
        TranscodeCommand command = run.command();
        FfmpegReport report = run.report();
        if (mp3 == null || report.timeline().copyBroken() || !hasEverything(run, mp3)) {
            if (command.copy()) return new Decision.Retry(command.withoutCopy());
            return new Decision.Internal(
                    mp3 == null
                            ? "ffmpeg wrote something other than an MP3"
                            : "The MP3 is not as long as what was decoded");
        }
        if (mp3.bytes() > limits.maxOutput()) return new Decision.Fail(Code.TOO_LARGE);
        if (mp3.duration().compareTo(limits.maxDuration()) > 0)
            return new Decision.Fail(Code.TOO_LONG);
        FinishedRun.Edit edit = run.edit();
        List<Warning> warnings =
                SourceWarnings.of(run, edit == null ? mp3.duration() : edit.decoded());
        boolean incomplete = warnings.stream().map(Warning::code).anyMatch(INCOMPLETE::contains);
        boolean nothing =
                (edit == null ? mp3.duration() : edit.decoded()).compareTo(LEAST) < 0
                        && (incomplete || TruncationCheck.isFaulty(run, mp3.duration()));
        if (nothing || (incomplete && run.end().encrypted())) return undecodable(run, Code.CORRUPT);
        if (incomplete && run.strict()) return new Decision.Fail(Code.CORRUPT);
        return new Decision.Deliver(mp3.bytes(), mp3.duration(), warnings);
    }

    private static boolean hasEverything(FinishedRun run, Mp3File mp3) {
        if (run.command().copy()) return mp3.frames() == run.report().packetsWritten();
        long expected = run.edit() == null ? run.report().samplesEncoded() : run.edit().samples();
        long difference = Math.abs(mp3.samples() - expected);
        return Mp3File.durationOf(difference, mp3.sampleRate()).compareTo(LENGTH_TOLERANCE) <= 0;
    }
}
