package dev.tomp3.converter.conversion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tomp3.converter.source.Source;
import dev.tomp3.jobs.media.MediaFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where encryption is declared, and that no declaration costs more than a bounded amount. */
class EncryptionTest {
    private static final byte[] EBML = element("1A45DFA3", new byte[10]);

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) all.writeBytes(part);
        return all.toByteArray();
    }

    private static byte[] box(String type, byte[]... content) {
        byte[] body = concat(content);
        return concat(
                ByteBuffer.allocate(4).putInt(8 + body.length).array(),
                type.getBytes(StandardCharsets.ISO_8859_1),
                body);
    }

    private static byte[] track(String entry) {
        byte[] stsd = box("stsd", new byte[8], box(entry, new byte[28]));
        return box("trak", box("mdia", box("minf", box("stbl", stsd, box("stts")))));
    }

    private static byte[] element(String id, byte[]... content) {
        byte[] body = concat(content);
        return concat(
                HexFormat.of().parseHex(id),
                ByteBuffer.allocate(8).putLong(1L << 56 | body.length).array(),
                body);
    }

    private static byte[] matroskaTrack(int type, byte[]... more) {
        return element("AE", element("83", new byte[] {(byte) type}), concat(more));
    }

    private static Source source(byte[] bytes, AtomicLong opened) {
        return new Source() {
            @Override
            public long bytes() {
                return bytes.length;
            }

            @Override
            public InputStream open(long offset) {
                opened.incrementAndGet();
                return new ByteArrayInputStream(bytes, (int) offset, (int) (bytes.length - offset));
            }
        };
    }

    private static boolean declared(MediaFormat format, byte[]... parts) throws IOException {
        return Encryption.isDeclared(source(concat(parts), new AtomicLong()), format);
    }

    @ParameterizedTest
    @CsvSource({
        "enca, true",
        "drms, true",
        "aavd, true",
        "mp4a, false",
        "encv, false",
        "Opus, false"
    })
    void mp4_declares_it_by_the_sample_entry(String entry, boolean encrypted) throws IOException {
        byte[] moov = box("moov", box("mvhd", new byte[100]), track("avc1"), track(entry));
        assertThat(declared(MediaFormat.MP4, box("ftyp"), box("mdat", new byte[99]), moov))
                .isEqualTo(encrypted);
        assertThat(declared(MediaFormat.MP4, moov, box("mdat", track("enca"))))
                .isEqualTo(encrypted);
        assertThat(declared(MediaFormat.AVI, moov)).isFalse();
    }

    @Test
    void a_box_may_have_a_64_bit_size() throws IOException {
        byte[] mdat =
                concat(HexFormat.of().parseHex("000000016d6461740000000000000020"), new byte[16]);
        assertThat(declared(MediaFormat.MP4, mdat, box("moov", track("enca")))).isTrue();
    }

    @Test
    void matroska_declares_it_in_the_track() throws IOException {
        byte[] encryption =
                element("6D80", element("6240", element("5035", element("47E1", new byte[1]))));
        byte[] compression =
                element("6D80", element("6240", element("5034", element("4254", new byte[1]))));
        for (boolean audio : new boolean[] {true, false}) {
            byte[] tracks =
                    element(
                            "1654AE6B",
                            matroskaTrack(1, audio ? compression : encryption),
                            matroskaTrack(2, audio ? encryption : compression));
            byte[] segment = element("18538067", element("EC", new byte[50]), tracks);
            assertThat(declared(MediaFormat.MATROSKA, EBML, segment)).isEqualTo(audio);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"6d6f6f76", "7472616b", "73747364", "656e6362"})
    void boxes_in_boxes_cost_a_bounded_amount(String type) throws IOException {
        ByteBuffer deep = ByteBuffer.allocate(8 * 1_000_000);
        byte[] name = HexFormat.of().parseHex(type);
        while (deep.hasRemaining()) deep.putInt(deep.remaining()).put(name);
        assertThat(declared(MediaFormat.MP4, box("moov", deep.array()))).isFalse();
        ByteBuffer many = ByteBuffer.allocate(8 * 1_000_000);
        while (many.hasRemaining()) many.putInt(8).put(name);
        AtomicLong opened = new AtomicLong();
        assertThat(Encryption.isDeclared(source(many.array(), opened), MediaFormat.MP4)).isFalse();
        assertThat(opened.get()).isLessThanOrEqualTo(101);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00000000",
                "18538067",
                "1853806701ffffffffffffff",
                "1853806701ffffffffffffff1654ae6b01ffffffffffffffae01ffffffffffffff",
                "0000000c6d6f6f76ffffffff",
                "ffffffff6d6f6f76ffffffff7472616b",
                "000000016d646174ffffffffffffffff",
                "000000016d6461748000000000000000"
            })
    void malformed_sizes_declare_nothing(String hex) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertThat(declared(MediaFormat.MP4, bytes)).isFalse();
        assertThat(declared(MediaFormat.MATROSKA, bytes)).isFalse();
    }
}
