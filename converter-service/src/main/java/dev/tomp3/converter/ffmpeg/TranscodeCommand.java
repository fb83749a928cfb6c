package dev.tomp3.converter.ffmpeg;

import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.jobs.Options;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one file becomes an MP3: the ffmpeg command line, as a function of what the file is and what
 * the user wants.
 *
 * <p>ffmpeg opens containers only that name no second file or address, over nothing but HTTP on the
 * loopback address. Only options that ffmpeg has from 4.4 to 8 are used.
 *
 * @param track in ffmpeg's words: {@code 0:a:0}, or {@code 0:3} by number
 * @param copy that the frames stay as they are
 * @param cover the number of the attached picture to keep
 * @param quality of a variable bit rate; null for a constant one
 * @param bitrate in kbit/s
 * @param sampleRate in Hz; null for the source's
 * @param pieces how the audio is handed to several encoders; null where one process does it all
 */
public record TranscodeCommand(
        String track,
        boolean copy,
        Channels channels,
        Tags tags,
        @Nullable Integer cover,
        @Nullable Integer quality,
        int bitrate,
        @Nullable Integer sampleRate,
        @Nullable SegmentFormat pieces) {

    /** What becomes of the source's channels. */
    public enum Channels {
        /** One or two, that stay. */
        AS_THEY_ARE(""),
        /** One or two, mixed without becoming louder than full scale. */
        TO_MONO("aresample=rematrix_maxval=1,aformat=channel_layouts=mono"),
        /**
         * Centre and surrounds at -3 dB, no LFE; not made quieter as a whole but limited at -1
         * dBFS.
         */
        SURROUND(SURROUND_TO_STEREO),
        SURROUND_TO_MONO(
                SURROUND_TO_STEREO + ",aresample=rematrix_maxval=1,aformat=channel_layouts=mono"),
        /** More channels than anybody gave a meaning to: the first two. */
        FIRST_TWO("pan=stereo|c0=c0|c1=c1"),
        FIRST_TWO_TO_MONO("pan=mono|c0=0.5*c0+0.5*c1");

        private final String filter;

        Channels(String filter) {
            this.filter = filter;
        }

        private List<String> arguments() {
            return filter.isEmpty() ? List.of() : List.of("-filter_threads", "1", "-af", filter);
        }
    }

    /** Where title and other tags come from; a source without a title gets the file's name. */
    public enum Tags {
        OF_FILE,
        /** Ogg has them in the track. */
        OF_TRACK,
        /** The source's are too large: the title alone. */
        TITLE_ONLY
    }

    /** Containers that refer to nothing outside themselves, by the names of ffmpeg's demuxers. */
    public static final Set<String> DEMUXERS =
            Collections.unmodifiableSet(
                    new TreeSet<>(
                            List.of(
                                    "mov",
                                    "mp4",
                                    "m4a",
                                    "3gp",
                                    "3g2",
                                    "mj2",
                                    "matroska",
                                    "webm",
                                    "avi",
                                    "flv",
                                    "live_flv",
                                    "mpegts",
                                    "mpeg",
                                    "asf",
                                    "ogg",
                                    "wav",
                                    "w64",
                                    "flac",
                                    "aac",
                                    "mp3")));

    private static final String SURROUND_TO_STEREO =
            "aresample=clev=0.70710678:slev=0.70710678:lfe_mix_level=0:rematrix_maxval=1000,"
                    + "aformat=sample_fmts=fltp:channel_layouts=stereo,"
                    + "alimiter=limit=0.891251:level=disabled";

    private static final List<String> WATCHED =
            List.of("-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+verbose");

    private static final Pattern COUNTED = Pattern.compile("(\\d{1,9}) channels.*");
    private static final int MOST_CHANNELS_WITH_MEANING = 8;

    /** Tags that tell of the source's container, not of what is heard. */
    private static final List<String> OF_NO_USE =
            List.of("major_brand", "minor_version", "compatible_brands");

    /** What is right for most files: one or two channels, one audio track, no cover, not MP3. */
    public static TranscodeCommand usual(Options options) {
        return new TranscodeCommand(
                "0:a:0",
                false,
                options.mono() ? Channels.TO_MONO : Channels.AS_THEY_ARE,
                Tags.OF_FILE,
                null,
                options.quality(),
                options.effectiveBitrate(),
                options.sampleRate(),
                null);
    }

    /**
     * What is right for this file, which has an audio track.
     *
     * @param piece how much of it an encoder gets; null when it is too short for several
     */
    public static TranscodeCommand of(Probe probe, @Nullable Duration piece, Options options) {
        Probe.Audio first = probe.audio().getFirst();
        Probe.Audio audio =
                probe.audio().stream().filter(Probe.Audio::byDefault).findFirst().orElse(first);
        int rate = options.sampleRateFor(audio.sampleRate());
        boolean rateStays = audio.sampleRate() == 0 || rate == audio.sampleRate();
        boolean copy = audio.codec().equals("mp3") && options.asItIs();
        boolean known = audio.sampleRate() > 0 && !audio.layout().isEmpty();
        return new TranscodeCommand(
                audio.equals(first) ? "0:a:0" : "0:" + audio.index(),
                copy,
                channels(audio.layout(), options.mono()),
                probe.container().equals("ogg") ? Tags.OF_TRACK : Tags.OF_FILE,
                probe.pictures().stream()
                        .filter(picture -> Set.of("mjpeg", "png").contains(picture.codec()))
                        .findFirst()
                        .map(Probe.Picture::index)
                        .orElse(null),
                options.quality(),
                options.effectiveBitrate(),
                options.sampleRate() == null && rateStays ? null : Integer.valueOf(rate),
                !copy && known && piece != null
                        ? new SegmentFormat(
                                rate, options.mono() || isMono(audio.layout()) ? 1 : 2, piece)
                        : null);
    }

    private static boolean isMono(String layout) {
        return layout.equals("mono") || layout.equals("1 channels");
    }

    private static Channels channels(String layout, boolean mono) {
        if (Set.of("", "mono", "stereo", "downmix", "1 channels", "2 channels").contains(layout)) {
            return mono ? Channels.TO_MONO : Channels.AS_THEY_ARE;
        }
        Matcher counted = COUNTED.matcher(layout);
        if (counted.matches() && Integer.parseInt(counted.group(1)) > MOST_CHANNELS_WITH_MEANING) {
            return mono ? Channels.FIRST_TWO_TO_MONO : Channels.FIRST_TWO;
        }
        return mono ? Channels.SURROUND_TO_MONO : Channels.SURROUND;
    }

    public TranscodeCommand withoutCover() {
        return new TranscodeCommand(
                track, copy, channels, tags, null, quality, bitrate, sampleRate, pieces);
    }

    public TranscodeCommand withTitleOnly() {
        return new TranscodeCommand(
                track,
                copy,
                channels,
                Tags.TITLE_ONLY,
                cover,
                quality,
                bitrate,
                sampleRate,
                pieces);
    }

    public TranscodeCommand withoutCopy() {
        return new TranscodeCommand(
                track, false, channels, tags, cover, quality, bitrate, sampleRate, null);
    }

    /**
     * Where ffmpeg gets a user's file.
     *
     * @param address null when it comes on the standard input
     */
    public record Input(@Nullable URI address) {
        /** With all that has to come before it. */
        List<String> arguments() {
            List<String> line = new ArrayList<>();
            line.addAll(List.of("-protocol_whitelist", fed() ? "pipe" : "http,tcp"));
            line.addAll(List.of("-format_whitelist", String.join(",", DEMUXERS)));
            if (address == null) line.addAll(List.of("-i", "pipe:0"));
            else line.addAll(List.of("-seekable", "1", "-i", address.toString()));
            return line;
        }

        public boolean fed() {
            return address == null;
        }
    }

    /** True when both make the same audio. */
    public boolean soundsLike(TranscodeCommand other) {
        return withoutCover().withTitleOnly().equals(other.withoutCover().withTitleOnly());
    }

    /**
     * One process that makes the whole MP3.
     *
     * @param title an ffmetadata file with the title that holds when the source has none
     */
    public List<String> arguments(Input source, Path title, Path result) {
        List<String> line = new ArrayList<>(WATCHED);
        line.addAll(List.of("-progress", "pipe:1"));
        line.addAll(source.arguments());
        line.addAll(mp3(title, result));
        return line;
    }

    /** What the whole MP3 would begin with: its tag, and some frames in the same format. */
    public List<String> head(Input source, Path title, Path result) {
        List<String> line = new ArrayList<>(WATCHED);
        line.addAll(source.arguments());
        line.addAll(mp3(title, result));
        line.addAll(line.size() - 2, List.of("-t", HEAD_SECONDS));
        return line;
    }

    /** Decodes to the standard output, for several encoders. */
    public List<String> decoder(Input source) {
        List<String> line = new ArrayList<>(WATCHED);
        line.addAll(source.arguments());
        line.addAll(List.of("-map", track, "-map_metadata", "-1", "-map_chapters", "-1"));
        line.addAll(channels.arguments());
        line.addAll(List.of("-c:a", "pcm_f32le"));
        line.addAll(format(Objects.requireNonNull(pieces)));
        // or each thousand samples would be written, and read, by themselves
        line.addAll(List.of("-flush_packets", "0", "-f", "f32le", "pipe:1"));
        return line;
    }

    /** Lists the packets of all streams, decoding nothing. */
    public static List<String> packets(Input source) {
        List<String> line = new ArrayList<>(WATCHED);
        line.addAll(source.arguments());
        line.addAll(List.of("-map", "0:v?", "-map", "0:a?", "-map", "0:s?", "-map", "0:d?"));
        line.addAll(List.of("-ignore_unknown", "-c", "copy", "-f", "framecrc", "pipe:1"));
        return line;
    }

    private List<String> mp3(Path title, Path result) {
        List<String> line = new ArrayList<>();
        line.addAll(List.of("-f", "ffmetadata", "-i", title.toString()));
        line.addAll(List.of("-map", track));
        if (cover != null) line.addAll(List.of("-map", "0:" + cover, "-c:v", "copy"));
        // what an earlier map has set, a later one leaves
        switch (tags) {
            case OF_FILE -> line.addAll(List.of("-map_metadata", "0"));
            case OF_TRACK -> line.addAll(List.of("-map_metadata", "0:s:" + track.substring(2)));
            case TITLE_ONLY -> {}
        }
        line.addAll(List.of("-map_metadata", "1", "-map_chapters", "-1"));
        for (String tag : OF_NO_USE) line.addAll(List.of("-metadata", tag + "="));
        if (copy) {
            line.addAll(List.of("-c:a", "copy"));
        } else {
            line.addAll(channels.arguments());
            line.addAll(encoding());
            if (pieces != null) line.addAll(format(pieces));
            else if (sampleRate != null) line.addAll(List.of("-ar", sampleRate.toString()));
        }
        line.addAll(List.of("-id3v2_version", "3", "-write_xing", "1"));
        line.addAll(List.of("-f", "mp3", "-y", result.toString()));
        return line;
    }

    /** An encoder of one piece, from a file of audio to bare frames on the standard output. */
    public List<String> encoder(SegmentFormat format, Path pcm) {
        List<String> line =
                new ArrayList<>(
                        List.of("-nostdin", "-hide_banner", "-nostats", "-loglevel", "error"));
        line.addAll(List.of("-protocol_whitelist", "file,pipe", "-f", "f32le"));
        line.addAll(format(format));
        line.addAll(List.of("-i", pcm.toString()));
        line.addAll(encoding());
        line.addAll(List.of("-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0"));
        line.addAll(List.of("-f", "mp3", "pipe:1"));
        return line;
    }

    private List<String> encoding() {
        return quality == null
                ? List.of("-c:a", "libmp3lame", "-b:a", bitrate + "k")
                : List.of("-c:a", "libmp3lame", "-q:a", quality.toString());
    }

    private static List<String> format(SegmentFormat pcm) {
        return List.of(
                "-ar", Integer.toString(pcm.sampleRate()), "-ac", Integer.toString(pcm.channels()));
    }

    /** The file that {@link #arguments} takes: text of any kind is only ever a value in it. */
    public static String ffmetadata(String title) {
        return ";FFMETADATA1\ntitle=" + title.replaceAll("[=;#\\\\\n]", "\\\\$0") + "\n";
    }

    /**
     * A file's name as a title: without directories, ending, control characters, and not endless.
     */
    public static String titleOf(String fileName) {
        String name =
                fileName.substring(
                        Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
        int dot = name.lastIndexOf('.');
        String title =
                (dot > 0 ? name.substring(0, dot) : name)
                        .replaceAll("[\\p{Cc}\\p{Cs}\\p{Co}\\u2028\\u2029]", " ")
                        .strip();
        return title.codePoints()
                .limit(MAX_TITLE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static final int MAX_TITLE = 250;

    /** Enough for the first frames. */
    private static final String HEAD_SECONDS = "0.2";
}
