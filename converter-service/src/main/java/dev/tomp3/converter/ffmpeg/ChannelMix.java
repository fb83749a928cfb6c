package dev.tomp3.converter.ffmpeg;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How the source's channels become one or two, as ffmpeg filters. No layout is refused, and no mix
 * exceeds full scale: what may be louder is limited at -1 dBFS.
 *
 * @param tracks discrete tracks of one channel each that are mixed; empty when one track is taken
 * @param filter for the one track, or for the mix; empty when the channels are kept
 */
public record ChannelMix(List<Discrete> tracks, String filter) {
    /**
     * A track that is one channel of a recording.
     *
     * @param index among all streams of the file
     * @param filter puts it in its place
     */
    record Discrete(int index, String filter) {}

    /**
     * Mixes one, two or more channels to those of the MP3 when they change in the middle: the sum
     * of the gains is 1, which ffmpeg's defaults exceed, or do not reach for mono. Exact when
     * nothing is mixed: half the sum, twice as loud.
     */
    static final String NORMALIZED = "aresample=rematrix_maxval=0.5:rematrix_volume=2";

    private static final String MONO = "aresample=rematrix_maxval=1,aformat=channel_layouts=mono";

    /** In seconds. */
    private static final double LOOK_AHEAD = 0.005;

    /** One or two channels are kept. */
    public static final ChannelMix UNCHANGED = new ChannelMix(List.of(), "");

    /** One or two channels are mixed without exceeding full scale. */
    static final ChannelMix TO_MONO = new ChannelMix(List.of(), MONO);

    /** The first two of channels without a meaning, as they come. */
    static final ChannelMix FIRST_TWO =
            new ChannelMix(List.of(), "pan=stereo|c0=0.9999*c0|c1=0.9999*c1");

    /** One channel with a position, which ffmpeg would attenuate on its way to mono. */
    private static final ChannelMix ONE = new ChannelMix(List.of(), "pan=mono|c0=c0");

    /** With gains of 0 and 1 alone, ffmpeg's pan refuses what it calls unknown layouts. */
    private static final double FULL = 0.9999;

    private static final Set<String> ONE_OR_TWO =
            Set.of("", "mono", "stereo", "1 channels", "2 channels");
    private static final Pattern COUNTED = Pattern.compile("(\\d{1,9}) channels(?: \\((.+)\\))?");
    private static final Pattern AMBISONIC = Pattern.compile("ambisonic (\\d)(\\+stereo)?.*");
    private static final int MOST_CHANNELS_OF_A_LAYOUT = 8;

    private static final Set<String> FRONT = Set.of("FL", "FR", "DL", "DR");
    private static final double MINUS_3_DB = Math.sqrt(0.5);

    /** How much of a channel is heard on each side. */
    private record Gains(double left, double right) {
        static Gains of(String channel) {
            if (channel.startsWith("LFE")) return new Gains(0, 0);
            double gain = FRONT.contains(channel) ? 1 : MINUS_3_DB;
            boolean left = channel.contains("L");
            boolean right = channel.contains("R");
            return new Gains(right && !left ? 0 : gain, left && !right ? 0 : gain);
        }

        Gains times(double factor) {
            return new Gains(left * factor, right * factor);
        }
    }

    /** Centre and surrounds at -3 dB, no LFE, not attenuated as a whole but limited. */
    static ChannelMix surround(int sampleRate) {
        return new ChannelMix(
                List.of(),
                "aresample=clev=0.70710678:slev=0.70710678:lfe_mix_level=0:rematrix_maxval=1000,"
                        + "aformat=sample_fmts=fltp:channel_layouts=stereo,"
                        + limiter(sampleRate));
    }

    /** The limiter is late by what it looks ahead, which is cut off at the beginning. */
    private static String limiter(int sampleRate) {
        int late = (int) (2 * LOOK_AHEAD * sampleRate) / 2 - 1;
        return ("aformat=sample_rates=%1$d,apad=pad_len=%2$d,alimiter=limit=0.891251:level=disabled,"
                    + "atrim=start_sample=%2$d,asetpts=PTS-%2$d/SR/TB")
                .formatted(sampleRate, late);
    }

    /**
     * The mix for a channel layout.
     *
     * @param layout as ffmpeg prints it; empty when it is unknown
     * @param mono whether the result has one channel
     */
    static ChannelMix of(String layout, boolean mono, int sampleRate) {
        if (ONE_OR_TWO.contains(layout)) return mono ? TO_MONO : UNCHANGED;
        if (isMono(layout)) return ONE;
        Matcher ambisonic = AMBISONIC.matcher(layout);
        if (ambisonic.matches()) return mono ? ONE : ambisonic(ambisonic, sampleRate);
        ChannelMix stereo = surround(sampleRate);
        Matcher counted = COUNTED.matcher(layout);
        if (counted.matches()) {
            if (counted.group(2) != null)
                stereo = positioned(channels(counted.group(2)), sampleRate);
            else if (Integer.parseInt(counted.group(1)) > MOST_CHANNELS_OF_A_LAYOUT)
                stereo = FIRST_TWO;
        } else if (Set.of("binaural", "downmix").contains(layout)) {
            stereo = FIRST_TWO;
        }
        return mono ? stereo.toMono() : stereo;
    }

    /** Whether what is louder than full scale is limited. */
    boolean isLimited() {
        return filter.contains("alimiter");
    }

    /** Discrete tracks in their places. */
    static ChannelMix of(List<Probe.Audio> tracks, boolean mono) {
        List<Gains> gains = gains(tracks.stream().map(track -> channel(track.layout())).toList());
        ChannelMix stereo =
                new ChannelMix(
                        IntStream.range(0, tracks.size())
                                .mapToObj(i ->
                                        new Discrete(
                                                tracks.get(i).index(),
                                                pan(gains.subList(i, i + 1))))
                                .toList(),
                        limiterFor(gains, tracks.getFirst().sampleRate()));
        return mono ? stereo.toMono() : stereo;
    }

    private ChannelMix toMono() {
        return new ChannelMix(tracks, filter.isEmpty() ? MONO : filter + "," + MONO);
    }

    /** Whether a layout has one channel. */
    static boolean isMono(String layout) {
        return layout.equals("mono") || layout.startsWith("1 channels");
    }

    /** The position of the channel of a layout that has only one; centre when it has none. */
    static String channel(String layout) {
        Matcher counted = COUNTED.matcher(layout);
        return counted.matches() && counted.group(2) != null ? counted.group(2) : "FC";
    }

    private static List<String> channels(String list) {
        return Arrays.stream(list.split("\\+"))
                .map(channel -> channel.replaceFirst("@.*", ""))
                .toList();
    }

    /** Channels that ffmpeg knows by name, but not as a layout that it can mix. */
    private static ChannelMix positioned(List<String> channels, int sampleRate) {
        List<Gains> gains = gains(channels);
        String pan = pan(gains);
        String limiter = limiterFor(gains, sampleRate);
        return new ChannelMix(List.of(), limiter.isEmpty() ? pan : pan + "," + limiter);
    }

    /** The loudest of them is not attenuated. */
    private static List<Gains> gains(List<String> channels) {
        List<Gains> gains = channels.stream().map(Gains::of).toList();
        double loudest =
                gains.stream().mapToDouble(gain -> Math.max(gain.left, gain.right)).max().orElse(0);
        return loudest == 0
                ? channels.stream().map(channel -> new Gains(MINUS_3_DB, MINUS_3_DB)).toList()
                : gains.stream().map(gain -> gain.times(FULL / loudest)).toList();
    }

    private static String pan(List<Gains> gains) {
        return "aformat=sample_fmts=fltp,pan=stereo|c0="
                + sum(gains.stream().map(Gains::left).toList())
                + "|c1="
                + sum(gains.stream().map(Gains::right).toList());
    }

    private static String sum(List<Double> gains) {
        return IntStream.range(0, gains.size())
                .mapToObj(i -> String.format(Locale.ROOT, "%.4f*c%d", gains.get(i), i))
                .collect(Collectors.joining("+"));
    }

    private static String limiterFor(List<Gains> gains, int sampleRate) {
        boolean louder =
                gains.stream().mapToDouble(Gains::left).sum() > 1
                        || gains.stream().mapToDouble(Gains::right).sum() > 1;
        return louder ? limiter(sampleRate) : "";
    }

    /** Two cardioids that point left and right, from the first two components (ACN, SN3D). */
    private static ChannelMix ambisonic(Matcher layout, int sampleRate) {
        int components = (int) Math.pow(Integer.parseInt(layout.group(1)) + 1, 2);
        boolean headLocked = layout.group(2) != null;
        return new ChannelMix(
                List.of(),
                "aformat=sample_fmts=fltp,pan=stereo|c0=0.5*c0+0.5*c1%s|c1=0.5*c0-0.5*c1%s,%s"
                        .formatted(
                                headLocked ? "+c" + components : "",
                                headLocked ? "+c" + (components + 1) : "",
                                limiter(sampleRate)));
    }

    /**
     * Maps the source's audio, and mixes its channels.
     *
     * @param filters for the mixed channels
     */
    List<String> arguments(String track, String filters) {
        return arguments(track, filters, "[mix]");
    }

    /** Maps the same audio a second time. */
    List<String> again(String track) {
        return arguments(track, NORMALIZED, "[heard]");
    }

    private List<String> arguments(String track, String filters, String label) {
        String all =
                filter.isEmpty() || filters.isEmpty() ? filter + filters : filter + "," + filters;
        if (tracks.isEmpty()) {
            return all.isEmpty()
                    ? List.of("-map", track)
                    : List.of("-map", track, "-filter_threads", "1", "-af", all);
        }
        StringBuilder graph = new StringBuilder();
        for (Discrete one : tracks)
            graph.append("[0:%d]%s[t%d];".formatted(one.index, one.filter, one.index));
        for (Discrete one : tracks) graph.append("[t%d]".formatted(one.index));
        graph.append("amix=inputs=%d:duration=longest:normalize=0".formatted(tracks.size()));
        if (!all.isEmpty()) graph.append(',').append(all);
        graph.append(label);
        return List.of(
                "-filter_complex_threads", "1", "-filter_complex", graph.toString(), "-map", label);
    }
}
