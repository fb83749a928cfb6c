package dev.tomp3.converter.conversion;

import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Job;
import dev.tomp3.jobs.media.MediaFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much audio each of several encoders gets. The start of an encoder takes as long as it encodes
 * some seconds, and the work is unevenly shared when there are few segments.
 */
final class SegmentLength {
    /** Shorter audio is encoded by one process. */
    private static final Duration LONG = Duration.ofMinutes(2);

    private static final int SEGMENTS = 16;
    private static final Duration SHORTEST = Duration.ofSeconds(75);
    private static final Duration LONGEST = Duration.ofMinutes(3);
    private static final Duration OF_UNKNOWN_LENGTH = Duration.ofMinutes(2);

    private SegmentLength() {}

    /**
     * Chooses the length of the segments; null when one process does everything. The answer is the
     * same for an upload as for the complete file: it depends on a declared length only in formats
     * that declare it at the beginning.
     */
    static @Nullable Duration of(Probe probe, Source source) throws IOException {
        Duration declared = probe.declared();
        Optional<MediaFormat> format = probe.format();
        boolean large = source.bytes() >= Job.EARLY_CLAIM_BYTES;
        if (declared == null
                || !format.map(MediaFormat::declaresLengthFirst).orElse(false)
                || (large
                        && format.equals(Optional.of(MediaFormat.MP4))
                        && SourceEnd.isFragmented(source))) {
            return large ? OF_UNKNOWN_LENGTH : null;
        }
        if (declared.compareTo(LONG) < 0) return null;
        return Duration.ofSeconds(
                Math.clamp(
                        declared.toSeconds() / SEGMENTS,
                        SHORTEST.toSeconds(),
                        LONGEST.toSeconds()));
    }
}
