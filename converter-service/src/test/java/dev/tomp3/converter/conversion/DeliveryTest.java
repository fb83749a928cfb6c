package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Failure.Code;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What decodes is delivered, regardless of what the file declares; what does not has its right
 * name.
 */
class DeliveryTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    1L << 30,
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(60));

    @TempDir Path directory;

    private TestMedia media;

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.all();
    }

    @BeforeEach
    void make() {
        media = new TestMedia(directory, Ffmpegs.bundled().binary());
    }

    private Path tone(String name, int seconds, String... more) {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, seconds, 16_000));
        arguments.addAll(List.of(more));
        return media.make(name, arguments);
    }

    private Mp3 convert(Ffmpeg ffmpeg, Path file) throws Exception {
        return new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                .run(
                        new OneFile(file).source(),
                        "x",
                        Options.NONE,
                        Files.createTempDirectory(directory, "attempt"),
                        percent -> {});
    }

    private Failure failure(Ffmpeg ffmpeg, Path file) throws Exception {
        try {
            convert(ffmpeg, file);
        } catch (ConversionFailed e) {
            return e.failure();
        }
        throw new AssertionError("It was converted");
    }

    private static List<Warning.Code> codes(Mp3 mp3) {
        return mp3.warnings().stream().map(Warning::code).toList();
    }

    private static void replace(Path file, String where, int at, String hex) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int found = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(where);
        assertThat(found).isNotNegative();
        byte[] value = HexFormat.of().parseHex(hex);
        System.arraycopy(value, 0, bytes, found + at, value.length);
        Files.write(file, bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "7fffffff", "80000000", "ffffffbf", "ffffffff", "7ffff024"})
    void a_placeholder_for_the_size_of_a_wav_is_no_length(String size) throws Exception {
        Path wav = tone("placeholder.wav", 2);
        byte[] little = HexFormat.of().parseHex(size);
        String hex =
                HexFormat.of()
                        .formatHex(
                                ByteBuffer.allocate(4)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .putInt(ByteBuffer.wrap(little).getInt())
                                        .array());
        replace(wav, "RIFF", 4, hex);
        replace(wav, "data", 4, hex);

        Mp3 mp3 = convert(Ffmpegs.bundled(), wav);

        assertThat(mp3.duration()).isEqualTo(Duration.ofSeconds(2));
        assertThat(mp3.warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "declared.flv, duration, 9, 41D0000000000000",
        "declared.flv, duration, 9, 404E000000000000",
        "declared.m4a, mvhd, 20, 00A5C000",
        "declared.m4a, mvhd, 20, FFFFFFFF",
        "declared.mka, 'D\u0089\u0088', 3, 42374876E8000000",
    })
    void an_absurd_duration_refuses_nothing(String name, String where, int at, String hex)
            throws Exception {
        Path file = tone(name, 2, "-ar", "44100", "-c:a", "aac");
        replace(file, where, at, hex);

        Mp3 mp3 = convert(Ffmpegs.bundled(), file);

        assertThat(mp3.duration()).isCloseTo(Duration.ofSeconds(2), Duration.ofMillis(100));
        if (!name.endsWith(".mka")) assertThat(mp3.warnings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_preallocated_download_is_delivered_as_far_as_it_came(Ffmpeg ffmpeg) throws Exception {
        Path file = tone("preallocated.m4a", 4, "-c:a", "aac", "-movflags", "+faststart");
        byte[] bytes = Files.readAllBytes(file);
        Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0);
        Files.write(file, bytes);

        Mp3 mp3 = convert(ffmpeg, file);

        assertThat(mp3.duration()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(2500));
        assertThat(codes(mp3)).containsExactly(Warning.Code.DAMAGED);
        assertThat(mp3.warnings().getFirst().message()).containsPattern("\\d+ of \\d+ packets");
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void encrypted_audio_is_not_converted_to_noise(Ffmpeg ffmpeg) throws Exception {
        for (String codec : List.of("aac", "libopus")) {
            Path file =
                    tone(
                            "encrypted-" + codec + ".mp4",
                            2,
                            "-c:a",
                            codec,
                            "-encryption_scheme",
                            "cenc-aes-ctr",
                            "-encryption_key",
                            "00112233445566778899aabbccddeeff",
                            "-encryption_kid",
                            "00112233445566778899aabbccddeeff");

            assertThat(failure(ffmpeg, file).code()).isEqualTo(Code.ENCRYPTED);
        }
    }

    @Test
    void a_protected_entry_that_ffmpeg_does_not_know_is_encrypted() throws Exception {
        Path file = tone("protected.m4a", 1, "-c:a", "aac");
        replace(file, "mp4a", 0, "64726d73"); // drms
        replace(file, "esds", 0, "00000000");

        assertThat(failure(Ffmpegs.bundled(), file).code()).isEqualTo(Code.ENCRYPTED);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_codec_without_a_decoder_is_named(Ffmpeg ffmpeg) throws Exception {
        Path file = tone("unsupported.m4a", 1, "-c:a", "aac");
        replace(file, "mp4a", 0, "6d686d31"); // mhm1
        replace(file, "esds", 0, "00000000");

        Failure failure = failure(ffmpeg, file);

        assertThat(failure.code()).isEqualTo(Code.UNSUPPORTED_CODEC);
        assertThat(failure.message()).endsWith(": MPEG-H 3D Audio.");
    }

    @Test
    void mp3_of_free_format_is_named() throws Exception {
        byte[] frame = Arrays.copyOf(HexFormat.of().parseHex("fffb00c4"), 1000);
        ByteBuffer frames = ByteBuffer.allocate(50 * frame.length);
        while (frames.hasRemaining()) frames.put(frame);

        Failure failure =
                failure(
                        Ffmpegs.bundled(),
                        Files.write(directory.resolve("free.mp3"), frames.array()));

        assertThat(failure.code()).isEqualTo(Code.UNSUPPORTED_CODEC);
        assertThat(failure.message()).contains("free-format MP3");
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_track_that_turns_out_not_to_decode_gives_way_to_the_next(Ffmpeg ffmpeg)
            throws Exception {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 2, 16_000));
        arguments.addAll(TestMedia.sine(1500, 2, 16_000));
        arguments.addAll(List.of("-map", "0:a", "-map", "1:a"));
        arguments.addAll(List.of("-c:a:0", "pcm_s16le", "-c:a:1", "aac"));
        Path file = media.make("two.mkv", arguments);
        replace(file, "A_PCM/INT/LIT", 0, "415f4143330000000000000000"); // A_AC3

        Mp3 mp3 = convert(ffmpeg, file);

        assertThat(media.listen(mp3.path()).hertz()).isCloseTo(1500, within(10));
        assertThat(codes(mp3)).containsExactly(Warning.Code.OTHER_TRACK);
        assertThat(mp3.warnings().getFirst().message())
                .isEqualTo("Track 1 (ac3) cannot be decoded; track 2 was taken.");
    }
}
