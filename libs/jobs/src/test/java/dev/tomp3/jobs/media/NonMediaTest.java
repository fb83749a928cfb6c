package dev.tomp3.jobs.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NonMediaTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                " \n",
                "just text, with a sync byte G here and there GGGGGG",
                "int main() {\n\treturn 0;\n}\n",
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nfile:///etc/passwd\n",
                "http://example.org/a.mp3\n/etc/passwd\n",
                "[playlist]\nFile1=http://example.org/\n",
                "<asx version=\"3.0\"><entry/></asx>",
                "<?xml version=\"1.0\"?><playlist xmlns=\"http://xspf.org/ns/0/\"/>",
                "REM GENRE Rock\nFILE \"a.wav\" WAVE\n  TRACK 01 AUDIO\n",
                "<?xml version=\"1.0\"?><MPD/>",
                "<!DOCTYPE html><html><body>404</body></html>",
                "\n\n  <html>",
                "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
                "{\"a\":[1,2,3]}",
                "key:\n  - value\n",
                "ffconcat version 1.0\nfile x\n",
                "# mpv EDL v0\n/etc/passwd,0,10\n",
                ";FFMETADATA1\ntitle=x\n",
                "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 1 RTP/AVP 0\n",
                "1\n00:00:00,000 --> 00:00:03,000\nx\n",
                "WEBVTT\n\n00:00.000 --> 00:03.000\nx\n",
                "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:03.00,,,,0,0,0,,x\n",
                "{\\rtf1\\ansi x}",
                "%!PS-Adobe-3.0\n",
                "#!/bin/sh\necho x\n",
                "\u001b[1mcolours\u001b[0m\r\n\u001a",
                "Gr\u00fc\u00dfe, \u043f\u0440\u0438\u0432\u0435\u0442,"
                        + " \u3053\u3093\u306b\u3061\u306f \ud83c\udfb5",
                "; comment\nftyp"
            })
    void text_of_every_kind_is_not_media(String text) {
        assertThat(NonMedia.of(text.getBytes(StandardCharsets.UTF_8))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "US-ASCII",
                "UTF-8",
                "UTF-16LE",
                "UTF-16BE",
                "UTF-32LE",
                "UTF-32BE",
                "ISO-8859-1",
                "windows-1251",
                "Shift_JIS",
                "GB18030",
                "ISO-2022-JP"
            })
    void text_is_recognized_in_every_encoding(String name) {
        Charset charset = Charset.forName(name);
        String text =
                "Gr\u00fc\u00dfe, \u043f\u0440\u0438\u0432\u0435\u0442 \u3053\u3093\n".repeat(20);
        assertThat(NonMedia.of(("a" + text).getBytes(charset))).contains(NonMedia.TEXT);
        assertThat(NonMedia.of(("a\n" + text.repeat(500)).getBytes(charset)))
                .as("longer than the head")
                .contains(NonMedia.TEXT);
        if (charset.name().startsWith("UTF"))
            assertThat(NonMedia.of(("\ufeff" + text).getBytes(charset))).contains(NonMedia.TEXT);
    }

    @Test
    void text_of_other_letters_than_ours_is_recognized_in_utf_16_by_its_byte_order_mark() {
        byte[] text = "\ufeff\u3053\u3093\u306b\u3061\u306f".getBytes(StandardCharsets.UTF_16LE);
        assertThat(NonMedia.of(text)).contains(NonMedia.TEXT);
    }

    @Test
    void a_character_at_the_end_of_the_head_may_be_incomplete() {
        byte[] text = "\u3053".repeat(1000).getBytes(StandardCharsets.UTF_8);
        for (int length : new int[] {900, 901, 902, 2000})
            assertThat(NonMedia.of(Arrays.copyOf(text, length))).contains(NonMedia.TEXT);
    }

    @Test
    void text_may_have_something_else_behind_its_beginning() {
        byte[] text = "text and more of it\n".repeat(100).getBytes(StandardCharsets.US_ASCII);
        assertThat(NonMedia.of(before(new byte[5000], text))).contains(NonMedia.TEXT);
    }

    @ParameterizedTest
    @CsvSource({
        "PDF, 255044462D312E370A25E2E3CFD3, DOCUMENT",
        "PostScript, 252150532D00, DOCUMENT",
        "EPS with a preview, C5D0D3C620000000, DOCUMENT",
        "RTF with pictures, 7B5C7274663100, DOCUMENT",
        "a playlist with rubbish, 234558544D33550A00FF, DOCUMENT",
        "HTML with rubbish, 3C68746D6C3E00FF, DOCUMENT",
        "Word of 1997, D0CF11E0A1B11AE10000, DOCUMENT",
        "ZIP or newer Office, 504B030414000600, ARCHIVE",
        "an empty ZIP, 504B050600000000, ARCHIVE",
        "7z, 377ABCAF271C0004, ARCHIVE",
        "RAR 4, 526172211A0700, ARCHIVE",
        "RAR 5, 526172211A070100, ARCHIVE",
        "gzip, 1F8B080000000000, ARCHIVE",
        "bzip2, 425A683931415926535900, ARCHIVE",
        "an empty bzip2, 425A683917724538509000, ARCHIVE",
        "xz, FD377A585A000004, ARCHIVE",
        "zstd, 28B52FFD0458, ARCHIVE",
        "LZ4, 04224D186440, ARCHIVE",
        "lzip, 4C5A495001, ARCHIVE",
        "CAB, 4D53434600000000FF, ARCHIVE",
        "a Debian package, 213C617263683E0A00, ARCHIVE",
        "JPEG, FFD8FFE000104A464946, PICTURE",
        "PNG, 89504E470D0A1A0A0000000D, PICTURE",
        "GIF, 47494638396100010001, PICTURE",
        "WebP, 52494646FFFFFFFF57454250, PICTURE",
        "an animated cursor, 52494646FFFFFFFF41434F4E, PICTURE",
        "BMP, 424D36000300000000003600000028000000, PICTURE",
        "TIFF of Intel, 49492A0008000000, PICTURE",
        "TIFF of Motorola, 4D4D002A00000008, PICTURE",
        "ICO, 00000100020010100000010020006804000026000000, PICTURE",
        "PSD, 3842505300010000, PICTURE",
        "HEIC, 00000018667479706865696300000000, PICTURE",
        "HEIF, 00000018667479706D69663100000000, PICTURE",
        "AVIF, 00000020667479706176696600000000, PICTURE",
        "JPEG 2000, 0000000C6A5020200D0A870A, PICTURE",
        "ELF, 7F454C4602010100, PROGRAM",
        "Mach-O, CFFAEDFE07000001, PROGRAM",
        "Mach-O for several processors or Java, CAFEBABE00000041, PROGRAM",
        "WebAssembly, 0061736D01000000, PROGRAM",
        "an archive that extracts itself, 23212F62696E2F73680A00FF, PROGRAM",
        "SQLite, 53514C69746520666F726D6174203300, DATABASE",
        "Access, 000100005374616E646172642041434520444200, DATABASE",
        "TrueType, 000100000012010000040020, FONT",
        "OpenType, 4F54544F000D0080, FONT",
        "WOFF, 774F464600010000, FONT",
        "WOFF2, 774F463200010000, FONT",
        "zeros alone, 000000000000000000000000, EMPTY"
    })
    void recognizes_other_files_by_their_signature(String what, String head, NonMedia kind) {
        byte[] bytes = HexFormat.of().parseHex(head);
        assertThat(NonMedia.of(bytes)).contains(kind);
        if (kind == NonMedia.EMPTY) return;
        assertThat(NonMedia.of(before(junk(5000), bytes))).as("a longer file").contains(kind);
        byte[] padded = before(bytes, new byte[40_000]);
        assertThat(NonMedia.of(Arrays.copyOf(padded, MediaFormat.HEAD_BYTES)))
                .as("with zeros before it")
                .isEmpty();
    }

    @Test
    void recognizes_other_files_by_signatures_that_come_later() {
        byte[] tar = new byte[512];
        put(tar, 0, "a.txt");
        put(tar, 257, "ustar");
        assertThat(NonMedia.of(tar)).contains(NonMedia.ARCHIVE);
        byte[] image = new byte[MediaFormat.HEAD_BYTES];
        put(image, 32_769, "CD001");
        assertThat(NonMedia.of(image)).contains(NonMedia.ARCHIVE);
        byte[] program = new byte[200];
        put(program, 0, "MZ");
        program[60] = (byte) 128;
        assertThat(NonMedia.of(program)).isEmpty();
        put(program, 128, "PE\0\0");
        assertThat(NonMedia.of(program)).contains(NonMedia.PROGRAM);
    }

    @Test
    void recognizes_what_this_jvm_packs() throws IOException {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(zip)) {
            out.putNextEntry(new ZipEntry("a"));
        }
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        new GZIPOutputStream(gzip).close();
        assertThat(NonMedia.of(zip.toByteArray())).contains(NonMedia.ARCHIVE);
        assertThat(NonMedia.of(gzip.toByteArray())).contains(NonMedia.ARCHIVE);
    }

    @ParameterizedTest
    @CsvSource({
        "MP4, 00000018667479706D703432",
        "MP4 whose first box has 256 bytes, 000001006674797069736F6D00000200",
        "M4A, 0000001C667479704D344120",
        "QuickTime without a brand, 00000008776964650000",
        "QuickTime with its index first, 000100006D6F6F760000006C6D766864",
        "Matroska or WebM, 1A45DFA3934282886D6174726F736B61",
        "AVI, 52494646FFFFFFFF41564920",
        "WAV, 52494646FFFFFFFF57415645",
        "BW64, 42573634FFFFFFFF57415645",
        "W64, 726966662E91CF11A5D628DB04C10000",
        "FLV, 464C560105000000",
        "MPEG-PS, 000001BA44000400",
        "MPEG video, 000001B314010000",
        "ASF, 3026B2758E66CF11A6D900AA0062CE6C",
        "Ogg, 4F676753000200",
        "FLAC, 664C614300000022",
        "AIFF, 464F524D0000FFFF41494646",
        "CAF, 6361666600010000",
        "AU, 2E736E6400000018",
        "AMR, 2321414D520A3C5500",
        "AC-3, 0B77E5A40440",
        "DTS, 7FFE8001FC3C",
        "TrueHD, 4A3F0000F8726FBA",
        "WavPack, 7776706B00400000",
        "APE, 4D414320960F0000",
        "TTA, 5454413101000100",
        "Musepack 7, 4D502B0700000000",
        "Musepack 8, 4D50434B53480F00",
        "MP3 with a tag, 494433030000",
        "MP3, FFFB906400",
        "MP2, FFFD906400",
        "MP1 with a checksum, FFFE106400",
        "LOAS, 56E04C2000",
        "AAC, FFF15080",
        "a byte, FF"
    })
    void accepts_media(String what, String head) {
        byte[] bytes = HexFormat.of().parseHex(head);
        assertThat(NonMedia.of(before(junk(5000), bytes))).isEmpty();
        for (int zeros : new int[] {1, 2, 3, 100, 4096}) {
            byte[] padded = before(bytes, new byte[zeros]);
            assertThat(NonMedia.of(padded)).as(zeros + " zeros").isEmpty();
        }
    }

    @Test
    void accepts_what_may_have_media_behind_it() {
        byte[] frames = before(junk(3000), HexFormat.of().parseHex("FFFB9064"));
        assertThat(NonMedia.of(new byte[MediaFormat.HEAD_BYTES])).as("zeros").isEmpty();
        assertThat(NonMedia.of(junk(MediaFormat.HEAD_BYTES))).as("junk").isEmpty();
        byte[] padding = new byte[3000];
        Arrays.fill(padding, (byte) 0xff);
        assertThat(NonMedia.of(padding)).as("ones").isEmpty();
        for (String answer :
                new String[] {"ICY 200 OK\r\nicy-name: x\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"})
            assertThat(NonMedia.of(before(frames, answer.getBytes(StandardCharsets.US_ASCII))))
                    .as(answer)
                    .isEmpty();
    }

    private static byte[] junk(int length) {
        byte[] junk = new byte[length];
        new Random(length).nextBytes(junk);
        return junk;
    }

    /** What comes first is the second argument. */
    private static byte[] before(byte[] rest, byte[] first) {
        byte[] all = Arrays.copyOf(first, first.length + rest.length);
        System.arraycopy(rest, 0, all, first.length, rest.length);
        return all;
    }

    private static void put(byte[] bytes, int at, String text) {
        byte[] word = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(word, 0, bytes, at, word.length);
    }
}
