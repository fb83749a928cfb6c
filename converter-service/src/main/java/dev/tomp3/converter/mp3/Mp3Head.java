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
 * The head of an MP3 (an ID3v2 tag and a Xing or Info frame) for frames that were encoded in
 * segments. The fields are those of LAME's tag.
 */
final class Mp3Head {
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

    /** Reads the head of an MP3 that ffmpeg wrote; its tag has to fit into memory. */
    static Mp3Head read(Path mp3) throws IOException, MalformedMp3 {
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(mp3)))) {
            in.mark(Mp3File.TAG_HEADER);
            byte[] begin = new byte[Mp3File.TAG_HEADER];
            in.readFully(begin);
            in.reset();
            byte[] tag = in.readNBytes(Math.toIntExact(Mp3File.tagBytes(begin)));
            byte[] first = in.readNBytes(4);
            FrameHeader header = FrameHeader.of(ByteBuffer.wrap(first).getInt(), tag.length);
            byte[] frame = new byte[header.length()];
            System.arraycopy(first, 0, frame, 0, 4);
            in.readFully(frame, 4, frame.length - 4);
            int xing = 4 + header.sideInfo();
            if (ByteBuffer.wrap(frame).getInt(xing + 4) != ALL_FIELDS)
                throw new MalformedMp3("its Xing header has not all fields");
            return new Mp3Head(tag, frame, header.samples(), xing);
        }
    }

    /**
     * The head for these frames.
     *
     * @param variable whether their bit rate varies
     * @param lengths of the frames in bytes, in any number of parts
     * @param samples per channel that went into them
     * @param crc of their bytes
     */
    byte[] of(boolean variable, List<short[]> lengths, long samples, int crc) {
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
}
