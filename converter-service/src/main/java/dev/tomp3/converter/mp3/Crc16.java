package dev.tomp3.converter.mp3;

/**
 * CRC-16 as LAME computes it: x^16 + x^15 + x^2 + 1, the lowest bit first, starting at zero. It
 * takes eight bytes per step, with one table for each position, so that its cost is negligible
 * beside that of encoding.
 */
final class Crc16 {
    private static final int POLYNOMIAL = 0xA001;
    private static final int STEP = 8;

    /** A byte's part in the checksum, by the number of bytes that follow it in the step. */
    private static final char[][] TABLES = new char[STEP][256];

    static {
        for (int n = 0; n < 256; n++) {
            int crc = n;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ POLYNOMIAL;
            TABLES[0][n] = (char) crc;
        }
        for (int following = 1; following < STEP; following++) {
            char[] before = TABLES[following - 1];
            for (int n = 0; n < 256; n++)
                TABLES[following][n] = (char) ((before[n] >>> 8) ^ TABLES[0][before[n] & 0xFF]);
        }
    }

    private int value;

    void update(byte[] bytes, int offset, int length) {
        int crc = value;
        int i = offset;
        int end = offset + length;
        for (; i <= end - STEP; i += STEP) {
            crc =
                    TABLES[7][(crc ^ bytes[i]) & 0xFF]
                            ^ TABLES[6][(crc >>> 8 ^ bytes[i + 1]) & 0xFF]
                            ^ TABLES[5][bytes[i + 2] & 0xFF]
                            ^ TABLES[4][bytes[i + 3] & 0xFF]
                            ^ TABLES[3][bytes[i + 4] & 0xFF]
                            ^ TABLES[2][bytes[i + 5] & 0xFF]
                            ^ TABLES[1][bytes[i + 6] & 0xFF]
                            ^ TABLES[0][bytes[i + 7] & 0xFF];
        }
        for (; i < end; i++) crc = crc >>> 8 ^ TABLES[0][(crc ^ bytes[i]) & 0xFF];
        value = crc;
    }

    int value() {
        return value;
    }
}
