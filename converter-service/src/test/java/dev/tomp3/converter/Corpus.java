package dev.tomp3.converter;

import dev.tomp3.converter.ffmpeg.Ffmpeg;
import dev.tomp3.converter.ffmpeg.Ffmpegs;
import dev.tomp3.jobs.Failure.Code;
import dev.tomp3.jobs.Options;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Files that are broken, that lie, or that want to reach something, each with what should become of
 * it. All are made from a few whole ones of three seconds, and from a fixed seed: the same files at
 * every run.
 */
public final class Corpus {
    /** Makes a file's bytes when they are wanted: some are large. */
    interface Content {
        byte[] bytes() throws IOException;
    }

    /**
     * One file.
     *
     * @param fileName as its user calls it
     * @param right what may become of it
     * @param everyVersion whether it is tried with every ffmpeg: it wants to reach something, or
     *     what becomes of it depends on the version
     */
    record Case(
            String name,
            String fileName,
            Options options,
            Content content,
            Right right,
            boolean everyVersion) {}

    /**
     * What may become of a file: an MP3, or a failure with one of these codes.
     *
     * @param atLeast how many seconds the MP3 has
     * @param atMost NaN when it has as many as ffmpeg decodes of the file
     * @param bundled what becomes of it with the bundled ffmpeg, where that is narrower
     */
    record Right(
            boolean done, double atLeast, double atMost, Set<Code> codes, @Nullable Right bundled) {
        static Right whole(double seconds) {
            return new Right(true, seconds - 0.1, seconds + 0.1, Set.of(), null);
        }

        static Right done(double atLeast) {
            return new Right(true, atLeast, Double.NaN, Set.of(), null);
        }

        static Right refused(Code first, Code... more) {
            return new Right(false, 0, 0, EnumSet.of(first, more), null);
        }

        /** Done with at least as much, or refused. */
        Right or(Code first, Code... more) {
            return new Right(true, atLeast, Double.NaN, EnumSet.of(first, more), null);
        }

        /** A length in seconds, or a code. */
        private static Right parse(String outcome) {
            return Character.isDigit(outcome.charAt(0))
                    ? done(Double.parseDouble(outcome) - 0.1)
                    : refused(Code.valueOf(outcome.toUpperCase(Locale.ROOT).replace('-', '_')));
        }

        /** One of both, and the first with the bundled ffmpeg. */
        private static Right either(Right bundled, Right newer) {
            Set<Code> codes = EnumSet.noneOf(Code.class);
            codes.addAll(bundled.codes);
            codes.addAll(newer.codes);
            double atLeast =
                    !bundled.done
                            ? newer.atLeast
                            : newer.done
                                    ? Math.min(bundled.atLeast, newer.atLeast)
                                    : bundled.atLeast;
            return new Right(bundled.done || newer.done, atLeast, Double.NaN, codes, bundled);
        }

        Right on(Ffmpeg ffmpeg) {
            return Ffmpegs.isBundled(ffmpeg) && bundled != null ? bundled : this;
        }
    }

    private static final long SEED = 20_261_122;

    /** Of the whole files. */
    static final double SECONDS = 3;

    /** How far an MP3 may be from the file's declared end, and a bit for a codec's frames. */
    private static final double WITHOUT_ITS_END = SECONDS - 1.1;

    private static final Right NOT_MEDIA = Right.refused(Code.NOT_MEDIA);

    /** What {@link #RECORDED} says. */
    private static final Right DAMAGED = Right.done(-1);

    /**
     * Where the damage is, is chance, but what becomes of each file is not: in {@code
     * damaged-files.tsv} each has the outcome with the bundled ffmpeg and with ffmpeg 7.0. {@link
     * HostileFilesTest} writes the outcomes of a run to {@code target}.
     */
    private static final Map<String, List<String>> RECORDED = recorded();

    private static final List<String> SCHEMES =
            List.of("https", "rtp", "rtsp", "rtmp", "ftp", "mmst", "gopher", "tls", "hls+http");

    private static final Right WHOLE = Right.whole(SECONDS);
    private static final Right A_SECOND = Right.whole(1);

    /** So little that a stream may have a frame in it or not. */
    private static final Right SHORT =
            Right.done(0).or(Code.NOT_MEDIA, Code.CORRUPT, Code.NO_AUDIO_TRACK);

    private final TestMedia media;
    private final Canary canary;
    private final Map<TestMedia.Kind, byte[]> whole = new EnumMap<>(TestMedia.Kind.class);
    private final List<Case> cases = new ArrayList<>();
    private boolean reachesOut;

    private Corpus(TestMedia media, Canary canary) throws IOException {
        this.media = media.cpuIndependent();
        this.canary = canary;
        for (TestMedia.Kind kind : TestMedia.Kind.values()) {
            whole.put(kind, Files.readAllBytes(this.media.tone(kind, 440, SECONDS)));
        }
    }

    static List<Case> of(TestMedia media, Canary canary) throws IOException {
        Corpus corpus = new Corpus(media, canary);
        corpus.wholeFiles();
        corpus.truncated();
        corpus.damaged();
        corpus.lies();
        corpus.boxes();
        corpus.tracks();
        corpus.bombs();
        corpus.reachesOut = true;
        corpus.traps();
        corpus.audioFormats();
        corpus.reachesOut = false;
        corpus.names();
        Set<String> names = new HashSet<>();
        for (Case file : corpus.cases) names.add(file.name());
        if (!names.containsAll(RECORDED.keySet()))
            throw new IllegalStateException("Outcomes are recorded for files that are not made");
        return corpus.cases;
    }

    private void add(String name, Content content, Right right) {
        add(name, "holiday.mp4", Options.NONE, content, right);
    }

    private void add(String name, String fileName, Options options, Content content, Right right) {
        boolean everyVersion = reachesOut;
        Right expected = right;
        if (right.equals(DAMAGED)) {
            List<String> outcomes = RECORDED.getOrDefault(name, List.of());
            if (outcomes.size() != 2)
                throw new IllegalStateException("No outcome is recorded for: " + name);
            Right bundled = Right.parse(outcomes.getFirst());
            Right newer = Right.parse(outcomes.getLast());
            everyVersion |= bundled.done != newer.done || !bundled.codes.equals(newer.codes);
            expected = Right.either(bundled, newer);
        }
        cases.add(new Case(name, fileName, options, content, expected, everyVersion));
    }

    private static Map<String, List<String>> recorded() {
        try (InputStream in = Corpus.class.getResourceAsStream("damaged-files.tsv")) {
            Map<String, List<String>> outcomes = new HashMap<>();
            for (String line :
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                List<String> columns = List.of(line.split("\t", -1));
                outcomes.put(columns.getFirst(), columns.subList(1, columns.size()));
            }
            return outcomes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] whole(TestMedia.Kind kind) {
        return whole.get(kind).clone();
    }

    private void wholeFiles() {
        for (TestMedia.Kind kind : TestMedia.Kind.values())
            add(kind + " as it is", () -> whole(kind), WHOLE);
    }

    // ---- truncated

    private void truncated() {
        for (TestMedia.Kind kind : TestMedia.Kind.values()) {
            for (int percent : new int[] {1, 20, 55, 95}) {
                add(
                        "%s truncated to %d %%".formatted(kind, percent),
                        () -> {
                            byte[] bytes = whole(kind);
                            return Arrays.copyOf(bytes, bytes.length * percent / 100);
                        },
                        truncated(kind, percent));
            }
            add(
                    kind + " without its last byte",
                    () -> {
                        byte[] bytes = whole(kind);
                        return Arrays.copyOf(bytes, bytes.length - 1);
                    },
                    kind == TestMedia.Kind.MOV
                            ? Right.refused(Code.CORRUPT)
                            : Right.done(WITHOUT_ITS_END));
        }
        add("empty", () -> new byte[0], NOT_MEDIA);
        add("one byte", () -> new byte[1], NOT_MEDIA);
    }

    /** What is there is delivered, unless it is less than a first page, frame or fragment. */
    private static Right truncated(TestMedia.Kind kind, int percent) {
        if (percent == 1) return SHORT;
        boolean nothing =
                switch (kind) {
                    case OGG -> percent < 95;
                    case OPUS, FLAC, MP4_FRAGMENTED -> percent < 55;
                    default -> kind.hasItsIndexLast();
                };
        if (nothing) return Right.refused(Code.CORRUPT);
        return Right.done(percent == 20 ? 0.1 : SECONDS * percent / 100 * 0.6);
    }

    // ---- bits flipped

    private void damaged() {
        for (TestMedia.Kind kind : TestMedia.Kind.values()) {
            flipped(kind, "20 bits in the head", 20, 0, 0.05);
            flipped(kind, "10 bits", 10, 0.02, 1);
            flipped(kind, "300 bits", 300, 0.02, 1);
        }
        for (TestMedia.Kind kind : TestMedia.Kind.values()) {
            add(
                    kind + " with a hole",
                    () -> {
                        byte[] bytes = whole(kind);
                        Arrays.fill(bytes, bytes.length / 3, bytes.length / 2, (byte) 0);
                        return bytes;
                    },
                    DAMAGED);
        }
    }

    private void flipped(TestMedia.Kind kind, String what, int bits, double from, double to) {
        String name = "%s with %s flipped".formatted(kind, what);
        add(
                name,
                () -> {
                    byte[] bytes = whole(kind);
                    Random random = new Random(SEED + name.hashCode());
                    for (int i = 0; i < bits; i++) {
                        int at =
                                random.nextInt(
                                        (int) (from * bytes.length), (int) (to * bytes.length));
                        bytes[at] ^= (byte) (1 << random.nextInt(8));
                    }
                    return bytes;
                },
                DAMAGED);
    }

    // ---- sizes, durations and rates that are not true

    private void lies() {
        for (var duration :
                Map.of("0", 0, "an hour", 3_600_000, "24 days", Integer.MAX_VALUE, "-1", -1)
                        .entrySet()) {
            lie(
                    TestMedia.Kind.MP4,
                    "every duration " + duration.getKey(),
                    box -> {
                        putAll(box, "mvhd", 16, duration.getValue());
                        putAll(box, "mdhd", 16, duration.getValue());
                        putAll(box, "tkhd", 20, duration.getValue());
                    },
                    WHOLE);
        }
        for (int timescale : new int[] {0, 1, -1})
            lie(
                    TestMedia.Kind.MP4,
                    "time scale " + timescale,
                    box -> putAll(box, "mdhd", 12, timescale),
                    DAMAGED);
        for (int delta : new int[] {0, 1, Integer.MAX_VALUE, -1})
            lie(
                    TestMedia.Kind.MOV,
                    "samples that last " + delta,
                    box -> putAll(box, "stts", 12, delta),
                    DAMAGED);
        for (String table : List.of("stts", "stsc", "stsz", "stco"))
            lie(
                    TestMedia.Kind.MP4_MOOV_LAST,
                    table + " of 4 billion entries",
                    box -> putAll(box, table, table.equals("stsz") ? 8 : 4, -1),
                    DAMAGED);
        lie(
                TestMedia.Kind.MP4_MOOV_LAST,
                "samples of 2 GB",
                box -> putAll(box, "stsz", 4, Integer.MAX_VALUE),
                Right.refused(Code.CORRUPT, Code.NO_AUDIO_TRACK));
        lie(
                TestMedia.Kind.MP4_MOOV_LAST,
                "chunks beyond the end",
                box -> putAll(box, "stco", 8, Integer.MAX_VALUE),
                DAMAGED);
        lie(
                TestMedia.Kind.MP4_MOOV_LAST,
                "tracks without samples",
                box -> {
                    for (String table : List.of("stts", "stsc", "stco")) putAll(box, table, 4, 0);
                    putAll(box, "stsz", 8, 0);
                },
                Right.refused(Code.NO_AUDIO_TRACK, Code.CORRUPT));
        for (long size : new long[] {0, 1, 7, Integer.MAX_VALUE, 0xffff_ffffL}) {
            patch(TestMedia.Kind.MP4, "moov", -4, integer((int) size), "of size " + size, DAMAGED);
            patch(TestMedia.Kind.MP4, "mdat", -4, integer((int) size), "of size " + size, DAMAGED);
        }
        patch(TestMedia.Kind.MP4_FRAGMENTED, "trun", 8, integer(-1), "of all samples", DAMAGED);
        patch(TestMedia.Kind.MP4_FRAGMENTED, "tfhd", 8, integer(99), "of another track", DAMAGED);

        for (TestMedia.Kind kind : List.of(TestMedia.Kind.MKV, TestMedia.Kind.WEBM)) {
            byte[] id = {0x44, (byte) 0x89, (byte) 0x88};
            for (double millis : new double[] {0, -1, 3.6e6, 1e12, Double.NaN, 1e300})
                patch(
                        kind,
                        id,
                        3,
                        ByteBuffer.allocate(8).putDouble(millis).array(),
                        "duration " + millis,
                        WHOLE);
        }
        patch(TestMedia.Kind.MKV, hex("2ad7b1"), 4, hex("000000"), "time scale 0", DAMAGED);
        patch(TestMedia.Kind.MKV, hex("2ad7b1"), 4, hex("ffffff"), "time scale 16 ms", DAMAGED);
        for (String size : List.of("01ffffffffffffff", "0100000000000000", "010000ffffffffff")) {
            patch(
                    TestMedia.Kind.MKV,
                    hex("18538067"),
                    4,
                    hex(size),
                    "segment size " + size,
                    DAMAGED);
        }
        patch(TestMedia.Kind.MKV, hex("1f43b675"), 4, hex("10ffffff"), "cluster size", DAMAGED);

        for (int size : new int[] {0, 4, 100, Integer.MAX_VALUE, -1}) {
            patch(TestMedia.Kind.WAV, "data", 4, little(size), "of size " + size, DAMAGED);
            patch(TestMedia.Kind.WAV, "RIFF", 4, little(size), "of size " + size, DAMAGED);
            patch(TestMedia.Kind.AVI, "RIFF", 4, little(size), "of size " + size, DAMAGED);
            patch(TestMedia.Kind.AVI, "movi", -4, little(size), "of size " + size, DAMAGED);
        }
        for (int channels : new int[] {0, 255, 65_535})
            patch(
                    TestMedia.Kind.WAV,
                    "fmt ",
                    10,
                    little(channels, 2),
                    channels + " channels",
                    DAMAGED);
        for (int rate : new int[] {0, 1, 768_000, Integer.MAX_VALUE, -1})
            patch(TestMedia.Kind.WAV, "fmt ", 12, little(rate), "rate " + rate, DAMAGED);
        patch(TestMedia.Kind.WAV, "fmt ", 20, little(0, 2), "no bytes a sample", DAMAGED);
        patch(TestMedia.Kind.AVI, "strh", 28, new byte[8], "scale and rate 0", DAMAGED);
        patch(TestMedia.Kind.AVI, "strh", 40, little(-1), "length", DAMAGED);
        patch(
                TestMedia.Kind.FLV,
                "duration",
                9,
                ByteBuffer.allocate(8).putDouble(3600).array(),
                "an hour",
                WHOLE);
        patch(
                TestMedia.Kind.FLV,
                "duration",
                9,
                ByteBuffer.allocate(8).putDouble(1e300).array(),
                "endless",
                DAMAGED);
        // the last four bits of the sample size, then 36 bits of samples
        patch(TestMedia.Kind.FLAC, "fLaC", 21, hex("ffffffffff"), "of 400 hours", WHOLE);
        patch(TestMedia.Kind.FLAC, "fLaC", 21, hex("f009b0a000"), "of an hour", WHOLE);
        patch(TestMedia.Kind.FLAC, "fLaC", 18, hex("00000000"), "rate 0", DAMAGED);
        patch(TestMedia.Kind.MP3, "Info", 8, integer(138_000), "an hour of frames", DAMAGED);
        patch(TestMedia.Kind.MP3, "Info", 8, integer(0), "no frames", DAMAGED);
        byte[] properties = hex("a1dcab8c47a9cf118ee400c00c205365");
        Right whole = WHOLE.or(Code.CORRUPT, Code.TOO_LONG);
        patch(TestMedia.Kind.WMV, properties, 40, little(-1), "file of 4 GB", whole);
        patch(TestMedia.Kind.WMV, properties, 40, little(0), "file of 0 bytes", whole);
        patch(TestMedia.Kind.WMV, properties, 64, hex("ffffffffffffff7f"), "endless", whole);
        patch(TestMedia.Kind.WMV, properties, 92, little(0), "packets of 0 bytes", DAMAGED);
        add(
                "OPUS whose last page says it is endless",
                () -> {
                    byte[] bytes = whole(TestMedia.Kind.OPUS);
                    int at = last(bytes, ascii("OggS"));
                    put(bytes, at + 6, hex("ffffffffffff0f00"));
                    sum(bytes, at);
                    return bytes;
                },
                DAMAGED);
        for (TestMedia.Kind kind :
                List.of(
                        TestMedia.Kind.TS,
                        TestMedia.Kind.MPEG,
                        TestMedia.Kind.MP3,
                        TestMedia.Kind.AAC,
                        TestMedia.Kind.OGG,
                        TestMedia.Kind.FLAC,
                        TestMedia.Kind.WAV,
                        TestMedia.Kind.FLV,
                        TestMedia.Kind.MP4,
                        TestMedia.Kind.MKV)) {
            add(
                    kind + " twice, one after the other",
                    () -> bytes(whole(kind), whole(kind)),
                    Right.done(SECONDS - 0.1));
            add(kind + " with rubbish at its end", () -> bytes(whole(kind), noise(5000)), WHOLE);
        }
    }

    private void lie(TestMedia.Kind kind, String what, Consumer<Boxes> change, Right right) {
        add(kind + " with " + what, () -> changed(kind, change), right);
    }

    private byte[] changed(TestMedia.Kind kind, Consumer<Boxes> change) {
        Boxes boxes = Boxes.of(whole(kind));
        change.accept(boxes);
        return boxes.bytes();
    }

    private static void putAll(Boxes boxes, String type, int at, int value) {
        for (Boxes box : boxes.all(type)) {
            if (box.body.length >= at + 4) put(box.body, at, integer(value));
        }
    }

    private void patch(
            TestMedia.Kind kind, String where, int at, byte[] value, String what, Right right) {
        patch(kind, ascii(where), at, value, where.strip() + " " + what, right);
    }

    private void patch(
            TestMedia.Kind kind, byte[] where, int at, byte[] value, String what, Right right) {
        add(
                kind + " with " + what,
                () -> {
                    byte[] bytes = whole(kind);
                    int found = first(bytes, where);
                    if (found < 0) throw new IllegalStateException(kind + " has no such thing");
                    put(bytes, found + at, value);
                    return bytes;
                },
                right);
    }

    // ---- boxes and elements that should not be

    private void boxes() {
        add(
                "MP4 with boxes in boxes, 20,000 deep",
                () -> {
                    ByteBuffer deep = ByteBuffer.allocate(8 * 20_000);
                    while (deep.hasRemaining()) deep.putInt(deep.remaining()).put(ascii("udta"));
                    return changed(
                            TestMedia.Kind.MP4_MOOV_LAST,
                            boxes ->
                                    boxes.children
                                            .getLast()
                                            .children
                                            .add(new Boxes("udta", deep.array())));
                },
                DAMAGED);
        add(
                "MP4 with 500,000 empty boxes before its moov",
                () -> {
                    ByteBuffer many = ByteBuffer.allocate(8 * 500_000);
                    while (many.hasRemaining()) many.putInt(8).put(ascii("free"));
                    Boxes all = Boxes.of(whole(TestMedia.Kind.MP4_MOOV_LAST));
                    byte[] moov = all.children.removeLast().bytes();
                    return bytes(all.bytes(), many.array(), moov);
                },
                WHOLE);
        add(
                "MP4 of two moovs",
                () ->
                        bytes(
                                whole(TestMedia.Kind.MP4_MOOV_LAST),
                                Boxes.of(whole(TestMedia.Kind.MP4_MOOV_LAST))
                                        .all("moov")
                                        .getFirst()
                                        .bytes()),
                WHOLE);
        add(
                "MP4 of its moov alone",
                () -> Boxes.of(whole(TestMedia.Kind.MP4)).all("moov").getFirst().bytes(),
                Right.refused(Code.CORRUPT, Code.NO_AUDIO_TRACK));
        add(
                "MP4 of its mdat alone",
                () -> Boxes.of(whole(TestMedia.Kind.MP4)).all("mdat").getFirst().bytes(),
                Right.refused(Code.CORRUPT, Code.NOT_MEDIA));
        add(
                "MP4 with fragments to come that do not",
                () -> {
                    Boxes all = Boxes.of(whole(TestMedia.Kind.MP4_FRAGMENTED));
                    all.children.subList(2, all.children.size()).clear();
                    return all.bytes();
                },
                Right.refused(Code.NO_AUDIO_TRACK, Code.CORRUPT));
        add(
                "MP4 without its first fragment",
                () -> {
                    Boxes all = Boxes.of(whole(TestMedia.Kind.MP4_FRAGMENTED));
                    all.children.subList(2, 4).clear();
                    return all.bytes();
                },
                DAMAGED);
        add(
                "MP4 with a compressed moov",
                () -> {
                    Boxes all = Boxes.of(whole(TestMedia.Kind.MP4_MOOV_LAST));
                    byte[] moov = all.children.removeLast().bytes();
                    return bytes(all.bytes(), compressed(moov, moov.length).bytes());
                },
                WHOLE.or(Code.CORRUPT));
        add(
                "MP4 with a moov that unpacks to 200 MB",
                () ->
                        bytes(
                                Boxes.of(whole(TestMedia.Kind.MP4)).all("ftyp").getFirst().bytes(),
                                compressed(new byte[200 << 20], 200 << 20).bytes()),
                Right.refused(Code.CORRUPT, Code.NOT_MEDIA, Code.NO_AUDIO_TRACK));
        add(
                "MP4 with a moov that says it unpacks to 2 GB",
                () ->
                        bytes(
                                Boxes.of(whole(TestMedia.Kind.MP4)).all("ftyp").getFirst().bytes(),
                                compressed(new byte[100], Integer.MAX_VALUE).bytes()),
                Right.refused(Code.CORRUPT, Code.NOT_MEDIA, Code.NO_AUDIO_TRACK));
        add(
                "MKV of its head alone",
                () -> {
                    byte[] bytes = whole(TestMedia.Kind.MKV);
                    return Arrays.copyOf(bytes, first(bytes, hex("1f43b675")));
                },
                Right.refused(Code.NO_AUDIO_TRACK, Code.CORRUPT));
        add(
                "MKV of 3,000 segments in segments",
                () -> {
                    ByteArrayOutputStream deep = new ByteArrayOutputStream();
                    byte[] bytes = whole(TestMedia.Kind.MKV);
                    deep.write(bytes, 0, first(bytes, hex("18538067")));
                    for (int i = 0; i < 3000; i++) deep.writeBytes(hex("1853806701ffffffffffffff"));
                    return deep.toByteArray();
                },
                Right.refused(Code.CORRUPT, Code.NOT_MEDIA, Code.NO_AUDIO_TRACK));
        add(
                "TS of empty packets",
                () -> {
                    byte[] bytes = new byte[188 * 2000];
                    for (int at = 0; at < bytes.length; at += 188) put(bytes, at, hex("471fff10"));
                    return bytes;
                },
                Right.refused(Code.NOT_MEDIA, Code.CORRUPT, Code.NO_AUDIO_TRACK));
        add(
                "MPEG of packet starts alone",
                () -> {
                    byte[] bytes = new byte[40_000];
                    for (int at = 0; at + 4 <= bytes.length; at += 4)
                        put(bytes, at, hex("000001ba"));
                    return bytes;
                },
                Right.refused(Code.NOT_MEDIA, Code.CORRUPT, Code.NO_AUDIO_TRACK));
        add(
                "OGG of 10,000 first pages",
                () -> {
                    ByteArrayOutputStream all = new ByteArrayOutputStream();
                    byte[] bytes = whole(TestMedia.Kind.OPUS);
                    byte[] page =
                            Arrays.copyOf(
                                    bytes,
                                    first(Arrays.copyOfRange(bytes, 4, bytes.length), ascii("OggS"))
                                            + 4);
                    for (int serial = 0; serial < 10_000; serial++) {
                        put(page, 14, little(serial));
                        sum(page, 0);
                        all.writeBytes(page);
                    }
                    return all.toByteArray();
                },
                Right.refused(Code.NOT_MEDIA, Code.CORRUPT, Code.NO_AUDIO_TRACK));
        add(
                "MP3 of frame headers alone",
                () -> {
                    byte[] bytes = new byte[40_000];
                    for (int at = 0; at < bytes.length; at += 4) put(bytes, at, hex("fffb9064"));
                    return bytes;
                },
                DAMAGED);
        add("noise", () -> noise(200_000), NOT_MEDIA);
        add(
                "zeros",
                () -> new byte[200_000],
                Right.refused(Code.NOT_MEDIA, Code.CORRUPT, Code.NO_AUDIO_TRACK));
    }

    private static Boxes compressed(byte[] moov, int length) {
        Deflater deflater = new Deflater(9);
        deflater.setInput(moov);
        deflater.finish();
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (!deflater.finished()) packed.write(buffer, 0, deflater.deflate(buffer));
        deflater.end();
        return packed(length, packed.toByteArray());
    }

    /**
     * A {@code moov} in QuickTime's packed form.
     *
     * @param length unpacked, as it says
     */
    public static Boxes packed(int length, byte[] deflated) {
        Boxes outer = new Boxes("moov", new byte[0]);
        Boxes inner = new Boxes("cmov", new byte[0]);
        outer.children.add(inner);
        inner.children.add(new Boxes("dcom", ascii("zlib")));
        inner.children.add(new Boxes("cmvd", bytes(integer(length), deflated)));
        return outer;
    }

    // ---- tracks of every number and kind

    private void tracks() {
        made(
                "no audio track",
                ".mkv",
                Right.refused(Code.NO_AUDIO_TRACK),
                TestMedia.pictures(1),
                "-c:v",
                "mpeg4");
        made(
                "no audio track",
                ".ts",
                Right.refused(Code.NO_AUDIO_TRACK),
                TestMedia.pictures(1),
                "-c:v",
                "mpeg2video");
        made(
                "no audio track",
                ".avi",
                Right.refused(Code.NO_AUDIO_TRACK),
                TestMedia.pictures(1),
                "-c:v",
                "mpeg4");
        for (String ending : List.of(".mkv", ".mp4", ".ts"))
            made(
                    "64 audio tracks",
                    ending,
                    A_SECOND,
                    TestMedia.sine(440, 1, 44_100),
                    Stream.concat(
                                    Stream.generate(() -> List.of("-map", "0:a"))
                                            .limit(64)
                                            .flatMap(List::stream),
                                    Stream.of("-c:a", ending.equals(".mkv") ? "flac" : "aac"))
                            .toArray(String[]::new));
        for (String layout : List.of("7.1", "octagonal", "hexadecagonal"))
            made(
                    layout,
                    ".wav",
                    A_SECOND,
                    TestMedia.sine(440, 1, 48_000),
                    "-af",
                    "aformat=channel_layouts=mono,pan=" + layout + "|c0=c0|c5=c0");
        made(
                "8 channels",
                ".flac",
                A_SECOND,
                TestMedia.sine(440, 1, 48_000),
                "-af",
                "pan=7.1|FC=c0|SL=c0");
        made(
                "8 channels",
                ".mp4",
                A_SECOND,
                TestMedia.sine(440, 1, 48_000),
                "-af",
                "pan=7.1|FC=c0|FL=c0",
                "-c:a",
                "aac");
        made(
                "24 channels",
                ".wav",
                A_SECOND,
                TestMedia.sine(440, 1, 48_000),
                "-filter_complex",
                "[0:a]asplit=24" + labels(24) + ";" + labels(24) + "amerge=inputs=24[m]",
                "-map",
                "[m]");
        for (int rate :
                new int[] {
                    8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400,
                    192_000, 384_000
                }) made(rate + " Hz", ".wav", A_SECOND, TestMedia.sine(440, 1, rate));
        made("192 kHz", ".flac", A_SECOND, TestMedia.sine(440, 1, 192_000));
        made("4 kHz", ".wav", A_SECOND, TestMedia.sine(440, 1, 4000));
        made("8-bit samples", ".wav", A_SECOND, TestMedia.sine(440, 1, 8000), "-c:a", "pcm_u8");
        made(
                "64-bit samples",
                ".wav",
                A_SECOND,
                TestMedia.sine(440, 1, 48_000),
                "-c:a",
                "pcm_f64le");
        List<String> both = new ArrayList<>(TestMedia.sine(440, SECONDS, 44_100));
        both.addAll(TestMedia.pictures(SECONDS));
        for (String ending : List.of(".mp4", ".mkv"))
            made(
                    "pictures at a variable rate",
                    ending,
                    WHOLE,
                    both,
                    "-vf",
                    "select='not(mod(n,7))+gt(random(1),0.7)'",
                    "-vsync",
                    "vfr",
                    "-c:v",
                    "mpeg4",
                    "-c:a",
                    "aac");
        add(
                "FLAC with an hour of silence",
                "silence.flac",
                new Options(32, null, true, 8000, false),
                () ->
                        Files.readAllBytes(
                                media.make(
                                        "silence.flac",
                                        List.of(
                                                "-f",
                                                "lavfi",
                                                "-i",
                                                "anullsrc=r=8000:cl=mono",
                                                "-t",
                                                "3600"))),
                Right.whole(3600));
        made(
                "audio that begins a minute late",
                ".mkv",
                WHOLE,
                List.of(
                        "-itsoffset",
                        "60",
                        "-f",
                        "lavfi",
                        "-i",
                        "sine=sample_rate=44100:duration=" + SECONDS),
                "-c:a",
                "flac");
        made(
                "audio of one sample",
                ".wav",
                DAMAGED,
                TestMedia.sine(440, 1, 44_100),
                "-af",
                "atrim=end_sample=1");
        made(
                "audio of no sample",
                ".wav",
                Right.refused(Code.NO_AUDIO_TRACK, Code.CORRUPT),
                TestMedia.sine(440, 1, 44_100),
                "-af",
                "atrim=end_sample=0");
        made(
                "audio that cannot be decoded",
                ".mkv",
                Right.refused(Code.UNSUPPORTED_CODEC),
                bytes -> {
                    put(bytes, first(bytes, ascii("A_FLAC")), ascii("A_FLUX"));
                    return bytes;
                },
                TestMedia.sine(440, 1, 44_100),
                "-c:a",
                "flac");
        attachment(
                "a playlist attached",
                "playlist.m3u8",
                "application/x-mpegurl",
                "#EXTM3U\n#EXTINF:10,\nhttp://" + canary.ipv4() + "/a.ts\n");
        attachment(
                "a font attached", "../../../etc/cron.d/font.ttf", "font/ttf", "x".repeat(3 << 20));
        attachment("a program attached", "/bin/sh", "application/x-executable", "#!/bin/sh\n");
    }

    private static String labels(int count) {
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < count; i++) labels.append("[l").append(i).append(']');
        return labels.toString();
    }

    private void attachment(String name, String fileName, String type, String text) {
        add(
                "MKV with " + name,
                () -> {
                    Path file = media.text("attached", text);
                    return Files.readAllBytes(
                            media.make(
                                    "attachment.mkv",
                                    Stream.concat(
                                                    TestMedia.sine(440, 1, 44_100).stream(),
                                                    Stream.of(
                                                            "-c:a",
                                                            "flac",
                                                            "-attach",
                                                            file.toString(),
                                                            "-metadata:s:t",
                                                            "mimetype=" + type,
                                                            "-metadata:s:t",
                                                            "filename=" + fileName))
                                            .toList()));
                },
                A_SECOND);
    }

    private void made(
            String name, String ending, Right right, List<String> input, String... output) {
        made(name, ending, right, bytes -> bytes, input, output);
    }

    private void made(
            String name,
            String ending,
            Right right,
            UnaryOperator<byte[]> change,
            List<String> input,
            String... output) {
        String file = "made-" + cases.size() + ending;
        add(
                ending.substring(1).toUpperCase(Locale.ROOT) + " with " + name,
                () ->
                        change.apply(
                                Files.readAllBytes(
                                        media.make(
                                                file,
                                                Stream.concat(input.stream(), Stream.of(output))
                                                        .toList()))),
                right);
    }

    // ---- small things that become large

    private void bombs() {
        StringBuilder laughs =
                new StringBuilder("<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol0 \"lol\">");
        for (int i = 1; i < 20; i++)
            laughs.append(
                    "<!ENTITY lol%d \"%s\">".formatted(i, "&lol%d;".formatted(i - 1).repeat(10)));
        laughs.append("]><MPD>&lol19;</MPD>");
        text("an XML bomb", laughs.toString());
        text(
                "an XML file that asks for another",
                "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"http://"
                        + canary.ipv4()
                        + "/\">]><MPD>&e;</MPD>");
        add(
                "a ZIP bomb",
                () -> {
                    ByteArrayOutputStream packed = new ByteArrayOutputStream();
                    try (ZipOutputStream zip = new ZipOutputStream(packed)) {
                        zip.putNextEntry(new ZipEntry("../../zeros"));
                        byte[] zeros = new byte[1 << 20];
                        for (int i = 0; i < 100; i++) zip.write(zeros);
                    }
                    return packed.toByteArray();
                },
                NOT_MEDIA);
        giantTag(5 << 20);
        giantTag(40 << 20);
        add(
                "MP3 with a tag that ends beyond the file",
                () -> bytes(id3(Integer.MAX_VALUE >> 4), whole(TestMedia.Kind.MP3)),
                DAMAGED);
        add(
                "MP3 with 2,000 tags",
                () -> {
                    byte[] tag = id3(0);
                    ByteBuffer tags = ByteBuffer.allocate(2000 * tag.length);
                    while (tags.hasRemaining()) tags.put(tag);
                    return bytes(tags.array(), whole(TestMedia.Kind.MP3));
                },
                DAMAGED);
        add(
                "MP3 with a cover of 20 MB",
                () ->
                        bytes(
                                frame(
                                        "APIC",
                                        bytes(
                                                ascii("\0image/jpeg\0\3\0"),
                                                hex("ffd8ffe0"),
                                                noise(20 << 20))),
                                whole(TestMedia.Kind.MP3)),
                WHOLE);
        add(
                "MP3 with a cover that is a playlist",
                () ->
                        bytes(
                                frame(
                                        "APIC",
                                        bytes(
                                                ascii("\0image/jpeg\0\3\0"),
                                                ascii(hls("http://" + canary.ipv4() + "/")))),
                                whole(TestMedia.Kind.MP3)),
                WHOLE);
        add(
                "MP3 with a cover that is a link",
                () ->
                        bytes(
                                frame(
                                        "APIC",
                                        ascii("\0-->\0\3\0http://" + canary.ipv4() + "/cover.jpg")),
                                whole(TestMedia.Kind.MP3)),
                WHOLE);
        add(
                "FLAC with a cover of 15 MB",
                () -> {
                    byte[] picture = noise(15 << 20);
                    byte[] block =
                            bytes(
                                    integer(3),
                                    integer(10),
                                    ascii("image/jpeg"),
                                    integer(0),
                                    integer(100),
                                    integer(100),
                                    integer(24),
                                    integer(0),
                                    integer(picture.length),
                                    picture);
                    byte[] flac = whole(TestMedia.Kind.FLAC);
                    byte[] head = Arrays.copyOf(flac, 42);
                    return bytes(
                            head,
                            integer(6 << 24 | block.length),
                            block,
                            Arrays.copyOfRange(flac, 42, flac.length));
                },
                WHOLE);
        add(
                "MP4 with tags of 30 MB",
                () ->
                        changed(
                                TestMedia.Kind.MP4_MOOV_LAST,
                                all -> {
                                    Boxes udta = new Boxes("udta", new byte[0]);
                                    udta.children.add(
                                            new Boxes(
                                                    "\u00a9cmt",
                                                    bytes(hex("ffff0000"), new byte[30 << 20])));
                                    all.all("moov").getFirst().children.add(udta);
                                }),
                WHOLE);
        add(
                "MP4 with a cover of 20 MB",
                () ->
                        changed(
                                TestMedia.Kind.MP4_MOOV_LAST,
                                all -> {
                                    Boxes covr = new Boxes("covr", new byte[0]);
                                    covr.children.add(
                                            new Boxes(
                                                    "data",
                                                    bytes(
                                                            integer(13),
                                                            integer(0),
                                                            hex("ffd8ffe0"),
                                                            noise(20 << 20))));
                                    Boxes ilst = new Boxes("ilst", new byte[0]);
                                    ilst.children.add(covr);
                                    Boxes hdlr =
                                            new Boxes(
                                                    "hdlr",
                                                    bytes(
                                                            integer(0),
                                                            integer(0),
                                                            ascii("mdirappl"),
                                                            new byte[9]));
                                    Boxes meta =
                                            new Boxes(
                                                    "meta",
                                                    bytes(integer(0), hdlr.bytes(), ilst.bytes()));
                                    Boxes udta = new Boxes("udta", meta.bytes());
                                    all.all("moov").getFirst().children.add(udta);
                                }),
                WHOLE);
        made("20,000 chapters", ".mkv", A_SECOND, chapters(20_000), "-c:a", "flac");
        made(
                "tags in every language of none",
                ".mkv",
                A_SECOND,
                metadata("x\u0000y\u202e\ud83d\udca3".repeat(3000)),
                "-c:a",
                "flac");
    }

    private List<String> chapters(int count) {
        StringBuilder text = new StringBuilder(";FFMETADATA1\ntitle=Mine\n");
        for (int i = 0; i < count; i++)
            text.append(
                    "[CHAPTER]\nTIMEBASE=1/100000\nSTART=%d\nEND=%d\ntitle=c%d\n"
                            .formatted(i, i + 1, i));
        return withMetadata("chapters", text.toString());
    }

    private List<String> metadata(String comment) {
        return withMetadata("comment", ";FFMETADATA1\ntitle=Mine\ncomment=" + comment + "\n");
    }

    private List<String> withMetadata(String name, String text) {
        try {
            Path file = media.text(name + ".ffmetadata", text);
            List<String> input = new ArrayList<>(TestMedia.sine(440, 1, 44_100));
            input.addAll(
                    List.of(
                            "-f",
                            "ffmetadata",
                            "-i",
                            file.toString(),
                            "-map",
                            "0:a",
                            "-map_metadata",
                            "1"));
            return input;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void giantTag(int bytes) {
        add(
                "MP3 with a tag of " + (bytes >> 20) + " MB",
                () -> bytes(frame("COMM", new byte[bytes]), whole(TestMedia.Kind.MP3)),
                WHOLE);
    }

    private static byte[] id3(int length) {
        return bytes(
                ascii("ID3\3\0\0"),
                new byte[] {
                    (byte) (length >> 21 & 0x7f), (byte) (length >> 14 & 0x7f),
                    (byte) (length >> 7 & 0x7f), (byte) (length & 0x7f)
                });
    }

    private static byte[] frame(String name, byte[] content) {
        return bytes(
                id3(content.length + 10),
                ascii(name),
                integer(content.length),
                new byte[2],
                content);
    }

    // ---- what names something else

    private void traps() {
        String file = canary.file.toString();
        List<String> names =
                new ArrayList<>(
                        List.of(
                                file,
                                "file:" + file,
                                "file://" + file,
                                "../../../../../../.." + file,
                                canary.file.getFileName().toString(),
                                "subfile,,start,0,end,0,,:" + file,
                                "concat:" + file + "|" + file,
                                "async:" + file,
                                "cache:" + file,
                                "crypto:" + file,
                                "concatf:" + file,
                                "data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="));
        for (String scheme : SCHEMES) names.add(scheme + "://" + canary.ipv4() + "/a.ts");
        for (String address : canary.addresses())
            for (String scheme : List.of("http", "tcp", "udp"))
                names.add(scheme + "://" + address + "/b.ts");
        for (String name : names) {
            String what = name.replace(file, "FILE").replace(canary.port(), "PORT");
            text("a playlist of " + what, hls(name));
            if (!name.endsWith("a.ts"))
                text("a list of " + what, "ffconcat version 1.0\nfile '" + name + "'\n");
        }
        String url = "http://" + canary.ipv4() + "/a.ts";
        text(
                "a playlist of playlists",
                """
                #EXTM3U
                #EXT-X-STREAM-INF:BANDWIDTH=100000
                %s
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="%s"
                """
                        .formatted(url, file));
        text("a playlist of itself", hls("?"));
        text(
                "a playlist of itself, for ever",
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n?again\n");
        text(
                "a playlist with a key elsewhere",
                hls(file)
                        .replace(
                                "#EXTINF",
                                "#EXT-X-KEY:METHOD=AES-128,URI=\"" + url + "\"\n#EXTINF"));
        text(
                "a playlist with its head elsewhere",
                hls(file).replace("#EXTINF", "#EXT-X-MAP:URI=\"" + url + "\"\n#EXTINF"));
        text("a list of itself", "ffconcat version 1.0\nfile '?'\nfile '?'\n");
        text(
                "a list with options",
                "ffconcat version 1.0\n"
                        + "file 'x'\n"
                        + "option safe 0\n"
                        + "option protocol_whitelist file,http,tcp\n"
                        + "file '"
                        + file
                        + "'\n");
        text(
                "a session description",
                "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio "
                        + canary.ipv4().replaceAll(".*:", "")
                        + " RTP/AVP 0\n");
        text(
                "a DASH manifest",
                """
                <?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT3S">
                <Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>%s</BaseURL>
                </Representation></AdaptationSet></Period></MPD>\
                """
                        .formatted(url));
        text(
                "a Smooth Streaming manifest",
                "<SmoothStreamingMedia MajorVersion=\"2\"><StreamIndex Type=\"audio\" Url=\""
                        + url
                        + "\"/></SmoothStreamingMedia>");
        text(
                "an IMF composition",
                "<?xml version=\"1.0\"?><CompositionPlaylist"
                        + " xmlns=\"http://www.smpte-ra.org/schemas/2067-3/2013\"><Id>"
                        + url
                        + "</Id></CompositionPlaylist>");
        text("an M3U list", url + "\n" + file + "\n");
        text("a PLS list", "[playlist]\nFile1=" + url + "\nNumberOfEntries=1\n");
        text(
                "an ASX list",
                "<asx version=\"3.0\"><entry><ref href=\"" + url + "\"/></entry></asx>");
        text("an ASF reference", "[Reference]\nRef1=" + url + "\n");
        text("an RTSP text", "RTSPtext\nrtsp://" + canary.ipv4() + "/a\n");
        text("a SMIL presentation", "<smil><body><audio src=\"" + url + "\"/></body></smil>");
        text("an AviSynth script", "DirectShowSource(\"" + file + "\")\n");
        text("a VapourSynth script", "import vapoursynth as vs\nopen('" + file + "')\n");
        text("a filter graph", "amovie=" + file + "[out0]");
        text("metadata of ffmpeg", ";FFMETADATA1\ntitle=x\n");
        text("subtitles", "1\n00:00:00,000 --> 00:00:03,000\n" + url + "\n");
        text(
                "subtitles with styles",
                "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:03.00,,,,0,0,0,,x\n");
        text("subtitles of the web", "WEBVTT\n\n00:00.000 --> 00:03.000\nx\n");
        text("a page", "<!DOCTYPE html><html><video src=\"" + url + "\"></video></html>");
        text(
                "a drawing",
                "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"" + url + "\"/></svg>");
        text("a program", "#!/bin/sh\ncat " + file + "\n");
        text("a pattern of names", file.replaceAll("\\d", "%d"));
        text("a letter", "Dear all, these are only words. ".repeat(300));
        add(
                "a program of this machine",
                () -> bytes(hex("7f454c46020101"), noise(5000)),
                NOT_MEDIA);
        add("a PDF", () -> bytes(ascii("%PDF-1.7\n"), noise(5000)), NOT_MEDIA);
        for (String ending : List.of("png", "jpg", "gif", "bmp")) image(ending);
        List<String> disguised = List.of("a playlist", "a list", "a manifest", "a session");
        List<String> texts =
                List.of(
                        hls(url),
                        "ffconcat version 1.0\nfile '" + file + "'\n",
                        "<?xml version=\"1.0\"?><MPD><Period><BaseURL>"
                                + url
                                + "</BaseURL></Period></MPD>",
                        "v=0\nm=audio 1 RTP/AVP 0\nc=IN IP4 127.0.0.1\n");
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            add(
                    disguised.get(i) + " behind a tag",
                    () -> bytes(frame("TIT2", new byte[20]), ascii(text)),
                    Right.refused(Code.NOT_MEDIA, Code.CORRUPT));
            add(
                    disguised.get(i) + " in a box",
                    () -> bytes(new Boxes("free", new byte[8]).bytes(), ascii(text)),
                    Right.refused(Code.NOT_MEDIA, Code.CORRUPT));
            add(
                    "AVI with subtitles that are " + disguised.get(i),
                    () -> withSubtitles(text),
                    Right.refused(Code.NO_AUDIO_TRACK, Code.CORRUPT, Code.NOT_MEDIA));
        }
        for (int i = 0; i < 2; i++) {
            Path other = i == 0 ? canary.file : Path.of("..", canary.file.getFileName().toString());
            reference(
                    "an alias of another file, " + (i == 0 ? "absolute" : "relative"),
                    alias(other.toString()));
        }
        reference(
                "a data reference to a file",
                new Boxes("url ", bytes(integer(0), ascii("file://" + file + "\0"))));
        reference(
                "a data reference to an address",
                new Boxes("url ", bytes(integer(0), ascii(url + "\0"))));
        reference(
                "a data reference by name",
                new Boxes("urn ", bytes(integer(0), ascii("x\0" + url + "\0"))));
        reference("a resource of another file", new Boxes("rsrc", alias(file).body));
        add(
                "MOV that is a reference to another",
                () -> {
                    Boxes rdrf =
                            new Boxes(
                                    "rdrf",
                                    bytes(
                                            integer(0),
                                            ascii("url "),
                                            integer(url.length() + 1),
                                            ascii(url + "\0")));
                    Boxes rmda = new Boxes("rmda", rdrf.bytes());
                    Boxes rmra = new Boxes("rmra", rmda.bytes());
                    return new Boxes("moov", rmra.bytes()).bytes();
                },
                Right.refused(Code.NOT_MEDIA, Code.CORRUPT, Code.NO_AUDIO_TRACK));
    }

    /** Formats of audio alone: they are decoded, and nothing that they name is opened. */
    private void audioFormats() {
        Map<String, List<String>> encoders = new TreeMap<>();
        encoders.put("aiff", List.of("-c:a", "pcm_s16be"));
        encoders.put("aifc", List.of("-c:a", "pcm_s16le", "-f", "aiff"));
        encoders.put("caf", List.of("-c:a", "alac"));
        encoders.put("au", List.of("-c:a", "pcm_s16be"));
        encoders.put("w64", List.of("-c:a", "pcm_s16le"));
        encoders.put("rf64.wav", List.of("-c:a", "pcm_s16le", "-rf64", "always"));
        encoders.put("wv", List.of("-c:a", "wavpack"));
        encoders.put("tta", List.of("-c:a", "tta"));
        encoders.put("thd", List.of("-c:a", "truehd", "-strict", "-2"));
        encoders.put("mlp", List.of("-c:a", "mlp", "-strict", "-2"));
        encoders.put("ac3", List.of("-c:a", "ac3"));
        encoders.put("eac3", List.of("-c:a", "eac3"));
        encoders.put("dts", List.of("-c:a", "dca", "-strict", "-2"));
        encoders.put("loas", List.of("-c:a", "aac", "-f", "latm"));
        encoders.put("mp2", List.of("-c:a", "mp2"));
        encoders.put("spx", List.of("-c:a", "libspeex", "-ar", "16000", "-f", "ogg"));
        String url = "http://" + canary.ipv4() + "/a.ts";
        encoders.forEach((ending, encoder) ->
                audioFormat(
                        ending,
                        () -> {
                            List<String> arguments =
                                    new ArrayList<>(TestMedia.sine(440, 1, 44_100));
                            arguments.addAll(
                                    List.of(
                                            "-metadata",
                                            "title=" + url,
                                            "-metadata",
                                            "comment=" + url));
                            arguments.addAll(encoder);
                            return Files.readAllBytes(media.make("format." + ending, arguments));
                        }));
        audioFormat(
                "amr",
                () -> {
                    byte[] frames = new byte[50 * 32];
                    for (int at = 0; at < frames.length; at += 32) frames[at] = 0x3c;
                    return bytes(ascii("#!AMR\n"), frames);
                });
        audioFormat(
                "bw64.wav",
                () -> {
                    byte[] wav = Files.readAllBytes(media.tone(TestMedia.Kind.WAV, 440, 1));
                    byte[] sizes = new byte[28];
                    put(sizes, 0, little(wav.length + 28));
                    int data = first(wav, ascii("data"));
                    put(sizes, 8, little(wav.length - data - 8));
                    put(wav, data + 4, little(-1));
                    return bytes(
                            ascii("BW64"),
                            little(-1),
                            ascii("WAVE"),
                            chunk("ds64", sizes),
                            Arrays.copyOfRange(wav, 12, wav.length));
                });
        for (String magic : List.of("MAC \u0096\u000f\0\0", "MP+\7", "MPCKSH"))
            add(
                    "a playlist behind " + magic.substring(0, 3),
                    () -> bytes(ascii(magic), ascii(hls(url))),
                    Right.refused(Code.NOT_MEDIA, Code.CORRUPT));
    }

    private void audioFormat(String ending, Content made) {
        Content content = once(made);
        String url = "http://" + canary.ipv4() + "/a.ts";
        add(ending + " as it is", content, A_SECOND);
        add(
                ending + " with links in tags, and a playlist",
                () -> bytes(content.bytes(), ascii(hls(url)), apeTag("Cover Art (Front)", url)),
                new Right(true, 0.9, 1.35, Set.of(), null));
        add(
                "a playlist behind the head of " + ending,
                () -> bytes(Arrays.copyOf(content.bytes(), 64), ascii(hls(url))),
                SHORT);
    }

    private static Content once(Content content) {
        return new Content() {
            private byte @Nullable [] bytes;

            @Override
            public synchronized byte[] bytes() throws IOException {
                if (bytes == null) bytes = content.bytes();
                return bytes.clone();
            }
        };
    }

    /** An APEv2 tag with one item, which is a link. */
    private static byte[] apeTag(String key, String link) {
        byte[] item = bytes(little(link.length()), little(4), ascii(key + "\0" + link));
        byte[] footer =
                bytes(
                        ascii("APETAGEX"),
                        little(2000),
                        little(item.length + 32),
                        little(1),
                        little(0),
                        new byte[8]);
        return bytes(item, footer);
    }

    private void image(String ending) {
        add(
                "a picture, " + ending,
                () ->
                        Files.readAllBytes(
                                media.make(
                                        "picture." + ending,
                                        List.of(
                                                "-f",
                                                "lavfi",
                                                "-i",
                                                "testsrc=size=64x48:rate=1:duration=1",
                                                "-frames:v",
                                                "1"))),
                NOT_MEDIA);
    }

    private void text(String name, String text) {
        add(name, () -> text.getBytes(StandardCharsets.UTF_8), NOT_MEDIA);
    }

    private static String hls(String name) {
        return "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n" + name + "\n#EXT-X-ENDLIST\n";
    }

    /** Its samples are in the file, too, for a demuxer that does not follow the reference. */
    private void reference(String name, Boxes entry) {
        add(
                "MOV with " + name,
                () ->
                        changed(
                                TestMedia.Kind.MOV,
                                all -> {
                                    for (Boxes dref : all.all("dref"))
                                        dref.body = bytes(integer(0), integer(1), entry.bytes());
                                }),
                WHOLE.or(Code.CORRUPT, Code.NO_AUDIO_TRACK, Code.NOT_MEDIA));
    }

    /** As ffmpeg reads an alias: volume and name, how far up and down, then the whole path. */
    private static Boxes alias(String path) {
        byte[] name = ascii(path.substring(path.lastIndexOf('/') + 1));
        ByteBuffer body = ByteBuffer.allocate(4 + 150 + path.length() + 40);
        body.position(4 + 10);
        body.put((byte) 1).put((byte) 'x');
        body.position(4 + 10 + 28 + 12);
        body.put((byte) Math.min(63, name.length)).put(name, 0, Math.min(63, name.length));
        body.position(4 + 10 + 28 + 12 + 64 + 16);
        body.putShort((short) 1).putShort((short) 1);
        body.position(body.position() + 16);
        String whole = "x:" + path;
        body.putShort((short) 2).putShort((short) whole.length()).put(ascii(whole));
        if (whole.length() % 2 == 1) body.put((byte) 0);
        body.putShort((short) -1).putShort((short) 0);
        return new Boxes("alis", body.array());
    }

    /** An AVI of one text track, whose only packet some players open as a file of its own. */
    private static byte[] withSubtitles(String text) {
        byte[] data = ascii(text);
        byte[] packet =
                bytes(
                        ascii("GAB2\0"),
                        little(2, 2),
                        little(2),
                        new byte[2],
                        little(4, 2),
                        little(data.length),
                        data);
        byte[] header = new byte[56];
        put(header, 0, little(1_000_000));
        put(header, 24, little(1));
        byte[] stream = new byte[56];
        put(stream, 0, ascii("txts"));
        put(stream, 20, little(1));
        put(stream, 24, little(1));
        put(stream, 32, little(1));
        byte[] streams = list("strl", chunk("strh", stream), chunk("strf", new byte[0]));
        return chunk(
                "RIFF",
                bytes(
                        ascii("AVI "),
                        list("hdrl", chunk("avih", header), streams),
                        list("movi", chunk("00tx", packet))));
    }

    private static byte[] chunk(String name, byte[] content) {
        return bytes(ascii(name), little(content.length), content, new byte[content.length % 2]);
    }

    private static byte[] list(String name, byte[]... chunks) {
        return chunk("LIST", bytes(ascii(name), bytes(chunks)));
    }

    // ---- what users call their files

    private void names() {
        for (String name :
                List.of(
                        "../../../../etc/cron.d/x.mp4",
                        "..\\..\\windows\\x.mp4",
                        "/etc/passwd",
                        "-i.mp4",
                        "-y",
                        "x\0.mp4",
                        "\ud83c\udfb8 \u266b.mp4",
                        "\u202e3pm.elif",
                        "\u05e9\u05dc\u05d5\u05dd.mp4",
                        "x".repeat(10_000) + ".mp4",
                        "\ud83c\udfb8".repeat(5000),
                        "a\r\nb\r\nLocation: x.mp4",
                        "a\n[CHAPTER]\nSTART=0.mp4",
                        "title=x;#\\.mp4",
                        "%s%n%d.mp4",
                        "img%03d.png",
                        "concat:a|b",
                        "pipe:0",
                        "subfile,,start,0,end,0,,:x",
                        "\ud800.mp4",
                        "",
                        " ",
                        ".",
                        "..",
                        ".mp4",
                        "$(touch x).mp4",
                        "`touch x`.mp4",
                        "'; DROP TABLE users.mp4",
                        "<script>.mp4")) {
            add(
                    "MP3 called " + printable(name),
                    name,
                    Options.NONE,
                    () -> whole(TestMedia.Kind.MP3),
                    WHOLE);
        }
    }

    private static String printable(String name) {
        String shown =
                name.length() > 40 ? name.substring(0, 40) + "... (" + name.length() + ")" : name;
        return shown.codePoints()
                .mapToObj(c -> c < 32 || c > 126 ? "\\u%04x".formatted(c) : Character.toString(c))
                .reduce("", String::concat);
    }

    // ---- bytes

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(SEED).nextBytes(bytes);
        return bytes;
    }

    /** The checksum of an Ogg page, without which nobody reads it. */
    static void sum(byte[] bytes, int at) {
        int segments = bytes[at + 26] & 0xff;
        int length = 27 + segments;
        for (int i = 0; i < segments; i++) length += bytes[at + 27 + i] & 0xff;
        put(bytes, at + 22, new byte[4]);
        int sum = 0;
        for (int i = at; i < at + length; i++) {
            sum ^= (bytes[i] & 0xff) << 24;
            for (int bit = 0; bit < 8; bit++) sum = sum << 1 ^ (sum < 0 ? 0x04c1_1db7 : 0);
        }
        put(bytes, at + 22, little(sum));
    }

    static int first(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++)
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) return at;
        return -1;
    }

    static int last(byte[] bytes, byte[] wanted) {
        for (int at = bytes.length - wanted.length; at >= 0; at--)
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) return at;
        return -1;
    }

    static void put(byte[] bytes, int at, byte[] value) {
        System.arraycopy(value, 0, bytes, at, value.length);
    }

    static byte[] bytes(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] integer(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    static byte[] little(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    static byte[] little(int value, int bytes) {
        return Arrays.copyOf(little(value), bytes);
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
