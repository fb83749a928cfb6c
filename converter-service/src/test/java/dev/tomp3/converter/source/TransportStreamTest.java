package dev.tomp3.converter.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TransportStreamTest {
    private static final int PACKET = 188;
    private static final int MAP = 0x1000;
    private static final int MP2 = 0x03;
    private static final int AC3 = 0x81;

    private final ByteArrayOutputStream stream = new ByteArrayOutputStream();

    @Test
    void a_stream_that_announces_the_same_again_and_again_is_one_part() {
        for (int i = 0; i < 50; i++) {
            programmes(1);
            map(1, i, MP2, 0x101, MP2, 0x102 + i % 3);
            packets(0x101, 20);
        }

        assertThat(parts(0x101)).containsExactly(part(0, stream.size(), 0x101));
    }

    @Test
    void a_part_begins_with_the_tables_that_announce_another_pid() {
        programmes(1);
        map(1, 0, MP2, 0x101);
        packets(0x101, 20);
        programmes(1);
        packets(0x101, 5);
        map(1, 1, MP2, 0x201);
        packets(0x101, 2); // the end of its last frame
        packets(0x201, 20);

        assertThat(parts(0x101))
                .containsExactly(
                        part(0, 31 * PACKET, 0x101),
                        new Part(
                                List.of(
                                        range(22, 23),
                                        range(28, 29),
                                        new Part.Range(28 * PACKET, stream.size())),
                                0x201));
    }

    @Test
    void a_pid_that_changes_its_codec_is_cut_at_the_announcement() {
        programmes(1);
        map(1, 0, MP2, 0x101);
        packets(0x101, 20);
        map(1, 0, AC3, 0x101);
        packets(0x101, 20);

        assertThat(parts(0x101)).extracting(Part::from).containsExactly(0L, 22L * PACKET);
        assertThat(parts(0x101)).extracting(Part::to).containsExactly(22L * PACKET, 43L * PACKET);
    }

    @Test
    void a_track_that_falls_silent_for_good_is_followed_by_one_that_speaks_up() {
        programmes(1);
        map(1, 0, MP2, 0x101, MP2, 0x102);
        packets(0x101, 500);
        packets(0x102, 500);

        assertThat(parts(0x101)).extracting(Part::track).containsExactly(0x101, 0x102);
        assertThat(parts(0x101)).extracting(Part::from).containsExactly(0L, 502L * PACKET);
    }

    @Test
    void a_pause_of_the_track_that_is_heard_changes_nothing() {
        programmes(1);
        map(1, 0, MP2, 0x101, MP2, 0x102);
        packets(0x101, 500);
        packets(0x102, 500);
        packets(0x101, 2);

        assertThat(parts(0x101)).hasSize(1);
    }

    @Test
    void other_programmes_do_not_interrupt_the_one_that_is_heard() {
        programmes(1, 2);
        map(1, 0, MP2, 0x101);
        map(2, 0, MP2, 0x301);
        packets(0x101, 20);
        map(2, 1, AC3, 0x401);
        packets(0x401, 200);
        packets(0x101, 20);

        assertThat(parts(0x101)).hasSize(1);
    }

    @Test
    void a_track_that_is_announced_and_never_comes_is_not_followed() {
        programmes(1);
        map(1, 0, MP2, 0x101);
        packets(0x101, 20);
        map(1, 1, MP2, 0x201, MP2, 0x202);
        packets(0x202, 20);

        assertThat(parts(0x101)).extracting(Part::track).containsExactly(0x101, 0x202);
    }

    @Test
    void a_table_with_a_wrong_checksum_is_ignored() {
        programmes(1);
        map(1, 0, MP2, 0x101);
        packets(0x101, 20);
        int at = stream.size();
        map(1, 1, MP2, 0x201);
        packets(0x201, 20);
        byte[] bytes = stream.toByteArray();
        bytes[at + 8] ^= 1;

        assertThat(search(bytes).parts(0x101)).hasSize(1);
    }

    @Test
    void audio_is_scrambled_when_hardly_a_packet_is_clear() {
        programmes(1);
        map(1, 0, MP2, 0x101);
        packets(0x101, 2);
        assertThat(search(stream.toByteArray()).isScrambled()).isFalse();

        for (int i = 0; i < 100; i++) packet(0x101, 0x90, new byte[0]);

        assertThat(search(stream.toByteArray()).isScrambled()).isTrue();
    }

    @Test
    void bytes_that_come_twice_or_in_pieces_count_once() {
        programmes(1);
        map(1, 0, MP2, 0x101);
        packets(0x101, 30);
        map(1, 1, MP2, 0x201);
        packets(0x201, 30);
        byte[] bytes = stream.toByteArray();
        List<Part> whole = search(bytes).parts(0x101);

        PartSearch search = new PartSearch();
        Random random = new Random(1);
        for (int at = 0; at < bytes.length; ) {
            int from = random.nextInt(at + 1);
            int to = Math.min(bytes.length, at + 1 + random.nextInt(500));
            search.accept(from, Arrays.copyOfRange(bytes, from, to), to - from);
            search.accept(bytes.length - 100, new byte[100], 100); // ffmpeg looks at the end
            at = to;
            if (at >= bytes.length - 100) break;
        }

        assertThat(search.parts(0x101)).extracting(Part::track).containsExactly(0x101, 0x201);
        assertThat(whole).extracting(Part::from).containsExactly(0L, 32L * PACKET);
    }

    @Test
    void a_hostile_stream_costs_a_bounded_amount() {
        Random random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            if (i % 7 == 0) programmes(1 + i % 300);
            map(1 + i % 300, i, MP2, 0x20 + i % 8000, AC3, 0x20 + random.nextInt(8000));
            packet(random.nextInt(8192), random.nextInt(256), randomBytes(random));
            packets(0x20 + i % 8000, 1);
        }

        for (int track : new int[] {Part.ANY_TRACK, 0x20, 0x101})
            assertThat(parts(track)).hasSizeLessThanOrEqualTo(100);
    }

    private static byte[] randomBytes(Random random) {
        byte[] bytes = new byte[PACKET - 4];
        random.nextBytes(bytes);
        return bytes;
    }

    private List<Part> parts(int track) {
        return search(stream.toByteArray()).parts(track);
    }

    private static PartSearch search(byte[] bytes) {
        PartSearch search = new PartSearch();
        search.accept(0, bytes, bytes.length);
        return search;
    }

    private static Part part(long from, long to, int track) {
        return new Part(List.of(new Part.Range(from, to)), track);
    }

    private static Part.Range range(int from, int to) {
        return new Part.Range((long) from * PACKET, (long) to * PACKET);
    }

    private void packets(int pid, int count) {
        for (int i = 0; i < count; i++) packet(pid, 0x10, new byte[0]);
    }

    private void packet(int pid, int flags, byte[] payload) {
        byte[] packet = new byte[PACKET];
        packet[0] = 0x47;
        packet[1] = (byte) ((pid >> 8) | (pid == 0 || pid == MAP ? 0x40 : 0));
        packet[2] = (byte) pid;
        packet[3] = (byte) flags;
        System.arraycopy(payload, 0, packet, 4, payload.length);
        Arrays.fill(packet, 4 + payload.length, PACKET, (byte) 0xff);
        stream.writeBytes(packet);
    }

    private void programmes(int... numbers) {
        ByteBuffer body = ByteBuffer.allocate(4 * numbers.length);
        for (int number : numbers) body.putShort((short) number).putShort((short) MAP);
        packet(0, 0x10, section(0, 1, 0, body.array()));
    }

    /** Announces tracks, given by stream type and PID. */
    private void map(int programme, int version, int... tracks) {
        ByteBuffer body = ByteBuffer.allocate(4 + tracks.length / 2 * 5);
        body.putShort((short) 0x100).putShort((short) 0);
        for (int i = 0; i < tracks.length; i += 2) {
            body.put((byte) tracks[i]).putShort((short) tracks[i + 1]).putShort((short) 0);
        }
        packet(MAP, 0x10, section(2, programme, version, body.array()));
    }

    private static byte[] section(int table, int number, int version, byte[] body) {
        ByteBuffer section = ByteBuffer.allocate(1 + 8 + body.length + 4);
        section.put((byte) 0); // it begins at once
        section.put((byte) table).putShort((short) (0xb000 | (5 + body.length + 4)));
        section.putShort((short) number).put((byte) (0xc1 | ((version & 31) << 1)));
        section.putShort((short) 0).put(body);
        int crc = -1;
        for (int i = 1; i < section.position(); i++) {
            for (int bit = 7; bit >= 0; bit--) {
                boolean one = (crc < 0) ^ (((section.get(i) >> bit) & 1) == 1);
                crc = (crc << 1) ^ (one ? 0x04c1_1db7 : 0);
            }
        }
        return section.putInt(crc).array();
    }
}
