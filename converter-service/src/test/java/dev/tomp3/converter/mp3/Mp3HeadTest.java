package dev.tomp3.converter.mp3;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Mp3HeadTest {
    /** The check value of CRC-16/ARC in the catalogue of parametrised CRC algorithms. */
    @Test
    void has_the_checksum_of_lame() {
        Crc16 crc = new Crc16();
        crc.update("123456789".getBytes(StandardCharsets.US_ASCII), 0, 9);
        assertThat(crc.value()).isEqualTo(0xBB3D);
    }

    @Test
    void has_the_same_checksum_however_the_bytes_come() {
        byte[] bytes = new byte[1000];
        new Random(1).nextBytes(bytes);
        Crc16 singly = new Crc16();
        for (int i = 0; i < bytes.length; i++) singly.update(bytes, i, 1);
        for (int cut = 0; cut < 20; cut++) {
            Crc16 twice = new Crc16();
            twice.update(bytes, 0, cut);
            twice.update(bytes, cut, bytes.length - cut);
            assertThat(twice.value()).isEqualTo(singly.value());
        }
    }
}
