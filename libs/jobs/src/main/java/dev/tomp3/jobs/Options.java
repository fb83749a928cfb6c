package dev.tomp3.jobs;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The options of the MP3; {@code null} means that the user did not choose. {@link #objection()}
 * accepts only what Layer III allows and LAME encodes: MPEG-1 (ISO/IEC 11172-3), MPEG-2 (13818-3),
 * and MPEG-2.5, for which LAME stops at 64 kbit/s.
 *
 * @param bitrate constant bit rate in kbit/s, 32 to 320
 * @param quality variable bit rate, 0 (best) to 9, as LAME's -V
 * @param mono one channel instead of the source's one or two
 * @param sampleRate in Hz
 * @param strict whether a source that is truncated or damaged fails, instead of being delivered
 *     with a warning
 */
public record Options(
        @Nullable Integer bitrate,
        @Nullable Integer quality,
        boolean mono,
        @Nullable Integer sampleRate,
        @Nullable Boolean strict) {
    /** No options: 192 kbit/s, or the source's own frames when it is MP3 already. */
    public static final Options NONE = new Options(null, null, false, null, false);

    private static final int DEFAULT_BITRATE = 192;

    /** Earlier versions stored jobs without {@code strict}. */
    public Options {
        strict = Boolean.TRUE.equals(strict);
    }

    @Override
    public Boolean strict() {
        return Boolean.TRUE.equals(strict);
    }

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

    /** Whether nothing was chosen about the audio, so that audio which is MP3 already is copied. */
    public boolean keepsMp3() {
        return bitrate == null && quality == null && !mono && sampleRate == null;
    }

    /**
     * The constant bit rate in kbit/s when no quality was chosen: the chosen one, else 192, or the
     * highest that the chosen sample rate allows.
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
     * The sample rate in Hz to encode at: the chosen one, else the legal one that is nearest to the
     * source's, and the higher of two that are equally near.
     */
    public int sampleRateFor(int sourceRate) {
        if (sampleRate != null) return sampleRate;
        return legalRates().stream()
                .reduce((a, b) -> Math.abs(b - sourceRate) <= Math.abs(a - sourceRate) ? b : a)
                .orElseThrow();
    }

    /** Why the combination is not legal, with the legal ones; null when it is. */
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
        return "This bitrate and sample_rate cannot be combined. Legal are: "
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
