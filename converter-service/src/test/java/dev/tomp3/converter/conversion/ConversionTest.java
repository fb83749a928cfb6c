package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.converter.source.SourceServer;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConversionTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(60));

    /** Of the tone that lavfi makes, in dBFS. */
    private static final double TONE = -21.07;

    private static final double SILENCE = -60;

    /** Of a file of each kind, in seconds. */
    private static final int SECONDS = 4;

    @TempDir Path directory;
    private TestMedia media;

    /** All files are made by the bundled ffmpeg, once for those that convert them. */
    @BeforeEach
    void make() {
        media = new TestMedia(directory, Ffmpegs.bundled().binary());
    }

    static Stream<Arguments> everyKind() {
        return Ffmpegs.all()
                .flatMap(ffmpeg ->
                        Arrays.stream(TestMedia.Kind.values())
                                .map(kind -> Arguments.of(ffmpeg, kind)));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void converts_every_kind_of_file(Ffmpeg ffmpeg, TestMedia.Kind kind) throws Exception {
        Path video = media.tone(kind, 440, SECONDS);
        Duration decoded = media.listen(video).duration();

        Mp3 mp3 = convert(ffmpeg, video, Options.NONE);

        TestMedia.Heard heard = media.listen(mp3.path());
        assertThat(heard.codec()).isEqualTo("mp3");
        assertThat(heard.hertz()).isCloseTo(440, within(10));
        assertThat(heard.duration()).isCloseTo(decoded, Duration.ofMillis(50));
        assertThat(mp3.duration()).isCloseTo(decoded, Duration.ofMillis(50));
        assertThat(mp3.bytes()).isEqualTo(Files.size(mp3.path()));
        assertThat(heard.description())
                .contains(video.getFileName().toString().replaceAll("\\..*", ""));
    }

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.usual();
    }

    static Stream<Arguments> options() {
        return Ffmpegs.usual()
                .flatMap(ffmpeg ->
                        Stream.of(
                                Arguments.of(
                                        ffmpeg,
                                        new Options(128, null, false, null, false),
                                        44_100,
                                        2,
                                        128),
                                Arguments.of(
                                        ffmpeg,
                                        new Options(320, null, true, 48_000, false),
                                        48_000,
                                        1,
                                        320),
                                Arguments.of(
                                        ffmpeg,
                                        new Options(64, null, false, 22_050, false),
                                        22_050,
                                        2,
                                        64),
                                Arguments.of(
                                        ffmpeg,
                                        new Options(32, null, true, 8_000, false),
                                        8_000,
                                        1,
                                        32),
                                Arguments.of(
                                        ffmpeg,
                                        new Options(null, null, false, 16_000, false),
                                        16_000,
                                        2,
                                        160),
                                Arguments.of(
                                        ffmpeg,
                                        new Options(null, 2, false, null, false),
                                        44_100,
                                        2,
                                        0),
                                Arguments.of(
                                        ffmpeg,
                                        new Options(null, 9, true, 24_000, false),
                                        24_000,
                                        1,
                                        0)));
    }

    @ParameterizedTest
    @MethodSource("options")
    void gives_what_was_asked_for(
            Ffmpeg ffmpeg, Options options, int rate, int channels, int bitrate) throws Exception {
        Path source = media.tone(TestMedia.Kind.M4A, 1000, 3);

        Mp3 mp3 = convert(ffmpeg, source, options);

        TestMedia.Heard heard = media.listen(mp3.path());
        assertThat(heard.sampleRate()).isEqualTo(rate);
        assertThat(heard.channels()).isEqualTo(channels);
        assertThat(heard.hertz()).isCloseTo(1000, within(10));
        // both sides together are as loud as each alone
        assertThat(heard.rms().getFirst())
                .isCloseTo(media.listen(source).rms().getFirst(), within(0.5));
        boolean constant = head(mp3.path()).contains("Info");
        assertThat(constant).isEqualTo(bitrate > 0);
        if (constant)
            assertThat(mp3.bytes() / 3.0 * 8 / 1000).isCloseTo(bitrate, within(bitrate * 0.1));
    }

    private static String head(Path mp3) throws IOException {
        try (InputStream in = Files.newInputStream(mp3)) {
            return new String(in.readNBytes(4000), StandardCharsets.ISO_8859_1);
        }
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void leaves_the_frames_of_mp3_as_they_are(Ffmpeg ffmpeg) throws Exception {
        Path source = media.tone(TestMedia.Kind.MP3, 440, 3);

        Mp3 mp3 = convert(ffmpeg, source, Options.NONE);

        assertThat(frames(mp3.path())).isEqualTo(frames(source));
        Mp3 encoded = convert(ffmpeg, source, new Options(192, null, false, null, false));
        assertThat(frames(encoded.path())).isNotEqualTo(frames(source));
    }

    private String frames(Path mp3) throws IOException {
        Path hashes =
                media.make(
                        "hashes",
                        List.of(
                                "-i",
                                mp3.toString(),
                                "-map",
                                "0:a",
                                "-c",
                                "copy",
                                "-f",
                                "framehash"));
        // the time stamps shift by the encoder's delay, and ReplayGain is told; the bytes stay
        return Files.readString(hashes)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(",", -1)[5])
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void takes_the_default_track_else_the_first(Ffmpeg ffmpeg) throws Exception {
        List<String> two = new ArrayList<>(TestMedia.sine(440, 2, 44_100));
        two.addAll(TestMedia.sine(1500, 2, 44_100));
        two.addAll(List.of("-map", "0:a", "-map", "1:a", "-c:a", "flac", "-ac:a:1", "2"));
        List<String> second = new ArrayList<>(two);
        second.addAll(List.of("-disposition:a:0", "0", "-disposition:a:1", "default"));
        // a container that marks none; left to itself, ffmpeg takes the one with more channels
        List<String> none = new ArrayList<>(two);
        none.addAll(List.of("-c:a", "mp2"));

        Mp3 marked = convert(ffmpeg, media.make("second.mkv", second), Options.NONE);
        Mp3 first = convert(ffmpeg, media.make("none.ts", none), Options.NONE);

        assertThat(media.listen(marked.path()).hertz()).isCloseTo(1500, within(10));
        assertThat(media.listen(first.path()).hertz()).isCloseTo(440, within(10));
    }

    static Stream<Arguments> speakers() {
        return Ffmpegs.usual()
                .flatMap(ffmpeg ->
                        Stream.of(
                                // centre and surrounds 3 dB down, on both sides or on theirs; no
                                // LFE
                                Arguments.of(ffmpeg, "5.1", "FC", TONE - 3, TONE - 3),
                                Arguments.of(ffmpeg, "5.1", "FL", TONE, SILENCE),
                                Arguments.of(ffmpeg, "5.1", "BR", SILENCE, TONE - 3),
                                Arguments.of(ffmpeg, "5.1", "LFE", SILENCE, SILENCE),
                                Arguments.of(ffmpeg, "5.1(side)", "SL", TONE - 3, SILENCE),
                                Arguments.of(ffmpeg, "7.1", "FC", TONE - 3, TONE - 3)));
    }

    @ParameterizedTest
    @MethodSource("speakers")
    void mixes_surround_sound_at_its_levels(
            Ffmpeg ffmpeg, String layout, String speaker, double left, double right)
            throws Exception {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 3, 48_000));
        arguments.addAll(List.of("-af", "pan=" + layout + "|" + speaker + "=c0", "-c:a", "flac"));

        TestMedia.Heard heard =
                media.listen(
                        convert(ffmpeg, media.make("surround.mkv", arguments), Options.NONE)
                                .path());

        assertThat(heard.rms().get(0)).satisfies(level -> atLevel(level, left));
        assertThat(heard.rms().get(1)).satisfies(level -> atLevel(level, right));
    }

    private static void atLevel(double level, double expected) {
        if (expected == SILENCE) assertThat(level).isLessThan(SILENCE);
        else assertThat(level).isCloseTo(expected, within(0.5));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void limits_surround_sound_that_is_full_everywhere(Ffmpeg ffmpeg) throws Exception {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 3, 48_000));
        arguments.addAll(
                List.of(
                        "-af",
                        "volume=18dB,pan=5.1|FL=c0|FR=c0|FC=c0|LFE=c0|BL=c0|BR=c0",
                        "-c:a",
                        "flac"));

        TestMedia.Heard heard =
                media.listen(
                        convert(ffmpeg, media.make("full.mkv", arguments), Options.NONE).path());

        // the encoder may overshoot what it was given by a little
        assertThat(heard.peak()).allSatisfy(peak -> assertThat(peak).isLessThan(-0.7));
        assertThat(heard.rms()).allSatisfy(rms -> assertThat(rms).isGreaterThan(-5.5));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void keeps_tags_and_cover(Ffmpeg ffmpeg) throws Exception {
        Mp3 mp3 =
                convert(
                        ffmpeg,
                        withCover("200x200", "-metadata", "title=Zeit = Geld; # 1"),
                        Options.NONE);

        String heard = media.listen(mp3.path()).description();
        assertThat(heard)
                .containsPattern("title +: Zeit = Geld; # 1")
                .containsPattern("artist +: Ännchen")
                .containsPattern("Video: mjpeg .*\\(attached pic\\)")
                .doesNotContain("major_brand");
        try (InputStream in = Files.newInputStream(mp3.path())) {
            assertThat(in.readNBytes(4)).containsExactly('I', 'D', '3', 3);
        }
    }

    private Path withCover(String size, String... more) {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 3, 44_100));
        arguments.addAll(
                List.of(
                        "-f",
                        "lavfi",
                        "-i",
                        "nullsrc=duration=0.04:size=" + size + ",geq=random(1)*255:128:128"));
        arguments.addAll(
                List.of(
                        "-map",
                        "0:a",
                        "-map",
                        "1:v",
                        "-frames:v",
                        "1",
                        "-c:v",
                        "mjpeg",
                        "-q:v",
                        "2"));
        arguments.addAll(List.of("-pix_fmt", "yuvj420p", "-disposition:v:0", "attached_pic"));
        arguments.addAll(List.of("-c:a", "aac", "-metadata", "artist=Ännchen"));
        arguments.addAll(List.of(more));
        return media.make("cover.m4a", arguments);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void leaves_out_a_cover_or_tags_that_are_too_large(Ffmpeg ffmpeg) throws Exception {
        Path large = withCover("1500x1500", "-metadata", "title=Mine");
        assertThat(Files.size(large)).isGreaterThan(1_200_000);
        Path text =
                media.text(
                        "meta", ";FFMETADATA1\ntitle=Mine\ncomment=" + "x".repeat(200_000) + "\n");
        Path giant =
                media.make(
                        "giant.m4a",
                        Stream.concat(
                                        TestMedia.sine(440, 3, 44_100).stream(),
                                        Stream.of(
                                                "-i",
                                                text.toString(),
                                                "-map_metadata",
                                                "1",
                                                "-c:a",
                                                "aac"))
                                .toList());

        TestMedia.Heard uncovered = media.listen(convert(ffmpeg, large, Options.NONE).path());
        Mp3 light = convert(ffmpeg, giant, Options.NONE);

        assertThat(uncovered.description())
                .containsPattern("title +: Mine")
                .doesNotContain("attached pic");
        assertThat(light.bytes()).isLessThan(100_000);
        assertThat(media.listen(light.path()).description()).containsPattern("title +: Mine");
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void ogg_has_its_title_in_the_track(Ffmpeg ffmpeg) throws Exception {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 2, 44_100));
        arguments.addAll(List.of("-c:a", "libvorbis", "-metadata", "title=Mine"));

        Mp3 mp3 = convert(ffmpeg, media.make("some.ogg", arguments), Options.NONE);

        assertThat(media.listen(mp3.path()).description()).containsPattern("title +: Mine");
    }

    static Stream<Arguments> breakable() {
        return Ffmpegs.all()
                .flatMap(ffmpeg ->
                        Arrays.stream(TestMedia.Kind.values())
                                .filter(kind -> !kind.isAStream())
                                .map(kind -> Arguments.of(ffmpeg, kind)));
    }

    @ParameterizedTest
    @MethodSource("breakable")
    void delivers_what_is_there_of_a_truncated_file_unless_told_otherwise(
            Ffmpeg ffmpeg, TestMedia.Kind kind) throws Exception {
        Path truncated = media.truncated(media.tone(kind, 440, SECONDS), 0.6);
        Options strict = new Options(null, null, false, null, true);

        assertThatThrownBy(() -> convert(ffmpeg, truncated, strict))
                .isInstanceOfSatisfying(
                        ConversionFailed.class,
                        e -> assertThat(e.failure().code()).isEqualTo(Failure.Code.CORRUPT));
        if (kind.hasItsIndexLast()) {
            assertThat(failure(ffmpeg, truncated)).isEqualTo(Failure.Code.CORRUPT);
            return;
        }
        Mp3 mp3 = convert(ffmpeg, truncated, Options.NONE);
        assertThat(mp3.duration()).isBetween(Duration.ofMillis(900), Duration.ofMillis(3300));
        assertThat(mp3.warnings())
                .extracting(Warning::code)
                .containsExactly(Warning.Code.TRUNCATED);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void audio_that_ends_before_the_pictures_do_is_whole(Ffmpeg ffmpeg) throws Exception {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 2, 44_100));
        arguments.addAll(TestMedia.pictures(6));
        arguments.addAll(List.of("-c:v", "mpeg4", "-c:a", "aac"));

        assertThat(convert(ffmpeg, media.make("short.mp4", arguments), Options.NONE).duration())
                .isCloseTo(Duration.ofSeconds(2), Duration.ofMillis(50));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void refuses_what_has_no_audio(Ffmpeg ffmpeg) throws Exception {
        List<String> arguments = new ArrayList<>(TestMedia.pictures(2));
        arguments.addAll(List.of("-c:v", "mpeg4"));

        assertThat(failure(ffmpeg, media.make("silent.mp4", arguments)))
                .isEqualTo(Failure.Code.NO_AUDIO_TRACK);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void never_reads_another_file_or_address(Ffmpeg ffmpeg) throws Exception {
        Path file = media.tone(TestMedia.Kind.TS, 440, 3);
        try (SourceServer canary = new SourceServer(new OneFile(file).source())) {
            for (Path trap :
                    List.of(
                            media.playlist("file.mp4", file),
                            media.playlist("address.mp4", canary.address()),
                            media.concatenation("list.mp4", file),
                            media.text(
                                    "addresses.mp4",
                                    "ffconcat version 1.0\nfile '" + canary.address() + "'\n"),
                            media.text("text.mp4", "Only words. ".repeat(1000)))) {
                assertThat(failure(ffmpeg, trap)).isEqualTo(Failure.Code.NOT_MEDIA);
            }
            assertThat(canary.highestOffset()).as("bytes of the canary that were read").isZero();
        }
    }

    @Test
    void trouble_with_the_store_is_not_the_files_fault() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path video = media.tone(TestMedia.Kind.MP4, 440, 3);
        OneFile away =
                new OneFile(video) {
                    @Override
                    public InputStream open(Bucket bucket, String id, long offset)
                            throws IOException {
                        return new FilterInputStream(super.open(bucket, id, offset)) {
                            private int left = 20_000;

                            @Override
                            public int read(byte[] buffer, int from, int length)
                                    throws IOException {
                                if (left <= 0) throw new IOException("The store is away");
                                int count = super.read(buffer, from, Math.min(length, left));
                                left -= count;
                                return count;
                            }
                        };
                    }
                };

        assertThatThrownBy(() -> failure(ffmpeg, LIMITS, away))
                .isInstanceOf(IOException.class)
                .rootCause()
                .hasMessage("The store is away");
    }

    @Test
    void leaves_no_process_when_it_is_interrupted() throws Exception {
        Path video = media.longTone(3600);
        // a wrapper, so that there is a tree to kill
        Path wrapper =
                media.text(
                        "ffmpeg",
                        "#!/bin/sh\n" + Ffmpegs.bundled().binary() + " \"$@\"\nexit $?\n");
        assertThat(wrapper.toFile().setExecutable(true)).isTrue();
        Ffmpeg ffmpeg =
                Ffmpeg.find(wrapper.toString(), directory, 2L << 30, Ffmpegs.NO_SANDBOX, true);
        AtomicReference<Throwable> ended = new AtomicReference<>();
        AtomicInteger progress = new AtomicInteger();
        Path attempt = Files.createTempDirectory(directory, "attempt");
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                                        .run(
                                                new OneFile(video).source(),
                                                "x.mov",
                                                Options.NONE,
                                                attempt,
                                                progress::set);
                            } catch (Throwable e) {
                                ended.set(e);
                            }
                        });
        await().atMost(Duration.ofSeconds(30)).until(() -> progress.get() > 0);
        List<ProcessHandle> tree =
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> processesOf(attempt), processes -> processes.size() >= 2);

        thread.interrupt();

        assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
        assertThat(ended.get()).isInstanceOf(InterruptedException.class);
        await().atMost(Duration.ofSeconds(5))
                .until(() -> tree.stream().noneMatch(ProcessHandle::isAlive));
    }

    private static List<ProcessHandle> processesOf(Path attempt) {
        return ProcessHandle.current()
                .descendants()
                .filter(process ->
                        process.info().commandLine().orElse("").contains(attempt.toString()))
                .toList();
    }

    @Test
    void gives_ffmpeg_nothing_of_its_environment() throws Exception {
        Path environment = directory.resolve("environment");
        Ffmpeg spy = instead("/usr/bin/env > " + environment + "\nexec " + real() + " \"$@\"");

        convert(spy, media.tone(TestMedia.Kind.WAV, 440, 1), Options.NONE);

        // what the shell itself adds
        assertThat(Files.readAllLines(environment))
                .isNotEmpty()
                .allSatisfy(line ->
                        assertThat(line)
                                .matches("(PWD|_|SHLVL|OLDPWD|MALLOC_ARENA_MAX|http_proxy)=.*"));
    }

    @Test
    @Timeout(60)
    void ends_an_ffmpeg_that_does_nothing_by_the_clock_and_by_its_standing_still()
            throws Exception {
        Ffmpeg asleep = instead("exec sleep 1000");
        OneFile video = new OneFile(Files.writeString(directory.resolve("x"), "any"));
        Duration hour = Duration.ofHours(1);
        Duration moment = Duration.ofMillis(300);

        // neither uses the CPU time that the kernel counts
        assertThat(failure(asleep, new Limits(hour, 2L << 30, moment, hour, hour), video))
                .isEqualTo(Failure.Code.TIMED_OUT);
        assertThat(failure(asleep, new Limits(hour, 2L << 30, hour, hour, moment), video))
                .isEqualTo(Failure.Code.TIMED_OUT);
    }

    @Test
    void does_not_believe_a_result_that_is_shorter_than_what_was_encoded() throws Exception {
        Ffmpeg liar =
                instead(
                        real()
                                + " \"$@\" || exit 1\n"
                                + real()
                                + " -v error -nostdin -i audio.mp3 -t 1 -c copy -id3v2_version 0 -y"
                                + " short.mp3\n"
                                + "mv short.mp3 audio.mp3");
        Path video = media.tone(TestMedia.Kind.WAV, 440, 3);

        assertThatThrownBy(() -> convert(liar, video, Options.NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not as long");
    }

    private static String real() {
        return Ffmpegs.bundled().binary().toString();
    }

    /** An ffmpeg that answers what it is, and does this when it is to convert. */
    private Ffmpeg instead(String commands) throws Exception {
        Path script =
                Files.writeString(
                        directory.resolve("ffmpeg"),
                        """
                        #!/bin/sh
                        case "$*" in
                        *"-f wav"*)
                        %s
                        ;;
                        *) exec %s "$@" ;;
                        esac
                        """
                                .formatted(commands, real()));
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return Ffmpeg.find(script.toString(), directory, 2L << 30, Ffmpegs.NO_SANDBOX, true);
    }

    private Failure.Code failure(Ffmpeg ffmpeg, Path video) throws Exception {
        return failure(ffmpeg, LIMITS, new OneFile(video));
    }

    private Failure.Code failure(Ffmpeg ffmpeg, Limits limits, OneFile video) throws Exception {
        Path attempt = Files.createTempDirectory(directory, "attempt");
        try {
            new Conversion(ffmpeg, new EncoderPermits(2), limits)
                    .run(video.source(), "x.mp4", Options.NONE, attempt, percent -> {});
        } catch (ConversionFailed e) {
            return e.failure().code();
        }
        throw new AssertionError("It was converted");
    }

    private Mp3 convert(Ffmpeg ffmpeg, Path video, Options options) throws Exception {
        Path attempt = Files.createTempDirectory(directory, "attempt");
        return new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                .run(
                        new OneFile(video).source(),
                        video.getFileName().toString(),
                        options,
                        attempt,
                        percent -> {});
    }
}
