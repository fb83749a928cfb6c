package dev.tomp3.converter.conversion;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one conversion may cost.
 *
 * @param maxDuration of the audio
 * @param maxOutput of the MP3, in bytes
 * @param wallClock at most, from the first ffmpeg's start to the MP3's last check; as much CPU
 *     time, too
 * @param least what every conversion may take, however short
 * @param stall how long nothing may move although the source can be read
 */
public record Limits(
        Duration maxDuration, long maxOutput, Duration wallClock, Duration least, Duration stall) {
    private static final long SLOWEST_BYTES_A_SECOND = 1 << 20;

    /**
     * How long a conversion may take: whoever needs longer than the audio lasts, and than reading
     * the video slowly takes, does not get on.
     *
     * @param audio null while its length is not known
     * @param bytes of the video
     */
    public Duration wallClock(@Nullable Duration audio, long bytes) {
        if (audio == null) return wallClock;
        Duration enough = least.plus(audio).plusSeconds(bytes / SLOWEST_BYTES_A_SECOND);
        return enough.compareTo(wallClock) < 0 ? enough : wallClock;
    }
}
