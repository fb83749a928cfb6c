package dev.tomp3.jobs;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The options of an upload: the one table from which forms and metadata are parsed, and from which
 * the job, OpenAPI and docs/api.md describe them. What an option does to the command or to the
 * sound follows its value in {@link Options}.
 */
public enum Option {
    PRESET(OptionType.NAME, "a named set of options; options that are given beside it win"),
    BITRATE(OptionType.NUMBER, "constant bit rate in kbit/s, 32 to 320; 192 when neither is given"),
    QUALITY(OptionType.NUMBER, "variable bit rate, 0 (best) to 9; not together with bitrate"),
    MONO(OptionType.FLAG, "one channel"),
    SAMPLE_RATE(OptionType.NUMBER, "in Hz; the legal rate nearest to the source's by default"),
    TRACK(
            OptionType.TRACK,
            "the audio track: its number from 1, or language=de (ISO 639); the default track of the"
                    + " file by default"),
    START(OptionType.TIME, "the MP3 begins there: seconds, or minutes:seconds; chapters shift"),
    END(OptionType.TIME, "the MP3 ends there, in the time of the source"),
    FADE_IN(OptionType.SECONDS, "the seconds in which the sound becomes audible"),
    FADE_OUT(OptionType.SECONDS, "the seconds in which the sound fades away"),
    TRIM_SILENCE(
            OptionType.FLAG, "removes silence (below -50 dB for 0.5 s or longer) from both ends"),
    LOUDNESS(
            OptionType.LOUDNESS,
            "the integrated loudness (BS.1770) in LUFS, -30 to -5, reached by one gain; peaks are"
                    + " limited only where they would pass -1 dBTP"),
    TITLE(OptionType.TEXT, "instead of the source's; empty for none"),
    ARTIST(OptionType.TEXT, "instead of the source's; empty for none"),
    ALBUM(OptionType.TEXT, "instead of the source's; empty for none"),
    ALBUM_ARTIST(OptionType.TEXT, "instead of the source's; empty for none"),
    TRACK_NUMBER(OptionType.TEXT, "such as 3 or 3/12, instead of the source's; empty for none"),
    YEAR(OptionType.YEAR, "such as 2026 or 2026-11-27, instead of the source's; empty for none"),
    GENRE(OptionType.TEXT, "instead of the source's; empty for none"),
    COMMENT(OptionType.TEXT, "instead of the source's; empty for none"),
    COVER(
            OptionType.COVER,
            "none leaves the source's picture out; a file part of this name (JPEG or PNG of up to 1"
                    + " MB, before the video) replaces it"),
    TAGS(
            OptionType.TAGS,
            "keep (default) keeps the tags that describe the work; none keeps none of them"),
    DAMAGED(
            OptionType.DAMAGED,
            "what becomes of a truncated or damaged file: keep (default) converts what can be"
                    + " decoded, with warnings; fail fails the job");

    private final OptionType type;
    private final String description;

    Option(OptionType type, String description) {
        this.type = type;
        this.description = description;
    }

    /** Its name in forms, in upload metadata and in the job. */
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its values. */
    public OptionType type() {
        return type;
    }

    /** What it does, for people. */
    public String description() {
        return description;
    }

    /** Whether it is a tag of the MP3, which an empty value removes. */
    public boolean isTag() {
        return type == OptionType.TEXT || type == OptionType.YEAR;
    }

    static Optional<Option> named(String name) {
        return Arrays.stream(values()).filter(option -> option.wire().equals(name)).findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(Option::wire).collect(Collectors.joining(", "));
    }
}
