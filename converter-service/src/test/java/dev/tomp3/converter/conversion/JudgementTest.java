package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.ffmpeg.ChannelMix;
import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.FfmpegReport.Faults;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.SoundStart;
import dev.tomp3.converter.ffmpeg.Timeline;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.jobs.Failure.Code;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Warning;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The judgement of a conversion, without ffmpeg. Tables have one case in each line. */
class JudgementTest {
    private static final long MAX_OUTPUT = 1_000_000;
    private static final Duration MAX_DURATION = Duration.ofMinutes(1);
    private static final SourceEnd COMPLETE = new SourceEnd(1, false, false, null);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final Judgement judgement =
            new Judgement(
                    new Limits(
                            MAX_DURATION,
                            MAX_OUTPUT,
                            Duration.ofHours(1),
                            Duration.ofMinutes(2),
                            Duration.ofMinutes(1)));

    private static Probe.Audio audio(int index, String codec) {
        return new Probe.Audio(index, -1, codec, "tag" + index, 44_100, "stereo", false, false);
    }

    private static Probe withTracks(String... codecs) {
        List<Probe.Audio> tracks =
                IntStream.range(0, codecs.length).mapToObj(i -> audio(i, codecs[i])).toList();
        return new Probe("mov", TEN_SECONDS, false, tracks, List.of(), false);
    }

    private static Probe probe(String demuxer, @Nullable Double seconds, boolean estimated) {
        return new Probe(
                demuxer,
                seconds == null ? null : Duration.ofMillis(Math.round(1000 * seconds)),
                estimated,
                List.of(audio(0, "aac")),
                List.of(),
                false);
    }

    private static final Probe TEN_SECONDS_OF_MP4 = probe("mov,mp4,m4a,3gp,3g2,mj2", 10.0, false);

    private static FfmpegReport report(@Nullable Probe probe, long read, long written) {
        return report(probe, read, written, Faults.NONE);
    }

    private static FfmpegReport report(
            @Nullable Probe probe, long read, long written, Faults faults) {
        return new FfmpegReport(
                probe,
                false,
                false,
                false,
                false,
                read,
                written < 0 ? -1 : 441_000,
                written,
                faults,
                Timeline.CONTINUOUS);
    }

    private static Faults undecoded(long undecoded, long decoded) {
        return new Faults(undecoded, decoded, 0, false, false, false, null);
    }

    private static final FfmpegReport SUCCESS = report(TEN_SECONDS_OF_MP4, 400, 384);

    private static TranscodeCommand command(boolean copy, @Nullable Integer cover) {
        return new TranscodeCommand(
                "0:a:0",
                Set.of(),
                copy,
                ChannelMix.UNCHANGED,
                TranscodeCommand.Tags.FROM_FILE,
                cover,
                null,
                192,
                null,
                null,
                SoundStart.IMMEDIATE,
                true);
    }

    private static final TranscodeCommand ENCODE = command(false, null);
    private static final TranscodeCommand COPY = command(true, null);

    private static FinishedRun run(int status, FfmpegReport report) {
        return new FinishedRun(ENCODE, status, report, COMPLETE, false, 0);
    }

    private static Mp3File mp3(long frames, long samples) {
        return new Mp3File(240_000, 100, frames, 44_100, 2, samples);
    }

    private static void assertFailsWith(Decision decision, Code code) {
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Fail.class,
                        fail -> assertThat(fail.failure().code()).isEqualTo(code));
    }

    @Nested
    class OfTheInput {
        @Test
        void audio_within_the_limit_proceeds() {
            assertThat(judgement.ofInput(TEN_SECONDS_OF_MP4)).isEqualTo(new Decision.Proceed());
        }

        @Test
        void a_declared_length_beyond_the_limit_refuses_nothing() {
            assertThat(judgement.ofInput(probe("wav", 2_147_483.0, false)))
                    .isEqualTo(new Decision.Proceed());
        }

        @Test
        void a_file_without_an_audio_track_fails() {
            Probe silent = withTracks();
            assertFailsWith(judgement.ofInput(silent), Code.NO_AUDIO_TRACK);
        }
    }

    @Nested
    class OfProgress {
        @ParameterizedTest
        @CsvSource({
            "59, 10, ",
            "61, 10, ",
            "61.001, 10, TOO_LONG",
            "10, 1000000, ",
            "10, 1000001, TOO_LARGE"
        })
        void output_beyond_a_limit_fails(double seconds, long bytes, Code code) {
            Duration decoded = Duration.ofMillis(Math.round(1000 * seconds));
            Decision decision = judgement.ofProgress(decoded, bytes);
            if (code == null) assertThat(decision).isEqualTo(new Decision.Proceed());
            else assertFailsWith(decision, code);
        }
    }

    @Nested
    class OfTheExit {
        @Test
        void a_result_proceeds() {
            assertThat(judgement.ofExit(run(0, SUCCESS))).isEqualTo(new Decision.Proceed());
        }

        @ParameterizedTest
        @CsvSource({
            // status, input printed, recognized, Ogg page, CPU time used up, MP3 bytes, packets
            // read
            "1,   false, false, false, false, 0,       -1,  NOT_MEDIA",
            "0,   false, false, false, false, 0,       -1,  NOT_MEDIA",
            "1,   false, true,  false, false, 0,       -1,  CORRUPT",
            "1,   false, false, true,  false, 0,       -1,  CORRUPT",
            "132, true,  false, false, false, 0,       400, CORRUPT",
            "134, true,  false, false, false, 0,       400, CORRUPT",
            "135, true,  false, false, false, 0,       400, CORRUPT",
            "136, true,  false, false, false, 0,       400, CORRUPT",
            "139, false, false, false, false, 0,       -1,  CORRUPT",
            "255, true,  false, false, true,  0,       400, TIMED_OUT",
            "137, true,  false, false, true,  0,       400, TIMED_OUT",
            "153, true,  false, false, false, 0,       400, TOO_LARGE",
            "1,   true,  false, false, false, 1000000, 400, TOO_LARGE",
            "137, true,  false, false, true,  1000000, 400, TOO_LARGE",
        })
        void a_failure_of_ffmpeg_has_a_code(
                int status,
                boolean printed,
                boolean recognized,
                boolean withinPart,
                boolean outOfCpuTime,
                long bytes,
                long packetsRead,
                Code code) {
            FfmpegReport report =
                    new FfmpegReport(
                            printed ? TEN_SECONDS_OF_MP4 : null,
                            recognized,
                            false,
                            false,
                            outOfCpuTime,
                            packetsRead,
                            -1,
                            -1,
                            Faults.NONE,
                            Timeline.CONTINUOUS);
            SourceEnd end = new SourceEnd(1, withinPart, false, null);
            assertFailsWith(
                    judgement.ofExit(new FinishedRun(ENCODE, status, report, end, false, bytes)),
                    code);
        }

        @Test
        void a_kill_from_outside_says_nothing_about_the_file() {
            assertThat(judgement.ofExit(run(137, report(TEN_SECONDS_OF_MP4, 400, 100))))
                    .isEqualTo(new Decision.Internal("ffmpeg was killed from outside"));
        }

        @Test
        void a_full_disk_says_nothing_about_the_file_whatever_the_exit_status() {
            FfmpegReport full =
                    new FfmpegReport(
                            TEN_SECONDS_OF_MP4,
                            false,
                            false,
                            true,
                            false,
                            1,
                            1,
                            1,
                            Faults.NONE,
                            Timeline.CONTINUOUS);
            assertThat(judgement.ofExit(run(0, full))).isEqualTo(new Decision.DiskFull());
            assertThat(judgement.ofExit(run(1, full))).isEqualTo(new Decision.DiskFull());
        }

        @Test
        void a_failure_with_a_cover_is_retried_without_it() {
            FinishedRun covered =
                    new FinishedRun(
                            command(false, 1),
                            1,
                            report(TEN_SECONDS_OF_MP4, 400, -1),
                            COMPLETE,
                            false,
                            0);
            assertThat(judgement.ofExit(covered)).isEqualTo(new Decision.Retry(ENCODE));
        }

        private Decision.NextTrack nextTrack(FinishedRun run) {
            Decision decision = judgement.ofExit(run);
            assertThat(decision).isInstanceOf(Decision.NextTrack.class);
            return (Decision.NextTrack) decision;
        }

        @Test
        void a_codec_without_a_decoder_gives_way_to_the_next_track_or_is_named() {
            Faults noDecoder = new Faults(0, 0, 0, false, true, false, null);
            Decision.NextTrack next =
                    nextTrack(run(1, report(withTracks("mpegh_3d_audio"), -1, -1, noDecoder)));
            assertThat(next.track()).isZero();
            assertThat(next.empty()).isFalse();
            assertThat(next.failure().code()).isEqualTo(Code.UNSUPPORTED_CODEC);
            assertThat(next.failure().message()).contains("MPEG-H 3D Audio");
        }

        @ParameterizedTest
        @CsvSource({"none, , tag0", "aac, xHE-AAC, xHE-AAC (USAC)", "none, A_AC4, Dolby AC-4"})
        void an_unsupported_codec_has_the_name_that_people_know(
                String codec, @Nullable String printed, String name) {
            Faults noDecoder = new Faults(0, 0, 0, false, true, false, printed);
            assertThat(
                            nextTrack(run(1, report(withTracks(codec), -1, -1, noDecoder)))
                                    .failure()
                                    .message())
                    .endsWith(": " + name + ".");
        }

        @Test
        void mp3_of_free_format_is_an_unsupported_codec() {
            SourceEnd free = new SourceEnd(1, false, false, "free-format MP3");
            FfmpegReport report = report(withTracks("mp3"), 78, 0, undecoded(78, 0));
            assertThat(
                            nextTrack(new FinishedRun(ENCODE, 1, report, free, false, 0))
                                    .failure()
                                    .message())
                    .contains("free-format MP3");
        }

        @Test
        void packets_without_any_audio_are_corrupt_or_encrypted() {
            FfmpegReport report = report(TEN_SECONDS_OF_MP4, 400, 0, undecoded(400, 0));
            assertThat(nextTrack(run(0, report)).failure().code()).isEqualTo(Code.CORRUPT);
            SourceEnd encrypted = new SourceEnd(1, false, true, null);
            assertThat(
                            nextTrack(new FinishedRun(ENCODE, 0, report, encrypted, false, 0))
                                    .failure()
                                    .code())
                    .isEqualTo(Code.ENCRYPTED);
        }

        @ParameterizedTest
        @CsvSource({"0", "1"})
        void a_track_without_packets_is_no_audio(int status) {
            Decision.NextTrack next = nextTrack(run(status, report(TEN_SECONDS_OF_MP4, 0, 0)));
            assertThat(next.failure().code()).isEqualTo(Code.NO_AUDIO_TRACK);
            assertThat(next.empty()).isTrue();
        }

        @Test
        void a_file_that_is_cut_off_before_its_audio_is_corrupt() {
            SourceEnd cut = new SourceEnd(2, false, false, null);
            FfmpegReport nothing = report(probe("wav", 10.0, false), 0, 0);
            assertThat(
                            nextTrack(new FinishedRun(ENCODE, 0, nothing, cut, false, 0))
                                    .failure()
                                    .code())
                    .isEqualTo(Code.CORRUPT);
        }
    }

    @Nested
    class OfTheResult {
        private Decision of(TranscodeCommand command, FfmpegReport report, @Nullable Mp3File mp3) {
            return judgement.ofResult(
                    new FinishedRun(command, 0, report, COMPLETE, false, 240_000), mp3);
        }

        @ParameterizedTest
        @CsvSource({"441000, true", "443205, true", "443206, false", "438795, true", "1, false"})
        void an_encoded_result_has_the_length_of_what_was_decoded(long samples, boolean good) {
            Decision decision = of(ENCODE, SUCCESS, mp3(384, samples));
            if (good) assertThat(decision).isInstanceOf(Decision.Deliver.class);
            else
                assertThat(decision)
                        .isEqualTo(
                                new Decision.Internal(
                                        "The MP3 is not as long as what was decoded"));
        }

        @Test
        void a_copied_result_has_every_frame_or_is_encoded() {
            assertThat(of(COPY, SUCCESS, mp3(384, 430_000))).isInstanceOf(Decision.Deliver.class);
            assertThat(of(COPY, SUCCESS, mp3(383, 441_000))).isEqualTo(new Decision.Retry(ENCODE));
            assertThat(of(COPY, SUCCESS, null)).isEqualTo(new Decision.Retry(ENCODE));
        }

        @Test
        void something_other_than_an_mp3_is_an_internal_error() {
            assertThat(of(ENCODE, SUCCESS, null))
                    .isEqualTo(new Decision.Internal("ffmpeg wrote something other than an MP3"));
        }

        @Test
        void a_result_beyond_a_limit_fails() {
            Mp3File large = new Mp3File(MAX_OUTPUT + 1, 100, 384, 44_100, 2, 441_000);
            assertFailsWith(of(ENCODE, SUCCESS, large), Code.TOO_LARGE);
            long samples = 44_100 * 60 + 1;
            FfmpegReport longer =
                    new FfmpegReport(
                            TEN_SECONDS_OF_MP4,
                            false,
                            false,
                            false,
                            false,
                            1,
                            samples,
                            2298,
                            Faults.NONE,
                            Timeline.CONTINUOUS);
            assertFailsWith(of(ENCODE, longer, mp3(2298, samples)), Code.TOO_LONG);
        }

        @Test
        void a_good_result_is_delivered_with_its_measures() {
            assertThat(of(ENCODE, SUCCESS, mp3(384, 441_000)))
                    .isEqualTo(new Decision.Deliver(240_000, TEN_SECONDS, List.of()));
        }

        private Decision ofFaults(Faults faults, boolean encrypted, boolean strict, long samples) {
            FfmpegReport report =
                    new FfmpegReport(
                            TEN_SECONDS_OF_MP4,
                            false,
                            false,
                            false,
                            false,
                            400,
                            samples,
                            384,
                            faults,
                            Timeline.CONTINUOUS);
            SourceEnd end = new SourceEnd(1, false, encrypted, null);
            return judgement.ofResult(
                    new FinishedRun(ENCODE, 0, report, end, strict, 240_000), mp3(384, samples));
        }

        @ParameterizedTest
        @CsvSource({
            // packets that were not decoded, that were, that were incomplete, warned of
            "0,   400, 0, false",
            "1,   400, 0, false",
            "1,   1,   0, false",
            "4,   400, 0, true",
            "3,   400, 0, false",
            "0,   400, 4, true",
            "484, 454, 0, true",
        })
        void damage_that_can_be_heard_is_told(
                long undecoded, long decoded, long incomplete, boolean warned) {
            Faults faults = new Faults(undecoded, decoded, incomplete, false, false, false, null);
            assertThat(codes(ofFaults(faults, false, false, 441_000)))
                    .isEqualTo(warned ? List.of(Warning.Code.DAMAGED) : List.of());
        }

        @Test
        void damage_is_told_in_packets_and_seconds() {
            assertThat(ofFaults(undecoded(40, 400), false, false, 441_000))
                    .isInstanceOfSatisfying(
                            Decision.Deliver.class,
                            mp3 ->
                                    assertThat(mp3.warnings().getFirst().message())
                                            .contains("40 of 440 packets", "1.0 s"));
        }

        @Test
        void damage_fails_where_it_is_not_wanted() {
            assertFailsWith(ofFaults(undecoded(40, 400), false, true, 441_000), Code.CORRUPT);
            assertThat(codes(ofFaults(Faults.NONE, false, true, 441_000))).isEmpty();
        }

        @Test
        void what_is_decoded_of_encrypted_audio_is_noise() {
            assertThat(ofFaults(undecoded(191, 310), true, false, 441_000))
                    .isInstanceOfSatisfying(
                            Decision.NextTrack.class,
                            next -> assertThat(next.failure().code()).isEqualTo(Code.ENCRYPTED));
            assertThat(codes(ofFaults(Faults.NONE, true, false, 441_000))).isEmpty();
        }

        @Test
        void next_to_nothing_of_a_damaged_file_is_not_delivered() {
            assertThat(ofFaults(undecoded(400, 3), false, false, 4_409))
                    .isInstanceOf(Decision.NextTrack.class);
            Faults demuxerError = new Faults(0, 3, 0, true, false, false, null);
            assertThat(ofFaults(demuxerError, false, false, 4_409))
                    .isInstanceOf(Decision.NextTrack.class);
            assertThat(ofFaults(undecoded(400, 4), false, false, 4_410))
                    .isInstanceOf(Decision.Deliver.class);
            FfmpegReport whole = report(probe("wav", 0.03, false), 1, 2);
            assertThat(of(ENCODE, whole, mp3(2, 441_000))).isInstanceOf(Decision.Deliver.class);
        }

        @Test
        void another_track_than_the_first_is_told() {
            FfmpegReport report = report(withTracks("none", "aac"), 400, 384);
            TranscodeCommand second =
                    TranscodeCommand.of(withTracks("none", "aac"), null, Options.NONE, Set.of(0));
            Decision decision = of(second, report, mp3(384, 441_000));
            assertThat(decision)
                    .isEqualTo(
                            new Decision.Deliver(
                                    240_000,
                                    TEN_SECONDS,
                                    List.of(
                                            new Warning(
                                                    Warning.Code.OTHER_TRACK,
                                                    "Track 1 (tag0) cannot be decoded; track 2"
                                                            + " was taken.",
                                                    null))));
        }
    }

    private static List<Warning.Code> codes(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Deliver.class);
        return ((Decision.Deliver) decision).warnings().stream().map(Warning::code).toList();
    }

    /** What is said of a file whose audio is decoded and may be cut off. */
    @Nested
    class OfTheEnd {
        @ParameterizedTest
        @CsvSource({
            // demuxer, declared s, estimated, made s, declared size / size, within a packet, an
            // Ogg page, demuxer error, moving pictures
            "'mov,mp4', 10,  false, 10, 1, false, false, false, false, complete",
            "'mov,mp4', 10,  false, 3,  1, false, false, false, false, complete",
            "'mov,mp4', 9e6, false, 10, 1, false, false, false, true,  complete",
            "'mov,mp4', 10,  false, 7,  1, true,  false, false, true,  truncated of 10.0 s",
            "'mov,mp4', ,    false, 3,  1, true,  false, false, true,  truncated",
            "'mov,mp4', 10,  false, 10, 1, true,  false, false, true,  truncated",
            "'matroska,webm', 20, false, 14, 1, true,  false, true,  true,  truncated of 20.0 s",
            "'matroska,webm', ,   false, 3,  1, true,  false, true,  false, truncated",
            "'matroska,webm', 20, false, 14, 1, false, false, false, true,  complete",
            "'matroska,webm', 20, false, 14, 1, false, false, true,  true,  truncated of 20.0 s",
            "'matroska,webm', ,   false, 3,  1, false, false, false, false, complete",
            "'matroska,webm', 3,  false, 3,  1, true,  false, true,  false, complete",
            "ogg,    3,  false, 3,  1, false, true,  false, false, truncated",
            "ogg,    3,  false, 3,  1, false, false, false, false, complete",
            "mpegts, ,   false, 3,  1, true,  false, true,  true,  complete",
            "mpegts, 20, false, 10, 1, false, false, true,  false, complete",
            "mpeg,   40, false, 25, 1, false, false, true,  true,  complete",
            "aac,    9,  true,  3,  1, false, false, false, false, complete",
            "mp3,    8,  false, 5,  1, false, false, false, false, truncated of 8.0 s",
            "mp3,    8,  false, 7,  1, false, false, false, false, complete",
            "flac,   20, false, 10, 1, false, false, false, false, truncated of 20.0 s",
            "flv,    60, false, 10, 1, false, false, false, false, complete",
            "flv,    60, false, 10, 1, false, false, true,  true,  truncated of 60.0 s",
            "flv,    60, false, 10, 1, false, true,  false, true,  truncated of 60.0 s",
            "flv,    10, false, 10, 1, false, true,  false, true,  complete",
            "wav,    6,  false, 6,  2, false, false, false, false, truncated of 12.0 s",
            "wav,    6,  false, 6,  1, false, false, false, false, complete",
            "avi,    6,  false, 6,  2, false, false, false, true,  truncated of 12.0 s",
            "avi,    9,  false, 6,  1, false, false, false, true,  complete",
            "asf,    10, false, 5,  2, false, false, false, true,  truncated of 10.0 s",
            "asf,    20, false, 10, 1, false, false, false, true,  complete",
        })
        void decides_whether_the_file_is_truncated(
                String demuxer,
                Double declared,
                boolean estimated,
                double made,
                double declaredShare,
                boolean withinPacket,
                boolean withinPart,
                boolean demuxerError,
                boolean video,
                String expected) {
            Probe probe = probe(demuxer, declared, estimated);
            probe =
                    new Probe(
                            demuxer, probe.duration(), estimated, probe.audio(), List.of(), video);
            Faults faults = new Faults(0, 384, 0, demuxerError, false, false, null);
            FfmpegReport report =
                    new FfmpegReport(
                            probe,
                            true,
                            withinPacket,
                            false,
                            false,
                            400,
                            441_000,
                            384,
                            faults,
                            Timeline.CONTINUOUS);
            Duration length = Duration.ofMillis(Math.round(1000 * made));
            SourceEnd end = new SourceEnd(declaredShare, withinPart, false, null);

            Optional<Warning> warning =
                    TruncationCheck.check(
                            new FinishedRun(ENCODE, 0, report, end, false, 1), length);

            if (expected.equals("complete")) {
                assertThat(warning).isEmpty();
                return;
            }
            assertThat(warning).isPresent();
            assertThat(warning.get().code()).isEqualTo(Warning.Code.TRUNCATED);
            assertThat(warning.get().atMs()).isEqualTo(length.toMillis());
            assertThat(warning.get().message())
                    .contains(made + " s")
                    .contains(expected.replaceFirst("truncated( of )?", ""));
        }
    }
}
