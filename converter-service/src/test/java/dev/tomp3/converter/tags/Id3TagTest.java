package dev.tomp3.converter.tags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.sound.Measurement;
import dev.tomp3.converter.source.OneFile;
import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.Options;
import dev.tomp3.jobs.Sound;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Id3TagTest {
    @TempDir Path directory;

    /** The frames of a tag: text without its encoding, other content as ISO 8859-1. */
    private static Map<String, String> frames(byte[] tag) {
        ByteBuffer in = ByteBuffer.wrap(tag);
        assertThat(in.getInt()).isEqualTo('I' << 24 | 'D' << 16 | '3' << 8 | 3);
        in.getShort();
        int size = 0;
        for (int i = 0; i < 4; i++) size = size << 7 | in.get();
        assertThat(size).isEqualTo(in.remaining());
        Map<String, String> frames = new LinkedHashMap<>();
        while (in.remaining() > 10 && in.get(in.position()) != 0) {
            byte[] id = new byte[4];
            in.get(id);
            byte[] content = new byte[in.getInt()];
            in.getShort();
            in.get(content);
            String name = new String(id, StandardCharsets.ISO_8859_1);
            String text = text(name, content);
            if (text.startsWith("REPLAYGAIN")) continue;
            assertThat(frames).doesNotContainKey(name);
            frames.put(name, text);
        }
        return frames;
    }

    private static String text(String name, byte[] content) {
        String raw = new String(content, StandardCharsets.ISO_8859_1);
        if (name.equals("APIC")) return raw;
        int from = name.equals("COMM") || name.equals("USLT") ? 4 : 1;
        String text =
                content[0] == 0
                        ? raw.substring(from)
                        : new String(
                                content, from, content.length - from, StandardCharsets.UTF_16LE);
        return text.replace("\ufeff", "");
    }

    private Options options = Options.NONE;
    private Duration begin = Duration.ZERO;

    private Map<String, String> tag(byte[] metadata, @Nullable Source source) throws IOException {
        Path file = Files.write(directory.resolve("metadata"), metadata);
        Description description =
                Description.of(file, source, "The file", options, begin, Duration.ofMinutes(1));
        return frames(
                Id3Tag.of(description, new Measurement(-18.0, 1), directory.resolve("cover")));
    }

    private Map<String, String> tag(String metadata) throws IOException {
        return tag((";FFMETADATA1\n" + metadata).getBytes(StandardCharsets.UTF_8), null);
    }

    private static byte[] titled(String title, String charset) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(";FFMETADATA1\ntitle=".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(title.getBytes(Charset.forName(charset)));
        out.write('\n');
        return out.toByteArray();
    }

    @Test
    void options_set_and_remove_tags() throws IOException {
        options =
                Options.of(
                        Map.of(
                                "title",
                                "Größe",
                                "artist",
                                "",
                                "year",
                                "2026-11-27",
                                "genre",
                                "A/B"));
        assertThat(tag("title=Old\nartist=Someone\nalbum=Kept\n"))
                .containsOnly(
                        Map.entry("TIT2", "Größe"),
                        Map.entry("TALB", "Kept"),
                        Map.entry("TYER", "2026"),
                        Map.entry("TDAT", "2711"),
                        Map.entry("TCON", "A/B"));
        options = Options.of(Map.of("tags", "none", "genre", "Talk"));
        assertThat(tag("title=Old\nartist=Someone\n")).containsOnly(Map.entry("TCON", "Talk"));
    }

    private static final String CHAPTERS =
            """
            ;FFMETADATA1
            title=Book
            [CHAPTER]
            TIMEBASE=1/1000
            START=0
            END=10000
            title=Einführung
            [CHAPTER]
            TIMEBASE=1/44100
            START=441000
            END=1323000
            [CHAPTER]
            TIMEBASE=1/1000
            START=70000
            END=90000
            title=Behind the end
            """;

    /** Bytes as the addendum "ID3v2 Chapter Frame" describes them. */
    @Test
    void chapters_have_a_table_and_titles_in_utf_16() throws IOException {
        Path file = Files.writeString(directory.resolve("metadata"), CHAPTERS);
        Description description =
                Description.of(file, null, "", Options.NONE, Duration.ZERO, Duration.ofSeconds(60));
        assertThat(description.chapters())
                .containsExactly(
                        new Sound.Chapter(0, "Einführung"), new Sound.Chapter(10_000, "Chapter 2"));
        String tag =
                HexFormat.of()
                        .formatHex(
                                Id3Tag.of(
                                        description,
                                        new Measurement(null, 0),
                                        directory.resolve("cover")));
        String title =
                "01fffe"
                        + HexFormat.of()
                                .formatHex("Einführung".getBytes(StandardCharsets.UTF_16LE));
        assertThat(tag)
                .contains(
                        "43544f43"
                                + "00000010"
                                + "0000"
                                + "746f6300"
                                + "03"
                                + "02"
                                + "6368703000"
                                + "6368703100")
                .contains(
                        "43484150"
                                + "00000036"
                                + "0000"
                                + "6368703000"
                                + "00000000"
                                + "00002710"
                                + "ffffffffffffffff"
                                + "54495432"
                                + "00000017"
                                + "0000"
                                + title)
                .contains(
                        "43484150" + "00000034" + "0000" + "6368703100" + "00002710" + "0000ea60");
    }

    @Test
    void chapters_shift_with_the_beginning() throws IOException {
        Path file = Files.writeString(directory.resolve("metadata"), CHAPTERS);
        assertThat(
                        Description.of(
                                        file,
                                        null,
                                        "",
                                        Options.NONE,
                                        Duration.ofSeconds(15),
                                        Duration.ofSeconds(60))
                                .chapters())
                .containsExactly(
                        new Sound.Chapter(0, "Chapter 2"),
                        new Sound.Chapter(55_000, "Behind the end"));
        assertThat(
                        Description.of(
                                        file,
                                        null,
                                        "",
                                        Options.of(Map.of("tags", "none")),
                                        Duration.ZERO,
                                        Duration.ofSeconds(60))
                                .chapters())
                .isEmpty();
    }

    @Test
    void players_that_know_replay_gain_find_it() throws IOException {
        Path file = Files.writeString(directory.resolve("metadata"), ";FFMETADATA1\n");
        Description description =
                Description.of(file, null, "", Options.NONE, Duration.ZERO, Duration.ofSeconds(60));
        String tag =
                new String(
                        Id3Tag.of(
                                description,
                                new Measurement(-11.5, 0.98),
                                directory.resolve("cover")),
                        StandardCharsets.ISO_8859_1);
        assertThat(tag)
                .contains(
                        "REPLAYGAIN_TRACK_GAIN\0-6.50 dB",
                        "REPLAYGAIN_TRACK_PEAK\0000.980000".replace("\0000.", "\0" + "0."));
    }

    @Test
    void keeps_what_describes_the_work_and_nothing_of_the_device() throws IOException {
        assertThat(
                        tag(
                                """
                                title=Zeit \\= Geld\\; \\# 1 \\\\ 2
                                ARTIST=Ännchen
                                album_artist=Various
                                date=2024-05-01T10:00:00Z
                                TRACKNUMBER=3/12
                                comment=One\\
                                two
                                lyrics-deu=La la
                                compilation=1
                                com.apple.quicktime.location.ISO6709=+48.8577+002.2950/
                                location=+48.8577+002.2950/
                                location-eng=+48.8577+002.2950/
                                com.apple.quicktime.model=iPhone 15
                                com.apple.quicktime.make=Apple
                                com.android.version=14
                                encoder=Lavf59.27.100
                                serial_number=123
                                major_brand=qt
                                id3v2_priv.org.example=xyz
                                [CHAPTER]
                                title=One
                                album=Of a chapter
                                """))
                .containsExactly(
                        Map.entry("TIT2", "Zeit = Geld; # 1 \\ 2"),
                        Map.entry("TPE1", "Ännchen"),
                        Map.entry("TPE2", "Various"),
                        Map.entry("TRCK", "3/12"),
                        Map.entry("TYER", "2024"),
                        Map.entry("TDAT", "0105"),
                        Map.entry("TCMP", "1"),
                        Map.entry("COMM", "\0One\ntwo"),
                        Map.entry("USLT", "\0La la"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "title=\n", "title=  \n", "title=\u0001\u0002\n", "artist=x\n"})
    void a_source_without_a_title_gets_the_name_of_its_file(String metadata) throws IOException {
        assertThat(tag(metadata)).containsEntry("TIT2", "The file");
    }

    @ParameterizedTest
    @CsvSource({
        "windows-1251, Название",
        "windows-1251, Кино - Группа крови",
        "Shift_JIS, 日本語のタイトル",
        "Shift_JIS, こんにちは",
        "GBK, 月亮代表我的心",
        "Big5, 繁體中文標題",
        "EUC-KR, 한국어 제목",
        "windows-1252, Café del Mar",
        "windows-1252, Straße",
        "windows-1252, It’s",
        "KOI8-R, Название песни",
        "UTF-8, 日本語 🎵",
    })
    void text_in_another_encoding_is_decoded(String charset, String title) throws IOException {
        assertThat(tag(titled(title, charset), null)).containsEntry("TIT2", title);
    }

    @Test
    void text_of_no_encoding_is_valid_all_the_same() throws IOException {
        byte[] rubbish = titled("x".repeat(200), "UTF-8");
        new Random(1).nextBytes(rubbish);
        System.arraycopy("title=".getBytes(StandardCharsets.US_ASCII), 0, rubbish, 0, 6);

        assertThat(tag(rubbish, null).get("TIT2")).isNotBlank().doesNotContain("\0");
    }

    @Test
    void text_that_is_too_long_is_left_out() throws IOException {
        Map<String, String> frames =
                tag(
                        "comment="
                                + "x".repeat(60_000)
                                + "\nlyrics="
                                + "x".repeat(60_000)
                                + "\nalbum="
                                + "x".repeat(70_000)
                                + "\ntitle=Mine\n");

        assertThat(frames).containsKey("COMM").doesNotContainKeys("USLT", "TALB");
        assertThat(frames).containsEntry("TIT2", "Mine");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A segment of JPEG. */
    private static String segment(int marker, String content) {
        int length = content.length() + 2;
        return "\u00ff" + (char) marker + (char) (length >> 8) + (char) (length & 255) + content;
    }

    /** A chunk of PNG, with a checksum that no one reads here. */
    private static String chunk(String type, String content) {
        return "\0\0\0" + (char) content.length() + type + content + "sum.";
    }

    private static final String PNG = "\u0089PNG\r\n\u001a\n";
    private static final String SCAN = segment(0xDA, "scan") + "a\u00ff\0b\u00ff\u00d0c";
    private static final String END = "\u00ff\u00d9";

    @Nullable String cover(String file) throws IOException {
        Files.write(directory.resolve("cover"), bytes(file));
        return tag("").get("APIC");
    }

    @Test
    void a_cover_is_named_by_its_content() throws IOException {
        String jpeg = "\u00ff\u00d8" + segment(0xDB, "table") + SCAN + END;
        assertThat(cover(jpeg)).isEqualTo("\0image/jpeg\0\3\0" + jpeg);
        String png = PNG + chunk("IHDR", "size") + chunk("IDAT", "dots") + chunk("IEND", "");
        assertThat(cover(png)).isEqualTo("\0image/png\0\3\0" + png);
        assertThat(cover("RIFF\0\0\0\0WEBP")).isNull();
        assertThat(cover("")).isNull();
        assertThat(cover(jpeg.substring(0, 20) + "x".repeat(1 << 20))).isNull();
    }

    @Test
    void a_cover_tells_nothing_of_the_camera() throws IOException {
        String kept = segment(0xE0, "JFIF\0.") + segment(0xE2, "ICC_PROFILE\0.");
        String told =
                segment(0xE1, "Exif\0\0camera")
                        + segment(0xE2, "MPF\0camera")
                        + segment(0xED, "Photoshop camera")
                        + segment(0xFE, "camera");
        String jpeg = segment(0xDB, "table") + SCAN + segment(0xC4, "table") + SCAN + END;
        assertThat(cover("\u00ff\u00d8" + told + kept + "\u00ff" + told + jpeg + "camera"))
                .isEqualTo("\0image/jpeg\0\3\0\u00ff\u00d8" + kept + jpeg);

        String before = PNG + chunk("IHDR", "size") + chunk("gAMA", "1") + chunk("tRNS", "1");
        String after = chunk("IDAT", "dots") + chunk("IEND", "");
        StringBuilder texts = new StringBuilder();
        for (String type : new String[] {"eXIf", "tEXt", "iTXt", "zTXt", "caBX"})
            texts.append(chunk(type, "camera"));
        assertThat(cover(before + texts + after + "camera"))
                .isEqualTo("\0image/png\0\3\0" + before + after);
    }

    @Test
    void a_cover_that_breaks_off_is_left_out() throws IOException {
        String jpeg = "\u00ff\u00d8" + segment(0xDB, "table") + SCAN;
        for (int length = 0; length < jpeg.indexOf(SCAN) + 8; length++)
            assertThat(cover(jpeg.substring(0, length))).as("" + length).isNull();
        assertThat(cover(jpeg)).as("of JPEG, what is there can be seen").endsWith(END);
        assertThat(cover("\u00ff\u00d8\u00ff\u00e0\0\1.......")).isNull();
        assertThat(cover("\u00ff\u00d8......................")).isNull();
        String png = PNG + chunk("IHDR", "size") + chunk("IDAT", "dots") + chunk("IEND", "");
        for (int length = 0; length < png.length(); length++)
            assertThat(cover(png.substring(0, length))).as("" + length).isNull();
        assertThat(cover(PNG + "\u00ff\u00ff\u00ff\u00ffIDAT........")).isNull();
        assertThat(cover(PNG + "\u007f\u00ff\u00ff\u00ffIDAT........")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "2026, 2026, 2026",
        "2024-05-01T10:00:00Z, 2024, 2024-05-01T10:00:00Z",
        "27.11.2026, 2026, 2026",
        "spring 2026, 2026, 2026",
        "20261127, 2026, 20261127",
        "last year, , "
    })
    void the_job_and_the_mp3_have_the_same_year(
            String date, @Nullable String year, @Nullable String told) throws IOException {
        assertThat(tag("date=" + date + "\n").get("TYER")).isEqualTo(year);
        Path file = directory.resolve("metadata");
        assertThat(
                        Description.of(file, null, "", options, Duration.ZERO, Duration.ZERO)
                                .tags()
                                .get("year"))
                .isEqualTo(told);
    }

    private static byte[] apev2(String... items) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < items.length; i += 2) {
            byte[] value = items[i + 1].getBytes(StandardCharsets.UTF_8);
            out.writeBytes(little(value.length));
            out.writeBytes(little(items[i].startsWith("Cover") ? 2 : 0));
            out.writeBytes((items[i] + "\0").getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(value);
        }
        int size = out.size() + 32;
        out.writeBytes("APETAGEX".getBytes(StandardCharsets.US_ASCII));
        for (int field : new int[] {2000, size, items.length / 2, 0, 0, 0})
            out.writeBytes(little(field));
        return out.toByteArray();
    }

    private static byte[] little(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    private Source mp3(String head, byte[]... ends) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(new byte[500]);
        for (byte[] end : ends) out.writeBytes(end);
        return new OneFile(Files.write(directory.resolve("mp3"), out.toByteArray())).source();
    }

    @Test
    void reads_an_apev2_tag_before_id3v1_and_after_id3v2() throws IOException {
        byte[] ape =
                apev2(
                        "Title",
                        "Ганц нот",
                        "Artist",
                        "One\0Two",
                        "Cover Art (Front)",
                        "x.jpg",
                        "Year",
                        "1999");
        byte[] id3v1 = new byte[128];
        byte[] tags = titled("Ganz no", "UTF-8");

        for (Source source : new Source[] {mp3("", ape), mp3("", ape, id3v1)}) {
            assertThat(tag(tags, source))
                    .containsEntry("TIT2", "Ганц нот")
                    .containsEntry("TPE1", "One/Two")
                    .containsEntry("TYER", "1999");
        }
        assertThat(tag(tags, mp3("ID3", ape)))
                .containsEntry("TIT2", "Ganz no")
                .containsEntry("TPE1", "One/Two");
    }

    @Test
    void a_malformed_apev2_tag_is_no_obstacle() throws IOException {
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            byte[] ape = apev2("Title", "Mine", "Artist", "Anyone");
            for (int j = 0; j < 3; j++) ape[random.nextInt(ape.length)] = (byte) random.nextInt();
            assertThat(tag(new byte[0], mp3("", ape))).containsKey("TIT2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 1 << 20, (3 << 20) + 17})
    void is_put_in_front_of_the_frames(int length) throws IOException {
        byte[] frames = new byte[length];
        new Random(length).nextBytes(frames);
        Path mp3 = Files.write(directory.resolve("mp3"), frames);
        byte[] tag = new byte[3000];
        new Random(1).nextBytes(tag);

        Id3Tag.insert(tag, mp3);

        assertThat(Files.readAllBytes(mp3)).startsWith(tag).endsWith(frames).hasSize(length + 3000);
    }
}
