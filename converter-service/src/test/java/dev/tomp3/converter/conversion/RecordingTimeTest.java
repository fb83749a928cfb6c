package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The MP3 keeps the recording's time, regardless of its time stamps. */
class RecordingTimeTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(60));

    private static final Duration TOLERANCE = Duration.ofMillis(100);
    private static final int SILENT = 0;

    @TempDir Path directory;

    /** Changes the time stamps of a recording. */
    interface Stamps {
        long DROPPED = -1;

        /**
         * Returns the new stamp of a piece of sound.
         *
         * @param number of the piece, from 0
         * @param millis its stamp
         */
        long of(int number, long millis);
    }

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.all();
    }

    static Stream<Arguments> containers() {
        return Ffmpegs.all()
                .flatMap(ffmpeg ->
                        Stream.of(".mkv", ".mp4", ".ts", ".flv")
                                .map(ending -> Arguments.of(ffmpeg, ending)));
    }

    @ParameterizedTest
    @MethodSource("containers")
    void fills_a_gap_with_silence(Ffmpeg ffmpeg, String ending) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path gap = withGap(media, "aac", 5, 2, 3, ".mkv");
        Path source =
                ending.equals(".mkv")
                        ? gap
                        : media.make("gap" + ending, List.of("-i", gap.toString(), "-c", "copy"));

        Mp3 mp3 = convert(ffmpeg, source);

        assertThat(heard(media, mp3.path()))
                .containsExactly(500, 600, SILENT, SILENT, SILENT, 700, 800, 900);
        assertThat(mp3.warnings()).hasSize(1);
        Warning warning = mp3.warnings().getFirst();
        assertThat(warning.code()).isEqualTo(Warning.Code.GAPS_FILLED);
        assertThat(warning.message()).startsWith("3.0 s of sound are missing");
        assertThat(warning.atMs()).isBetween(1_900L, 2_100L);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void fills_a_gap_of_sound_that_is_encoded_in_segments(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path source = withGap(media, "pcm_s16le", 125, 2, 6, ".mkv");

        Mp3 mp3 = convert(ffmpeg, source);

        assertThat(mp3.duration()).isCloseTo(Duration.ofSeconds(131), TOLERANCE);
        assertThat(heard(media, mp3.path()).subList(0, 10))
                .containsExactly(
                        500, 600, SILENT, SILENT, SILENT, SILENT, SILENT, SILENT, 700, 800);
        assertThat(codes(mp3)).containsExactly(Warning.Code.GAPS_FILLED);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void adds_up_lost_packets(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path source =
                flv(
                        media,
                        "aac",
                        10,
                        (number, millis) ->
                                number > 5 && number % 20 == 0 ? Stamps.DROPPED : millis);

        Mp3 mp3 = convert(ffmpeg, source);

        assertThat(mp3.duration()).isCloseTo(Duration.ofSeconds(10), TOLERANCE);
        assertThat(codes(mp3)).containsExactly(Warning.Code.GAPS_FILLED);
    }

    static Stream<Arguments> harmless() {
        Random random = new Random(1);
        List<Named<Stamps>> stamps =
                List.of(
                        Named.of("jitter", (n, ms) -> Math.max(0, ms + random.nextInt(60) - 30)),
                        Named.of("drift", (n, ms) -> ms * 1_010 / 1_000),
                        Named.of("restart", (n, ms) -> ms < 3_000 ? ms : ms - 3_000),
                        Named.of("small step back", (n, ms) -> ms < 3_000 ? ms : ms - 500),
                        Named.of(
                                "step back and return",
                                (n, ms) -> ms < 2_000 || ms > 4_000 ? ms : ms - 1_500),
                        Named.of("live", (n, ms) -> ms + 14_000_000),
                        Named.of("too slow", (n, ms) -> ms / 100),
                        Named.of("too fast", (n, ms) -> ms * 100),
                        Named.of("twice too fast", (n, ms) -> ms * 2));
        return Ffmpegs.usual()
                .flatMap(ffmpeg -> stamps.stream().map(kind -> Arguments.of(ffmpeg, kind)));
    }

    @ParameterizedTest
    @MethodSource("harmless")
    void neither_repeats_nor_drops_nor_inserts_sound(Ffmpeg ffmpeg, Stamps stamps)
            throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path source = flv(media, "aac", 5, stamps);

        Mp3 mp3 = convert(ffmpeg, source);

        assertThat(mp3.duration())
                .isEqualTo(convert(ffmpeg, flv(media, "aac", 5, (n, ms) -> ms)).duration());
        assertThat(heard(media, mp3.path())).containsExactly(500, 600, 700, 800, 900);
        assertThat(mp3.warnings()).isEmpty();
    }

    static Stream<Arguments> jumps() {
        List<Named<Stamps>> stamps =
                List.of(
                        Named.of("12 s", (n, ms) -> ms < 2_000 ? ms : ms + 12_000),
                        Named.of("13 h", (n, ms) -> ms < 2_000 ? ms : ms + 50_000_000),
                        Named.of(
                                "back from 1 h",
                                (n, ms) -> ms < 2_000 ? ms + 3_600_000 : ms - 2_000));
        return Ffmpegs.usual()
                .flatMap(ffmpeg -> stamps.stream().map(kind -> Arguments.of(ffmpeg, kind)));
    }

    @ParameterizedTest
    @MethodSource("jumps")
    void leaves_out_a_jump_of_the_clock(Ffmpeg ffmpeg, Stamps stamps) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());

        Mp3 mp3 = convert(ffmpeg, flv(media, "aac", 5, stamps));

        assertThat(heard(media, mp3.path())).containsExactly(500, 600, 700, 800, 900);
        assertThat(codes(mp3)).containsExactly(Warning.Code.DISCONTINUITY);
        assertThat(mp3.warnings().getFirst().atMs()).isBetween(1_900L, 2_100L);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void leaves_out_a_jump_in_a_transport_stream(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (int offset : List.of(3_600, 0, 40)) {
            List<String> arguments = new ArrayList<>(tones(2, 16_000));
            arguments.addAll(List.of("-c:a", "aac", "-output_ts_offset", "" + offset));
            joined.write(Files.readAllBytes(media.make("at-" + offset + ".ts", arguments)));
        }
        Path source = Files.write(directory.resolve("jumps.ts"), joined.toByteArray());

        Mp3 mp3 = convert(ffmpeg, source);

        assertThat(heard(media, mp3.path())).containsExactly(500, 600, 500, 600, 500, 600);
        assertThat(codes(mp3)).contains(Warning.Code.DISCONTINUITY);
    }

    @ParameterizedTest
    @MethodSource("containers")
    void keeps_the_silence_before_sound_that_begins_late(Ffmpeg ffmpeg, String ending)
            throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());

        Mp3 mp3 = convert(ffmpeg, late(media, 3, "aac", ending));

        assertThat(heard(media, mp3.path())).containsExactly(SILENT, SILENT, SILENT, 500, 600);
        assertThat(codes(mp3)).containsExactly(Warning.Code.GAPS_FILLED);
        assertThat(mp3.warnings().getFirst().atMs()).isZero();
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void begins_at_once_with_sound_that_begins_very_late(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());

        Mp3 mp3 = convert(ffmpeg, late(media, 11, "aac", ".mp4"));

        assertThat(heard(media, mp3.path())).containsExactly(500, 600);
        assertThat(mp3.warnings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void keeps_the_time_when_the_format_changes(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        List<String> first = new ArrayList<>(TestMedia.pictures(4));
        first.addAll(List.of("-itsoffset", "2"));
        first.addAll(tones(2, 44_100));
        first.addAll(List.of("-c:v", "mpeg2video", "-c:a", "aac", "-ac", "1"));
        List<String> second = new ArrayList<>(TestMedia.pictures(2));
        second.addAll(tones(2, 48_000));
        second.addAll(List.of("-c:v", "mpeg2video", "-c:a", "aac", "-ac", "2"));
        second.addAll(List.of("-output_ts_offset", "4"));
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        joined.write(Files.readAllBytes(media.make("first.ts", first)));
        joined.write(Files.readAllBytes(media.make("second.ts", second)));
        Path source = Files.write(directory.resolve("changes.ts"), joined.toByteArray());

        Mp3 mp3 = convert(ffmpeg, source);

        assertThat(heard(media, mp3.path())).containsExactly(SILENT, SILENT, 500, 600, 500, 600);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void decodes_mp3_only_when_time_is_missing(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path whole = flv(media, "libmp3lame", 5, (n, ms) -> ms);

        Mp3 copy = convert(ffmpeg, whole);
        Mp3 restarted =
                convert(
                        ffmpeg,
                        flv(media, "libmp3lame", 5, (n, ms) -> ms < 3_000 ? ms : ms - 3_000));
        Mp3 filled =
                convert(
                        ffmpeg,
                        flv(media, "libmp3lame", 5, (n, ms) -> ms < 2_000 ? ms : ms + 3_000));
        Mp3 late = convert(ffmpeg, late(media, 3, "libmp3lame", ".mkv"));

        assertThat(restarted.bytes()).isEqualTo(copy.bytes());
        assertThat(restarted.warnings()).isEmpty();
        assertThat(heard(media, filled.path()))
                .containsExactly(500, 600, SILENT, SILENT, SILENT, 700, 800, 900);
        assertThat(codes(filled)).containsExactly(Warning.Code.GAPS_FILLED);
        assertThat(heard(media, late.path())).containsExactly(SILENT, SILENT, SILENT, 500, 600);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void keeps_the_first_sound_of_mp3_in_matroska(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        List<String> arguments = new ArrayList<>(tones(3, 44_100));
        arguments.addAll(List.of("-c:a", "libmp3lame"));

        Mp3 mp3 = convert(ffmpeg, media.make("padded.mkv", arguments));

        assertThat(mp3.duration()).isCloseTo(Duration.ofSeconds(3), Duration.ofMillis(30));
        assertThat(media.decoded(mp3.path()))
                .isCloseTo(Duration.ofSeconds(3), Duration.ofMillis(30));
    }

    /** As {@code ffmpeg -ss} writes it; the edit list begins within the first frame. */
    @ParameterizedTest
    @MethodSource("ffmpegs")
    void keeps_the_first_sound_of_mp3_that_was_cut_out_of_mp4(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        Path whole = mp3InMp4(media);
        Path cut =
                media.make(
                        "cut.mp4",
                        List.of("-ss", "5", "-i", whole.toString(), "-t", "4", "-c", "copy"));

        Mp3 mp3 = convert(ffmpeg, cut);

        assertThat(media.decoded(mp3.path())).isCloseTo(media.decoded(cut), Duration.ofMillis(30));
        assertThat(heard(media, mp3.path())).isEqualTo(heard(media, cut)).hasSize(4);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void leaves_out_what_the_edit_list_of_mp3_in_mp4_leaves_out(Ffmpeg ffmpeg) throws Exception {
        TestMedia media = new TestMedia(directory, Ffmpegs.bundled().binary());
        byte[] bytes = Files.readAllBytes(mp3InMp4(media));
        int edits = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("elst") + 4 + 2 * 4;
        ByteBuffer.wrap(bytes).putInt(edits + 4, 6 * 44_100); // where the sound begins
        Path source = Files.write(directory.resolve("edited.mp4"), bytes);

        Mp3 mp3 = convert(ffmpeg, source);

        assertThat(heard(media, mp3.path())).startsWith(1100, 1200).hasSize(4);
        assertThat(mp3.duration()).isCloseTo(Duration.ofSeconds(4), Duration.ofMillis(100));
    }

    private static Path mp3InMp4(TestMedia media) {
        List<String> arguments = new ArrayList<>(tones(10, 44_100));
        arguments.addAll(List.of("-c:a", "libmp3lame"));
        return media.make("mp3.mp4", arguments);
    }

    /** A tone of 500 Hz in the first second, 600 Hz in the second, and so on. */
    private static List<String> tones(int seconds, int sampleRate) {
        return List.of(
                "-f",
                "lavfi",
                "-i",
                "aevalsrc='0.3*sin(2*PI*(500+100*mod(floor(t),10))*t)':s=%d:d=%d"
                        .formatted(sampleRate, seconds));
    }

    /** Tones that pause, as the stamps say; ffmpeg 4.4 wants the expression without commas. */
    private static Path withGap(
            TestMedia media, String codec, int seconds, int at, int gap, String ending) {
        List<String> arguments = new ArrayList<>(tones(seconds, 16_000));
        arguments.addAll(List.of("-c:a", codec));
        Path whole = media.make("whole-" + codec + ".mkv", arguments);
        String stamps =
                "setts=ts=PTS+%d/TB*((PTS*TB-%2$d.01)/abs(PTS*TB-%2$d.01)+1)/2".formatted(gap, at);
        return media.make(
                "gap-" + codec + ending,
                List.of("-i", whole.toString(), "-c", "copy", "-bsf:a", stamps));
    }

    private static Path late(TestMedia media, int seconds, String codec, String ending) {
        List<String> arguments = new ArrayList<>(TestMedia.pictures(seconds + 2));
        arguments.addAll(List.of("-itsoffset", "" + seconds));
        arguments.addAll(tones(2, 44_100));
        String pictures =
                switch (ending) {
                    case ".ts" -> "mpeg2video";
                    case ".flv" -> "flv";
                    default -> "mpeg4";
                };
        arguments.addAll(List.of("-c:v", pictures, "-c:a", codec));
        return media.make("late-" + seconds + "-" + codec + ending, arguments);
    }

    private Path flv(TestMedia media, String codec, int seconds, Stamps stamps) throws IOException {
        List<String> arguments = new ArrayList<>(tones(seconds, 22_050));
        arguments.addAll(List.of("-c:a", codec));
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(media.make("tones.flv", arguments)));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int header = 13;
        out.write(in.array(), 0, header);
        in.position(header);
        for (int number = 0; in.remaining() > 15; ) {
            int at = in.position();
            int size = in.getInt(at) & 0xFFFFFF;
            boolean isSound = in.get(at) == 8 && !(codec.equals("aac") && in.get(at + 12) == 0);
            int words = in.getInt(at + 4);
            long millis = (words >>> 8) | ((words & 0xFFL) << 24);
            if (isSound) millis = stamps.of(number++, millis);
            in.putInt(at + 4, (int) ((millis << 8) | ((millis >> 24) & 0xFF)));
            int length = 11 + size + 4;
            if (millis != Stamps.DROPPED) out.write(in.array(), at, length);
            in.position(at + length);
        }
        return Files.write(
                Files.createTempDirectory(directory, "flv").resolve("changed.flv"),
                out.toByteArray());
    }

    /** The tone of each second, in Hz to the nearest 100; 0 for silence. */
    private List<Integer> heard(TestMedia media, Path mp3) throws IOException {
        int rate = 8_000;
        Path decoded =
                media.make(
                        "decoded.s16",
                        List.of("-i", mp3.toString(), "-ac", "1", "-ar", "" + rate, "-f", "s16le"));
        var samples =
                ByteBuffer.wrap(Files.readAllBytes(decoded))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer();
        List<Integer> tones = new ArrayList<>();
        for (int second = 0; (second + 0.75) * rate < samples.limit(); second++) {
            int crossings = 0;
            int peak = 0;
            for (int i = second * rate + rate / 4; i < second * rate + 3 * rate / 4; i++) {
                if (samples.get(i) < 0 && samples.get(i + 1) >= 0) crossings++;
                peak = Math.max(peak, Math.abs(samples.get(i)));
            }
            tones.add(peak < 300 ? SILENT : Math.round(crossings * 2 / 100f) * 100);
        }
        return tones;
    }

    private static List<Warning.Code> codes(Mp3 mp3) {
        return mp3.warnings().stream().map(Warning::code).toList();
    }

    private Mp3 convert(Ffmpeg ffmpeg, Path video) throws Exception {
        Path attempt = Files.createTempDirectory(directory, "attempt");
        return new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                .run(
                        new OneFile(video).source(),
                        video.getFileName().toString(),
                        Options.NONE,
                        attempt,
                        percent -> {});
    }
}
