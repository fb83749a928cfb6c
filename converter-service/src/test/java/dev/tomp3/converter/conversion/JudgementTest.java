package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.ffmpeg.ChannelMix;
import dev.tomp3.converter.ffmpeg.FfmpegReport;
import dev.tomp3.converter.ffmpeg.Probe;
import dev.tomp3.converter.ffmpeg.TranscodeCommand;
import dev.tomp3.converter.mp3.Mp3File;
import dev.tomp3.jobs.Failure.Code;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The judgement of a conversion, without ffmpeg. Tables have one case in each line. */
class JudgementTest {
    private static final long MAX_OUTPUT = 1_000_000;
    private static final Duration MAX_DURATION = Duration.ofMinutes(1);
    private static final SourceEnd COMPLETE = new SourceEnd(1, false, false);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final Judgement judgement =
            new Judgement(
                    new Limits(
                            MAX_DURATION,
                            MAX_OUTPUT,
                            Duration.ofHours(1),
                            Duration.ofMinutes(2),
                            Duration.ofMinutes(1)));

    private static Probe probe(String demuxer, @Nullable Double seconds, boolean estimated) {
        return new Probe(
                demuxer,
                seconds == null ? null : Duration.ofMillis(Math.round(1000 * seconds)),
                estimated,
                null,
                List.of(new Probe.Audio(0, "aac", 44_100, "stereo", false, false)),
                List.of());
    }

    private static final Probe TEN_SECONDS_OF_MP4 = probe("mov,mp4,m4a,3gp,3g2,mj2", 10.0, false);

    private static FfmpegReport report(@Nullable Probe probe, long read, long written) {
        return new FfmpegReport(
                probe, false, false, false, false, read, written < 0 ? -1 : 441_000, written);
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
                null);
    }

    private static final TranscodeCommand ENCODE = command(false, null);
    private static final TranscodeCommand COPY = command(true, null);

    private static Judgement.Run run(int status, FfmpegReport report) {
        return new Judgement.Run(ENCODE, status, report, COMPLETE, TEN_SECONDS, 0);
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

        @ParameterizedTest
        @CsvSource({"60, false, ", "60.01, false, TOO_LONG", "60.01, true, ", ", false, "})
        void a_declared_length_beyond_the_limit_fails(
                Double seconds, boolean estimated, Code code) {
            Decision decision = judgement.ofInput(probe("wav", seconds, estimated));
            if (code == null) assertThat(decision).isEqualTo(new Decision.Proceed());
            else assertFailsWith(decision, code);
        }

        @Test
        void a_file_without_an_audio_track_fails() {
            Probe silent = new Probe("mov", TEN_SECONDS, false, null, List.of(), List.of());
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
    class OfTags {
        @Test
        void small_tags_proceed() {
            assertThat(judgement.ofTags(ENCODE, 64 << 10)).isEqualTo(new Decision.Proceed());
            assertThat(judgement.ofTags(command(false, 1), (1 << 20) + (64 << 10)))
                    .isEqualTo(new Decision.Proceed());
        }

        @Test
        void a_cover_that_is_too_large_is_left_out_first() {
            assertThat(judgement.ofTags(command(false, 1), (1 << 20) + (64 << 10) + 1))
                    .isEqualTo(new Decision.Retry(ENCODE));
        }

        @Test
        void tags_that_are_too_large_are_left_out_once() {
            Decision decision = judgement.ofTags(ENCODE, (64 << 10) + 1);
            assertThat(decision).isEqualTo(new Decision.Retry(ENCODE.withTitleOnly()));
            assertThat(judgement.ofTags(ENCODE.withTitleOnly(), 100_000))
                    .isEqualTo(new Decision.Proceed());
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
            "1,   true,  false, false, false, 0,       400, CORRUPT",
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
                boolean withinOggPage,
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
                            -1);
            SourceEnd end = new SourceEnd(1, withinOggPage, false);
            assertFailsWith(
                    judgement.ofExit(
                            new Judgement.Run(ENCODE, status, report, end, TEN_SECONDS, bytes)),
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
                    new FfmpegReport(TEN_SECONDS_OF_MP4, false, false, true, false, 1, 1, 1);
            assertThat(judgement.ofExit(run(0, full))).isEqualTo(new Decision.DiskFull());
            assertThat(judgement.ofExit(run(1, full))).isEqualTo(new Decision.DiskFull());
        }

        @Test
        void a_failure_with_a_cover_is_retried_without_it() {
            Judgement.Run covered =
                    new Judgement.Run(
                            command(false, 1),
                            1,
                            report(TEN_SECONDS_OF_MP4, 400, -1),
                            COMPLETE,
                            Duration.ZERO,
                            0);
            assertThat(judgement.ofExit(covered)).isEqualTo(new Decision.Retry(ENCODE));
        }

        @Test
        void audio_that_ffmpeg_cannot_decode_is_not_media() {
            Probe unknown =
                    new Probe(
                            "mov",
                            TEN_SECONDS,
                            false,
                            null,
                            List.of(new Probe.Audio(0, "none", 0, "", false, false)),
                            List.of());
            assertThat(judgement.ofExit(run(1, report(unknown, 0, -1))))
                    .isInstanceOfSatisfying(
                            Decision.Fail.class,
                            fail -> {
                                assertThat(fail.failure().code()).isEqualTo(Code.NOT_MEDIA);
                                assertThat(fail.failure().message()).contains("encrypted");
                            });
        }

        @Test
        void packets_without_any_audio_are_corrupt() {
            assertFailsWith(
                    judgement.ofExit(run(0, report(TEN_SECONDS_OF_MP4, 400, 0))), Code.CORRUPT);
        }

        @ParameterizedTest
        @CsvSource({"0", "1"})
        void a_complete_file_without_audio_packets_has_no_audio(int status) {
            Probe unknownLength = probe("mpegts", null, false);
            assertFailsWith(
                    judgement.ofExit(run(status, report(unknownLength, 0, 0))),
                    Code.NO_AUDIO_TRACK);
        }

        @Test
        void a_file_without_audio_packets_is_corrupt_when_no_stream_reaches_its_end() {
            Decision decision =
                    judgement.ofExit(
                            new Judgement.Run(
                                    ENCODE,
                                    0,
                                    report(TEN_SECONDS_OF_MP4, 0, 0),
                                    COMPLETE,
                                    Duration.ZERO,
                                    0));
            assertThat(decision)
                    .isInstanceOfSatisfying(
                            Decision.CorruptUnlessReached.class,
                            unless -> {
                                assertThat(unless.time()).isEqualTo(Duration.ofSeconds(9));
                                assertFailsWith(unless.otherwise(), Code.NO_AUDIO_TRACK);
                            });
        }
    }

    @Nested
    class OfTheResult {
        private Decision of(TranscodeCommand command, FfmpegReport report, @Nullable Mp3File mp3) {
            return judgement.ofResult(
                    new Judgement.Run(command, 0, report, COMPLETE, TEN_SECONDS, 240_000), mp3);
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
            assertThat(of(COPY, SUCCESS, mp3(384, 100))).isInstanceOf(Decision.Deliver.class);
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
                            TEN_SECONDS_OF_MP4, false, false, false, false, 1, samples, 2298);
            assertFailsWith(of(ENCODE, longer, mp3(2298, samples)), Code.TOO_LONG);
        }

        @Test
        void a_good_result_is_delivered_with_its_measures() {
            assertThat(of(ENCODE, SUCCESS, mp3(384, 441_000)))
                    .isEqualTo(new Decision.Deliver(240_000, TEN_SECONDS, List.of()));
        }
    }

    /** What decides between a delivered and a corrupt file, once its audio is decoded. */
    @Nested
    class OfTheEnd {
        @ParameterizedTest
        @CsvSource({
            // demuxer, declared s, estimated, decoded s, declared size / size, in a packet, in an
            // Ogg page, fragmented
            "'mov,mp4', 10,  false, 10,  1,   false, false, false, complete",
            "'mov,mp4', 10,  false, 9,   1,   false, false, false, complete",
            "'mov,mp4', 10,  false, 8.9, 1,   false, false, false, search to 9",
            "'mov,mp4', 10,  true,  3,   1,   false, false, false, complete",
            "'mov,mp4', ,    false, 3,   1,   false, false, false, complete",
            "'mov,mp4', 10,  false, 10,  1,   true,  false, false, complete",
            "'mov,mp4', 10,  false, 10,  1,   true,  false, true,  truncated",
            "'matroska,webm', ,  false, 3, 1, true,  false, false, truncated",
            "'matroska,webm', ,  false, 3, 1, false, false, false, complete",
            "'matroska,webm', 3, false, 3, 1, true,  false, false, complete",
            "ogg,    3,  false, 3,  1,   false, true,  false, truncated",
            "ogg,    3,  false, 3,  1,   false, false, false, complete",
            "mpegts, ,   false, 3,  1,   true,  false, false, complete",
            "aac,    9,  true,  3,  1,   false, false, false, complete",
            "wav,    6,  false, 6,  2,   false, false, false, search to 11",
            "wav,    6,  false, 6,  1,   false, false, false, complete",
            "avi,    6,  false, 6,  1.5, false, false, false, search to 8",
            "asf,    10, false, 5,  2,   false, false, false, search to 9",
            "asf,    20, false, 10, 1,   false, false, false, search to 19",
            "asf,    ,   false, 0,  2,   false, false, false, complete",
        })
        void decides_whether_the_file_is_truncated(
                String demuxer,
                Double declared,
                boolean estimated,
                double decoded,
                double declaredShare,
                boolean withinPacket,
                boolean withinOggPage,
                boolean fragmented,
                String expected) {
            Probe probe = probe(demuxer, declared, estimated);
            FfmpegReport report =
                    new FfmpegReport(probe, true, withinPacket, false, false, 400, 441_000, 384);
            Decision complete = new Decision.Deliver(1, TEN_SECONDS, List.of());

            Decision decision =
                    TruncationCheck.check(
                            probe,
                            report,
                            new SourceEnd(declaredShare, withinOggPage, fragmented),
                            Duration.ofMillis(Math.round(1000 * decoded)),
                            complete);

            if (expected.equals("complete")) assertThat(decision).isEqualTo(complete);
            else if (expected.equals("truncated")) assertFailsWith(decision, Code.CORRUPT);
            else
                assertThat(decision)
                        .isEqualTo(
                                new Decision.CorruptUnlessReached(
                                        Duration.ofSeconds(
                                                Long.parseLong(
                                                        expected.substring("search to ".length()))),
                                        complete));
        }
    }
}
