package dev.tomp3.converter;

import static dev.tomp3.converter.Corpus.ascii;
import static dev.tomp3.converter.Corpus.bytes;
import static dev.tomp3.converter.Expected.done;
import static dev.tomp3.converter.Recordings.RATE;
import static dev.tomp3.converter.Recordings.ape;
import static dev.tomp3.converter.Recordings.beginningAt;
import static dev.tomp3.converter.Recordings.id3v1;
import static dev.tomp3.converter.Recordings.jump;
import static dev.tomp3.converter.Recordings.noise;
import static dev.tomp3.converter.Recordings.packets;
import static dev.tomp3.jobs.Warning.Code.DISCONTINUITY;

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

    private void time() {
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
                "step-back-half-a-second.ts",
                () -> jump(made.filmed(".ts", "aac", 6), 3, -0.5, pid -> true),
                done("012345").mayWarn(DISCONTINUITY));
    }

    private void transportStreams() {
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
    }

    private void lengths() {
        kind("an FLV declares another length");
        add(
                "declares-minus-5s.flv",
                () -> Flv.of(made.filmed(".flv", "aac", 4)).declaring(-5).bytes(),
                done("0123"));
    }

    private void broken() {}

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

        kind("BW64");
        add("bw64.wav", () -> made.wave64("BW64", 3), done("012").channels(1));
        add("rf64.wav", () -> made.wave64("RF64", 3), done("012").channels(1));
        add("bw64-longer.wav", () -> made.wave64("BW64", 5), done("01234").channels(1));

        kind("another format of recorders and archives");
        add("w64.w64", () -> made.pcm(".w64", "pcm_s16le", 3), done("012").channels(1));
    }

    private void tracks() {
        kind("MP3 within another container");
        add(
                "mp3-in.mp4",
                () -> made.encoded(".mp4", Tones.input(0, 5, RATE), "-c:a libmp3lame -b:a 64k"),
                done("01234"));
        add(
                "mp3-in.avi",
                () -> made.encoded(".avi", Tones.input(0, 5, RATE), "-c:a libmp3lame -b:a 64k"),
                done("01234"));
    }

    private void channels() {
        kind("odd pairs of channels");
        add("unknown-pair.wav", () -> made.pair(0), done("0123", "abcd").channels(2));
    }

    private void chains() {
        kind("an Ogg stream is followed by one of another codec");
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
                "joined.mp3",
                () ->
                        bytes(
                                made.spoken(".mp3", "libmp3lame", 0),
                                made.spoken(".mp3", "libmp3lame", 3)),
                done("012345").seconds(6.08).mayWarn(DISCONTINUITY));
    }

    private void tags() {
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
                "apev2-and-id3v1.mp3",
                () -> bytes(made.plainMp3(), ape("Longer-than-Old"), id3v1("Old")),
                done("01234").titled("Longer-than-Old", "Old"));
    }
}
