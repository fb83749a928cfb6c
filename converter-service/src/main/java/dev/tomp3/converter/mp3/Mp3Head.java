package dev.tomp3.converter.mp3;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What an MP3 begins with, an ID3v2 tag and a Xing or Info frame, for frames that were encoded
 * elsewhere. The fields are those of LAME's tag.
 */
public final class Mp3Head {
    private static final int LAME_DELAY = 21;
    private static final int LAME_LENGTH = 28;
    private static final int LAME_CRC = 32;
    private static final int ALL_FIELDS = 15;
    private static final int TOC = 100;

    private final byte[] tag;
    private final byte[] frame;
    private final int samplesPerFrame;
    private final int xing;

    private Mp3Head(byte[] tag, byte[] frame, int samplesPerFrame, int xing) {
        this.tag = tag;
        this.frame = frame;
        this.samplesPerFrame = samplesPerFrame;
        this.xing = xing;
    }

    /** Takes an MP3's head, as ffmpeg wrote it; its tag has to fit into memory. */
    public static Mp3Head read(Path mp3) throws IOException, Mp3File.Malformed {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(mp3)))) {
            in.mark(Mp3File.TAG_HEADER);
            byte[] begin = new byte[Mp3File.TAG_HEADER];
            in.readFully(begin);
            in.reset();
            byte[] tag = in.readNBytes(Math.toIntExact(Mp3File.tagBytes(begin)));
            byte[] first = in.readNBytes(4);
            Mp3File.Header header = Mp3File.Header.of(ByteBuffer.wrap(first).getInt(), tag.length);
            byte[] frame = new byte[header.length()];
            System.arraycopy(first, 0, frame, 0, 4);
            in.readFully(frame, 4, frame.length - 4);
            int xing = 4 + header.sideInfo();
            if (ByteBuffer.wrap(frame).getInt(xing + 4) != ALL_FIELDS)
                throw new Mp3File.Malformed("its Xing header has not all fields");
            return new Mp3Head(tag, frame, header.samples(), xing);
        }
    }

    /**
     * The head for these frames.
     *
     * @param variable that their bit rate varies
     * @param lengths of the frames in bytes, in any number of parts
     * @param samples per channel that went into them
     * @param crc of their bytes
     */
    public byte[] of(boolean variable, List<short[]> lengths, long samples, int crc) {
        long frames = 0;
        long bytes = frame.length;
        for (short[] part : lengths) {
            frames += part.length;
            for (short length : part) bytes += length;
        }
        byte[] toc = toc(lengths, frames, bytes);

        ByteBuffer out = ByteBuffer.wrap(frame.clone());
        int lame = xing + 16 + TOC + 4;
        int delay = (out.getShort(lame + LAME_DELAY) & 0xFFFF) >> 4;
        int padding = (int) Math.clamp(frames * samplesPerFrame - delay - samples, 0L, 0xFFFL);
        out.put(xing, (variable ? "Xing" : "Info").getBytes(StandardCharsets.ISO_8859_1));
        out.putInt(xing + 8, (int) frames);
        out.putInt(xing + 12, (int) Math.min(bytes, 0xFFFF_FFFFL));
        out.put(xing + 16, toc);
        out.put(lame + LAME_DELAY + 1, (byte) ((delay & 15) << 4 | padding >> 8));
        out.put(lame + LAME_DELAY + 2, (byte) padding);
        out.putInt(lame + LAME_LENGTH, (int) Math.min(bytes, 0xFFFF_FFFFL));
        out.putShort(lame + LAME_CRC, (short) crc);
        Crc16 own = new Crc16();
        own.update(out.array(), 0, lame + LAME_CRC + 2);
        out.putShort(lame + LAME_CRC + 2, (short) own.value());
        return ByteBuffer.allocate(tag.length + frame.length).put(tag).put(out.array()).array();
    }

    /** Where each hundredth of the time begins, in 256ths of the bytes. */
    private byte[] toc(List<short[]> lengths, long frames, long bytes) {
        byte[] toc = new byte[TOC];
        long position = frame.length;
        long number = 0;
        int entry = 0;
        for (short[] part : lengths) {
            for (short length : part) {
                while (entry < TOC && entry * frames / TOC <= number)
                    toc[entry++] = (byte) (256 * position / bytes);
                position += length;
                number++;
            }
        }
        return toc;
    }

    /**
     * CRC-16 as LAME uses it: x^16 + x^15 + x^2 + 1, the lowest bit first, from zero. Eight bytes
     * at a time, with a table for each place, so that a checksum costs nothing beside the audio.
     */
    public static final class Crc16 {
        private static final int POLYNOMIAL = 0xA001;
        private static final int STEP = 8;

        /** What a byte makes of the checksum when so many more bytes follow it. */
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
}
