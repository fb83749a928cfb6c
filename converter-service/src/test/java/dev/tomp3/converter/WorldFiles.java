package dev.tomp3.converter;

import static dev.tomp3.converter.Corpus.ascii;
import static dev.tomp3.converter.Corpus.bytes;
import static dev.tomp3.converter.Expected.done;
import static dev.tomp3.converter.Expected.fails;
import static dev.tomp3.converter.Recordings.FRAGMENTED;
import static dev.tomp3.converter.Recordings.RATE;
import static dev.tomp3.converter.Recordings.RUSSIAN;
import static dev.tomp3.converter.Recordings.ape;
import static dev.tomp3.converter.Recordings.back;
import static dev.tomp3.converter.Recordings.beginningAt;
import static dev.tomp3.converter.Recordings.between;
import static dev.tomp3.converter.Recordings.codecs;
import static dev.tomp3.converter.Recordings.cut;
import static dev.tomp3.converter.Recordings.id3v1;
import static dev.tomp3.converter.Recordings.jump;
import static dev.tomp3.converter.Recordings.noise;
import static dev.tomp3.converter.Recordings.packets;
import static dev.tomp3.converter.Recordings.renamed;
import static dev.tomp3.converter.Recordings.unknownLengths;
import static dev.tomp3.converter.Recordings.video;
import static dev.tomp3.converter.Recordings.zeros;
import static dev.tomp3.jobs.Warning.Code.DAMAGED;
import static dev.tomp3.jobs.Warning.Code.DISCONTINUITY;
import static dev.tomp3.jobs.Warning.Code.GAPS_FILLED;
import static dev.tomp3.jobs.Warning.Code.OTHER_TRACK;
import static dev.tomp3.jobs.Warning.Code.TRUNCATED;

import dev.tomp3.jobs.Failure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Files as recorders, cameras, browsers, phones and broken downloads leave them, each with what its
 * owner should get: how long the MP3 is, what is heard in each second of each channel, and the
 * warnings. All are made from a few encoded seconds by changing some of their bytes.
 */
final class WorldFiles {
    /** Makes a file's bytes when they are wanted. */
    interface Content {
        byte[] bytes() throws IOException;
    }

    /**
     * One file.
     *
     * @param kind what is peculiar about it
     * @param name the file's
     * @param everyVersion whether it is tried with every ffmpeg, and not only in the nightly build
     * @param nightly whether it is too large for each build
     */
    record Row(
            String kind,
            String name,
            Content content,
            Expected expected,
            boolean everyVersion,
            boolean nightly) {
        @Override
        public String toString() {
            return name + ": " + kind;
        }
    }

    private final Recordings made;
    private final List<Row> rows = new ArrayList<>();
    private String kind = "";

    private WorldFiles(Recordings made) {
        this.made = made;
    }

    static List<Row> madeWith(TestMedia media) {
        WorldFiles files = new WorldFiles(new Recordings(media));
        files.time();
        files.transportStreams();
        files.lengths();
        files.broken();
        files.beginnings();
        files.formats();
        files.tracks();
        files.channels();
        files.chains();
        files.tags();
        return files.rows;
    }

    private void kind(String kind) {
        this.kind = kind;
    }

    /** The first of a kind is tried with every ffmpeg. */
    private void add(String name, Content content, Expected expected) {
        boolean first = rows.isEmpty() || !rows.getLast().kind.equals(kind);
        rows.add(new Row(kind, name, content, expected, first, false));
    }

    private void addNightly(String name, Content content, Expected expected) {
        rows.add(new Row(kind, name, content, expected, false, true));
    }

    private void time() {
        kind("the sound begins after the picture");
        add(
                "late-2s.mp4",
                () -> made.late(".mp4", "aac", 2, 4),
                done("--0123").mayWarn(GAPS_FILLED));
        add(
                "late-4s.mov",
                () -> made.late(".mov", "pcm_s16le", 4, 2),
                done("----01").mayWarn(GAPS_FILLED));
        add(
                "late-1s.mkv",
                () -> made.late(".mkv", "aac", 1, 4),
                done("-0123").mayWarn(GAPS_FILLED));
        add("late-3s.ts", () -> made.late(".ts", "aac", 3, 3), done("---012").mayWarn(GAPS_FILLED));
        add(
                "late-9s.webm",
                () -> made.late(".webm", "libopus", 9, 2),
                done("---------01").mayWarn(GAPS_FILLED));

        kind("sound is missing in the middle");
        add(
                "gap-2s.mkv",
                () -> Matroska.of(made.filmed(".mkv", "aac", 8)).without(2, between(3, 5)).bytes(),
                done("012--567").warns(GAPS_FILLED));
        add(
                "gap-1s.webm",
                () ->
                        Matroska.of(made.filmed(".webm", "libopus", 6))
                                .without(2, between(2, 3))
                                .bytes(),
                done("01-345").warns(GAPS_FILLED));
        add(
                "gap-3s.flv",
                () -> Flv.of(made.filmed(".flv", "aac", 8)).withoutAudio(between(3, 6)).bytes(),
                done("012---67").warns(GAPS_FILLED));
        add(
                "gap-2s.ts",
                () ->
                        TransportStream.of(made.filmed(".ts", "aac", 8))
                                .withoutAudio(time -> time >= 1.4 + 3 && time < 1.4 + 5)
                                .bytes(),
                done("012--567").warns(GAPS_FILLED));
        add("gap-2s.m4a", () -> made.longSample(2), done("01--234").warns(GAPS_FILLED));
        add(
                "gap-9s.mkv",
                () ->
                        Matroska.of(made.filmed(".mkv", "ac3", 12))
                                .without(2, between(2, 11))
                                .bytes(),
                done("01---------b").warns(GAPS_FILLED));
        addNightly(
                "gaps-of-2s-in-140s.mkv",
                () ->
                        Matroska.of(made.sound(".mka", "aac", 140))
                                .without(1, time -> time % 20_000 >= 18_000)
                                .bytes(),
                done(".{18}--.{18}--.{18}--.{18}--.{18}--.{18}--.{18}--")
                        .seconds(140)
                        .warns(GAPS_FILLED));

        kind("packets of a call are lost");
        add(
                "loss-5-percent.webm",
                () ->
                        Matroska.of(made.filmed(".webm", "libopus", 8))
                                .losing(2, n -> n % 20 == 7)
                                .bytes(),
                done("01234567").warns(GAPS_FILLED));
        add(
                "loss-10-percent.mkv",
                () ->
                        Matroska.of(made.sound(".mka", "libopus", 6))
                                .losing(1, n -> n % 10 == 4)
                                .bytes(),
                done("012345").warns(GAPS_FILLED));
        add(
                "loss-of-3-in-a-row.webm",
                () ->
                        Matroska.of(made.sound(".webm", "libopus", 8))
                                .losing(1, n -> n % 50 >= 20 && n % 50 < 23)
                                .bytes(),
                done("01234567").warns(GAPS_FILLED));
        add(
                "loss-of-aac.flv",
                () -> Flv.of(made.filmed(".flv", "aac", 6)).losing(n -> n % 20 == 9).bytes(),
                done("012345").warns(GAPS_FILLED));

        kind("time stamps begin anew in the middle");
        add(
                "restart-mp3.flv",
                () ->
                        Flv.of(made.filmed(".flv", "libmp3lame", 8))
                                .retime(ms -> ms >= 4000 ? ms - 4000 : ms)
                                .declaring(4)
                                .bytes(),
                done("01234567"));
        add(
                "restart-aac.flv",
                () ->
                        Flv.of(made.filmed(".flv", "aac", 6))
                                .retime(ms -> ms >= 3000 ? ms - 3000 : ms)
                                .declaring(3)
                                .bytes(),
                done("012345"));
        add(
                "step-back-2s.mkv",
                () ->
                        Matroska.of(made.filmed(".mkv", "aac", 6))
                                .retime(ms -> ms >= 4000 ? ms - 2000 : ms)
                                .bytes(),
                done("012345").mayWarn(DISCONTINUITY));
        add(
                "step-back-half-a-second.ts",
                () -> jump(made.filmed(".ts", "aac", 6), 3, -0.5, pid -> true),
                done("012345").mayWarn(DISCONTINUITY));

        kind("the clock jumps");
        add(
                "jump-30s.ts",
                () -> jump(made.filmed(".ts", "aac", 6), 3, 30, pid -> true),
                done("012345").warns(DISCONTINUITY));
        add(
                "jump-3600s.ts",
                () -> jump(made.filmed(".ts", "mp2", 6), 2, 3600, pid -> true),
                done("012345").warns(DISCONTINUITY));
        add(
                "jump-50000s.ts",
                () -> jump(made.filmed(".ts", "aac", 5), 2, 50_000, pid -> true),
                done("01234").warns(DISCONTINUITY));
        add(
                "jump-of-sound-600s.ts",
                () ->
                        jump(
                                made.filmed(".ts", "aac", 6),
                                4,
                                600,
                                pid -> pid == TransportStream.AUDIO),
                done("012345").warns(DISCONTINUITY));
        add(
                "jump-12s.mkv",
                () ->
                        Matroska.of(made.filmed(".mkv", "aac", 6))
                                .retime(ms -> ms >= 2000 ? ms + 12_000 : ms)
                                .bytes(),
                done("012345").warns(DISCONTINUITY));
        addNightly(
                "jump-3600s-in-130s.ts",
                () -> jump(made.sound(".ts", "aac", 130), 70, 3600, pid -> true),
                done(".*").seconds(130).warns(DISCONTINUITY));

        kind("the clock jumps back to nearly nothing");
        add(
                "back-from-3600s.ts",
                () -> back(made.filmed(".ts", "aac", 6), 3, 3600),
                done("012345").warns(DISCONTINUITY));
        add(
                "back-from-50000s.ts",
                () -> back(made.filmed(".ts", "ac3", 6), 2, 50_000),
                done("012345").warns(DISCONTINUITY));
        add(
                "back-from-90s.ts",
                () -> back(made.filmed(".ts", "aac", 5), 4, 90),
                done("01234").warns(DISCONTINUITY));
    }

    private void transportStreams() {
        kind("audio and picture change their PIDs in the middle");
        add(
                "pids-change.ts",
                () ->
                        bytes(
                                made.part("mp2", 0, ""),
                                made.part("mp2", 4, "-mpegts_start_pid 0x200 -tables_version 1")),
                done("01234567"));
        add(
                "pids-change-aac.ts",
                () ->
                        bytes(
                                made.part("aac", 0, ""),
                                made.part("aac", 4, "-mpegts_start_pid 0x300 -tables_version 1")),
                done("01234567").seconds(8.06));
        add(
                "pid-of-sound-changes.ts",
                () ->
                        bytes(
                                made.part("mp2", 0, ""),
                                made.part("mp2", 4, "-streamid 1:0x201 -tables_version 1")),
                done("01234567"));
        add(
                "pid-of-pmt-changes.ts",
                () ->
                        bytes(
                                made.part("aac", 0, ""),
                                made.part(
                                        "aac",
                                        4,
                                        "-mpegts_start_pid 0x200 -mpegts_pmt_start_pid 0x1100"
                                                + " -tables_version 1")),
                done("01234567").seconds(8.06));

        kind("the codec changes in the middle");
        add(
                "aac-then-ac3.ts",
                () -> bytes(made.part("aac", 0, ""), made.part("ac3", 4, "-tables_version 1")),
                done("01234567"));
        add(
                "mp2-then-ac3.ts",
                () -> bytes(made.part("mp2", 0, ""), made.part("ac3", 4, "-tables_version 1")),
                done("01234567"));
        add(
                "aac-then-mp2.ts",
                () -> bytes(made.part("aac", 0, ""), made.part("mp2", 4, "-tables_version 1")),
                done("01234567"));
        add(
                "ac3-then-aac.ts",
                () -> bytes(made.part("ac3", 0, ""), made.part("aac", 4, "-tables_version 1")),
                done("01234567"));

        kind("the sound begins very late");
        add("late-12s.vob", () -> made.late(".vob", "ac3", 12, 4), done("-*0123"));
        add("late-15s-mp2.vob", () -> made.late(".vob", "mp2", 15, 3), done("-*012"));
        add("late-11s.ts", () -> made.late(".ts", "aac", 11, 4), done("-*0123"));
        add("late-20s.ts", () -> made.late(".ts", "ac3", 20, 3), done("-*012"));
        addNightly(
                "late-20s-of-9MB.vob",
                () ->
                        made.encoded(
                                ".vob",
                                video(24),
                                "-itsoffset 20",
                                Tones.input(0, 4, RATE),
                                "-map 0 -map 1 -c:v mpeg2video -b:v 3500k -minrate 3500k -maxrate"
                                        + " 3500k -bufsize 2M -c:a ac3"),
                done("-*0123"));

        kind("a second audio stream is announced and never sent");
        add("dead-pid.ts", () -> made.announcing("aac", 0x0f, 0x102, false), done("0123"));
        add("dead-pid-mp2.ts", () -> made.announcing("mp2", 0x03, 0x150, false), done("0123"));
        add(
                "dead-pid-first.ts",
                () -> made.announcing("aac", 0x03, 0x102, true),
                done("0123").mayWarn(OTHER_TRACK));

        kind("packets are not 188 bytes, or do not begin at once");
        add("204-bytes.ts", () -> packets(made.filmed(".ts", "aac", 5), 0, 16), done("01234"));
        add("192-bytes.m2ts", () -> packets(made.filmed(".ts", "aac", 5), 4, 0), done("01234"));
        add(
                "one-bad-sync-byte.ts",
                () -> {
                    byte[] ts = made.filmed(".ts", "aac", 5);
                    ts[3 * TransportStream.PACKET] = 0;
                    return ts;
                },
                done("01234"));
        add(
                "100-bytes-before.ts",
                () -> bytes(noise(100), made.filmed(".ts", "aac", 5)),
                done("01234"));
        add(
                "begins-within-a-packet.ts",
                () -> beginningAt(made.filmed(".ts", "mp2", 5), 99),
                done("01234"));

        kind("scrambled or encrypted");
        add("cenc-aac.mp4", () -> made.cenc("aac -ac 2"), fails(Failure.Code.ENCRYPTED));
        add(
                "cenc-opus.mp4",
                () -> made.cenc("libopus -strict -2 -ac 2"),
                fails(Failure.Code.ENCRYPTED));
        add(
                "cenc-flac.mp4",
                () -> made.cenc("flac -strict -2 -ac 1"),
                fails(Failure.Code.ENCRYPTED));
        add("cenc-ac3.mp4", () -> made.cenc("ac3 -ac 1"), fails(Failure.Code.ENCRYPTED));
        add(
                "scrambled.ts",
                () ->
                        TransportStream.of(made.filmed(".ts", "aac", 4))
                                .scrambled(pid -> pid == 0x100 || pid == 0x101)
                                .bytes(),
                fails(Failure.Code.ENCRYPTED));
        add(
                "scrambled-sound.ts",
                () ->
                        TransportStream.of(made.filmed(".ts", "mp2", 5))
                                .scrambled(pid -> pid == 0x101)
                                .bytes(),
                fails(Failure.Code.ENCRYPTED));
        add("protected.m4a", made::fairPlay, fails(Failure.Code.ENCRYPTED));
    }

    private void lengths() {
        kind("an FLV declares another length");
        add(
                "declares-60s.flv",
                () -> Flv.of(made.filmed(".flv", "aac", 5)).declaring(60).bytes(),
                done("01234").mayWarn(TRUNCATED));
        add(
                "declares-2147483s.flv",
                () -> Flv.of(made.filmed(".flv", "aac", 5)).declaring(2_147_483.63).bytes(),
                done("01234"));
        add(
                "declares-50000s.flv",
                () -> Flv.of(made.filmed(".flv", "libmp3lame", 5)).declaring(50_000).bytes(),
                done("01234").mayWarn(TRUNCATED));
        add(
                "declares-minus-5s.flv",
                () -> Flv.of(made.filmed(".flv", "aac", 4)).declaring(-5).bytes(),
                done("0123"));

        kind("only the movie's head declares another length");
        add("mvhd-10864s.mp4", () -> made.mvhd(10_864), done("01234"));
        add("mvhd-50000s.mp4", () -> made.mvhd(50_000), done("01234"));
        add("mvhd-1000s.mp4", () -> made.mvhd(1000), done("01234"));

        kind("an MP4 declares that its length is unknown");
        add("unknown-length-fragmented.mp4", () -> made.unknownLength(FRAGMENTED), done("01234"));
        add("unknown-length.mp4", () -> made.unknownLength(""), done("01234"));
        add(
                "unknown-length-without-picture.m4a",
                () -> unknownLengths(Boxes.of(made.sound(".m4a", "aac", 4))),
                done("0123"));

        kind("a live recording begins at a late time");
        add("live-from-1h.mp4", () -> made.live(3600), done("01234"));
        add("live-from-14h.mp4", () -> made.live(50_000), done("01234"));
        add("live-from-100s.mp4", () -> made.live(100), done("01234"));

        kind("a WAV has placeholders for its sizes");
        add(
                "sizes-7fffffff.wav",
                () -> made.wave(0x7fffffff, 0x7fffffff),
                done("01234").channels(1));
        add("sizes-of-sox.wav", () -> made.wave(0x7ffff024, 0x7ffff000), done("01234").channels(1));
        add(
                "sizes-80000000.wav",
                () -> made.wave(0x80000000, 0x80000000),
                done("01234").channels(1));
        add(
                "sizes-ffffffbf.wav",
                () -> made.wave(0xffffffbf, 0xffffff93),
                done("01234").channels(1));
        add(
                "sizes-2000000000.wav",
                () -> made.wave(2_000_000_036, 2_000_000_000),
                done("01234").channels(1));

        kind("an MP3's head counts other frames");
        add("xing-x10.mp3", () -> made.xing(10), done("01234").mayWarn(TRUNCATED));
        add("xing-x3.mp3", () -> made.xing(3), done("01234").mayWarn(TRUNCATED));
        add("xing-x10000.mp3", () -> made.xing(10_000), done("01234").mayWarn(TRUNCATED));

        kind("one segment of a stream behind its beginning");
        add("segment-3.mp4", () -> made.segments(2), done("45").mayWarn(TRUNCATED));
        add("segment-2.mp4", () -> made.segments(1), done("23").mayWarn(TRUNCATED));
        add(
                "segments-2-and-4.mp4",
                () -> made.segments(1, 3),
                done("23(--)?67").mayWarn(TRUNCATED, GAPS_FILLED));
    }

    private void broken() {
        kind("the recorder was killed");
        add(
                "killed.mkv",
                () -> cut(made.filmed(".mkv", "aac", 8), 0.7),
                done("01234?5?").warns(TRUNCATED));
        add(
                "killed.webm",
                () -> cut(made.filmed(".webm", "libopus", 8), 0.6),
                done("0123?4?5?").warns(TRUNCATED));
        add(
                "killed-fragmented.mp4",
                () -> cut(made.filmed(".mp4", "aac", 8, FRAGMENTED), 0.7),
                done("0123?4?5?").warns(TRUNCATED));
        add(
                "killed.flv",
                () -> cut(made.filmed(".flv", "aac", 8), 0.7),
                done("01234?5?").warns(TRUNCATED));
        add(
                "killed-live.mkv",
                () ->
                        cut(
                                made.encoded(
                                        ".mkv",
                                        video(8),
                                        Tones.input(0, 8, RATE),
                                        codecs(".mkv", "aac"),
                                        "-live 1"),
                                0.7),
                done("01234?5?").mayWarn(TRUNCATED));

        kind("a download breaks off");
        add(
                "cut-xing.mp3",
                () -> cut(made.sound(".mp3", "libmp3lame", 8), 0.7),
                done("01234").seconds(5.62).warns(TRUNCATED));
        add(
                "cut.wav",
                () -> cut(made.pcm(".wav", "pcm_s16le", 5), 0.6),
                done("012").warns(TRUNCATED));
        add(
                "cut-faststart.m4a",
                () ->
                        cut(
                                made.encoded(
                                        ".m4a",
                                        Tones.input(0, 6, RATE),
                                        "-c:a aac -b:a 64k -movflags +faststart"),
                                0.6),
                done("01?2?3?").warns(TRUNCATED));
        add(
                "cut.flac",
                () -> cut(made.pcm(".flac", "flac", 6), 0.5),
                done("012?").warns(TRUNCATED));
        add(
                "cut.ogg",
                () -> cut(made.sound(".ogg", "libvorbis", 6), 0.6),
                done("012?3?").mayWarn(TRUNCATED));

        kind("a part of a download is zeros");
        add(
                "zeros-at-the-end.m4a",
                () ->
                        zeros(
                                made.encoded(
                                        ".m4a",
                                        Tones.input(0, 8, RATE),
                                        "-c:a aac -b:a 64k -movflags +faststart"),
                                0.5,
                                1),
                done("0123?-*").warnsOneOf(DAMAGED, TRUNCATED).mayWarn(GAPS_FILLED));
        add(
                "zeros-at-the-end.mkv",
                () -> zeros(made.filmed(".mkv", "aac", 8), 0.5, 1),
                done("0123?-*").warnsOneOf(DAMAGED, TRUNCATED).mayWarn(GAPS_FILLED));
        add(
                "zeros-at-the-end.mp3",
                () -> zeros(made.sound(".mp3", "libmp3lame", 8), 0.5, 1),
                done("0123?-*").warnsOneOf(DAMAGED, TRUNCATED).mayWarn(GAPS_FILLED));
        add(
                "zeros-in-the-middle.m4a",
                () ->
                        zeros(
                                made.encoded(
                                        ".m4a",
                                        Tones.input(0, 8, RATE),
                                        "-c:a aac -b:a 64k -movflags +faststart"),
                                0.5,
                                0.7),
                done("0123.*67").warnsOneOf(DAMAGED, TRUNCATED, GAPS_FILLED));
        add(
                "zeros-in-the-middle.flac",
                () -> zeros(made.pcm(".flac", "flac", 8), 0.4, 0.6),
                done("012.*567").warnsOneOf(DAMAGED, TRUNCATED, GAPS_FILLED));
        add(
                "zeros-in-the-middle.mp3",
                () -> zeros(made.sound(".mp3", "libmp3lame", 8), 0.4, 0.6),
                done("012.*567").warnsOneOf(DAMAGED, TRUNCATED, GAPS_FILLED));
        add(
                "zeros-in-the-middle.mkv",
                () -> zeros(made.filmed(".mkv", "aac", 8), 0.4, 0.6),
                done("012.*67").warnsOneOf(DAMAGED, TRUNCATED, GAPS_FILLED));
        add(
                "zeros-in-the-middle.ts",
                () -> zeros(made.filmed(".ts", "aac", 8), 0.4, 0.6),
                done("012.*67").warnsOneOf(DAMAGED, TRUNCATED, GAPS_FILLED));
    }

    private void beginnings() {
        kind("something stands before the first frame");
        add(
                "icy-head.mp3",
                () -> bytes(ascii("ICY 200 OK\r\nicy-name: radio\r\n\r\n"), made.plainMp3()),
                done("01234"));
        add(
                "icy-long-head.mp3",
                () ->
                        bytes(
                                ascii(
                                        "ICY 200 OK\r\nicy-notice1: "
                                                + "x".repeat(300)
                                                + "\r\nicy-br: 64\r\n\r\n"),
                                made.plainMp3()),
                done("01234"));
        add("1-zero.mp3", () -> bytes(new byte[1], made.plainMp3()), done("01234"));
        add("2-zeros.mp3", () -> bytes(new byte[2], made.plainMp3()), done("01234"));
        add("417-zeros.mp3", () -> bytes(new byte[417], made.plainMp3()), done("01234"));
        add("2000-zeros.mp3", () -> bytes(new byte[2000], made.plainMp3()), done("01234"));
        add(
                "zeros-before-the-tag.mp3",
                () -> bytes(new byte[100], made.sound(".mp3", "libmp3lame", 5)),
                done("01234"));
        add("junk-393.mp3", () -> bytes(noise(393), made.plainMp3()), done("01234"));

        kind("a recording of the radio begins within a frame");
        add("rip.mp3", () -> beginningAt(made.plainMp3(), 90), done("01234"));
        add("rip.aac", () -> beginningAt(made.sound(".aac", "aac", 5), 100), done("01234"));
        add("rip-7.aac", () -> beginningAt(made.sound(".aac", "aac", 5), 7), done("01234"));
        add(
                "rip-1000.aac",
                () -> beginningAt(made.sound(".aac", "aac", 5), 1000),
                done("01234").seconds(4.885));
        kind("a frame says no bit rate (free format)");
        add(
                "free-format-128.mp3",
                () -> made.freeFormat(128),
                fails(Failure.Code.UNSUPPORTED_CODEC).orDone());
        add(
                "free-format-64.mp3",
                () -> made.freeFormat(64),
                fails(Failure.Code.UNSUPPORTED_CODEC).orDone());
        add(
                "free-format-320.mp3",
                () -> made.freeFormat(320),
                fails(Failure.Code.UNSUPPORTED_CODEC).orDone());
    }

    private void formats() {
        kind("Layer II");
        add(
                "layer2.mp2",
                () -> made.encoded(".mp2", Tones.input(0, 4, 44_100), "-c:a mp2 -b:a 64k"),
                done("0123"));
        add(
                "layer2-called.mp3",
                () -> made.encoded(".mp2", Tones.input(0, 4, RATE), "-c:a mp2 -b:a 96k"),
                done("0123"));
        add(
                "layer2-32k.mp2",
                () -> made.encoded(".mp2", Tones.input(0, 4, 32_000), "-c:a mp2 -b:a 128k -ac 2"),
                done("0123").channels(2));

        kind("AIFF");
        add("aiff.aiff", () -> made.pcm(".aiff", "pcm_s16be", 3), done("012").channels(1));
        add("aiff-24.aif", () -> made.pcm(".aif", "pcm_s24be", 3), done("012").channels(1));
        add("aifc-sowt.aifc", () -> made.pcm(".aif", "pcm_s16le", 4), done("0123").channels(1));

        kind("CAF");
        add("caf.caf", () -> made.pcm(".caf", "pcm_s16be", 3), done("012").channels(1));
        add("alac.caf", () -> made.pcm(".caf", "alac", 3), done("012").channels(1));
        add("float.caf", () -> made.pcm(".caf", "pcm_f32le", 4), done("0123").channels(1));

        kind("BW64");
        add("bw64.wav", () -> made.wave64("BW64", 3), done("012").channels(1));
        add("rf64.wav", () -> made.wave64("RF64", 3), done("012").channels(1));
        add("bw64-longer.wav", () -> made.wave64("BW64", 5), done("01234").channels(1));

        kind("another format of recorders and archives");
        add(
                "amr.amr",
                () ->
                        made.encoded(
                                ".amr",
                                Tones.input(0, 3, 8000),
                                "-c:a libopencore_amrnb -b:a 12.2k"),
                done("012").channels(1));
        add("au.au", () -> made.pcm(".au", "pcm_s16be", 3), done("012").channels(1));
        add("w64.w64", () -> made.pcm(".w64", "pcm_s16le", 3), done("012").channels(1));
        add("raw.ac3", () -> made.sound(".ac3", "ac3", 3), done("012").channels(1));
        add("raw.eac3", () -> made.sound(".eac3", "eac3", 3), done("012").channels(1));
        add(
                "raw.dts",
                () -> made.encoded(".dts", Tones.input(0, 3, RATE), "-c:a dca -strict -2 -ac 2"),
                done("012").channels(2));
        add("wavpack.wv", () -> made.pcm(".wv", "wavpack", 3), done("012").channels(1));
        add("tta.tta", () -> made.pcm(".tta", "tta", 3), done("012").channels(1));
    }

    private void tracks() {
        kind("the first track cannot be decoded");
        add(
                "apac-first.mov",
                () -> made.twoTracks(".mov", "pcm_s16be", "twos", "apac"),
                done("012345").warns(OTHER_TRACK));
        add(
                "ac4-first.mp4",
                () -> made.twoTracks(".mp4", "ac3", "ac-3", "ac-4"),
                done("012345").warns(OTHER_TRACK));
        add(
                "mpegh-first.mp4",
                () -> made.twoTracks(".mp4", "flac", "fLaC", "mhm1"),
                done("012345").warns(OTHER_TRACK));
        add(
                "unknown-first.mkv",
                () -> made.twoTracks(".mkv", "flac", "A_FLAC", "A_FLUX"),
                done("012345").warns(OTHER_TRACK));
        add(
                "unknown-first-of-opus.mka",
                () -> made.twoTracks(".mka", "libopus", "A_OPUS", "A_ZZZZ"),
                done("012345").warns(OTHER_TRACK));

        kind("no track can be decoded");
        add("xhe-aac.m4a", made::extendedHeAac, fails(Failure.Code.UNSUPPORTED_CODEC));
        add(
                "ac4.mp4",
                () -> renamed(made.sound(".mp4", "ac3", 4), "ac-3", "ac-4"),
                fails(Failure.Code.UNSUPPORTED_CODEC));
        add(
                "mpegh.mp4",
                () -> renamed(made.sound(".mp4", "flac -strict -2", 4), "fLaC", "mhm1"),
                fails(Failure.Code.UNSUPPORTED_CODEC));
        add(
                "apac.mov",
                () -> renamed(made.pcm(".mov", "pcm_s16be", 4), "twos", "apac"),
                fails(Failure.Code.UNSUPPORTED_CODEC));
        add(
                "unknown.mka",
                () -> renamed(made.sound(".mka", "aac", 4), "A_AAC", "A_ZZZ"),
                fails(Failure.Code.UNSUPPORTED_CODEC));

        kind("MP3 within another container");
        add(
                "mp3-in.mkv",
                () ->
                        made.encoded(
                                ".mkv",
                                Tones.input(0, 5, 44_100),
                                "-c:a libmp3lame -b:a 128k -ac 2"),
                done("01234").seconds(5.02));
        add(
                "mp3-16k-in.mkv",
                () -> made.encoded(".mkv", Tones.input(0, 5, 16_000), "-c:a libmp3lame -b:a 32k"),
                done("01234").seconds(5.02));
        add(
                "mp3-in.mp4",
                () -> made.encoded(".mp4", Tones.input(0, 5, RATE), "-c:a libmp3lame -b:a 64k"),
                done("01234"));
        add(
                "mp3-in.avi",
                () -> made.encoded(".avi", Tones.input(0, 5, RATE), "-c:a libmp3lame -b:a 64k"),
                done("01234"));
        addNightly(
                "mp3-in-140s.mkv",
                () -> made.encoded(".mkv", Tones.input(0, 140, 16_000), "-c:a libmp3lame -b:a 32k"),
                done(".*").seconds(140));
    }

    private void channels() {
        kind("a MOV has a track for each channel");
        add(
                "left-and-right.mov",
                () -> made.discrete("FL", "FR"),
                done("01234", "abcde").channels(2));
        add(
                "right-and-left.mov",
                () -> made.discrete("FR", "FL"),
                done("abcde", "01234").channels(2));
        add("left-alone.mov", () -> made.discrete("FL"), done("01234").channels(1));
        add("right-alone.mov", () -> made.discrete("FR"), done("01234").channels(1));

        kind("ambisonics");
        add(
                "ambisonic-1.opus",
                () -> made.ambisonic(4),
                done("0123", "0123|----").channels(0).seconds(4));
        add(
                "ambisonic-2.opus",
                () -> made.ambisonic(9),
                done("0123", "0123|----").channels(0).seconds(4));
        add(
                "ambisonic-1-and-stereo.opus",
                () -> made.ambisonic(6),
                done("0123", "0123|----").channels(0).seconds(4));

        kind("odd pairs of channels");
        add("FL+FC.wav", () -> made.pair(0x5), done("[^-]{4}").seconds(4));
        add("BL+BR.wav", () -> made.pair(0x30), done("0123", "abcd").channels(2));
        add("TFL+TFR.wav", () -> made.pair(0x5000), done("0123", "abcd").channels(2));
        add("SL+SR.wav", () -> made.pair(0x600), done("0123", "abcd").channels(2));
        add("unknown-pair.wav", () -> made.pair(0), done("0123", "abcd").channels(2));
    }

    private void chains() {
        kind("an Ogg stream is followed by one of another codec");
        add(
                "opus-then-vorbis.ogg",
                () -> bytes(made.spoken(".ogg", "libopus", 0), made.spoken(".ogg", "libvorbis", 3)),
                done("012345"));
        add(
                "vorbis-then-opus.ogg",
                () -> bytes(made.spoken(".ogg", "libvorbis", 0), made.spoken(".ogg", "libopus", 3)),
                done("012345"));
        add(
                "flac-then-opus.ogg",
                () -> bytes(made.spoken(".ogg", "flac", 0), made.spoken(".ogg", "libopus", 3)),
                done("012345"));
        add(
                "opus-then-opus.ogg",
                () -> bytes(made.spoken(".ogg", "libopus", 0), made.spoken(".ogg", "libopus", 3)),
                done("012345"));

        kind("files were joined");
        add(
                "joined.webm",
                () -> bytes(made.spoken(".webm", "libopus", 0), made.spoken(".webm", "libopus", 3)),
                done("012345").mayWarn(DISCONTINUITY));
        add(
                "joined.mkv",
                () -> bytes(made.spoken(".mkv", "aac", 0), made.spoken(".mkv", "aac", 3)),
                done("012345").seconds(6.06).mayWarn(DISCONTINUITY));
        add(
                "joined.mp3",
                () ->
                        bytes(
                                made.spoken(".mp3", "libmp3lame", 0),
                                made.spoken(".mp3", "libmp3lame", 3)),
                done("012345").seconds(6.08).mayWarn(DISCONTINUITY));
        add(
                "joined.ts",
                () -> bytes(made.spoken(".ts", "aac", 0), made.spoken(".ts", "aac", 3)),
                done("012345").seconds(6.06).mayWarn(DISCONTINUITY));

        kind("one of joined files cannot be decoded");
        add(
                "garbled-then-good.mkv",
                () -> bytes(made.garbled(), made.spoken(".mkv", "libopus", 3)),
                done("345").warns(DAMAGED));
        add(
                "good-then-garbled.mkv",
                () -> bytes(made.spoken(".mkv", "libopus", 3), made.garbled()),
                done("345").warns(DAMAGED));
        add(
                "empty-then-good.mkv",
                () -> bytes(made.empty(), made.spoken(".mkv", "libopus", 3)),
                done("345"));
        add(
                "garbled-twice.mkv",
                () -> bytes(made.garbled(), made.garbled()),
                fails(Failure.Code.CORRUPT));
    }

    private void tags() {
        kind("the title is not UTF-8");
        add(
                "cp1251.mkv",
                () -> made.cp1251(".mkv", "aac -b:a 64k"),
                done("012").titled(RUSSIAN, "cp1251"));
        add(
                "cp1251.flac",
                () -> made.cp1251(".flac", "flac"),
                done("012").titled(RUSSIAN, "cp1251"));
        add(
                "cp1251.wav",
                () -> made.cp1251(".wav", "pcm_s16le"),
                done("012").titled(RUSSIAN, "cp1251"));
        add(
                "cp1251.m4a",
                () -> made.cp1251(".m4a", "aac -b:a 64k"),
                done("012").titled(RUSSIAN, "cp1251"));
        add(
                "cp1251.avi",
                () -> made.cp1251(".avi", "pcm_s16le"),
                done("012").titled(RUSSIAN, "cp1251"));
        add(
                "cp1251-id3v1.mp3",
                () -> bytes(made.plainMp3(), id3v1(RUSSIAN)),
                done("01234").titled(RUSSIAN, "cp1251-id3v1"));

        kind("the place and the device of the recording");
        add("iphone.mov", () -> made.iPhone(), done("012").without("48.8577", "iPhone", "ISO6709"));
        add(
                "location.mp4",
                () -> made.filmed(".mp4", "aac", 3, "-metadata location=+48.8577+002.2950/"),
                done("012").without("48.8577"));
        add(
                "location.mkv",
                () ->
                        made.filmed(
                                ".mkv",
                                "aac",
                                3,
                                "-metadata LOCATION=+48.8577+002.2950/ -metadata MAKE=Apple"
                                        + " -metadata MODEL=iPhone-15"),
                done("012").without("48.8577", "iPhone"));

        kind("chapters");
        add("chapters.m4b", () -> made.chapters(".m4b", "aac"), done("01234"));
        add("chapters.mkv", () -> made.chapters(".mkv", "aac"), done("01234"));
        add("chapters.mp3", () -> made.chapters(".mp3", "libmp3lame"), done("01234"));

        kind("tags of an MP3 that is copied");
        add(
                "full-tag.mp3",
                () ->
                        made.encoded(
                                ".mp3",
                                Tones.input(0, 4, RATE),
                                "-c:a libmp3lame -b:a 64k -id3v2_version 3 -metadata title=Full"
                                        + " -metadata comment=c -metadata lyrics-eng=l -metadata"
                                        + " compilation=1"),
                done("0123").titled("Full"));
        add(
                "apev2.mp3",
                () -> bytes(made.plainMp3(), ape("Monkey")),
                done("01234").titled("Monkey"));
        add(
                "apev2-and-id3v1.mp3",
                () -> bytes(made.plainMp3(), ape("Longer-than-Old"), id3v1("Old")),
                done("01234").titled("Longer-than-Old", "Old"));
    }
}
