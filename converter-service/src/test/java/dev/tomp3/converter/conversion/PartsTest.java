package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.InFlightSource;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Failure;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sources whose audio changes in the middle are heard from their beginning to their end. */
class PartsTest {
    private static final Limits LIMITS =
            new Limits(
                    Duration.ofHours(12),
                    2L << 30,
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(60));

    private static final int RATE = 8000;
    private static final int PACKET = 188;
    private static final Options STRICT = Options.of(Map.of("damaged", "fail"));
    private static final List<String> OTHER_PIDS = List.of("-mpegts_start_pid", "0x200");

    @TempDir Path directory;
    private Ffmpeg ffmpeg = Ffmpegs.bundled();
    private TestMedia media;

    @BeforeEach
    void media() {
        media = new TestMedia(directory, Ffmpegs.bundled().binary());
    }

    static java.util.stream.Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.all();
    }

    /** With the tone going up by 100 Hz each second. */
    private Path steps(String name, int hertz, int seconds, int rate, String... more) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-f", "lavfi", "-i", tones(hertz, seconds, rate)));
        arguments.addAll(List.of(more));
        return media.make(name, arguments);
    }

    private static String tones(int hertz, int seconds, int rate) {
        return "aevalsrc=sin(2*PI*(%d+100*floor(t))*t):s=%d:d=%d".formatted(hertz, rate, seconds);
    }

    private Path ts(String name, int hertz, String codec, List<String> more) {
        List<String> arguments = new ArrayList<>(List.of("-c:a", codec));
        arguments.addAll(more);
        return steps(name, hertz, 3, 48_000, arguments.toArray(String[]::new));
    }

    private Path joined(String name, Path... files) throws IOException {
        Path all = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(all)) {
            for (Path file : files) Files.copy(file, out);
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void follows_audio_to_another_pid(Ffmpeg other) throws Exception {
        ffmpeg = other;
        media();
        Path video =
                joined(
                        "pids.ts",
                        ts("a.ts", 300, "mp2", List.of()),
                        ts("b.ts", 800, "mp2", OTHER_PIDS),
                        ts("c.ts", 1500, "aac", List.of("-mpegts_start_pid", "0x300")),
                        ts("a.ts", 300, "mp2", List.of()));

        assertThat(heard(convert(video)))
                .containsExactly(300, 400, 500, 800, 900, 1000, 1500, 1600, 1700, 300, 400, 500);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void follows_audio_that_changes_its_codec(Ffmpeg other) throws Exception {
        ffmpeg = other;
        media();
        Path video =
                joined(
                        "codecs.ts",
                        ts("mp2.ts", 300, "mp2", List.of()),
                        ts("ac3.ts", 800, "ac3", List.of("-ac", "6")),
                        ts("aac.ts", 1500, "aac", List.of("-ar", "44100")));

        assertThat(heard(convert(video)))
                .containsExactly(300, 400, 500, 800, 900, 1000, 1500, 1600, 1700);
    }

    /** The limit counts what is decoded. */
    @Test
    void decodes_no_part_behind_the_end_that_was_asked_for() throws Exception {
        Path mp2 = ts("mp2.ts", 300, "mp2", List.of());
        Path ac3 = ts("ac3.ts", 800, "ac3", List.of());
        Path video = joined("long.ts", mp2, ac3, mp2, ac3, mp2);
        Limits short8 =
                new Limits(
                        Duration.ofSeconds(8),
                        2L << 30,
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(60));

        for (String more : List.of("tags", "fade_out")) {
            Map<String, String> options =
                    Map.of("end", "5", more, more.equals("tags") ? "keep" : "0.01");
            Mp3 mp3 =
                    new Conversion(ffmpeg, new EncoderPermits(2), short8)
                            .run(
                                    new OneFile(video).source(),
                                    "long.ts",
                                    Options.of(options),
                                    Files.createTempDirectory(directory, "attempt"),
                                    percent -> {});

            assertThat(heard(mp3)).containsExactly(300, 400, 500, 800, 900);
            assertThat(mp3.duration()).isEqualTo(Duration.ofSeconds(5));
            assertThat(mp3.warnings()).isEmpty();
        }
    }

    @Test
    void follows_audio_to_another_programme_in_packets_of_192_and_204_bytes() throws Exception {
        Path first = ts("first.ts", 300, "mp2", List.of());
        Path second =
                ts(
                        "second.ts",
                        800,
                        "ac3",
                        List.of("-mpegts_service_id", "7", "-mpegts_pmt_start_pid", "0x500"));
        byte[] all = Files.readAllBytes(joined("all.ts", first, second, first));

        for (int[] around : new int[][] {{4, 0}, {0, 16}}) {
            Random random = new Random(1);
            ByteArrayOutputStream packets = new ByteArrayOutputStream();
            for (int at = 0; at < all.length; at += PACKET) {
                byte[] before = new byte[around[0]];
                byte[] after = new byte[around[1]];
                random.nextBytes(after);
                packets.write(before);
                packets.write(all, at, PACKET);
                packets.write(after);
            }
            byte[] whole = packets.toByteArray();
            Path video =
                    Files.write(
                            directory.resolve("packets.ts"),
                            Arrays.copyOfRange(whole, 100, whole.length));

            List<Integer> heard = heard(convert(video));

            assertThat(heard.subList(heard.size() - 8, heard.size()))
                    .containsExactly(400, 500, 800, 900, 1000, 300, 400, 500);
        }
    }

    @Test
    void stays_with_its_language() throws Exception {
        Path german = languages("german.ts", 300, 2500, "deu", "eng", List.of());
        Path swapped = languages("swapped.ts", 3000, 800, "eng", "deu", OTHER_PIDS);
        Path alone = ts("alone.ts", 1500, "mp2", List.of());

        assertThat(heard(convert(joined("languages.ts", german, swapped, german, alone, german))))
                .containsExactly(
                        300, 400, 500, 800, 900, 1000, 300, 400, 500, 1500, 1600, 1700, 300, 400,
                        500);
    }

    @Test
    void tells_the_track_that_it_follows() throws Exception {
        Path first = languages("first.ts", 300, 2500, "eng", "deu", List.of());
        Path second = languages("second.ts", 800, 1500, "eng", "deu", OTHER_PIDS);

        Mp3 mp3 = convert(joined("two.ts", first, second), Options.of(Map.of("track", "2")));

        assertThat(heard(mp3)).containsExactly(2500, 2600, 2700, 1500, 1600, 1700);
        assertThat(mp3.sound()).isNotNull();
        assertThat(mp3.sound().track()).isEqualTo(2);
    }

    private Path languages(
            String name,
            int first,
            int second,
            String firstLanguage,
            String secondLanguage,
            List<String> more) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-f", "lavfi", "-i", tones(first, 3, 48_000)));
        arguments.addAll(List.of("-f", "lavfi", "-i", tones(second, 3, 48_000)));
        arguments.addAll(List.of("-map", "0", "-map", "1", "-c:a", "mp2"));
        arguments.addAll(List.of("-metadata:s:a:0", "language=" + firstLanguage));
        arguments.addAll(List.of("-metadata:s:a:1", "language=" + secondLanguage));
        arguments.addAll(more);
        return media.make(name, arguments);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void follows_an_ogg_chain_of_several_codecs(Ffmpeg other) throws Exception {
        ffmpeg = other;
        media();
        Path chain =
                joined(
                        "chain.ogg",
                        steps("opus.ogg", 300, 3, 48_000, "-c:a", "libopus"),
                        steps("vorbis.ogg", 800, 3, 44_100, "-c:a", "libvorbis"),
                        steps("vorbis.ogg", 800, 3, 44_100, "-c:a", "libvorbis"),
                        steps("flac.ogg", 1500, 3, 44_100, "-c:a", "flac"));

        assertThat(heard(convert(chain)))
                .containsExactly(300, 400, 500, 800, 900, 1000, 800, 900, 1000, 1500, 1600, 1700);
    }

    /** ffmpeg would go on with the rate of the first link. */
    @Test
    void follows_an_ogg_chain_of_several_rates_and_channels() throws Exception {
        for (List<String> codec :
                List.of(
                        List.of("vorbis.ogg", "libvorbis"),
                        List.of("flac.ogg", "flac"),
                        List.of("speex.ogg", "libspeex"))) {
            String name = codec.getFirst();
            boolean speech = name.startsWith("speex");
            int low = speech ? 8_000 : 22_050;
            int high = speech ? 16_000 : 44_100;
            Path chain =
                    joined(
                            "rates-" + name,
                            steps("1" + name, 300, 3, low, "-c:a", codec.getLast()),
                            steps("2" + name, 800, 3, high, "-c:a", codec.getLast()),
                            steps("3" + name, 1500, 3, high, "-c:a", codec.getLast(), "-ac", "2"));

            Mp3 mp3 = convert(chain);

            assertThat(heard(mp3))
                    .as(name)
                    .containsExactly(300, 400, 500, 800, 900, 1000, 1500, 1600, 1700);
            assertThat(mp3.warnings()).as(name).isEmpty();
        }
    }

    /** Bare MP3 has no time stamps, and what ffmpeg makes up for them jumps with the rate. */
    @Test
    void follows_bare_frames_to_another_rate() throws Exception {
        for (String codec : List.of("mp3", "mp2", "aac", "ac3")) {
            String[] encoder = {"-c:a", codec.equals("mp3") ? "libmp3lame" : codec};
            Path low = steps("44." + codec, 300, 3, 44_100, encoder);
            Path high = steps("48." + codec, 800, 3, 48_000, encoder);

            Mp3 mp3 = convert(joined("rates." + codec, low, high, low));

            assertThat(heard(mp3))
                    .as(codec)
                    .containsExactly(300, 400, 500, 800, 900, 1000, 300, 400, 500);
            assertThat(mp3.duration())
                    .as(codec)
                    .isCloseTo(Duration.ofSeconds(9), Duration.ofMillis(200));
            assertThat(mp3.warnings()).as(codec).isEmpty();
        }
    }

    /** With a sine of 0.9 in every channel. */
    @ParameterizedTest
    @CsvSource({
        "ts, stereo, mono, stereo",
        "ts, mono, stereo, mono",
        "ts, stereo, 5.1, stereo",
        "ts, 5.1, stereo, 5.1",
        "ogg, stereo, mono, stereo",
        "ogg, mono, stereo, mono",
    })
    void keeps_the_level_when_the_channels_change(
            String ending, String first, String second, String third) throws Exception {
        List<Path> parts = new ArrayList<>();
        for (String layout : List.of(first, second, third)) {
            String sine =
                    String.join("|", Collections.nCopies(channels(layout), "0.9*sin(2000*t)"));
            List<String> arguments = new ArrayList<>(List.of("-f", "lavfi", "-i"));
            arguments.add("aevalsrc=" + sine + ":s=48000:d=2:c=" + layout);
            arguments.addAll(List.of("-c:a", ending.equals("ts") ? "ac3" : "flac"));
            arguments.addAll(ending.equals("ts") ? List.of("-b:a", "448k") : List.of());
            parts.add(media.make(layout + "." + ending, arguments));
        }

        Mp3 mp3 = convert(joined("levels." + ending, parts.toArray(Path[]::new)));

        assertThat(peaks(mp3, 3))
                .allSatisfy(peak -> assertThat(peak).isCloseTo(0.9f, within(0.04f)));
        assertThat(mp3.warnings()).isEmpty();
    }

    /** With gains as if it began with it: 0.3 in each channel is 0.3 * (1 + 0.7 + 0.7). */
    @Test
    void mixes_surround_that_comes_later_without_attenuating_it() throws Exception {
        List<Path> parts = new ArrayList<>();
        for (int channels : List.of(2, 6)) {
            String sine = String.join("|", Collections.nCopies(channels, "0.3*sin(2000*t)"));
            List<String> arguments = new ArrayList<>(List.of("-f", "lavfi", "-i"));
            arguments.add("aevalsrc=" + sine + ":s=48000:d=2");
            arguments.addAll(List.of("-c:a", "ac3", "-b:a", "448k"));
            parts.add(media.make("later" + channels + ".ac3", arguments));
        }
        Path recording = joined("later.ac3", parts.getFirst(), parts.getLast());

        for (Options options : List.of(Options.NONE, Options.of(Map.of("end", "3.9")))) {
            List<Float> peaks = peaks(convert(recording, options), 2);

            assertThat(peaks.getFirst()).isCloseTo(0.3f, within(0.02f));
            assertThat(peaks.getLast()).isCloseTo(0.72f, within(0.03f));
        }
    }

    /** In the middle of each part. */
    private List<Float> peaks(Mp3 mp3, int parts) throws IOException {
        Path raw = directory.resolve("levels.raw");
        media.run(List.of("-i", mp3.path().toString(), "-f", "f32le", "-y", raw.toString()));
        var samples =
                ByteBuffer.wrap(Files.readAllBytes(raw))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
        List<Float> peaks = new ArrayList<>();
        for (int part = 0; part < parts; part++) {
            float peak = 0;
            int middle = samples.limit() * (2 * part + 1) / (2 * parts);
            for (int i = middle; i < middle + 9600; i++)
                peak = Math.max(peak, Math.abs(samples.get(i)));
            peaks.add(peak);
        }
        return peaks;
    }

    private static int channels(String layout) {
        return switch (layout) {
            case "mono" -> 1;
            case "stereo" -> 2;
            default -> 6;
        };
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void follows_joined_matroska_files(Ffmpeg other) throws Exception {
        ffmpeg = other;
        media();
        Path live =
                steps("live.webm", 800, 3, 44_100, "-c:a", "libvorbis", "-f", "webm", "-live", "1");
        Path joined =
                joined(
                        "joined.mkv",
                        steps("opus.webm", 300, 3, 48_000, "-c:a", "libopus"),
                        live,
                        steps("aac.mkv", 1500, 3, 32_000, "-c:a", "aac", "-ac", "2"));

        assertThat(heard(convert(joined)))
                .containsExactly(300, 400, 500, 800, 900, 1000, 1500, 1600, 1700);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_part_without_a_decoder_takes_no_other_away(Ffmpeg other) throws Exception {
        ffmpeg = other;
        media();
        Path good = steps("good.mkv", 800, 3, 44_100, "-c:a", "libvorbis");
        Path unknown = unknown(steps("unknown.mkv", 300, 3, 44_100, "-c:a", "aac"));

        for (Path video :
                List.of(joined("1.mkv", unknown, good), joined("2.mkv", good, unknown, good))) {
            Mp3 mp3 = convert(video);

            assertThat(heard(mp3)).startsWith(800, 900, 1000).endsWith(800, 900, 1000);
            assertThat(mp3.warnings())
                    .extracting(Warning::code)
                    .containsExactly(Warning.Code.DAMAGED);
            assertThat(failure(video, STRICT)).isEqualTo(Failure.Code.CORRUPT);
        }
        assertThat(failure(joined("3.mkv", unknown, unknown), Options.NONE))
                .isEqualTo(Failure.Code.UNSUPPORTED_CODEC);
    }

    private static Path unknown(Path mkv) throws IOException {
        String all = Files.readString(mkv, StandardCharsets.ISO_8859_1);
        return Files.writeString(mkv, all.replace("A_AAC", "A_XYZ"), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void tells_that_the_last_of_joined_files_is_truncated(Ffmpeg other) throws Exception {
        ffmpeg = other;
        media();
        Path opus = steps("opus.webm", 300, 3, 48_000, "-c:a", "libopus");
        Path aac = steps("aac.mkv", 800, 6, 32_000, "-c:a", "aac");
        Path cut = media.truncated(aac, 0.5);

        for (Path video : List.of(joined("1.mkv", opus, cut), joined("2.mkv", aac, cut))) {
            assertThat(convert(video).warnings())
                    .extracting(Warning::code)
                    .containsExactly(Warning.Code.TRUNCATED);
            assertThat(failure(video, STRICT)).isEqualTo(Failure.Code.CORRUPT);
        }
        assertThat(convert(joined("whole.mkv", opus, aac, opus)).warnings()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void follows_a_program_stream_to_another_track(Ffmpeg other) throws Exception {
        ffmpeg = other;
        media();
        Path mp2 = steps("mp2.vob", 300, 3, 48_000, "-c:a", "mp2");
        Path ac3 = steps("ac3.vob", 800, 3, 48_000, "-c:a", "ac3", "-b:a", "448k");

        assertThat(heard(convert(joined("tracks.vob", mp2, ac3, mp2))))
                .containsExactly(300, 400, 500, 800, 900, 1000, 300, 400, 500);
    }

    @Test
    void finds_audio_that_begins_after_everything_that_is_probed() throws Exception {
        for (String name : List.of("late.vob", "late.ts", "late.flv")) {
            List<String> arguments = new ArrayList<>();
            arguments.addAll(List.of("-f", "lavfi", "-i", "color=s=64x64:r=25:d=15"));
            arguments.addAll(List.of("-itsoffset", "12", "-f", "lavfi", "-i"));
            arguments.addAll(List.of(tones(300, 3, 44_100), "-map", "0", "-map", "1"));
            arguments.addAll(List.of("-c:v", name.endsWith("flv") ? "flv1" : "mpeg2video"));
            arguments.addAll(List.of("-c:a", name.endsWith("ts") ? "aac" : "libmp3lame"));

            assertThat(heard(convert(media.make(name, arguments))))
                    .as(name)
                    .endsWith(300, 400, 500);
        }
    }

    @Test
    void tells_that_a_transport_stream_is_scrambled() throws Exception {
        Path scrambled = scrambled(ts("clear.ts", 300, "mp2", List.of()));

        assertThatThrownBy(() -> convert(scrambled))
                .isInstanceOfSatisfying(
                        ConversionFailed.class,
                        e -> assertThat(e.failure().code()).isEqualTo(Failure.Code.ENCRYPTED));
    }

    @Test
    void delivers_what_is_clear_of_a_transport_stream_and_tells_of_the_rest() throws Exception {
        Path clear = ts("clear.ts", 800, "mp2", OTHER_PIDS);
        Path scrambled = scrambled(ts("scrambled.ts", 300, "mp2", List.of()));

        for (Path video :
                List.of(joined("1.ts", clear, scrambled), joined("2.ts", scrambled, clear))) {
            Mp3 mp3 = convert(video);

            assertThat(heard(mp3)).containsExactly(800, 900, 1000);
            assertThat(mp3.warnings())
                    .extracting(Warning::code)
                    .containsExactly(Warning.Code.DAMAGED);
        }
    }

    private Path scrambled(Path clear) throws IOException {
        byte[] bytes = Files.readAllBytes(clear);
        Random random = new Random(1);
        for (int at = 0; at < bytes.length; at += PACKET) {
            int pid = ((bytes[at + 1] & 0x1f) << 8) | (bytes[at + 2] & 0xff);
            if (pid != 0x100) continue;
            bytes[at + 3] |= (byte) 0x80;
            boolean hasAdaptation = (bytes[at + 3] & 0x20) != 0;
            int payload = at + 4 + (hasAdaptation ? 1 + (bytes[at + 4] & 0xff) : 0);
            for (int i = payload; i < at + PACKET; i++) bytes[i] = (byte) random.nextInt();
        }
        return Files.write(clear, bytes);
    }

    @Test
    void long_parts_are_the_same_while_they_are_uploaded() throws Exception {
        String[] mp2 = {"-c:a", "mp2", "-b:a", "64k"};
        Path video =
                joined(
                        "long.ts",
                        steps("long-a.ts", 300, 20, 16_000, mp2),
                        steps("long-b.ts", 300, 20, 16_000, "-c:a", "ac3", "-ar", "32000"));
        Mp3 complete = convert(video);
        Path attempt = Files.createTempDirectory(directory, "attempt");
        long bytes = Files.size(video);

        Mp3 uploaded =
                new InFlightConversion(new Conversion(ffmpeg, new EncoderPermits(2), LIMITS))
                        .run(
                                new InFlightSource(
                                        new OneFile(video),
                                        "one",
                                        64 << 20,
                                        () -> OptionalLong.of(bytes),
                                        System::nanoTime),
                                "long.ts",
                                Options.NONE,
                                attempt,
                                percent -> {});

        assertThat(heard(complete)).hasSize(40).startsWith(300, 400).endsWith(2100, 2200);
        assertThat(uploaded.path()).hasSameBinaryContentAs(complete.path());
    }

    private Failure.Code failure(Path video, Options options) throws Exception {
        try {
            convert(video, options);
        } catch (ConversionFailed e) {
            return e.failure().code();
        }
        throw new AssertionError("It was converted");
    }

    private Mp3 convert(Path video) throws Exception {
        return convert(video, Options.NONE);
    }

    private Mp3 convert(Path video, Options options) throws Exception {
        Path attempt = Files.createTempDirectory(directory, "attempt");
        return new Conversion(ffmpeg, new EncoderPermits(2), LIMITS)
                .run(
                        new OneFile(video).source(),
                        video.getFileName().toString(),
                        options,
                        attempt,
                        percent -> {});
    }

    /** The tone of each full second, to 100 Hz; 0 for silence. */
    private List<Integer> heard(Mp3 mp3) throws Exception {
        Path raw = directory.resolve("heard.raw");
        media.run(
                List.of(
                        "-i",
                        mp3.path().toString(),
                        "-ac",
                        "1",
                        "-ar",
                        Integer.toString(RATE),
                        "-f",
                        "s16le",
                        "-y",
                        raw.toString()));
        var samples =
                ByteBuffer.wrap(Files.readAllBytes(raw))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asShortBuffer();
        assertThat(mp3.duration())
                .isCloseTo(Duration.ofMillis(samples.limit() / 8), Duration.ofMillis(50));
        List<Integer> tones = new ArrayList<>();
        for (int from = 0; from + RATE * 9 / 10 <= samples.limit(); from += RATE) {
            int waves = 0;
            int first = from + RATE / 4; // a change may be some frames off
            for (int i = first; i < first + RATE / 2; i++)
                if (samples.get(i) < 0 && samples.get(i + 1) >= 0) waves++;
            tones.add(Math.round(waves * 2 / 100f) * 100);
        }
        assertThat(samples.limit() / (double) RATE).isCloseTo(tones.size(), within(0.2));
        return tones;
    }
}
