package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tomp3.converter.Boxes;
import dev.tomp3.converter.Corpus;
import dev.tomp3.converter.TestMedia;
import dev.tomp3.converter.ToFullDisk;
import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.converter.mp3.EncoderPermits;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.jobs.Failure.Code;
import dev.tomp3.jobs.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each limit of a conversion, at its edge. */
class LimitsTest {
    private static final Duration AN_HOUR = Duration.ofHours(1);
    private static final long MEMORY = 2L << 30;

    /** What a look at ffmpeg counts for at most. */
    private static final int SECONDS_A_LOOK = 2;

    @TempDir Path directory;

    private TestMedia media;

    @BeforeEach
    void make() {
        media = new TestMedia(directory, Ffmpegs.bundled().binary());
    }

    static Stream<Named<Ffmpeg>> ffmpegs() {
        return Ffmpegs.usual();
    }

    private static Limits limits(Duration maxDuration, long maxOutput) {
        return new Limits(maxDuration, maxOutput, AN_HOUR, AN_HOUR, AN_HOUR);
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void audio_may_be_as_long_as_allowed_and_no_longer(Ffmpeg ffmpeg) throws Exception {
        Path wave = media.tone(TestMedia.Kind.WAV, 440, 3);
        Path raw = media.tone(TestMedia.Kind.AAC, 440, 3); // says no length
        Path half = media.truncated(media.tone(TestMedia.Kind.FLAC, 440, 3), 0.5);
        Duration ofRaw = convert(ffmpeg, limits(AN_HOUR, MEMORY), raw).duration();

        assertThat(convert(ffmpeg, limits(Duration.ofSeconds(3), MEMORY), wave).duration())
                .isEqualTo(Duration.ofSeconds(3));
        assertThat(failure(ffmpeg, limits(Duration.ofMillis(2999), MEMORY), wave))
                .isEqualTo(Code.TOO_LONG);
        // regardless of what it declares
        assertThat(convert(ffmpeg, limits(Duration.ofSeconds(2), MEMORY), half).duration())
                .isLessThan(Duration.ofSeconds(2));
        assertThat(convert(ffmpeg, limits(ofRaw, MEMORY), raw).duration()).isEqualTo(ofRaw);
        assertThat(failure(ffmpeg, limits(ofRaw.minusMillis(1), MEMORY), raw))
                .isEqualTo(Code.TOO_LONG);
    }

    /** Nothing is encoded until all of it was heard, or before the start. */
    @ParameterizedTest
    @ValueSource(strings = {"loudness=-16", "trim_silence=true", "fade_out=1", "start=99999"})
    @Timeout(30)
    void sound_without_end_is_too_long_before_anything_of_it_is_encoded(String option)
            throws Exception {
        Ffmpeg endless =
                script(
                        """
                        case "$*" in
                        *"-f f32le pipe:1") exec %1$s -f lavfi -i sine -ac 2 -f f32le pipe:1 ;;
                        *) exec %1$s "$@" ;;
                        esac
                        """
                                .formatted(Ffmpegs.bundled().binary()));
        Limits limits = limits(Duration.ofSeconds(3), MEMORY);
        Conversion conversion = new Conversion(endless, new EncoderPermits(2), limits);

        assertThatThrownBy(() -> convert(conversion, any(), options(option)))
                .isInstanceOfSatisfying(
                        ConversionFailed.class,
                        e -> assertThat(e.failure().code()).isEqualTo(Code.TOO_LONG));
    }

    /** Some seconds more are decoded, and cut off exactly. */
    @ParameterizedTest
    @ValueSource(strings = {"loudness=-16", "fade_in=1"})
    void an_excerpt_may_end_where_the_limit_is(String option) throws Exception {
        Path wave = media.tone(TestMedia.Kind.WAV, 440, 10);
        Limits limits = limits(Duration.ofSeconds(3), MEMORY);
        Conversion conversion = new Conversion(Ffmpegs.bundled(), new EncoderPermits(2), limits);

        assertThat(convert(conversion, wave, options("end=3", option)).duration())
                .isEqualTo(Duration.ofSeconds(3));
    }

    private static Options options(String... options) {
        return Options.of(
                Stream.of(options)
                        .map(option -> option.split("="))
                        .collect(Collectors.toMap(option -> option[0], option -> option[1])));
    }

    @ParameterizedTest
    @MethodSource("ffmpegs")
    void an_mp3_may_be_as_large_as_allowed_and_no_larger(Ffmpeg ffmpeg) throws Exception {
        Path video = media.tone(TestMedia.Kind.MP4, 440, 3);
        long bytes = convert(ffmpeg, limits(AN_HOUR, MEMORY), video).bytes();

        assertThat(convert(ffmpeg, limits(AN_HOUR, bytes), video).bytes()).isEqualTo(bytes);
        assertThat(failure(ffmpeg, limits(AN_HOUR, bytes - 1), video)).isEqualTo(Code.TOO_LARGE);
        assertThat(failure(ffmpeg, limits(AN_HOUR, bytes / 3), video)).isEqualTo(Code.TOO_LARGE);
    }

    /** An ffmpeg that finds this in its input, then says so much as often as it is told to. */
    private Ffmpeg pretended(String duration, String then) throws Exception {
        return script(
                """
                case "$*" in
                *-format_whitelist*)
                  echo "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'x':" >&2
                  echo "[info]   Duration: %s, start: 0.000000, bitrate: 1 kb/s" >&2
                  echo "[info]   Stream #0:0: Audio: aac (LC), 44100 Hz, stereo, fltp" >&2
                  echo "[info] Stream mapping:" >&2
                  : >%s
                  %s
                  exec sleep 600 ;;
                *) exec %s "$@" ;;
                esac
                """
                        .formatted(duration, started(), then, Ffmpegs.bundled().binary()));
    }

    private Path started() {
        return directory.resolve("started");
    }

    private Ffmpeg script(String text) throws Exception {
        Path script = Files.writeString(directory.resolve("ffmpeg"), "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return Ffmpeg.find(script.toString(), directory, MEMORY, Ffmpegs.NO_SANDBOX, true);
    }

    /** Tells at every look that an hour has passed, once ffmpeg has begun; and counts the looks. */
    private final class HoursPass implements LongSupplier {
        private final AtomicInteger looks = new AtomicInteger();

        @Override
        public long getAsLong() {
            if (!Files.exists(started())) return 0;
            return looks.incrementAndGet() * AN_HOUR.toNanos();
        }

        int seconds() {
            return looks.get() * SECONDS_A_LOOK;
        }
    }

    /** A few looks to see what ffmpeg printed are allowed for. */
    @ParameterizedTest
    @CsvSource({"00:00:10.00, 20", "00:00:20.00, 30", "10:00:00.00, 40", "N/A, 40"})
    void a_conversion_may_take_as_long_as_the_audio_and_a_bit_more(String duration, int seconds)
            throws Exception {
        Limits limits =
                new Limits(
                        Duration.ofHours(12),
                        MEMORY,
                        Duration.ofSeconds(40),
                        Duration.ofSeconds(10),
                        AN_HOUR);
        HoursPass clock = new HoursPass();

        assertThat(failure(pretended(duration, ""), limits, any(), clock))
                .isEqualTo(Code.TIMED_OUT);

        assertThat(clock.seconds()).isBetween(seconds, seconds + 9);
    }

    @Test
    void a_large_video_may_be_read_slowly() {
        Limits limits =
                new Limits(AN_HOUR, MEMORY, AN_HOUR, Duration.ofMinutes(2), Duration.ofSeconds(60));

        assertThat(limits.wallClock(Duration.ofMinutes(1), 100)).isEqualTo(Duration.ofMinutes(3));
        assertThat(limits.wallClock(Duration.ofMinutes(1), 60L << 20))
                .isEqualTo(Duration.ofMinutes(4));
        assertThat(limits.wallClock(Duration.ofMinutes(59), 100)).isEqualTo(AN_HOUR);
        assertThat(limits.wallClock(null, 100)).isEqualTo(AN_HOUR);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''|20", "while :; do echo >> audio.mp3; done|40"})
    void ffmpeg_may_not_stand_still(String then, int seconds) throws Exception {
        Limits limits =
                new Limits(
                        Duration.ofHours(12),
                        MEMORY,
                        Duration.ofSeconds(40),
                        AN_HOUR,
                        Duration.ofSeconds(20));
        HoursPass clock = new HoursPass();

        assertThat(failure(pretended("N/A", then), limits, any(), clock)).isEqualTo(Code.TIMED_OUT);

        assertThat(clock.seconds()).isBetween(seconds, seconds + 15);
    }

    /** No time passes on the clock. */
    @ParameterizedTest
    @MethodSource("ffmpegs")
    @EnabledIf(
            value = "dev.tomp3.converter.ffmpeg.Ffmpegs#hasPrlimit",
            disabledReason = "the kernel's limits are set by util-linux")
    void ffmpeg_has_so_much_cpu_time_and_no_more(Ffmpeg ffmpeg) throws Exception {
        Limits limits =
                new Limits(Duration.ofHours(12), MEMORY, Duration.ofSeconds(1), AN_HOUR, AN_HOUR);

        Ffmpeg endless =
                script(
                        """
                        for each; do case "$each" in *.mp3) mp3=$each ;; esac; done
                        case "$*" in
                        *"-f wav"*)
                          exec %1$s -nostdin -loglevel level+verbose -f lavfi -i sine=d=999999 -y "$mp3" ;;
                        *) exec %1$s "$@" ;;
                        esac
                        """
                                .formatted(ffmpeg.binary()));

        assertThat(failure(endless, limits, any(), () -> 0)).isEqualTo(Code.TIMED_OUT);
    }

    /** Its moov is packed, and becomes large when it is unpacked. */
    private Path packed(int megabytes) throws IOException {
        Boxes all = Boxes.of(Files.readAllBytes(media.tone(TestMedia.Kind.MP4_MOOV_LAST, 440, 3)));
        byte[] moov = all.children.removeLast().bytes();
        Path file = directory.resolve("packed.mp4");
        Path unpacked = directory.resolve("cmvd");
        try (DeflaterOutputStream out =
                new DeflaterOutputStream(Files.newOutputStream(unpacked), new Deflater(1))) {
            out.write(moov);
            for (int i = 0; i < megabytes; i++) out.write(new byte[1 << 20]);
        }
        Files.write(file, all.bytes());
        Boxes box = Corpus.packed(moov.length + (megabytes << 20), Files.readAllBytes(unpacked));
        Files.write(file, box.bytes(), StandardOpenOption.APPEND);
        return file;
    }

    @Test
    @EnabledIf(
            value = "dev.tomp3.converter.ffmpeg.Ffmpegs#hasPrlimit",
            disabledReason = "the kernel's limits are set by util-linux")
    void ffmpeg_has_so_much_memory_and_no_more() throws Exception {
        Ffmpeg little = Ffmpeg.bundled(directory, 250 << 20, Ffmpegs.SANDBOX);
        Ffmpeg enough = Ffmpeg.bundled(directory, 1 << 30, Ffmpegs.SANDBOX);
        Limits limits = limits(AN_HOUR, MEMORY);
        Path greedy = packed(300);

        assertThat(failure(little, limits, greedy)).isEqualTo(Code.CORRUPT);
        assertThat(convert(enough, limits, greedy).duration()).isGreaterThan(Duration.ofSeconds(2));
        assertThat(convert(little, limits, any()).duration()).isGreaterThan(Duration.ofSeconds(2));
    }

    /** Whatever ffmpeg writes to it, there is no room on {@code /dev/full}. */
    @ParameterizedTest
    @MethodSource("ffmpegs")
    void a_full_disk_is_not_the_files_fault(Ffmpeg ffmpeg) throws Exception {
        Ffmpeg full = script(ToFullDisk.SCRIPT.formatted(ffmpeg.binary()));

        assertThatThrownBy(() -> convert(full, limits(AN_HOUR, MEMORY), any()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no room");
    }

    private Path any() {
        return media.tone(TestMedia.Kind.MP4, 440, 3);
    }

    private Code failure(Ffmpeg ffmpeg, Limits limits, Path video) throws Exception {
        return failure(ffmpeg, limits, video, System::nanoTime);
    }

    private Code failure(Ffmpeg ffmpeg, Limits limits, Path video, LongSupplier clock)
            throws Exception {
        try {
            convert(new Conversion(ffmpeg, new EncoderPermits(2), limits, clock), video);
        } catch (ConversionFailed e) {
            return e.failure().code();
        }
        throw new AssertionError("It was converted");
    }

    private Mp3 convert(Ffmpeg ffmpeg, Limits limits, Path video) throws Exception {
        return convert(new Conversion(ffmpeg, new EncoderPermits(2), limits), video);
    }

    private Mp3 convert(Conversion conversion, Path video) throws Exception {
        return convert(conversion, video, Options.NONE);
    }

    private Mp3 convert(Conversion conversion, Path video, Options options) throws Exception {
        return conversion.run(
                new OneFile(video).source(),
                video.getFileName().toString(),
                options,
                Files.createTempDirectory(directory, "attempt"),
                percent -> {});
    }
}
