package dev.tomp3.converter.mp3;

import java.time.Duration;

/**
 * Decoded audio, interleaved floats, that is encoded in segments.
 *
 * @param framesPerSegment MP3 frames in a segment, a multiple of {@link #WARM_UP_FRAMES}
 */
public record SegmentFormat(int sampleRate, int channels, int framesPerSegment) {
    /**
     * After this many frames the state of an encoder no longer depends on the audio before them. It
     * is also the period of the padding pattern of a constant bit rate.
     */
    static final int WARM_UP_FRAMES = 49;

    /** Longer than any audio. */
    private static final int ALL_FRAMES = 40_000_000 * WARM_UP_FRAMES;

    /** Rounds a segment's length up to a number of frames. */
    public SegmentFormat(int sampleRate, int channels, Duration segment) {
        this(sampleRate, channels, frames(sampleRate, segment));
    }

    /** All audio in one segment. */
    public static SegmentFormat whole(int sampleRate, int channels) {
        return new SegmentFormat(sampleRate, channels, ALL_FRAMES);
    }

    /** Whether there is only one segment: its encoder may use the bit reservoir. */
    public boolean isWhole() {
        return framesPerSegment == ALL_FRAMES;
    }

    int bytesPerSample() {
        return Float.BYTES * channels;
    }

    int samplesPerFrame() {
        return samplesPerFrame(sampleRate);
    }

    private static int samplesPerFrame(int sampleRate) {
        return sampleRate < 32_000 ? 576 : 1152;
    }

    private static int frames(int sampleRate, Duration segment) {
        long frames = segment.toSeconds() * sampleRate / samplesPerFrame(sampleRate);
        return Math.toIntExact((frames / WARM_UP_FRAMES + 1) * WARM_UP_FRAMES);
    }
}
