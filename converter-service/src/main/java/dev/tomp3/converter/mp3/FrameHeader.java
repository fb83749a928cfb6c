package dev.tomp3.converter.mp3;

/**
 * The header of an MPEG audio frame, Layer III, as in ISO/IEC 11172-3 and 13818-3.
 *
 * @param length of the whole frame in bytes
 * @param checked whether a checksum follows the header
 */
record FrameHeader(boolean mpeg1, int sampleRate, int channels, int length, boolean checked) {
    /** In bytes: 320 kbit/s at 32 kHz, or 160 kbit/s at 8 kHz, padded. */
    static final int MAX_LENGTH = 1441;

    private static final int[] MPEG_1_BITRATES = {
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320
    };
    private static final int[] MPEG_2_BITRATES = {
        0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
    };
    private static final int[] MPEG_1_RATES = {44_100, 48_000, 32_000};

    int samples() {
        return mpeg1 ? 1152 : 576;
    }

    static FrameHeader of(int bits, long position) throws MalformedMp3 {
        int version = bits >>> 19 & 3; // 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5
        int layer = bits >>> 17 & 3; // 1 is Layer III
        int bitrate = bits >>> 12 & 15;
        int rate = bits >>> 10 & 3;
        if (bits >>> 21 != 0x7FF
                || version == 1
                || layer != 1
                || bitrate == 0
                || bitrate == 15
                || rate == 3) {
            throw new MalformedMp3("there is no frame at byte " + position);
        }
        boolean mpeg1 = version == 3;
        int sampleRate = MPEG_1_RATES[rate] >> (mpeg1 ? 0 : version == 2 ? 1 : 2);
        int kilobits = (mpeg1 ? MPEG_1_BITRATES : MPEG_2_BITRATES)[bitrate];
        int length = (mpeg1 ? 144_000 : 72_000) * kilobits / sampleRate + (bits >>> 9 & 1);
        return new FrameHeader(
                mpeg1, sampleRate, (bits >>> 6 & 3) == 3 ? 1 : 2, length, (bits >>> 16 & 1) == 0);
    }

    int sideInfo() {
        return mpeg1 ? (channels == 1 ? 17 : 32) : (channels == 1 ? 9 : 17);
    }
}
