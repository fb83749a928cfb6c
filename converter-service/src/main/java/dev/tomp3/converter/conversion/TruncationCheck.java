package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.jobs.Warning;
import dev.tomp3.jobs.media.MediaFormat;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a file ends before it should. A declared length alone proves nothing: it may be a
 * placeholder, a lie, or the length of the pictures. So a file is truncated when it ends within
 * something that it has begun, or when it is shorter than declared and shows another sign of that.
 */
final class TruncationCheck {
    static final Duration TOLERANCE = Duration.ofSeconds(1);

    /** A declared length beyond this is no length. */
    private static final Duration LONGEST = Duration.ofDays(2);

    private static final Set<MediaFormat> LENGTH_OF_SOMETHING_ELSE =
            EnumSet.of(MediaFormat.MP4, MediaFormat.MPEG_TS, MediaFormat.MPEG_PS);

    private TruncationCheck() {}

    /**
     * Returns a warning when the file is truncated.
     *
     * @param made the length of the audio that was made of it
     */
    static Optional<Warning> check(FinishedRun run, Duration made) {
        Probe probe = run.report().probe();
        if (probe == null) return Optional.empty();
        Duration declared = declared(probe, run.end(), made);
        @Nullable Duration missed =
                declared == null || declared.minus(TOLERANCE).compareTo(made) <= 0
                        ? null
                        : declared;
        if (endsWithinAPart(probe, run, declared == null || missed != null))
            return warning(made, missed);
        return missed != null && missed.compareTo(LONGEST) < 0 && isCredible(probe, run)
                ? warning(made, missed)
                : Optional.empty();
    }

    /** Whether anything at all is wrong with a file of which next to nothing was made. */
    static boolean isFaulty(FinishedRun run, Duration made) {
        FfmpegReport.Faults faults = run.report().faults();
        Probe probe = run.report().probe();
        @Nullable Duration declared = probe == null ? null : probe.declared();
        return faults.damaged() > 0
                || faults.demuxerError()
                || (declared != null && declared.minus(TOLERANCE).compareTo(made) > 0);
    }

    private static Optional<Warning> warning(Duration made, @Nullable Duration declared) {
        String message =
                declared == null
                        ? "The file is cut off after %s of sound.".formatted(seconds(made))
                        : "The file should have %s of sound, but has only %s."
                                .formatted(seconds(declared), seconds(made));
        return Optional.of(new Warning(Warning.Code.TRUNCATED, message, made.toMillis()));
    }

    /**
     * Whether a file ends within a packet, page or tag that it has begun. ffmpeg notices it in MP4
     * and Matroska; a format that is a stream (MPEG, raw AAC) may end anywhere.
     */
    private static boolean endsWithinAPart(Probe probe, FinishedRun run, boolean mayBeShort) {
        return switch (probe.format().orElse(null)) {
            case OGG -> run.end().withinPart();
            case FLV -> run.end().withinPart() && mayBeShort;
            case MATROSKA -> run.report().endsWithinPacket() && mayBeShort;
            case MP4 -> run.report().endsWithinPacket();
            case null, default -> false;
        };
    }

    /**
     * The length that the file should have. ffmpeg measures a RIFF file, and a truncated ASF file,
     * by the bytes that are there; their headers say how many there should be.
     */
    private static @Nullable Duration declared(Probe probe, SourceEnd end, Duration made) {
        double share = end.declaredShare();
        Duration measured =
                probe.format().equals(Optional.of(MediaFormat.ASF)) ? made : probe.duration();
        return share > 1 && measured != null
                ? Duration.ofMillis(Math.round(measured.toMillis() * share))
                : probe.declared();
    }

    /**
     * Whether a declared length that the sound does not reach is the truth about the sound. MP4
     * says of each packet where it is, so that the packets that are there are all; MPEG streams
     * declare none, and what ffmpeg prints is the distance of two clocks; FLV takes its length from
     * a head that is often stale.
     */
    private static boolean isCredible(Probe probe, FinishedRun run) {
        FfmpegReport.Faults faults = run.report().faults();
        MediaFormat format = probe.format().orElse(null);
        if (format == null || LENGTH_OF_SOMETHING_ELSE.contains(format)) return false;
        if (run.report().timeline().firstJump() != null) return false;
        if (run.end().declaredShare() > 1 || faults.demuxerError() || faults.incomplete() > 0)
            return true;
        return !probe.video() && probe.audio().size() == 1 && format != MediaFormat.FLV;
    }

    /** A length for people. */
    static String seconds(Duration length) {
        return "%.1f s".formatted(length.toMillis() / 1000.0);
    }
}
