package dev.tomp3.converter.ffmpeg;

import dev.tomp3.converter.mp3.SegmentFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The ffmpeg command lines that carry out a {@link TranscodeCommand}.
 *
 * <p>ffmpeg opens only containers that name no second file or address, and only over HTTP on the
 * loopback address or from its standard input. Only options that ffmpeg has from 4.4 to 8 are used.
 */
public record FfmpegArguments(TranscodeCommand command) {
    /**
     * The files that ffmpeg writes.
     *
     * @param mp3 without a tag
     * @param metadata the source's tags, as ffmetadata
     * @param cover the attached picture, if the command keeps one
     */
    public record Outputs(Path mp3, Path metadata, Path cover) {}

    /** Enough for the first frames. */
    private static final String HEAD_SECONDS = "0.2";

    /** The exit status is not to depend on the number of packets that cannot be decoded. */
    private static final List<String> GENERAL =
            List.of(
                    "-nostdin",
                    "-hide_banner",
                    "-nostats",
                    "-loglevel",
                    "level+verbose",
                    "-max_error_rate",
                    "1");

    private static final List<String> NO_TAGS =
            List.of("-map_metadata", "-1", "-map_chapters", "-1");

    /**
     * The process that makes the whole MP3. It writes the decoded sound to its standard output,
     * too, where its loudness is measured.
     */
    public List<String> whole(Input source, Outputs outputs) {
        List<String> line = begin(source);
        line.addAll(mp3(outputs, List.of()));
        line.addAll(
                command.copy()
                        ? List.of("-map", command.track())
                        : command.channels().again(command.track()));
        line.addAll(NO_TAGS);
        line.addAll(List.of("-c:a", "pcm_f32le"));
        line.addAll(pipe("wav"));
        return line;
    }

    /** The process that makes only the MP3's head: its tag, and some frames in the same format. */
    public List<String> head(Input source, Outputs outputs) {
        List<String> line = begin(source);
        line.addAll(mp3(outputs, List.of("-t", HEAD_SECONDS)));
        return line;
    }

    /**
     * The process that decodes to its standard output, for several encoders.
     *
     * @param end in seconds; what is behind it need not be decoded. Null for all
     */
    public List<String> decoder(Input source, @Nullable Double end) {
        List<String> line = begin(source);
        line.addAll(decoded());
        line.addAll(NO_TAGS);
        line.addAll(List.of("-c:a", "pcm_f32le"));
        line.addAll(format(Objects.requireNonNull(command.segments())));
        // whole seconds: the exact end is cut off later
        if (end != null) line.addAll(List.of("-t", Long.toString(Math.round(end) + 2)));
        line.addAll(pipe("f32le"));
        return line;
    }

    private List<String> decoded() {
        return command.channels()
                .arguments(
                        command.track(),
                        command.stamped()
                                ? RecordingClock.filter(command.start())
                                : RecordingClock.filterUnstamped());
    }

    /** In blocks: otherwise each packet would be one write and one read. */
    private static List<String> pipe(String format) {
        return List.of("-flush_packets", "0", "-f", format, "pipe:1");
    }

    private static List<String> begin(Input source) {
        List<String> line = new ArrayList<>(GENERAL);
        line.addAll(source.arguments());
        return line;
    }

    /** The MP3, and the source's tags and cover in files of their own. */
    private List<String> mp3(Outputs outputs, List<String> length) {
        List<String> line =
                new ArrayList<>(command.copy() ? List.of("-map", command.track()) : decoded());
        line.addAll(NO_TAGS);
        if (command.copy()) {
            line.addAll(List.of("-c:a", "copy"));
            if (command.stamped()) line.addAll(List.of("-bsf:a", RecordingClock.bitstreamFilter()));
        } else {
            line.addAll(encoding());
            if (command.segments() != null) line.addAll(format(command.segments()));
            else if (command.sampleRate() != null)
                line.addAll(List.of("-ar", command.sampleRate().toString()));
        }
        line.addAll(length);
        line.addAll(List.of("-id3v2_version", "0", "-write_xing", "1"));
        line.addAll(List.of("-f", "mp3", "-y", outputs.mp3().toString()));
        String from =
                command.tags() == TranscodeCommand.Tags.FROM_FILE
                        ? "0"
                        : "0:s:" + command.track().substring(2);
        line.addAll(List.of("-map_metadata", from, "-map_chapters", "0"));
        line.addAll(List.of("-f", "ffmetadata", "-y", outputs.metadata().toString()));
        if (command.cover() != null) {
            line.addAll(List.of("-map", "0:" + command.cover(), "-c:v", "copy", "-frames:v", "1"));
            line.addAll(List.of("-f", "image2pipe", "-y", outputs.cover().toString()));
        }
        return line;
    }

    /** The process that encodes a segment's file to bare frames on its standard output. */
    public List<String> encoder(SegmentFormat format, Path pcm) {
        List<String> line =
                new ArrayList<>(
                        List.of("-nostdin", "-hide_banner", "-nostats", "-loglevel", "error"));
        line.addAll(List.of("-protocol_whitelist", "file,pipe", "-f", "f32le"));
        line.addAll(List.of("-codec_whitelist", "pcm_f32le"));
        line.addAll(format(format));
        line.addAll(List.of("-i", pcm.toString()));
        line.addAll(encoding());
        // frames of several encoders must not refer to each other
        if (!format.isWhole()) line.addAll(List.of("-reservoir", "0"));
        line.addAll(List.of("-write_xing", "0", "-id3v2_version", "0"));
        line.addAll(pipe("mp3"));
        return line;
    }

    private List<String> encoding() {
        return command.quality() == null
                ? List.of("-c:a", "libmp3lame", "-b:a", command.bitrate() + "k")
                : List.of("-c:a", "libmp3lame", "-q:a", command.quality().toString());
    }

    private static List<String> format(SegmentFormat pcm) {
        return List.of(
                "-ar", Integer.toString(pcm.sampleRate()), "-ac", Integer.toString(pcm.channels()));
    }
}
