package dev.tomp3.converter.ffmpeg;

import dev.tomp3.jobs.media.MediaFormat;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where ffmpeg reads the user's file.
 *
 * @param address null for the standard input
 * @param deep whether ffmpeg looks far into the file for tracks; the packets that it reads until
 *     then stay in its memory
 */
public record Input(@Nullable URI address, boolean deep) {
    private static final String DEMUXERS = String.join(",", MediaFormat.allDemuxers());

    private static final String DECODERS = String.join(",", AudioDecoders.NAMES);

    private static final List<String> DEEP =
            List.of("-probesize", "64M", "-analyzeduration", "3600M");

    /** The input option with the options that must precede it. */
    List<String> arguments() {
        List<String> line = new ArrayList<>();
        line.addAll(List.of("-protocol_whitelist", isPipe() ? "pipe" : "http,tcp"));
        line.addAll(List.of("-format_whitelist", DEMUXERS));
        line.addAll(List.of("-codec_whitelist", DECODERS));
        if (deep) line.addAll(DEEP);
        // otherwise ffmpeg corrects the stamps by those of the pictures, without a word
        line.add("-copyts");
        if (address == null) line.addAll(List.of("-i", "pipe:0"));
        else line.addAll(List.of("-seekable", "1", "-i", address.toString()));
        return line;
    }

    /** Whether it is the standard input. */
    public boolean isPipe() {
        return address == null;
    }
}
