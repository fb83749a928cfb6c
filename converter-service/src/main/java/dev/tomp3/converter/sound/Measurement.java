package dev.tomp3.converter.sound;

import dev.tomp3.jobs.Sound;
import org.jspecify.annotations.Nullable;

/**
 * How loud a sound is.
 *
 * @param lufs integrated loudness (BS.1770-4); null for silence
 * @param peak the true peak, 1 for full scale
 */
public record Measurement(@Nullable Double lufs, double peak) {
    /** Of ReplayGain 2.0, in LUFS. */
    private static final double REFERENCE = -18;

    private static final double LOWEST_PEAK = 1e-6;

    /** The gain in dB that a player applies (ReplayGain 2.0); 0 for silence. */
    public double replayGain() {
        return lufs == null ? 0 : REFERENCE - lufs;
    }

    /** The true peak in dB of full scale. */
    double truePeak() {
        return 20 * Math.log10(Math.max(LOWEST_PEAK, peak));
    }

    /**
     * What the user is told; null for silence.
     *
     * @param gain in dB that was applied to what was measured
     */
    public Sound.@Nullable Loudness told(double gain) {
        return lufs == null
                ? null
                : new Sound.Loudness(rounded(lufs), rounded(truePeak()), rounded(gain));
    }

    private static double rounded(double decibels) {
        return Math.round(decibels * 100) / 100.0;
    }
}
