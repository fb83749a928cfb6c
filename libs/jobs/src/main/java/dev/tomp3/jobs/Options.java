package dev.tomp3.jobs;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the user wants the MP3 to be; {@code null} is "not said". Only what Layer III can hold and
 * LAME encodes passes {@link #objection()}: MPEG-1 (ISO/IEC 11172-3), MPEG-2 (13818-3), and
 * MPEG-2.5, which LAME ends at 64 kbit/s.
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
    /** Nothing said: 192 kbit/s, or the source's own frames when it is MP3 already. */
    public static final Options NONE = new Options(null, null, false, null);

    private static final int DEFAULT_BITRATE = 192;

    private record Version(List<Integer> rates, List<Integer> bitrates) {}

    private static final List<Version> VERSIONS =
            List.of(
                    new Version(
                            List.of(32_000, 44_100, 48_000),
                            List.of(32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)),
                    new Version(
                            List.of(16_000, 22_050, 24_000),
                            List.of(32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)),
                    new Version(List.of(8_000, 11_025, 12_000), List.of(32, 40, 48, 56, 64)));

    /** True when nothing was asked for, so that audio which is MP3 already can stay as it is. */
    public boolean asItIs() {
        return equals(NONE);
    }

    /**
     * The constant bit rate in kbit/s that holds when no quality was asked for: the one asked for,
     * else 192, or the highest that the asked sample rate allows.
     */
    public int effectiveBitrate() {
        if (bitrate != null) return bitrate;
        if (sampleRate == null) return DEFAULT_BITRATE;
        return VERSIONS.stream()
                .filter(version -> version.rates.contains(sampleRate))
                .mapToInt(version -> Math.min(DEFAULT_BITRATE, version.bitrates.getLast()))
                .findFirst()
                .orElse(DEFAULT_BITRATE);
    }

    /**
     * The sample rate in Hz to encode at: the one asked for, else the legal one nearest to the
     * source's, the higher of two that are as near.
     */
    public int sampleRateFor(int sourceRate) {
        if (sampleRate != null) return sampleRate;
        return legalRates().stream()
                .reduce((a, b) -> Math.abs(b - sourceRate) <= Math.abs(a - sourceRate) ? b : a)
                .orElseThrow();
    }

    /** What is wrong with the combination, with the legal ones named; null when nothing is. */
    public @Nullable String objection() {
        if (bitrate != null && quality != null) {
            return "Give bitrate (constant) or quality (variable), not both.";
        }
        if (quality != null && (quality < 0 || quality > 9)) {
            return "quality is 0 (best) to 9.";
        }
        boolean bitrateExists =
                bitrate == null
                        || VERSIONS.stream()
                                .anyMatch(version -> version.bitrates.contains(bitrate));
        boolean rateExists =
                sampleRate == null
                        || VERSIONS.stream()
                                .anyMatch(version -> version.rates.contains(sampleRate));
        if (bitrateExists
                && rateExists
                && (sampleRate == null || legalRates().contains(sampleRate))) return null;
        return "That bitrate and sample_rate do not go together. Legal are: "
                + VERSIONS.stream()
                        .map(version ->
                                "sample_rate %s Hz with bitrate %s kbit/s"
                                        .formatted(version.rates, version.bitrates))
                        .collect(Collectors.joining("; "))
                + ".";
    }

    private List<Integer> legalRates() {
        return VERSIONS.stream()
                .filter(version -> quality != null || version.bitrates.contains(effectiveBitrate()))
                .flatMap(version -> version.rates.stream())
                .sorted()
                .toList();
    }
}
