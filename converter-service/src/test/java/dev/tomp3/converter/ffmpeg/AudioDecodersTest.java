package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.jobs.Options;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AudioDecodersTest {
    @TempDir Path directory;

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.all();
    }

    /** An AVI does not say the pixel format of MagicYUV: only its decoder knows it. */
    @ParameterizedTest
    @MethodSource("ffmpegs")
    void no_picture_is_decoded(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path avi =
                media.make(
                        "magic.avi",
                        List.of(
                                ("-f lavfi -i testsrc=s=64x64:d=1 -f lavfi -i sine=440:d=1"
                                                + " -c:v magicyuv -pix_fmt yuv420p -c:a mp2")
                                        .split(" ", -1)));
        Path mp3 = directory.resolve("out.mp3");
        FfmpegArguments.Outputs outputs =
                new FfmpegArguments.Outputs(
                        mp3, directory.resolve("metadata"), directory.resolve("cover"));

        List<String> said =
                run(
                        ffmpeg,
                        new FfmpegArguments(TranscodeCommand.usual(Options.NONE))
                                .whole(new Input(null, false), outputs),
                        avi,
                        new Reach(null, List.of(), List.of(mp3, outputs.metadata())));

        assertThat(said)
                .filteredOn(line -> line.contains("Stream #0:0") && line.contains("Video:"))
                .first()
                .asString()
                .contains("magicyuv", "64x64")
                .doesNotContain("yuv420p");
        assertThat(Mp3File.read(mp3).duration()).isGreaterThan(Duration.ofMillis(900));
    }

    private List<String> run(Ffmpeg ffmpeg, List<String> arguments, Path stdin, Reach reach)
            throws Exception {
        List<String> said = Collections.synchronizedList(new ArrayList<>());
        try (FfmpegProcess process =
                ffmpeg.start(
                        arguments,
                        directory,
                        reach,
                        Duration.ofSeconds(30),
                        1 << 30,
                        true,
                        FfmpegProcess.Output.lines(line -> {}),
                        FfmpegProcess.Output.lines(said::add))) {
            try (OutputStream input = process.input()) {
                Files.copy(stdin, input);
            }
            assertThat(process.ended(Duration.ofSeconds(30))).isTrue();
            assertThat(process.status()).as(() -> String.join("\n", said)).isZero();
        }
        return said;
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void the_list_names_decoders_of_audio_only(Ffmpeg ffmpeg) throws Exception {
        List<String> others =
                new ProcessBuilder(ffmpeg.binary().toString(), "-hide_banner", "-decoders")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .inputReader()
                        .lines()
                        .filter(line -> line.matches(" [VSD][.F].*"))
                        .map(line -> line.strip().split(" +", -1)[1])
                        .toList();

        assertThat(others).doesNotContainAnyElementsOf(AudioDecoders.NAMES);
        assertThat(AudioDecoders.NAMES).doesNotHaveDuplicates();
    }

    @Test
    void an_encoder_reads_nothing_but_what_the_decoder_wrote() {
        List<String> encoder =
                new FfmpegArguments(TranscodeCommand.usual(Options.NONE))
                        .encoder(
                                new SegmentFormat(44_100, 2, Duration.ofSeconds(60)),
                                Path.of("/w/segment-0.pcm"));

        assertThat(encoder.subList(0, encoder.indexOf("-i")))
                .containsSequence("-codec_whitelist", "pcm_f32le");
    }
}
