package dev.tomp3.converter.mp3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Mp3FileTest {
    @TempDir Path directory;

    private Path mp3;
    private byte[] bytes;

    @BeforeEach
    void make() throws IOException {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        mp3 =
                media.make(
                        "a.mp3",
                        Stream.concat(
                                        TestMedia.sine(440, 2, 44_100).stream(),
                                        Stream.of(
                                                "-c:a",
                                                "libmp3lame",
                                                "-b:a",
                                                "128k",
                                                "-metadata",
                                                "title=x"))
                                .toList());
        bytes = Files.readAllBytes(mp3);
    }

    @Test
    void counts_every_frame_and_takes_off_delay_and_padding() throws Exception {
        Mp3File file = Mp3File.read(mp3);

        assertThat(file.samples()).isEqualTo(2 * 44_100);
        assertThat(file.duration()).isEqualTo(Duration.ofSeconds(2));
        assertThat(file.sampleRate()).isEqualTo(44_100);
        assertThat(file.channels()).isEqualTo(1);
        assertThat(file.bytes()).isEqualTo(bytes.length);
        assertThat(file.tagBytes()).isPositive();
        assertThat(file.frames()).isEqualTo(78);
    }

    @Test
    void rejects_whatever_is_not_frames_to_the_last_byte() throws Exception {
        int tag = (int) Mp3File.read(mp3).tagBytes();
        List<byte[]> wrong =
                List.of(
                        Arrays.copyOf(bytes, bytes.length - 1),
                        Arrays.copyOf(bytes, bytes.length + 1),
                        Arrays.copyOf(bytes, bytes.length + 417),
                        Arrays.copyOf(bytes, tag),
                        Arrays.copyOf(bytes, tag + 3),
                        Arrays.copyOf(bytes, 5),
                        new byte[0],
                        blank(bytes, tag + 4000, 500),
                        with(bytes, tag + 2, 0),
                        "<html>not an mp3</html>".getBytes(StandardCharsets.UTF_8));

        for (byte[] content : wrong) {
            Path file = Files.write(directory.resolve("wrong.mp3"), content);
            assertThatThrownBy(() -> Mp3File.read(file)).isInstanceOf(MalformedMp3.class);
        }
    }

    @Test
    void rejects_a_header_that_counts_other_frames_than_there_are() throws Exception {
        int tag = (int) Mp3File.read(mp3).tagBytes();
        int header = tag + 4 + 17; // mono, MPEG-1
        assertThat(new String(bytes, header, 4, StandardCharsets.ISO_8859_1)).isEqualTo("Info");

        Path lying =
                Files.write(
                        directory.resolve("lying.mp3"),
                        with(bytes, header + 11, bytes[header + 11] + 1));
        Path headless = Files.write(directory.resolve("headless.mp3"), with(bytes, header, 'X'));

        assertThatThrownBy(() -> Mp3File.read(lying)).hasMessageContaining("frames");
        assertThatThrownBy(() -> Mp3File.read(headless)).hasMessageContaining("Xing");
    }

    private static byte[] blank(byte[] bytes, int from, int length) {
        byte[] changed = bytes.clone();
        Arrays.fill(changed, from, from + length, (byte) 0);
        return changed;
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }
}
