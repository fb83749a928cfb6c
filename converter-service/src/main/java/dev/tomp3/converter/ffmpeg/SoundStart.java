package dev.tomp3.converter.ffmpeg;

/**
 * When the sound of a recording begins.
 *
 * @param stamp of the first sample, in seconds of the source's clock
 * @param silence that belongs before it, in seconds
 */
public record SoundStart(double stamp, double silence) {
    /** The sound begins with the recording. */
    public static final SoundStart IMMEDIATE = new SoundStart(0, 0);

    /** In seconds. A codec's own delay is shorter: WMA has up to 128 ms. */
    private static final double SHORTEST_SILENCE = 0.15;

    private static final double LONGEST_SILENCE = 10;

    /**
     * The start of a sound in a recording.
     *
     * @param recording the stamp with which the recording begins, in seconds
     */
    static SoundStart of(double stamp, double recording) {
        double silence = stamp - recording;
        return silence < SHORTEST_SILENCE || silence > LONGEST_SILENCE
                ? IMMEDIATE
                : new SoundStart(stamp, silence);
    }
}
