package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a file's tags is in its MP3. */
class TagsTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(60));

    @TempDir Path directory;

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.usual();
    }

    /** The beginning of the MP3, in which ASCII text can be read. */
    private String head(Ffmpeg ffmpeg, Path video) throws Exception {
        Mp3 mp3 =
                new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                        .run(
                                new OneFile(video).source(),
                                "The file.mkv",
                                Options.NONE,
                                Files.createTempDirectory(directory, "attempt"),
                                percent -> {});
        assertThat(mp3.bytes()).isEqualTo(Files.size(mp3.path()));
        byte[] all = Files.readAllBytes(mp3.path());
        return new String(
                all, 0, (int) Mp3File.read(mp3.path()).tagBytes(), StandardCharsets.ISO_8859_1);
    }

    private Path tagged(Ffmpeg ffmpeg, String name, String... arguments) {
        List<String> all = new ArrayList<>(TestMedia.sine(440, 1, 16_000));
        all.addAll(List.of(arguments));
        return new TestMedia(directory, ffmpeg.binary()).make(name, all);
    }

    private static Path replaced(Path file, String from, String to, Charset charset)
            throws IOException {
        String all = Files.readString(file, StandardCharsets.ISO_8859_1);
        String bytes = new String(to.getBytes(charset), StandardCharsets.ISO_8859_1);
        assertThat(all).contains(from);
        assertThat(bytes).hasSameSizeAs(from);
        return Files.writeString(file, all.replace(from, bytes), StandardCharsets.ISO_8859_1);
    }

    private static String utf16(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void positions_and_devices_are_not_copied(Ffmpeg ffmpeg) throws Exception {
        String head =
                head(
                        ffmpeg,
                        tagged(
                                ffmpeg,
                                "phone.mov",
                                "-movflags",
                                "use_metadata_tags",
                                "-metadata",
                                "com.apple.quicktime.location.ISO6709=+48.8577+002.2950/",
                                "-metadata",
                                "location=+48.8577+002.2950/",
                                "-metadata",
                                "com.apple.quicktime.model=iPhone 15",
                                "-metadata",
                                "artist=Me"));

        assertThat(head).contains("TPE1", "Me", "TIT2", "The file");
        assertThat(head).doesNotContain("48.85", "iPhone", "Lavf", "qt  ", "description");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkv", "m4a", "wav", "avi", "flac"})
    void a_title_in_another_encoding_is_readable(String kind) throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        String title = "Название песни";
        Path file =
                replaced(
                        tagged(ffmpeg, "cyrillic." + kind, "-metadata", "title=" + "x".repeat(14)),
                        "x".repeat(14),
                        title,
                        Charset.forName("windows-1251"));

        assertThat(head(ffmpeg, file)).contains("TIT2", utf16(title));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_copied_mp3_keeps_its_comment_and_the_title_of_its_ape_tag(Ffmpeg ffmpeg)
            throws Exception {
        Path commented = tagged(ffmpeg, "comment.mp3", "-metadata", "comment=Mine", "-ar", "44100");
        Path ape = tagged(ffmpeg, "ape.mp3", "-id3v2_version", "0", "-ar", "44100");
        byte[] value = "Ganz".getBytes(StandardCharsets.UTF_8);
        byte[] tag = new byte[8 + 6 + value.length + 32];
        tag[0] = (byte) value.length;
        System.arraycopy("Title".getBytes(StandardCharsets.US_ASCII), 0, tag, 8, 5);
        System.arraycopy(value, 0, tag, 14, value.length);
        byte[] magic = "APETAGEX".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(magic, 0, tag, tag.length - 32, 8);
        tag[tag.length - 32 + 12] = (byte) tag.length;
        Files.write(ape, tag, StandardOpenOption.APPEND);

        assertThat(head(ffmpeg, commented)).contains("COMM", "Mine").doesNotContain("description");
        assertThat(head(ffmpeg, ape)).contains("TIT2", "Ganz");
    }

    @Test
    void a_long_recording_has_its_tags_too() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 130, 8000));
        arguments.addAll(List.of("-c:a", "pcm_mulaw", "-metadata", "title=Zeit"));

        assertThat(
                        head(
                                ffmpeg,
                                new TestMedia(directory, ffmpeg.binary())
                                        .make("long.mov", arguments)))
                .contains("TIT2", "Zeit");
    }
}
