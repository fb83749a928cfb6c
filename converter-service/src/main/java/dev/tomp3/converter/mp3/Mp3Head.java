package dev.tomp3.converter.mp3;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The head of an MP3 (an ID3v2 tag and a Xing or Info frame) for frames that were encoded in
 * segments. The fields are those of LAME's tag.
 */
public final class Mp3Head {
    private static final int LAME_DELAY = 21;
    private static final int LAME_LENGTH = 28;
    private static final int LAME_CRC = 32;
    private static final int ALL_FIELDS = 15;
    private static final int TOC = 100;

    /** From here on, ffmpeg writes a delay that is less than the decoder's own, in 12 bits. */
    private static final int WRAPPED_DELAY = -529 & 0xFFF;

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
        int lame = lame();
        int delay = delay(out);
        int padding = (int) Math.clamp(frames * samplesPerFrame - delay - samples, 0L, 0xFFFL);
        out.put(xing, (variable ? "Xing" : "Info").getBytes(StandardCharsets.ISO_8859_1));
        out.putInt(xing + 8, (int) frames);
        out.putInt(xing + 12, (int) Math.min(bytes, 0xFFFF_FFFFL));
        out.put(xing + 16, toc);
        out.put(lame + LAME_DELAY + 1, (byte) ((delay & 15) << 4 | padding >> 8));
        out.put(lame + LAME_DELAY + 2, (byte) padding);
        out.putInt(lame + LAME_LENGTH, (int) Math.min(bytes, 0xFFFF_FFFFL));
        out.putShort(lame + LAME_CRC, (short) crc);
        sign(out.array());
        return ByteBuffer.allocate(tag.length + frame.length).put(tag).put(out.array()).array();
    }

    /**
     * Corrects the head of an MP3 that ffmpeg copied from a container that has the padding of the
     * last frame but no delay, as Matroska, or hardly any, as MP4 that was cut: players would skip
     * up to 4096 samples of sound.
     */
    public static void correctDelay(Path mp3) throws IOException {
        Mp3Head head;
        try {
            head = read(mp3);
        } catch (MalformedMp3 | EOFException e) {
            return; // which is for those to judge who read all of it
        }
        ByteBuffer out = ByteBuffer.wrap(head.frame);
        if (head.delay(out) < WRAPPED_DELAY) return;
        int at = head.lame() + LAME_DELAY;
        out.put(at, (byte) 0).put(at + 1, (byte) (out.get(at + 1) & 15));
        head.sign(head.frame);
        try (FileChannel file = FileChannel.open(mp3, StandardOpenOption.WRITE)) {
            file.position(head.tag.length);
            while (out.hasRemaining()) file.write(out);
        }
    }

    private int lame() {
        return xing + 16 + TOC + 4;
    }

    private int delay(ByteBuffer bytes) {
        return (bytes.getShort(lame() + LAME_DELAY) & 0xFFFF) >> 4;
    }

    private void sign(byte[] bytes) {
        int end = lame() + LAME_CRC + 2;
        Crc16 own = new Crc16();
        own.update(bytes, 0, end);
        ByteBuffer.wrap(bytes).putShort(end, (short) own.value());
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
