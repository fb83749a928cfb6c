package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which of a file's audio is heard in its MP3. */
class TracksTest {
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

    private TestMedia.Heard converted(Ffmpeg ffmpeg, Path video) throws Exception {
        Mp3 mp3 =
                new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                        .run(
                                new OneFile(video).source(),
                                "x.mkv",
                                Options.NONE,
                                Files.createTempDirectory(directory, "attempt"),
                                percent -> {});
        return new TestMedia(directory, ffmpeg.binary()).listen(mp3.path());
    }

    /** Two mono tracks of 440 and 1500 Hz. */
    private Path twoTracks(Ffmpeg ffmpeg, String name, String... more) {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 2, 16_000));
        arguments.addAll(TestMedia.sine(1500, 2, 16_000));
        arguments.addAll(List.of("-map", "0:a", "-map", "1:a"));
        arguments.addAll(List.of(more));
        return new TestMedia(directory, ffmpeg.binary()).make(name, arguments);
    }

    /** Tracks in MOV that are labelled as single channels, from full-scale tones. */
    private Path discrete(
            Ffmpeg ffmpeg, String name, int seconds, String codec, String... channels) {
        List<String> arguments = new ArrayList<>();
        StringBuilder graph = new StringBuilder();
        for (int i = 0; i < channels.length; i++) {
            arguments.addAll(TestMedia.sine(400 + 300 * i, seconds, 8000));
            graph.append(i == 0 ? "" : ";")
                    .append(
                            "[%d:a]volume=18dB,channelmap=channel_layout=%s[c%d]"
                                    .formatted(i, channels[i], i));
        }
        arguments.addAll(List.of("-filter_complex", graph.toString()));
        for (int i = 0; i < channels.length; i++) arguments.addAll(List.of("-map", "[c" + i + "]"));
        arguments.addAll(List.of("-c:a", codec));
        return new TestMedia(directory, ffmpeg.binary()).make(name, arguments);
    }

    private static Path withUnknownCodec(Path mkv, String codec) throws IOException {
        String all = Files.readString(mkv, StandardCharsets.ISO_8859_1);
        assertThat(all).containsOnlyOnce(codec);
        return Files.writeString(
                mkv,
                all.replace(codec, "A_" + "X".repeat(codec.length() - 2)),
                StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_default_track_that_cannot_be_decoded_gives_way(Ffmpeg ffmpeg) throws Exception {
        Path first = twoTracks(ffmpeg, "first.mkv", "-c:a:0", "flac", "-c:a:1", "aac");

        assertThat(converted(ffmpeg, withUnknownCodec(first, "A_FLAC")).hertz())
                .isCloseTo(1500, within(10));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_commentary_is_not_the_main_sound(Ffmpeg ffmpeg) throws Exception {
        Path commentary =
                twoTracks(
                        ffmpeg,
                        "commentary.mkv",
                        "-c:a",
                        "flac",
                        "-disposition:a:0",
                        "default+comment",
                        "-disposition:a:1",
                        "0");
        Path description =
                twoTracks(
                        ffmpeg,
                        "description.ts",
                        "-c:a",
                        "mp2",
                        "-metadata:s:a:0",
                        "language=eng",
                        "-disposition:a:0",
                        "visual_impaired");

        assertThat(converted(ffmpeg, commentary).hertz()).isCloseTo(1500, within(10));
        assertThat(converted(ffmpeg, description).hertz()).isCloseTo(1500, within(10));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void discrete_left_and_right_tracks_become_stereo(Ffmpeg ffmpeg) throws Exception {
        TestMedia.Heard heard =
                converted(ffmpeg, discrete(ffmpeg, "pair.mov", 2, "pcm_s16le", "FR", "FL"));

        assertThat(heard.channels()).isEqualTo(2);
        assertThat(heard.hertz()).as("on the left").isCloseTo(700, within(10));
        assertThat(heard.rms()).allSatisfy(rms -> assertThat(rms).isCloseTo(-3, within(0.5)));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_discrete_left_track_alone_is_mono(Ffmpeg ffmpeg) throws Exception {
        TestMedia.Heard heard =
                converted(ffmpeg, discrete(ffmpeg, "left.mov", 2, "pcm_s16le", "FL"));

        assertThat(heard.channels()).isEqualTo(1);
        assertThat(heard.rms().getFirst()).isCloseTo(-3, within(0.5));
    }

    @Test
    void discrete_surround_tracks_are_mixed_by_position() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();

        TestMedia.Heard heard =
                converted(
                        ffmpeg,
                        discrete(
                                ffmpeg,
                                "six.mov",
                                2,
                                "pcm_s16le",
                                "FL",
                                "FR",
                                "FC",
                                "LFE",
                                "BL",
                                "BR"));

        assertThat(heard.channels()).isEqualTo(2);
        assertThat(heard.hertz()).isCloseTo(400, within(10));
        assertThat(heard.rms()).allSatisfy(rms -> assertThat(rms).isBetween(-11.0, -3.0));
        assertThat(heard.peak()).allSatisfy(peak -> assertThat(peak).isLessThan(0.0));
    }

    @Test
    void discrete_tracks_are_mixed_in_segments_too() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();

        TestMedia.Heard heard =
                converted(ffmpeg, discrete(ffmpeg, "long.mov", 130, "pcm_mulaw", "FR", "FL"));

        assertThat(heard.duration()).isCloseTo(Duration.ofSeconds(130), Duration.ofMillis(50));
        assertThat(heard.hertz()).as("on the left").isCloseTo(700, within(10));
        assertThat(heard.rms()).allSatisfy(rms -> assertThat(rms).isCloseTo(-3, within(0.5)));
    }
}
