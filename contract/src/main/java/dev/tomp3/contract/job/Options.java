package dev.tomp3.contract.job;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants the MP3 to be; {@code null} is "not said". Only what MPEG-1, MPEG-2 and
 * MPEG-2.5 Layer III can hold (ISO/IEC 11172-3 and 13818-3) passes {@link #objection()}.
 *
 * @param bitrate constant bit rate in kbit/s, 32 to 320
 * @param quality variable bit rate, 0 (best) to 9, as LAME's -V
 * @param mono one channel instead of the source's one or two
 * @param sampleRate in Hz
 */
public record Options(
        @Nullable Integer bitrate,
        @Nullable Integer quality,
        boolean mono,
        @Nullable Integer sampleRate) {
    /**
     * Nothing said: {@value #DEFAULT_BITRATE} kbit/s, or the source's own frames when it is MP3
     * already.
     */
    public static final Options NONE = new Options(null, null, false, null);

    public static final int DEFAULT_BITRATE = 192;

    private static final List<Integer> MPEG1_RATES = List.of(32_000, 44_100, 48_000);
    private static final List<Integer> MPEG2_RATES =
            List.of(8_000, 11_025, 12_000, 16_000, 22_050, 24_000);
    private static final List<Integer> MPEG1_BITRATES =
            List.of(32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320);
    private static final List<Integer> MPEG2_BITRATES =
            List.of(32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160);

    /** True when nothing was asked for, so that audio which is MP3 already can stay as it is. */
    public boolean asItIs() {
        return equals(NONE);
    }

    /** The constant bit rate in kbit/s that holds when no quality was asked for. */
    public int effectiveBitrate() {
        return bitrate == null ? DEFAULT_BITRATE : bitrate;
    }

    /**
     * The sample rate in Hz to encode at: the one asked for, else the legal one nearest to the
     * source's, the higher of two that are as near.
     */
    public int sampleRateFor(int sourceRate) {
        if (sampleRate != null) return sampleRate;
        int nearest = 0;
        for (int rate : legalRates()) {
            if (nearest == 0 || Math.abs(rate - sourceRate) <= Math.abs(nearest - sourceRate))
                nearest = rate;
        }
        return nearest;
    }

    /** What is wrong with the combination, with the legal ones named; null when nothing is. */
    public @Nullable String objection() {
        if (bitrate != null && quality != null) {
            return "Give bitrate (constant) or quality (variable), not both.";
        }
        if (quality != null && (quality < 0 || quality > 9)) {
            return "quality is 0 (best) to 9.";
        }
        if (bitrate != null
                && !MPEG1_BITRATES.contains(bitrate)
                && !MPEG2_BITRATES.contains(bitrate)) {
            return "bitrate is one of " + MPEG1_BITRATES + " kbit/s, or 144 at 24000 Hz and below.";
        }
        if (sampleRate != null
                && !MPEG1_RATES.contains(sampleRate)
                && !MPEG2_RATES.contains(sampleRate)) {
            return "sample_rate is one of " + MPEG2_RATES + " or " + MPEG1_RATES + " Hz.";
        }
        if (sampleRate != null && !legalRates().contains(sampleRate)) {
            boolean mpeg1 = MPEG1_RATES.contains(sampleRate);
            return "%d kbit/s is not possible at %d Hz; there it is one of %s."
                    .formatted(
                            effectiveBitrate(),
                            sampleRate,
                            mpeg1 ? MPEG1_BITRATES : MPEG2_BITRATES);
        }
        return null;
    }

    private SortedSet<Integer> legalRates() {
        SortedSet<Integer> rates = new TreeSet<>();
        if (quality != null || MPEG1_BITRATES.contains(effectiveBitrate()))
            rates.addAll(MPEG1_RATES);
        if (quality != null || MPEG2_BITRATES.contains(effectiveBitrate()))
            rates.addAll(MPEG2_RATES);
        return rates;
    }
}
