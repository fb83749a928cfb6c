package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * MP3s as programs that are not part of ffmpeg decode, measure and read them. Each program is a
 * package of Debian with its name; the script {@code test} says which are missing.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherProgramsTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(60));

    /** Samples at the beginning and at the end that are compared. */
    private static final int WINDOW = 4000;

    private static final int MOST = 60;

    /** An MP3, and the sound that it was made of. */
    private static final class Made {
        private final String way;
        private final Path mp3;
        private final float[] sound;

        Made(String way, Path mp3, float[] sound) {
            this.way = way;
            this.mp3 = mp3;
            this.sound = sound;
        }
    }

    @TempDir private static Path directory;
    private TestMedia media;
    private final List<Made> all = new ArrayList<>();

    @BeforeAll
    void convert() throws Exception {
        media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path noise = noise("short.wav", 20, 44_100);
        float[] sound = decoded(noise);
        Path excerpt =
                converted(
                        noise,
                        Map.of(
                                "start",
                                "2.5",
                                "end",
                                "0:15.25",
                                "loudness",
                                "-16",
                                "title",
                                "Größe"));
        float[] kept = Arrays.copyOfRange(sound, (int) (2.5 * 44_100), (int) (15.25 * 44_100));
        all.add(new Made("an excerpt", excerpt, kept));
        all.add(new Made("a copy", converted(excerpt, Map.of()), kept));
        all.add(new Made("one encoder", converted(noise, Map.of("quality", "4")), sound));
        Path longer = noise("long.mov", 125, 8000);
        all.add(new Made("segments", converted(longer, Map.of("bitrate", "32")), decoded(longer)));
    }

    private Path noise(String name, int seconds, int rate) {
        return media.make(
                name,
                List.of(
                        "-f",
                        "lavfi",
                        "-i",
                        "anoisesrc=d=%d:c=pink:a=0.1:seed=3:r=%d".formatted(seconds, rate),
                        "-c:a",
                        "pcm_s16le"));
    }

    private Path converted(Path source, Map<String, String> options) throws Exception {
        return new Conversion(Ffmpegs.bundled(), new EncoderPermits(2), LIMITS)
                .run(
                        new OneFile(source).source(),
                        "x.mkv",
                        Options.of(options),
                        Files.createTempDirectory(directory, "attempt"),
                        percent -> {})
                .path();
    }

    private float[] decoded(Path file) throws IOException {
        Path pcm = directory.resolve("decoded.raw");
        media.run(List.of("-y", "-i", file.toString(), "-f", "s16le", pcm.toString()));
        return samples(Files.readAllBytes(pcm), 0);
    }

    private static float[] samples(byte[] bytes, int from) {
        ShortBuffer pcm =
                ByteBuffer.wrap(bytes, from, bytes.length - from)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer();
        float[] samples = new float[pcm.remaining()];
        for (int i = 0; i < samples.length; i++) samples[i] = pcm.get(i);
        return samples;
    }

    private static void assertExact(Made made, float[] decoded) {
        assertThat(decoded).as(made.way).hasSameSizeAs(made.sound);
        assertThat(shift(made.sound, decoded, MOST)).as("beginning of " + made.way).isZero();
        assertThat(shift(made.sound, decoded, decoded.length - WINDOW - MOST))
                .as("end of " + made.way)
                .isZero();
    }

    /**
     * By how many samples a sound comes later than another one: where their correlation is highest.
     */
    private static int shift(float[] sound, float[] later, int from) {
        int best = 0;
        double highest = 0;
        for (int shift = -MOST; shift <= MOST; shift++) {
            double sum = 0;
            for (int i = from; i < from + WINDOW; i++) sum += sound[i] * later[i + shift];
            if (sum <= highest) continue;
            highest = sum;
            best = shift;
        }
        return best;
    }

    @Test
    void ffmpeg_decodes_exactly_the_samples_of_the_source() throws Exception {
        for (Made made : all) assertExact(made, decoded(made.mp3));
    }

    @Test
    @Tag("lame")
    void lame_decodes_exactly_the_samples_of_the_source() throws Exception {
        Path wav = directory.resolve("lame.wav");
        for (Made made : all) {
            output("lame", "--quiet", "--decode", made.mp3.toString(), wav.toString());
            assertExact(made, samples(Files.readAllBytes(wav), 44));
        }
    }

    @Test
    @Tag("mpg123")
    void mpg123_decodes_exactly_the_samples_of_the_source() throws Exception {
        for (Made made : all) {
            byte[] pcm = output("mpg123", "-q", "-s", "-e", "s16", made.mp3.toString());
            assertExact(made, samples(pcm, 0));
        }
    }

    @Test
    @Tag("eyeD3")
    void eye_d3_reads_the_tags() throws Exception {
        byte[] printed = output("eyeD3", "--no-color", all.getFirst().mp3.toString());
        assertThat(new String(printed, StandardCharsets.ISO_8859_1))
                .contains("title: Gr", "REPLAYGAIN_TRACK_GAIN");
    }

    @ParameterizedTest
    @MethodSource("dev.tomp3.converter.conversion.EditsTest#signals")
    @Tag("loudgain")
    void loudgain_measures_the_loudness_that_was_asked_for(String signal) throws Exception {
        Path source =
                media.make("signal.mkv", List.of("-filter_complex", signal, "-c:a", "pcm_s16le"));
        Path mp3 = converted(source, Map.of("loudness", "-16"));
        String printed =
                new String(output("loudgain", "-O", mp3.toString()), StandardCharsets.UTF_8);
        String measured = printed.substring(0, printed.indexOf(" LUFS"));
        assertThat(Double.parseDouble(measured.substring(measured.lastIndexOf('\t') + 1)))
                .isCloseTo(-16, within(0.5));
    }

    private static byte[] output(String... command) throws InterruptedException, IOException {
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        byte[] printed = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).as(command[0]).isZero();
        return printed;
    }
}
