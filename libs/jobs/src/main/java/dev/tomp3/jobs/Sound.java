package dev.tomp3.jobs;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the sound of an MP3 and of its source.
 *
 * @param tracks the audio tracks of the source
 * @param track the number of the one that was converted, from 1
 * @param loudness null when nothing but silence was measured, or nothing at all
 * @param tags of the MP3, by the name of the option that sets each
 */
public record Sound(
        List<Track> tracks,
        int track,
        List<Chapter> chapters,
        @Nullable Loudness loudness,
        Map<String, String> tags) {

    /**
     * An audio track of a source.
     *
     * @param number from 1
     * @param codec ffmpeg's name
     * @param channels the layout, as ffmpeg names it
     * @param language as the file declares it; null when it declares none
     * @param byDefault whether the file marks it as its default track
     */
    public record Track(
            int number,
            String codec,
            String channels,
            @Nullable String language,
            @Nullable String title,
            boolean byDefault) {}

    /** A chapter of the MP3, which lasts until the next one or the end. */
    public record Chapter(long startMs, String title) {}

    /**
     * How loud the sound was before the gain.
     *
     * @param lufs integrated loudness (BS.1770-4)
     * @param truePeak in dB of full scale
     * @param gain in dB that was applied
     */
    public record Loudness(double lufs, double truePeak, double gain) {}
}
