package dev.tomp3.converter.ffmpeg;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What ffmpeg printed about its input. A hostile file can make all of it untrue, so nothing here is
 * used but to choose among harmless command lines, and to refuse.
 *
 * @param container the demuxer's names, with commas
 * @param duration as the file declares it; null when it declares none
 * @param estimated that the duration was only computed from size and bit rate
 * @param title null when there is none, or none that was short enough to be printed whole
 */
public record Probe(
        String container,
        @Nullable Duration duration,
        boolean estimated,
        @Nullable String title,
        List<Audio> audio,
        List<Picture> pictures) {

    /**
     * An audio track.
     *
     * @param index among all streams of the file
     * @param sampleRate in Hz; 0 when it was not found out
     * @param layout in ffmpeg's words, as {@code stereo} or {@code 5.1(side)}
     */
    public record Audio(
            int index, String codec, int sampleRate, String layout, boolean byDefault) {}

    /** A picture that is attached, not a video. */
    public record Picture(int index, String codec) {}

    /**
     * The length that the conversion has to reach: null when the file says none, or only guesses.
     */
    public @Nullable Duration declared() {
        return estimated ? null : duration;
    }
}
