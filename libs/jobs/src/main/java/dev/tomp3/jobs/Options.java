package dev.tomp3.jobs;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The options of the MP3; {@code null} means that the user did not choose. {@link #objection()}
 * accepts only what Layer III allows and LAME encodes: MPEG-1 (ISO/IEC 11172-3), MPEG-2 (13818-3),
 * and MPEG-2.5, for which LAME stops at 64 kbit/s.
 *
 * <p>{@link Option} lists them all. Those that earlier versions knew have components of their own.
 *
 * @param bitrate constant bit rate in kbit/s, 32 to 320
 * @param quality variable bit rate, 0 (best) to 9, as LAME's -V
 * @param mono one channel instead of the source's one or two
 * @param sampleRate in Hz
 * @param strict whether a source that is truncated or damaged fails, instead of being delivered
 *     with a warning
 * @param others the values of all other options, by name
 */
public record Options(
        @Nullable Integer bitrate,
        @Nullable Integer quality,
        boolean mono,
        @Nullable Integer sampleRate,
        @Nullable Boolean strict,
        @Nullable Map<String, String> others) {
    /** No options: 192 kbit/s, or the source's own frames when it is MP3 already. */
    public static final Options NONE = new Options(null, null, false, null, false);

    private static final int DEFAULT_BITRATE = 192;

    private static final String FAIL = "fail";
    private static final String NONE_KEPT = "none";

    /** Earlier versions stored jobs without {@code strict} and {@code others}. */
    public Options {
        strict = Boolean.TRUE.equals(strict);
        others = others == null ? Map.of() : Map.copyOf(others);
    }

    /** Only the options about the encoding. */
    public Options(
            @Nullable Integer bitrate,
            @Nullable Integer quality,
            boolean mono,
            @Nullable Integer sampleRate,
            @Nullable Boolean strict) {
        this(bitrate, quality, mono, sampleRate, strict, Map.of());
    }

    /**
     * Parses options. An empty text counts as absent, because web forms send those; only an empty
     * tag is a value.
     *
     * @param texts by the names of options
     * @throws IllegalArgumentException with a sentence for people
     */
    public static Options of(Map<String, String> texts) {
        Map<Option, String> values = new EnumMap<>(Option.class);
        texts.forEach((name, text) -> {
            Option option =
                    Option.named(name)
                            .orElseThrow(() ->
                                    new IllegalArgumentException(
                                            "Unknown option. The options are "
                                                    + Option.names()
                                                    + "."));
            if (!text.isEmpty() || option.isTag()) values.put(option, parsed(option, text));
        });
        Options options =
                new Options(
                        number(values.remove(Option.BITRATE)),
                        number(values.remove(Option.QUALITY)),
                        Boolean.parseBoolean(values.remove(Option.MONO)),
                        number(values.remove(Option.SAMPLE_RATE)),
                        FAIL.equals(values.remove(Option.DAMAGED)),
                        values.entrySet().stream()
                                .collect(
                                        Collectors.toMap(
                                                value -> value.getKey().wire(),
                                                Map.Entry::getValue)));
        String objection = options.objection();
        if (objection != null) throw new IllegalArgumentException(objection);
        return options;
    }

    private static String parsed(Option option, String text) {
        try {
            return option.type().parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option.wire() + " " + e.getMessage() + ".", e);
        }
    }

    private static @Nullable Integer number(@Nullable String text) {
        return text == null ? null : Integer.valueOf(text);
    }

    @Override
    public Map<String, String> others() {
        return others == null ? Map.of() : others;
    }

    /** The value of one of the other options. */
    public Optional<String> text(Option option) {
        return Optional.ofNullable(others().get(option.wire()));
    }

    /** The value of one of the other options that are numbers, in seconds or LUFS. */
    public @Nullable Double decimal(Option option) {
        return text(option).map(Double::valueOf).orElse(null);
    }

    /** Whether one of the other options is set to true. */
    public boolean isSet(Option option) {
        return text(option).filter("true"::equals).isPresent();
    }

    /** Whether the source's tags, apart from the cover, are to be left out. */
    public boolean dropsTags() {
        return text(Option.TAGS).filter(NONE_KEPT::equals).isPresent();
    }

    /** Whether the source's cover is to be left out. */
    public boolean dropsCover() {
        return text(Option.COVER).isPresent();
    }

    /** Whether a file came with the upload to be the cover. */
    public boolean bringsCover() {
        return text(Option.COVER)
                .filter(cover -> cover.startsWith(OptionType.COVER_FILE))
                .isPresent();
    }

    /** The same options with a cover that comes as a file. */
    public Options withCover(String sha256) {
        Map<String, String> all = new HashMap<>(others());
        all.put(Option.COVER.wire(), OptionType.COVER_FILE + sha256);
        return new Options(bitrate, quality, mono, sampleRate, strict, all);
    }

    /** The values as JSON has them, by name, with the defaults that a user should know. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        for (Option option : Option.values()) {
            Object value =
                    switch (option) {
                        case BITRATE -> quality == null ? effectiveBitrate() : null;
                        case QUALITY -> quality;
                        case MONO -> mono;
                        case SAMPLE_RATE -> sampleRate;
                        case DAMAGED -> strict() ? FAIL : "keep";
                        default -> text(option).map(option.type()::json).orElse(null);
                    };
            if (value != null) json.put(option.wire(), value);
        }
        return json;
    }

    /** Whether the sound itself is changed, and not only how it is encoded. */
    public boolean changesSound() {
        return decimal(Option.START) != null
                || decimal(Option.END) != null
                || decimal(Option.FADE_IN) != null
                || needsAnalysis();
    }

    /** Whether the change of the sound depends on all of the sound. */
    public boolean needsAnalysis() {
        return decimal(Option.FADE_OUT) != null
                || isSet(Option.TRIM_SILENCE)
                || decimal(Option.LOUDNESS) != null;
    }

    @Override
    public Boolean strict() {
        return Boolean.TRUE.equals(strict);
    }

    /**
     * A version of MPEG.
     *
     * @param rates its sample rates in Hz
     * @param bitrates its constant bit rates in kbit/s, which go with each of them
     */
    public record Version(List<Integer> rates, List<Integer> bitrates) {}

    /** What can be chosen. */
    public static final List<Version> VERSIONS =
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
        return bitrate == null && quality == null && !mono && sampleRate == null && !changesSound();
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
        Double start = decimal(Option.START);
        Double end = decimal(Option.END);
        if (end != null && end <= (start == null ? 0 : start)) return "end must be after start.";
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
