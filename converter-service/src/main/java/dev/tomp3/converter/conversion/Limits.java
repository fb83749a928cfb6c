package dev.tomp3.converter.conversion;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one conversion.
 *
 * @param maxDuration of the audio
 * @param maxOutput of the MP3, in bytes
 * @param wallClock from the start of the first ffmpeg to the last check of the MP3; also the limit
 *     of CPU time
 * @param minimum the time that every conversion may take, however short the audio is
 * @param stall how long ffmpeg may make no progress although its source can be read
 */
public record Limits(
        Duration maxDuration,
        long maxOutput,
        Duration wallClock,
        Duration minimum,
        Duration stall) {
    private static final long SLOWEST_BYTES_PER_SECOND = 1 << 20;

    Limits withMaxOutput(long bytes) {
        return new Limits(maxDuration, bytes, wallClock, minimum, stall);
    }

    /**
     * How long a conversion may take. One that needs longer than the audio lasts and a slow reading
     * of the video takes is not making progress.
     *
     * @param audio null while its length is unknown
     * @param bytes of the video
     */
    Duration wallClock(@Nullable Duration audio, long bytes) {
        if (audio == null) return wallClock;
        Duration enough = minimum.plus(audio).plusSeconds(bytes / SLOWEST_BYTES_PER_SECOND);
        return enough.compareTo(wallClock) < 0 ? enough : wallClock;
    }
}
