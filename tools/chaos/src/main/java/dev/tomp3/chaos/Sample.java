package dev.tomp3.chaos;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.TestMedia.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A file to upload and the expected result.
 *
 * @param options the form fields
 * @param failure the expected failure code; empty if the conversion must succeed
 */
record Sample(Path file, Map<String, String> options, String failure) {
    /** The duration of a sample whose conversion is long enough for a fault to hit it. */
    private static final int SLOW_SECONDS = 1500;

    String name() {
        return file.getFileName().toString();
    }

    boolean good() {
        return failure.isEmpty();
    }

    /** All samples. The first is small, the second takes some seconds to convert. */
    static List<Sample> make(Path directory, Random random) throws IOException {
        TestMedia media = TestMedia.in(directory);
        Path truncated = media.truncated(media.tone(Kind.MP4_MOOV_LAST, 500, 6), 0.6);
        Path noise = directory.resolve("noise.mp4");
        byte[] bytes = new byte[200_000];
        random.nextBytes(bytes);
        System.arraycopy(new byte[] {0, 0, 0, 16, 'f', 't', 'y', 'p'}, 0, bytes, 0, 8);
        Files.write(noise, bytes);
        return List.of(
                good(media.tone(Kind.M4A, 440, 2)),
                new Sample(
                        media.longTone(SLOW_SECONDS), Map.of("bitrate", "32", "mono", "true"), ""),
                good(media.tone(Kind.MP4, 550, 3)),
                new Sample(media.tone(Kind.MP4_MOOV_LAST, 660, 3), Map.of("quality", "4"), ""),
                good(media.tone(Kind.MKV, 770, 5)),
                good(media.tone(Kind.MP4_FRAGMENTED, 880, 4)),
                good(media.tone(Kind.TS, 990, 3)),
                // converted during its upload
                good(media.tone(Kind.WAV, 330, 60)),
                good(media.tone(Kind.MP3, 350, 30)),
                new Sample(truncated, Map.of(), "corrupt"),
                new Sample(noise, Map.of(), "corrupt"));
    }

    private static Sample good(Path file) {
        return new Sample(file, Map.of(), "");
    }
}
