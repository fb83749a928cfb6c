package dev.tomp3.converter.ffmpeg;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * The decoders that ffmpeg may use. While it only looks at a file, ffmpeg decodes the beginning of
 * each track, moving pictures included; with this list no decoder of pictures or subtitles ever
 * gets a byte of a user's file.
 */
final class AudioDecoders {
    /** By ffmpeg's names. Also the list for the build of the images' ffmpeg. */
    static final List<String> NAMES = read();

    private AudioDecoders() {}

    private static List<String> read() {
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        AudioDecoders.class.getResourceAsStream(
                                                "audio-decoders.txt")),
                                StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#") && !line.isEmpty())
                    .flatMap(line -> List.of(line.split(" ", -1)).stream())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
