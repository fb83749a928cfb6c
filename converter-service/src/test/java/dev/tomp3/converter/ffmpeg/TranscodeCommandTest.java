package dev.tomp3.converter.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.mp3.SegmentFormat;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.media.MediaFormat;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TranscodeCommandTest {
    /** As ffmpeg 4.4.1 prints it. */
    private static final String MP4_BY_4_4 =
            """
            [info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'http://127.0.0.1:8766/a.mp4':
            [info]   Metadata:
            [info]     major_brand     : isom
            [info]     title           : Hi
            [info]   Duration: 00:00:05.04, start: 0.000000, bitrate: 190 kb/s
            [info]   Stream #0:0(und): Video: h264 (High), 1 reference frame (avc1 / 0x31637661), yuv420p(left), 160x120 [SAR 1:1 DAR 4:3], 113 kb/s, 25 fps, 25 tbr, 12800 tbn, 50 tbc (default)
            [info]     Metadata:
            [info]       handler_name    : VideoHandler
            [info]   Stream #0:1(und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s (default)
            [info] Stream mapping:
            """;

    /** As ffmpeg 5.1.9 prints it, with a service name of two lines. */
    private static final String TS_BY_5_1 =
            """
            [info] Input #0, mpegts, from 'http://127.0.0.1:8766/a.ts':
            [info]   Duration: 00:00:05.02, start: 1.400000, bitrate: 240 kb/s
            [info]   Program 1\s
            [info]     Metadata:
            [info]       service_name    : Hi
                                  :   Stream #0:3: Audio: mp3
            [info]       service_provider: FFmpeg
            [info]   Stream #0:0[0x100]: Video: h264 (High 4:4:4 Predictive), 1 reference frame ([27][0][0][0] / 0x001B), yuv444p(progressive, left), 160x120, 25 fps, 25 tbr, 90k tbn
            [info]   Stream #0:1[0x101](und): Audio: aac (LC) ([15][0][0][0] / 0x000F), 44100 Hz, stereo, fltp, 71 kb/s
            [info] Stream mapping:
            """;

    /** In the words of ffmpeg 7: two languages, the second by default, 5.1, a cover. */
    private static final String MKV_BY_7 =
            """
            [matroska,webm @ 0x5581] [verbose] Format matroska,webm probed
            [info] Input #0, matroska,webm, from 'http://127.0.0.1:8766/a.mkv':
            [info]   Metadata:
            [info]     ENCODER         : Lavf61.7.100
            [info]   Duration: 01:32:08.42, start: 0.000000, bitrate: 5120 kb/s
            [info]   Chapters:
            [info]     Chapter #0:0: start 0.000000, end 60.000000
            [info]       Metadata:
            [info]         title           : One
            [info]   Stream #0:0: Video: hevc (Main 10), yuv420p10le(tv, bt709), 1920x1080, SAR 1:1 DAR 16:9, 24 fps, 24 tbr, 1k tbn, start 0.007000
            [info]   Stream #0:1(ger): Audio: aac (LC), 48000 Hz, stereo, fltp
            [info]       Metadata:
            [info]         title           : Deutsch
            [info]   Stream #0:2(eng): Audio: eac3, 48000 Hz, 5.1(side), fltp, 640 kb/s (default) (original)
            [info]   Stream #0:3(eng): Subtitle: subrip (srt) (default)
            [info]   Stream #0:4: Video: mjpeg (Baseline), yuvj420p(pc, bt470bg/unknown/unknown), 600x600 [SAR 1:1 DAR 1:1], 90k tbr, 90k tbn (attached pic)
            [info] Stream mapping:
            """;

    private static FfmpegLog log(String said) {
        FfmpegLog log = new FfmpegLog();
        said.lines().forEach(log::accept);
        return log;
    }

    private static Probe probe(String said) {
        Probe probe = log(said).probe();
        assertThat(probe).isNotNull();
        return probe;
    }

    @Test
    void the_usual_file_gets_the_usual_plan() {
        Probe probe = probe(MP4_BY_4_4);

        assertThat(probe.duration()).isEqualTo(Duration.ofMillis(5040));
        assertThat(probe.audio())
                .containsExactly(
                        new Probe.Audio(1, -1, "aac", "mp4a", 44_100, "mono", true, false));
        assertThat(TranscodeCommand.of(probe, null, Options.NONE))
                .isEqualTo(TranscodeCommand.usual(Options.NONE));
        Options voice = new Options(64, null, true, 22_050, false);
        assertThat(TranscodeCommand.of(probe, null, voice))
                .isEqualTo(TranscodeCommand.usual(voice));
    }

    @Test
    void a_line_within_a_name_is_no_track() {
        Probe probe = probe(TS_BY_5_1);

        assertThat(probe.audio())
                .containsExactly(
                        new Probe.Audio(1, 0x101, "aac", "", 44_100, "stereo", false, false));
        assertThat(TranscodeCommand.of(probe, null, Options.NONE))
                .isEqualTo(TranscodeCommand.usual(Options.NONE));
    }

    @Test
    void knows_its_track_by_number_and_by_id() {
        Probe probe =
                probe(
                        TS_BY_5_1.replace(
                                "[info] Stream mapping",
                                "[info]   Stream #0:2[0x102](deu): Audio: mp2, 48000 Hz, mono,"
                                        + " s16p\n"
                                        + "[info] Stream mapping"));
        TranscodeCommand first = TranscodeCommand.of(probe, null, Options.NONE);
        SegmentFormat format = new SegmentFormat(48_000, 1, Duration.ofMinutes(2));

        assertThat(first.streamId(probe)).isEqualTo(0x101);
        assertThat(first.inSegments(0x102, format).audio(probe).index()).isEqualTo(2);
        assertThat(first.inSegments(0x101, format).audio(probe).index()).isEqualTo(1);
    }

    @Test
    void takes_the_default_track_its_channels_and_the_cover() {
        Probe probe = probe(MKV_BY_7);

        assertThat(probe.duration()).isEqualTo(Duration.parse("PT1H32M8.42S"));
        TranscodeCommand plan = TranscodeCommand.of(probe, null, Options.NONE);
        assertThat(plan.track()).isEqualTo("0:2");
        assertThat(plan.channels()).isEqualTo(ChannelMix.surround(48_000));
        assertThat(plan.cover()).isEqualTo(4);
        assertThat(plan.copy()).isFalse();
    }

    @Test
    void keeps_mp3_as_it_is_only_when_nothing_else_is_asked_for() {
        Probe probe = probe(MP4_BY_4_4.replace("aac (LC)", "mp3 (mp3float)"));

        assertThat(TranscodeCommand.of(probe, null, Options.NONE).copy()).isTrue();
        assertThat(
                        TranscodeCommand.of(probe, null, new Options(192, null, false, null, false))
                                .copy())
                .isFalse();
        assertThat(
                        TranscodeCommand.of(
                                        probe(MP4_BY_4_4.replace("aac (LC)", "mp3adu")),
                                        null,
                                        Options.NONE)
                                .copy())
                .isFalse();
    }

    @Test
    void names_the_rate_only_when_it_changes() {
        assertThat(TranscodeCommand.of(probe(MP4_BY_4_4), null, Options.NONE).sampleRate())
                .isNull();
        assertThat(
                        TranscodeCommand.of(
                                        probe(MP4_BY_4_4.replace("44100", "96000")),
                                        null,
                                        Options.NONE)
                                .sampleRate())
                .isEqualTo(48_000);
        assertThat(
                        TranscodeCommand.of(
                                        probe(MP4_BY_4_4.replace("44100", "8000")),
                                        null,
                                        Options.NONE)
                                .sampleRate())
                .isEqualTo(32_000);
    }

    @Test
    void takes_the_first_two_of_channels_without_a_meaning() {
        assertThat(
                        TranscodeCommand.of(
                                        probe(MP4_BY_4_4.replace("mono", "24 channels")),
                                        null,
                                        Options.NONE)
                                .channels())
                .isEqualTo(ChannelMix.FIRST_TWO);
        assertThat(
                        TranscodeCommand.of(
                                        probe(MP4_BY_4_4.replace("mono", "6 channels")),
                                        null,
                                        Options.NONE)
                                .channels())
                .isEqualTo(ChannelMix.surround(44_100));
    }

    @Test
    void opens_containers_only_that_refer_to_nothing_else() {
        List<String> arguments =
                new FfmpegArguments(TranscodeCommand.usual(Options.NONE))
                        .whole(
                                new Input(URI.create("http://127.0.0.1:1/x"), false),
                                new FfmpegArguments.Outputs(
                                        Path.of("/w/out.mp3"),
                                        Path.of("/w/metadata"),
                                        Path.of("/w/cover")));

        int source = arguments.indexOf("http://127.0.0.1:1/x");
        assertThat(arguments.subList(0, source))
                .containsSequence("-protocol_whitelist", "http,tcp")
                .contains("-format_whitelist");
        assertThat(new Input(null, false).arguments())
                .containsSequence("-protocol_whitelist", "pipe")
                .containsSequence("-format_whitelist", String.join(",", MediaFormat.allDemuxers()))
                .endsWith("-i", "pipe:0");
        assertThat(MediaFormat.allDemuxers())
                .doesNotContain("hls", "concat", "dash", "sdp", "image2", "tedcaptions", "imf");
    }

    @Test
    void reads_a_banner_without_being_drowned_in_it() {
        FfmpegLog log = new FfmpegLog();
        log.accept("[info] Input #0, matroska,webm, from 'x':");
        log.accept("[info]   Metadata:");
        log.accept("[info]     title           : " + "x".repeat(1900));
        for (int i = 0; i < 100_000; i++) {
            log.accept("[info]   Stream #0:" + i + ": Audio: aac, 44100 Hz, stereo, fltp");
            log.accept("[matroska,webm @ 0x1] [error] something " + i);
            log.accept("\u001b[31m[info]   Stream #0:1: Audio: mp3, 1 Hz");
        }
        log.accept("[info]   Stream #0:99999999999999999999: Audio: aac, 44100 Hz, stereo");
        log.accept("[info]   Duration: 99999999999:00:00.00, start: 0");
        log.accept("[info] Stream mapping:");

        Probe probe = log.probe();
        assertThat(probe).isNotNull();
        assertThat(probe.audio()).hasSize(1000);
        assertThat(probe.duration()).isNull();
        assertThat(log.problems()).hasSize(20);
    }

    @Test
    void knows_when_the_length_is_only_a_guess() {
        assertThat(
                        probe(
                                        "[aac @ 0x1] [warning] Estimating duration from bitrate,"
                                                + " this may be inaccurate\n"
                                                + MP4_BY_4_4)
                                .declared())
                .isNull();
        assertThat(probe(MP4_BY_4_4).declared()).isEqualTo(Duration.ofMillis(5040));
    }

    @Test
    void reads_the_account_of_7_and_of_4() {
        FfmpegLog seven =
                log(
                        """
                        [out#0/mp3 @ 0x55] [verbose]   Output stream #0:0 (audio): 192 frames encoded (221184 samples); 193 packets muxed (120999 bytes);\s
                        [in#0/mov,mp4,m4a,3gp,3g2,mj2 @ 0x55] [verbose]   Input stream #0:1 (audio): 217 packets read (43554 bytes); 216 frames decoded; 0 decode errors (221184 samples);\s
                        """);
        FfmpegLog four =
                log(
                        """
                        [verbose]   Input stream #0:1 (audio): 217 packets read (43554 bytes); 216 frames decoded (221184 samples);\s
                        [verbose]   Output stream #0:0 (audio): 193 packets muxed (120999 bytes);\s
                        """);

        assertThat(seven.report().samplesEncoded()).isEqualTo(221_184);
        assertThat(seven.report().packetsWritten()).isEqualTo(193);
        assertThat(seven.report().packetsRead()).isEqualTo(217);
        assertThat(four.report().packetsRead()).isEqualTo(217);
        assertThat(four.report().samplesEncoded()).isEqualTo(-1);
        assertThat(four.report().packetsWritten()).isEqualTo(193);
    }

    @Test
    void knows_what_9_recognised_and_could_not_open() {
        String end =
                """
                [in#0 @ 0x55ac0] [error] Error opening input: Invalid data found when processing input
                [error] Error opening input file a.mp4.
                [fatal] Error opening input files: Invalid data found when processing input
                """;
        assertThat(
                        log("[in#0 @ 0x55dc0] [error] moov atom not found\n" + end)
                                .report()
                                .recognized())
                .isTrue();
        assertThat(log(end).report().recognized()).isFalse();
        assertThat(
                        log("[in#0 @ 0x55dc0] [error] Format not on whitelist 'mov,mp4'\n" + end)
                                .report()
                                .recognized())
                .isFalse();
        assertThat(
                        log("[in#0 @ 0x55dc0] [warning] Format mov,mp4 detected only with low score"
                                        + " of 1, misdetection possible!\n"
                                        + "[in#0 @ 0x55dc0] [error] moov atom not found\n"
                                        + end)
                                .report()
                                .recognized())
                .isFalse();
    }

    @Test
    void makes_a_title_of_any_file_name() {
        assertThat(Title.ofFile("Holiday 2024.final.mp4")).isEqualTo("Holiday 2024.final");
        assertThat(Title.ofFile("../../etc/passwd")).isEqualTo("passwd");
        assertThat(Title.ofFile("C:\\videos\\ünï 🎵.mkv")).isEqualTo("ünï 🎵");
        assertThat(Title.ofFile(".mp4")).isEqualTo(".mp4");
        assertThat(Title.ofFile("a\0b\r\nc\u001b[31m.mp4")).isEqualTo("a b  c [31m");
        assertThat(Title.ofFile("🎵".repeat(10_000) + ".mp4").codePoints()).hasSize(250);
        assertThat(Title.ofFile("")).isEqualTo("Untitled");
    }
}
