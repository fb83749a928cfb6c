package dev.tomp3.converter.mp3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.conversion.Conversion;
import dev.tomp3.converter.conversion.Limits;
import dev.tomp3.converter.conversion.Mp3;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One job, several encoders. */
class SegmentsTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(60));

    private static final int SECONDS = 130;

    /**
     * Loud and very quiet in turns, so that an encoder remembers for long, with tones and noise on
     * each side.
     */
    private static final String LOUD_AND_QUIET =
            "sine=f=440:b=3:d=131,volume=0.02[a];anoisesrc=d=131:c=brown:a=0.3:seed=2,"
                + "volume='if(lt(mod(t,10),3),1,0.003)':eval=frame[b];"
                + "[a][b]amix=2,aformat=channel_layouts=mono,asplit[c][d];[d]adelay=7[e];[c][e]join=inputs=2:channel_layout=stereo";

    @TempDir Path directory;
    private final Ffmpeg ffmpeg = Ffmpegs.bundled();
    private TestMedia media;

    @BeforeEach
    void listens() {
        media = new TestMedia(directory, ffmpeg.binary());
    }

    static Stream<Arguments> options() {
        return Stream.of(
                Arguments.of(new Options(192, null, false, null, false), 44_100, 2),
                Arguments.of(new Options(null, 4, false, 48_000, false), 48_000, 2),
                Arguments.of(new Options(64, null, true, 22_050, false), 22_050, 1));
    }

    @ParameterizedTest
    @MethodSource("options")
    void makes_what_one_encoder_would_make(Options options, int rate, int channels)
            throws Exception {
        Path source = source();
        Path pcm = directory.resolve("decoded.pcm");
        List<String> format = List.of("-ar", "" + rate, "-ac", "" + channels, "-f", "f32le");
        run(List.of("-i", source.toString()), plan(options), format, List.of(pcm.toString()));
        Path reference = directory.resolve("reference.mp3");
        List<String> encoded =
                options.quality() == null
                        ? List.of("-b:a", options.bitrate() + "k")
                        : List.of("-q:a", options.quality().toString());
        run(
                List.of("-f", "f32le", "-ar", "" + rate, "-ac", "" + channels),
                List.of("-i", pcm.toString(), "-reservoir", "0"),
                encoded,
                List.of("-write_xing", "0", "-id3v2_version", "0", reference.toString()));

        Mp3 mp3 = convert(source, options, 3);

        List<byte[]> frames = frames(mp3.path());
        assertThat(frames.subList(1, frames.size()))
                .usingElementComparator(Arrays::compare)
                .isEqualTo(frames(reference));
        assertThat(decodedSamples(mp3.path(), channels)).isEqualTo(Files.size(pcm) / 4 / channels);
        assertThat(mp3.duration()).isEqualTo(Duration.ofSeconds(SECONDS));
    }

    /** What a single encoder needs no filter for. */
    private static List<String> plan(Options options) {
        return options.mono()
                ? List.of(
                        "-af",
                        // the rate is changed in a second step, and rounded in between
                        "aresample=rematrix_maxval=1,aformat=channel_layouts=mono,aresample")
                : List.of();
    }

    @Test
    void makes_the_same_bytes_with_any_number_of_encoders() throws Exception {
        Path source = source();
        Options voice = new Options(32, null, true, 22_050, false);
        byte[] one = Files.readAllBytes(convert(source, voice, 1).path());
        Path attempt = Files.createDirectory(directory.resolve("second"));
        Files.writeString(attempt.resolve("frames"), "left from an earlier try");
        byte[] many = Files.readAllBytes(convert(source, voice, 5, attempt).path());
        assertThat(many).isEqualTo(one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"segment-0.pcm", "segment-1.pcm", "segment-0.mp3"})
    void says_so_when_there_is_no_room(String name) throws Exception {
        Path source = directory.resolve("tone.flac");
        media.run(List.of("-f", "lavfi", "-i", "sine=d=130:r=16000", source.toString()));
        Path attempt = Files.createDirectory(directory.resolve("full"));
        Files.createSymbolicLink(attempt.resolve(name), Path.of("/dev/full"));
        assertThatThrownBy(() -> convert(source, Options.NONE, 2, attempt))
                .isInstanceOf(IOException.class)
                .hasRootCauseMessage("No space left on device");
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
    }

    private Path source() {
        return media.make(
                "long.flac",
                List.of(
                        "-filter_complex",
                        LOUD_AND_QUIET,
                        "-ar",
                        "44100",
                        "-t",
                        "" + SECONDS,
                        "-metadata",
                        "title=Loud and quiet"));
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    private void run(List<String>... parts) {
        media.run(Arrays.stream(parts).flatMap(List::stream).toList());
    }

    private long decodedSamples(Path mp3, int channels) throws IOException {
        Path decoded = directory.resolve("decoded.s16");
        run(
                List.of("-i", mp3.toString(), "-f", "s16le"),
                List.of("-ac", "" + channels, decoded.toString()));
        return Files.size(decoded) / 2 / channels;
    }

    private static List<byte[]> frames(Path mp3) throws IOException, MalformedMp3 {
        byte[] all = Files.readAllBytes(mp3);
        List<byte[]> frames = new ArrayList<>();
        for (int at = (int) Mp3File.tagBytes(all); at < all.length; ) {
            int length = FrameHeader.of(ByteBuffer.wrap(all).getInt(at), at).length();
            frames.add(Arrays.copyOfRange(all, at, at + length));
            at += length;
        }
        return frames;
    }

    private Mp3 convert(Path video, Options options, int encoders) throws Exception {
        return convert(video, options, encoders, Files.createTempDirectory(directory, "attempt"));
    }

    private Mp3 convert(Path video, Options options, int encoders, Path attempt) throws Exception {
        return new Conversion(ffmpeg, new EncoderPermits(encoders), LIMITS)
                .run(new OneFile(video).source(), "long.mp4", options, attempt, percent -> {});
    }
}
