package dev.tomp3.converter.ffmpeg;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the source's channels are mixed. */
public enum ChannelMix {
    /** One or two channels are kept. */
    UNCHANGED(""),
    /** One or two channels are mixed without exceeding full scale. */
    TO_MONO(Filters.MONO),
    /** Centre and surrounds at -3 dB, no LFE, not attenuated as a whole but limited at -1 dBFS. */
    SURROUND(Filters.STEREO),
    SURROUND_TO_MONO(Filters.STEREO + "," + Filters.MONO),
    /** The first two of more channels than any layout defines. */
    FIRST_TWO("pan=stereo|c0=c0|c1=c1"),
    FIRST_TWO_TO_MONO("pan=mono|c0=0.5*c0+0.5*c1");

    private static final class Filters {
        static final String MONO = "aresample=rematrix_maxval=1,aformat=channel_layouts=mono";
        static final String STEREO =
                "aresample=clev=0.70710678:slev=0.70710678:lfe_mix_level=0:rematrix_maxval=1000,"
                        + "aformat=sample_fmts=fltp:channel_layouts=stereo,"
                        + "alimiter=limit=0.891251:level=disabled";
    }

    private static final Set<String> ONE_OR_TWO =
            Set.of("", "mono", "stereo", "downmix", "1 channels", "2 channels");
    private static final Pattern COUNTED = Pattern.compile("(\\d{1,9}) channels.*");
    private static final int MOST_CHANNELS_OF_A_LAYOUT = 8;

    private final String filter;

    ChannelMix(String filter) {
        this.filter = filter;
    }

    List<String> arguments() {
        return filter.isEmpty() ? List.of() : List.of("-filter_threads", "1", "-af", filter);
    }

    /**
     * The mix for a channel layout.
     *
     * @param layout as ffmpeg prints it; empty when it is unknown
     * @param mono whether the result has one channel
     */
    static ChannelMix of(String layout, boolean mono) {
        if (ONE_OR_TWO.contains(layout)) return mono ? TO_MONO : UNCHANGED;
        Matcher counted = COUNTED.matcher(layout);
        if (counted.matches() && Integer.parseInt(counted.group(1)) > MOST_CHANNELS_OF_A_LAYOUT)
            return mono ? FIRST_TWO_TO_MONO : FIRST_TWO;
        return mono ? SURROUND_TO_MONO : SURROUND;
    }

    static boolean isMono(String layout) {
        return layout.equals("mono") || layout.equals("1 channels");
    }
}
