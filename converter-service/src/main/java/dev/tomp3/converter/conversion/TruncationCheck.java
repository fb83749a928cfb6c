package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.media.MediaFormat;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a file ends before it should. This is the only place that compares the audio with
 * what a file declares; a file that fails here is {@code corrupt}, although its audio was decoded.
 */
final class TruncationCheck {
    static final Duration TOLERANCE = Duration.ofSeconds(1);

    private TruncationCheck() {}

    /**
     * Returns the decision that holds for a complete file, or one that says that the file is
     * truncated.
     *
     * @param decoded the length of the audio that was decoded
     */
    static Decision check(
            Probe probe,
            FfmpegReport report,
            SourceEnd end,
            Duration decoded,
            Decision whenComplete) {
        if (isCutWithinAPart(probe, report, end)) return new Decision.Fail(Failure.Code.CORRUPT);
        Duration declared = declared(probe, end, decoded);
        if (declared == null) return whenComplete;
        Duration needed = declared.minus(TOLERANCE);
        return needed.compareTo(decoded) <= 0
                ? whenComplete
                : new Decision.CorruptUnlessReached(needed, whenComplete);
    }

    /**
     * Whether a file that declares no duration ends within a packet or page. A format that is a
     * stream (MPEG, raw AAC) may end anywhere.
     */
    private static boolean isCutWithinAPart(Probe probe, FfmpegReport report, SourceEnd end) {
        Optional<MediaFormat> format = probe.format();
        if (format.isEmpty()) return false;
        return switch (format.get()) {
            case OGG -> end.withinOggPage();
            case MATROSKA -> report.endsWithinPacket() && probe.declared() == null;
            case MP4 -> report.endsWithinPacket() && end.fragmented();
            default -> false;
        };
    }

    /**
     * The length that the file should have. ffmpeg measures a RIFF file, and a truncated ASF file,
     * by the bytes that are there; their headers say how many there should be.
     */
    private static @Nullable Duration declared(Probe probe, SourceEnd end, Duration decoded) {
        Duration duration = probe.duration();
        double share = end.declaredShare();
        if (share > 1 && probe.format().equals(Optional.of(MediaFormat.ASF)))
            return Duration.ofMillis(Math.round(decoded.toNanos() / 1e6 * share));
        if (share > 1 && duration != null)
            return Duration.ofMillis(Math.round(duration.toMillis() * share));
        return probe.declared();
    }
}
