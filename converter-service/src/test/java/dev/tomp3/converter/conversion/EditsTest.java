package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.sound.LoudnessMeter;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Sound;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What options change of the sound: the MP3s are decoded and measured. */
class EditsTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(60));

    /** 20 minutes that are cheap to encode. */
    private static final int LONG = 20 * 60;

    @TempDir Path directory;

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.usual();
    }

    private Mp3 convert(Ffmpeg ffmpeg, Path video, String... options) throws Exception {
        Map<String, String> texts = new HashMap<>();
        for (String option : options) {
            int equals = option.indexOf('=');
            texts.put(option.substring(0, equals), option.substring(equals + 1));
        }
        return new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                .run(
                        new OneFile(video).source(),
                        "x.mkv",
                        Options.of(texts),
                        Files.createTempDirectory(directory, "attempt"),
                        percent -> {});
    }

    private static Sound sound(Mp3 mp3) {
        return Objects.requireNonNull(mp3.sound());
    }

    /** One channel, as a player gives it. */
    private float[] decoded(Ffmpeg ffmpeg, Path mp3) throws IOException {
        Path pcm = directory.resolve("decoded.f32");
        new TestMedia(directory, ffmpeg.binary())
                .run(List.of("-y", "-i", mp3.toString(), "-f", "f32le", pcm.toString()));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(pcm)).order(ByteOrder.LITTLE_ENDIAN);
        float[] sound = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(sound);
        return sound;
    }

    /** The first and the last sample that is not near silence. */
    private static int[] heard(float[] sound) {
        int first = 0;
        while (Math.abs(sound[first]) < 0.03) first++;
        int last = sound.length - 1;
        while (Math.abs(sound[last]) < 0.03) last--;
        return new int[] {first, last};
    }

    /** A tone between two times, in silence that is not digital. */
    private Path tone(Ffmpeg ffmpeg, String name, double from, double to, int seconds, int rate) {
        return new TestMedia(directory, ffmpeg.binary())
                .make(
                        name,
                        List.of(
                                "-f",
                                "lavfi",
                                "-i",
                                toneInSilence(from, to, seconds, rate),
                                "-c:a",
                                name.endsWith("mp3") ? "libmp3lame" : "pcm_s16le"));
    }

    private static String toneInSilence(double from, double to, int seconds, int rate) {
        return "aevalsrc='if(between(t,%s,%s),0.4*sin(880*PI*t),0.0001*sin(200*PI*t))':s=%d:d=%d"
                .formatted(from, to, rate, seconds);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_short_recording_is_cut_exactly(Ffmpeg ffmpeg) throws Exception {
        Path source = tone(ffmpeg, "short.mkv", 10, 20, 30, 44_100);
        Mp3 mp3 = convert(ffmpeg, source, "start=9.5", "end=0:21.25");
        float[] sound = decoded(ffmpeg, mp3.path());
        assertThat(sound).hasSize((int) (11.75 * 44_100));
        assertThat(heard(sound)[0]).isCloseTo(22_050, within(150));
        assertThat(heard(sound)[1]).isCloseTo((int) (10.5 * 44_100), within(150));
        assertThat(mp3.warnings()).isEmpty();
        assertThat(mp3.duration()).isEqualTo(Duration.ofMillis(11_750));
    }

    @Test
    void a_copy_would_not_be_exact() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path source = tone(ffmpeg, "source.mp3", 10, 20, 30, 44_100);
        Mp3 copy = convert(ffmpeg, source);
        assertThat(decoded(ffmpeg, copy.path())).hasSize(30 * 44_100);
        assertThat(sound(copy).loudness()).isNotNull();

        float[] cut = decoded(ffmpeg, convert(ffmpeg, source, "start=9.5", "end=12").path());
        assertThat(cut).hasSize((int) (2.5 * 44_100));
        assertThat(heard(cut)[0]).isCloseTo(22_050, within(150));

        float[] trimmed = decoded(ffmpeg, convert(ffmpeg, source, "trim_silence=true").path());
        assertThat(trimmed.length).isCloseTo(10 * 44_100, within(3000));
    }

    @Test
    void a_long_recording_is_cut_trimmed_and_faded_exactly() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path source = longBook(ffmpeg);
        String[] small = {"bitrate=32", "sample_rate=8000", "track=language=de"};
        Mp3 cut =
                convert(
                        ffmpeg,
                        source,
                        "start=1:39.5",
                        "end=18:21",
                        "title=Neu",
                        "album=",
                        small[0],
                        small[1],
                        small[2]);
        float[] sound = decoded(ffmpeg, cut.path());
        assertThat(sound).hasSize((int) (1001.5 * 8000));
        assertThat(heard(sound)[0]).isCloseTo(4000, within(60));
        assertThat(heard(sound)[1]).isCloseTo((int) (1000.5 * 8000), within(60));
        assertThat(sound(cut).track()).isEqualTo(2);
        assertThat(sound(cut).chapters())
                .containsExactly(
                        new Sound.Chapter(0, "Eins"), new Sound.Chapter(500_500, "Zwei ä"));
        assertThat(sound(cut).tags()).isEqualTo(Map.of("title", "Neu", "artist", "Jemand"));

        Mp3 trimmed =
                convert(
                        ffmpeg,
                        source,
                        "trim_silence=true",
                        "fade_in=10",
                        "fade_out=10",
                        "loudness=-20",
                        small[0],
                        small[1],
                        small[2]);
        float[] faded = decoded(ffmpeg, trimmed.path());
        assertThat(faded.length).isCloseTo(1000 * 8000, within(3));
        LoudnessMeter whole = new LoudnessMeter(8000, 1);
        whole.accept(faded, faded.length);
        assertThat(whole.measurement().lufs()).isCloseTo(-20, within(0.5));
        assertThat(peak(faded, 0, 800)).isLessThan(0.01f);
        assertThat(peak(faded, 5 * 8000 - 400, 5 * 8000 + 400))
                .isCloseTo(peak(faded, 80_000, 88_000) / 2, within(0.02f));
        assertThat(peak(faded, faded.length - 800, faded.length)).isLessThan(0.01f);
        assertThat(sound(trimmed).chapters().getLast())
                .isEqualTo(new Sound.Chapter(500_000, "Zwei ä"));
    }

    /** Two tracks, of which the second is a tone in silence, with chapters and tags. */
    private Path longBook(Ffmpeg ffmpeg) throws IOException {
        List<String> arguments = new ArrayList<>(TestMedia.sine(1500, LONG, 8000));
        arguments.addAll(List.of("-f", "lavfi", "-i", toneInSilence(100, LONG - 100, LONG, 8000)));
        arguments.addAll(List.of("-i", chapters(600).toString(), "-map_chapters", "2"));
        arguments.addAll(List.of("-map", "0:a", "-map", "1:a", "-c:a", "pcm_s16le"));
        arguments.addAll(List.of("-metadata:s:a:0", "language=eng"));
        arguments.addAll(List.of("-metadata:s:a:1", "language=ger"));
        arguments.addAll(List.of("-metadata", "title=Alt", "-metadata", "artist=Jemand"));
        arguments.addAll(List.of("-metadata", "album=Fort"));
        return new TestMedia(directory, ffmpeg.binary()).make("long.mov", arguments);
    }

    /**
     * Two chapters and the title of a third that begins a minute before the end of the long source.
     */
    private Path chapters(int second) throws IOException {
        return Files.writeString(
                directory.resolve("chapters.txt"),
                """
                ;FFMETADATA1
                [CHAPTER]
                TIMEBASE=1/1
                START=0
                END=%1$d
                title=Eins
                [CHAPTER]
                TIMEBASE=1/1
                START=%1$d
                END=1140
                title=Zwei ä
                [CHAPTER]
                TIMEBASE=1/1
                START=1140
                END=1200
                title=Drei
                """
                        .formatted(second));
    }

    /** A copy has everything but a changed sound. */
    @Test
    void an_mp3_that_is_copied_has_its_chapters_tags_and_loudness() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        TestMedia media = new TestMedia(directory, ffmpeg.binary());
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 30, 44_100));
        arguments.addAll(List.of("-i", chapters(20).toString(), "-map_chapters", "1"));
        arguments.addAll(List.of("-t", "30", "-c:a", "libmp3lame", "-b:a", "64k"));
        arguments.addAll(List.of("-metadata", "title=Alt", "-metadata", "artist=Jemand"));
        arguments.addAll(List.of("-metadata", "album=Fort", "-metadata", "location=+48+002/"));
        Path source = media.make("book.mp3", arguments);

        Mp3 copy = convert(ffmpeg, source, "title=Neu", "album=");

        assertThat(decoded(ffmpeg, copy.path())).isEqualTo(decoded(ffmpeg, source));
        assertThat(sound(copy).chapters().subList(0, 2))
                .containsExactly(new Sound.Chapter(0, "Eins"), new Sound.Chapter(20_000, "Zwei ä"));
        assertThat(sound(copy).tags()).isEqualTo(Map.of("title", "Neu", "artist", "Jemand"));
        assertThat(Objects.requireNonNull(sound(copy).loudness()).lufs())
                .isCloseTo(measured(ffmpeg, copy.path()), within(0.3));
        assertThat(Files.readString(copy.path(), StandardCharsets.ISO_8859_1).substring(0, 4000))
                .contains("REPLAYGAIN_TRACK_GAIN")
                .doesNotContain("+48");

        Mp3 bare = convert(ffmpeg, source, "tags=none", "comment=Meins");
        assertThat(sound(bare).tags()).isEqualTo(Map.of("comment", "Meins"));
        assertThat(sound(bare).chapters()).isEmpty();
    }

    /** The stamps begin at 100 s, or the sound 15 s after the pictures. */
    @Test
    void chapters_are_in_the_time_of_the_mp3() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        TestMedia media = new TestMedia(directory, ffmpeg.binary());
        Path chapters = chapters(20);
        for (String codec : List.of("aac", "libmp3lame")) {
            List<String> live = new ArrayList<>(TestMedia.sine(440, 30, 44_100));
            live.addAll(List.of("-i", chapters.toString(), "-map_chapters", "1", "-t", "30"));
            live.addAll(List.of("-c:a", codec));
            Path recording = media.make("recording.mkv", live);
            Path shifted =
                    media.make(
                            "shifted.mkv",
                            List.of(
                                    "-itsoffset",
                                    "100",
                                    "-i",
                                    recording.toString(),
                                    "-c",
                                    "copy",
                                    "-copyts"));
            assertThat(media.describe(shifted)).contains("start 120.0");
            List<String> late = new ArrayList<>(TestMedia.pictures(40));
            late.addAll(List.of("-itsoffset", "15"));
            late.addAll(TestMedia.sine(440, 25, 44_100));
            late.addAll(List.of("-i", chapters.toString(), "-map_chapters", "2", "-t", "40"));
            late.addAll(List.of("-c:v", "mpeg4", "-c:a", codec));

            assertThat(starts(convert(ffmpeg, shifted))).as(codec).containsExactly(0L, 20_000L);
            assertThat(starts(convert(ffmpeg, shifted, "start=5")))
                    .as(codec)
                    .containsExactly(0L, 15_000L);
            assertThat(starts(convert(ffmpeg, media.make("late.mkv", late))))
                    .as(codec)
                    .containsExactly(0L, 5_000L);
        }
    }

    /** To a tenth of a second. */
    private static List<Long> starts(Mp3 mp3) {
        return sound(mp3).chapters().stream()
                .map(chapter -> Math.round(chapter.startMs() / 100.0) * 100)
                .toList();
    }

    private static float peak(float[] sound, int from, int to) {
        float peak = 0;
        for (int i = from; i < to; i++) peak = Math.max(peak, Math.abs(sound[i]));
        return peak;
    }

    @Test
    void a_start_behind_the_end_leaves_nothing() {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path source = tone(ffmpeg, "short.mkv", 10, 20, 30, 44_100);
        assertThatThrownBy(() -> convert(ffmpeg, source, "start=31"))
                .isInstanceOfSatisfying(
                        ConversionFailed.class,
                        e -> assertThat(e.failure().code()).isEqualTo(Failure.Code.NOTHING_LEFT));
    }

    /** Noise like speech, music, a square wave and 5.1: each is as loud as was asked for. */
    @ParameterizedTest
    @MethodSource("signals")
    void the_loudness_is_reached(String signal, boolean limited) throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path source =
                new TestMedia(directory, ffmpeg.binary())
                        .make(
                                "signal.mkv",
                                List.of("-filter_complex", signal, "-c:a", "pcm_s16le"));
        Mp3 mp3 = convert(ffmpeg, source, "loudness=-16");
        Sound.Loudness told = Objects.requireNonNull(sound(mp3).loudness());
        assertThat(told.lufs() + told.gain()).isCloseTo(-16, within(0.02));
        assertThat(told.truePeak() + told.gain() > -1).isEqualTo(limited);
        double measured = measured(ffmpeg, mp3.path());
        assertThat(measured).isCloseTo(-16, within(0.5));
        String head = Files.readString(mp3.path(), StandardCharsets.ISO_8859_1).substring(0, 4000);
        assertThat(head).containsPattern("REPLAYGAIN_TRACK_GAIN\0-[12]\\.\\d\\d dB");
    }

    static Stream<Arguments> signals() {
        return Stream.of(
                Arguments.of(
                        "anoisesrc=d=10:c=pink:a=0.05:seed=3:r=44100,tremolo=f=0.3:d=0.9", false),
                Arguments.of(
                        "sine=330:d=10:r=48000[a];sine=440:d=10:r=48000[b];[a][b]join=inputs=2:channel_layout=stereo",
                        false),
                Arguments.of("aevalsrc='if(lt(mod(t,0.01),0.005),1,-1)':d=10:s=44100", false),
                Arguments.of(
                        // with less treble than pink noise, of which the encoder takes 0.5 LU away
                        "anoisesrc=d=10:c=pink:a=0.1:seed=3:r=48000,lowpass=f=8000,asplit=6[a][b][c][d][e][f];"
                            + "[a][b][c][d][e][f]join=inputs=6:channel_layout=5.1",
                        false),
                Arguments.of(
                        "aevalsrc='0.1*sin(880*PI*t)+if(lt(mod(t,5),0.002),0.8*sin(500*PI*t))':d=10:s=44100",
                        true));
    }

    /** By ffmpeg's own meter. */
    private double measured(Ffmpeg ffmpeg, Path mp3) throws IOException, InterruptedException {
        Process meter =
                new ProcessBuilder(
                                ffmpeg.binary().toString(),
                                "-nostats",
                                "-i",
                                mp3.toString(),
                                "-af",
                                "ebur128",
                                "-f",
                                "null",
                                "-")
                        .redirectErrorStream(true)
                        .start();
        String log = new String(meter.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(meter.waitFor()).isZero();
        String last = log.substring(log.lastIndexOf("I:"));
        return Double.parseDouble(last.substring(2, last.indexOf("LUFS")).strip());
    }

    @Test
    void silence_stays_silent() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path source =
                new TestMedia(directory, ffmpeg.binary())
                        .make(
                                "silence.wav",
                                List.of("-f", "lavfi", "-i", "anullsrc=d=3:r=44100:cl=mono"));
        Mp3 mp3 = convert(ffmpeg, source, "loudness=-16", "trim_silence=true");
        assertThat(sound(mp3).loudness()).isNull();
        assertThat(decoded(ffmpeg, mp3.path())).hasSize(3 * 44_100);
    }

    @Test
    void a_sound_too_long_for_the_disk_is_decoded_twice() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path source = tone(ffmpeg, "short.mkv", 10, 20, 30, 44_100);
        Mp3 kept = convert(ffmpeg, source, "loudness=-20", "fade_out=12");
        byte[] once = Files.readAllBytes(kept.path());
        Limits little =
                new Limits(
                        Duration.ofHours(12),
                        2_000_000,
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(60));
        Mp3 twice =
                new Conversion(ffmpeg, new EncoderPermits(1), little)
                        .run(
                                new OneFile(source).source(),
                                "x.mkv",
                                Options.of(Map.of("loudness", "-20", "fade_out", "12")),
                                Files.createTempDirectory(directory, "attempt"),
                                percent -> {});
        assertThat(Files.readAllBytes(twice.path())).isEqualTo(once);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_track_is_taken_by_number_or_language(Ffmpeg ffmpeg) throws Exception {
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 2, 44_100));
        arguments.addAll(TestMedia.sine(1500, 2, 44_100));
        arguments.addAll(
                List.of(
                        "-map",
                        "0:a",
                        "-map",
                        "1:a",
                        "-c:a",
                        "flac",
                        "-metadata:s:a:0",
                        "language=eng",
                        "-metadata:s:a:1",
                        "language=ger",
                        "-metadata:s:a:1",
                        "title=Deutsch",
                        "-disposition:a:0",
                        "default",
                        "-disposition:a:1",
                        "0"));
        TestMedia media = new TestMedia(directory, ffmpeg.binary());
        Path source = media.make("two.mkv", arguments);

        Mp3 usual = convert(ffmpeg, source);
        assertThat(media.listen(usual.path()).hertz()).isEqualTo(440);
        assertThat(sound(usual).track()).isEqualTo(1);
        assertThat(sound(usual).tracks())
                .containsExactly(
                        new Sound.Track(1, "flac", "mono", "eng", null, true),
                        new Sound.Track(2, "flac", "mono", "ger", "Deutsch", false));

        for (String wanted : List.of("track=2", "track=language=de", "track=language=deu")) {
            Mp3 german = convert(ffmpeg, source, wanted);
            assertThat(media.listen(german.path()).hertz()).isEqualTo(1500);
            assertThat(sound(german).track()).isEqualTo(2);
            assertThat(german.warnings()).isEmpty();
        }
        for (String missing : List.of("track=3", "track=language=fr")) {
            assertThatThrownBy(() -> convert(ffmpeg, source, missing))
                    .isInstanceOfSatisfying(
                            ConversionFailed.class,
                            e -> {
                                assertThat(e.failure().code())
                                        .isEqualTo(Failure.Code.NO_SUCH_TRACK);
                                assertThat(e.failure().message())
                                        .contains("1 (flac, eng), 2 (flac, ger)");
                                assertThat(e.failure().audioTracks()).hasSize(2);
                            });
        }
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void chapters_come_along_and_shift(Ffmpeg ffmpeg) throws Exception {
        Path chapters =
                Files.writeString(
                        directory.resolve("chapters.txt"),
                        """
                        ;FFMETADATA1
                        [CHAPTER]
                        TIMEBASE=1/1000
                        START=0
                        END=1000
                        title=Eins
                        [CHAPTER]
                        TIMEBASE=1/1000
                        START=1000
                        END=3000
                        title=Zwei ä
                        """);
        List<String> arguments = new ArrayList<>(TestMedia.sine(440, 3, 44_100));
        arguments.addAll(List.of("-i", chapters.toString(), "-map_chapters", "1", "-c:a", "aac"));
        Path source = new TestMedia(directory, ffmpeg.binary()).make("book.m4a", arguments);

        assertThat(sound(convert(ffmpeg, source)).chapters())
                .containsExactly(new Sound.Chapter(0, "Eins"), new Sound.Chapter(1000, "Zwei ä"));
        Mp3 later = convert(ffmpeg, source, "start=0.25");
        assertThat(sound(later).chapters())
                .containsExactly(new Sound.Chapter(0, "Eins"), new Sound.Chapter(750, "Zwei ä"));
        String described =
                new TestMedia(directory, Ffmpegs.bundled().binary()).describe(later.path());
        assertThat(described)
                .containsPattern("Chapter #0[.:]1: start 0.750000, end 2.7")
                .contains("Zwei ä");
    }

    @Test
    void the_cover_of_the_user_replaces_that_of_the_source() throws Exception {
        Ffmpeg ffmpeg = Ffmpegs.bundled();
        Path source = tone(ffmpeg, "short.mkv", 10, 20, 30, 44_100);
        Path attempt = Files.createTempDirectory(directory, "attempt");
        String png = "\u0089PNG\r\n\u001a\n\0\0\0\4IDATmine\0\0\0\0\0\0\0\0IEND\0\0\0\0";
        byte[] cover = png.getBytes(StandardCharsets.ISO_8859_1);
        Files.write(Conversion.givenCover(attempt), cover);
        Mp3 mp3 =
                new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                        .run(
                                new OneFile(source).source(),
                                "x.mkv",
                                Options.NONE.withCover("00"),
                                attempt,
                                percent -> {});
        assertThat(Files.readString(mp3.path(), StandardCharsets.ISO_8859_1).substring(0, 1000))
                .contains("APIC", "image/png", png);
    }
}
