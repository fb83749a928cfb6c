package dev.tomp3.converter;

import static dev.tomp3.converter.Corpus.ascii;
import static dev.tomp3.converter.Corpus.bytes;
import static dev.tomp3.converter.Corpus.first;
import static dev.tomp3.converter.Corpus.hex;
import static dev.tomp3.converter.Corpus.integer;
import static dev.tomp3.converter.Corpus.last;
import static dev.tomp3.converter.Corpus.little;
import static dev.tomp3.converter.Corpus.put;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/**
 * Makes the bytes of recordings: a few seconds that ffmpeg encodes once, changed as recorders,
 * networks and shops change them. Each second has a tone of its own, see {@link Tones}.
 */
final class Recordings {
    static final int RATE = 48_000;
    private static final int PCM_RATE = 16_000;

    private final TestMedia media;
    private final Map<String, byte[]> bases = new ConcurrentHashMap<>();

    Recordings(TestMedia media) {
        this.media = media;
    }

    /** Video and audio, which begins late. */
    byte[] late(String ending, String codec, int late, int seconds) {
        return encoded(
                ending,
                video(late + seconds),
                "-itsoffset",
                "" + late,
                Tones.input(0, seconds, RATE),
                "-map 0 -map 1",
                codecs(ending, codec));
    }

    static IntPredicate between(int from, int to) {
        return milliseconds -> milliseconds >= from * 1000 - 10 && milliseconds < to * 1000 - 10;
    }

    /** One sample of the audio lasts longer, as where a recorder was paused. */
    byte[] longSample(int seconds) {
        Boxes all = Boxes.of(sound(".m4a", "aac", 5));
        int before = RATE * 2 / 1024;
        int ticks = seconds * RATE;
        for (Boxes stts : all.all("stts")) {
            ByteBuffer old = ByteBuffer.wrap(stts.body);
            int all1024 = old.getInt(8);
            stts.body =
                    bytes(
                            integer(0),
                            integer(3 + old.getInt(4) - 1),
                            integer(before),
                            integer(1024),
                            integer(1),
                            integer(1024 + ticks),
                            integer(all1024 - before - 1),
                            integer(1024),
                            Arrays.copyOfRange(stts.body, 16, stts.body.length));
        }
        for (Boxes mdhd : all.all("mdhd")) add(mdhd, 16, ticks);
        for (Boxes mvhd : all.all("mvhd")) add(mvhd, 16, seconds * 1000);
        for (Boxes tkhd : all.all("tkhd")) add(tkhd, 20, seconds * 1000);
        for (Boxes edts : all.all("edts")) ByteBuffer.wrap(edts.body).putInt(16, 7000);
        return all.bytes();
    }

    static void add(Boxes box, int at, int value) {
        ByteBuffer body = ByteBuffer.wrap(box.body);
        body.putInt(at, body.getInt(at) + value);
    }

    /** ffmpeg begins transport streams at 1.4 seconds. */
    static byte[] jump(byte[] ts, double after, double seconds, IntPredicate pids) {
        return TransportStream.of(ts)
                .retime(pids, time -> time >= 1.4 + after ? time + seconds : time)
                .bytes();
    }

    static byte[] back(byte[] ts, double after, double from) {
        return TransportStream.of(ts)
                .retime(pid -> true, time -> time < 1.4 + after ? time + from : time)
                .bytes();
    }

    /** A recording whose sound ends early, with a stream that is announced and never sent. */
    byte[] announcing(String codec, int type, int pid, boolean first) {
        byte[] ts = encoded(".ts", video(7), Tones.input(0, 4, RATE), codecs(".ts", codec));
        return TransportStream.of(ts).announcing(type, pid, first).bytes();
    }

    /** Four seconds of a transport stream, as if it went on from a moment. */
    byte[] part(String codec, int from, String options) {
        return encoded(
                ".ts",
                video(4),
                Tones.input(from, 4, RATE),
                codecs(".ts", codec),
                "-output_ts_offset " + from,
                options);
    }

    static byte[] packets(byte[] ts, int before, int behind) {
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < ts.length; at += TransportStream.PACKET) {
            all.add(new byte[before]);
            all.add(Arrays.copyOfRange(ts, at, at + TransportStream.PACKET));
            all.add(new byte[behind]);
        }
        return bytes(all.toArray(byte[][]::new));
    }

    byte[] cenc(String codec) {
        return encoded(
                ".mp4",
                Tones.input(0, 5, RATE),
                "-c:a " + codec,
                "-encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff",
                "-encryption_kid 0123456789abcdef0123456789abcdef");
    }

    /** As a shop sells it: another name of the sample entry, and a scheme that is not public. */
    byte[] fairPlay() {
        Boxes all = Boxes.of(sound(".m4a", "aac", 4));
        byte[] scheme =
                new Boxes(
                                "sinf",
                                bytes(
                                        new Boxes("frma", ascii("mp4a")).bytes(),
                                        new Boxes(
                                                        "schm",
                                                        bytes(
                                                                integer(0),
                                                                ascii("itun"),
                                                                integer(0)))
                                                .bytes()))
                        .bytes();
        for (Boxes stsd : all.all("stsd")) {
            stsd.body = bytes(stsd.body, scheme);
            put(stsd.body, 8, integer(stsd.body.length - 8));
            put(stsd.body, 12, ascii("drms"));
        }
        for (Boxes mdat : all.all("mdat")) mdat.body = noise(mdat.body.length);
        return all.bytes();
    }

    static final String FRAGMENTED = "-g 25 -movflags frag_keyframe+empty_moov+default_base_moof";

    byte[] mvhd(int seconds) {
        Boxes all = Boxes.of(filmed(".mp4", "aac", 5));
        for (Boxes mvhd : all.all("mvhd")) put(mvhd.body, 16, integer(seconds * 1000));
        return all.bytes();
    }

    byte[] unknownLength(String options) {
        return unknownLengths(Boxes.of(filmed(".mp4", "aac", 5, options)));
    }

    static byte[] unknownLengths(Boxes all) {
        for (Boxes mvhd : all.all("mvhd")) put(mvhd.body, 16, integer(-1));
        for (Boxes tkhd : all.all("tkhd")) put(tkhd.body, 20, integer(-1));
        for (Boxes mdhd : all.all("mdhd")) put(mdhd.body, 16, integer(-1));
        return all.bytes();
    }

    byte[] live(long from) {
        Boxes all = Boxes.of(filmed(".mp4", "aac", 5, FRAGMENTED));
        Map<Integer, Integer> scales = new HashMap<>();
        for (Boxes trak : all.all("trak"))
            scales.put(
                    ByteBuffer.wrap(trak.all("tkhd").getFirst().body).getInt(12),
                    ByteBuffer.wrap(trak.all("mdhd").getFirst().body).getInt(12));
        for (Boxes traf : all.all("traf")) {
            int scale = scales.get(ByteBuffer.wrap(traf.all("tfhd").getFirst().body).getInt(4));
            ByteBuffer tfdt = ByteBuffer.wrap(traf.all("tfdt").getFirst().body);
            tfdt.putLong(4, tfdt.getLong(4) + from * scale);
        }
        return all.bytes();
    }

    byte[] wave(int riff, int data) {
        byte[] wave = pcm(".wav", "pcm_s16le", 5);
        put(wave, 4, little(riff));
        put(wave, first(wave, ascii("data")) + 4, little(data));
        return wave;
    }

    byte[] xing(int times) {
        byte[] mp3 =
                encoded(
                        ".mp3",
                        Tones.input(0, 5, 44_100),
                        "-c:a libmp3lame -b:a 64k -id3v2_version 3");
        int at = Math.max(first(mp3, ascii("Info")), first(mp3, ascii("Xing"))) + 8;
        put(mp3, at, integer(ByteBuffer.wrap(mp3).getInt(at) * times));
        return mp3;
    }

    /** Two seconds each. */
    byte[] segments(Integer... numbers) {
        Boxes all =
                Boxes.of(
                        encoded(
                                ".mp4",
                                Tones.input(0, 8, RATE),
                                "-c:a aac -b:a 64k -frag_duration 2000000",
                                "-movflags empty_moov+default_base_moof+delay_moov"));
        List<Boxes> kept = new ArrayList<>();
        int segment = -1;
        for (Boxes box : all.children) {
            if (box.type.equals("moof")) segment++;
            boolean beginning = segment < 0 && !box.type.equals("sidx");
            boolean wanted = List.of(numbers).contains(segment) && !box.type.equals("mfra");
            if (beginning || wanted) kept.add(box);
        }
        all.children.clear();
        all.children.addAll(kept);
        return all.bytes();
    }

    byte[] plainMp3() {
        return encoded(
                ".mp3",
                Tones.input(0, 5, RATE),
                "-c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0");
    }

    byte[] freeFormat(int kilobits) {
        byte[] mp3 =
                encoded(
                        ".mp3",
                        Tones.input(0, 4, RATE),
                        "-c:a libmp3lame -write_xing 0 -id3v2_version 0 -b:a " + kilobits + "k");
        int frame = 1152 / 8 * kilobits / 48;
        for (int at = 0; at + 3 < mp3.length; at += frame) mp3[at + 2] &= 0x0f;
        return mp3;
    }

    byte[] wave64(String name, int seconds) {
        byte[] wave =
                encoded(".wav", Tones.input(0, seconds, PCM_RATE), "-c:a pcm_s16le -rf64 always");
        put(wave, 0, ascii(name));
        return wave;
    }

    /** Six seconds of two tracks, the first of which has a codec of another name. */
    byte[] twoTracks(String ending, String first, String codec, String name) {
        byte[] both =
                encoded(
                        ending,
                        Tones.input(20, 6, RATE),
                        Tones.input(0, 6, RATE),
                        "-map 0 -map 1 -c:a:0 " + first + " -c:a:1 aac -b:a 64k -strict -2");
        return renamed(both, codec, name);
    }

    static byte[] renamed(byte[] file, String codec, String name) {
        put(file, first(file, ascii(codec)), ascii(name));
        return file;
    }

    /** Audio object type 42 (USAC), which needs the escape of the type. */
    byte[] extendedHeAac() {
        byte[] file = sound(".m4a", "aac", 4);
        put(file, first(file, hex("0580808005")) + 5, hex("f946200000"));
        return file;
    }

    byte[] discrete(String... layouts) {
        StringBuilder inputs = new StringBuilder();
        StringBuilder maps = new StringBuilder();
        for (int i = 0; i < layouts.length; i++) {
            inputs.append(Tones.input(5, PCM_RATE, layouts[i], 10 * i)).append(' ');
            maps.append(" -map ").append(i);
        }
        return encoded(".mov", inputs.toString().trim() + maps, "-c:a pcm_s16le");
    }

    /** The first channel is sound from everywhere; the others say where it comes from. */
    byte[] ambisonic(int channels) {
        int[] numbers = new int[channels];
        Arrays.fill(numbers, -1);
        numbers[0] = 0;
        String expression = Tones.input(4, RATE, "" + channels, numbers);
        byte[] opus =
                encoded(
                        ".opus",
                        expression.substring(0, expression.lastIndexOf(":c=")),
                        "-c:a libopus -b:a 64k -mapping_family 255");
        opus[first(opus, ascii("OpusHead")) + 18] = 2;
        Corpus.sum(opus, 0);
        return opus;
    }

    byte[] pair(int mask) {
        byte[] wave = encoded(".wav", Tones.input(4, PCM_RATE, "FL+FC", 0, 10), "-c:a pcm_s16le");
        put(wave, first(wave, ascii("fmt ")) + 8 + 20, little(mask));
        return wave;
    }

    byte[] spoken(String ending, String codec, int from) {
        return encoded(ending, Tones.input(from, 3, RATE), "-c:a " + codec + " -b:a 64k");
    }

    /** No packet of it can be decoded. */
    byte[] garbled() {
        return Matroska.of(spoken(".mkv", "aac", 0)).overwritten().bytes();
    }

    /** A recording that was stopped before there was any sound. */
    byte[] empty() {
        byte[] all = encoded(".mkv", Tones.input(0, 3, RATE), "-c:a aac -live 1");
        String text = new String(all, StandardCharsets.ISO_8859_1);
        return Arrays.copyOf(all, text.indexOf("\u001fC\u00b6u"));
    }

    static final String RUSSIAN = "\u041f\u0440\u0438\u0432\u0435\u0442";

    static final Charset CP1251 = Charset.forName("windows-1251");

    byte[] iPhone() {
        return filmed(
                ".mov",
                "aac",
                3,
                "-movflags use_metadata_tags -metadata com.apple.quicktime.make=Apple",
                "-metadata com.apple.quicktime.model=iPhone-15",
                "-metadata com.apple.quicktime.location.ISO6709=+48.8577+002.2950+035.000/");
    }

    byte[] cp1251(String ending, String codec) {
        return replaced(
                encoded(
                        ending,
                        Tones.input(0, 3, RATE),
                        "-c:a " + codec + " -metadata title=Privet"),
                "Privet");
    }

    static byte[] replaced(byte[] file, String title) {
        put(file, last(file, ascii(title)), RUSSIAN.getBytes(CP1251));
        return file;
    }

    byte[] chapters(String ending, String codec) throws IOException {
        String text =
                """
                ;FFMETADATA1
                [CHAPTER]
                TIMEBASE=1/1000
                START=0
                END=2000
                title=One
                [CHAPTER]
                TIMEBASE=1/1000
                START=2000
                END=5000
                title=Two
                """;
        return encoded(
                ending,
                Tones.input(0, 5, RATE),
                // others are made at the same time
                "-i " + media.text("chapters" + ending + ".txt", text),
                "-map 0 -map_metadata 1 -b:a 64k -c:a " + codec);
    }

    static byte[] id3v1(String title) {
        byte[] tag = new byte[128];
        put(tag, 0, ascii("TAG"));
        put(tag, 3, title.getBytes(CP1251));
        return tag;
    }

    static byte[] ape(String title) {
        byte[] item = bytes(little(title.length()), little(0), ascii("Title\0" + title));
        byte[] foot = bytes(little(2000), little(item.length + 32), little(1));
        return bytes(
                ascii("APETAGEX"),
                foot,
                little(0xa0000000),
                new byte[8],
                item,
                ascii("APETAGEX"),
                foot,
                little(0x80000000),
                new byte[8]);
    }

    static final Map<String, String> PICTURES =
            Map.of(".ts", "mpeg2video", ".vob", "mpeg2video", ".webm", "libvpx", ".flv", "flv");

    static String video(int seconds) {
        return "-f lavfi -i testsrc=size=64x48:rate=25:duration=" + seconds;
    }

    static String codecs(String ending, String audio) {
        return "-c:v "
                + PICTURES.getOrDefault(ending, "mpeg4")
                + " -b:v 50k -c:a "
                + audio
                + " -b:a 64k"
                + (ending.equals(".ts") ? " -pes_payload_size 0" : "");
    }

    /** Seconds with a picture; the audio is the second stream. */
    byte[] filmed(String ending, String codec, int seconds, String... options) {
        int rate = ending.equals(".flv") ? 44_100 : RATE;
        return encoded(
                ending,
                video(seconds),
                Tones.input(0, seconds, rate),
                codecs(ending, codec),
                String.join(" ", options));
    }

    byte[] sound(String ending, String codec, int seconds) {
        return encoded(ending, Tones.input(0, seconds, RATE), "-c:a " + codec + " -b:a 64k");
    }

    byte[] pcm(String ending, String codec, int seconds) {
        return encoded(ending, Tones.input(0, seconds, PCM_RATE), "-c:a " + codec);
    }

    byte[] encoded(String ending, String... arguments) {
        String all = String.join(" ", arguments).trim();
        return bases.computeIfAbsent(ending + " " + all, key -> made(ending, all)).clone();
    }

    private byte[] made(String ending, String arguments) {
        String name = "base-" + Integer.toHexString(arguments.hashCode()) + ending;
        try {
            return Files.readAllBytes(media.make(name, List.of(arguments.split(" +"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] cut(byte[] file, double share) {
        return Arrays.copyOf(file, (int) (file.length * share));
    }

    static byte[] beginningAt(byte[] file, int at) {
        return Arrays.copyOfRange(file, at, file.length);
    }

    static byte[] zeros(byte[] file, double from, double to) {
        Arrays.fill(file, (int) (file.length * from), (int) (file.length * to), (byte) 0);
        return file;
    }

    static byte[] noise(int length) {
        byte[] noise = new byte[length];
        new Random(13).nextBytes(noise);
        return noise;
    }
}
